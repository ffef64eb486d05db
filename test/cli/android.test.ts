// mpam mount and mpam run with the interface of Android, as a person runs them.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mpam, start } from "../helpers/command-line.ts";
import { whyNoMount } from "../helpers/fuse/mountable.ts";
import { eventually, MountPoint } from "../helpers/fuse/mounts.ts";

const why = whyNoMount();

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mpam-android-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ANDROID = ["--interface", "android"];

test("what belongs to the other interface is refused in one line, and ends with 2", async () => {
  for (const [words, said] of [
    [["--interface", "arm"], "interface 'arm': resctrl or android is allowed"],
    [[...ANDROID, "--options", "cdp"], "options: an option of resctrl; --interface android has none"],
    [[...ANDROID, "--expert"], "expert: an option of resctrl; --interface android has none"],
    [[...ANDROID, "--profile", "x86"], "profile: an option of resctrl; --interface android has none"],
    [[...ANDROID, "--command-line", "x"], "command-line: an option of resctrl; --interface android has none"],
    [[...ANDROID, "--compat", "linux-7.3"], "compat 'linux-7.3': android-2022 is allowed"],
    [["--compat", "android-2022"], "compat 'android-2022': linux-7.3 is allowed"],
  ] as const) {
    // What would be mounted all the same has nowhere to go.
    expect(await mpam("mount", ...words, join(folder, "nowhere"))).toEqual({
      code: 2,
      out: "",
      err: `mpam: ${said}\n`,
    });
  }
});

describe.skipIf(why !== undefined)("mpam mount --interface android", () => {
  test("writes the registers that the published test of the board names", async () => {
    const point = new MountPoint();
    try {
      const { child, said, ended } = start("mount", ...ANDROID, "--log-registers", "write", point.directory);
      expect(await eventually(() => said() !== "")).toBe(true);
      expect(readFileSync("/proc/mounts", "utf8")).toMatch(new RegExp(`^mpam ${point.directory} fuse\\.mpam `, "m"));
      expect(readFileSync(point.path("mpam/partitions/45/cpbm"), "utf8")).toBe("0-7\n");
      writeFileSync(point.path("mpam/partitions/45/cpbm"), "4-5\n");
      expect(readFileSync(point.path("mpam/partitions/45/cpbm"), "utf8")).toBe("4-5\n");
      child.kill("SIGTERM");
      const { code, err } = await ended;
      expect(code).toBe(0);
      const [select, portions] = err
        .split("\n")
        .filter((line) => /MPAMCFG/.test(line))
        .slice(-3);
      expect(select).toMatch(/write MPAMCFG_PART_SEL {2}PARTID_SEL .*0x2d {2}\(android\)$/);
      expect(portions).toMatch(/write MPAMCFG_CPBM0 .*0x30 {2}\(android\)$/);
      expect(point.mounted).toBe(false);
    } finally {
      point.clean();
    }
  });

  test("a tree of either interface at a directory keeps the other one off", async () => {
    const point = new MountPoint();
    try {
      const { child, said, ended } = start("mount", ...ANDROID, point.directory);
      expect(await eventually(() => said() !== "")).toBe(true);
      const err = `mpam: EBUSY: ${point.directory}: a tree is mounted there already\n`;
      expect(await mpam("mount", point.directory)).toEqual({ code: 1, out: "", err });
      child.kill("SIGTERM");
      expect(await ended).toMatchObject({ code: 0 });
    } finally {
      point.clean();
    }
  });

  test("cpus that cannot label requests are the end of it, in words", async () => {
    const platform = join(folder, "plain.yaml");
    const text = readFileSync("platforms/android.yaml", "utf8");
    writeFileSync(platform, text.replace("  pmgMax: 0\n", "  pmgMax: 0\n  unlike: [{ cpus: 4-7, version: none }]\n"));
    const { code, err } = await mpam("mount", ...ANDROID, "-p", platform, folder);
    expect([code, err]).toEqual([1, "mpam: EOPNOTSUPP: mpam_arch: MPAM only supported on CPUs 0-3 (EOPNOTSUPP)\n"]);
  });

  test("without a device there are labels alone, and that is said", async () => {
    const point = new MountPoint();
    try {
      const { child, said, ended } = start("mount", ...ANDROID, "-p", "platforms/one-socket.yaml", point.directory);
      expect(await eventually(() => said() !== "")).toBe(true);
      expect(readFileSync(point.path("partitions/3/tasks"), "utf8")).toBe("");
      child.kill("SIGTERM");
      expect((await ended).err).toBe(
        "mpam: kernel warning: mpam: nothing to match: arm,mpam-msc has to be in a device tree\n",
      );
    } finally {
      point.clean();
    }
  });
});

describe.skipIf(why !== undefined)("mpam run --interface android", () => {
  const shell = (script: string, ...options: string[]) => mpam("run", ...ANDROID, ...options, "--", "sh", "-c", script);

  test("shows files where they are on the machine, and the type", async () => {
    const { code, out, err } = await shell(
      "cd /sys/devices/platform/30000000.msc/mpam; cat cpbm_nbits partitions/45/cpbm; ls /sys/fs/mpam; " +
        "echo $$ > /sys/fs/mpam/partitions/45/tasks; grep -c $$ /sys/fs/mpam/partitions/45/tasks; " +
        "tail -1 /proc/filesystems; cat /sys/devices/system/cpu/online; stat -c %a /sys/fs/mpam; " +
        "grep ' mpam rw' /proc/$$/mounts; grep -c '^mpam /sys/.* fuse' /proc/$$/mounts; " +
        "grep -o ' / /sys/fs/mpam .* - mpam mpam rw$' /proc/$$/mountinfo | sed 's/rw.* - //'; exit 5",
    );
    expect(err).toBe("");
    expect(out.split("\n")).toEqual([
      "8",
      "0-7",
      "partitions",
      "1",
      "nodev\tmpam",
      "0-7",
      "444",
      "mpam /sys/fs/mpam mpam rw,nosuid,nodev,noexec,relatime 0 0",
      "0",
      " / /sys/fs/mpam mpam mpam rw",
      "",
    ]);
    expect(code).toBe(5);
  });

  test("leaves the devices of the host where they are, and nothing behind", async () => {
    const { out } = await shell("ls /sys/devices/platform");
    const inside = out.split("\n").filter((name) => name !== "" && name !== "30000000.msc");
    expect(out).toMatch(/^30000000\.msc$/m);
    expect(inside.sort()).toEqual(readdirSync("/sys/devices/platform").sort());
    expect(readFileSync("/proc/mounts", "utf8")).not.toMatch(/^mpam \/sys\/\S* fuse/m);
    expect(() => readFileSync("/sys/devices/platform/30000000.msc/mpam/cpbm_nbits")).toThrow(/ENOENT/);
  });

  test("threads of a trace can be moved while it runs", async () => {
    const { out } = await shell(
      "echo 77 > /sys/fs/mpam/partitions/7/tasks; cat /sys/fs/mpam/partitions/7/tasks",
      "--replay",
      "synth:stream,ws=64k,n=1000,tid=77",
      "--loop",
    );
    expect(out).toBe("77\n");
  });

  test("without a device of the MSC there is the file system alone", async () => {
    const { code, out } = await shell(
      "ls /sys/fs/mpam; ls -d /sys/devices/platform/*.msc",
      "-p",
      "platforms/one-socket.yaml",
    );
    expect(out).toBe("partitions\n");
    expect(code).not.toBe(0);
  });
});
