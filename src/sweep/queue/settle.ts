// A result comes to the server once. Units are delivered at least once, and whoever delivers may be killed after any step: so
// that a result is there, that it is counted and that sweeps hear of it is one script, which the server runs whole or not at all.

import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { QueueNames } from "./names.ts";

/** What nobody asks for is gone after a week, ms. */
export const KEPT_MS = 7 * 86_400_000;

/** What became of a delivery. */
export type Settled =
  | "new"
  /** The same bytes were there already. */
  | "again"
  /** Other bytes were there already: the tool is no function of its input. The first ones stay. */
  | "differing";

/** So many of the second kind are kept to look at. */
const MOST_DIFFERING = 100;
/** Of the stream: who reads slower than this looks at all units. */
const MOST_EVENTS = 10_000;

const SETTLE = `
local result, known, counts, differing, events = unpack(KEYS)
local name, text, kept, mostDiffering, mostEvents = unpack(ARGV)
local digest = redis.sha1hex(text)
local was = redis.call('GET', known)
local told = 'new'
redis.call('SET', known, was or digest, 'PX', kept)
if not was then
  redis.call('HINCRBY', counts, 'ended', 1)
elseif was == digest then
  told = 'again'
  redis.call('HINCRBY', counts, 'again', 1)
else
  told = 'differing'
  redis.call('HINCRBY', counts, 'differing', 1)
  if redis.call('HLEN', differing) < tonumber(mostDiffering) then redis.call('HSET', differing, name, text) end
end
redis.call('SET', result, text, 'PX', kept, 'NX')
redis.call('XADD', events, 'MAXLEN', '~', mostEvents, '*', 'unit', name, 'kind', told)
for _, key in ipairs({counts, differing, events}) do redis.call('PEXPIRE', key, kept) end
return told
`;
const SETTLE_SHA = createHash("sha1").update(SETTLE).digest("hex");

/** Brings a result. */
export async function settle(redis: Redis, names: QueueNames, unit: string, text: string): Promise<Settled> {
  const keys = [names.result(unit), names.digest(unit), names.counts, names.differing, names.events];
  const args = [...keys, unit, text, KEPT_MS, MOST_DIFFERING, MOST_EVENTS];
  const told = await redis.evalsha(SETTLE_SHA, keys.length, ...args).catch((error: Error) => {
    if (!error.message.includes("NOSCRIPT")) throw error;
    return redis.eval(SETTLE, keys.length, ...args);
  });
  return told as Settled;
}

/** What sweeps are told besides results. */
export type Told = Settled | "failed" | "removed";

/** Tells all sweeps of this queue to look. */
export async function tell(redis: Redis, names: QueueNames, unit: string, kind: "failed" | "removed"): Promise<void> {
  await redis.xadd(names.events, "MAXLEN", "~", MOST_EVENTS, "*", "unit", unit, "kind", kind);
}
