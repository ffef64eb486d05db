// Bandwidth counters, which are assigned to groups (resctrl-glue.md section 10.3). MPAM has no counter that runs for a
// group by itself, however many monitors there are.

import type { MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { Arch } from "./arch.ts";
import { partidsMonitored } from "./cdp.ts";
import { configIndex, rmidIdxEncode } from "./ids.ts";
import type { EventName, MonDomain, Resource } from "./resource.ts";

/** Bytes counted for a group since its counter was assigned, code and data together. ENOENT: none is assigned. */
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
  let sum = 0n;
  for (const partid of partidsMonitored(arch, closid)) {
    const mon = d.monitorOfIndex.get(rmidIdxEncode(arch, partid, rmid));
    if (mon === undefined) throw new ErrnoError("ENOENT", `${event}: no counter is assigned in domain ${d.id}`);
    sum += await arch.driver.readMonitor(component, { type: "mbwu", mon, partid, pmg: rmid, matchPmg: true });
  }
  return sum;
}

/** Points a counter of a domain at a group, or takes it away. An assigned counter starts at zero, and at once. */
export async function configCntr(
  arch: Arch,
  d: MonDomain,
  event: EventName,
  rmid: number,
  closid: number,
  cntrId: number,
  assign: boolean,
): Promise<void> {
  if (event !== "mbm_total_bytes" || arch.assignedCounters.length === 0) return;
  for (const type of arch.cdpEnabled ? (["code", "data"] as const) : (["none"] as const)) {
    const mon = arch.assignedCounters[configIndex(cntrId, type)];
    const idx = rmidIdxEncode(arch, configIndex(closid, type), rmid);
    if (assign && mon !== undefined) d.monitorOfIndex.set(idx, mon);
    else d.monitorOfIndex.delete(idx);
  }
  resetCntr(arch, d, event, closid, rmid);
  if (!assign || arch.odd.countsFromFirstRead) return;
  try {
    // A monitor is only programmed by a read.
    await cntrRead(arch, d, closid, rmid, event);
  } catch (error) {
    // Whoever reads next is told.
    if (!(error instanceof ErrnoError)) throw error;
  }
}

/** The next read starts from zero. */
export function resetCntr(arch: Arch, d: MonDomain, event: EventName, closid: number, rmid: number): void {
  const component = d.components.get(event);
  if (!arch.driver.enabled || component === undefined) return;
  for (const partid of partidsMonitored(arch, closid)) {
    const mon = d.monitorOfIndex.get(rmidIdxEncode(arch, partid, rmid));
    if (mon !== undefined) arch.driver.resetMbwu(component, mon);
  }
}

/** True for the L3 even where nothing counts bandwidth, as in 7.3. */
export function mbmCntrAssignEnabled(_arch: Arch, r: Resource): boolean {
  return r.rid === "L3";
}

export function mbmCntrAssignSet(_arch: Arch, r: Resource, _enable: boolean): void {
  throw new ErrnoError("EINVAL", `${r.name}: how counters are assigned cannot be changed`);
}

/** Takes every bandwidth monitor of the class, or none. */
export function allocCounters(arch: Arch, c: MpamClass): void {
  try {
    for (let i = 0; i < c.props.numMbwuMon; i++) arch.assignedCounters.push(arch.driver.allocMonitor(c, "mbwu"));
  } catch (error) {
    for (const mon of arch.assignedCounters.splice(0)) arch.driver.freeMonitor(c, "mbwu", mon);
    throw error;
  }
}
