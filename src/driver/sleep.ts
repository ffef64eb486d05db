// Waiting for model time, or for somebody to lose patience.

import type { DriverMachine } from "./needs.ts";

/** Throws the reason of `signal` as soon as it aborts. */
export async function sleepUnless(
  signal: AbortSignal | undefined,
  clock: DriverMachine["clock"],
  ns: number,
): Promise<void> {
  if (signal === undefined) return clock.sleep(ns);
  signal.throwIfAborted();
  await clock.sleep(ns, signal);
  signal.throwIfAborted();
}
