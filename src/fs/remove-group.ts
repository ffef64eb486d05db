// Removing groups (resctrl-fs.md section 10).

import { unassignAll } from "./counters.ts";
import { label, moveAllCpus } from "./cpus.ts";
import type { Group, Mount } from "./group.ts";
import { leaveKernelMode } from "./kernel-mode.ts";
import { moveAllTasks } from "./tasks.ts";

/** The freed closid keeps its control values until it is given out again. What can be seen changes at one moment. */
export async function removeGroup(mount: Mount, group: Group): Promise<void> {
  const all = [group, ...group.monitors];
  for (const one of all) await unassignAll(mount, one);
  giveAway(mount, group);
  const siblings = group.parent?.monitors ?? mount.groups;
  const at = siblings.indexOf(group);
  if (at >= 0) siblings.splice(at, 1);
  leaveKernelMode(mount, all);
  for (const one of all) release(mount, one);
  mount.tree.remove(group.directory);
}

/** The end of a group that nothing is in any more. */
export function release({ core }: Mount, group: Group): void {
  core.limbo.free(group.closid, group.rmid);
  group.deleted = true;
}

/** Tasks and cpus go to the default group, those of a monitor group back to its control group. */
function giveAway(mount: Mount, group: Group): void {
  const heir = group.parent ?? mount.defaultGroup;
  moveAllTasks(mount, group, heir);
  if (group.kind === "control") {
    moveAllCpus(mount, group, heir);
    return;
  }
  // They have been the control group's all the time.
  for (const cpu of group.cpus) label(mount, cpu, heir);
  group.cpus.clear();
}
