// The built commands as a person runs them, where something can be mounted.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMAND, mpam, start, startIn } from "../helpers/command-line.ts";
import { whyNoMount } from "../helpers/fuse/mountable.ts";
import { eventually } from "../helpers/fuse/mounts.ts";
import { sayNotRun } from "../helpers/not-run.ts";

const why = whyNoMount();

const shell = (script: string, ...options: string[]) => mpam("run", ...options, "--", "sh", "-c", script);

/** Why the command cannot be run by somebody else; undefined where it can. */
function whyNotAs(words: readonly string[]): string | undefined {
  if (why !== undefined) return why;
  const tried = spawnSync(words[0] ?? "", [...words.slice(1), "unshare", "-r", "-m", "test", "-r", COMMAND]);
  return tried.status === 0 ? undefined : "users have no namespaces here, or may not read what was built";
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mpam-run-"));
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("what cannot be run or is written wrongly is refused before anything is mounted", async () => {
  expect(await mpam("run", "--", "no-such-program")).toEqual({
    code: 127,
    out: "",
    err: "mpam: no-such-program is not found on the PATH\n",
  });
  expect(await mpam("run", "--", "/etc/passwd")).toMatchObject({ code: 126 });
  const { code, err } = await mpam("run", "--profile", "arm", "--", "true");
  expect([code, err]).toEqual([2, "mpam: profile 'arm': mpam or x86 is allowed\n"]);
  expect(await mpam("run", "--proposed", "plza", "--", "true")).toMatchObject({
    code: 2,
    err: "mpam: proposed 'plza': kernel-mode is allowed\n",
  });
  expect(await mpam("run", "-o", "cdp,fast", "--", "true")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/fast/),
  });
  expect(await mpam("run", "--loop", "--", "true")).toMatchObject({ code: 2, err: expect.stringMatching(/--replay/) });
  expect(await mpam("run", "--speed", "0", "--", "true")).toMatchObject({ code: 2 });
  expect(await mpam("run", "--wrap", "sed", "--", "true")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/wrap 'sed'/),
  });
  const script = join(folder, "wrong.script");
  writeFileSync(script, "@1ms jump\n");
  expect(await mpam("run", "--script", script, "--", "true")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/wrong.script:1:6/),
  });
  expect(await mpam("inside")).toMatchObject({ code: 2, err: expect.stringMatching(/mpam run/) });
});

test("a kernel whose oddities are kept is named, wherever a driver boots", async () => {
  for (const command of [["probe"], ["explain"], ["replay", "synth:stream"], ["run"], ["mount"]]) {
    const [name = "", ...words] = command;
    const end = name === "run" ? ["--", "true"] : name === "mount" ? [folder] : [];
    const { code, err } = await mpam(name, "--compat", "linux-7.4", ...words, ...end);
    expect([name, code, err]).toEqual([name, 2, "mpam: compat 'linux-7.4': linux-7.3 is allowed\n"]);
  }
  for (const name of ["probe", "explain"]) expect(await mpam(name, "--compat", "linux-7.3")).toMatchObject({ code: 0 });
});

sayNotRun("mpam mount and mpam run for real", why);

