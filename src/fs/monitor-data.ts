// The files of mon_data: occupancy and bandwidth of a group in a domain (resctrl-fs.md section 9).

import { ErrnoError } from "../errno/index.ts";
import {
  cntrRead,
  type EventName,
  findDomain,
  type MonDomain,
  monCtxAlloc,
  monCtxFree,
  rmidRead,
} from "../resctrl/index.ts";
import type { FileContent } from "../tree/index.ts";
import { refusalsIgnored } from "./core.ts";
import { counterEvents } from "./counters.ts";
import { allGroups, type Group, type Mount, withGroup } from "./group.ts";

/** No writer: such a file cannot be opened for writing. */
export function monitorFile(mount: Mount, group: Group, d: MonDomain, event: EventName): FileContent {
  return {
    read: () =>
      withGroup(mount, group, async () => {
        try {
          return `${await readEvent(mount, group, d, event)}\n`;
        } catch (error) {
          if (error instanceof ErrnoError) return `${wordFor(error)}\n`;
          throw error;
        }
      }),
  };
}

/**
 * What is shown instead of a number. A counter that is not ready is unavailable: 7.3 prints the sum so far, usually 0
 * (resctrl-glue.md section 10.2, marked as a hazard).
 */
function wordFor(error: ErrnoError): string {
  if (error.code === "ENOENT") return "Unassigned";
  return error.code === "EINVAL" || error.code === "EBUSY" || error.code === "EOPNOTSUPP" ? "Unavailable" : "Error";
}

/** A control group counts its monitor groups as well, and has a value if any of them has one. */
async function readEvent(mount: Mount, group: Group, d: MonDomain, event: EventName): Promise<bigint> {
  const { arch } = mount;
  const ctx = await monCtxAlloc(arch, event);
  let sum: bigint | undefined;
  let failed: ErrnoError | undefined;
  try {
    for (const { closid, rmid } of [group, ...group.monitors]) {
      try {
        const value =
          ctx.mon === "pre-allocated"
            ? await cntrRead(arch, d, closid, rmid, event)
            : await rmidRead(arch, d, closid, rmid, event, ctx);
        sum = (sum ?? 0n) + value;
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        failed = error;
      }
    }
  } finally {
    monCtxFree(arch, ctx);
  }
  if (sum === undefined) throw failed ?? new ErrnoError("EINVAL", `${event}: no group to read`);
  return sum;
}

/** Reads every counter of a domain, so that none overflows twice unseen. False when nothing is mounted any more. */
export async function readCounters(mount: Mount, domain: number): Promise<boolean> {
  const d = findDomain(mount.core.monDomains(), domain);
  if (d === undefined || !mount.alive) return false;
  for (const { closid, rmid } of allGroups(mount)) {
    for (const event of counterEvents(mount)) {
      await refusalsIgnored(() => cntrRead(mount.arch, d, closid, rmid, event));
    }
  }
  return true;
}
