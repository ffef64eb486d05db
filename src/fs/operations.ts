// Making, removing and moving groups (resctrl-fs.md sections 9 and 10).

import { ErrnoError } from "../errno/index.ts";
import { allocCapable, monCapable } from "../resctrl/index.ts";
import type { Caller, Directory, DirectoryOperations, TreeNode } from "../tree/index.ts";
import { assignAll, keepingCounters, unassignAll } from "./counters.ts";
import { label, moveAllCpus } from "./cpus.ts";
import { type Group, type Mount, newGroup, withGroup } from "./group.ts";
import { addGroupFiles, addMonitoring } from "./layout.ts";
import { initControls } from "./schemata.ts";
import { moveAllTasks } from "./tasks.ts";

/** `mount` is asked for late: the tree must be there before it. */
export function directoryOperations(mount: () => Mount): DirectoryOperations {
  return {
    mkdir: (parent, name, mode, caller) => makeGroup(mount(), parent, name, mode, caller),
    rmdir: (directory) => removeDirectory(mount(), directory),
    rename: (node, newParent, newName) => renameNode(mount(), node, newParent, newName),
  };
}

async function makeGroup(mount: Mount, parent: Directory, name: string, mode: number, caller: Caller): Promise<void> {
  if (name.includes("\n")) throw new ErrnoError("EINVAL", "mkdir: a newline in the name of a group");
  const place = mount.places.get(parent);
  const attributes = { mode, uid: caller.uid, gid: caller.gid };
  if (parent === mount.tree.root && allocCapable(mount.arch)) {
    await underParent(mount, parent, mount.defaultGroup, name, () => makeControl(mount, name, attributes));
    return;
  }
  if (!monCapable(mount.arch)) throw new ErrnoError("EPERM", `mkdir: ${name}: nothing is monitored here`);
  // Everywhere under info: 7.3 recognises only info and its children, and follows a wrong pointer below them.
  if (place === undefined || place.kind === "info") throw new ErrnoError("ENODEV", `mkdir: ${name}: not in a group`);
  await underParent(mount, parent, place.group, name, () => {
    if (place.kind !== "mon_groups" || name === "mon_groups") {
      throw new ErrnoError("EPERM", `mkdir: ${name}: groups are made in the root, monitor groups in mon_groups`);
    }
    return makeMonitor(mount, place.group, parent, name, attributes);
  });
}

type NewAttributes = { readonly mode: number; readonly uid: number; readonly gid: number };

/** Alone, with the parent still there and the name still free. */
async function underParent(
  mount: Mount,
  parent: Directory,
  group: Group,
  name: string,
  body: () => void | Promise<void>,
): Promise<void> {
  await mount.core.mutex.run(async () => {
    if (group.deleted || parent.removed) throw new ErrnoError("ENODEV", `mkdir: ${name}: its parent has been removed`);
    if (parent.children.has(name)) throw new ErrnoError("EEXIST", `mkdir: ${name}: there already`);
    mount.core.status.clear();
    await body();
  });
}

/** CLOSID, RMID, first values, then the directory; whatever fails, nothing stays. */
async function makeControl(mount: Mount, name: string, attributes: NewAttributes): Promise<void> {
  const { core, tree } = mount;
  const closid = allocClosid(mount);
  const rmid = allocRmid(mount, closid);
  const directory = tree.addDirectory(tree.root, name, attributes);
  const group = newGroup("control", directory, closid, rmid);
  mount.places.set(directory, { kind: "group", group });
  mount.groups.push(group);
  addGroupFiles(mount, group);
  await assignAll(mount, group);
  try {
    await initControls(mount, closid);
  } catch (error) {
    await dropGroup(mount, group);
    throw error;
  }
  if (!mount.alive) throw core.status.error("ENODEV", `mkdir: ${name}: MPAM was disabled meanwhile`);
  addMonitoring(mount, group);
}

async function makeMonitor(
  mount: Mount,
  parent: Group,
  within: Directory,
  name: string,
  attributes: NewAttributes,
): Promise<void> {
  const rmid = allocRmid(mount, parent.closid);
  const directory = mount.tree.addDirectory(within, name, attributes);
  const group = newGroup("monitor", directory, parent.closid, rmid);
  group.parent = parent;
  parent.monitors.push(group);
  mount.places.set(directory, { kind: "group", group });
  addGroupFiles(mount, group);
  await assignAll(mount, group);
  addMonitoring(mount, group);
}

/** Where occupancy is monitored the lowest clean closid, or the one with fewest dirty RMIDs; else the lowest. */
function allocClosid(mount: Mount): number {
  const { core, groups, schemas } = mount;
  const count = Math.min(...schemas.map((schema) => schema.numClosid));
  const used = new Set(groups.map(({ closid }) => closid));
  const watched = mount.arch.events.has("llc_occupancy");
  let best: { closid: number; dirty: number } | undefined;
  for (let closid = 0; closid < count && best?.dirty !== 0; closid++) {
    if (used.has(closid)) continue;
    const dirty = watched ? core.rmids.dirtyOf(closid) : 0;
    if (best === undefined || dirty < best.dirty) best = { closid, dirty };
  }
  if (best === undefined) {
    throw core.status.refuse("ENOSPC", "Out of CLOSIDs\n", `mkdir: all ${count} closids are in use`);
  }
  return best.closid;
}

