// A resctrl resource and its domains: what a schema line names, and the instances it lists.

import type { Component } from "../driver/index.ts";

/** In order of registration. Slots without a class exist and can do nothing. */
export const RESOURCE_IDS = ["L3", "L2", "MB", "SMBA"] as const;
export type ResourceId = (typeof RESOURCE_IDS)[number];

/** Which half of a CDP pair a control is for. */
export type ConfigType = "none" | "code" | "data";
export const CONFIG_TYPES: readonly ConfigType[] = ["code", "data", "none"];

/** In order of event number, from 1. An MSC cannot tell local from remote traffic, so mbm_local_bytes never occurs. */
export const EVENTS = ["llc_occupancy", "mbm_total_bytes"] as const;
export type EventName = (typeof EVENTS)[number];

export interface Resource {
  readonly rid: ResourceId;
  readonly name: string;
  readonly format: "bitmap" | "range";
  allocCapable: boolean;
  monCapable: boolean;
  readonly cdpCapable: boolean;
  readonly cache: CacheLimits;
  readonly membw: MembwLimits;
  readonly mon: MonitorLimits;
  /** Ascending ids. */
  readonly ctrlDomains: CtrlDomain[];
  readonly monDomains: MonDomain[];
}

export interface CacheLimits {
  cbmLen: number;
  minCbmBits: number;
  sparse: boolean;
  shareableBits: number;
}

export interface MembwLimits {
  minBw: number;
  maxBw: number;
  bwGran: number;
  /** Values are rounded up to the granularity when they are parsed. */
  roundsUp?: boolean;
  delayLinear: boolean;
}

export interface MonitorLimits {
  numRmid: number;
  /** Bandwidth is counted by counters that must be assigned to groups. */
  cntrAssignable: boolean;
  /** Nothing about assignment can be switched. */
  assignFixed: boolean;
  numCntrs: number;
}

export interface CtrlDomain {
  readonly id: number;
  readonly cpus: Set<number>;
  readonly component: Component;
  /** Values parsed and not yet applied. */
  readonly staged: Map<ConfigType, number>;
}

export interface MonDomain {
  readonly id: number;
  readonly cpus: Set<number>;
  readonly components: ReadonlyMap<EventName, Component>;
  /**
   * Which monitor counts for an index of (PARTID, PMG). 7.3 has one table for all domains, so that they disturb each
   * other.
   */
  readonly monitorOfIndex: Map<number, number>;
}

/** All bits of a mask `length` long, 1 to 32. */
export function fullMask(length: number): number {
  return length >= 32 ? 0xffff_ffff : 2 ** length - 1;
}

/** What a control holds when nobody has set it: the full mask, or 100 percent. */
export function defaultControl(r: Resource): number {
  return r.format === "bitmap" ? fullMask(r.cache.cbmLen) : r.membw.maxBw;
}

export function findDomain<D extends { readonly id: number }>(domains: readonly D[], id: number): D | undefined {
  return domains.find((d) => d.id === id);
}
