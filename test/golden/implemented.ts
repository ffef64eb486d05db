/**
 * What of the registers in registers.ts an MSC of a given description has: which exist, which bits of them are kept, which always read 1, and
 * what they hold at reset. From the project's register reference (sections 1 to 5) and, where the architecture leaves a choice,
 * docs/modelled.md. No program was asked.
 */
import type { Space, SubjectConfig, SubjectRis, SubjectTranslation } from "../helpers/subject.ts";

/** An MSC seen through one bank while the selectors name one RIS; a selector may name one that is not there. */
export interface Place {
  readonly config: SubjectConfig;
  readonly space: Space;
  readonly ris: SubjectRis | undefined;
}

export interface Word {
  /** Decoded here; what is not reads 0 and ignores writes. */
  present(place: Place): boolean;
  /** The bits that software can write and read back; of an array, in word `n`. */
  kept(place: Place, n: number): number;
  /** The bits that read 1 whatever was written: all of an identification register, and fixed bits elsewhere. */
  fixed(place: Place, n: number): number;
  /** Bits at reset where they are not those of `fixed`; of settings, those of PARTID 0. */
  reset(place: Place, n: number): number;
  /** A setting of the resources (3.6): `resetFill` is about these, for every PARTID but 0. */
  readonly setting: boolean;
}

export const WORD = 0xffff_ffff;

/** The top `width` bits of a 16-bit fraction (3.2). */
export function fraction(width: number): number {
  return 0x1_0000 - 2 ** (16 - width);
}

/** The low `width` bits. */
export function low(width: number): number {
  return 2 ** width - 1;
}

/** Word `n` of a bitmap of `width` bits: what is at and past the width is not there (D3). */
export function bitmap(width: number, n: number): number {
  const left = Math.min(32, Math.max(0, width - 32 * n));
  return 2 ** left - 1;
}

/** The highest RIS; above 0 there are selectors for it. */
export function risMax({ config }: Pick<Place, "config">): number {
  return config.version === "1.0" ? 0 : Math.max(0, ...config.ris.map(({ ris }) => ris));
}

/** The RIS that exist in a bank. */
export function risOf(config: SubjectConfig, space: Space): SubjectRis[] {
  return config.ris.filter(({ spaces }) => spaces?.includes(space) ?? true);
}

/** 32 in 1.0, else 64, unless the description says so (4 of "What a part has"). */
export function esrOf(config: SubjectConfig): "none" | 32 | 64 {
  return config.esr ?? (config.version === "1.0" ? 32 : 64);
}

const when = (condition: unknown, mask: number): number => (condition ? mask : 0);
const sum = (...masks: number[]): number => masks.reduce((all, mask) => (all | mask) >>> 0, 0);

const inBank = ({ config, space }: Place): SubjectRis[] => risOf(config, space);
const hasMonitors = (ris: SubjectRis): boolean => ris.csu !== undefined || ris.mbwu !== undefined;
const anyMonitors = (place: Place): boolean => inBank(place).some(hasMonitors);
const always = (): boolean => true;
const none = (): number => 0;

/** Storage of some bits that starts at 0. */
function storage(present: Word["present"], kept: number | Word["kept"], reset: Word["reset"] = none): Word {
  return { present, kept: typeof kept === "number" ? () => kept : kept, fixed: none, reset, setting: false };
}

/** A constant. */
function constant(present: Word["present"], value: (place: Place) => number): Word {
  return { present, kept: none, fixed: value, reset: none, setting: false };
}

/** A setting of a resource that starts all ones in what it keeps, or at `reset`. */
function setting(
  of: (ris: SubjectRis) => unknown,
  kept: (ris: SubjectRis, n: number) => number,
  reset: (ris: SubjectRis, n: number) => number = kept,
  fixed: (ris: SubjectRis) => number = () => 0,
): Word {
  return {
    present: ({ ris }) => ris !== undefined && of(ris) !== undefined && of(ris) !== false,
    kept: ({ ris }, n) => (ris === undefined ? 0 : kept(ris, n)),
    fixed: ({ ris }) => (ris === undefined ? 0 : fixed(ris)),
    reset: ({ ris }, n) => (ris === undefined ? 0 : reset(ris, n)),
    setting: true,
  };
}

