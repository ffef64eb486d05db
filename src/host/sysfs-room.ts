// Room in /sys/fs of a mount namespace, where nothing can be made: a tmpfs, with what else is there bound back into it.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Step, scriptOf } from "./steps.ts";

const SYS_FS = "/sys/fs";
/** Where the tree is for programs. */
export const RESCTRL = join(SYS_FS, "resctrl");
/** Any directory that is always there, and that nobody needs for a moment. */
const ASIDE = "/sys/kernel";

export interface Room {
  /** For prepared files. It goes with the namespace: nothing has to be taken away, however the namespace ends. */
  readonly directory: string;
  /** Commands that make it, and an empty directory for the tree, for `sh -e`. */
  readonly script: string;
}

/** Where a tree is there already, of the host or of a namespace around this one, it is covered. */
export async function roomInSysfs(): Promise<Room> {
  const all = await readdir(SYS_FS);
  const others = all.filter((name) => name !== "resctrl");
  const directory = join(SYS_FS, freeName(all));
  const steps: Step[] = [
    ["mount", "--rbind", SYS_FS, ASIDE],
    ["mount", "-t", "tmpfs", "-o", "mode=755", "mpam", SYS_FS],
    ["mkdir", directory, RESCTRL, ...others.map((name) => join(SYS_FS, name))],
    ...others.map((name): Step => ["mount", "--rbind", join(ASIDE, name), join(SYS_FS, name)]),
    ["umount", "-l", ASIDE],
  ];
  return { directory, script: scriptOf(steps) };
}

/** Programs that run in the namespace around this one may need its own. */
function freeName(taken: readonly string[]): string {
  let [name, number] = ["mpam", 1];
  while (taken.includes(name)) name = `mpam${++number}`;
  return name;
}
