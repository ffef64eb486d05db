/** What the MPAMCFG registers hold for one PARTID in one resource instance. */
import type { SubjectRis } from "../subject.ts";
import { bit, flag, fractionBits, lowBits } from "./bits.ts";

/** One for each register, or array of registers. */
export const CONTROLS = [
  "cpbm",
  "cmax",
  "cmin",
  "cassoc",
  "mbwMin",
  "mbwMax",
  "mbwWinwd",
  "mbwPbm",
  "mbwProp",
  "pri",
] as const;

export type Control = (typeof CONTROLS)[number];

const SOFTLIM = 31;
const HARDLIM = 31;
const PROP_EN = 31;
const POISON = 0xa5a5_a5a5;

/** Width of a bitmap of portions; 0 for what is no bitmap, or is not there. */
function bitmapWidth(ris: SubjectRis, control: Control): number {
  if (control === "cpbm") return ris.cpor?.cpbmWd ?? 0;
  if (control === "mbwPbm") return ris.mbw?.bwpbmWd ?? 0;
  return 0;
}

/** How many words a control has in an instance; 0 if the instance lacks it. */
export function wordsOf(ris: SubjectRis, control: Control): number {
  const { ccap, mbw, pri } = ris;
  switch (control) {
    case "cpbm":
    case "mbwPbm":
      return Math.ceil(bitmapWidth(ris, control) / 32);
    case "cmax":
      return ccap !== undefined && ccap.noCmax !== true ? 1 : 0;
    case "cmin":
      return ccap?.cmin === true ? 1 : 0;
    case "cassoc":
      return ccap?.cassocWd !== undefined ? 1 : 0;
    case "mbwMin":
      return mbw?.min === true ? 1 : 0;
    case "mbwMax":
      return mbw !== undefined && mbw.max !== false ? 1 : 0;
    case "mbwWinwd":
      return mbw !== undefined ? 1 : 0;
    case "mbwProp":
      return mbw?.prop === true ? 1 : 0;
    case "pri":
      return pri !== undefined ? 1 : 0;
  }
}

/** The bits of a word that exist. */
function implemented(ris: SubjectRis, control: Control, word: number): number {
  const { ccap, mbw, pri } = ris;
  switch (control) {
    case "cpbm":
    case "mbwPbm":
      return lowBits(Math.max(0, Math.min(32, bitmapWidth(ris, control) - 32 * word)));
    case "cmax":
      return fractionBits(ccap?.cmaxWd ?? 0) + flag(ccap?.cmaxSoftlim, SOFTLIM);
    case "cmin":
      return fractionBits(ccap?.cmaxWd ?? 0);
    case "cassoc":
      return fractionBits(ccap?.cassocWd ?? 0);
    case "mbwMin":
      return fractionBits(mbw?.bwaWd ?? 0);
    case "mbwMax":
      return fractionBits(mbw?.bwaWd ?? 0) + flag((mbw?.maxLim ?? "both") === "both", HARDLIM);
    case "mbwWinwd":
      return 0x00ff_ffff;
    case "mbwProp":
      return lowBits(mbw?.bwaWd ?? 0) + flag(true, PROP_EN);
    case "pri":
      return lowBits(pri?.intpriWd ?? 0) + 2 ** 16 * lowBits(pri?.dspriWd ?? 0);
  }
}

/** What limits nothing (IHI 0099, reset of PARTID 0; MBW_MIN as D12 has it). */
function unlimited(ris: SubjectRis, control: Control): number {
  switch (control) {
    case "cpbm":
    case "mbwPbm":
      return 0xffff_ffff;
    case "cmax":
    case "cassoc":
    case "mbwMin":
    case "mbwMax":
      return 0xffff;
    case "mbwWinwd":
      return (ris.mbw?.winwdUsec ?? 1000) * 256;
    case "cmin":
    case "mbwProp":
    case "pri":
      return 0;
  }
}

export class PartSettings {
  readonly #words = new Map<Control, number[]>();
  /** What traffic goes by: as it was written at the last edge. */
  #inForce: ReadonlyMap<Control, readonly number[]>;
  #changed = false;

  /** @param fill what every word but the window's width holds at reset, instead of what limits nothing */
  constructor(
    readonly ris: SubjectRis,
    fill?: number,
  ) {
    for (const control of CONTROLS) {
      const reset = fill === undefined || control === "mbwWinwd" ? unlimited(ris, control) : fill;
      this.#words.set(
        control,
        Array.from({ length: wordsOf(ris, control) }, (_, word) => this.#kept(control, word, reset)),
      );
    }
    this.#inForce = this.#copy();
  }

  edge(): void {
    if (this.#changed) this.#inForce = this.#copy();
    this.#changed = false;
  }

  /** Past the end of a bitmap there are no bits. */
  read(control: Control, word = 0): number {
    return this.#fixed(control, this.#words.get(control)?.[word] ?? 0);
  }

  /** As `read`, of what traffic goes by. */
  inForce(control: Control, word = 0): number {
    return this.#fixed(control, this.#inForce.get(control)?.[word] ?? 0);
  }

  write(control: Control, value: number, word = 0): void {
    if (control === "mbwWinwd" && this.ris.mbw?.windwr !== true) return;
    const words = this.#words.get(control);
    if (words === undefined || word >= words.length) return;
    words[word] = this.#kept(control, word, value);
    this.#changed = true;
  }

  /** What NFU lets a part do with the settings of a disabled PARTID. */
  poison(): void {
    for (const control of CONTROLS) {
      for (let word = 0; word < wordsOf(this.ris, control); word++) this.write(control, POISON, word);
    }
  }

  /** Whether a bit of a bitmap is set, in force. */
  portion(control: "cpbm" | "mbwPbm", portion: number): boolean {
    return bit(this.inForce(control, Math.floor(portion / 32)), portion % 32);
  }

  /** A fraction in force as a whole number of `width` bits; undefined where the control is missing. */
  fraction(control: "cmax" | "cmin" | "cassoc" | "mbwMin" | "mbwMax"): { v: number; width: number } | undefined {
    if (wordsOf(this.ris, control) === 0) return undefined;
    const { ccap, mbw } = this.ris;
    const width = (control.startsWith("mbw") ? mbw?.bwaWd : control === "cassoc" ? ccap?.cassocWd : ccap?.cmaxWd) ?? 0;
    return { v: (this.inForce(control) & 0xffff) >>> (16 - width), width };
  }

  #fixed(control: Control, kept: number): number {
    const hardOnly = control === "mbwMax" && this.ris.mbw?.maxLim === "hard";
    return kept + flag(hardOnly, HARDLIM);
  }

  #copy(): Map<Control, number[]> {
    return new Map([...this.#words].map(([control, words]) => [control, [...words]]));
  }

  #kept(control: Control, word: number, value: number): number {
    return (value & implemented(this.ris, control, word)) >>> 0;
  }
}
