/** What the MPAMCFG registers hold for one PARTID in one resource instance: a bitmap of portions, a capacity limit, a bandwidth maximum. */
import type { SubjectRis } from "../subject.ts";

/** How many 32-bit words a bitmap of this width has. */
export function bitmapWords(cpbmWd: number): number {
  return Math.ceil(cpbmWd / 32);
}

/** A fraction keeps its top bits; the others read 0. */
function topBits(raw: number, width: number): number {
  return raw & (0xffff << (16 - width)) & 0xffff;
}

export class PartSettings {
  /** One entry a portion; nothing is forbidden until software says so. */
  readonly #portions: boolean[];
  #cmax = 0xffff;
  #mbwMax = 0xffff;
  #hardlim = false;

  constructor(private readonly ris: SubjectRis) {
    this.#portions = new Array<boolean>(ris.cpor?.cpbmWd ?? 0).fill(true);
  }

  readCpbm(word: number): number {
    let value = 0;
    for (let bit = 0; bit < 32; bit++) if (this.#portions[word * 32 + bit]) value += 2 ** bit;
    return value;
  }

  writeCpbm(word: number, value: number): void {
    for (let bit = 0; bit < 32; bit++) {
      const portion = word * 32 + bit;
      if (portion < this.#portions.length) this.#portions[portion] = ((value >>> bit) & 1) === 1;
    }
  }

  readCmax(): number {
    return topBits(this.#cmax, this.ris.ccap?.cmaxWd ?? 0);
  }

  writeCmax(value: number): void {
    this.#cmax = value & 0xffff;
  }

  readMbwMax(): number {
    const { bwaWd, maxLim } = this.ris.mbw ?? { bwaWd: 0, maxLim: "soft" };
    const hardlim = maxLim === "hard" || (maxLim === "both" && this.#hardlim);
    return topBits(this.#mbwMax, bwaWd) + (hardlim ? 0x8000_0000 : 0);
  }

  writeMbwMax(value: number): void {
    this.#mbwMax = value & 0xffff;
    this.#hardlim = value >>> 31 === 1;
  }

  /** Portions are dealt to cells, way by way, `r` cells a way. */
  allows(set: number, way: number, ways: number): boolean {
    const cpbmWd = this.ris.cpor?.cpbmWd;
    if (cpbmWd === undefined) return true;
    let r = 1;
    while (ways * r < cpbmWd) r *= 2;
    const cell = way * r + (set % r);
    return this.#portions[Math.floor((cell * cpbmWd) / (ways * r))] === true;
  }

  /** Lines, of a cache with so many. */
  limit(lines: number): number {
    const cmaxWd = this.ris.ccap?.cmaxWd;
    if (cmaxWd === undefined) return lines;
    const v = this.readCmax() >>> (16 - cmaxWd);
    if (v === 2 ** cmaxWd - 1) return lines;
    return Math.floor(((v + 1) * lines) / 2 ** cmaxWd);
  }
}
