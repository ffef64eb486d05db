// Masks of cache portions: runs, and what other control groups have (resctrl-fs.md sections 6 and 10).

import { type CtrlDomain, getConfig } from "../resctrl/index.ts";
import type { Group, Mount, Schema } from "./group.ts";
import type { Neighbour } from "./schemata-parse.ts";

/**
 * All portions that a closid has, as code or as data: where CDP has split the cache both halves count, since lines of either lie
 * in the same portions.
 */
export function maskOf(mount: Mount, { resource, type }: Schema, d: CtrlDomain, closid: number): number {
  const halves = type === "none" ? (["none"] as const) : (["data", "code"] as const);
  return halves.reduce((mask, half) => (mask | getConfig(mount.arch, resource, d, closid, half)) >>> 0, 0);
}

export function neighbours(mount: Mount, group: Group): Neighbour[] {
  return mount.groups
    .filter((other) => other !== group)
    .map(({ mode, closid }) => ({ mode, mask: (schema, d) => maskOf(mount, schema, d, closid) }));
}

export function overlaps(mask: number, schema: Schema, d: CtrlDomain, others: readonly Neighbour[]): boolean {
  return others.some((other) => (other.mask(schema, d) & mask) !== 0);
}

/** The run of ones that starts at the lowest one. */
export function lowestRun(mask: number): number {
  const lowest = mask & -mask;
  // Adding the lowest bit carries through its run and clears it.
  return (mask & ~(mask + lowest)) >>> 0;
}

export function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
