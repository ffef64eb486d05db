// Control and monitor groups, and the mounted instance they belong to.

import type { Arch, ConfigType, EventName, Resource } from "../resctrl/index.ts";
import type { Attributes, Caller, Directory, Tree } from "../tree/index.ts";
import type { Core } from "./core.ts";
import type { KernelMode } from "./kernel-mode.ts";
import type { MountOptions } from "./options.ts";
import type { Workers } from "./workers.ts";

export type GroupMode = "shareable" | "exclusive";

export interface Group {
  readonly kind: "control" | "monitor";
  closid: number;
  rmid: number;
  /** The control group a monitor group belongs to. */
  parent: Group | undefined;
  /** Monitor groups of a control group, in the order they were made. */
  readonly monitors: Group[];
  mode: GroupMode;
  readonly cpus: Set<number>;
  readonly directory: Directory;
  /** What the directory was made with: its files belong to this owner, whenever they appear. */
  readonly made: Attributes;
  deleted: boolean;
}

/** One line of a schemata file. */
export interface Schema {
  readonly name: string;
  readonly type: ConfigType;
  readonly resource: Resource;
  readonly numClosid: number;
}

/** Who has a bandwidth counter of a domain. */
export interface Assignment {
  readonly group: Group;
  readonly event: EventName;
}

/** What a directory is for. Everything under info is "info". */
export type Place =
  | { readonly kind: "group"; readonly group: Group }
  | { readonly kind: "mon_groups"; readonly group: Group }
  | { readonly kind: "mon_data"; readonly group: Group }
  | { readonly kind: "info" };

/** Everything that exists only while mounted. */
export interface Mount {
  readonly core: Core;
  readonly arch: Arch;
  readonly tree: Tree;
  readonly options: MountOptions;
  /** In the order they are shown. */
  readonly schemas: readonly Schema[];
  /** Owner of what is there from the start. */
  readonly owner: Caller;
  readonly places: WeakMap<Directory, Place>;
  readonly defaultGroup: Group;
  /** Control groups in the order they were made, the default group first. */
  readonly groups: Group[];
  /** Per monitor domain, by counter number. */
  readonly counters: Map<number, (Assignment | undefined)[]>;
  /** Whose label kernel work has; undefined where the mount does not ask for the proposal. */
  kernelMode: KernelMode | undefined;
  /** Reading counters before they overflow. */
  readonly polls: Workers;
  /** False from the start of unmounting, or when MPAM is disabled. */
  alive: boolean;
}

export function newGroup(
  kind: Group["kind"],
  directory: Directory,
  ids: { readonly closid: number; readonly rmid: number },
  parent?: Group,
): Group {
  const { mode, uid, gid } = directory;
  const { closid, rmid } = ids;
  return {
    kind,
    closid,
    rmid,
    parent,
    monitors: [],
    mode: "shareable",
    cpus: new Set(),
    directory,
    made: { mode, uid, gid },
    deleted: false,
  };
}

/** Every group there is, monitor groups after their control group. */
export function allGroups(mount: Mount): Group[] {
  return mount.groups.flatMap((group) => [group, ...group.monitors]);
}
