// mpam doctor: each check on hosts that have it, lack it, or have half of it.

import { describe, expect, test } from "vitest";
import { type Check, missing } from "../../src/cli/doctor/check.ts";
import { memory, node } from "../../src/cli/doctor/core.ts";
import { CHECKS, examine, textOf } from "../../src/cli/doctor/doctor.ts";
import { type Host, THIS_HOST } from "../../src/cli/doctor/host.ts";
import { fuse, namespaces, root, programs as utilLinux } from "../../src/cli/doctor/mounting.ts";
import { locale, programs } from "../../src/cli/doctor/programs.ts";
import { mpam } from "../helpers/command-line.ts";

/** A host with everything. */
const FULL: Host = {
  ...THIS_HOST,
  node: "22.11.0",
  platform: "linux",
  root: true,
  env: { LANG: "en_US.UTF-8" },
  memory: 2 ** 34,
  which: (program) => `/usr/bin/${program}`,
  run: (program) => ({ status: 0, out: `${program} 1.2.3\n`, err: "" }),
  openFails: () => undefined,
};

const look = async (check: Check, host: Partial<Host>) => check.look({ ...FULL, ...host });
const without = (...names: string[]): Partial<Host> => ({
  which: (program) => (names.includes(program) ? undefined : `/usr/bin/${program}`),
});

test.each([
  ["20.19.0", "ok"],
  ["20.18.3", "missing"],
  ["18.20.0", "missing"],
  ["24.0.0", "ok"],
])("Node %s is %s", async (version, state) => {
  expect(await look(node, { node: version })).toMatchObject({ state, found: expect.stringContaining(version) });
});

test.each([
  [{}, "ok", "can be opened"],
  [{ openFails: (): string => "ENOENT" }, "missing", "cannot be opened (ENOENT)"],
  [{ openFails: (): string => "EACCES" }, "missing", "cannot be opened (EACCES)"],
  [{ platform: "darwin" }, "missing", "this is darwin"],
] as const)("/dev/fuse: %j is %s", async (host, state, found) => {
  expect(await look(fuse, host as Partial<Host>)).toMatchObject({ state, found });
});

describe("namespaces are really made:", () => {
  const refusing = (refused: (flags: readonly string[]) => boolean): Partial<Host> => ({
    run: (_, ...args) =>
      refused(args)
        ? { status: 1, out: "", err: "unshare failed: Operation not permitted\n" }
        : { status: 0, out: "", err: "" },
  });
  test.each([
    ["both", refusing(() => false), "ok"],
    ["of mounts alone", refusing((args) => args.includes("--user")), "partly"],
    ["of users alone", refusing((args) => !args.includes("--user")), "ok"],
    ["none", refusing(() => true), "missing"],
    ["no unshare", without("unshare"), "missing"],
  ] as const)("%s", async (_, host, state) => {
    expect((await look(namespaces, host)).state).toBe(state);
  });
});

test("util-linux, root, memory and locale say what is there", async () => {
  expect(await look(utilLinux, without("umount"))).toMatchObject({ state: "missing", found: "no umount" });
  expect((await look(root, { root: false })).state).toBe("partly");
  expect(await look(memory, { memory: 2 ** 20 })).toMatchObject({
    state: "partly",
    found: expect.stringMatching(/1.00 MiB are free, \S+ takes/),
  });
  expect((await look(memory, {})).state).toBe("ok");
  expect((await look(locale, {})).state).toBe("ok");
  expect((await look(locale, { env: { LC_ALL: "C", LANG: "en_US.UTF-8" } })).found).toBe("LC_ALL=C");
  expect((await look(locale, { env: {} })).state).toBe("partly");
});

test("of programs with several names one is enough, and its version is shown", async () => {
  const gcc = programs.find(({ name }) => name === "gcc") as Check;
  expect(await look(gcc, without("gcc"))).toEqual({ state: "ok", found: "cc 1.2.3" });
  expect(await look(gcc, without("gcc", "cc", "clang"))).toMatchObject({ state: "missing", remedy: "apt install gcc" });
});

test("a check that breaks is something that is missing, and the others go on", async () => {
  const broken: Check = {
    name: "broken",
    for: "nothing",
    look: () => {
      throw new Error("it broke");
    },
  };
  const found = await examine(FULL, [broken, node]);
  expect(found.map(({ name, state }) => [name, state])).toEqual([
    ["broken", "missing"],
    ["Node", "ok"],
  ]);
  expect(found[0]?.found).toBe("it broke");
});

test("what is missing is said with what it is for and what to do, and last in one line", async () => {
  const absent: Check = {
    name: "valgrind",
    for: "mpam trace record",
    look: () => missing("no valgrind", "apt install valgrind"),
  };
  const text = textOf(await examine(FULL, [node, absent]));
  expect(text).toContain(
    "missing  valgrind  no valgrind\n                   for mpam trace record\n                   do: apt install valgrind",
  );
  expect(text.split("\n").at(-1)).toBe("mpam works here. Not everything is there for the rest: valgrind.");
  expect(textOf(await examine(FULL, [{ ...absent, core: true }]))).toContain("mpam does not work here: valgrind");
});

test("on this host the core works, which the exit code says", async () => {
  const { code, out } = await mpam("doctor", "--json");
  const { works, checks } = JSON.parse(out);
  expect([code, works]).toEqual([0, true]);
  expect(checks.map(({ name }: { name: string }) => name)).toEqual(CHECKS.map(({ name }) => name));
  const core = checks
    .filter((one: { core: boolean }) => one.core)
    .map(({ name, state }: { name: string; state: string }) => [name, state]);
  expect(core).toEqual([
    ["Node", "ok"],
    ["machine", "ok"],
  ]);
});
