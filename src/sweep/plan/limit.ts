// The limit of a goal: a number in the unit of what it measures, or a share of what a machine has on which nothing is set.

import { readCount, readDuration, readPercent, readRate, readSize } from "../../written/index.ts";
import type { Limit, Measure } from "./plan.ts";

type Amount = Pick<Limit, "value" | "percentOfUnset">;

interface Unit {
  read(said: string): number | undefined;
  /** For messages. */
  readonly allowed: string;
}

const REQUESTS: Unit = { read: readCount, allowed: "a number of requests such as 90000 or 2M" };
const SHARE: Unit = { read: readPercent, allowed: "a share such as 90%" };
const SIZE: Unit = { read: readSize, allowed: "a number of bytes such as 10 MiB" };
const RATE: Unit = { read: readRate, allowed: "a rate such as 2 GB/s" };
const TIME: Unit = { read: readDuration, allowed: "a time such as 200ns" };

const UNIT_OF: { readonly [measure in Measure]: Unit } = {
  "hit rate": SHARE,
  "miss rate": SHARE,
  misses: REQUESTS,
  accesses: REQUESTS,
  occupancy: SIZE,
  traffic: SIZE,
  bandwidth: RATE,
  latency: TIME,
  held: TIME,
};

export const OF_UNSET = /^([0-9]+(?:\.[0-9]+)?)\s*%\s+of\s+unset$/;

/** "10 MiB", "103% of unset"; undefined where it is neither. Shares are of 1, times ns, rates bytes/s. */
export function readLimit(said: string, measure: Measure): Amount | undefined {
  const percent = OF_UNSET.exec(said)?.[1];
  if (percent !== undefined) return { percentOfUnset: Number(percent) };
  const value = UNIT_OF[measure].read(said);
  return value === undefined ? undefined : { value };
}

export const allowedLimit = (measure: Measure): string =>
  `${UNIT_OF[measure].allowed}, or a part of what is measured with nothing set such as 103% of unset, is allowed`;
