// Warm-up: how long a replay runs before what it does is counted. The caches stay as it leaves them.

import { cutAll, endOf, type MarkedSource } from "../trace/index.ts";
import { readCount, readDuration, readPercent, UsageError } from "../written/index.ts";

export type Warmup = { readonly ns: number } | { readonly share: number } | { readonly record: number };

/** From "1ms", "10%" or "5M". Throws a UsageError. */
export function parseWarmup(text: string): Warmup {
  const ns = readDuration(text);
  if (ns !== undefined) return { ns };
  const share = readPercent(text);
  if (share !== undefined) return { share };
  const record = readCount(text);
  if (record !== undefined) return { record };
  throw new UsageError(
    `warmup '${text}': a time such as 1ms, a share such as 10% or a number of records such as 5M is allowed`,
  );
}

/** When it ends, ns from the start. A number of records ends with the first time at which so many have passed. */
export async function warmupEnd(warmup: Warmup, sources: readonly MarkedSource[]): Promise<number> {
  const end = await endOf(sources);
  const ns =
    "ns" in warmup
      ? warmup.ns
      : "share" in warmup
        ? Math.floor(warmup.share * end)
        : (await cutAll(sources, { record: warmup.record })).ns;
  if (ns > end) throw new UsageError(`the warm-up lasts ${ns} ns, and the traces end at ${end} ns`);
  return ns;
}
