// MSCs that firmware describes as a platform has them: one entry of a cache or a node for all its slices or channels.

import { showCpus } from "../../written/index.ts";
import type { FirmwareMsc } from "../description.ts";
import { PAGE_BYTES, Pages } from "./pages.ts";

export interface FoundMsc {
  /** What remarks call it. */
  readonly name: { toString(): string };
  readonly msc: FirmwareMsc;
  /** Its error interrupt is a pulse. */
  readonly edge: boolean;
}

/** The MSCs that stand before one cache or one node, by address. */
export type Part = readonly FoundMsc[];

/** Slices of a cache, channels of a node. */
const SLICES_MAXIMUM = 64;
const RIS_MAXIMUM = 15;

/** What a RIS controls, in words; empty where that is not known. */
export function partName({ kind, id, level }: { kind: string; id: number; level?: number }): string {
  if (kind === "memory") return `node ${id}`;
  if (kind !== "cache") return "";
  return level === undefined ? `cache ${id}` : `L${level} ${id}`;
}

/** By what they stand before; "": nothing that is known. */
export function partsOf(mscs: readonly FoundMsc[], remark: (text: string) => void): Map<string, Part> {
  const parts = new Map<string, FoundMsc[]>();
  for (const one of mscs) {
    const names = [...new Set(one.msc.resources.map(partName))].filter((name) => name !== "");
    const [part = ""] = names;
    if (names.length > 1) remark(`${one.name} controls ${names.join(" and ")}; here it stands before the first`);
    const members = parts.get(part);
    if (members) members.push(one);
    else parts.set(part, [one]);
  }
  for (const members of parts.values()) members.sort((a, b) => a.msc.address - b.msc.address);
  return parts;
}

export interface MscEntry {
  readonly slices: number;
  /** What is written; absent: there is none. */
  readonly msc: { readonly base?: number; readonly stride?: number; readonly mailbox?: number } | undefined;
}

export class MscGuesses {
  readonly #pages = new Pages();
  /** How cpus are written; many MSCs are reached by the same. */
  readonly #cpusOf = new Map<ReadonlySet<number>, { readonly count: number; readonly text: string }>();

  constructor(
    readonly cpus: number,
    readonly remark: (text: string) => void,
  ) {}

  /** The entry of a platform file for a part, and of how many slices it is. `controls`: what its registers may offer. */
  of(part: Part, what: string, controls: object): MscEntry {
    const [first] = part;
    if (!first) return { slices: 1, msc: undefined };
    const { slices, place } = this.#place(part, what);
    if (part.slice(1, slices).some((one) => !isAlike(first, one))) {
      this.remark(`MSCs of ${what} differ in more than their place; here all are as ${first.name}`);
    }
    const { errorInterrupt, overflowInterrupt, nrdyUsec } = first.msc;
    const reach = this.#reach(first.msc.cpus);
    if (reach.count === 0) this.remark(`no cpu reaches ${first.name}; here all do`);
    const msc = {
      ...place,
      ...(reach.count > 0 && reach.count < this.cpus && { cpus: reach.text }),
      ...(errorInterrupt !== 0 && { errorInterrupt }),
      ...(first.edge && { errorStyle: "edge" }),
      ...(overflowInterrupt !== 0 && { overflowInterrupt }),
      ...(nrdyUsec && { nrdyUsec }),
      ...instancesOf(first.msc, controls),
    };
    return { slices, msc };
  }

  /** Pages that follow each other at one distance are slices; so are MSCs behind one mailbox. */
  #place(part: Part, what: string): { readonly slices: number; readonly place: NonNullable<MscEntry["msc"]> } {
    const { name, msc } = part[0] as FoundMsc;
    if (msc.interface === "pcc") {
      const alike = part.every((one) => one.msc.interface === "pcc" && one.msc.subspace === msc.subspace);
      const slices = this.#slices(part, alike, what, "they are reached in different ways");
      return { slices, place: { mailbox: msc.subspace ?? 0 } };
    }
    const stride = part[1] ? part[1].msc.address - msc.address : 0;
    const even = part.every((one, at) => one.msc.address === msc.address + at * stride);
    const slices = this.#slices(part, stride > 0 && even, what, "they do not lie at equal distances");
    const row = this.#pages.place(msc.address, slices, stride);
    if (row.base !== msc.address || (slices > 1 && row.stride !== stride)) {
      const others = slices > 1 ? `, and ${slices - 1} more behind it` : "";
      const to = `0x${row.base.toString(16)}${others}`;
      this.remark(`${name} moves to ${to}: here each register page has 64 KiB of its own`);
    }
    const far = slices > 1 && row.stride !== PAGE_BYTES;
    return { slices, place: { base: row.base, ...(far && { stride: row.stride }) } };
  }

  #slices(part: Part, canBe: boolean, what: string, unless: string): number {
    const slices = canBe ? Math.min(part.length, SLICES_MAXIMUM) : 1;
    if (slices < part.length) {
      const why = canBe ? `up to ${SLICES_MAXIMUM} are modelled` : unless;
      this.remark(`${part.length} MSCs stand before ${what}: ${part.length - slices} of them are left out, as ${why}`);
    }
    return slices;
  }

  #reach(cpus: ReadonlySet<number>) {
    const known = this.#cpusOf.get(cpus);
    if (known) return known;
    const here = [...cpus].filter((cpu) => cpu < this.cpus);
    const reach = { count: here.length, text: here.length === 0 ? "" : showCpus(here) };
    this.#cpusOf.set(cpus, reach);
    return reach;
  }
}

/** Which RIS has which controls is not known: the first one has them all. */
function instancesOf({ resources }: FirmwareMsc, controls: object): object {
  const [own = 0, ...others] = new Set(resources.map(({ ris }) => ris).filter((ris) => ris <= RIS_MAXIMUM));
  if (own === 0 && others.length === 0) return controls;
  return { ris: [{ ris: own, ...controls }, ...others.map((ris) => ({ ris }))] };
}

function isAlike(a: FoundMsc, b: FoundMsc): boolean {
  const rest = ({ msc, edge }: FoundMsc) => JSON.stringify({ ...msc, id: 0, address: 0, cpus: [], edge });
  if (rest(a) !== rest(b)) return false;
  if (a.msc.cpus === b.msc.cpus) return true;
  return a.msc.cpus.size === b.msc.cpus.size && [...a.msc.cpus].every((cpu) => b.msc.cpus.has(cpu));
}
