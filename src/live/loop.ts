// Traces that begin again together when the last of them has ended: one trace each without an end, so that a replay goes on
// and counters and caches with it.

import { endOf, looped, type MarkedSource } from "../trace/index.ts";

/** Those that have no end stay as they are. */
export async function loopTogether(sources: readonly MarkedSource[]): Promise<MarkedSource[]> {
  const ending = sources.filter(({ records }) => records > 0 && records !== Number.POSITIVE_INFINITY);
  const endNs = await endOf(ending);
  const most = Math.max(1, ...ending.map(({ records }) => records));
  // A lap begins one mean distance of records after the last record.
  const lapNs = Math.max(1, Math.floor(endNs) + Math.max(1, Math.round(endNs / most)));
  return Promise.all(
    sources.map((source) => (ending.includes(source) ? looped(source, "forever", lapNs) : Promise.resolve(source))),
  );
}