describe.skipIf(why !== undefined)("mpam run", () => {
  test("shows the emulated machine, and the exit code is the command's", async () => {
    const { code, out, err } = await shell(
      "cat /sys/fs/resctrl/schemata /sys/devices/system/cpu/online; tail -1 /proc/filesystems; ls -d /sys/fs/cgroup; " +
        "grep -c ^processor /proc/cpuinfo; grep -m1 -o 'cat_l3 mba' /proc/cpuinfo; grep -o ' resctrl rw.*' /proc/$$/mounts; exit 5",
    );
    expect(err).toBe("");
    expect(out.split("\n")).toEqual([
      "    MB:0=100",
      "    L3:0=ffff",
      "0-7",
      "nodev\tresctrl",
      "/sys/fs/cgroup",
      "8",
      "cat_l3 mba",
      " resctrl rw,nosuid,nodev,noexec,relatime 0 0",
      "",
    ]);
    expect(code).toBe(5);
  });

  test("is seen by the command alone, and leaves nothing behind", async () => {
    const { out } = await shell(
      "grep -c ' /sys/fs/resctrl ' /proc/mounts; dirname $MPAM_EXEC; touch /sys/devices/system/cpu/x 2>&1",
    );
    const [mounts, stage = "", refused] = out.split("\n");
    expect(mounts).toBe("1");
    expect(refused).toMatch(/Read-only file system/);
    expect(readFileSync("/proc/mounts", "utf8")).not.toMatch(new RegExp(` (/sys/fs/resctrl|${stage}) `));
    expect(() => readFileSync(join(stage, "cpuinfo"))).toThrow(/ENOENT/);
    expect(() => rmSync(stage, { recursive: true })).toThrow(/ENOENT/);
  });

  test("a hostile TMPDIR, and a directory below what is covered", async () => {
    const odd = join(folder, "a b'\"; touch injected; $(touch injected)\n#");
    mkdirSync(odd);
    const look = "pwd; ls -d resctrl; cat resctrl/mode; grep -c ' resctrl rw' /proc/$$/mounts";
    const { ended } = startIn(
      { cwd: "/sys/fs", env: { ...process.env, TMPDIR: odd } },
      ...["run", "--", "sh", "-c", look],
    );
    expect(await ended).toEqual({ code: 0, out: "/sys/fs\nresctrl\nshareable\n1\n", err: "" });
    expect(readdirSync(odd)).toEqual([]);
    expect(existsSync(join(folder, "injected"))).toBe(false);
  });

  test("a machine within a machine", async () => {
    const inner = `${process.execPath} ${COMMAND} run -- sh -c 'mkdir /sys/fs/resctrl/inner; grep -o " resctrl rw" /proc/$$/mounts; ls -d /sys/fs/mpam*'`;
    const { code, out, err } = await shell(
      `mkdir /sys/fs/resctrl/outer; ${inner}; ls -d /sys/fs/resctrl/*er; "$MPAM_EXEC" grep -c ' resctrl rw' /proc/self/mounts`,
    );
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/( resctrl rw\n)+\/sys\/fs\/mpam\n\/sys\/fs\/mpam2\n\/sys\/fs\/resctrl\/outer\n1\n$/);
  });

  test("nothing begins when mpam run is killed before, and nothing is left", async () => {
    const ran = join(folder, "ran");
    const { child } = start("run", "--", "touch", ran);
    const inside = () => spawnSync("pgrep", ["-P", `${child.pid}`, "-f", "inside"], { encoding: "utf8" }).stdout.trim();
    expect(await eventually(() => inside() !== "")).toBe(true);
    const place = `/proc/${inside()}`;
    // The namespace is made, and the machine boots.
    expect(await eventually(() => readFileSync(`${place}/mountinfo`, "utf8").includes(" - tmpfs mpam "))).toBe(true);
    child.kill("SIGKILL");
    // Whoever inherits it may be slow to take note of its end.
    const gone = () => !existsSync(place) || readFileSync(`${place}/stat`, "latin1").includes(") Z ");
    expect(await eventually(gone)).toBe(true);
    expect(existsSync(ran)).toBe(false);
  });

  test("two machines side by side have their groups and their locks for themselves", async () => {
    const script =
      "mkdir /sys/fs/resctrl/web && mkdir /var/lock/one-at-a-time && ls /sys/fs/resctrl /var/lock | grep -cx 'web\\|one-at-a-time'; sleep 0.5";
    const both = await Promise.all([shell(script), shell(script)]);
    expect(both.map(({ code, out, err }) => [code, out, err])).toEqual([
      [0, "2\n", ""],
      [0, "2\n", ""],
    ]);
  });

  test("what a signal ends has its number and 128, and signals to mpam reach the command", async () => {
    expect(await shell("kill -TERM $$")).toMatchObject({ code: 143 });
    const { child, said, ended } = start(
      "run",
      "--",
      "sh",
      "-c",
      "trap 'echo told; exit 9' TERM; echo up; while :; do sleep 0.1; done",
    );
    expect(await eventually(() => said().includes("up"))).toBe(true);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 9, out: "up\ntold\n" });
  });

  test("a command can move itself and finds itself, and its children follow", async () => {
    const { out } = await shell(
      "cd /sys/fs/resctrl; mkdir web; echo 0 > web/tasks; cat web/tasks | head -1; echo $$; sleep 9 & grep -cx $! web/tasks; kill $!",
    );
    const lines = out.split("\n");
    expect(lines[0]).toBe(lines[1]);
    expect(lines[2]).toBe("1");
  });

  test("standard input is the command's, and so is the directory", async () => {
    const { child, ended } = start("run", "--", "sh", "-c", "cat; pwd");
    child.stdin?.end("typed\n");
    expect(await ended).toMatchObject({ code: 0, out: `typed\n${process.cwd()}\n`, err: "" });
  });

  test("a journal on a full disk ends, and the tree does not", async () => {
    expect(await shell("cat /sys/fs/resctrl/mode", "--journal", "/dev/full")).toEqual({
      code: 1,
      out: "shareable\n",
      err: "mpam: journal /dev/full: cannot be written any more (ENOSPC)\nmpam: the journal /dev/full is not whole\n",
    });
  });

  test("what the registers hold at the end is written for people and for programs", async () => {
    const [text, json] = [join(folder, "registers.txt"), join(folder, "registers.json")];
    const script = "cd /sys/fs/resctrl; mkdir web; echo L3:0=f > web/schemata; echo 2-3 > web/cpus_list";
    await shell(script, "--dump-registers", text);
    expect(readFileSync(text, "utf8")).toBe(
      [
        "cpus 0-1,4-7: PARTID 0, PMG 0",
        "cpus 2-3: PARTID 1, PMG 0",
        "MSC 0 (L3 0), RIS 0",
        "  PARTID 0,2-15: CPBM 0xffff, CMAX 0xff00",
        "  PARTID 1: CPBM 0xf, CMAX 0xff00",
        "MSC 1 (node 0), RIS 0",
        "  PARTID 0-15: MBW_MAX 0xfe00",
        "",
      ].join("\n"),
    );
    await shell(script, "--dump-registers", json);
    const { settings } = JSON.parse(readFileSync(json, "utf8"));
    expect(settings[1]).toMatchObject({ msc: 0, partids: [1], registers: { CPBM: "0xf" } });
  });

  test("register accesses are printed while they happen", async () => {
    const { err } = await shell(
      "mkdir /sys/fs/resctrl/web; echo L3:0=3 > /sys/fs/resctrl/web/schemata",
      "--log-registers",
      "MPAMCFG_CPBM*,write",
    );
    expect(err).toMatch(/msc 0 ns {2}write MPAMCFG_CPBM\S* .*-> (0x)?3 /);
  });

  test("a cpu that a script takes away is gone from the files, and from cpuinfo", async () => {
    const script = join(folder, "cpus.script");
    writeFileSync(script, "@0 cpu 2 offline\n@1ms cpu 3 offline\n");
    const wait =
      "while [ $(cat /sys/devices/system/cpu/online) != 0-1,4-7 ]; do sleep 0.05; cat /sys/fs/resctrl/cpus >/dev/null; done";
    const { code, out } = await shell(
      `${wait}; cat /sys/devices/system/cpu/cpu3/online; ls /sys/devices/system/cpu/cpu3; grep -c ^processor /proc/cpuinfo; cat /sys/fs/resctrl/cpus_list`,
      "--script",
      script,
    );
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual(["0", "node0", "online", "6", "0-1,4-7", ""]);
  });

  test("cdp is in the tables of mounts and in the flags", async () => {
    const { out } = await shell(
      "grep -o ',cdp' /proc/$$/mounts /proc/$$/mountinfo; grep -om1 cdp_l3 /proc/cpuinfo",
      "-o",
      "cdp",
      "--expert",
    );
    expect(out.match(/,cdp/g)).toHaveLength(2);
    expect(out).toMatch(/^cdp_l3$/m);
    expect(await shell("true", "-o", "cdp")).toMatchObject({ code: 1, err: expect.stringMatching(/CONFIG_EXPERT/) });
  });

  test("a program that is wrapped sees the type whoever starts it, by any path", async () => {
    const look = "sh -c 'busybox grep -o \" resctrl rw\" /proc/self/mounts'".replace("busybox ", "");
    const { out } = await shell(`${look}; $(command -v grep) -o ' resctrl rw' /proc/self/mounts`, "--wrap", "grep");
    expect(out).toBe(" resctrl rw\n resctrl rw\n");
    expect((await shell(look)).out).toBe("");
  });
});

/** Somebody who is not root, and whom this host lets open the device. */
const NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
const whyNobody = whyNotAs(NOBODY);

sayNotRun("mpam run in a user namespace", whyNobody);

test.skipIf(whyNobody !== undefined)("who is not root is given a namespace in which he is", () => {
  // A directory of ours may be where no device can be used.
  const devices = mkdtempSync(join(folder, "devices-"));
  const device = join(devices, "fuse");
  const look =
    "id -u; mkdir /sys/fs/resctrl/web; echo $$ > /sys/fs/resctrl/web/tasks; grep -cx $$ /sys/fs/resctrl/web/tasks";
  const run = [...NOBODY, process.execPath, COMMAND, "run", "--", "sh", "-c", `'${look}'`].join(" ");
  const script = `mount -t tmpfs -o mode=755 none ${devices} && mknod ${device} c 10 229 && chmod 666 ${device} && mount --bind ${device} /dev/fuse && exec ${run}`;
  const { status, stdout, stderr } = spawnSync("unshare", ["-m", "--propagation", "private", "sh", "-c", script], {
    encoding: "utf8",
  });
  expect([status, stdout, stderr]).toEqual([0, "0\n1\n", ""]);
});
