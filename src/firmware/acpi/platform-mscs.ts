// MSCs of tables as a platform has them: the slices of a cache and the channels of a node are one entry.

import type { FirmwareChannel, FirmwareDescription, FirmwareMsc } from "../description.ts";
import { hex } from "./bytes.ts";
import type { Remarks } from "./remarks.ts";

export interface WrittenMailbox {
  readonly subspace: number;
  readonly base: number;
  readonly bytes: number;
  readonly latencyUsec: number;
  readonly interrupt: number;
}

/** MSCs that stand before one cache or one node. */
export interface MscGroup {
  readonly kind: "cache" | "memory";
  /** A cache id, or a node as software numbers it. */
  readonly id: number;
  /** Identifiers, one for each slice or channel. */
  readonly ids: readonly number[];
  readonly slices: number;
  readonly ris: readonly number[];
  readonly msc: {
    readonly base?: number;
    readonly stride?: number;
    readonly mailbox?: number;
    readonly nrdyUsec?: number;
    readonly errorInterrupt?: number;
    readonly overflowInterrupt?: number;
    readonly errorStyle?: "edge";
    readonly cpus?: readonly number[];
  };
}

const WINDOW = 2 ** 16;
const STRIDE_MAXIMUM = 2 ** 40;
const SLICES_MAXIMUM = 64;
const RIS_MAXIMUM = 15;

/** `edges`: the MSCs whose error interrupt is a pulse. */
export function mscGroups(
  { mscs }: FirmwareDescription,
  edges: ReadonlySet<number>,
  cpus: number,
  remarks: Remarks,
): MscGroup[] {
  const members = new Map<string, FirmwareMsc[]>();
  for (const msc of mscs) {
    const [first] = msc.resources;
    const left = (what: string) => remarks.say(`MSC ${msc.id}: ${what}`);
    if (first === undefined || first.kind === "unknown") {
      left("no cache and no memory is named; left out of the platform");
      continue;
    }
    if (msc.resources.some(({ kind, id }) => kind !== first.kind || id !== first.id)) {
      left(
        `its resources are of several kinds; a platform has MSCs of one, and those of ${first.kind} ${first.id} stay`,
      );
    }
    const key = `${first.kind} ${first.id}`;
    const alike = members.get(key);
    if (alike) alike.push(msc);
    else members.set(key, [msc]);
  }
  return [...members.values()].map((one) => groupOf(one, edges, cpus, remarks));
}

function groupOf(
  members: readonly FirmwareMsc[],
  edges: ReadonlySet<number>,
  cpus: number,
  remarks: Remarks,
): MscGroup {
  const msc = members[0] as FirmwareMsc;
  const { kind, id } = msc.resources[0] as { kind: "cache" | "memory"; id: number };
  const say = (what: string) => remarks.say(`${kind} ${id}: ${what}`);
  const place = placeOf(members, say);
  const used = members.slice(0, place.slices);
  const ris = risOf(msc, kind, id);
  const reach = [...msc.cpus].filter((cpu) => cpu < cpus).sort((a, b) => a - b);
  const same = used.every(
    (other) =>
      other.nrdyUsec === msc.nrdyUsec &&
      edges.has(other.id) === edges.has(msc.id) &&
      other.errorInterrupt === msc.errorInterrupt &&
      other.overflowInterrupt === msc.overflowInterrupt &&
      other.cpus.size === msc.cpus.size &&
      [...other.cpus].every((cpu) => msc.cpus.has(cpu)) &&
      risOf(other, kind, id).join() === ris.join(),
  );
  if (!same) say(`its MSCs differ; all are taken to be as MSC ${msc.id}`);
  if (reach.length === 0) say(`no cpu reaches MSC ${msc.id}; all are taken`);
  return {
    kind,
    id,
    ids: used.map((one) => one.id),
    slices: place.slices,
    ris,
    msc: {
      ...place.where,
      ...(msc.nrdyUsec ? { nrdyUsec: msc.nrdyUsec } : {}),
      ...(msc.errorInterrupt ? { errorInterrupt: msc.errorInterrupt } : {}),
      ...(msc.overflowInterrupt ? { overflowInterrupt: msc.overflowInterrupt } : {}),
      ...(edges.has(msc.id) ? { errorStyle: "edge" } : {}),
      ...(reach.length > 0 && reach.length < cpus ? { cpus: reach } : {}),
    },
  };
}

function risOf(msc: FirmwareMsc, kind: string, id: number): number[] {
  const mine = msc.resources.filter((one) => one.kind === kind && one.id === id && one.ris <= RIS_MAXIMUM);
  const ris = [...new Set(mine.map((one) => one.ris))];
  return ris.length === 0 ? [0] : ris;
}

/** Pages that follow each other at one distance are slices; so are MSCs behind one mailbox. */
function placeOf(members: readonly FirmwareMsc[], say: (what: string) => void) {
  const first = members[0] as FirmwareMsc;
  const more = Math.min(members.length, SLICES_MAXIMUM);
  if (first.interface === "pcc") {
    const alike = members.every((one) => one.interface === "pcc" && one.subspace === first.subspace);
    if (!alike) say(`its ${members.length} MSCs are reached in different ways; MSC ${first.id} stands for all`);
    return { slices: alike ? more : 1, where: { mailbox: first.subspace ?? 0 } };
  }
  const base = first.address;
  if (base % WINDOW !== 0)
    say(`the page of MSC ${first.id} at ${hex(base)} is no multiple of 64 KiB, which a platform wants`);
  const stride = (members[1]?.address ?? base + WINDOW) - base;
  const even =
    stride > 0 &&
    stride <= STRIDE_MAXIMUM &&
    stride % WINDOW === 0 &&
    members.every((one, index) => one.interface === "mmio" && one.address === base + index * stride);
  if (!even) say(`its ${members.length} MSCs have no common distance; MSC ${first.id} stands for all`);
  return { slices: even ? more : 1, where: { base, ...(even && members.length > 1 ? { stride } : {}) } };
}

/** Registers are where docs/firmware.md has them, whatever the tables say. */
export function mailboxesFrom(
  channels: readonly FirmwareChannel[],
  groups: readonly MscGroup[],
  remarks: Remarks,
): WrittenMailbox[] {
  const mailboxes = channels.map(({ subspace, base, bytes, latencyUsec, interrupt, doorbell, complete }) => {
    if (doorbell.address !== base + 0x1000 || complete.address !== base + 0x1008) {
      remarks.say(
        `subspace ${subspace}: its registers are not behind its memory; a platform has them at base + 0x1000`,
      );
    }
    return {
      subspace,
      base,
      bytes: Math.min(bytes - (bytes % 4), 4096),
      latencyUsec: Math.min(latencyUsec, 1_000_000),
      interrupt,
    };
  });
  const there = new Set(mailboxes.map(({ subspace }) => subspace));
  for (const subspace of groups.flatMap(({ msc }) => msc.mailbox ?? [])) {
    if (there.has(subspace)) continue;
    remarks.say(
      `subspace ${subspace}: MSCs are behind it, and no table describes it; the platform needs a mailbox there`,
    );
  }
  return mailboxes;
}
