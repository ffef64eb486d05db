// The profile x86: files that MPAM machines do not have, for programs made for x86 that insist on them. All else stays as it is
// (docs/resctrl.md).

import { EVENTS, type EventName } from "../resctrl/index.ts";
import { pathOf, type TreeNode } from "../tree/index.ts";
import type { Mount } from "./group.ts";
import type { InfoFile } from "./info.ts";

/** What tells an added file from the others. */
const MARK = { "user.mpam.profile": "x86" } as const;

/** An event as a file of mon_data shows it. */
export interface ShownEvent {
  readonly name: string;
  /** The event that is read. */
  readonly event: EventName;
  /** Mark of the added ones. */
  readonly extended?: typeof MARK;
}

function isX86(mount: Mount): boolean {
  return mount.options.profile === "x86";
}

/** In order of event number. An MSC cannot tell local traffic from remote, so an added mbm_local_bytes is the total. */
export function shownEvents(mount: Mount): ShownEvent[] {
  const shown: ShownEvent[] = EVENTS.filter((event) => mount.arch.events.has(event)).map((event) => {
    return { name: event, event };
  });
  if (isX86(mount) && mount.arch.events.has("mbm_total_bytes")) {
    shown.push({ name: "mbm_local_bytes", event: "mbm_total_bytes", extended: MARK });
  }
  return shown;
}

/** A file that only x86 has in info/MB. */
export function throttleModeFile(mount: Mount): InfoFile[] {
  if (!isX86(mount)) return [];
  return [{ name: "thread_throttle_mode", mode: 0o444, read: () => "max\n", extended: MARK }];
}

/** Paths of the files that 7.3.4 does not have on MPAM, sorted: they and no others have an extended attribute. */
export function addedBelow(node: TreeNode): string[] {
  if (node.kind === "file") return node.content.extended === undefined ? [] : [pathOf(node)];
  return [...node.children.values()].flatMap(addedBelow).sort();
}
