// What the contestants of the register benchmark are given to do: a part with every kind of register a driver touches, and
// lists of accesses to it. bench/c/registers.c draws the same lists.
import {
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_OFLOW_FRZ,
  CTL_OFLOW_INTR,
  CTL_TYPE_CSU,
  CTL_TYPE_MBWU,
  FLT_PARTID,
  FLT_PMG,
  FLT_RWBW,
  fieldPrep,
  MPAMCFG_CMAX,
  MPAMCFG_CPBM,
  MPAMCFG_MBW_MAX,
  MPAMCFG_PART_SEL,
  MPAMF_AIDR,
  MPAMF_CCAP_IDR,
  MPAMF_CPOR_IDR,
  MPAMF_CSUMON_IDR,
  MPAMF_ESR,
  MPAMF_IDR,
  MPAMF_IIDR,
  MPAMF_MBW_IDR,
  MPAMF_MBWUMON_IDR,
  MPAMF_MSMON_IDR,
  MSMON_CFG_CSU_CTL,
  MSMON_CFG_CSU_FLT,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  MSMON_CFG_MON_SEL,
  MSMON_CSU,
  MSMON_MBWU,
  MSMON_MBWU_L,
} from "../assembly/regs/index.ts";
import { draw } from "./mixer.ts";

/** One MSC, version 1.1, Non-secure, RIS 0 only, nothing optional but what is named here. No traffic reaches it. */
export const PART = {
  partidMax: 63,
  pmgMax: 3,
  iidr: 0x1230_043b,
  cpbmWd: 40,
  cmaxWd: 12,
  bwaWd: 8,
  csuMonitors: 16,
  mbwuMonitors: 64,
} as const;

// An access as the module's operation buffer holds it (assembly/msc/batch.ts): what, offset, value, value high.
export const WORDS = 4;
export const WHAT = 0;
export const OFFSET = 1;
export const VALUE = 2;
export const VALUE_HI = 3;
export const WHAT_SPACE = 0x0003_0000;
export const WHAT_WRITE = 0x0004_0000;
export const WHAT_WIDE = 0x0008_0000;
/** Accesses the buffer holds. */
export const BUFFER = 4096;

export const LISTS = ["driver", "random"] as const;
export type List = (typeof LISTS)[number];

export interface RegisterCase {
  readonly name: string;
  readonly list: List;
  /** One call of the module for as many accesses as its buffer holds, or a call for each. */
  readonly batched: boolean;
  /** How often one turn goes through the list. */
  readonly passes: number;
}

export const REGISTER_SEED = 1;
/** Far more than branch predictors remember. */
export const RANDOM_ACCESSES = 1 << 18;

export const REGISTER_CASES: readonly RegisterCase[] = [
  { name: "batched", list: "driver", batched: true, passes: 8192 },
  { name: "batched random", list: "random", batched: true, passes: 64 },
  { name: "driver", list: "driver", batched: false, passes: 8192 },
  { name: "random", list: "random", batched: false, passes: 64 },
];

const NS = 1;
const CONFIGURATIONS = 4;

class Listing {
  readonly words: number[] = [];

  read(offset: number): void {
    this.words.push(fieldPrep(WHAT_SPACE, NS), offset, 0, 0);
  }

  write(offset: number, value: number): void {
    this.words.push(fieldPrep(WHAT_SPACE, NS) | WHAT_WRITE, offset, value >>> 0, 0);
  }
}

export function accessesOf(list: List, seed = REGISTER_SEED, random = RANDOM_ACCESSES): Uint32Array {
  return Uint32Array.from(list === "driver" ? driverList(seed) : randomList(seed, random));
}

/**
 * What a driver does, a few configurations one after the other: it programs every PARTID, reads every monitor and
 * configures those anew that are to watch another label, looks for errors, and looks who the part is.
 */
function driverList(seed: number): number[] {
  const to = new Listing();
  for (let round = 0; round < CONFIGURATIONS; round++) {
    for (let partid = 0; partid <= PART.partidMax; partid++) {
      const i = round * (PART.partidMax + 1) + partid;
      to.write(MPAMCFG_PART_SEL, partid);
      to.write(MPAMCFG_CPBM, draw(seed, i, 0));
      to.write(MPAMCFG_CPBM + 4, draw(seed, i, 1));
      to.write(MPAMCFG_MBW_MAX, draw(seed, i, 2));
      to.write(MPAMCFG_CMAX, draw(seed, i, 3));
    }
    to.read(MPAMF_ESR);
    for (let mon = 0; mon < PART.mbwuMonitors; mon++) {
      const wanted = draw(seed, round * PART.mbwuMonitors + mon, 4);
      // At first no monitor watches what it should; later every other one is found as it was left.
      const changed = round === 0 || wanted >>> 31 === 1;
      if (mon < PART.csuMonitors) csuAccesses(to, mon, changed, wanted);
      mbwuAccesses(to, mon, changed, wanted);
    }
    to.read(MPAMF_ESR);
    for (const offset of ID_REGISTERS) to.read(offset);
  }
  return to.words;
}

