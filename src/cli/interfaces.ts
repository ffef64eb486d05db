// What mpam mount and mpam run can serve: resctrl, or the older interface of Android. What differs is here.

import { Android, type AndroidOptions } from "../android/index.ts";
import { Driver, type DriverOptions } from "../driver/index.ts";
import { type MountOptions, Resctrl } from "../fs/index.ts";
import { say, type TreeType } from "../fuse/index.ts";
import type { Machine } from "../machine/index.ts";
import type { Tasks } from "../resctrl/index.ts";
import type { ScriptTree } from "../script/index.ts";
import type { Tree } from "../tree/index.ts";

export const INTERFACES = ["resctrl", "android"] as const;
export type Interface = (typeof INTERFACES)[number];

/** Data that can be copied from thread to thread. */
export type InterfaceOptions =
  | {
      readonly interface?: "resctrl";
      readonly driver?: Pick<DriverOptions, "compat" | "commandLine" | "smmus">;
      readonly mount?: Omit<MountOptions, "tasks">;
    }
  | { readonly interface: "android"; readonly android?: Pick<AndroidOptions, "compat" | "paths"> };

/** What the starting thread hears when all is ready. */
export interface Booted {
  /** What /proc/mounts shows of the flags. */
  readonly flags: string;
  /** Android: the device of the MSC, if there is one that can be used. */
  readonly device?: string;
}

/** The tree, what script lines read and write, and what the starting thread hears. */
export interface Interfaced {
  readonly tree: Tree;
  readonly files: ScriptTree;
  readonly says: Booted;
}

export function treeType(which: Interface | undefined): TreeType {
  return which === "android" ? "mpam" : "resctrl";
}

/** Boots the software of one interface. With `verbose` all that its kernel logs is said. */
export async function bootInterface(
  machine: Machine,
  options: InterfaceOptions & { readonly verbose?: boolean },
  tasks: Tasks | undefined,
): Promise<Interfaced> {
  const { verbose = false } = options;
  const whose = tasks ? { tasks } : {};
  if (options.interface === "android") {
    const android = await Android.load(machine, { ...options.android, ...whose });
    await android.mount();
    for (const { level, text } of android.log) if (verbose || level !== "info") say(`mpam: kernel ${level}: ${text}`);
    const { device } = android;
    return { tree: android.tree, files: android, says: { flags: "", ...(device === undefined ? {} : { device }) } };
  }
  const driver = await Driver.probe(machine, options.driver);
  const resctrl = await Resctrl.mount(driver, { ...options.mount, ...whose });
  if (verbose) for (const { level, text } of driver.log) say(`mpam: driver ${level}: ${text}`);
  return { tree: resctrl.tree, files: resctrl, says: { flags: resctrl.mountOptions } };
}
