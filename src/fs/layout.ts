// Which files and directories there are, and with which permissions (resctrl-fs.md section 4).

import { getResource, type MonDomain, monCapable } from "../resctrl/index.ts";
import type { Attributes, Directory } from "../tree/index.ts";
import { assignmentsFile } from "./assignments.ts";
import { type GroupHandlers, groupFile, infoFile } from "./commands.ts";
import { cpusFile } from "./cpus.ts";
import type { Group, Mount } from "./group.ts";
import { type InfoDirectory, infoDirectory } from "./info.ts";
import { modeFile } from "./mode.ts";
import { monitorFile } from "./monitor-data.ts";
import { shownEvents } from "./profile.ts";
import { schemataFile, sizeFile } from "./schemata.ts";
import { tasksFile } from "./tasks.ts";

/** Files belong to whoever made the group, or mounted. */
function owned({ uid, gid }: Pick<Attributes, "uid" | "gid">, mode: number): Attributes {
  return { mode, uid, gid };
}

/** Everything in the directory of a group. */
export function addGroup(mount: Mount, group: Group): void {
  addGroupFiles(mount, group);
  if (monCapable(mount.arch)) addMonitoring(mount, group);
}

function addGroupFiles(mount: Mount, group: Group): void {
  const add = (name: string, mode: number, handlers: GroupHandlers): void => {
    mount.tree.addFile(group.directory, name, owned(group.made, mode), groupFile(mount, group, handlers));
  };
  const { debug = false } = mount.options;
  add("tasks", 0o644, tasksFile(mount));
  add("cpus", 0o644, cpusFile(mount, false));
  add("cpus_list", 0o644, cpusFile(mount, true));
  if (group.kind === "control") {
    add("schemata", 0o644, schemataFile(mount));
    add("mode", 0o644, modeFile(mount));
    add("size", 0o444, sizeFile(mount));
    if (debug) add("ctrl_hw_id", 0o444, { read: ({ closid }) => `${closid}\n` });
  }
  if (debug && monCapable(mount.arch)) add("mon_hw_id", 0o444, { read: ({ rmid }) => `${rmid}\n` });
  if (getResource(mount.arch, "L3").mon.cntrAssignable) add("mbm_L3_assignments", 0o644, assignmentsFile(mount));
}

/** mon_groups, for control groups, and mon_data. Directories inherit the mode of the group. */
function addMonitoring(mount: Mount, group: Group): void {
  const { tree, places } = mount;
  const { directory, made } = group;
  if (group.kind === "control") {
    places.set(tree.addDirectory(directory, "mon_groups", made), { kind: "mon_groups", group });
  }
  places.set(tree.addDirectory(directory, "mon_data", made), { kind: "mon_data", group });
  for (const d of mount.core.monDomains()) addDomain(mount, group, d);
}

/** The counters of a group in one domain. They appear at once, and take their mode from mon_data as it is now. */
export function addDomain(mount: Mount, group: Group, d: MonDomain): void {
  const { tree, places } = mount;
  const data = dataOf(group);
  const name = domainName(d);
  // Of two domains with one id the second is dropped.
  if (data === undefined || data.children.has(name)) return;
  const inner = tree.newDirectory(data, name, owned(group.made, data.mode));
  inner.touched = data.touched;
  places.set(inner, { kind: "mon_data", group });
  for (const shown of shownEvents(mount)) {
    tree.addFile(inner, shown.name, owned(group.made, 0o444), monitorFile(mount, group, d.id, shown));
  }
  tree.attach(inner);
}

export function removeDomain(mount: Mount, group: Group, d: MonDomain): void {
  const inner = dataOf(group)?.children.get(domainName(d));
  if (inner !== undefined) mount.tree.remove(inner);
}

function dataOf(group: Group): Directory | undefined {
  const data = group.directory.children.get("mon_data");
  return data?.kind === "directory" ? data : undefined;
}

function domainName(d: MonDomain): string {
  return `mon_L3_${String(d.id).padStart(2, "0")}`;
}

export function addInfo(mount: Mount): void {
  addInfoDirectory(mount, mount.tree.root, infoDirectory(mount));
}

function addInfoDirectory(mount: Mount, parent: Directory, { name, files, directories = [] }: InfoDirectory): void {
  const { tree, owner } = mount;
  const directory = tree.addDirectory(parent, name, owned(owner, parent.mode));
  mount.places.set(directory, { kind: "info" });
  for (const file of files) tree.addFile(directory, file.name, owned(owner, file.mode), infoFile(mount, file));
  for (const inner of directories) addInfoDirectory(mount, directory, inner);
}