// ---- identification (section 2) ----

function idr({ config, space, ris }: Place): number {
  const { partidMax, pmgMax } = config.spaces[space] ?? { partidMax: 0, pmgMax: 0 };
  return sum(
    partidMax,
    pmgMax * 2 ** 16,
    when(ris?.ccap, 0x0100_0000),
    when(ris?.cpor, 0x0200_0000),
    when(ris?.mbw, 0x0400_0000),
    when(ris?.pri, 0x0800_0000),
    when(config.version !== "1.0", 0x1000_0000),
    when(ris?.impl, 0x2000_0000),
    when(ris && hasMonitors(ris), 0x4000_0000),
    when(ris && config.partidNrw, 0x8000_0000),
  );
}

/** Under an undefined RIS only SP4 and RIS_MAX are left (D6). */
function idrHigh(place: Place): number {
  const { config, ris } = place;
  const whole = sum(when(config.spaces.rt !== undefined, 0x200), risMax(place) * 2 ** 24);
  if (ris === undefined) return whole;
  const { endis, errMsi, inTl, outTl, defaultPartid } = config;
  return sum(
    whole,
    when(risMax(place) > 0, 0x0001),
    when(ris.impl?.noPart, 0x0010),
    when(ris.impl?.noMsmon, 0x0020),
    when(esrOf(config) === 64, 0x0040),
    when(esrOf(config) !== "none", 0x0080),
    when(errMsi, 0x0100),
    when(endis, 0x0400),
    when(endis !== undefined && endis.nfu !== "none", 0x0800),
    when(inTl, 0x1000),
    when(outTl, 0x2000),
    when(defaultPartid, 0x4000),
  );
}

function monIdr(of: SubjectRis["csu"] | SubjectRis["mbwu"]): number {
  if (of === undefined) return 0;
  return sum(
    of.monitors,
    when(of.noMatchPmg, 0x0040_0000),
    when(of.noMatchPartid, 0x0080_0000),
    when(of.oflowCapt, 0x0100_0000),
    when(of.cevntOflw, 0x0200_0000),
    when(of.ofsr, 0x0400_0000),
    when(of.oflowLnkg, 0x0800_0000),
    when(of.capture, 0x8000_0000),
  );
}

const tlIdr = (tl: SubjectTranslation | undefined): number =>
  sum(tl?.partidMax ?? 0, when(tl?.baseMask, 0x4000_0000), when(tl?.direct, 0x8000_0000));

