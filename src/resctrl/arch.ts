// The state behind the hooks: which class serves which resource and event, and the counters taken at setup. The hooks
// themselves are functions over it, one per question resctrl asks (resctrl-glue.md section 15).

import type { MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { pick, pickEvents } from "./classes.ts";
import { bandwidthGranularity, MAX_BANDWIDTH_PERCENT, minBandwidth } from "./convert.ts";
import { onlineCpu } from "./domains.ts";
import { systemNumRmidIdx } from "./ids.ts";
import { allocCounters } from "./monitors.ts";
import type { ResctrlDriver } from "./needs.ts";
import { type EventName, fullMask, RESOURCE_IDS, type Resource, type ResourceId } from "./resource.ts";
import { monitoredBytes } from "./rules.ts";
import { onlineCpus } from "./topology.ts";

export interface Slot {
  readonly resource: Resource;
  class: MpamClass | undefined;
}

export interface Arch {
  readonly driver: ResctrlDriver;
  readonly slots: ReadonlyMap<ResourceId, Slot>;
  readonly events: Map<EventName, MpamClass>;
  /** Bandwidth monitors taken at setup, in the order of the counter numbers that stand for them. */
  readonly assignedCounters: number[];
  /** Called when an occupancy monitor is free again. */
  readonly monitorWaiters: (() => void)[];
  /** Occupancy monitors this room holds. */
  monitorsHeld: number;
  /** Largest occupancy, bytes, that can be set as the reuse threshold: the size of the monitored cache. 0: none. */
  rmidLimitBytes: number;
  /** Occupancy below which a freed RMID counts as clean, bytes. */
  rmidThresholdBytes: number;
}

/** What a snapshot keeps of this room. */
export interface SavedArch {
  readonly assignedCounters: readonly number[];
  /** Per monitor domain: [index, monitor] pairs. */
  readonly monitors: readonly { readonly domain: number; readonly pairs: readonly (readonly [number, number])[] }[];
}

/**
 * Chooses classes, fills in the resources and brings up the domains of all online cpus. EOPNOTSUPP when there is nothing
 * to allocate or monitor, ENODEV when MPAM is disabled. With `saved`, monitors are taken over instead of allocated.
 */
export function setupArch(driver: ResctrlDriver, saved?: SavedArch): Arch {
  if (!driver.enabled) throw new ErrnoError("ENODEV", "resctrl: MPAM is disabled");
  const slots = new Map(RESOURCE_IDS.map((rid) => [rid, { resource: emptyResource(rid), class: undefined } as Slot]));
  const arch: Arch = {
    driver,
    slots,
    events: new Map(),
    assignedCounters: [],
    monitorWaiters: [],
    monitorsHeld: 0,
    rmidLimitBytes: 0,
    rmidThresholdBytes: 0,
  };
  for (const rid of ["L3", "L2"] as const) setupCache(arch, rid, pick(driver, rid));
  setupBandwidth(arch, pick(driver, "MB"));
  setupMonitoring(arch, saved);
  if (!allocCapable(arch) && !monCapable(arch)) {
    throw new ErrnoError("EOPNOTSUPP", "resctrl: no class of this machine can be allocated or monitored");
  }
  for (const cpu of onlineCpus(driver)) onlineCpu(arch, cpu);
  for (const { domain, pairs } of saved?.monitors ?? []) {
    const d = getResource(arch, "L3").monDomains.find(({ id }) => id === domain);
    for (const [idx, mon] of pairs) d?.monitorOfIndex.set(idx, mon);
  }
  return arch;
}

export function saveArch(arch: Arch): SavedArch {
  const monitors = getResource(arch, "L3").monDomains.map((d) => ({ domain: d.id, pairs: [...d.monitorOfIndex] }));
  return { assignedCounters: [...arch.assignedCounters], monitors };
}

/** Every resource has a slot, if only a dummy that can do nothing. */
export function getResource(arch: Arch, rid: ResourceId): Resource {
  const slot = arch.slots.get(rid);
  if (slot === undefined) throw new ErrnoError("EINVAL", `no resource ${rid}`);
  return slot.resource;
}

export function allocCapable(arch: Arch): boolean {
  return [...arch.slots.values()].some(({ resource }) => resource.allocCapable);
}

export function monCapable(arch: Arch): boolean {
  return getResource(arch, "L3").monCapable;
}

function emptyResource(rid: ResourceId): Resource {
  const bitmap = rid === "L3" || rid === "L2";
  return {
    rid,
    name: rid,
    format: bitmap ? "bitmap" : "range",
    allocCapable: false,
    monCapable: false,
    cdpCapable: bitmap,
    cache: { cbmLen: 0, minCbmBits: 1, sparse: true, shareableBits: 0 },
    membw: { minBw: 0, maxBw: MAX_BANDWIDTH_PERCENT, bwGran: 0, delayLinear: true },
    mon: { numRmid: 0, cntrAssignable: false, assignFixed: false, numCntrs: 0 },
    ctrlDomains: [],
    monDomains: [],
  };
}

function setupCache(arch: Arch, rid: "L3" | "L2", c: MpamClass | undefined): void {
  const slot = arch.slots.get(rid);
  if (c === undefined || slot === undefined) return;
  slot.class = c;
  slot.resource.allocCapable = true;
  slot.resource.cache.cbmLen = c.props.cpbmWd;
  // Other bus masters run as PARTID 0 and use every portion.
  slot.resource.cache.shareableBits = fullMask(c.props.cpbmWd);
}

function setupBandwidth(arch: Arch, c: MpamClass | undefined): void {
  const slot = arch.slots.get("MB");
  if (c === undefined || slot === undefined) return;
  slot.class = c;
  slot.resource.allocCapable = true;
  slot.resource.membw.minBw = minBandwidth(c.props.bwaWd);
  slot.resource.membw.bwGran = bandwidthGranularity(c.props.bwaWd);
}

/** All monitoring hangs on the L3 resource. */
function setupMonitoring(arch: Arch, saved: SavedArch | undefined): void {
  const slot = arch.slots.get("L3");
  if (slot === undefined) return;
  for (const [event, c] of pickEvents(arch.driver)) {
    arch.events.set(event, c);
    if (event === "llc_occupancy") setupReuseLimits(arch, c);
    // Without a control class the monitored one stands in, and gives the L3 its domains.
    slot.class ??= c;
    slot.resource.monCapable = true;
    slot.resource.mon.numRmid = systemNumRmidIdx(arch);
  }
  const counters = arch.events.get("mbm_total_bytes");
  if (counters === undefined) return;
  allocCounters(arch, counters, saved?.assignedCounters);
  slot.resource.mon.cntrAssignable = true;
  slot.resource.mon.assignFixed = true;
  slot.resource.mon.numCntrs = arch.assignedCounters.length;
}

/** The size of the monitored cache decides (resctrl-glue.md section 12). */
function setupReuseLimits(arch: Arch, c: MpamClass): void {
  arch.rmidLimitBytes = monitoredBytes(arch.driver, c);
  arch.rmidThresholdBytes = Math.floor(arch.rmidLimitBytes / systemNumRmidIdx(arch));
}
