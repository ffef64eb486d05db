// The state behind the hooks: which class serves which resource and event, which domains there are, and the counters
// taken at setup. The hooks themselves are functions over it, one per question resctrl asks (resctrl-glue.md section
// 15).

import type { MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { Oddities } from "./compat.ts";
import type { FsHooks, ResctrlDriver, Tasks } from "./needs.ts";
import type { CtrlDomain, EventName, MonDomain, Resource, ResourceId } from "./resource.ts";
import type { MonitorQueue } from "./waiting.ts";

export interface Slot {
  readonly resource: Resource;
  class: MpamClass | undefined;
  /** Its class controls something. Under CDP what cannot be used is still there. */
  controls: boolean;
  /** Its schema is split in code and data. */
  cdpEnabled: boolean;
  readonly domains: Domain[];
}

/** What came with one cpu: the two halves are found by different rules, and come and go together. */
export interface Domain {
  ctrl: CtrlDomain | undefined;
  mon: MonDomain | undefined;
}

export interface Arch {
  readonly driver: ResctrlDriver;
  readonly odd: Oddities;
  readonly slots: ReadonlyMap<ResourceId, Slot>;
  readonly events: Map<EventName, MpamClass>;
  /** Code and data have PARTIDs of their own, in what every cpu sends. */
  cdpEnabled: boolean;
  /** Bandwidth monitors taken at setup, in the order of the counter numbers that stand for them. */
  readonly assignedCounters: number[];
  /** Which monitor counts for an index of (PARTID, PMG), where one table serves all domains. */
  readonly counterTable: Map<number, number>;
  readonly monitorQueue: MonitorQueue;
  /** Occupancy monitors this room holds. */
  monitorsHeld: number;
  /** Largest occupancy, bytes, that can be set as the reuse threshold: the size of the monitored cache. 0: none. */
  rmidLimitBytes: number;
  /** Occupancy below which a freed RMID counts as clean, bytes. */
  rmidThresholdBytes: number;
  /** Where threads come from; the machine, unless somebody says otherwise. */
  tasks: Tasks;
  /** Who is told of domains and cpus. */
  fs: FsHooks | undefined;
  /** What is logged once, and has been. */
  readonly said: Set<string>;
}

export function slotOf(arch: Arch, rid: ResourceId): Slot {
  const slot = arch.slots.get(rid);
  if (slot === undefined) throw new ErrnoError("EINVAL", `no resource ${rid}`);
  return slot;
}

/** Every resource has a slot, if only a dummy that can do nothing. */
export function getResource(arch: Arch, rid: ResourceId): Resource {
  return slotOf(arch, rid).resource;
}

export function allocCapable(arch: Arch): boolean {
  return [...arch.slots.values()].some(({ resource }) => resource.allocCapable);
}

export function monCapable(arch: Arch): boolean {
  return getResource(arch, "L3").monCapable;
}

export function warnOnce(arch: Arch, key: string, text: string): void {
  if (arch.said.has(key)) return;
  arch.said.add(key);
  arch.driver.note("warning", text);
}