const identification: Readonly<Record<string, Word>> = {
  MPAMF_IDR: constant(always, idr),
  MPAMF_IDR_HI: constant(({ config }) => config.version !== "1.0", idrHigh),
  MPAMF_SIDR: constant(
    ({ space }) => space === "s",
    ({ config }) => (config.spaces.s?.partidMax ?? 0) + (config.spaces.s?.pmgMax ?? 0) * 2 ** 16,
  ),
  MPAMF_IIDR: constant(always, ({ config }) => config.iidr),
  MPAMF_AIDR: constant(always, ({ config }) => ({ "1.0": 0x10, "1.1": 0x11, "0.1": 0x01 })[config.version]),
  MPAMF_IMPL_IDR: constant(
    ({ ris }) => ris?.impl !== undefined,
    ({ ris }) => ris?.impl?.idr ?? 0,
  ),
  MPAMF_CPOR_IDR: constant(
    ({ ris }) => ris?.cpor !== undefined,
    ({ ris }) => ris?.cpor?.cpbmWd ?? 0,
  ),
  MPAMF_CCAP_IDR: constant(
    ({ ris }) => ris?.ccap !== undefined,
    ({ ris }) =>
      sum(
        ris?.ccap?.cmaxWd ?? 0,
        (ris?.ccap?.cassocWd ?? 0) * 2 ** 8,
        when(ris?.ccap?.cassocWd, 0x1000_0000),
        when(ris?.ccap?.cmin, 0x2000_0000),
        when(ris?.ccap?.noCmax, 0x4000_0000),
        when(ris?.ccap?.cmaxSoftlim, 0x8000_0000),
      ),
  ),
  MPAMF_MBW_IDR: constant(
    ({ ris }) => ris?.mbw !== undefined,
    ({ ris }) => {
      if (ris?.mbw === undefined) return 0;
      const { bwaWd, max = true, maxLim = "both", min, prop, bwpbmWd, windwr } = ris.mbw;
      return sum(
        bwaWd,
        when(max, { both: 0, soft: 0x100, hard: 0x200 }[maxLim]),
        when(min, 0x400),
        when(max, 0x800),
        when(bwpbmWd, 0x1000),
        when(prop, 0x2000),
        when(windwr, 0x4000),
        (bwpbmWd ?? 0) * 2 ** 16,
      );
    },
  ),
  MPAMF_PRI_IDR: constant(
    ({ ris }) => ris?.pri !== undefined,
    ({ ris }) => {
      const { intpriWd, intpri0IsLow, dspriWd, dspri0IsLow } = ris?.pri ?? {};
      const half = (width: number | undefined, isLow: boolean | undefined): number =>
        width === undefined ? 0 : sum(1, when(isLow, 2), width * 2 ** 4);
      return half(intpriWd, intpri0IsLow) + half(dspriWd, dspri0IsLow) * 2 ** 16;
    },
  ),
  MPAMF_PARTID_NRW_IDR: constant(
    ({ config }) => config.partidNrw !== undefined,
    ({ config }) => config.partidNrw?.intPartidMax ?? 0,
  ),
  MPAMF_MSMON_IDR: constant(
    ({ ris }) => ris !== undefined && hasMonitors(ris),
    ({ config, ris }) =>
      sum(
        when(ris?.csu, 0x0001_0000),
        when(ris?.mbwu, 0x0002_0000),
        when(
          config.inTl ?? config.outTl,
          { between: 0, before: 0x0400_0000, after: 0x0800_0000 }[tlMonitoring(config)],
        ),
        when(config.oflowSr, 0x1000_0000),
        when(config.oflwMsi, 0x2000_0000),
        when(config.noHwOflwIntr, 0x4000_0000),
        when(config.localCaptEvnt, 0x8000_0000),
      ),
  ),
  MPAMF_CSUMON_IDR: constant(
    ({ ris }) => ris?.csu !== undefined,
    ({ ris }) => sum(monIdr(ris?.csu), when(ris?.csu?.xcl, 0x2000_0000), when(ris?.csu?.csuRo, 0x4000_0000)),
  ),
  MPAMF_MBWUMON_IDR: constant(
    ({ ris }) => ris?.mbwu !== undefined,
    ({ ris }) =>
      sum(
        monIdr(ris?.mbwu),
        (ris?.mbwu?.scale ?? 0) * 2 ** 16,
        when(ris?.mbwu?.rwbw, 0x1000_0000),
        when(ris?.mbwu?.counter === 63, 0x2000_0000),
        when(ris?.mbwu?.counter !== 31, 0x4000_0000),
      ),
  ),
  MPAMF_IN_TL_IDR: constant(
    ({ config }) => config.inTl !== undefined,
    ({ config }) => tlIdr(config.inTl),
  ),
  MPAMF_OUT_TL_IDR: constant(
    ({ config }) => config.outTl !== undefined,
    ({ config }) => tlIdr(config.outTl),
  ),
};

