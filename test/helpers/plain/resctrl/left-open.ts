// What the reference leaves open: in which of its own ways the parser says that a mask of cpus is none at all.

import type { Answered, Asked } from "../../../../src/fuse/journal.ts";

const PARSERS = ["EINVAL", "EOVERFLOW", "ERANGE"];

/** Whether both refuse what was written to cpus, by an errno of the parser, and it is no mask. */
export function isParsersOwn(asked: Asked, expected: Answered, found: Answered): boolean {
  if (asked.op !== "write" || !asked.path.endsWith("/cpus") || /^[0-9a-f,-]*\n?$/i.test(asked.data)) return false;
  return [expected, found].every(({ errno }) => errno !== undefined && PARSERS.includes(errno));
}
