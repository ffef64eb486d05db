// Reading occupancy and bandwidth, and assigning bandwidth counters (resctrl-glue.md section 10).

import type { MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { Arch } from "./arch.ts";
import { configIndex, rmidIdxEncode } from "./ids.ts";
import type { EventName, MonDomain, Resource } from "./resource.ts";

/** A monitor to read with. Bandwidth needs none of its own: its counters are assigned beforehand. */
export interface MonCtx {
  readonly event: EventName;
  readonly mon: number | "pre-allocated";
}

/**
 * Takes a monitor, waiting while all are in use. EINVAL where the event has no class or MPAM is disabled: a context that
 * could not be had is an error here, never a number to read with (section 10.1, marked as a hazard).
 */
export async function monCtxAlloc(arch: Arch, event: EventName): Promise<MonCtx> {
  for (;;) {
    const c = arch.events.get(event);
    if (!arch.driver.enabled || c === undefined) throw new ErrnoError("EINVAL", `${event}: nothing counts it`);
    if (event !== "llc_occupancy") return { event, mon: "pre-allocated" };
    try {
      const mon = arch.driver.allocMonitor(c, "csu");
      arch.monitorsHeld++;
      return { event, mon };
    } catch (error) {
      if (!(error instanceof ErrnoError) || error.code !== "ENOSPC") throw error;
      // Nobody here will ever free one: waiting would not end.
      if (arch.monitorsHeld === 0) throw new ErrnoError("EINVAL", `${event}: every monitor is taken`, { cause: error });
    }
    await new Promise<void>((resolve) => arch.monitorWaiters.push(resolve));
  }
}

export function monCtxFree(arch: Arch, ctx: MonCtx): void {
  if (ctx.mon === "pre-allocated") return;
  const c = arch.events.get(ctx.event);
  if (c !== undefined && arch.driver.enabled) arch.driver.freeMonitor(c, "csu", ctx.mon);
  arch.monitorsHeld--;
  arch.monitorWaiters.shift()?.();
}

/** Occupancy of a group, bytes. EBUSY: not ready even after the time firmware promises. */
export async function rmidRead(
  arch: Arch,
  d: MonDomain,
  closid: number,
  rmid: number,
  event: EventName,
  ctx: MonCtx,
): Promise<bigint> {
  const component = d.components.get(event);
  if (!arch.driver.enabled || component === undefined || event !== "llc_occupancy" || ctx.mon === "pre-allocated") {
    throw new ErrnoError("EINVAL", `${event}: not read by RMID`);
  }
  const partid = configIndex(closid, "none");
  return arch.driver.readMonitor(component, { type: "csu", mon: ctx.mon, partid, pmg: rmid, matchPmg: true });
}

/** Bytes counted for a group since its counter was assigned. ENOENT: none is assigned. */
export async function cntrRead(
  arch: Arch,
  d: MonDomain,
  closid: number,
  rmid: number,
  event: EventName,
): Promise<bigint> {
  const component = d.components.get(event);
  if (!arch.driver.enabled || event === "llc_occupancy" || component === undefined) {
    throw new ErrnoError("EINVAL", `${event}: not read by counter`);
  }
  const mon = d.monitorOfIndex.get(rmidIdxEncode(arch, closid, rmid));
  if (mon === undefined) throw new ErrnoError("ENOENT", `${event}: no counter is assigned in domain ${d.id}`);
  const partid = configIndex(closid, "none");
  return arch.driver.readMonitor(component, { type: "mbwu", mon, partid, pmg: rmid, matchPmg: true });
}

/**
 * Points a counter of a domain at a group, or takes it away. An assigned counter starts at zero and at once: a monitor is
 * only programmed by a read, and 7.3 leaves that to the next poll, losing up to a second of traffic.
 */
export async function configCntr(
  arch: Arch,
  d: MonDomain,
  event: EventName,
  rmid: number,
  closid: number,
  cntrId: number,
  assign: boolean,
): Promise<void> {
  const mon = arch.assignedCounters[cntrId];
  if (event !== "mbm_total_bytes" || mon === undefined) return;
  const idx = rmidIdxEncode(arch, closid, rmid);
  if (!assign) {
    d.monitorOfIndex.delete(idx);
    return;
  }
  d.monitorOfIndex.set(idx, mon);
  resetCntr(arch, d, event, closid, rmid);
  try {
    await cntrRead(arch, d, closid, rmid, event);
  } catch (error) {
    // Whoever reads next is told.
    if (!(error instanceof ErrnoError)) throw error;
  }
}

/** The next read starts from zero. */
export function resetCntr(arch: Arch, d: MonDomain, event: EventName, closid: number, rmid: number): void {
  const component = d.components.get(event);
  const mon = d.monitorOfIndex.get(rmidIdxEncode(arch, closid, rmid));
  if (arch.driver.enabled && component !== undefined && mon !== undefined) arch.driver.resetMbwu(component, mon);
}

/** True for the L3 even where nothing counts bandwidth, as in 7.3. */
export function mbmCntrAssignEnabled(_arch: Arch, r: Resource): boolean {
  return r.rid === "L3";
}

export function mbmCntrAssignSet(_arch: Arch, r: Resource, _enable: boolean): void {
  throw new ErrnoError("EINVAL", `${r.name}: how counters are assigned cannot be changed`);
}

export function isEvtConfigurable(_arch: Arch, _event: EventName): boolean {
  return false;
}

/** Occupancy is counted in bytes: nothing to round. */
export function roundMonVal(_arch: Arch, bytes: number): number {
  return bytes;
}

/** Takes every bandwidth monitor of the class, or takes over those a snapshot had taken. All or none. */
export function allocCounters(arch: Arch, c: MpamClass, taken: readonly number[] | undefined): void {
  if (taken !== undefined) {
    arch.assignedCounters.push(...taken);
    return;
  }
  try {
    for (let i = 0; i < c.props.numMbwuMon; i++) arch.assignedCounters.push(arch.driver.allocMonitor(c, "mbwu"));
  } catch (error) {
    for (const mon of arch.assignedCounters.splice(0)) arch.driver.freeMonitor(c, "mbwu", mon);
    throw error;
  }
}
