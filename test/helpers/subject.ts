/** What the MSC suite runs on: one MSC with one cache or one memory channel behind it, seen through registers and traffic. */

export type Space = "ns" | "s" | "rt" | "rl";

export interface SubjectLabel {
  readonly space: Space;
  readonly partid: number;
  readonly pmg: number;
}

/** One memory access. `line` is a number of 64-byte lines; op 0 read, 1 write, 2 fetch, 3 prefetch; bytes 1..64 within the line. */
export interface SubjectRecord {
  readonly line: number;
  readonly requester: number;
  readonly op: number;
  readonly bytes: number;
}

/** What an MSI writes, and as whom. */
export interface SubjectMsi {
  readonly address: number;
  readonly data: number;
  /** MSI_MEMATTR and MSI_SH, as the fields have them. */
  readonly memattr: number;
  readonly shareability: number;
  readonly partid: number;
  readonly pmg: number;
}

/**
 * A change of an interrupt wire of the MSC; or a pulse of an edge-triggered error wire; or an MSI. What traffic raised carries the record's
 * index within its `run`. Pulses of one bank, and MSIs of one kind and bank, come as the first and a count until they are collected.
 */
export interface SubjectInterrupt {
  readonly kind: "error" | "overflow";
  /** 1 for pulses and MSIs. */
  readonly level: number;
  readonly record?: number;
  /** Pulses and MSIs: the bank, how many, and what an MSI writes. */
  readonly delivery?: "pulse" | "msi";
  readonly space?: Space;
  readonly count?: number;
  readonly msi?: SubjectMsi;
}

export interface SubjectOccupancy extends SubjectLabel {
  readonly lines: number;
}

export interface SubjectStatistics extends SubjectLabel {
  readonly accesses: number;
  readonly misses: number;
}

/** A valid line of the cache; age 0 is the newest among the valid lines of its set. The label is its allocator's. */
export interface SubjectLine extends SubjectLabel {
  readonly set: number;
  readonly way: number;
  readonly line: number;
  readonly dirty: boolean;
  readonly age: number;
}

export interface MscSubject {
  readonly name: string;
  /** Registers; the space is the bank, Non-secure unless given. Values are unsigned. */
  read32(offset: number, space?: Space): number;
  write32(offset: number, value: number, space?: Space): void;
  read64(offset: number, space?: Space): bigint;
  write64(offset: number, value: bigint, space?: Space): void;
  /** The label that requests of a requester (0..15) carry from the next run on; without one it is PARTID 0, PMG 0, Non-secure. */
  setLabel(requester: number, op: number | "all", label: SubjectLabel): void;
  /** Traffic. Pending configuration takes effect before the first record. Does not move the clock. */
  run(records: readonly SubjectRecord[]): void;
  /** An external capture event, 1..6; one that does not exist does nothing. */
  capture(event: number): void;
  /** Lets model time pass, in nanoseconds. */
  advance(ns: number): void;
  /** Registers are lost, and are as at power-on: settings, selectors, monitors, errors. Lines of the cache stay, with their labels. */
  readonly reset?: (() => void) | undefined;
  /** The changes of the interrupt wires since the last call. */
  interrupts(): readonly SubjectInterrupt[];
  /** By label, in any order; labels without lines or accesses are left out. A channel misses nothing. */
  occupancy(): readonly SubjectOccupancy[];
  statistics(): readonly SubjectStatistics[];
  /** In order of set and way. */
  lines(): readonly SubjectLine[];
}

type Nrdy = "hw" | "sw" | "none";

/** What both monitor types may have. Absent: not there. */
export interface SubjectMonitorFeatures {
  readonly capture?: boolean;
  readonly oflowLnkg?: boolean;
  readonly ofsr?: boolean;
  readonly cevntOflw?: boolean;
  readonly oflowCapt?: boolean;
  readonly noMatchPartid?: boolean;
  readonly noMatchPmg?: boolean;
}

/** One resource instance. Keys, defaults and meaning as in docs/modelled.md, "What a part has". */
export interface SubjectRis {
  readonly ris: number;
  readonly spaces?: readonly Space[];
  readonly impl?: { readonly idr: number; readonly noPart?: boolean; readonly noMsmon?: boolean };
  readonly cpor?: { readonly cpbmWd: number };
  readonly ccap?: {
    readonly cmaxWd: number;
    readonly noCmax?: boolean;
    readonly cmaxSoftlim?: boolean;
    readonly cmin?: boolean;
    readonly cassocWd?: number;
  };
  readonly mbw?: {
    readonly bwaWd: number;
    readonly max?: boolean;
    readonly maxLim?: "both" | "soft" | "hard";
    readonly min?: boolean;
    readonly prop?: boolean;
    readonly bwpbmWd?: number;
    readonly windwr?: boolean;
    readonly winwdUsec?: number;
  };
  readonly pri?: {
    readonly intpriWd?: number;
    readonly intpri0IsLow?: boolean;
    readonly dspriWd?: number;
    readonly dspri0IsLow?: boolean;
  };
  readonly csu?: SubjectMonitorFeatures & {
    readonly monitors: number;
    readonly csuRo?: boolean;
    readonly xcl?: boolean;
    readonly nrdy?: Nrdy;
  };
  readonly mbwu?: SubjectMonitorFeatures & {
    readonly monitors: number;
    readonly counter: 31 | 44 | 63;
    readonly rwbw?: boolean;
    readonly scale?: number;
    readonly nrdy?: Nrdy;
  };
}

