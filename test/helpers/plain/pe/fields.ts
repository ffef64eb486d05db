/** The fields of each register, as table 7.3 of the register reference has them: where, when there, how reset. */
import type { PeProfile } from "../../pe-subject.ts";
import { VPM_REGISTERS } from "./encodings.ts";
import { hasHcr, highestEl, virtualPartids } from "./has.ts";

export interface Field {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  /** Absent: wherever the register is. A field that is not there is RES0. */
  readonly has?: (profile: PeProfile) => boolean;
  /** Absent: UNKNOWN. */
  readonly reset?: (profile: PeProfile) => number | "unknown";
  /** Which of its bits are there, as a number of its width. Absent: all. */
  readonly bits?: (profile: PeProfile) => number;
  /** Its value where no write changes it. */
  readonly fixed?: (profile: PeProfile) => number | undefined;
  /** Read-only, and shows something else. */
  readonly shows?: (profile: PeProfile) => boolean;
}

const zero = () => 0;
const one = () => 1;
const always = () => true;

const mpamen = (shows: (profile: PeProfile) => boolean): Field => ({
  name: "MPAMEN",
  high: 63,
  low: 63,
  reset: zero,
  shows,
});

const LABEL: readonly Field[] = [
  { name: "PMG_D", high: 47, low: 40 },
  { name: "PMG_I", high: 39, low: 32 },
  { name: "PARTID_D", high: 31, low: 16 },
  { name: "PARTID_I", high: 15, low: 0 },
];

const hasForceNs = (profile: PeProfile) => profile.forceNs !== "none";
const hasRme = (profile: PeProfile) => profile.rme;
const hasSme = (profile: PeProfile) => profile.sme;
const hasTidr = (profile: PeProfile) => profile.tidr;
const hasSdeflt = (profile: PeProfile) => profile.sdeflt;

/** 1 without EL3, where nobody is above EL2 to say. */
const oneWithoutEl3 = (profile: PeProfile) => (profile.el3 ? "unknown" : 1);
/** 0 where this is the highest EL. */
const zeroAtHighest = (el: number) => (profile: PeProfile) => (highestEl(profile) === el ? 0 : "unknown");

/** How many of 16 bits a number needs: 3 has 2 bits, 4 has 3. */
function bitsNeeded(value: number): number {
  return value === 0 ? 0 : Math.floor(Math.log2(value)) + 1;
}

const phyPartidBits = (profile: PeProfile) =>
  profile.unpredictable.phyPartid === "narrow" ? 2 ** bitsNeeded(profile.partidMax) - 1 : 0xffff;

function phyPartids(n: number): Field[] {
  return [0, 1, 2, 3].map((quarter) => ({
    name: `PhyPARTID${4 * n + quarter}`,
    high: 16 * quarter + 15,
    low: 16 * quarter,
    bits: phyPartidBits,
  }));
}

function validBits(): Field[] {
  return Array.from({ length: 4 * VPM_REGISTERS }, (_, m) => ({
    name: `VPM_V${m}`,
    high: m,
    low: m,
    has: (profile: PeProfile) => m < virtualPartids(profile),
  }));
}

const hwScale = (profile: PeProfile) => profile.bandwidth !== "none" && profile.bandwidth.hwScale;

/** The top BWA_WD bits of the fraction, and with hardware scaling an integer above it. */
function limitBits(profile: PeProfile): number {
  if (profile.bandwidth === "none") return 0;
  const fraction = 2 ** 16 - 2 ** (16 - profile.bandwidth.bwaWd);
  return profile.bandwidth.hwScale ? 0xffff_0000 + fraction : fraction;
}

function fixedHardlim(profile: PeProfile): number | undefined {
  if (profile.bandwidth === "none" || profile.bandwidth.maxLim === "both") return undefined;
  return profile.bandwidth.maxLim === "hard" ? 1 : 0;
}

const HW_SCALE_ENABLE: Field = { name: "HW_SCALE_ENABLE", high: 63, low: 63, has: hwScale };
const HARDLIM: Field = { name: "HARDLIM", high: 61, low: 61, fixed: fixedHardlim };
const MAX: Field = { name: "MAX", high: 31, low: 0, bits: limitBits };