function tlMonitoring({ tlMonitoring = "between" }: SubjectConfig): "between" | "before" | "after" {
  return tlMonitoring;
}

// ---- errors and message-signalled interrupts (5.1, 4.1) ----

const msiBlock = (prefix: string, present: Word["present"]): Readonly<Record<string, Word>> => ({
  [`${prefix}_MSI_MPAM`]: storage(present, 0x00ff_ffff),
  [`${prefix}_MSI_ADDR_L`]: storage(present, 0xffff_fffc),
  [`${prefix}_MSI_ADDR_H`]: storage(present, 0x000f_ffff),
  [`${prefix}_MSI_DATA`]: storage(present, WORD),
  [`${prefix}_MSI_ATTR`]: storage(present, 0x3f00_0001),
});

const hasEsr = ({ config }: Place): boolean => esrOf(config) !== "none";

const errors: Readonly<Record<string, Word>> = {
  ...msiBlock("MPAMF_ERR", ({ config }) => config.errMsi === true),
  MPAMF_ECR: storage(hasEsr, 0x0000_0001),
  MPAMF_ESR: storage(hasEsr, 0x8fff_ffff),
  MPAMF_ESR_HI: storage(
    ({ config }) => esrOf(config) === 64,
    (place) => when(risMax(place) > 0, 0x0f),
  ),
};

// ---- partition configuration (3.1, 3.6) ----

/** There is something that PART_SEL selects, or some RIS whose identification it selects. */
function partSel(place: Place): boolean {
  const { partidNrw, endis, inTl, outTl, version } = place.config;
  const controls = inBank(place).some(
    ({ cpor, ccap, mbw, pri, impl }) => cpor ?? ccap ?? mbw ?? pri ?? (impl && (version === "1.0" || !impl.noPart)),
  );
  return controls || risMax(place) > 0 || [partidNrw, endis, inTl, outTl].some((feature) => feature !== undefined);
}

const enabled = ({ config, space }: Place, n: number): number => bitmap((config.spaces[space]?.partidMax ?? 0) + 1, n);

