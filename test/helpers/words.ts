/** Every word of an MSC that its description gives it, held against test/golden: where it is, how to reach it, what it keeps. */

import { implemented, type Place, risOf } from "../golden/implemented.ts";
import { type GoldenRegister, goldenRegisters, offsetOf } from "../golden/registers.ts";
import { type MscSubject, range, type Space, type SubjectConfig, select } from "./subject.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const INTERNAL = 0x0001_0000;
const INGRESS_TL = 0x0002_0000;

/** What was read where something else was wanted, as text; a test wants a list of these to be empty. */
export type Differences = string[];

/** One word in one bank under one setting of the selectors. */
export interface Spot {
  readonly place: Place;
  readonly register: GoldenRegister;
  readonly offset: number;
  /** PARTID or monitor. */
  readonly index: number;
  /** Which word of an array, or of the flags of PARTIDs. */
  readonly n: number;
}

export function spacesOf(config: SubjectConfig): Space[] {
  return (["ns", "s", "rt", "rl"] as const).filter((space) => config.spaces[space] !== undefined);
}

export function placesOf(config: SubjectConfig, space: Space): Place[] {
  return risOf(config, space).map((ris) => ({ config, space, ris }));
}

/** The words of a bank that any of its RIS has. */
export function decoded(config: SubjectConfig, space: Space): Set<number> {
  const offsets = new Set<number>();
  for (const place of placesOf(config, space)) {
    for (const { register, offset, count = 1 } of goldenRegisters) {
      if (!implemented[register]?.present(place)) continue;
      for (const n of range(0, count)) {
        if (count === 1 || implemented[register].kept(place, n) !== 0) offsets.add(offset + 4 * n);
      }
    }
  }
  return offsets;
}

/** Every word that exists under each RIS of a bank: of PARTIDs and monitors the first and the last, of bitmaps all and some past the end. */
export function spotsOf(config: SubjectConfig, space: Space): Spot[] {
  return placesOf(config, space).flatMap((place) =>
    goldenRegisters.flatMap((register) => {
      if (!implemented[register.register]?.present(place)) return [];
      return indices(place, register).flatMap((index) =>
        words(place, register, index).map((n) => ({
          place,
          register,
          index,
          n,
          offset: register.offset + (register.count === undefined ? 0 : 4 * n),
        })),
      );
    }),
  );
}

function indices({ config, space, ris }: Place, { register, selector }: GoldenRegister): number[] {
  const partidMax = config.spaces[space]?.partidMax ?? 0;
  const last =
    register === "MPAMCFG_IN_TL"
      ? (config.inTl?.partidMax ?? 0)
      : selector === "partid"
        ? partidMax
        : selector === "ris-partid"
          ? (config.partidNrw?.intPartidMax ?? partidMax)
          : selector === "none" || selector === "part-ris"
            ? 0
            : ((register.includes("CSU") ? ris?.csu : ris?.mbwu)?.monitors ?? 1) - 1;
  return [...new Set([0, last])];
}

function words(place: Place, { register, count }: GoldenRegister, index: number): number[] {
  if (register === "MPAMCFG_EN_FLAGS") return [index >>> 5];
  if (count === undefined) return [0];
  const used = range(0, count).filter((n) => implemented[register]?.kept(place, n) !== 0);
  const past = [used.length, used.length + 1, count - 1].filter((n) => n >= used.length && n < count);
  return [...used, ...past];
}

/** Sets the selectors so that the word of a spot is the one at its offset. */
export function reach(msc: MscSubject, { place, register, index }: Spot): void {
  const { config, space, ris } = place;
  const selector = select(ris?.ris ?? 0, index);
  if (register.selector === "part-ris" || register.selector === "partid") {
    const bits = register.register === "MPAMCFG_IN_TL" ? INGRESS_TL : 0;
    msc.write32(PART_SEL, (selector | bits) >>> 0, space);
  } else if (register.selector === "ris-partid") {
    msc.write32(PART_SEL, (selector | (config.partidNrw ? INTERNAL : 0)) >>> 0, space);
  } else if (register.selector !== "none") {
    msc.write32(MON_SEL, selector, space);
  }
}

