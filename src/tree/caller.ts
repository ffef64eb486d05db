// Who makes a system call, and what the permission bits of a node let them do.

import type { TreeNode } from "./node.ts";

/** Who makes a call: user, group and the rest that permission checks look at. */
export interface Caller {
  /** File system user and group. 0 overrides every permission check. */
  readonly uid: number;
  readonly gid: number;
  /** Thread id of the caller, where there is one: what "0" means in a list of tasks. */
  readonly pid?: number;
  /** Aborted when the caller gives up waiting: what waits then ends with EINTR. */
  readonly signal?: AbortSignal | undefined;
  /** A kernel has checked the permission bits already, and knows groups of the caller that are not told here. */
  readonly checked?: boolean;
}

export const ROOT: Caller = { uid: 0, gid: 0 };

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

/** The usual owner, group, other rule: the first class that fits decides. */
export function permitted(node: TreeNode, wanted: number, caller: Caller): boolean {
  if (caller.uid === 0 || caller.checked) return true;
  let bits = node.mode & 7;
  if (caller.uid === node.uid) bits = (node.mode >> 6) & 7;
  else if (caller.gid === node.gid) bits = (node.mode >> 3) & 7;
  return (bits & wanted) === wanted;
}
