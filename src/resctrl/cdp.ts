// Code/data prioritisation: what a group fetches and what it reads and writes, under two PARTIDs (resctrl-glue.md
// section 6). Which PARTID a cpu sends is nothing that one cache decides, so CDP is on for all or for none; a flag of
// each resource says whether its schema is split.

import { ErrnoError } from "../errno/index.ts";
import { type Arch, slotOf } from "./arch.ts";
import { configIndex, systemNumRmidIdx } from "./ids.ts";
import { relabelAll } from "./labels.ts";
import type { ConfigType, Resource, ResourceId } from "./resource.ts";

export interface CdpOptions {
  /** A kernel built with CONFIG_EXPERT: others do not offer CDP on MPAM. */
  readonly expert?: boolean;
}

export function getCdpEnabled(arch: Arch, rid: ResourceId): boolean {
  return slotOf(arch, rid).cdpEnabled;
}

/**
 * Switches CDP on or off for one resource, and with it for all cpus: every task and cpu gets the label of the default
 * group. EOPNOTSUPP without `expert`, EINVAL where there is one PARTID only; everything is as it was then.
 */
export function setCdpEnabled(arch: Arch, rid: ResourceId, enable: boolean, { expert = false }: CdpOptions = {}): void {
  if (enable && !expert) {
    arch.driver.note("warning", "CDP not supported");
    throw new ErrnoError("EOPNOTSUPP", `${rid}: code/data prioritisation wants a kernel with CONFIG_EXPERT (expert)`);
  }
  if (enable) arch.driver.note("warning", "CDP is an expert feature and may cause MPAM to malfunction.");
  const refused = enable && arch.driver.partidMax < 1;
  if (!refused || arch.odd.cdpStaysHalfOn) setFlags(arch, rid, enable);
  if (refused) throw new ErrnoError("EINVAL", `${rid}: code/data prioritisation takes two PARTIDs, and there is one`);
  countCounters(arch);
  relabelAll(arch);
}

export interface MountedCdp extends CdpOptions {
  /** Of the L3, as the mount option is called. */
  readonly cdp?: boolean;
  readonly cdpl2?: boolean;
}

/** What a mount asks for. What is refused leaves nothing on. */
export function enableCdp(arch: Arch, { cdp = false, cdpl2 = false, expert = false }: MountedCdp): void {
  if (cdpl2) setCdpEnabled(arch, "L2", true, { expert });
  if (!cdp) return;
  try {
    setCdpEnabled(arch, "L3", true, { expert });
  } catch (error) {
    // 7.3 takes back what it may not have done, and not what it has.
    if (cdpl2 || arch.odd.cdpStaysHalfOn) setCdpEnabled(arch, "L2", false);
    throw error;
  }
}

/** As an unmount does, and a mount that failed later on. */
export function disableCdp(arch: Arch): void {
  setCdpEnabled(arch, "L3", false);
  setCdpEnabled(arch, "L2", false);
}

/** "Hidden CDP": both PARTIDs of a closid are in use, and hold one value of this resource. */
export function hidesCdp(arch: Arch, { rid }: Resource): boolean {
  return arch.cdpEnabled && !getCdpEnabled(arch, rid);
}

/** Where the setting of a closid is read. */
export function partidRead(arch: Arch, r: Resource, closid: number, type: ConfigType): number {
  return configIndex(closid, hidesCdp(arch, r) ? "data" : type);
}

/** Where it is written, in this order. */
export function partidsWritten(arch: Arch, r: Resource, closid: number, type: ConfigType): readonly number[] {
  if (!hidesCdp(arch, r)) return [configIndex(closid, type)];
  return [configIndex(closid, "code"), configIndex(closid, "data")];
}

/** Those that the requests of a closid carry, which are monitored together. */
export function partidsMonitored(arch: Arch, closid: number): readonly number[] {
  if (!arch.cdpEnabled) return [closid];
  return [configIndex(closid, "code"), configIndex(closid, "data")];
}

function setFlags(arch: Arch, rid: ResourceId, enable: boolean): void {
  arch.cdpEnabled = enable;
  slotOf(arch, rid).cdpEnabled = enable;
  followFlags(arch);
}

/** What else there is under CDP: half of the monitor ids, and no bandwidth limit, because a pair cannot share one. */
export function followFlags(arch: Arch): void {
  const { cdpEnabled } = arch;
  const indices = systemNumRmidIdx(arch);
  slotOf(arch, "L3").resource.mon.numRmid = cdpEnabled ? Math.floor(indices / 2) : indices;
  const mb = slotOf(arch, "MB");
  mb.resource.allocCapable = mb.class !== undefined && (!cdpEnabled || mb.cdpEnabled);
}

/** A counter of a group is a pair of monitors under CDP. */
export function countCounters(arch: Arch): void {
  const { length } = arch.assignedCounters;
  slotOf(arch, "L3").resource.mon.numCntrs = arch.cdpEnabled ? Math.floor(length / 2) : length;
}
