// Bandwidth counters, which must be assigned to groups: which counter of a domain serves whom (resctrl-fs.md section 8).

import { configCntr, type EventName, getResource, type MonDomain } from "../resctrl/index.ts";
import type { Assignment, Group, Mount } from "./group.ts";
import { refusalsIgnored } from "./refusals.ts";

/** The events that need a counter: on MPAM one, where anything counts bandwidth at all. */
export function counterEvents(mount: Mount): EventName[] {
  return mount.arch.events.has("mbm_total_bytes") ? ["mbm_total_bytes"] : [];
}

export function numCounters(mount: Mount): number {
  return getResource(mount.arch, "L3").mon.numCntrs;
}

/** Who has which counter of a domain. In a domain that has just come all are free. */
export function countersOf(mount: Mount, d: MonDomain): (Assignment | undefined)[] {
  const counters = mount.counters.get(d.id) ?? new Array(numCounters(mount)).fill(undefined);
  mount.counters.set(d.id, counters);
  return counters;
}

export function counterOf(mount: Mount, group: Group, event: EventName, d: MonDomain): number {
  return countersOf(mount, d).findIndex((held) => held?.group === group && held.event === event);
}

/** The lowest free counter of the domain. ENOSPC, with a text, when there is none; nothing when one is assigned already. */
export async function assign(mount: Mount, group: Group, event: EventName, d: MonDomain): Promise<void> {
  if (counterOf(mount, group, event, d) >= 0) return;
  const counters = countersOf(mount, d);
  const free = counters.indexOf(undefined);
  if (free < 0) {
    const text = `Failed to allocate counter for ${event} in domain ${d.id}\n`;
    const message = `${event}: all ${counters.length} counters of domain ${d.id} are assigned`;
    throw mount.core.status.refuseFormatted("ENOSPC", text, message);
  }
  counters[free] = { group, event };
  await configCntr(mount.arch, d, event, group.rmid, group.closid, free, true);
}

export async function unassign(mount: Mount, group: Group, event: EventName, d: MonDomain): Promise<void> {
  const held = counterOf(mount, group, event, d);
  if (held < 0) return;
  await configCntr(mount.arch, d, event, group.rmid, group.closid, held, false);
  countersOf(mount, d)[held] = undefined;
}

/** At mount and mkdir: as far as the counters go. A failure leaves its text and is otherwise forgotten. */
export async function assignAll(mount: Mount, group: Group): Promise<void> {
  if (!mount.core.assignOnMkdir) return;
  for (const event of counterEvents(mount)) {
    for (const d of mount.core.monDomains()) await refusalsIgnored(() => assign(mount, group, event, d));
  }
}

export async function unassignAll(mount: Mount, group: Group): Promise<void> {
  for (const event of counterEvents(mount)) {
    for (const d of mount.core.monDomains()) await unassign(mount, group, event, d);
  }
}

/** Runs a change of the group's ids with its counters taken off before and put back after, each in its own place. */
export async function keepingCounters(mount: Mount, group: Group, change: () => void): Promise<void> {
  const held: { event: EventName; d: MonDomain; counter: number }[] = [];
  for (const event of counterEvents(mount)) {
    for (const d of mount.core.monDomains()) {
      const counter = counterOf(mount, group, event, d);
      if (counter >= 0) held.push({ event, d, counter });
    }
  }
  for (const { event, d, counter } of held) {
    await configCntr(mount.arch, d, event, group.rmid, group.closid, counter, false);
  }
  change();
  for (const { event, d, counter } of held) {
    await configCntr(mount.arch, d, event, group.rmid, group.closid, counter, true);
  }
}
