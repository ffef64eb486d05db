// A control or monitor group.

import type { PlainNode } from "./nodes.ts";

export interface PlainGroup {
  readonly type: "control" | "monitor";
  closid: number;
  rmid: number;
  /** Of a monitor group. */
  parent: PlainGroup | undefined;
  /** Monitor groups of a control group, in the order in which they were made. */
  readonly children: PlainGroup[];
  /** Control groups own cpus; monitor groups watch some of their parent's. */
  cpus: Set<number>;
  /** Domains in which the group has a counter, and its number. */
  readonly counters: Map<number, number>;
  node: PlainNode | undefined;
}