const MATCH = CTL_MATCH_PARTID | CTL_MATCH_PMG;

function csuAccesses(to: Listing, mon: number, changed: boolean, wanted: number): void {
  to.write(MSMON_CFG_MON_SEL, mon);
  to.read(MSMON_CFG_CSU_CTL);
  to.read(MSMON_CFG_CSU_FLT);
  if (changed) {
    to.write(MSMON_CFG_CSU_FLT, filter(wanted));
    to.write(MSMON_CFG_CSU_CTL, MATCH | CTL_TYPE_CSU);
    to.write(MSMON_CSU, 0);
    to.write(MSMON_CFG_CSU_CTL, CTL_EN | MATCH | CTL_TYPE_CSU);
  }
  to.read(MSMON_CSU);
}

function mbwuAccesses(to: Listing, mon: number, changed: boolean, wanted: number): void {
  to.write(MSMON_CFG_MON_SEL, mon);
  to.read(MSMON_CFG_MBWU_CTL);
  to.read(MSMON_CFG_MBWU_FLT);
  if (changed) {
    to.write(MSMON_CFG_MBWU_FLT, filter(wanted));
    to.write(MSMON_CFG_MBWU_CTL, MATCH | CTL_TYPE_MBWU);
    to.write(MSMON_CFG_MBWU_CTL, CTL_EN | MATCH | CTL_TYPE_MBWU);
    to.write(MSMON_MBWU_L, 0);
    to.write(MSMON_MBWU_L + 4, 0);
  }
  to.read(MSMON_MBWU);
  to.read(MSMON_MBWU_L + 4);
  to.read(MSMON_MBWU_L);
  to.read(MSMON_MBWU_L + 4);
}

function filter(word: number): number {
  return fieldPrep(FLT_PARTID, word & PART.partidMax) | fieldPrep(FLT_PMG, (word >>> 6) & PART.pmgMax);
}

const ID_REGISTERS = [
  MPAMF_IDR,
  MPAMF_IDR + 4,
  MPAMF_AIDR,
  MPAMF_IIDR,
  MPAMF_CPOR_IDR,
  MPAMF_CCAP_IDR,
  MPAMF_MBW_IDR,
  MPAMF_MSMON_IDR,
  MPAMF_CSUMON_IDR,
  MPAMF_MBWUMON_IDR,
] as const;

/** A register in random order: its offset, and what is written to it; null for one that is only read. */
type Target = readonly [offset: number, legal: ((word: number) => number) | null];

const whole = (word: number) => word;
const nothing = () => 0;
const csuControl = (word: number) => word & (CTL_EN | MATCH);
const mbwuControl = (word: number) => word & (CTL_EN | MATCH | CTL_OFLOW_FRZ | CTL_OFLOW_INTR);

/**
 * The registers of the driver's list. Legal values: labels and selectors that exist (monitors that both types have),
 * control words without a status, and no bytes held in a cache that has none. Settings and counts take any word.
 */
const TARGETS: readonly Target[] = [
  [MPAMCFG_PART_SEL, (word) => word & PART.partidMax],
  [MPAMCFG_CPBM, whole],
  [MPAMCFG_CPBM + 4, whole],
  [MPAMCFG_MBW_MAX, whole],
  [MPAMCFG_CMAX, whole],
  [MSMON_CFG_MON_SEL, (word) => word % PART.csuMonitors],
  [MSMON_CFG_CSU_CTL, csuControl],
  [MSMON_CFG_CSU_FLT, filter],
  [MSMON_CSU, nothing],
  [MSMON_CFG_MBWU_CTL, mbwuControl],
  [MSMON_CFG_MBWU_FLT, (word) => filter(word) | (word & FLT_RWBW)],
  [MSMON_MBWU, whole],
  [MSMON_MBWU_L, whole],
  [MSMON_MBWU_L + 4, whole],
  [MPAMF_ESR, null],
  ...ID_REGISTERS.map((offset): Target => [offset, null]),
];

function randomList(seed: number, accesses: number): number[] {
  const to = new Listing();
  for (let i = 0; i < accesses; i++) {
    const kind = draw(seed, i, 5);
    const [offset, legal] = TARGETS[(kind >>> 1) % TARGETS.length] as Target;
    if (legal && (kind & 1) === 1) to.write(offset, legal(draw(seed, i, 6)));
    else to.read(offset);
  }
  return to.words;
}

/** What the C twin needs to know to make the same list: the arguments described in bench/c/registers.c. */
export function registerArguments(list: List, passes: number, random = RANDOM_ACCESSES): string[] {
  return [LISTS.indexOf(list), passes, REGISTER_SEED, random].map(String);
}

/** One more value that was read; this stands between the accesses of a turn and must be cheap. */
export function addRead(sum: number, value: number): number {
  return (Math.imul(sum, 31) + value) | 0;
}
