// Setting resctrl up, once for a driver: classes are chosen, resources filled in, counters taken, and the domains of
// all cpus that are online brought up (resctrl-glue.md sections 2, 3, 12 and 16).

import type { MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { type Arch, allocCapable, getResource, monCapable, type Slot, slotOf, warnOnce } from "./arch.ts";
import { countCounters } from "./cdp.ts";
import { pickAll } from "./classes.ts";
import { odditiesOf } from "./compat.ts";
import { bandwidthGranularity, MAX_BANDWIDTH_PERCENT, minBandwidth } from "./convert.ts";
import { allocCounters } from "./counters.ts";
import { onlineCpu } from "./domains.ts";
import { systemNumRmidIdx } from "./ids.ts";
import type { FsHooks, ResctrlDriver, Tasks } from "./needs.ts";
import { type EventName, fullMask, RESOURCE_IDS, type Resource, type ResourceId } from "./resource.ts";
import { monitoredBytes } from "./rules.ts";
import { adoptSaved, type SavedArch, savedPicks } from "./saved.ts";
import { onlineCpus } from "./topology.ts";
import { MonitorQueue } from "./waiting.ts";

export interface SetupOptions {
  /** Of a snapshot: what was chosen and taken is taken over. */
  readonly saved?: SavedArch | undefined;
  readonly tasks?: Tasks;
  /** Told of the domains that are there from the start, too. */
  readonly fs?: FsHooks;
}

/**
 * EOPNOTSUPP when there is nothing to allocate or monitor, ENODEV when MPAM is disabled. Without `saved`, a failure is
 * logged and disables MPAM.
 */
export async function setupArch(driver: ResctrlDriver, options: SetupOptions = {}): Promise<Arch> {
  if (!driver.enabled) throw new ErrnoError("ENODEV", "resctrl: MPAM is not enabled");
  try {
    return await setup(driver, options);
  } catch (error) {
    if (options.saved === undefined && error instanceof ErrnoError && driver.enabled) {
      driver.note("error", `Failed to initialise resctrl: ${error.errno}`);
      await driver.disable("Failed to enable.");
    }
    throw error;
  }
}

async function setup(driver: ResctrlDriver, { saved, tasks, fs }: SetupOptions): Promise<Arch> {
  const arch: Arch = {
    driver,
    odd: odditiesOf(driver.compat),
    slots: new Map(RESOURCE_IDS.map((rid) => [rid, emptySlot(rid)])),
    events: new Map(),
    cdpEnabled: false,
    assignedCounters: [],
    counterTable: new Map(),
    monitorQueue: new MonitorQueue(),
    monitorsHeld: 0,
    rmidLimitBytes: 0,
    rmidThresholdBytes: 0,
    tasks: tasks ?? driver.machine.processor,
    fs,
    said: new Set(saved?.said),
  };
  const picks = saved === undefined ? pickAll(driver) : savedPicks(driver, saved);
  for (const rid of ["L3", "L2"] as const) setupCache(slotOf(arch, rid), picks.resources.get(rid));
  setupBandwidth(arch, slotOf(arch, "MB"), picks.resources.get("MB"));
  for (const [event, c] of picks.events) setupEvent(arch, event, c);
  if (!allocCapable(arch) && !monCapable(arch)) {
    throw new ErrnoError("EOPNOTSUPP", "resctrl: no class of this machine can be allocated or monitored");
  }
  setupCounters(arch, saved);
  for (const cpu of onlineCpus(driver)) await onlineCpu(arch, cpu);
  if (!driver.enabled) throw new ErrnoError("ENODEV", "resctrl: MPAM has been disabled meanwhile");
  if (saved !== undefined) adoptSaved(arch, saved);
  driver.onDisable(() => takeDown(arch));
  return arch;
}

function emptySlot(rid: ResourceId): Slot {
  return { resource: emptyResource(rid), class: undefined, controls: false, cdpEnabled: false, domains: [] };
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

function setupCache(slot: Slot, c: MpamClass | undefined): void {
  if (c === undefined) return;
  slot.class = c;
  slot.controls = true;
  slot.resource.allocCapable = true;
  slot.resource.cache.cbmLen = c.props.cpbmWd;
  // Other bus masters run as PARTID 0 and use every portion.
  slot.resource.cache.shareableBits = fullMask(c.props.cpbmWd);
}

function setupBandwidth({ odd }: Arch, slot: Slot, c: MpamClass | undefined): void {
  if (c === undefined) return;
  slot.class = c;
  slot.controls = true;
  slot.resource.allocCapable = true;
  slot.resource.membw.minBw = minBandwidth(c.props.bwaWd);
  slot.resource.membw.bwGran = bandwidthGranularity(c.props.bwaWd);
  slot.resource.membw.roundsUp = odd.roundsBandwidthUp;
}

/** All monitoring hangs on the L3 resource. */
function setupEvent(arch: Arch, event: EventName, c: MpamClass): void {
  arch.events.set(event, c);
  if (event === "llc_occupancy") setupReuseLimits(arch, c);
  const slot = slotOf(arch, "L3");
  if (slot.class === undefined) {
    // The monitored one stands in, and gives the L3 its domains.
    warnOnce(arch, "fake-l3", "Faking L3 MSC to enable counters.");
    slot.class = c;
  }
  slot.resource.monCapable = true;
  slot.resource.mon.numRmid = systemNumRmidIdx(arch);
}

/** The size of the monitored cache decides. */
function setupReuseLimits(arch: Arch, c: MpamClass): void {
  arch.rmidLimitBytes = monitoredBytes(arch.driver, c);
  arch.rmidThresholdBytes = Math.floor(arch.rmidLimitBytes / systemNumRmidIdx(arch));
}

function setupCounters(arch: Arch, saved: SavedArch | undefined): void {
  const c = arch.events.get("mbm_total_bytes");
  if (c === undefined) return;
  if (saved === undefined) allocCounters(arch, c);
  else arch.assignedCounters.push(...saved.assignedCounters);
  const { mon } = getResource(arch, "L3");
  mon.cntrAssignable = true;
  mon.assignFixed = true;
  countCounters(arch);
}

/**
 * MPAM is disabled: no hook does anything from here on, domains and classes are gone, and nobody waits for monitors
 * that nobody will give back.
 */
async function takeDown(arch: Arch): Promise<void> {
  // First: who waits may hold what others wait for.
  arch.monitorQueue.refuseAll(() => new ErrnoError("EINVAL", "llc_occupancy: MPAM is disabled"));
  await arch.fs?.exit?.();
  for (const slot of arch.slots.values()) {
    slot.domains.length = 0;
    slot.resource.ctrlDomains.length = 0;
    slot.resource.monDomains.length = 0;
    slot.class = undefined;
  }
  arch.events.clear();
  arch.assignedCounters.length = 0;
  arch.counterTable.clear();
}
