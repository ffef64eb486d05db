// The mounted instance as plain data, and back (design.md section 12).

import type { EventName } from "../resctrl/index.ts";
import { type Attributes, type Caller, type Directory, pathOf, type TreeNode } from "../tree/index.ts";
import { countersOf } from "./counters.ts";
import { allGroups, type Group, type GroupMode, type Mount, newGroup } from "./group.ts";
import { addGroupFiles, addMonitoring } from "./layout.ts";
import type { DueWork } from "./workers.ts";

interface SavedGroup extends Attributes {
  readonly path: string;
  readonly closid: number;
  readonly rmid: number;
  readonly groupMode: GroupMode;
  readonly cpus: readonly number[];
}

interface SavedAttributes extends Attributes {
  readonly path: string;
}

export interface SavedMount {
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
}

export function saveMount(mount: Mount, polls: readonly DueWork[]): SavedMount {
  const groups = allGroups(mount).map((group) => ({
    path: pathOf(group.directory),
    mode: group.directory.mode,
    uid: group.directory.uid,
    gid: group.directory.gid,
    closid: group.closid,
    rmid: group.rmid,
    groupMode: group.mode,
    cpus: [...group.cpus],
  }));
  const counters = [...mount.counters].flatMap(([domain, held]) =>
    held.flatMap((entry, counter) =>
      entry === undefined ? [] : [{ domain, counter, path: pathOf(entry.group.directory), event: entry.event }],
    ),
  );
  const { uid, gid } = mount.owner;
  return { owner: { uid, gid }, groups, counters, attributes: touchedBelow(mount.tree.root), polls };
}

/** Rebuilds groups and files. Labels, control values and RMID lists are restored where they live. */
export function restoreMount(mount: Mount, saved: SavedMount): void {
  const byPath = new Map<string, Group>([["/", mount.defaultGroup]]);
  for (const entry of saved.groups) {
    const group = byPath.get(entry.path) ?? rebuild(mount, byPath, entry);
    group.mode = entry.groupMode;
    group.cpus.clear();
    for (const cpu of entry.cpus) group.cpus.add(cpu);
  }
  for (const { domain, counter, path, event } of saved.counters) {
    const d = mount.core.monDomains().find(({ id }) => id === domain);
    const group = byPath.get(path);
    if (d !== undefined && group !== undefined) countersOf(mount, d)[counter] = { group, event };
  }
  for (const { path, mode, uid, gid } of saved.attributes) {
    mount.tree.chmod(path, mode);
    mount.tree.chown(path, uid, gid);
  }
}

function rebuild(mount: Mount, byPath: Map<string, Group>, entry: SavedGroup): Group {
  const names = entry.path.split("/");
  const name = names.pop() ?? "";
  const within = mount.tree.lookup(names.join("/")) as Directory;
  const directory = mount.tree.addDirectory(within, name, entry);
  const monitor = names.at(-1) === "mon_groups";
  const group = newGroup(monitor ? "monitor" : "control", directory, entry.closid, entry.rmid);
  if (monitor) {
    group.parent = byPath.get(names.slice(0, -1).join("/") || "/");
    group.parent?.monitors.push(group);
  } else mount.groups.push(group);
  mount.places.set(directory, { kind: "group", group });
  byPath.set(entry.path, group);
  addGroupFiles(mount, group);
  addMonitoring(mount, group);
  return group;
}

function touchedBelow(node: TreeNode): SavedAttributes[] {
  const { mode, uid, gid } = node;
  const own = node.touched ? [{ path: pathOf(node), mode, uid, gid }] : [];
  if (node.kind === "file") return own;
  return [...own, ...[...node.children.values()].flatMap(touchedBelow)];
}
