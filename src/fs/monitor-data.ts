// The files of mon_data: occupancy and bandwidth of a group in a domain (resctrl-fs.md section 9).

import { ErrnoError } from "../errno/index.ts";
import {
  cntrRead,
  type EventName,
  findDomain,
  type MonCtx,
  type MonDomain,
  monCtxAlloc,
  monCtxFree,
  rmidRead,
} from "../resctrl/index.ts";
import type { FileContent } from "../tree/index.ts";
import { withGroup } from "./commands.ts";
import { counterOf, countersOf } from "./counters.ts";
import type { Group, Mount } from "./group.ts";
import type { ShownEvent } from "./profile.ts";
import { refusalsIgnored } from "./refusals.ts";

/** No writer: such a file cannot be opened for writing. ENOENT: the domain went while the call waited. */
export function monitorFile(mount: Mount, group: Group, domain: number, { event, extended }: ShownEvent): FileContent {
  return {
    read: ({ signal }) =>
      withGroup(mount, group, async () => {
        const d = findDomain(mount.core.monDomains(), domain);
        if (d === undefined) throw new ErrnoError("ENOENT", `${event}: domain ${domain} has gone`);
        return `${await readText(mount, group, d, event, signal)}\n`;
      }),
    ...(extended && { extended }),
  };
}

async function readText(
  mount: Mount,
  group: Group,
  d: MonDomain,
  event: EventName,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const ctx = await contextFor(mount, event, signal);
    try {
      return `${await readEvent(mount, group, d, ctx)}`;
    } finally {
      monCtxFree(mount.arch, ctx);
    }
  } catch (error) {
    if (error instanceof ErrnoError) return wordFor(mount, error);
    throw error;
  }
}

/** Whatever keeps a reader from having a monitor, a signal as well: there is no reading. */
async function contextFor(mount: Mount, event: EventName, signal: AbortSignal | undefined): Promise<MonCtx> {
  try {
    return await monCtxAlloc(mount.arch, event, signal);
  } catch (cause) {
    if (!(cause instanceof ErrnoError)) throw cause;
    throw new ErrnoError("EINVAL", `${event}: no monitor to read with`, { cause });
  }
}

/** What is shown instead of a number. */
function wordFor({ arch }: Mount, { code }: ErrnoError): string {
  if (code === "EIO") return "Error";
  if (code === "EINVAL") return "Unavailable";
  if (code === "ENOENT") return "Unassigned";
  // 7.3 expects no other errno, and has nothing summed up when one comes.
  if (arch.odd.printsNumberSoFar) return "0";
  return code === "EBUSY" || code === "EOPNOTSUPP" ? "Unavailable" : "Error";
}

/** A control group counts its monitor groups as well, and has a value if any of them has one. */
async function readEvent(mount: Mount, group: Group, d: MonDomain, ctx: MonCtx): Promise<bigint> {
  let sum: bigint | undefined;
  let failed: ErrnoError | undefined;
  for (const one of [group, ...group.monitors]) {
    try {
      sum = (sum ?? 0n) + (await readOne(mount, one, d, ctx));
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      failed = error;
    }
  }
  if (sum === undefined) throw failed ?? new ErrnoError("EINVAL", `${ctx.event}: no group to read`);
  return sum;
}

async function readOne(mount: Mount, group: Group, d: MonDomain, ctx: MonCtx): Promise<bigint> {
  const { arch } = mount;
  const { closid, rmid } = group;
  if (ctx.mon !== "pre-allocated") return rmidRead(arch, d, closid, rmid, ctx.event, ctx);
  // Who has a counter is known here, domain by domain; the one table of 7.3 may name another domain's.
  if (counterOf(mount, group, ctx.event, d) < 0) throw new ErrnoError("ENOENT", `${ctx.event}: no counter is assigned`);
  return cntrRead(arch, d, closid, rmid, ctx.event);
}

/** Reads every counter of a domain, so that none overflows twice unseen. False when nothing is mounted any more. */
export async function readCounters(mount: Mount, domain: number): Promise<boolean> {
  const d = findDomain(mount.core.monDomains(), domain);
  if (d === undefined || !mount.alive) return false;
  for (const held of [...countersOf(mount, d)]) {
    if (held === undefined) continue;
    const { closid, rmid } = held.group;
    await refusalsIgnored(() => cntrRead(mount.arch, d, closid, rmid, held.event));
  }
  return true;
}
