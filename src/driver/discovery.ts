// Probing MSCs as cpus that reach them come online (linux-driver.md 2.1).

import type { Core } from "./core.ts";
import { listed } from "./cpus.ts";
import { probeMsc } from "./probe.ts";

/** Probes what `cpu` reaches and nobody has probed yet. The first failure ends it, and the use of MPAM. */
export async function discover(core: Core, cpu: number, signal?: AbortSignal): Promise<void> {
  // Linux does not begin before firmware has described all that it counts.
  if (core.mscs.length < core.firmware.counted) return;
  for (const msc of core.mscs) {
    if (!msc.firmware.cpus.has(cpu)) continue;
    signal?.throwIfAborted();
    const before = msc.facts.probed;
    await probeMsc(msc, core.tree, core.log, signal);
    if (before) continue;
    core.probed.push(msc);
    core.requestors.lower(msc.facts);
  }
}

/** What has to happen before MPAM can be enabled; undefined: nothing. */
export function waitingFor({ mscs, firmware: { counted } }: Core): string | undefined {
  if (mscs.length < counted) {
    const missing = counted - mscs.length;
    const what = missing === 1 ? "one MSC" : `${missing} MSCs`;
    return `${what} of ${counted} that firmware counts and does not describe in a way that can be used: MPAM stays off`;
  }
  const left = mscs.filter(({ facts }) => !facts.probed);
  const [first] = left;
  if (first === undefined) return undefined;
  const more = left.length === 1 ? "" : `, and for ${left.length - 1} more`;
  return `${listed(first.firmware.cpus)} to come online and reach ${first}${more}`;
}