function enabled(reset?: (profile: PeProfile) => number | "unknown"): Field {
  return { name: "ENABLED", high: 62, low: 62, ...(reset ? { reset } : {}) };
}

/** nTRAP bits of MPAMBW2_EL2: 0 where EL2 is the highest, else UNKNOWN. */
function nTrap(name: string, position: number): Field {
  return { name, high: position, low: position, reset: zeroAtHighest(2) };
}

function constant(name: string, high: number, low: number, fixed: (profile: PeProfile) => number): Field {
  return { name, high, low, fixed };
}

const yes = (condition: boolean) => (condition ? 1 : 0);

export const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  MPAM0_EL1: LABEL,
  MPAM1_EL1: [
    mpamen((profile) => highestEl(profile) !== 1),
    { name: "FORCED_NS", high: 60, low: 60, has: hasForceNs, shows: always },
    { name: "ALTSP_FRCD", high: 54, low: 54, has: hasRme, shows: always },
    ...LABEL,
  ],
  MPAM2_EL2: [
    mpamen((profile) => highestEl(profile) !== 2),
    { name: "TIDR", high: 58, low: 58, has: hasTidr },
    { name: "ALTSP_HFC", high: 56, low: 56, has: hasRme },
    { name: "ALTSP_EL2", high: 55, low: 55, has: hasRme },
    { name: "ALTSP_FRCD", high: 54, low: 54, has: hasRme, shows: always },
    { name: "EnMPAMSM", high: 50, low: 50, has: hasSme },
    { name: "TRAPMPAM0EL1", high: 49, low: 49, reset: oneWithoutEl3 },
    { name: "TRAPMPAM1EL1", high: 48, low: 48, reset: oneWithoutEl3 },
    ...LABEL,
  ],
  MPAM3_EL3: [
    mpamen(() => false),
    { name: "TRAPLOWER", high: 62, low: 62, reset: one },
    { name: "SDEFLT", high: 61, low: 61, has: hasSdeflt },
    {
      name: "FORCE_NS",
      high: 60,
      low: 60,
      has: hasForceNs,
      fixed: (profile) => (profile.forceNs === "rao" ? 1 : undefined),
    },
    { name: "ALTSP_HEN", high: 57, low: 57, has: hasRme },
    { name: "ALTSP_HFC", high: 56, low: 56, has: hasRme },
    { name: "ALTSP_EL3", high: 55, low: 55, has: hasRme },
    { name: "RT_ALTSP_NS", high: 52, low: 52, has: hasRme },
    ...LABEL,
  ],
  MPAMHCR_EL2: [
    { name: "TRAP_MPAMIDR_EL1", high: 31, low: 31, reset: oneWithoutEl3 },
    { name: "GSTAPP_PLK", high: 8, low: 8 },
    { name: "EL1_VPMEN", high: 1, low: 1 },
    { name: "EL0_VPMEN", high: 0, low: 0 },
  ],
  MPAMVPMV_EL2: validBits(),
  ...Object.fromEntries(Array.from({ length: VPM_REGISTERS }, (_, n) => [`MPAMVPM${n}_EL2`, phyPartids(n)])),
  MPAMSM_EL1: [
    { name: "PMG_D", high: 47, low: 40 },
    { name: "PARTID_D", high: 31, low: 16 },
  ],
  MPAMIDR_EL1: [
    constant("HAS_SDEFLT", 61, 61, (profile) => yes(profile.sdeflt)),
    constant("HAS_FORCE_NS", 60, 60, (profile) => yes(profile.forceNs !== "none")),
    constant("SP4", 59, 59, (profile) => yes(profile.rme)),
    constant("HAS_TIDR", 58, 58, (profile) => yes(profile.tidr)),
    constant("HAS_ALTSP", 57, 57, (profile) => yes(profile.rme)),
    constant("HAS_BW_CTRL", 56, 56, (profile) => yes(profile.bandwidth !== "none")),
    constant("PMG_MAX", 39, 32, (profile) => profile.pmgMax),
    constant("VPMR_MAX", 20, 18, (profile) => (profile.vpmrMax === "none" ? 0 : profile.vpmrMax)),
    constant("HAS_HCR", 17, 17, (profile) => yes(hasHcr(profile))),
    constant("PARTID_MAX", 15, 0, (profile) => profile.partidMax),
  ],
  MPAMBWIDR_EL1: [
    constant("HAS_HW_SCALE", 63, 63, (profile) => yes(hwScale(profile))),
    constant("MAX_LIM", 31, 30, ({ bandwidth }) =>
      bandwidth === "none" ? 0 : { both: 0b00, soft: 0b01, hard: 0b10 }[bandwidth.maxLim],
    ),
    constant("BWA_WD", 5, 0, ({ bandwidth }) => (bandwidth === "none" ? 0 : bandwidth.bwaWd)),
  ],
  // "The register of the highest EL" is never that of EL0.
  MPAMBW0_EL1: [HW_SCALE_ENABLE, enabled(), HARDLIM, MAX],
  MPAMBW1_EL1: [HW_SCALE_ENABLE, enabled(zeroAtHighest(1)), HARDLIM, MAX],
  MPAMBWSM_EL1: [HW_SCALE_ENABLE, enabled(zeroAtHighest(1)), HARDLIM, MAX],
  MPAMBW2_EL2: [
    HW_SCALE_ENABLE,
    enabled(zeroAtHighest(2)),
    HARDLIM,
    nTrap("nTRAP_MPAMBWIDR_EL1", 52),
    nTrap("nTRAP_MPAMBW0_EL1", 51),
    nTrap("nTRAP_MPAMBW1_EL1", 50),
    { ...nTrap("nTRAP_MPAMBWSM_EL1", 49), has: hasSme },
    MAX,
  ],
  MPAMBW3_EL3: [HW_SCALE_ENABLE, enabled(zero), HARDLIM, { name: "nTRAPLOWER", high: 49, low: 49, reset: zero }, MAX],
  MPAMBWCAP_EL2: [HW_SCALE_ENABLE, enabled(zeroAtHighest(2)), { ...MAX, name: "CAP" }],
  SCR_EL3: [
    { name: "NS", high: 0, low: 0, reset: zero },
    { name: "EEL2", high: 18, low: 18, has: (profile) => profile.el2, reset: zero },
    { name: "NSE", high: 62, low: 62, has: hasRme, reset: zero },
  ],
  HCR_EL2: [
    { name: "TID3", high: 18, low: 18, reset: zero },
    { name: "TGE", high: 27, low: 27, reset: zero },
    { name: "E2H", high: 34, low: 34, reset: zero },
    { name: "NV", high: 42, low: 42, reset: zero },
    { name: "NV1", high: 43, low: 43, reset: zero },
    { name: "NV2", high: 45, low: 45, reset: zero },
  ],
  ID_AA64PFR0_EL1: [
    constant("EL0", 3, 0, one),
    constant("EL1", 7, 4, one),
    constant("EL2", 11, 8, (profile) => yes(profile.el2)),
    constant("EL3", 15, 12, (profile) => yes(profile.el3)),
    constant("MPAM", 43, 40, ({ version }) => yes(version === "1.0" || version === "1.1")),
    constant("RME", 55, 52, (profile) => yes(profile.rme)),
  ],
  ID_AA64PFR1_EL1: [
    constant("MPAM_frac", 19, 16, ({ version }) => yes(version === "0.1" || version === "1.1")),
    constant("SME", 27, 24, (profile) => yes(profile.sme)),
  ],
};

/** All bits of a field that this cpu has, as a number of the field's width. */
export function fieldBits(profile: PeProfile, field: Field): number {
  if (field.has && !field.has(profile)) return 0;
  return field.bits ? field.bits(profile) : 2 ** (field.high - field.low + 1) - 1;
}

/** What a reset leaves in a field. */
export function resetValue(profile: PeProfile, field: Field): number {
  const fixed = field.fixed?.(profile);
  if (fixed !== undefined) return field.has && !field.has(profile) ? 0 : fixed;
  const reset = field.reset?.(profile) ?? "unknown";
  if (reset === "unknown") return profile.unpredictable.reset === "ones" ? fieldBits(profile, field) : 0;
  return field.has && !field.has(profile) ? 0 : reset;
}