/** What a word reads at reset. */
export function atReset({ place, register, index, n }: Spot): number {
  const word = implemented[register.register];
  if (word === undefined) throw new Error(`nothing is known of ${register.register}`);
  const { resetFill } = place.config;
  const filled = word.setting && index !== 0 && resetFill !== undefined;
  const value = filled ? resetFill & word.kept(place, n) : word.reset(place, n);
  return (value | word.fixed(place, n)) >>> 0;
}

/** What a word reads after a write. */
export function afterWrite({ place, register, n }: Spot, value: number): number {
  const word = implemented[register.register];
  if (word === undefined) throw new Error(`nothing is known of ${register.register}`);
  return ((value & word.kept(place, n)) | word.fixed(place, n)) >>> 0;
}

export function describeSpot({ place, register, index, n, offset }: Spot): string {
  const at = offset.toString(16).padStart(4, "0");
  return `0x${at} ${register.register}[${n}] ${place.space} RIS ${place.ris?.ris} index ${index}`;
}

/** Reads every word of a bank as it should be before anything was written. */
export function resetDifferences(msc: MscSubject, config: SubjectConfig, space: Space): Differences {
  const wrong: Differences = [];
  // The selectors first: the walk moves them.
  const spots = spotsOf(config, space);
  const selectors = spots.filter(({ register }) => register.selector === "none");
  for (const spot of [...selectors, ...spots.filter((one) => !selectors.includes(one))]) {
    if (spot.place !== spots[0]?.place && spot.register.selector === "none") continue;
    reach(msc, spot);
    compare(wrong, () => `${describeSpot(spot)} at reset`, msc.read32(spot.offset, space), atReset(spot));
  }
  return wrong;
}

/** Words whose writes can fail or mean something else than storage: tests of their own are theirs. */
const SPECIAL: readonly string[] = ["MPAMCFG_PART_SEL", "MSMON_CFG_MON_SEL", "MPAMCFG_INTPARTID"];

/** Writes values to every word of a bank and reads each back; leaves the word as it was at reset. */
export function writeDifferences(
  msc: MscSubject,
  config: SubjectConfig,
  space: Space,
  values: readonly number[] = [0xffff_ffff, 0, 0xa5a5_a5a5, 0x5a5a_5a5a, 0x1234_5678],
): Differences {
  const wrong: Differences = [];
  for (const spot of spotsOf(config, space)) {
    if (SPECIAL.includes(spot.register.register)) continue;
    reach(msc, spot);
    for (const value of values) {
      msc.write32(spot.offset, value, space);
      const what = () => `${describeSpot(spot)} after 0x${value.toString(16)}`;
      compare(wrong, what, msc.read32(spot.offset, space), afterWrite(spot, value));
    }
    if (spot.register.access !== "WO") msc.write32(spot.offset, atReset(spot), space);
  }
  return wrong;
}

/** Writes and reads every word of the page that nothing of the bank decodes. */
export function absentDifferences(msc: MscSubject, config: SubjectConfig, space: Space): Differences {
  const wrong: Differences = [];
  const present = decoded(config, space);
  for (const offset of range(0, 0x1000, 4).filter((one) => !present.has(one))) {
    msc.write32(offset, 0xffff_ffff, space);
    compare(wrong, () => `absent 0x${offset.toString(16)} ${space}`, msc.read32(offset, space), 0);
  }
  return wrong;
}

function compare(wrong: Differences, what: () => string, seen: number, wanted: number): void {
  if (seen !== wanted) wrong.push(`${what()}: 0x${seen.toString(16)}, not 0x${wanted.toString(16)}`);
}
