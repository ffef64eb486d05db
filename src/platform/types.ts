// What a platform is, after checking: every default filled in, every size a number of bytes.

import type { DeviceDescription, SmmuDescription } from "./types-io.ts";

/** Non-secure, Secure, Root, Realm: the four MPAM spaces. */
export type Space = "ns" | "s" | "rt" | "rl";

export const SPACES: readonly Space[] = ["ns", "s", "rt", "rl"];

/** A platform file with every default filled in (docs/platform-format.md). Bytes, ns and bytes a second. */
export interface Platform {
  readonly name: string;
  readonly description: string;
  /** Logical cpus 0 .. cpus - 1. */
  readonly cpus: number;
  /** In which tables firmware describes it: ACPI, a device tree, or the older device tree of one MSC (docs/firmware.md). */
  readonly firmware: "acpi" | "dt" | "android";
  /** SMCCC SoC ID, version: by it software knows the chip that an erratum is in. */
  readonly socId: number;
  /** Channels to firmware that reaches MSCs on behalf of software. */
  readonly mailboxes: readonly MailboxDescription[];
  /** What each cpu has; those of `unlike` have what stands there (processorOfCpus). */
  readonly processor: PeDescription & {
    readonly unlike: readonly (PeDescription & { readonly cpus: readonly number[] })[];
    /** Closed timing: requests of a requester under way beyond its private caches, and requesters of one replay. */
    readonly outstanding: number;
    readonly requesters: number;
  };
  readonly quantumNs: number;
  /** Of all caches: 32, 64, 128 or 256. */
  readonly lineBytes: number;
  /** Cpus that stand together; a cpu is in one of them at most. */
  readonly clusters: readonly (readonly number[])[];
  /** Of random replacement. */
  readonly seed: number;
  readonly numa: "interleave" | "fill";
  /** Page size of the address rule: 4096, 16384, 65536 or 2 MiB. */
  readonly pageBytes: number;
  /** Most labels that may be in use at once; owner 0 is (ns, 0, 0). */
  readonly owners: number;
  /** Most bytes of WebAssembly memory the machine may take. */
  readonly memoryLimit: number;
  /** Each cache there is, in file order: an entry with `per` stands here as its instances. */
  readonly caches: readonly CacheDescription[];
  readonly memory: readonly MemoryDescription[];
  /** They label the requests of devices behind them. */
  readonly smmus: readonly SmmuDescription[];
  /** Requesters that are not cpus, by their names. */
  readonly devices: readonly DeviceDescription[];
}

/** The MPAM of a cpu. Keys, defaults and meaning: docs/modelled.md, "The processor side". */
export interface PeDescription {
  readonly version: "none" | "0.1" | "1.0" | "1.1";
  /** What it can put on a request: MPAMIDR_EL1.PARTID_MAX and PMG_MAX. */
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly el2: boolean;
  readonly el3: boolean;
  readonly vpmrMax: number | "none";
  readonly tidr: boolean;
  readonly sdeflt: boolean;
  readonly forceNs: "none" | "rw" | "rao";
  readonly rme: boolean;
  readonly sme: boolean;
  readonly bandwidth:
    | "none"
    | {
        readonly bwaWd: number;
        readonly maxLim: "both" | "soft" | "hard";
        readonly hwScale: boolean;
        /** What 1.0 means in a limit. */
        readonly bytesPerSecond: number;
      };
  /** What boot firmware leaves: MPAMEN, and TRAPLOWER. */
  readonly firmware: { readonly enables: boolean; readonly traps: boolean };
  /** The kernel of the host runs at EL2. */
  readonly vhe: boolean;
  /** Where the architecture leaves a choice. */
  readonly unpredictable: {
    readonly reset: "zero" | "ones";
    readonly virtual: "default" | "zero" | "wrap";
    readonly physical: "zero" | "max";
    readonly pmg: "zero" | "max";
    readonly pmgOfError: "keep" | "zero";
    readonly phyPartid: "full" | "narrow";
    readonly streaming: "mpamsm" | "el";
    readonly altspFrcd: "any" | "forced";
  };
}

/** One cache: it serves all of its `cpus`. */
export interface CacheDescription {
  readonly level: number;
  /** The id firmware gives this instance: the domain id in a schemata line. Each of a level has its own. */
  readonly id: number;
  readonly cpus: readonly number[];
  /** Of all slices together. */
  readonly bytes: number;
  readonly ways: number;
  /** That of the platform. */
  readonly lineBytes: number;
  readonly policy: "lru" | "plru" | "nru" | "random";
  readonly slices: number;
  readonly inclusive: boolean;
  readonly relabelOnWriteHit: boolean;
  readonly mbwu: "downstream" | "upstream";
  /** Of a request that it serves, counted from the cpu. */
  readonly latencyNs: number;
  /** Of the downstream side of a slice; there where the MSC has bandwidth controls. */
  readonly bytesPerSecond?: number;
  /** Absent: the cache knows no partitions. With slices, each has an MSC of this shape, `stride` apart. */
  readonly msc?: MscDescription;
}

/** A PCC channel: shared memory, and a page of registers behind it (docs/firmware.md, "Mailboxes"). */
export interface MailboxDescription {
  /** Number of the PCC subspace: its place in the PCCT. */
  readonly subspace: number;
  /** Physical address of the shared memory, 64 KiB aligned. */
  readonly base: number;
  /** Of the shared memory. */
  readonly bytes: number;
  /** From the doorbell to the answer. */
  readonly latencyUsec: number;
  /** Told when a message is answered; 0: software polls. */
  readonly interrupt: number;
}

