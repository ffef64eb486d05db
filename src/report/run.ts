// A run as a report has it: plain data, written as JSON and read back (docs/reports.md). Times are model times in ns, bytes are
// bytes, and columns of a series have a number for each sample.

export const RUN_FORMAT = "mpam-run";
export const RUN_VERSION = 1;

/** Caches that are alike. */
export interface RunCaches {
  readonly level: number;
  /** How many of them are alike. */
  readonly count: number;
  readonly bytes: number;
  readonly ways: number;
  readonly slices: number;
  readonly policy: string;
}

/** A memory node. */
export interface RunMemory {
  readonly node: number;
  readonly channels: number;
  /** Of a channel. */
  readonly bytesPerSecond: number;
}

/** The platform, as far as a report needs it. */
export interface RunPlatform {
  readonly name: string;
  readonly description: string;
  readonly cpus: number;
  readonly lineBytes: number;
  readonly caches: readonly RunCaches[];
  readonly memory: readonly RunMemory[];
}

/** A trace that ran. */
export interface RunTrace {
  readonly name: string;
  readonly hash: string;
  readonly records: number;
}

/** The downstream side of a cache slice, or a memory channel. */
export interface RunPort {
  readonly port: string;
  /** What it can let through; absent where nothing is regulated. */
  readonly bytesPerSecond?: number;
}

/** A limit of bandwidth of a group at a port. */
export interface RunLimit {
  readonly port: string;
  readonly group: string;
  readonly bytesPerSecond: number;
  readonly hard: boolean;
}

/** A span in which no line of the script changed anything. */
export interface RunPhase {
  readonly from: number;
  readonly to: number;
  /** Control groups with what their schemata file says; monitor groups without. */
  readonly groups: readonly {
    readonly group: string;
    readonly labels: readonly string[];
    readonly schemata?: string;
  }[];
  /** Of the groups that used a port, where all their partitions there have a limit. */
  readonly limits: readonly RunLimit[];
}

/** A line of the script that ran. */
export interface RunLine {
  readonly time: number;
  readonly text: string;
  /** Whether it may change what happens; others read and expect. */
  readonly changes: boolean;
  /** Of expect. */
  readonly met?: boolean;
}

/** An interrupt, when it changed. */
export interface RunInterrupt {
  readonly time: number;
  readonly kind: string;
  readonly source: string;
  readonly level: number;
  readonly delivery: string;
  readonly count: number;
  readonly space?: string;
  /** Its number in the replay, from 0, where a record raised it. */
  readonly record?: number;
}

/** Why lines were lost: to others, to itself, at its limit, because its PARTID was disabled, by inclusion. */
export interface Lost<T> {
  readonly other: T;
  readonly ownPortion: T;
  readonly ownLimit: T;
  readonly disabled: T;
  readonly inclusion: T;
}

/** A group at a level of caches over time. */
export interface LevelSeries {
  readonly level: number;
  /** At the end of a sample. */
  readonly bytesHeld: readonly number[];
  readonly accesses: readonly number[];
  readonly misses: readonly number[];
  /** With statistics: full. */
  readonly lost?: Lost<readonly number[]>;
}

/** Latencies of a group over time. */
export interface LatencySeries {
  readonly requests: readonly number[];
  /** Of all requests together. */
  readonly sumNs: readonly number[];
  readonly heldNs: readonly number[];
  /** Of the requests of the sample; null where there were none. */
  readonly p95Ns: readonly (number | null)[];
}

/** A group over time: columns with a number for each sample. */
export interface GroupSeries {
  readonly group: string;
  readonly levels: readonly LevelSeries[];
  /** Those where it moved anything. */
  readonly ports: readonly { readonly port: string; readonly bytes: readonly number[] }[];
  readonly latency?: LatencySeries;
}

/** Counts from the end of warm-up on. */
export interface PartTotals {
  readonly accesses: number;
  readonly misses: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** At the end. */
  readonly bytesHeld: number;
}

/** Latencies of a group, ns. */
export interface LatencyTotals {
  readonly requests: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly heldNs: number;
  readonly stalledNs: number;
}

/** What a group did, all together. */
export interface GroupTotals extends PartTotals {
  readonly group: string;
  readonly levels: readonly ({ readonly level: number; readonly lost?: Lost<number> } & PartTotals)[];
  /** Cache slices and memory channels at which it did something. */
  readonly parts: readonly ({ readonly part: string } & PartTotals)[];
  readonly latency?: LatencyTotals;
}

/** What control registers hold at the end, for some PARTIDs alike. */
export interface RunSettings {
  readonly msc: number;
  readonly name: string;
  readonly ris: number;
  readonly partids: readonly number[];
  readonly registers: Readonly<Record<string, string>>;
}

/** A run as a report has it: plain data, whose keys docs/reports.md explains. */
export interface Run {
  /** What the file is. */
  readonly format: typeof RUN_FORMAT;
  /** Of the format. */
  readonly version: typeof RUN_VERSION;
  /** What made it. */
  readonly tool: string;
  /** Where it ran. */
  readonly platform: RunPlatform;
  /** What ran, in their order. */
  readonly traces: readonly RunTrace[];
  /** What was asked for, in words. */
  readonly options: readonly string[];
  /** Closed: who waits issues later. */
  readonly timing: "open" | "closed";
  /** Of the pages; null: they lie as they come. */
  readonly seed: number | null;
  /** How many ran. */
  readonly records: number;
  /** When traffic began. */
  readonly from: number;
  /** When it ended. */
  readonly to: number;
  /** Totals count from there on. */
  readonly countFrom: number;
  /** The ends of the samples; the first begins at `from`, each other where the one before ends. */
  readonly samples: readonly number[];
  /** Cache slices and memory channels. */
  readonly ports: readonly RunPort[];
  /** Groups in the order in which they came to be; the default group is "/". */
  readonly groups: readonly GroupSeries[];
  /** In the same order. */
  readonly totals: readonly GroupTotals[];
  /** What was configured, and when. */
  readonly phases: readonly RunPhase[];
  /** Lines of the script that ran. */
  readonly lines: readonly RunLine[];
  /** The first thousand. */
  readonly interrupts: readonly RunInterrupt[];
  /** What the control registers hold at the end. */
  readonly settings: readonly RunSettings[];
  /** What is not here, and why. */
  readonly notes: readonly string[];
}
