// What a snapshot keeps of this room, and how it comes back. What was chosen at setup is not chosen anew: other cpus
// may have been online then.

import type { MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { type Arch, getResource } from "./arch.ts";
import { followFlags } from "./cdp.ts";
import type { Picks } from "./classes.ts";
import type { ResctrlDriver } from "./needs.ts";
import { type EventName, findDomain, type ResourceId } from "./resource.ts";

type Key = Pick<MpamClass, "type" | "level">;

export interface SavedArch {
  readonly resources: readonly (readonly [ResourceId, Key])[];
  readonly events: readonly (readonly [EventName, Key])[];
  readonly rmidLimitBytes: number;
  readonly assignedCounters: readonly number[];
  readonly numCntrs: number;
  /** Per monitor domain: [index, monitor] pairs. */
  readonly monitors: readonly { readonly domain: number; readonly pairs: readonly (readonly [number, number])[] }[];
  readonly counterTable: readonly (readonly [number, number])[];
  readonly cdpEnabled: boolean;
  /** Whose schema is split. */
  readonly split: readonly ResourceId[];
  readonly said: readonly string[];
}

export function saveArch(arch: Arch): SavedArch {
  const slots = [...arch.slots];
  const faked = arch.said.has("fake-l3");
  return {
    resources: slots.flatMap(([rid, { class: c }]) =>
      c === undefined || (rid === "L3" && faked) ? [] : [[rid, keyOf(c)] as const],
    ),
    events: [...arch.events].map(([event, c]) => [event, keyOf(c)] as const),
    rmidLimitBytes: arch.rmidLimitBytes,
    assignedCounters: [...arch.assignedCounters],
    numCntrs: getResource(arch, "L3").mon.numCntrs,
    monitors: getResource(arch, "L3").monDomains.map((d) => ({ domain: d.id, pairs: [...d.monitorOfIndex] })),
    counterTable: [...arch.counterTable],
    cdpEnabled: arch.cdpEnabled,
    split: slots.flatMap(([rid, { cdpEnabled }]) => (cdpEnabled ? [rid] : [])),
    said: [...arch.said],
  };
}

function keyOf({ type, level }: MpamClass): Key {
  return { type, level };
}

export function savedPicks(driver: ResctrlDriver, saved: SavedArch): Picks {
  const find = ({ type, level }: Key): MpamClass => {
    const found = driver.classes.find((c) => c.type === type && c.level === level);
    if (found === undefined)
      throw new ErrnoError("EINVAL", `resctrl: the snapshot has a class (${type}, level ${level}) that is not there`);
    return found;
  };
  return {
    resources: new Map(saved.resources.map(([rid, key]) => [rid, find(key)])),
    events: new Map(saved.events.map(([event, key]) => [event, find(key)])),
  };
}

/** Labels are the machine's, and its snapshot has them. */
export function adoptSaved(arch: Arch, saved: SavedArch): void {
  arch.rmidLimitBytes = saved.rmidLimitBytes;
  arch.cdpEnabled = saved.cdpEnabled;
  for (const [rid, slot] of arch.slots) slot.cdpEnabled = saved.split.includes(rid);
  followFlags(arch);
  const l3 = getResource(arch, "L3");
  l3.mon.numCntrs = saved.numCntrs;
  for (const [idx, mon] of saved.counterTable) arch.counterTable.set(idx, mon);
  for (const { domain, pairs } of saved.monitors) {
    const d = findDomain(l3.monDomains, domain);
    for (const [idx, mon] of pairs) d?.monitorOfIndex.set(idx, mon);
  }
}
