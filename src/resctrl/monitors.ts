// Reading occupancy, with a monitor that is taken for it (resctrl-glue.md sections 10.1 and 10.2).

import type { MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { Arch } from "./arch.ts";
import { partidsMonitored } from "./cdp.ts";
import type { EventName, MonDomain } from "./resource.ts";

/** A monitor to read with. Bandwidth needs none of its own: its counters are assigned beforehand. */
export interface MonCtx {
  readonly event: EventName;
  readonly mon: number | "pre-allocated";
}

/** What 7.3 has for a monitor when a signal has come: -ERESTARTSYS. */
const SIGNAL_CAME = -512;

/**
 * Takes a monitor, waiting while all are in use. EINVAL where the event has no class, or MPAM is or becomes disabled;
 * EINTR when the signal ends waiting: what could not be had is an error, never a number to read with.
 */
export async function monCtxAlloc(arch: Arch, event: EventName, signal?: AbortSignal): Promise<MonCtx> {
  const c = arch.events.get(event);
  if (!arch.driver.enabled || c === undefined) throw new ErrnoError("EINVAL", `${event}: nothing counts it`);
  if (event !== "llc_occupancy") return { event, mon: "pre-allocated" };
  const mon = takeMonitor(arch, c) ?? (await waitForMonitor(arch, event, signal));
  return { event, mon };
}

function takeMonitor(arch: Arch, c: MpamClass): number | undefined {
  try {
    const mon = arch.driver.allocMonitor(c, "csu");
    arch.monitorsHeld++;
    return mon;
  } catch (error) {
    if (error instanceof ErrnoError && error.code === "ENOSPC") return undefined;
    throw error;
  }
}

async function waitForMonitor(arch: Arch, event: EventName, signal: AbortSignal | undefined): Promise<number> {
  // Nobody here will ever free one: waiting would not end.
  if (arch.monitorsHeld === 0 && !arch.odd.waitsForEver) {
    throw new ErrnoError("EINVAL", `${event}: every monitor is taken, by others than resctrl`);
  }
  try {
    return await arch.monitorQueue.wait(signal, () => new ErrnoError("EINTR", `${event}: waiting for a monitor ended`));
  } catch (error) {
    const signalled = error instanceof ErrnoError && error.code === "EINTR";
    if (signalled && arch.odd.readsAfterSignal) return SIGNAL_CAME;
    throw error;
  }
}

/** Whoever has waited longest gets the monitor. */
export function monCtxFree(arch: Arch, { event, mon }: MonCtx): void {
  if (mon === "pre-allocated") return;
  if (mon < 0) {
    arch.driver.note("warning", `${event}: freeing monitor ${mon}, which is not allocated`);
    return;
  }
  const c = arch.events.get(event);
  if (arch.driver.enabled && c !== undefined) {
    if (arch.monitorQueue.handOver(mon)) return;
    arch.driver.freeMonitor(c, "csu", mon);
  }
  arch.monitorsHeld--;
}

/**
 * Occupancy of a group, bytes, code and data together. EBUSY: not ready even after the time firmware promises.
 *
 * @param before What the caller has from its last reading, which 7.3 adds to under CDP.
 */
export async function rmidRead(
  arch: Arch,
  d: MonDomain,
  closid: number,
  rmid: number,
  event: EventName,
  { mon }: MonCtx,
  before = 0n,
): Promise<bigint> {
  const component = d.components.get(event);
  if (!arch.driver.enabled || component === undefined || event !== "llc_occupancy" || mon === "pre-allocated") {
    throw new ErrnoError("EINVAL", `${event}: not read by RMID`);
  }
  let sum = arch.cdpEnabled && arch.odd.addsOccupancy ? before : 0n;
  for (const partid of partidsMonitored(arch, closid)) {
    sum += await arch.driver.readMonitor(component, { type: "csu", mon, partid, pmg: rmid, matchPmg: true });
  }
  return sum;
}

/** Occupancy is counted in bytes: nothing to round. */
export function roundMonVal(_arch: Arch, bytes: number): number {
  return bytes;
}