export interface SubjectTranslation {
  readonly partidMax: number;
  readonly direct?: boolean;
  readonly baseMask?: boolean;
}

/** Limits of a bank, or of what the processor's labels can hold. */
export interface SubjectLimits {
  readonly partidMax: number;
  readonly pmgMax: number;
}

/** Defects: docs/modelled.md, "Errata". */
export type SubjectErratum = "T241-MPAM-1" | "T241-MPAM-4" | "T241-MPAM-6" | "CMN-650-3642720";

/** Keys of the MSC beside its RIS: docs/modelled.md, "What a part has". */
export interface SubjectFeatures {
  readonly errata?: readonly SubjectErratum[];
  readonly esr?: "none" | 32 | 64;
  readonly errorStyle?: "level" | "edge";
  readonly errMsi?: boolean;
  readonly noHwOflwIntr?: boolean;
  readonly oflwMsi?: boolean;
  readonly oflowSr?: boolean;
  readonly localCaptEvnt?: boolean;
  readonly captEvents?: readonly number[];
  readonly partidNrw?: { readonly intPartidMax: number };
  readonly endis?: { readonly nfu: "none" | "keep" | "poison" };
  readonly inTl?: SubjectTranslation;
  readonly outTl?: SubjectTranslation;
  readonly tlMonitoring?: "between" | "before" | "after";
  readonly defaultPartid?: boolean;
  readonly selectorCheck?: "acs" | "reject" | "lazy";
  readonly resetFill?: number;
  readonly valueClearsStatus?: "always" | "conditional";
  readonly unfreeze?: "value" | "value-or-frz";
  readonly scaleRounding?: "nearest" | "floor";
}

export interface SubjectConfig extends SubjectFeatures {
  readonly kind: "cache" | "memory";
  /** Of a cache: a power of two, and 1..16. */
  readonly sets?: number;
  readonly ways?: number;
  /** Version 1.0 has no RIS, no long counters and no RWBW. */
  readonly version: "0.1" | "1.0" | "1.1";
  readonly iidr: number;
  /** How long CSU monitors are not ready after a change; 0 is always ready. */
  readonly nrdyUsec: number;
  /** The banks that exist; Non-secure always does. */
  readonly spaces: Readonly<Partial<Record<Space, SubjectLimits>>>;
  /** All of them describe the one cache or channel. */
  readonly ris: readonly SubjectRis[];
  readonly processor: SubjectLimits;
}

export type SubjectFactory = (config: SubjectConfig) => Promise<MscSubject>;

/** A 1.1 cache of 64 sets and 4 ways with every feature of the slice in RIS 0; a test says what it wants different. */
export function cacheConfig(different: Partial<SubjectConfig> = {}): SubjectConfig {
  return {
    kind: "cache",
    sets: 64,
    ways: 4,
    version: "1.1",
    iidr: 0x0201_043b,
    nrdyUsec: 0,
    spaces: { ns: { partidMax: 31, pmgMax: 3 }, s: { partidMax: 15, pmgMax: 1 } },
    ris: [
      {
        ris: 0,
        cpor: { cpbmWd: 16 },
        ccap: { cmaxWd: 8 },
        csu: { monitors: 4 },
        mbwu: { monitors: 4, counter: 44, rwbw: true },
      },
    ],
    processor: { partidMax: 63, pmgMax: 3 },
    ...different,
  };
}

/** A 1.1 memory channel with a bandwidth maximum and four 63-bit monitors in RIS 0. */
export function memoryConfig(different: Partial<SubjectConfig> = {}): SubjectConfig {
  const { sets: _sets, ways: _ways, ...common } = cacheConfig();
  return {
    ...common,
    kind: "memory",
    ris: [{ ris: 0, mbw: { bwaWd: 8, maxLim: "both" }, mbwu: { monitors: 4, counter: 63, rwbw: true } }],
    ...different,
  };
}

/** A value of MPAMCFG_PART_SEL or MSMON_CFG_MON_SEL: the two have RIS and index in the same places. */
export function select(ris: number, index: number): number {
  return ((ris << 24) | index) >>> 0;
}

/** Full-line records of requester 0, or of another. */
export function reads(lines: readonly number[], requester = 0): SubjectRecord[] {
  return lines.map((line) => ({ line, requester, op: 0, bytes: 64 }));
}

export function writes(lines: readonly number[], requester = 0): SubjectRecord[] {
  return lines.map((line) => ({ line, requester, op: 1, bytes: 64 }));
}

/** `count` numbers from `first` on, `step` apart. */
export function range(first: number, count: number, step = 1): number[] {
  return Array.from({ length: count }, (_, i) => first + i * step);
}
