// What kernel 7.3.4 does in resctrl that is hazardous, one field for each. All of it is repaired, unless the driver was
// asked for `compat: "linux-7.3"`. Sections are those of resctrl-glue.md and resctrl-fs.md; docs/modelled.md lists both
// behaviours.

import type { Compat } from "../driver/index.ts";

export interface Oddities {
  /** glue 2.3: of two classes that count bandwidth memory is kept where it is seen before the L3; else the L3 wins. */
  readonly keepsMemoryCounters: boolean;
  /**
   * glue 6: CDP that is refused leaves its flags set, and a mount that fails takes back some of them; else none is set.
   */
  readonly cdpStaysHalfOn: boolean;
  /** glue 7: a percentage is rounded up to the granularity before it is converted; else it is converted as written. */
  readonly roundsBandwidthUp: boolean;
  /** glue 7: what is rounded up beyond 100 can wrap to 0, the minimum; else it counts as 100. */
  readonly bandwidthWraps: boolean;
  /**
   * glue 10.1: a signal that ends waiting for a monitor lets the reading go on with an errno for a number; else EINTR.
   */
  readonly readsAfterSignal: boolean;
  /** glue 10.1: monitors that nobody will give back are waited for; else EINVAL. */
  readonly waitsForEver: boolean;
  /**
   * glue 10.2: under CDP an occupancy is added to what the caller has, which adds up in the limbo scan; else it is set.
   */
  readonly addsOccupancy: boolean;
  /** glue 10.2, fs 9: an unexpected error is shown as the number so far; else as a word. */
  readonly printsNumberSoFar: boolean;
  /** glue 10.3: one table says for all domains which monitor counts for whom; else each domain has its own. */
  readonly oneCounterTable: boolean;
  /** glue 10.3: a counter begins to count when it is read for the first time; else when it is assigned. */
  readonly countsFromFirstRead: boolean;
  /**
   * fs 10: a monitor group keeps its RMID in another control group, where somebody may have it; else it gets a new one.
   */
  readonly renameKeepsRmid: boolean;
  /** fs 12, more.md 4.4: behind a pattern in a list of cpus a newline separates; else it ends the list. */
  readonly newlineAfterPattern: boolean;
}

export const REPAIRED: Oddities = {
  keepsMemoryCounters: false,
  cdpStaysHalfOn: false,
  roundsBandwidthUp: false,
  bandwidthWraps: false,
  readsAfterSignal: false,
  waitsForEver: false,
  addsOccupancy: false,
  printsNumberSoFar: false,
  oneCounterTable: false,
  countsFromFirstRead: false,
  renameKeepsRmid: false,
  newlineAfterPattern: false,
};

export const LINUX_7_3: Oddities = {
  keepsMemoryCounters: true,
  cdpStaysHalfOn: true,
  roundsBandwidthUp: true,
  bandwidthWraps: true,
  readsAfterSignal: true,
  waitsForEver: true,
  addsOccupancy: true,
  printsNumberSoFar: true,
  oneCounterTable: true,
  countsFromFirstRead: true,
  renameKeepsRmid: true,
  newlineAfterPattern: true,
};

/** The driver has refused a `compat` that it does not know. */
export function odditiesOf(compat: Compat | undefined): Oddities {
  return compat === undefined ? REPAIRED : LINUX_7_3;
}