const partition: Readonly<Record<string, Word>> = {
  MPAMCFG_PART_SEL: storage(partSel, (place) =>
    sum(
      0xffff,
      when(place.config.partidNrw, 0x0001_0000),
      when(place.config.inTl, 0x0002_0000),
      when(place.config.defaultPartid, 0x0004_0000),
      when(risMax(place) > 0, 0x0f00_0000),
    ),
  ),
  MPAMCFG_CMAX: setting(
    ({ ccap }) => ccap && !ccap.noCmax,
    ({ ccap }) => sum(fraction(ccap?.cmaxWd ?? 0), when(ccap?.cmaxSoftlim, 0x8000_0000)),
    ({ ccap }) => fraction(ccap?.cmaxWd ?? 0),
  ),
  MPAMCFG_CMIN: setting(
    ({ ccap }) => ccap?.cmin,
    ({ ccap }) => fraction(ccap?.cmaxWd ?? 0),
    () => 0,
  ),
  MPAMCFG_CASSOC: setting(
    ({ ccap }) => ccap?.cassocWd,
    ({ ccap }) => fraction(ccap?.cassocWd ?? 0),
  ),
  MPAMCFG_MBW_MIN: setting(
    ({ mbw }) => mbw?.min,
    ({ mbw }) => fraction(mbw?.bwaWd ?? 0), // D12: all ones at reset
  ),
  MPAMCFG_MBW_MAX: setting(
    ({ mbw }) => mbw && mbw.max !== false,
    ({ mbw }) => sum(fraction(mbw?.bwaWd ?? 0), when((mbw?.maxLim ?? "both") === "both", 0x8000_0000)),
    ({ mbw }) => fraction(mbw?.bwaWd ?? 0),
    ({ mbw }) => when(mbw?.maxLim === "hard", 0x8000_0000),
  ),
  MPAMCFG_MBW_WINWD: {
    present: ({ ris }) => ris?.mbw !== undefined,
    kept: ({ ris }) => when(ris?.mbw?.windwr, 0x00ff_ffff),
    fixed: ({ ris }) => when(!ris?.mbw?.windwr, (ris?.mbw?.winwdUsec ?? 1000) * 2 ** 8),
    reset: ({ ris }) => (ris?.mbw?.winwdUsec ?? 1000) * 2 ** 8,
    setting: false, // the same for all PARTIDs
  },
  MPAMCFG_EN: storage(({ config }) => config.endis !== undefined, 0),
  MPAMCFG_DIS: storage(({ config }) => config.endis !== undefined, 0),
  // Word n is that of PARTIDs 32n and up; all are enabled at reset.
  MPAMCFG_EN_FLAGS: storage(({ config }) => config.endis !== undefined, enabled, enabled),
  MPAMCFG_PRI: setting(
    ({ pri }) => pri,
    ({ pri }) => low(pri?.intpriWd ?? 0) + low(pri?.dspriWd ?? 0) * 2 ** 16,
    () => 0,
  ),
  MPAMCFG_MBW_PROP: setting(
    ({ mbw }) => mbw?.prop,
    ({ mbw }) => sum(low(mbw?.bwaWd ?? 0), 0x8000_0000), // D7
    () => 0,
  ),
  MPAMCFG_INTPARTID: storage(({ config }) => config.partidNrw !== undefined, 0x0001_ffff),
  MPAMCFG_CPBM: setting(
    ({ cpor }) => cpor,
    ({ cpor }, n) => bitmap(cpor?.cpbmWd ?? 0, n),
  ),
  MPAMCFG_MBW_PBM: setting(
    ({ mbw }) => mbw?.bwpbmWd,
    ({ mbw }, n) => bitmap(mbw?.bwpbmWd ?? 0, n),
  ),
  // 6.7; a mask of 16 bits leaves every PARTID as it is.
  MPAMCFG_IN_TL: storage(({ config }) => config.inTl?.direct === true, 0x8000_ffff),
  MPAMCFG_IN_TL_BASE: storage(({ config }) => config.inTl?.baseMask === true, 0xffff),
  MPAMCFG_IN_TL_MASK: storage(
    ({ config }) => config.inTl?.baseMask === true,
    0x1f,
    () => 16,
  ),
  MPAMCFG_OUT_TL: storage(({ config }) => config.outTl?.direct === true, 0x8000_ffff),
  MPAMCFG_OUT_TL_BASE: storage(({ config }) => config.outTl?.baseMask === true, 0xffff),
  MPAMCFG_OUT_TL_MASK: storage(
    ({ config }) => config.outTl?.baseMask === true,
    0x1f,
    () => 16,
  ),
};

// ---- monitors (4.1) ----

const csu = ({ ris }: Place): boolean => ris?.csu !== undefined;
const mbwu = ({ ris }: Place): boolean => ris?.mbwu !== undefined;
const long = ({ ris }: Place): boolean => ris?.mbwu !== undefined && ris.mbwu.counter !== 31;
const NRDY = 0x8000_0000;
/** The upper half of a long value (D25). */
const high = ({ ris }: Place): number => (ris?.mbwu?.counter === 63 ? 0x7fff_ffff : 0x0fff);
const nrdyKept = (nrdy: "hw" | "sw" | "none"): number => when(nrdy === "sw", NRDY);

/** What the two CTL registers have alike. */
function ctl(of: SubjectRis["csu"] | SubjectRis["mbwu"]): number {
  return sum(
    when(of?.oflowLnkg, 0x0000_0700),
    when(!of?.noMatchPartid, 0x0001_0000),
    when(!of?.noMatchPmg, 0x0002_0000),
    when(of?.cevntOflw, 0x0004_0000),
    when(of?.oflowCapt, 0x0080_0000),
    when(of?.capture, 0x7000_0000),
    0x8000_0000,
  );
}

