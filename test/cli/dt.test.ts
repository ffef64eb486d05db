// mpam dt, as a person runs it.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deviceTree } from "../../src/firmware/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

const COMMAND = new URL("../../dist/esm/cli.js", import.meta.url).pathname;
const PLATFORM = new URL("../../platforms/big-little.yaml", import.meta.url).pathname;

function mpam(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

let folder = "";
let dtb = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-dt-"));
  dtb = join(folder, "a.dtb");
  expect(await mpam("dt", "build", PLATFORM, "-o", dtb)).toMatchObject({ code: 0, err: "" });
}, 30_000);
afterAll(() => rm(folder, { recursive: true }));

test("every command has help, and says what --json does", async () => {
  for (const command of ["build", "dump", "check", "platform"]) {
    const { code, out } = await mpam("dt", command, "--help");
    expect(code).toBe(0);
    expect(out).toContain("--json");
  }
});

test("build writes the tree, and says what is in it", async () => {
  expect(new Uint8Array(await readFile(dtb))).toEqual(deviceTree(await loadPlatform(PLATFORM)));
  const { out } = await mpam("dt", "build", PLATFORM, "-o", dtb, "--json");
  expect(JSON.parse(out)).toMatchObject({
    platform: "big-little",
    binding: "dt",
    cpus: 8,
    caches: 3,
    nodes: 1,
    mscs: 4,
  });
});

test("dump prints source, or an object", async () => {
  const { out } = await mpam("dt", "dump", dtb);
  expect(out).toMatch(/^\/dts-v1\/;\n/);
  expect(out).toContain("\tl2_cache_0: l2-cache-0 {\n");
  const { root } = JSON.parse((await mpam("dt", "dump", dtb, "--json")).out);
  expect(root.properties[0]).toEqual({ name: "#address-cells", value: "<2>", bytes: "00000002" });
});

test("a reader that goes away early is no failure", async () => {
  const platform = join(folder, "many.yaml");
  const cpus = "name: many\nfirmware: dt\ncpus: 1024\nprocessor: { partidMax: 1, pmgMax: 0 }\n";
  await writeFile(platform, `${cpus}memory: [{ bytes: 1 GiB, bytesPerSecond: 1 GB/s }]\n`);
  const blob = join(folder, "many.dtb");
  await mpam("dt", "build", platform, "-o", blob);
  const line = `"${process.execPath}" "${COMMAND}" dt dump "${blob}" | head -1`;
  const told = await new Promise<string>((resolve) => {
    execFile("sh", ["-c", line], (_, out, err) => resolve(`${out}${err}`));
  });
  expect(told).toBe("/dts-v1/;\n");
});

test("check ends with 0 where nothing is wrong, and with 1 where something is", async () => {
  expect(await mpam("dt", "check", dtb)).toEqual({ code: 0, out: `${dtb}: nothing found\n`, err: "" });
  const broken = join(folder, "broken.dtb");
  const bytes = await readFile(dtb);
  // Two MSCs in one place: what makes it 0x1_4001_0000 in the reg of the second.
  const page = bytes.indexOf(Buffer.from([0, 0, 0, 1, 0x40, 1, 0, 0]));
  bytes[page + 5] = 0;
  await writeFile(broken, bytes);
  const { code, out, err } = await mpam("dt", "check", broken);
  expect([code, err]).toEqual([1, `mpam: ${broken}: 1 error, 1 warning\n`]);
  expect(out).toMatch(/^error: \/l2-cache-4\/msc@140010000 at 0x[0-9a-f]+: 0x140000000 lies in/);
  const found = await mpam("dt", "check", broken, "--json");
  expect([found.code, JSON.parse(found.out).errors]).toEqual([1, 1]);
});

test("platform writes a file that loads, with its guesses as comments", async () => {
  const file = join(folder, "b.yaml");
  const { out } = await mpam("dt", "platform", dtb, "-o", file);
  expect(out).toMatch(/is a guess/);
  expect(await readFile(file, "utf8")).toMatch(/^# Made from .*a\.dtb\.\n# .*guess/);
  const said = await mpam("dt", "platform", dtb);
  expect(said).toEqual({ code: 0, out: await readFile(file, "utf8"), err: "" });
  const built = await loadPlatform(file);
  expect(built.caches.map(({ level, id, bytes, ways }) => [level, id, bytes, ways])).toEqual(
    (await loadPlatform(PLATFORM)).caches.map(({ level, id, bytes, ways }) => [level, id, bytes, ways]),
  );
});

test("input that has to change ends with 2 and one line", async () => {
  const acpi = new URL("../../platforms/one-socket.yaml", import.meta.url).pathname;
  const cases: [string[], RegExp][] = [
    [["build", acpi, "-o", dtb], /^mpam: EINVAL: device tree: one-socket has firmware: acpi; write firmware: dt/],
    [
      ["dump", PLATFORM],
      /^mpam: .*big-little.yaml: device tree: offset 0x0: the first word is 0x[0-9a-f]+, not 0xd00dfeed/,
    ],
    [["dump", join(folder, "none.dtb")], /none\.dtb: no such file;/],
    [["build", PLATFORM], /--output/],
  ];
  for (const [args, says] of cases) {
    const { code, out, err } = await mpam("dt", ...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(says);
  }
});
