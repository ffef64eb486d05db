// Whose label kernel work carries, as proposed for Linux: the mode there is, and what groups and cpus that come and go do to it
// (more.md sections 5.3 and 5.4; docs/resctrl.md). A mode is a whole that is put in the place of the one before.

import { type KernelMode as ArchMode, setKernelMode } from "../resctrl/index.ts";
import { allGroups, type Group, type Mount } from "./group.ts";
import { hideKernelCpus, showKernelCpus } from "./kernel-mode-cpus.ts";
import { hideAssignments, showAssignments } from "./kernel-mode-groups.ts";

export const INHERIT = "inherit_ctrl_and_mon";
/** A PMG means something with its PARTID only: kernel work cannot have the one of a group and the other of its task. */
export const GLOBAL_CONTROL = "global_assign_ctrl_inherit_mon_per_cpu";
export const GLOBAL = "global_assign_ctrl_assign_mon_per_cpu";
export const PER_GROUP = "per_group_assign_ctrl_assign_mon";

export type KernelMode =
  | { readonly name: typeof INHERIT }
  | { readonly name: typeof GLOBAL; readonly group: Group; readonly cpus: ReadonlySet<number> }
  /** Groups that are not there have the default group for their kernel work. */
  | { readonly name: typeof PER_GROUP; readonly kernelOf: ReadonlyMap<Group, Group> };

export const INHERITING: KernelMode = { name: INHERIT };

/** The group of a task's kernel work, by its own group. */
export function kernelGroupOf({ defaultGroup }: Mount, kernelOf: ReadonlyMap<Group, Group>, group: Group): Group {
  return kernelOf.get(group) ?? defaultGroup;
}

/** Below first: what is refused there has changed nothing here. */
export function changeKernelMode(mount: Mount, next: KernelMode): void {
  setKernelMode(mount.arch, archMode(mount, next));
  const before = mount.kernelMode;
  mount.kernelMode = next;
  const [from, to] = [boundGroup(before), boundGroup(next)];
  if (from !== to) {
    if (from !== undefined) hideKernelCpus(mount, from);
    if (to !== undefined) showKernelCpus(mount, to);
  }
  if (before?.name === next.name) return;
  if (before?.name === PER_GROUP) hideAssignments(mount);
  if (next.name === PER_GROUP) showAssignments(mount);
}

/** The group whose label all kernel work has. */
export function boundGroup(mode: KernelMode | undefined): Group | undefined {
  return mode?.name === GLOBAL ? mode.group : undefined;
}

/** Groups have been made, or have other labels than before. */
export function renewKernelLabels(mount: Mount): void {
  const { kernelMode: mode } = mount;
  if (mount.alive && mode !== undefined && mode.name !== INHERIT) changeKernelMode(mount, mode);
}

/** Groups are removed, whose labels somebody may have next: kernel work that had them goes back to the default. */
export function leaveKernelMode(mount: Mount, removed: readonly Group[]): void {
  const { kernelMode: mode } = mount;
  if (mode?.name === GLOBAL && removed.includes(mode.group)) changeKernelMode(mount, INHERITING);
  if (mode?.name !== PER_GROUP) return;
  const left = [...mode.kernelOf].filter((pair) => !pair.some((group) => removed.includes(group)));
  changeKernelMode(mount, { ...mode, kernelOf: new Map(left) });
}

/** Where a mount begins and ends. Files come and go with the tree. */
export function inheritLabels(mount: Mount): void {
  if (mount.kernelMode === undefined) return;
  setKernelMode(mount.arch, { policy: "inherit" });
  mount.kernelMode = INHERITING;
}

/** A cpu that comes joins, whatever the set was. */
export function addKernelCpu(mount: Mount, cpu: number): void {
  const { kernelMode: mode } = mount;
  if (mode?.name === GLOBAL) changeKernelMode(mount, { ...mode, cpus: new Set([...mode.cpus, cpu]) });
}

/** One that goes leaves, and joins when it comes back. */
export function removeKernelCpu(mount: Mount, cpu: number): void {
  const { kernelMode: mode } = mount;
  if (mode?.name !== GLOBAL) return;
  changeKernelMode(mount, { ...mode, cpus: new Set([...mode.cpus].filter((other) => other !== cpu)) });
}

function archMode(mount: Mount, mode: KernelMode): ArchMode {
  switch (mode.name) {
    case INHERIT:
      return { policy: "inherit" };
    case GLOBAL:
      return { policy: "global", group: mode.group, cpus: mode.cpus };
    case PER_GROUP:
      return {
        policy: "per-group",
        groups: allGroups(mount).map((group) => [group, kernelGroupOf(mount, mode.kernelOf, group)]),
      };
  }
}
