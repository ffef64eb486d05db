// What mkdir, rmdir and rename mean in the tree, and where they are refused (resctrl-fs.md section 10).

import { ErrnoError } from "../errno/index.ts";
import { allocCapable, monCapable } from "../resctrl/index.ts";
import type { Attributes, Caller, Directory, DirectoryOperations } from "../tree/index.ts";
import { deletedError, withGroup } from "./commands.ts";
import type { Group, Mount } from "./group.ts";
import { isKernelCpus } from "./kernel-mode-cpus.ts";
import { makeControl, makeMonitor } from "./make-group.ts";
import { removeGroup } from "./remove-group.ts";
import { renameNode } from "./rename-group.ts";

/** `mount` is asked for late: the tree must be there before it. */
export function directoryOperations(mount: () => Mount): DirectoryOperations {
  return {
    mkdir: (parent, name, mode, caller) => makeDirectory(mount(), parent, name, mode, caller),
    rmdir: (directory) => removeDirectory(mount(), directory),
    rename: (node, newParent, newName) => renameNode(mount(), node, newParent, newName),
  };
}

async function makeDirectory(
  mount: Mount,
  parent: Directory,
  name: string,
  mode: number,
  { uid, gid }: Caller,
): Promise<void> {
  if (name.includes("\n")) throw new ErrnoError("EINVAL", "mkdir: a newline in the name of a group");
  const attributes: Attributes = { mode, uid, gid };
  if (isKernelCpus(mount, name) && mount.places.get(parent)?.kind === "group") {
    throw new ErrnoError("EEXIST", `mkdir: ${name}: the name of a file that comes and goes with the kernel mode`);
  }
  if (parent === mount.tree.root && allocCapable(mount.arch)) {
    await underParent(mount, parent, mount.defaultGroup, name, () => makeControl(mount, name, attributes));
    return;
  }
  if (!monCapable(mount.arch)) throw new ErrnoError("EPERM", `mkdir: ${name}: nothing is monitored here`);
  const place = mount.places.get(parent);
  // Everywhere under info: 7.3 recognises only info and its children, and follows a wrong pointer below them.
  if (place === undefined || place.kind === "info") throw new ErrnoError("ENODEV", `mkdir: ${name}: not in a group`);
  await underParent(mount, parent, place.group, name, () => {
    if (place.kind !== "mon_groups" || name === "mon_groups") {
      throw new ErrnoError("EPERM", `mkdir: ${name}: groups are made in the root, monitor groups in mon_groups`);
    }
    return makeMonitor(mount, place.group, parent, name, attributes);
  });
}

/** Alone, with the parent still there and the name still free. */
function underParent(
  mount: Mount,
  parent: Directory,
  group: Group,
  name: string,
  body: () => Promise<void>,
): Promise<void> {
  const { mutex, status } = mount.core;
  return mutex.run(async () => {
    if (parent.children.has(name)) throw new ErrnoError("EEXIST", `mkdir: ${name}: there already`);
    status.clear();
    if (group.deleted || parent.removed) throw deletedError(mount, group, "ENODEV");
    await body();
  });
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
