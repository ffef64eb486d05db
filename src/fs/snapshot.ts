// The mounted instance as plain data, and back (design.md section 12). Control values, labels and monitors are restored where
// they live.

import { ErrnoError } from "../errno/index.ts";
import {
  allTasks,
  type EventName,
  findTask,
  matchRmid,
  setClosidRmid,
  type Task,
  type Tasks,
} from "../resctrl/index.ts";
import { type Attributes, type Caller, type Directory, pathOf, type TreeNode } from "../tree/index.ts";
import type { Core } from "./core.ts";
import { countersOf } from "./counters.ts";
import { label } from "./cpus.ts";
import { allGroups, type Group, type GroupMode, type Mount, newGroup } from "./group.ts";
import { restoreKernelMode, type SavedKernelMode, saveKernelMode } from "./kernel-mode-snapshot.ts";
import { appear } from "./make-group.ts";
import { makeMount, startPolling } from "./mounting.ts";
import type { MountFlags, MountOptions } from "./options.ts";
import { checkProposalsHere } from "./proposed.ts";
import type { DueWork } from "./workers.ts";

interface SavedGroup {
  readonly path: string;
  readonly made: Attributes;
  readonly closid: number;
  readonly rmid: number;
  readonly mode: GroupMode;
  readonly cpus: readonly number[];
  /** Threads; of the default group none are told. */
  readonly tids: readonly number[];
}

interface SavedAttributes extends Attributes {
  readonly path: string;
}

export interface SavedMount {
  readonly options: MountFlags & Pick<MountOptions, "expert" | "profile" | "proposed">;
  readonly owner: Caller;
  /** Control groups before their monitor groups, the default group first. */
  readonly groups: readonly SavedGroup[];
  readonly counters: readonly {
    readonly domain: number;
    readonly counter: number;
    readonly path: string;
    readonly event: EventName;
  }[];
  /** Nodes whose owner or permissions were changed. */
  readonly attributes: readonly SavedAttributes[];
  readonly polls: readonly DueWork[];
  /** Only where the mount asks for the proposal. */
  readonly kernelMode?: SavedKernelMode;
}

export function saveMount(mount: Mount): SavedMount {
  const { caller: _caller, tasks: _tasks, ...options } = mount.options;
  const counters = [...mount.counters].flatMap(([domain, held]) =>
    held.flatMap((entry, counter) =>
      entry === undefined ? [] : [{ domain, counter, path: pathOf(entry.group.directory), event: entry.event }],
    ),
  );
  const { uid, gid } = mount.owner;
  const threads = allTasks(mount.arch);
  return {
    options,
    owner: { uid, gid },
    groups: allGroups(mount).map((group) => saveGroup(mount, group, threads)),
    counters,
    attributes: touchedBelow(mount.tree.root),
    polls: mount.polls.save(),
    ...(mount.kernelMode && { kernelMode: saveKernelMode(mount.kernelMode) }),
  };
}

function saveGroup(mount: Mount, group: Group, threads: readonly Task[]): SavedGroup {
  const { closid, rmid, mode, made, directory } = group;
  const mine = threads.filter((task) => matchRmid(mount.arch, task, closid, rmid));
  const tids = group === mount.defaultGroup ? [] : mine.map(({ tid }) => tid);
  const cpus = [...group.cpus].sort((a, b) => a - b);
  return { path: pathOf(directory), made, closid, rmid, mode, cpus, tids };
}

/** Called under the lock. */
export function restoreMount(core: Core, tasks: Tasks | undefined): Mount {
  const saved = core.savedMount as SavedMount | undefined;
  if (saved === undefined) throw new ErrnoError("ENOENT", "restore: nothing was mounted when the snapshot was taken");
  const { arch } = core;
  checkProposalsHere(core, saved.options);
  arch.tasks = tasks ?? arch.driver.machine.processor;
  for (const group of saved.groups) checkThreads(core, group);
  const mount = makeMount(core, { ...saved.options, caller: saved.owner });
  core.savedMount = undefined;
  const byPath = new Map<string, Group>([["/", mount.defaultGroup]]);
  for (const entry of saved.groups) {
    const group = byPath.get(entry.path) ?? rebuild(mount, byPath, entry);
    group.mode = entry.mode;
    takeCpus(mount, group, entry.cpus);
    for (const tid of entry.tids) relabel(mount, group, tid);
  }
  for (const { domain, counter, path, event } of saved.counters) {
    const d = core.monDomains().find(({ id }) => id === domain);
    const group = byPath.get(path);
    if (d !== undefined && group !== undefined) countersOf(mount, d)[counter] = { group, event };
  }
  if (saved.kernelMode !== undefined) {
    const known = new Set(saved.groups.flatMap(({ cpus }) => cpus));
    restoreKernelMode(mount, saved.kernelMode, { byPath, known });
  }
  for (const { path, mode, uid, gid } of saved.attributes) {
    if (!isThere(mount, path)) continue;
    mount.tree.chmod(path, mode);
    mount.tree.chown(path, uid, gid);
  }
  for (const { id } of core.monDomains()) {
    startPolling(mount, id, saved.polls.find(({ domain }) => domain === id)?.dueNs);
  }
  return mount;
}

/** All cpus are the default group's at first. Those that have gone since are nobody's. */
function takeCpus(mount: Mount, group: Group, cpus: readonly number[]): void {
  if (group === mount.defaultGroup) return;
  for (const cpu of cpus) {
    if (!mount.core.cpus.has(cpu)) label(mount, cpu, mount.defaultGroup);
    else {
      group.cpus.add(cpu);
      if (group.kind === "control") mount.defaultGroup.cpus.delete(cpu);
    }
  }
}

/** A directory of mon_data may have gone since, with its domain. */
function isThere({ tree }: Mount, path: string): boolean {
  try {
    tree.lookup(path);
    return true;
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return false;
  }
}

/** Threads of the machine are those of the snapshot; others may have ended, or be on another host. */
function checkThreads({ arch }: Core, { path, tids }: SavedGroup): void {
  const missing = tids.find((tid) => findTask(arch, tid) === undefined);
  if (missing === undefined) return;
  const message = `restore: thread ${missing} was in ${path} when the snapshot was taken, and is not here`;
  throw new ErrnoError("EINVAL", `${message}; give the tasks it was mounted with`);
}

function relabel({ arch }: Mount, { closid, rmid }: Group, tid: number): void {
  const task = findTask(arch, tid);
  if (task !== undefined && !matchRmid(arch, task, closid, rmid)) setClosidRmid(arch, task, closid, rmid);
}

function rebuild(mount: Mount, byPath: Map<string, Group>, entry: SavedGroup): Group {
  const names = entry.path.split("/");
  const name = names.pop() ?? "";
  const within = mount.tree.lookup(names.join("/")) as Directory;
  const directory = mount.tree.newDirectory(within, name, entry.made);
  const parent = names.at(-1) === "mon_groups" ? byPath.get(names.slice(0, -1).join("/") || "/") : undefined;
  const group = newGroup(parent === undefined ? "control" : "monitor", directory, entry, parent);
  (parent?.monitors ?? mount.groups).push(group);
  byPath.set(entry.path, group);
  appear(mount, group);
  return group;
}

function touchedBelow(node: TreeNode): SavedAttributes[] {
  const { mode, uid, gid } = node;
  const own = node.touched ? [{ path: pathOf(node), mode, uid, gid }] : [];
  if (node.kind === "file") return own;
  return [...own, ...[...node.children.values()].flatMap(touchedBelow)];
}
