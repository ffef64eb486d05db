// Room in /sys of a mount namespace, where nothing can be made: a tmpfs, with what else is there bound back into it.

import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bind, type Step, scriptOf } from "./steps.ts";

const SYS_FS = "/sys/fs";
/** Where the tree is for programs. The last name is its type. */
export const RESCTRL = join(SYS_FS, "resctrl");
export const MPAM = join(SYS_FS, "mpam");
const PLATFORM_DEVICES = "/sys/devices/platform";
/** Any directory that is always there, and that nobody needs for a moment. */
const ASIDE = "/sys/kernel";

export interface Room {
  /** For prepared files. It goes with the namespace: nothing has to be taken away, however the namespace ends. */
  readonly directory: string;
  /** Commands that make it, and an empty directory for the tree, for `sh -e`. */
  readonly script: string;
}

/** Where a tree is there already, of the host or of a namespace around this one, it is covered. */
export async function roomInSysfs(place = RESCTRL): Promise<Room> {
  const own = basename(place);
  const all = await readdir(SYS_FS);
  const directory = join(SYS_FS, freeName([...all, own]));
  return { directory, script: scriptOf(await roomFor([directory, place])) };
}

/**
 * Commands that show parts of the tree of Android where they are on the machine: its file system at /sys/fs/mpam, which is there,
 * and its device, if there is one, among those of the platform.
 * @param tree Where it is mounted.
 * @param place Of the device.
 */
export async function bindAndroid(tree: string, place: string | undefined): Promise<string> {
  const steps = [bind(join(tree, MPAM), MPAM)];
  if (place !== undefined) steps.push(...(await roomFor([place])), bind(join(tree, place), place));
  return scriptOf(steps);
}

/** Where a device of the platform is. */
export function placeOfDevice(device: string): string {
  return join(PLATFORM_DEVICES, device);
}

/** New and empty directories beside what is there, all in one. */
async function roomFor(places: readonly [string, ...string[]]): Promise<Step[]> {
  const around = dirname(places[0]);
  const others = (await readdir(around)).map((name) => join(around, name)).filter((path) => !places.includes(path));
  const isDirectory = await Promise.all(others.map(async (path) => (await stat(path)).isDirectory()));
  const files = others.filter((_, index) => !isDirectory[index]);
  return [
    ["mount", "--rbind", around, ASIDE],
    ["mount", "-t", "tmpfs", "-o", "mode=755", "mpam", around],
    ["mkdir", ...places, ...others.filter((_, index) => isDirectory[index])],
    ...(files.length > 0 ? [["touch", ...files]] : []),
    ...others.map((path): Step => ["mount", "--rbind", join(ASIDE, basename(path)), path]),
    ["umount", "-l", ASIDE],
  ];
}

/** Programs that run in the namespace around this one may need its own. */
function freeName(taken: readonly string[]): string {
  let [name, number] = ["mpam", 1];
  while (taken.includes(name)) name = `mpam${++number}`;
  return name;
}