const type = (value: number, word: Word): Word => ({ ...word, fixed: () => value });

const monitors: Readonly<Record<string, Word>> = {
  MSMON_CFG_MON_SEL: storage(
    (place) =>
      anyMonitors(place) || inBank(place).some(({ impl }) => impl && (place.config.version === "1.0" || !impl.noMsmon)),
    (place) => sum(0xffff, when(risMax(place) > 0, 0x0f00_0000)),
  ),
  MSMON_CAPT_EVNT: storage((place) => place.config.localCaptEvnt === true && anyMonitors(place), 0),
  MSMON_CFG_CSU_FLT: storage(csu, ({ ris }) => sum(0x00ff_ffff, when(ris?.csu?.xcl, 0x8000_0000))),
  // Overflow cannot happen by counting, so its bits are there only for CEVNT_OFLW.
  MSMON_CFG_CSU_CTL: type(
    0x43,
    storage(csu, ({ ris }) => sum(ctl(ris?.csu), when(ris?.csu?.cevntOflw, 0x0500_0000))),
  ),
  MSMON_CFG_MBWU_FLT: storage(mbwu, ({ ris }) => sum(0x00ff_ffff, when(ris?.mbwu?.rwbw, 0xc000_0000))),
  MSMON_CFG_MBWU_CTL: type(
    0x42,
    storage(mbwu, (place) => {
      const { config, ris } = place;
      const interrupts = !config.noHwOflwIntr || config.oflwMsi; // D10
      return sum(
        ctl(ris?.mbwu),
        when(long(place) && ris?.mbwu?.oflowCapt, 0x0000_2000),
        when(long(place) && interrupts, 0x0000_4000),
        when(long(place), 0x0000_8000),
        when(ris?.mbwu?.scale, 0x0008_0000), // SCLEN: nothing to switch where SCALE is 0
        0x0500_0000, // OFLOW_FRZ, OFLOW_STATUS
        when(interrupts, 0x0200_0000),
        when(ris?.mbwu?.capture, 0x0800_0000),
      );
    }),
  ),
  MSMON_CSU: storage(csu, ({ ris }) => (ris?.csu?.csuRo ? 0 : sum(0x7fff_ffff, nrdyKept(ris?.csu?.nrdy ?? "hw")))),
  MSMON_CSU_CAPTURE: storage(({ ris }) => ris?.csu?.capture === true, WORD),
  MSMON_CSU_OFSR: constant(({ ris }) => ris?.csu?.ofsr === true, none),
  MSMON_MBWU: storage(mbwu, ({ ris }) => sum(0x7fff_ffff, nrdyKept(ris?.mbwu?.nrdy ?? "sw"))),
  MSMON_MBWU_CAPTURE: storage(({ ris }) => ris?.mbwu?.capture === true, WORD),
  MSMON_MBWU_L: storage(long, WORD),
  MSMON_MBWU_L_HI: storage(long, (place) => sum(high(place), nrdyKept(place.ris?.mbwu?.nrdy ?? "sw"))),
  MSMON_MBWU_L_CAPTURE: storage((place) => long(place) && place.ris?.mbwu?.capture === true, WORD),
  MSMON_MBWU_L_CAPTURE_HI: storage(
    (place) => long(place) && place.ris?.mbwu?.capture === true,
    (place) => sum(high(place), NRDY),
  ),
  MSMON_MBWU_OFSR: constant(({ ris }) => ris?.mbwu?.ofsr === true, none),
  ...msiBlock("MSMON_OFLOW", (place) => place.config.oflwMsi === true && anyMonitors(place)),
  MSMON_OFLOW_SR: constant((place) => place.config.oflowSr === true && anyMonitors(place), none),
};

export const implemented: Readonly<Record<string, Word>> = { ...identification, ...errors, ...partition, ...monitors };
