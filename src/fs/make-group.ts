// Making groups (resctrl-fs.md sections 9 and 10). A group is seen when it is complete; one that cannot be completed never was.

import { ErrnoError } from "../errno/index.ts";
import { monCapable } from "../resctrl/index.ts";
import type { Attributes, Directory } from "../tree/index.ts";
import { assignAll, unassignAll } from "./counters.ts";
import { initControls } from "./first-controls.ts";
import { type Group, type Mount, newGroup } from "./group.ts";
import { renewKernelLabels } from "./kernel-mode.ts";
import { addGroup } from "./layout.ts";

/** CLOSID, RMID, counters, first values, then the directory. */
export async function makeControl(mount: Mount, name: string, attributes: Attributes): Promise<void> {
  const closid = allocClosid(mount);
  const rmid = allocRmid(mount, closid);
  const directory = mount.tree.newDirectory(mount.tree.root, name, attributes);
  const group = newGroup("control", directory, { closid, rmid });
  await complete(mount, group, mount.groups, async () => {
    await assignAll(mount, group);
    await initControls(mount, closid);
  });
}

export async function makeMonitor(
  mount: Mount,
  parent: Group,
  within: Directory,
  name: string,
  attributes: Attributes,
): Promise<void> {
  const rmid = allocRmid(mount, parent.closid);
  const directory = mount.tree.newDirectory(within, name, attributes);
  const group = newGroup("monitor", directory, { closid: parent.closid, rmid }, parent);
  await complete(mount, group, parent.monitors, () => assignAll(mount, group));
}

/** Runs what a group needs, and puts it among its siblings and into the tree. Whatever fails, nothing stays. */
async function complete(mount: Mount, group: Group, siblings: Group[], body: () => Promise<void>): Promise<void> {
  try {
    await body();
    if (!mount.alive) throw mount.core.status.error("ENODEV", "mkdir: MPAM was disabled meanwhile");
    // At once: MPAM may end at any other moment.
    siblings.push(group);
    appear(mount, group);
    renewKernelLabels(mount);
  } catch (error) {
    await unassignAll(mount, group);
    mount.core.limbo.free(group.closid, group.rmid);
    throw error;
  }
}

/** Puts the files into the directory of a group, and then the directory into the tree. */
export function appear(mount: Mount, group: Group): void {
  mount.places.set(group.directory, { kind: "group", group });
  addGroup(mount, group);
  mount.tree.attach(group.directory);
}

/** Where occupancy is monitored the lowest clean closid, or the one with fewest dirty RMIDs; else the lowest. */
function allocClosid(mount: Mount): number {
  const { core, groups, schemas } = mount;
  const count = Math.min(...schemas.map((schema) => schema.numClosid));
  const used = new Set(groups.map(({ closid }) => closid));
  const dirtyCounts = mount.arch.events.has("llc_occupancy") ? core.rmids.dirtyCounts() : new Map<number, number>();
  let best: { closid: number; dirty: number } | undefined;
  for (let closid = 0; closid < count && best?.dirty !== 0; closid++) {
    if (used.has(closid)) continue;
    const dirty = dirtyCounts.get(closid) ?? 0;
    if (best === undefined || dirty < best.dirty) best = { closid, dirty };
  }
  if (best === undefined) {
    throw core.status.refuse("ENOSPC", "Out of CLOSIDs\n", `mkdir: all ${count} closids are in use`);
  }
  return best.closid;
}

/** Without monitors no RMID is dealt: all groups have RMID 0. */
export function allocRmid(mount: Mount, closid: number): number {
  if (!monCapable(mount.arch)) return 0;
  try {
    return mount.core.rmids.alloc(closid);
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    throw mount.core.status.because(error, "Out of RMIDs\n");
  }
}
