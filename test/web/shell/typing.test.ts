// What a shell does beside running a line: completing it, bringing lines back, telling what the kernel said, being interrupted.

import { beforeEach, describe, expect, test } from "vitest";
import { Driver } from "../../../src/driver/index.ts";
import { Resctrl } from "../../../src/fs/index.ts";
import { Machine } from "../../../src/machine/index.ts";
import { loadPlatform } from "../../../src/platform/index.ts";
import { FileCalls } from "../../../src/web/engine/file-calls.ts";
import { complete } from "../../../src/web/panels/shell/complete.ts";
import { History } from "../../../src/web/panels/shell/history.ts";
import { Screen } from "../../../src/web/panels/shell/screen.ts";
import { Shell } from "../../../src/web/panels/shell/shell.ts";

let screen: Screen;
let shell: Shell;

beforeEach(async () => {
  const platform = await loadPlatform(new URL("../../../platforms/one-socket.yaml", import.meta.url));
  const tree = await Resctrl.mount(await Driver.probe(await Machine.create(platform)));
  const calls = new FileCalls(
    tree,
    () => {},
    async () => {},
  );
  screen = new Screen();
  shell = new Shell(calls, screen);
});

const shown = (kind: string) => screen.pieces.value.filter((piece) => piece.kind === kind).map(({ text }) => text);

describe("Tab", () => {
  test.each([
    ["cat sch", "cat schemata ", []],
    ["cat info/L3/cb", "cat info/L3/cbm_mask ", []],
    ["ls inf", "ls info/", []],
    ["cat cp", "cat cpus", ["cpus", "cpus_list"]],
    ["ca", "cat ", []],
    ["mkdir a && ech", "mkdir a && echo ", []],
    ["for g in *; do ec", "for g in *; do echo ", []],
    ["cat nothing", "cat nothing", []],
    ["echo x >sche", "echo x >schemata ", []],
    ["ls /sys/f", "ls /sys/fs/", []],
  ])("makes of %j %j", async (line, done, choices) => {
    expect(await complete(line, shell)).toEqual({ line: done, choices });
  });

  test("puts a backslash before a blank in a name, and goes on behind it", async () => {
    await shell.run("mkdir 'a b'");
    expect(await complete("ls a", shell)).toEqual({ line: "ls a\\ b/", choices: [] });
    expect(await complete("ls a\\ b/sch", shell)).toEqual({ line: "ls a\\ b/schemata ", choices: [] });
  });
});

test("arrows go through what was typed, and back to what is being typed", () => {
  const history = new History();
  for (const line of ["one", "two", "two", " "]) history.add(line);
  expect(history.move(1, "x")).toBeUndefined();
  expect([history.move(-1, "x"), history.move(-1, "two"), history.move(-1, "one")]).toEqual(["two", "one", undefined]);
  expect([history.move(1, "one"), history.move(1, "two")]).toEqual(["two", "x"]);
});

test("a refused write is followed by what the kernel said of it, a taken one by nothing", async () => {
  expect(await shell.run("echo L3:0=0 > schemata")).toBe(1);
  expect(shown("err")).toEqual(["-bash: echo: write error: Invalid argument\n"]);
  expect(shown("note")).toEqual(["info/last_cmd_status: Mask out of range\n"]);
  expect(await shell.run("echo L3:0=f > schemata")).toBe(0);
  expect(shown("note")).toHaveLength(1);
});

test("watch runs a line until it is interrupted", async () => {
  const stop = new AbortController();
  const running = shell.run("watch -n 0.1 cat size; echo after", stop.signal);
  await expect.poll(() => shown("out").join("")).toContain("L3:0=");
  stop.abort();
  expect(await running).toBe(130);
  expect(shown("out").join("")).not.toContain("after");
});

test("a loop that is interrupted ends", async () => {
  const stop = new AbortController();
  const running = shell.run("for n in {1..500}; do echo $n; sleep 1; done", stop.signal);
  await expect.poll(() => shown("out").join("")).toContain("1\n");
  stop.abort();
  expect(await running).toBe(130);
  expect(shown("out").join("")).toBe("1\n");
});

test("what is typed is held within limits", async () => {
  expect(await shell.run("echo {1..99999}")).toBe(2);
  expect(shown("err")).toEqual(["-bash: braces stand for more than 4096 words\n"]);
  for (let n = 0; n < 30; n++) screen.print("x".repeat(10_000), "out");
  expect(shown("out").at(-1)?.length).toBeLessThanOrEqual(100_000);
});
