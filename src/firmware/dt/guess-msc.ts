// MSCs of a tree as a platform has them: one of a cache or a node for all its slices or channels.

import { showCpus } from "../../written/index.ts";
import type { TreeMsc } from "./msc.ts";
import { PAGE_BYTES, Pages } from "./pages.ts";

/** The MSCs that stand before one cache or one node, by address. */
export type Part = readonly TreeMsc[];

/** Slices of a cache, channels of a node. */
const SLICES_MAXIMUM = 64;

/** What a RIS controls, in words; empty where that is not known. */
export function partName({ kind, id, level }: { kind: string; id: number; level?: number }): string {
  return kind === "cache" ? `L${level} ${id}` : kind === "memory" ? `node ${id}` : "";
}

export function partsOf(mscs: readonly TreeMsc[], remarks: string[]): Map<string, Part> {
  const parts = new Map<string, TreeMsc[]>();
  for (const one of mscs) {
    const names = [...new Set(one.msc.resources.map(partName))].filter((name) => name !== "");
    const [part = ""] = names;
    if (names.length > 1) remarks.push(`${one.node} controls ${names.join(" and ")}; here it stands before the first`);
    const members = parts.get(part);
    if (members) members.push(one);
    else parts.set(part, [one]);
  }
  for (const members of parts.values()) members.sort((a, b) => a.msc.address - b.msc.address);
  return parts;
}

export class MscGuesses {
  readonly #pages = new Pages();

  constructor(
    readonly cpus: number,
    readonly remarks: string[],
  ) {}

  /** The entry of a platform file for a part, and of how many slices it is. `controls`: what its registers may offer. */
  of(
    part: Part,
    what: string,
    controls: object,
  ): { slices: number; msc: { base: number; stride?: number } | undefined } {
    const [first, second] = part;
    if (!first) return { slices: 1, msc: undefined };
    const stride = second ? second.msc.address - first.msc.address : 0;
    const slices = this.#slicesOf(part, stride, what);
    const said = JSON.stringify(describedAs(first));
    if (part.slice(0, slices).some((one) => JSON.stringify(describedAs(one)) !== said)) {
      this.remarks.push(`MSCs of ${what} differ in more than their place; here all are as ${first.node}`);
    }
    const place = this.#pages.place(first.msc.address, slices, stride);
    if (place.base !== first.msc.address || (slices > 1 && place.stride !== stride)) {
      const to = `0x${place.base.toString(16)}`;
      this.remarks.push(`${first.node} moves to ${to}: here each register page has 64 KiB of its own`);
    }
    const { errorInterrupt, overflowInterrupt, nrdyUsec, cpus } = first.msc;
    const msc = {
      base: place.base,
      ...(slices > 1 && place.stride !== PAGE_BYTES && { stride: place.stride }),
      ...(cpus.size < this.cpus && { cpus: showCpus(cpus) }),
      ...(errorInterrupt !== 0 && { errorInterrupt, ...(first.edge && { errorStyle: "edge" }) }),
      ...(overflowInterrupt !== 0 && { overflowInterrupt }),
      ...(nrdyUsec !== undefined && { nrdyUsec }),
      ...instancesOf(first, controls),
    };
    return { slices, msc };
  }

  #slicesOf(part: Part, stride: number, what: string): number {
    const [first] = part;
    const even = stride > 0 && part.every(({ msc }, at) => msc.address === (first?.msc.address ?? 0) + at * stride);
    const slices = even ? Math.min(part.length, SLICES_MAXIMUM) : 1;
    if (slices < part.length) {
      const why = even ? `up to ${SLICES_MAXIMUM} are modelled` : "they do not lie at equal distances";
      const left = part.length - slices;
      this.remarks.push(`${part.length} MSCs stand before ${what}: ${left} of them are left out, as ${why}`);
    }
    return slices;
  }
}

/** Which RIS has which controls is not known: the first one has them all. */
function instancesOf({ msc }: TreeMsc, controls: object): object {
  const [own = 0, ...others] = msc.resources.map(({ ris }) => ris);
  if (own === 0 && others.length === 0) return controls;
  return { ris: [{ ris: own, ...controls }, ...others.map((ris) => ({ ris }))] };
}

function describedAs({ msc, edge }: TreeMsc): object {
  return { ...msc, id: 0, address: 0, cpus: [...msc.cpus], edge };
}
