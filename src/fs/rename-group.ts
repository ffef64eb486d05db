// Moving monitor groups (resctrl-fs.md section 10).

import { ErrnoError } from "../errno/index.ts";
import { type Directory, type TreeNode, toByteString } from "../tree/index.ts";
import { keepingCounters } from "./counters.ts";
import type { Group, Mount, Place } from "./group.ts";
import { renewKernelLabels } from "./kernel-mode.ts";
import { allocRmid } from "./make-group.ts";
import { moveAllTasks } from "./tasks.ts";

export async function renameNode(mount: Mount, node: TreeNode, newParent: Directory, newName: string): Promise<void> {
  const { core, places } = mount;
  const { mutex, status } = core;
  const shown = toByteString(node.name);
  const holder = node.kind === "directory" ? node : node.parent;
  const source = holder && places.get(holder);
  const target = places.get(newParent);
  if (source === undefined || target === undefined || source.kind === "info" || target.kind === "info") {
    throw new ErrnoError("ENOENT", `rename: ${node.name}: only monitor groups can be moved, to a mon_groups directory`);
  }
  await mutex.run(() => {
    status.clear();
    if (node.kind === "file") {
      // The kernel's text has no newline.
      const text = "Source and destination must be directories";
      throw status.refuse("EPERM", text, `rename: ${shown}: a file`);
    }
    if (source.group.deleted || target.group.deleted) {
      throw new ErrnoError("ENOENT", `rename: ${node.name}: a group has been removed`);
    }
    const group = monitorGroup(mount, source, node);
    if (target.kind !== "mon_groups" || newName === "mon_groups") {
      const text = "Destination must be a mon_groups subdirectory\n";
      throw status.refuse("EPERM", text, `rename: ${toByteString(newName)}: monitor groups live in mon_groups`);
    }
    if (group.parent !== target.group && group.cpus.size > 0) {
      const text = "Cannot move a MON group that monitors CPUs\n";
      throw status.refuse("EPERM", text, `rename: ${shown}: take its cpus away first`);
    }
    if (newParent.children.has(newName)) throw new ErrnoError("EEXIST", `rename: ${newName}: there already`);
    return moveGroup(mount, group, target.group, newParent, newName);
  });
}

function monitorGroup({ core }: Mount, { kind, group }: Exclude<Place, { kind: "info" }>, { name }: TreeNode): Group {
  if (kind === "group" && group.kind === "monitor") return group;
  throw core.status.refuse(
    "EPERM",
    "Source must be a MON group\n",
    `rename: ${toByteString(name)}: not a monitor group`,
  );
}

/** Under another control group everything is labelled anew; within one only the name changes. */
async function moveGroup(mount: Mount, group: Group, to: Group, newParent: Directory, newName: string): Promise<void> {
  const from = group.parent;
  if (from !== undefined && from !== to) await reparent(mount, group, from, to);
  mount.tree.move(group.directory, newParent, newName);
}

/**
 * The moved group gets an RMID of the other closid: on MPAM the old number may be taken there. 7.3 keeps the number, as if
 * nobody could have it.
 */
async function reparent(mount: Mount, group: Group, from: Group, to: Group): Promise<void> {
  const { core, arch } = mount;
  const before = { ...group };
  const keeps = arch.odd.renameKeepsRmid;
  const rmid = keeps ? group.rmid : allocRmid(mount, to.closid);
  await keepingCounters(mount, group, () => {
    group.closid = to.closid;
    group.rmid = rmid;
  });
  moveAllTasks(mount, before, group);
  from.monitors.splice(from.monitors.indexOf(group), 1);
  to.monitors.push(group);
  group.parent = to;
  renewKernelLabels(mount);
  if (!keeps) core.limbo.free(before.closid, before.rmid);
}
