// The software that runs on a board: our driver and resctrl, or nothing, for those who bring their own.

import { Driver, type DriverOptions } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { type MountOptions, Resctrl } from "../fs/index.ts";
import type { Machine } from "../machine/index.ts";
import type { ScriptTree } from "../script/index.ts";

export interface BootOptions {
  readonly driver?: Pick<DriverOptions, "compat" | "commandLine" | "smmus">;
  readonly mount?: Omit<MountOptions, "tasks">;
}

export interface Software {
  readonly driver: Driver;
  readonly tree: Resctrl;
}

export async function boot(machine: Machine, { driver: asked, mount }: BootOptions): Promise<Software> {
  const driver = await Driver.probe(machine, asked);
  return { driver, tree: await Resctrl.mount(driver, mount) };
}

/** What ran when the machine's snapshot was taken; undefined for a machine without a driver. */
export async function bootAgain(machine: Machine): Promise<Software | undefined> {
  if (machine.saved("driver") === undefined) return undefined;
  const driver = await Driver.restore(machine);
  return { driver, tree: await Resctrl.restore(driver) };
}

const noTree = (): Promise<never> =>
  Promise.reject(new ErrnoError("ENODEV", "no resctrl is mounted here: mpam serve --boot mounts it"));

/** For lines of a script that need no tree, where there is none. */
export const NO_TREE: ScriptTree = {
  readFile: noTree,
  writeFile: noTree,
  mkdir: noTree,
  rmdir: noTree,
  rename: noTree,
};
