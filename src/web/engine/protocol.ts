// What the page asks of the worker that owns machine, driver and tree. All calls are asynchronous; the worker answers within about
// ten milliseconds while traces run, except where an operation waits for model time.

import type { Space } from "../../platform/index.ts";
import type { Setup, WorkloadName } from "../setup.ts";

/** An operation that may be refused: errors of a worker would lose their code on the way. */
export type Reply<T = undefined> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** "EINVAL"; "ERROR" for what has none. */
      readonly code: string;
      readonly message: string;
      /** info/last_cmd_status after a refused call of the tree, without the newline; "" where it says ok. */
      readonly status: string;
    };

/** What has been booted, as far as it does not change. */
export interface Booted {
  readonly platform: {
    readonly name: string;
    readonly description: string;
    readonly cpus: number;
    readonly lineBytes: number;
    /** Simplifications and limits that the platform file has a note on. */
    readonly notes: readonly string[];
  };
  readonly caches: readonly CacheView[];
  /** What all memory channels together let through, bytes/s. */
  readonly memoryBytesPerSecond: number;
  /** Lines that could not be written and workloads that could not be started, one each. */
  readonly problems: readonly string[];
  /** How it replays, in words: "one thread", "two threads on shared memory". */
  readonly threads: string;
}

/** A cache of the platform, in file order. */
export interface CacheView {
  /** "L3 0". */
  readonly name: string;
  readonly level: number;
  readonly id: number;
  readonly bytes: number;
  readonly ways: number;
  readonly slices: number;
  /** Of one slice. */
  readonly sets: number;
  /** Portions of its CPBM; 0 without. */
  readonly portions: number;
}

/** A group of the tree, and what may be set for it. */
export interface GroupView {
  /** Path from the root of the tree: "" is the default group, "web", "web/mon_groups/a". */
  readonly path: string;
  /** Colour of its lines: 1 and up, kept while the group lives. */
  readonly colour: number;
  readonly partid: number;
  readonly pmg: number;
  /** `L3:0=ffff` and the like, one per resource; empty for monitor groups. */
  readonly schemata: readonly SchemataLine[];
  /** Those with threads here. */
  readonly workloads: readonly WorkloadName[];
  /** Threads in its tasks file. */
  readonly tasks: number;
}

export interface SchemataLine {
  /** "L3", "MB", "L2CODE". */
  readonly resource: string;
  /** "mask": values are bitmaps in hex. "number": values are decimal. */
  readonly kind: "mask" | "number";
  readonly domains: readonly { readonly id: number; readonly value: string }[];
  /** Of a mask: how many bits. */
  readonly bits: number;
  /** Of a number: what is allowed, in steps of. */
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** A part of a cache: `count` sets from `first` on, each `step` after the one before. */
export interface FrameRequest {
  /** Index in `Booted.caches`. */
  readonly cache: number;
  readonly slice: number;
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

/** Bit 7 of a cell: the line is dirty. The others: the colour of the group, 0 for an empty way, OTHER for a label of no group. */
export const DIRTY = 0x80;
export const OTHER = 0x7f;

export type RunState = "running" | "paused" | "idle" | "failed";

export interface Frame {
  /** Bytes, set by set, way by way: count * ways of them. */
  readonly cells: Uint8Array;
  readonly ways: number;
  /** By colour: lines held in the whole of the asked cache, all its slices. */
  readonly lines: Float64Array;
  /** Model time, ns. */
  readonly time: number;
  /** Since power-on. */
  readonly records: number;
  /** Per second of the wall, lately. */
  readonly recordsPerSecond: number;
  readonly state: RunState;
  /** Why it failed. */
  readonly failure: string;
  /** Goes up whenever groups or their settings may have changed: then `groups()` is worth asking. */
  readonly groupsVersion: number;
  readonly interrupts: number;
}

/** Samples of every group, in columns of equal length. */
export interface Series {
  /** Model time of each, ns. */
  readonly time: Float64Array;
  readonly groups: readonly GroupSeries[];
  /** Number of the sample after the last one: ask with it next time. */
  readonly next: number;
}

/** NaN: nothing to tell. */
export interface GroupSeries {
  readonly path: string;
  readonly colour: number;
  /** Bytes held in the caches of the last level. */
  readonly bytesHeld: Float64Array;
  /** To and from memory, bytes/s. */
  readonly bytesPerSecond: Float64Array;
  /** What limits of memory bandwidth allow it there. */
  readonly limit: Float64Array;
  /** Share of the requests to the last level that found their line there, 0 to 1. */
  readonly hitRate: Float64Array;
  /** Closed timing: mean latency of requests, ns. */
  readonly latencyNs: Float64Array;
}

/** A line of the cache, told under the cursor. */
export interface LineView {
  readonly set: number;
  readonly way: number;
  /** Physical address of its first byte; undefined where the way is empty. */
  readonly address?: number;
  readonly dirty?: boolean;
  readonly group?: string;
  readonly space?: string;
  readonly partid?: number;
  readonly pmg?: number;
}

export interface FileView {
  readonly name: string;
  readonly kind: "file" | "directory";
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** An MSC as the machine numbers them. */
export interface MscView {
  readonly msc: number;
  /** "L3 0", "node 0 channel 1". */
  readonly name: string;
  readonly kind: "cache" | "memory";
  readonly spaces: readonly { readonly space: Space; readonly partidMax: number; readonly pmgMax: number }[];
  readonly ris: readonly number[];
  /** Absent: reached through a mailbox. */
  readonly address?: number;
  readonly version: string;
}

/** Reads under a selection: it is written, the words are read, and the selector is put back, with nobody in between. */
export interface SelectedRead {
  readonly msc: number;
  readonly space: Space;
  /** MPAMCFG_PART_SEL and MSMON_CFG_MON_SEL for these reads; absent: as they are. */
  readonly partSel?: number;
  readonly monSel?: number;
  readonly offsets: readonly number[];
}

export interface SelectedWrite extends Omit<SelectedRead, "offsets"> {
  readonly offset: number;
  readonly value: number;
}

export interface SystemRegisterView {
  readonly name: string;
  readonly value: bigint;
}

/** What requests of an exception level carry, by the system registers as they are. */
export interface LabelView {
  /** "EL0, data". */
  readonly requests: string;
  readonly partid: number;
  readonly pmg: number;
  readonly space: Space;
  /** Where the PARTID comes from. */
  readonly from: string;
  /** How that came about, step by step. */
  readonly steps: readonly string[];
}

export interface InterruptView {
  /** Model time, ns. */
  readonly time: number;
  readonly text: string;
}

export interface Engine {
  /** Power-on: a new machine, driver and tree, with groups and workloads. Runs when it ran before; the first time it is paused. */
  boot(setup: Setup): Promise<Reply<Booted>>;
  /** The session as it is now: groups with the lines of their schemata, workloads, speed. `panels` are those given to boot. */
  setup(): Promise<Setup>;

