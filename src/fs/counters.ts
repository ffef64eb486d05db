// Bandwidth counters, which must be assigned to groups, and the file mbm_L3_assignments (resctrl-fs.md section 8).

import { ErrnoError } from "../errno/index.ts";
import { configCntr, type EventName, findDomain, getResource, type MonDomain } from "../resctrl/index.ts";
import type { Group, GroupHandlers, Mount } from "./group.ts";
import { parseUnsigned } from "./numbers.ts";
import { commandOf, cut, trim } from "./text.ts";

/** The events that need a counter: on MPAM one, where anything counts bandwidth at all. */
export function counterEvents(mount: Mount): EventName[] {
  return mount.arch.events.has("mbm_total_bytes") ? ["mbm_total_bytes"] : [];
}

export function numCounters(mount: Mount): number {
  return getResource(mount.arch, "L3").mon.numCntrs;
}

export function countersOf(mount: Mount, d: MonDomain) {
  let counters = mount.counters.get(d.id);
  if (counters === undefined) {
    counters = new Array(numCounters(mount)).fill(undefined);
    mount.counters.set(d.id, counters);
  }
  return counters;
}

function counterOf(mount: Mount, group: Group, event: EventName, d: MonDomain): number {
  return countersOf(mount, d).findIndex((held) => held?.group === group && held.event === event);
}

/** The lowest free counter of the domain. ENOSPC, with a text, when there is none; nothing when one is assigned already. */
async function assign(mount: Mount, group: Group, event: EventName, d: MonDomain): Promise<void> {
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

async function unassign(mount: Mount, group: Group, event: EventName, d: MonDomain): Promise<void> {
  const held = counterOf(mount, group, event, d);
  if (held < 0) return;
  await configCntr(mount.arch, d, event, group.rmid, group.closid, held, false);
  countersOf(mount, d)[held] = undefined;
}

/** At mount and mkdir: as far as the counters go. A failure leaves its text and is otherwise forgotten. */
export async function assignAll(mount: Mount, group: Group): Promise<void> {
  if (!mount.core.assignOnMkdir) return;
  for (const event of counterEvents(mount)) {
    for (const d of mount.core.monDomains()) {
      try {
        await assign(mount, group, event, d);
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
      }
    }
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

export function assignmentsFile(mount: Mount): GroupHandlers {
  return {
    read: (group) =>
      counterEvents(mount)
        .map((event) => {
          const states = mount.core.monDomains().map((d) => {
            return `${d.id}=${counterOf(mount, group, event, d) >= 0 ? "e" : "_"}`;
          });
          return `${event}:${states.join(";")}\n`;
        })
        .join(""),
    write: (group, bytes) => writeAssignments(mount, group, bytes),
  };
}

/** Line by line and item by item; what was done before an error stays done. */
async function writeAssignments(mount: Mount, group: Group, bytes: string): Promise<void> {
  const { status } = mount.core;
  const command = commandOf(bytes);
  if (command === undefined) {
    const message = "mbm_L3_assignments: the command must end with a newline";
    throw status.refuse("EINVAL", "mbm_L3_assignments: Invalid input\n", message);
  }
  for (const line of command.split("\n")) {
    const [name, list] = cut(line, ":");
    const event = counterEvents(mount).find((known) => known === name);
    if (event === undefined) {
      const message = `mbm_L3_assignments: no event "${name}"; there is ${counterEvents(mount).join(", ")}`;
      throw status.refuseFormatted("ENOENT", `Invalid event ${name}\n`, message);
    }
    await writeItems(mount, group, event, list ?? "");
  }
}

async function writeItems(mount: Mount, group: Group, event: EventName, list: string): Promise<void> {
  const { status } = mount.core;
  const domains = mount.core.monDomains();
  for (let rest: string | undefined = list; rest !== undefined && rest !== ""; ) {
    const [item, next] = cut(rest, ";");
    const [idText, state] = cut(trim(item), "=");
    if (idText.startsWith("*")) {
      // The rest of the line is never looked at.
      await setState(mount, group, event, domains, "*", state);
      return;
    }
    const id = parseUnsigned(idText, 10, 64);
    if (typeof id === "string") {
      throw status.refuse("EINVAL", "Missing domain id\n", `mbm_L3_assignments: "${item}" is not <domain>=<e|_>`);
    }
    const shown = BigInt.asIntN(64, id);
    const d = findDomain(domains, Number(id));
    if (d === undefined) {
      const message = `mbm_L3_assignments: no domain ${shown}; there is ${domains.map((other) => other.id).join(", ")}`;
      throw status.refuseFormatted("EINVAL", `Invalid domain id ${shown}\n`, message);
    }
    await setState(mount, group, event, [d], `${shown}`, state);
    rest = next;
  }
}

/** Every domain is tried; the last error counts. */
async function setState(
  mount: Mount,
  group: Group,
  event: EventName,
  domains: readonly MonDomain[],
  shown: string,
  state: string | undefined,
): Promise<void> {
  const { status } = mount.core;
  let failed: ErrnoError | undefined;
  if (state !== "e" && state !== "_") {
    failed = new ErrnoError("EINVAL", `mbm_L3_assignments: "${state ?? ""}" is not e or _`);
  } else {
    for (const d of domains) {
      try {
        if (state === "e") await assign(mount, group, event, d);
        else await unassign(mount, group, event, d);
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        failed = error;
      }
    }
  }
  if (failed === undefined) return;
  status.formatted(`Assign operation '${event}:${shown}=${state ?? "(null)"}' failed\n`);
  throw status.because(failed, "");
}