function allocRmid(mount: Mount, closid: number): number {
  try {
    return mount.core.rmids.alloc(closid);
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    throw mount.core.status.because(error, "Out of RMIDs\n");
  }
}

/** Gives back what a group holds and takes it out of the tree. Its tasks and cpus have been moved before. */
async function dropGroup(mount: Mount, group: Group): Promise<void> {
  for (const monitor of [...group.monitors]) await dropGroup(mount, monitor);
  await unassignAll(mount, group);
  mount.core.freeRmid(group.closid, group.rmid);
  group.deleted = true;
  const siblings = group.parent?.monitors ?? mount.groups;
  const at = siblings.indexOf(group);
  if (at >= 0) siblings.splice(at, 1);
  mount.tree.remove(group.directory);
}

async function removeDirectory(mount: Mount, directory: Directory): Promise<void> {
  const place = mount.places.get(directory);
  const refused = (): ErrnoError => new ErrnoError("EPERM", `rmdir: ${directory.name}: only groups can be removed`);
  if (place === undefined || place.kind === "info") throw refused();
  await withGroup(mount, place.group, () => {
    if (place.kind !== "group") throw refused();
    return removeGroup(mount, place.group);
  });
}

/** The freed closid keeps its control values until it is given out again. */
export async function removeGroup(mount: Mount, group: Group): Promise<void> {
  const heir = group.parent ?? mount.defaultGroup;
  moveAllTasks(mount, group, heir);
  if (group.kind === "control") {
    for (const monitor of group.monitors) monitor.cpus.clear();
    moveAllCpus(mount, group, heir);
  } else {
    for (const cpu of group.cpus) label(mount, cpu, heir);
    group.cpus.clear();
  }
  await dropGroup(mount, group);
}

async function renameNode(mount: Mount, node: TreeNode, newParent: Directory, newName: string): Promise<void> {
  const { core, places } = mount;
  const holder = node.kind === "directory" ? node : node.parent;
  const source = holder && places.get(holder);
  const target = places.get(newParent);
  if (source === undefined || target === undefined || source.kind === "info" || target.kind === "info") {
    throw new ErrnoError("ENOENT", `rename: ${node.name}: only monitor groups can be moved, to a mon_groups directory`);
  }
  const { status } = core;
  await core.mutex.run(() => {
    if (source.group.deleted || target.group.deleted) {
      throw new ErrnoError("ENOENT", `rename: ${node.name}: a group has been removed`);
    }
    status.clear();
    if (node.kind !== "directory") {
      const text = "Source and destination must be directories";
      throw status.refuse("EPERM", text, `rename: ${node.name}: a file`);
    }
    if (source.kind !== "group" || source.group.kind !== "monitor") {
      throw status.refuse("EPERM", "Source must be a MON group\n", `rename: ${node.name}: not a monitor group`);
    }
    if (target.kind !== "mon_groups" || newName === "mon_groups") {
      const text = "Destination must be a mon_groups subdirectory\n";
      throw status.refuse("EPERM", text, `rename: ${newName}: monitor groups live in mon_groups`);
    }
    return moveGroup(mount, source.group, target.group, newParent, newName);
  });
}

/**
 * Under another control group the moved one gets an RMID of that group's closid: on MPAM the old number may be taken there.
 * 7.3 keeps the number (resctrl-fs.md section 10, marked as a hazard).
 */
async function moveGroup(mount: Mount, group: Group, to: Group, newParent: Directory, newName: string): Promise<void> {
  const { core, tree } = mount;
  const from = group.parent;
  if (from === undefined || from === to) {
    tree.move(group.directory, newParent, newName);
    return;
  }
  if (group.cpus.size > 0) {
    const text = "Cannot move a MON group that monitors CPUs\n";
    throw core.status.refuse("EPERM", text, `rename: ${group.directory.name}: take its cpus away first`);
  }
  if (newParent.children.has(newName)) throw new ErrnoError("EEXIST", `rename: ${newName}: there already`);
  const rmid = allocRmid(mount, to.closid);
  const old = { closid: group.closid, rmid: group.rmid };
  tree.move(group.directory, newParent, newName);
  const before = { ...group };
  await keepingCounters(mount, group, () => {
    group.closid = to.closid;
    group.rmid = rmid;
  });
  moveAllTasks(mount, before, group);
  from.monitors.splice(from.monitors.indexOf(group), 1);
  to.monitors.push(group);
  group.parent = to;
  core.freeRmid(old.closid, old.rmid);
}
