// Groups as info/kernel_mode spells them: ctrl/mon/, with nothing for the default group and where no monitor group is meant
// (more.md section 5.3).

import { toByteString } from "../tree/index.ts";
import type { Group, Mount } from "./group.ts";

/** What stands for no group at all. */
export const NO_GROUP = "uninitialized";

/** "//", "ctrl//", "/mon/" or "ctrl/mon/". A byte string. */
export function spelled(group: Group): string {
  const monitor = group.parent === undefined ? "" : nameOf(group);
  return `${nameOf(group.parent ?? group)}/${monitor}/`;
}

/** The group that is spelled so. EINVAL with the proposal's text; `file` is who asks. */
export function groupSpelled(mount: Mount, text: string, file: string): Group {
  const { status } = mount.core;
  if (text === NO_GROUP) {
    throw status.refuse("EINVAL", "Cannot bind to 'uninitialized' group\n", `${file}: ${NO_GROUP} is no group`);
  }
  const [, control, monitor] = /^([^/]*)\/([^/]*)\/$/.exec(text) ?? [];
  if (control === undefined) {
    const message = `${file}: "${text}" is no group; // is the default group, others are ctrl//, /mon/ or ctrl/mon/`;
    throw status.refuse("EINVAL", "Group must be <ctrl>/<mon>/\n", message);
  }
  const above = mount.groups.find((group) => nameOf(group) === control);
  const found = monitor === "" ? above : above?.monitors.find((group) => nameOf(group) === monitor);
  if (found === undefined) throw status.refuse("EINVAL", "Group not found\n", `${file}: there is no group ${text}`);
  return found;
}

/** The root has no name. */
function nameOf({ directory }: Group): string {
  return toByteString(directory.name);
}
