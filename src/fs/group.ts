// Control and monitor groups, and the mounted instance they belong to.

import { ErrnoError } from "../errno/index.ts";
import type { Arch, ConfigType, EventName, Resource } from "../resctrl/index.ts";
import type { Caller, Directory, FileContent, Tree } from "../tree/index.ts";
import type { Core } from "./core.ts";

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
  /** False from the start of unmounting, or when MPAM is disabled. */
  alive: boolean;
}

export function newGroup(kind: Group["kind"], directory: Directory, closid: number, rmid: number): Group {
  const cpus = new Set<number>();
  return { kind, closid, rmid, parent: undefined, monitors: [], mode: "shareable", cpus, directory, deleted: false };
}

/** Every group there is, monitor groups after their control group. */
export function allGroups(mount: Mount): Group[] {
  return mount.groups.flatMap((group) => [group, ...group.monitors]);
}

/**
 * Runs a command on a group alone. last_cmd_status starts empty, for reads as well; a group that was removed while the
 * command waited is refused (resctrl-fs.md sections 2 and 3).
 */
export function withGroup<T>(mount: Mount, group: Group, body: () => T | Promise<T>): Promise<T> {
  const { mutex, status } = mount.core;
  return mutex.run(() => {
    status.clear();
    if (group.deleted) {
      const { name } = group.directory;
      const text = `Resource group ${name} deleted. No commands possible.\n`;
      throw status.refuseFormatted("ENOENT", text, `${name}: the group has been removed`);
    }
    return body();
  });
}

export interface GroupHandlers {
  read(group: Group, caller: Caller): string | Promise<string>;
  write?(group: Group, bytes: string, caller: Caller): void | Promise<void>;
}

export function groupFile(mount: Mount, group: Group, handlers: GroupHandlers): FileContent {
  return {
    read: (caller) => withGroup(mount, group, () => handlers.read(group, caller)),
    write: (bytes, caller) => withGroup(mount, group, () => writeWith(mount, group, handlers, bytes, caller)),
  };
}

function writeWith(mount: Mount, group: Group, handlers: GroupHandlers, bytes: string, caller: Caller) {
  if (handlers.write === undefined) throw mount.core.status.error("EINVAL", "nothing can be written to this file");
  return handlers.write(group, bytes, caller);
}

export interface InfoHandlers {
  read(): string;
  /** True for the few info files whose reading empties last_cmd_status. */
  readonly readingClears?: boolean;
  write?(bytes: string): void;
}

export function infoFile(mount: Mount, handlers: InfoHandlers): FileContent {
  const { mutex, status } = mount.core;
  const alone = <T>(clears: boolean, body: () => T): Promise<T> =>
    mutex.run(() => {
      if (!mount.alive) throw new ErrnoError("ENOENT", "the mount this file belonged to is gone");
      if (clears) status.clear();
      return body();
    });
  return {
    read: () => alone(handlers.readingClears ?? false, () => handlers.read()),
    write: (bytes) =>
      alone(true, () => {
        if (handlers.write === undefined) throw status.error("EINVAL", "nothing can be written to this file");
        handlers.write(bytes);
      }),
  };
}
