import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpuinfo, type FileContent, quoted, typeEdits, withType, writeFiles } from "../../src/host/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mpam-host-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("resctrl is one of the filesystems, once", () => {
  expect(withType("nodev\tsysfs\n\text4\n", "resctrl")).toBe("nodev\tsysfs\n\text4\nnodev\tresctrl\n");
  expect(withType("nodev\tresctrl\n\text4\n", "resctrl")).toBe("nodev\tresctrl\n\text4\n");
  expect(withType("nodev\tresctrlfs\n", "resctrl")).toBe("nodev\tresctrlfs\nnodev\tresctrl\n");
});

describe("cpuinfo", () => {
  const all = { info: ["L3", "MB", "L3_MON", "last_cmd_status"], monFeatures: ["llc_occupancy", "mbm_total_bytes"] };

  test("has a paragraph for each online cpu", async () => {
    const platform = await loadPlatform("platforms/one-socket.yaml");
    const text = cpuinfo(platform, new Set([0, 5]), all);
    expect(text.match(/^processor\t: .*$/gm)).toEqual(["processor\t: 0", "processor\t: 5"]);
    expect(text.endsWith("CPU revision\t: 1\n\n")).toBe(true);
  });

  test("names by the words of x86 what the tree has, and nothing else", async () => {
    const platform = await loadPlatform("platforms/minimal.yaml");
    const flags = (info: string[], monFeatures: string[]) =>
      /^flags\t\t: (.*)$/m.exec(cpuinfo(platform, new Set([0]), { info, monFeatures }))?.[1];
    expect(flags(all.info, all.monFeatures)).toBe("rdt_a cat_l3 mba cqm cqm_llc cqm_occup_llc cqm_mbm_total");
    expect(flags(["L2", "last_cmd_status"], [])).toBe("rdt_a cat_l2");
    expect(flags(["L3CODE", "L3DATA"], [])).toBe("rdt_a cat_l3 cdp_l3");
    expect(flags(["L3_MON"], ["mbm_local_bytes"])).toBe("rdt_a cqm cqm_llc cqm_mbm_local");
    expect(flags(["last_cmd_status"], [])).toBeUndefined();
  });
});

describe("tables of mounts, as sed edits them", () => {
  const edited = (table: "mounts" | "mountinfo", text: string, directory = "/sys/fs/resctrl", flags = "") => {
    const script = join(folder, "script.sed");
    writeFileSync(script, typeEdits(directory, flags)[table]);
    return execFileSync("sed", ["-f", script], { input: text, encoding: "utf8" });
  };
  const others = "proc /proc proc rw,relatime 0 0\nresctrl /mnt fuse.resctrl rw,relatime,user_id=0,group_id=0 0 0\n";

  test("mounts has the type, the source and the flags of the kernel's own", () => {
    const ours =
      "resctrl /sys/fs/resctrl fuse.resctrl rw,relatime,user_id=0,group_id=0,default_permissions,allow_other 0 0\n";
    expect(edited("mounts", others + ours)).toBe(`${others}resctrl /sys/fs/resctrl resctrl rw,relatime 0 0\n`);
    expect(edited("mounts", ours, "/sys/fs/resctrl", ",cdp,debug")).toBe(
      "resctrl /sys/fs/resctrl resctrl rw,relatime,cdp,debug 0 0\n",
    );
  });

  test("mountinfo too, with its fields of peers as they are", () => {
    const ours = "64 76 0:41 / /sys/fs/resctrl rw,relatime shared:3 - fuse.resctrl resctrl rw,user_id=0,group_id=0\n";
    const other = "65 76 0:42 / /sys/fs/resctrl2 rw,relatime - fuse.resctrl resctrl rw,user_id=0,group_id=0\n";
    expect(edited("mountinfo", ours + other, "/sys/fs/resctrl", ",cdp")).toBe(
      `64 76 0:41 / /sys/fs/resctrl rw,relatime shared:3 - resctrl resctrl rw,cdp\n${other}`,
    );
  });

  test("a part of a tree is a whole file system, and other places of it are not there", () => {
    const mpam = (table: "mounts" | "mountinfo", text: string) => {
      const script = join(folder, "mpam.sed");
      writeFileSync(script, typeEdits("/sys/fs/mpam", "", "mpam", ["/sys/fs/mpam2/tree"])[table]);
      return execFileSync("sed", ["-f", script], { input: text, encoding: "utf8" });
    };
    const mounts =
      "mpam /sys/fs/mpam2/tree fuse.mpam rw,user_id=0,x 0 0\nmpam /sys/fs/mpam fuse.mpam rw,user_id=0,x 0 0\n";
    expect(mpam("mounts", others + mounts)).toBe(`${others}mpam /sys/fs/mpam mpam rw 0 0\n`);
    const info =
      "64 76 0:41 / /sys/fs/mpam2/tree rw - fuse.mpam mpam rw,user_id=0\n" +
      "65 76 0:41 /sys/fs/mpam /sys/fs/mpam rw - fuse.mpam mpam rw,user_id=0\n";
    expect(mpam("mountinfo", info)).toBe("65 76 0:41 / /sys/fs/mpam rw - mpam mpam rw\n");
  });

  test("a directory with a blank and a dot is found as the kernel writes it, and as nothing else", () => {
    const ours = "r /a.b\\040c fuse.resctrl rw,user_id=0,x 0 0\nr /aXb\\040c fuse.resctrl rw,user_id=0,x 0 0\n";
    expect(edited("mounts", ours, "/a.b c")).toBe(
      "resctrl /a.b\\040c resctrl rw 0 0\nr /aXb\\040c fuse.resctrl rw,user_id=0,x 0 0\n",
    );
  });
});

test("a word for a shell is one word, whatever is in it", () => {
  const words = ["plain-1.2", "", "it's", 'a "b" $(c) `d` \\e', "two\nlines", "-n", "*", "~", "a;b"];
  const script = `for word in ${words.map(quoted).join(" ")}; do printf '%s\\0' "$word"; done`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1)).toEqual(words);
});

test("prepared files that change are written over, and what has gone goes with its directory", () => {
  const place = (path: string) => join(folder, "files", path);
  const node = { link: "../node0" };
  const first = new Map<string, FileContent>([
    ["possible", "0-1\n"],
    ["cpu0/node0", node],
    ["online", "0-1\n"],
    ["cpu1/online", "1\n"],
    ["cpu1/cache/index0/level", "1\n"],
  ]);
  writeFiles(join(folder, "files"), first);
  const { ino } = statSync(place("online"));
  // What has not changed is let alone.
  writeFileSync(place("possible"), "as it was\n");
  const second = new Map<string, FileContent>([
    ["possible", "0-1\n"],
    ["cpu0/node0", { ...node }],
    ["online", "0\n"],
    ["cpu1/online", "0\n"],
  ]);
  writeFiles(join(folder, "files"), second, first);
  expect(readFileSync(place("online"), "utf8")).toBe("0\n");
  expect(statSync(place("online")).ino).toBe(ino);
  expect(existsSync(place("cpu1/cache"))).toBe(false);
  expect(readFileSync(place("cpu1/online"), "utf8")).toBe("0\n");
  expect(readFileSync(place("possible"), "utf8")).toBe("as it was\n");
  expect(readlinkSync(place("cpu0/node0"))).toBe("../node0");
});