/** Defects that parts are known for (docs/modelled.md, "Errata"). */
export const ERRATA = ["T241-MPAM-1", "T241-MPAM-4", "T241-MPAM-6", "CMN-650-3642720"] as const;
/** Flaws that an MSC can have on purpose. */
export type Erratum = (typeof ERRATA)[number];

/** The memory of a NUMA node, and its channels. */
export interface MemoryDescription {
  readonly node: number;
  readonly cpus: readonly number[];
  readonly bytes: number;
  readonly channels: number;
  /** Peak bandwidth of one channel. */
  readonly bytesPerSecond: number;
  readonly latencyNs: number;
  readonly msc?: MscDescription;
}

/** Keys, defaults and meaning: docs/modelled.md, "What a part has". */
export interface MscDescription {
  /** Physical address of the Non-secure feature page, 64 KiB aligned. Absent: only firmware reaches it. */
  readonly base?: number;
  readonly stride: number;
  /** The PCC subspace by which it is reached; there where `base` is absent. */
  readonly mailbox?: number;
  /** How it misbehaves. */
  readonly errata: readonly Erratum[];
  /** What becomes of its registers while no cpu that reaches it is online. */
  readonly power: "kept" | "lost";
  readonly version: "0.1" | "1.0" | "1.1";
  readonly iidr: number;
  /** Limits per address space; `ns` always exists. */
  readonly spaces: { readonly [space in Space]?: { readonly partidMax: number; readonly pmgMax: number } };
  /** Longest time NRDY may stay 1 after a monitor is configured, microseconds; 0: monitors are always ready. */
  readonly nrdyUsec: number;
  readonly errorInterrupt: number;
  readonly overflowInterrupt: number;
  /** Cpus that can reach the page. */
  readonly cpus: readonly number[];
  readonly esr: "none" | 32 | 64;
  readonly errorStyle: "level" | "edge";
  readonly errMsi: boolean;
  readonly noHwOflwIntr: boolean;
  readonly oflwMsi: boolean;
  readonly oflowSr: boolean;
  readonly localCaptEvnt: boolean;
  /** Capture events 1..6 that exist. */
  readonly captEvents: readonly number[];
  readonly partidNrw?: { readonly intPartidMax: number };
  readonly endis?: { readonly nfu: "none" | "keep" | "poison" };
  readonly inTl?: TranslationDescription;
  readonly outTl?: TranslationDescription;
  readonly tlMonitoring: "between" | "before" | "after";
  readonly defaultPartid: boolean;
  readonly selectorCheck: "acs" | "reject" | "lazy";
  /** A word that the settings of all PARTIDs but 0 hold at reset; absent: as PARTID 0. */
  readonly resetFill?: number;
  readonly valueClearsStatus: "always" | "conditional";
  readonly unfreeze: "value" | "value-or-frz";
  readonly scaleRounding: "nearest" | "floor";
  readonly ris: readonly RisDescription[];
}

/** PARTID translation: the largest PARTID it takes (ingress) or makes (egress), and its two ways of translating. */
export interface TranslationDescription {
  readonly partidMax: number;
  readonly direct: boolean;
  readonly baseMask: boolean;
}

/** What the monitors of one type can do. */
export interface MonitorFeatures {
  readonly monitors: number;
  readonly capture: boolean;
  readonly oflowLnkg: boolean;
  readonly ofsr: boolean;
  readonly cevntOflw: boolean;
  readonly oflowCapt: boolean;
  readonly noMatchPartid: boolean;
  readonly noMatchPmg: boolean;
  readonly nrdy: "hw" | "sw" | "none";
}

/** One resource instance of an MSC. */
export interface RisDescription {
  readonly ris: number;
  /** Banks in which it exists; absent: all of the MSC. */
  readonly spaces?: readonly Space[];
  readonly impl?: { readonly idr: number; readonly noPart: boolean; readonly noMsmon: boolean };
  readonly cpor?: { readonly cpbmWd: number };
  readonly ccap?: {
    readonly cmaxWd: number;
    readonly noCmax: boolean;
    readonly cmaxSoftlim: boolean;
    readonly cmin: boolean;
    readonly cassocWd?: number;
  };
  readonly mbw?: {
    readonly bwaWd: number;
    readonly max: boolean;
    readonly maxLim: "both" | "soft" | "hard";
    readonly min: boolean;
    readonly prop: boolean;
    readonly bwpbmWd?: number;
    readonly window: "paced" | "fixed";
    readonly windwr: boolean;
    /** Reset value of MPAMCFG_MBW_WINWD, microseconds. */
    readonly winwdUsec: number;
  };
  readonly pri?: {
    readonly intpriWd?: number;
    readonly intpri0IsLow: boolean;
    readonly dspriWd?: number;
    readonly dspri0IsLow: boolean;
  };
  readonly csu?: MonitorFeatures & { readonly csuRo: boolean; readonly xcl: boolean };
  readonly mbwu?: MonitorFeatures & {
    readonly counter: 31 | 44 | 63;
    readonly rwbw: boolean;
    /** MPAMF_MBWUMON_IDR.SCALE, 0..31. */
    readonly scale: number;
  };
}

/** One MSC as the machine numbers them: caches in file order, slice by slice, then memory nodes, channel by channel. */
export interface MscInstance {
  readonly msc: number;
  /** Absent: reached through a mailbox. */
  readonly address?: number;
  readonly description: MscDescription;
  readonly resource:
    | { readonly kind: "cache"; readonly cache: CacheDescription; readonly slice: number }
    | { readonly kind: "memory"; readonly memory: MemoryDescription; readonly channel: number };
}
