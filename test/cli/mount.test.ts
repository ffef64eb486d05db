// mpam mount as a person runs it, where something can be mounted.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMAND, mpam, start } from "../helpers/command-line.ts";
import { whyNoMount } from "../helpers/fuse/mountable.ts";
import { eventually, MountPoint } from "../helpers/fuse/mounts.ts";

const why = whyNoMount();

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mpam-mount-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(why !== undefined)("mpam mount", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("says when it is there, and unmounts on %s", async (signal) => {
    const point = new MountPoint();
    try {
      const { child, said, ended } = start("mount", point.directory);
      expect(await eventually(() => said() !== "")).toBe(true);
      expect(said()).toBe(`mounted ${point.directory}\n`);
      expect(readFileSync(point.path("schemata"), "utf8")).toBe("    MB:0=100\n    L3:0=ffff\n");
      child.kill(signal);
      expect(await ended).toEqual({ code: 0, out: `mounted ${point.directory}\n`, err: "" });
      expect(point.mounted).toBe(false);
    } finally {
      point.clean();
    }
  });

  test("a directory where a tree is mounted already is refused, and that one stays", async () => {
    const point = new MountPoint();
    try {
      const { child, said, ended } = start("mount", point.directory);
      expect(await eventually(() => said() !== "")).toBe(true);
      const err = `mpam: EBUSY: ${point.directory}: a tree is mounted there already\n`;
      expect(await mpam("mount", point.directory)).toEqual({ code: 1, out: "", err });
      expect(readFileSync(point.path("mode"), "utf8")).toBe("shareable\n");
      child.kill("SIGTERM");
      expect(await ended).toMatchObject({ code: 0 });
      expect(point.mounted).toBe(false);
    } finally {
      point.clean();
    }
  });

  test("register accesses wait for a slow reader", async () => {
    const point = new MountPoint();
    try {
      // In one pipe with standard output, which Node makes one that nobody waits for.
      const line = `"${process.execPath}" "${COMMAND}" mount --log-registers '*' ${point.directory} 2>&1 | { sleep 0.5; tail -n 1; }`;
      const child = spawn("sh", ["-c", line], { stdio: ["ignore", "pipe", "inherit"] });
      let last = "";
      child.stdout.on("data", (chunk) => (last += chunk));
      const ended = new Promise((resolve) => child.once("close", resolve));
      expect(await eventually(() => point.mounted)).toBe(true);
      const echo = (mask: string) => `echo L3:0=${mask} >${point.path("schemata")} || exit 1`;
      const each = `i=0; while [ $i -lt 150 ]; do ${echo("f")}; ${echo("ff")}; i=$((i+1)); done`;
      const writing = spawn("sh", ["-c", each], { stdio: "inherit" });
      expect(await new Promise((resolve) => writing.once("close", resolve))).toBe(0);
      spawnSync("umount", [point.directory]);
      await ended;
      expect(last).toMatch(/write MPAMCFG_CMAX/);
    } finally {
      point.clean();
    }
  });

  test("what cannot be written or read is said in one line, and ends with 2", async () => {
    const empty = join(folder, "empty.yaml");
    writeFileSync(empty, "");
    const script = join(folder, "cpu.script");
    writeFileSync(script, "cpu 99 offline\n");
    for (const [words, said] of [
      [["--journal", join(folder, "no/journal")], /^mpam: ENOENT: journal .*: cannot be written\n$/],
      [["--dump-registers", join(folder, "no/dump")], /^mpam: dump-registers .*: cannot be written \(ENOENT\)\n$/],
      [["-p", empty], /^mpam: .*empty.yaml:1:1: .*\n$/],
      [["--script", script], /^mpam: .*cpu.script:1:1: .*no cpu 99.*\n$/],
    ] as const) {
      const { code, err } = await mpam("mount", ...words, folder);
      expect(err).toMatch(said);
      expect(code).toBe(2);
    }
    expect(await mpam("mount", empty)).toEqual({ code: 2, out: "", err: `mpam: ENOTDIR: ${empty}: not a directory\n` });
  });

  test("a directory that is not there is refused in one line", async () => {
    const { code, err } = await mpam("mount", join(folder, "nowhere"));
    expect(code).toBe(2);
    expect(err).toBe(`mpam: ENOENT: ${join(folder, "nowhere")}: no such directory\n`);
  });
});
