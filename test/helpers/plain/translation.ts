/** Translation of PARTIDs on the way in or out: direct entries, and base and mask for what has none (IHI 0099, MPAMCFG_IN_TL, _OUT_TL). */
import type { SubjectTranslation } from "../subject.ts";

const ENABLE = 0x8000_0000;
const WIDEST_MASK = 16;

/** What software has written. */
interface Written {
  /** By PARTID; absent ones are 0. */
  readonly entries: Map<number, number>;
  base: number;
  maskWidth: number;
}

export class Translation {
  readonly #written: Written = { entries: new Map(), base: 0, maskWidth: WIDEST_MASK };
  /** What traffic and monitors go by: as it was written at the last edge. */
  #inForce: Written = { entries: new Map(), base: 0, maskWidth: WIDEST_MASK };

  constructor(private readonly has: SubjectTranslation) {}

  edge(): void {
    this.#inForce = { ...this.#written, entries: new Map(this.#written.entries) };
  }

  translate(partid: number): number {
    const { entries, base, maskWidth } = this.#inForce;
    const entry = entries.get(partid) ?? 0;
    if (entry >= ENABLE) return entry & 0xffff;
    if (this.has.baseMask !== true) return partid;
    const mask = 2 ** Math.min(maskWidth, WIDEST_MASK) - 1;
    return (base & ~mask & 0xffff) | (partid & mask);
  }

  readEntry(partid: number): number {
    return this.#written.entries.get(partid) ?? 0;
  }

  writeEntry(partid: number, value: number): void {
    this.#written.entries.set(partid, (value & 0x8000_ffff) >>> 0);
  }

  readBase(): number {
    return this.#written.base;
  }

  writeBase(value: number): void {
    this.#written.base = value & 0xffff;
  }

  readMask(): number {
    return this.#written.maskWidth;
  }

  writeMask(value: number): void {
    this.#written.maskWidth = value & 0x1f;
  }
}
