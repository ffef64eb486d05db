// Which files and directories there are, and with which permissions (resctrl-fs.md section 4).

import { EVENTS, getResource, monCapable } from "../resctrl/index.ts";
import type { Attributes, Directory, Tree } from "../tree/index.ts";
import { assignmentsFile } from "./counters.ts";
import { cpusFile } from "./cpus.ts";
import { type Group, type GroupHandlers, groupFile, infoFile, type Mount } from "./group.ts";
import { type InfoDirectory, infoDirectory } from "./info.ts";
import { monitorFile } from "./monitor-data.ts";
import { modeFile, schemataFile, sizeFile } from "./schemata.ts";
import { tasksFile } from "./tasks.ts";

/** Files of a group belong to whoever made it. */
function owned(directory: Directory, mode: number): Attributes {
  return { mode, uid: directory.uid, gid: directory.gid };
}

export function addGroupFiles(mount: Mount, group: Group): void {
  const { tree } = mount;
  const { directory } = group;
  const add = (name: string, mode: number, handlers: GroupHandlers): void => {
    tree.addFile(directory, name, owned(directory, mode), groupFile(mount, group, handlers));
  };
  add("tasks", 0o644, tasksFile(mount));
  add("cpus", 0o644, cpusFile(mount, false));
  add("cpus_list", 0o644, cpusFile(mount, true));
  if (group.kind === "control") {
    add("schemata", 0o644, schemataFile(mount));
    add("mode", 0o644, modeFile(mount));
    add("size", 0o444, sizeFile(mount));
  }
  if (getResource(mount.arch, "L3").mon.cntrAssignable) add("mbm_L3_assignments", 0o644, assignmentsFile(mount));
}

/** mon_groups, for control groups, and mon_data. Directories inherit the mode of the group. */
export function addMonitoring(mount: Mount, group: Group): void {
  if (!monCapable(mount.arch)) return;
  const { tree, places } = mount;
  const { directory } = group;
  const { mode } = directory;
  if (group.kind === "control") {
    places.set(tree.addDirectory(directory, "mon_groups", owned(directory, mode)), { kind: "mon_groups", group });
  }
  const data = tree.addDirectory(directory, "mon_data", owned(directory, mode));
  places.set(data, { kind: "mon_data", group });
  for (const d of mount.core.monDomains()) {
    const name = `mon_L3_${String(d.id).padStart(2, "0")}`;
    const inner = tree.addDirectory(data, name, owned(directory, mode));
    places.set(inner, { kind: "mon_data", group });
    for (const event of EVENTS) {
      if (!mount.arch.events.has(event)) continue;
      tree.addFile(inner, event, owned(directory, 0o444), monitorFile(mount, group, d, event));
    }
  }
}

export function addInfo(mount: Mount): void {
  addInfoDirectory(mount, mount.tree, mount.tree.root, infoDirectory(mount));
}

function addInfoDirectory(mount: Mount, tree: Tree, parent: Directory, description: InfoDirectory): void {
  const directory = tree.addDirectory(parent, description.name, owned(parent, parent.mode));
  mount.places.set(directory, { kind: "info" });
  for (const file of description.files) {
    tree.addFile(directory, file.name, owned(parent, file.mode), infoFile(mount, file));
  }
  for (const inner of description.directories ?? []) addInfoDirectory(mount, tree, directory, inner);
}