  play(): Promise<void>;
  pause(): Promise<void>;
  /** Goes on for so many ns of model time, then pauses. */
  step(ns: number): Promise<void>;
  /** Model time against time of the wall. */
  setSpeed(speed: number | "max"): Promise<void>;

  frame(request: FrameRequest): Promise<Frame>;
  /** Samples from number `since` on, oldest first; as many as are kept. */
  series(since: number): Promise<Series>;
  line(request: FrameRequest, set: number, way: number): Promise<LineView>;

  groups(): Promise<readonly GroupView[]>;
  /** Makes a workload run in a group; one of a name at a time. Traces begin again; what caches hold stays. */
  addWorkload(group: string, workload: WorkloadName): Promise<Reply>;
  /** Ends a workload, wherever its threads are. */
  removeWorkload(workload: WorkloadName): Promise<Reply>;
  /** Takes a recording or a trace of the user's: it is then the workload `own:NAME`. Answers what is in it, in words. */
  addTrace(name: string, bytes: Uint8Array): Promise<Reply<string>>;
  snapshot(): Promise<Reply<Uint8Array>>;

  // The tree. Paths are relative to /sys/fs/resctrl, or begin with / for its root.
  readFile(path: string): Promise<Reply<string>>;
  writeFile(path: string, text: string): Promise<Reply>;
  readdir(path: string): Promise<Reply<readonly FileView[]>>;
  stat(path: string): Promise<Reply<FileView>>;
  mkdir(path: string): Promise<Reply>;
  rmdir(path: string): Promise<Reply>;
  rename(from: string, to: string): Promise<Reply>;

  // Registers.
  mscs(): Promise<readonly MscView[]>;
  readWord(msc: number, offset: number, space: Space): Promise<Reply<number>>;
  writeWord(msc: number, offset: number, value: number, space: Space): Promise<Reply>;
  readSelected(request: SelectedRead): Promise<Reply<readonly number[]>>;
  writeSelected(request: SelectedWrite): Promise<Reply>;
  /** Of one cpu: those it has. */
  systemRegisters(cpu: number): Promise<Reply<readonly SystemRegisterView[]>>;
  writeSystemRegister(cpu: number, name: string, value: bigint): Promise<Reply>;
  labels(cpu: number): Promise<Reply<readonly LabelView[]>>;
  /** Interrupts from number `since` on. */
  interrupts(since: number): Promise<readonly InterruptView[]>;
}
