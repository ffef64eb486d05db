// What the control registers of every PARTID hold: what all writing through the layers above has come to.

import * as offsets from "../../assembly/regs/offsets.ts";
import { PART_SEL_INTERNAL, partSel } from "../../assembly/regs/partition.ts";
import { type MscInstance, mscInstances, type Platform, type RisDescription, type Space } from "../platform/index.ts";

/** PARTIDs of one resource instance whose registers hold the same. */
export interface Settings {
  readonly msc: number;
  /** "L3 0", "node 1.0": the second number is that of the slice or channel. */
  readonly name: string;
  readonly ris: number;
  /** Internal ones, where the MSC narrows PARTIDs. */
  readonly partids: readonly number[];
  /** By register, as it is read; the words of a bitmap as one number in hexadecimal. */
  readonly registers: Readonly<Record<string, string>>;
}

export interface RegisterReader {
  read32(msc: number, offset: number, space?: Space): number;
  write32(msc: number, offset: number, value: number, space?: Space): void;
}

/** Of all MSCs, in the Non-secure space; the selection is put back. */
export function settingsOf(machine: RegisterReader, platform: Platform): Settings[] {
  return mscInstances(platform).flatMap((instance) => {
    const { msc, description } = instance;
    const before = machine.read32(msc, offsets.MPAMCFG_PART_SEL);
    try {
      return description.ris
        .filter(({ spaces }) => spaces === undefined || spaces.includes("ns"))
        .flatMap((ris) => ofInstance(machine, instance, ris));
    } finally {
      machine.write32(msc, offsets.MPAMCFG_PART_SEL, before);
    }
  });
}

function ofInstance(machine: RegisterReader, instance: MscInstance, description: RisDescription): Settings[] {
  const { msc, description: part } = instance;
  const { ris } = description;
  const registers = registersOf(description);
  if (registers.length === 0) return [];
  const last = part.partidNrw?.intPartidMax ?? part.spaces.ns?.partidMax ?? 0;
  const internal = part.partidNrw ? PART_SEL_INTERNAL : 0;
  const found = new Map<string, { readonly partids: number[]; readonly registers: Record<string, string> }>();
  for (let partid = 0; partid <= last; partid++) {
    machine.write32(msc, offsets.MPAMCFG_PART_SEL, (partSel(ris, partid) | internal) >>> 0);
    const held = Object.fromEntries(
      registers.map(({ name, offset, words }) => [name, heldIn(machine, msc, offset, words)]),
    );
    const key = JSON.stringify(held);
    const same = found.get(key);
    if (same) same.partids.push(partid);
    else found.set(key, { partids: [partid], registers: held });
  }
  return [...found.values()].map((one) => ({ msc, name: nameOfMsc(instance), ris, ...one }));
}

interface ControlRegister {
  readonly name: string;
  readonly offset: number;
  readonly words: number;
}

/** Those that the instance has. */
function registersOf({ cpor, ccap, mbw, pri }: RisDescription): ControlRegister[] {
  const one = (name: string, offset: number, there: unknown, words = 1): ControlRegister[] =>
    there ? [{ name, offset, words }] : [];
  const wordsIn = (bits: number | undefined) => Math.ceil((bits ?? 0) / 32);
  return [
    ...one("CPBM", offsets.MPAMCFG_CPBM, cpor, wordsIn(cpor?.cpbmWd)),
    ...one("CMAX", offsets.MPAMCFG_CMAX, ccap && !ccap.noCmax),
    ...one("CMIN", offsets.MPAMCFG_CMIN, ccap?.cmin),
    ...one("CASSOC", offsets.MPAMCFG_CASSOC, ccap?.cassocWd),
    ...one("MBW_MAX", offsets.MPAMCFG_MBW_MAX, mbw?.max),
    ...one("MBW_MIN", offsets.MPAMCFG_MBW_MIN, mbw?.min),
    ...one("MBW_PROP", offsets.MPAMCFG_MBW_PROP, mbw?.prop),
    ...one("MBW_PBM", offsets.MPAMCFG_MBW_PBM, mbw?.bwpbmWd, wordsIn(mbw?.bwpbmWd)),
    ...one("PRI", offsets.MPAMCFG_PRI, pri),
  ];
}

function heldIn(machine: RegisterReader, msc: number, offset: number, words: number): string {
  const read = Array.from({ length: words }, (_, word) => machine.read32(msc, offset + 4 * word));
  const value = read.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return `0x${value.toString(16)}`;
}

/** "L3 0", "node 1.0". */
export function nameOfMsc({ resource }: MscInstance): string {
  if (resource.kind === "cache") {
    const { level, id, slices } = resource.cache;
    return slices === 1 ? `L${level} ${id}` : `L${level} ${id}.${resource.slice}`;
  }
  const { node, channels } = resource.memory;
  return channels === 1 ? `node ${node}` : `node ${node}.${resource.channel}`;
}
