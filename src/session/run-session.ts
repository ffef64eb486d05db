// One run from platform and traces to readings: what `mpam replay` and the demonstration do.

import { Driver } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { type Proposal, Resctrl } from "../fs/index.ts";
import {
  Machine,
  type MachineOptions,
  type Progress,
  type RecordsByPath,
  type RequestRecorder,
  RequestStream,
  type TraceSource,
} from "../machine/index.ts";
import { loadPlatform, type Platform } from "../platform/index.ts";
import {
  type CountsSince,
  countsSince,
  type GroupReading,
  type GroupSample,
  type Latency,
  type LevelOfWorkSince,
  type Look,
  levelsSince,
  lookAt,
  type RunRecorder,
  readGroups,
  Sampler,
} from "../report/index.ts";
import { type ScriptLine, ScriptRun, showTime, type Told } from "../script/index.ts";
import { endOf, type LabelMap, type MarkedSource } from "../trace/index.ts";
import { given } from "../written/index.ts";
import type { Booting } from "./booting.ts";
import { groupPath } from "./group-path.ts";
import { type GroupRule, makeGroups } from "./groups.ts";
import { addGuests, type GuestRules, placeGuests } from "./guests.ts";
import { chooseKernelMode, type KernelModeChoice } from "./kernel-mode.ts";
import { applyLabels } from "./labels.ts";
import { type Warmup, warmupEnd } from "./warmup.ts";

export const TIMINGS = ["open", "closed"] as const;
export type Timing = (typeof TIMINGS)[number];

export interface SessionOptions extends Booting {
  /** Path of a platform file, or a platform. */
  readonly platform: string | Platform;
  readonly groups: readonly GroupRule[];
  /** Which threads run in guests. */
  readonly guests?: GuestRules;
  /** Lines for schemata files, by path of the group, "/" for the default one: written when the groups are there. */
  readonly schemata?: Readonly<Record<string, readonly string[]>>;
  readonly script: readonly ScriptLine[];
  /** Default "open". */
  readonly timing?: Timing;
  /** "full": why lines are lost. */
  readonly statistics?: "counts" | "full";
  /** Counts of exception levels apart. */
  readonly byEl?: boolean;
  /** Applied after the script lines of time 0. */
  readonly kernelMode?: KernelModeChoice;
  /** Proposed files that the tree has; those of kernel modes it has with `kernelMode` too. */
  readonly proposed?: readonly Proposal[];
  /** Measure bandwidth every so many ns. */
  readonly sampleNs?: number;
  /** What looks on for a report; called when the groups are there. */
  readonly recorder?: (machine: Machine, tree: Resctrl) => RunRecorder;
  readonly seed?: number;
  /** One part of the replay alone: what all parts have alike is counted by the first, so that all of them add up. */
  readonly part?: MachineOptions["part"];
  /**
   * Of the replay (`ReplayOptions.requests`). Where requests that were recorded stand in for the traces, what is above the last caches
   * was counted then.
   */
  readonly requests?: RequestRecorder | RequestStream;
  /** Of the machine (`MachineOptions.memory`). */
  readonly memory?: WebAssembly.Memory;
  /** Threads that replay together, 1 to 8; closed timing runs on one. */
  readonly workers?: number;
  /** Applied after the groups and the script lines of time 0. */
  readonly labels?: LabelMap;
  /** What happens before its end is not in the readings. */
  readonly warmup?: Warmup;
  /** Ends before the first record at or past this model time, ns; the lines of a script that come later do not run. */
  readonly until?: number;
  /** Called before the driver boots. */
  readonly onMachine?: (machine: Machine) => void;
  /** Called when it has booted. */
  readonly onDriver?: (driver: Driver) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Called when a script line has run. */
  readonly onLine?: (told: Told) => void;
  readonly signal?: AbortSignal;
}

/** What a line of the script read, or whether it found what it expected. */
export interface ScriptReading {
  /** Model time from the start, as a script has it. */
  readonly at: string;
  readonly line: string;
  /** Where it stands. */
  readonly place: string;
  /** Of read: the file. */
  readonly text?: string;
  /** Of expect. */
  readonly met?: boolean;
  readonly diff?: string;
}

/** What one group did between two script times. */
export interface PhaseReading extends CountsSince {
  readonly group: string;
  readonly llcOccupancy: string;
  /** Bytes in this phase; a word where the counter had no number. */
  readonly mbmTotalBytes: string;
  /** With `byEl`. */
  readonly els?: readonly LevelOfWorkSince[];
}

export interface Phase {
  /** Model time, ns. */
  readonly from: number;
  readonly to: number;
  /** What had been written when it began. */
  readonly script: readonly string[];
  readonly groups: readonly PhaseReading[];
  /** Bandwidth over time, where it was asked for. */
  readonly samples?: readonly GroupSample[];
}

export interface SessionResult {
  readonly platform: string;
  readonly timing: Timing;
  readonly records: number;
  readonly time: number;
  readonly seconds: number;
  /** Threads that replayed together. */
  readonly workers: number;
  /** How many requests ran on which path; a record that crosses a border of lines is several. */
  readonly paths: RecordsByPath;
  /** Model time from the start that is in no phase, ns. */
  readonly warmupNs: number;
  readonly phases: readonly Phase[];
  /** Closed timing: of all requests from the start on, warm-up or not. */
  readonly latencies?: readonly ({ readonly group: string; readonly el?: number } & Latency)[];
  /** What lines of the script read and expected, in their order. */
  readonly script: readonly ScriptReading[];
  readonly schemata: Readonly<Record<string, string>>;
}

export async function runSession(sources: readonly MarkedSource[], options: SessionOptions): Promise<SessionResult> {
  const platform = await loadPlatform(options.platform);
  const { timing = "open", statistics = "counts", seed, workers = 1 } = options;
  const machine = await Machine.create(platform, {
    statistics,
    byEl: options.byEl ?? false,
    workers: timing === "closed" ? 1 : workers,
    ...given<Pick<MachineOptions, "part" | "seed" | "memory">>({ part: options.part, seed, memory: options.memory }),
  });
  try {
    return await runOn(machine, platform, sources, options);
  } finally {
    await machine.close();
  }
}

async function runOn(
  machine: Machine,
  platform: Platform,
  sources: readonly MarkedSource[],
  options: SessionOptions,
): Promise<SessionResult> {
  const { timing = "open", statistics = "counts", sampleNs } = options;
  options.onMachine?.(machine);
  if (options.guests) addGuests(machine, sources, options.guests);
  const driver = await Driver.probe(
    machine,
    given<Booting>({ compat: options.compat, commandLine: options.commandLine, smmus: options.smmus }),
  );
  options.onDriver?.(driver);
  const proposed = options.kernelMode ? ["kernel-mode" as const] : (options.proposed ?? []);
  const tree = await Resctrl.mount(driver, { cdp: false, proposed });
  const placed = await makeGroups(machine, tree, sources, options.groups);
  if (options.guests) await placeGuests(machine, tree, sources, options.guests);
  for (const [group, lines] of Object.entries(options.schemata ?? {})) await writeSchemata(tree, group, lines);

  const phases: Phase[] = [];
  let before = new Map<string, GroupReading>();
  let from = machine.clock.now;
  let script: string[] = [];
  let sampler: Sampler | undefined;
  const ownAlone = (options.part?.index ?? 0) > 0 || options.requests instanceof RequestStream;
  const look = () => lookAt(machine, statistics === "full", ownAlone);
  let last = look();
  const cut = async () => {
    sampler?.take();
    const seen = look();
    const now = await readGroups(machine, tree, seen);
    const groups = now.map((one) => since(one, before.get(one.group), last));
    const samples = sampler?.drain(now);
    phases.push({ from, to: machine.clock.now, script, groups, ...(samples ? { samples } : {}) });
    before = new Map(now.map((one) => [one.group, one]));
    last = seen;
    from = machine.clock.now;
    script = [];
  };
  before = new Map((await readGroups(machine, tree, last)).map((one) => [one.group, one]));
  const warmupNs = options.warmup ? await warmupEnd(options.warmup, sources) : 0;
  if (warmupNs > 0) {
    machine.clock.at(machine.clock.now + warmupNs, "warm-up", async () => {
      await recorder?.warm();
      await cut();
      script = phases.splice(0).flatMap((phase) => phase.script);
    });
  }
  const told: ScriptReading[] = [];
  const startNs = machine.clock.now;
  let recorder: RunRecorder | undefined;
  const run = new ScriptRun(machine, tree, options.script, {
    lengthNs: await lengthOf(options.script, sources),
    async beforeChange(at) {
      if (at > 0) {
        await recorder?.cut();
        await cut();
      }
    },
    onLine(one) {
      recorder?.line(one);
      if (one.line.action.changes) script.push(one.line.text);
      if (one.text !== undefined || one.met !== undefined) told.push(readingOf(one));
      options.onLine?.(one);
    },
  });
  recorder = options.recorder?.(machine, tree);
  await run.begin();
  if (options.kernelMode) await chooseKernelMode(tree, options.kernelMode);
  if (options.labels) await applyLabels(machine, tree, sources, options.labels, placed);
  if (sampleNs !== undefined) sampler = new Sampler(machine, sampleNs);
  const began = performance.now();
  const running = machine.replay(sources, {
    timing,
    ...(options.requests ? { requests: options.requests } : {}),
    ...(options.until === undefined ? {} : { until: startNs + options.until }),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const result = await running.finally(() => {
    sampler?.stop();
    recorder?.stop();
  });
  const seconds = (performance.now() - began) / 1000;
  if (options.until === undefined) await run.end();
  await recorder?.cut();
  await cut();
  const latencies = [...before.values()].flatMap(({ group, counts, els }) => [
    ...(counts.latency ? [{ group, ...counts.latency }] : []),
    ...els.flatMap(({ el, latency }) => (latency ? [{ group, el, ...latency }] : [])),
  ]);
  const schemata: Record<string, string> = {};
  const left = new Set(await tree.readdir("/"));
  for (const group of new Set(options.groups.map((rule) => rule.group))) {
    if (left.has(group)) schemata[group] = await tree.readFile(`${group}/schemata`);
  }
  recorder?.end();
  return {
    platform: platform.name,
    timing,
    records: result.records,
    time: result.time,
    seconds,
    workers: machine.workers,
    paths: result.paths,
    warmupNs,
    phases,
    ...(timing === "closed" ? { latencies } : {}),
    script: told,
    schemata,
  };
}

/** A label may have been another group's in the phase before: what is new is told by labels. */
function since(now: GroupReading, then: GroupReading | undefined, last: Look): PhaseReading {
  const numeric = /^\d+$/.test(now.mbmTotalBytes) && /^\d+$/.test(then?.mbmTotalBytes ?? "0");
  return {
    group: now.group,
    ...countsSince(now.counts, last.counts(now.labels)),
    llcOccupancy: now.llcOccupancy,
    mbmTotalBytes: numeric
      ? (BigInt(now.mbmTotalBytes) - BigInt(then?.mbmTotalBytes ?? 0)).toString()
      : now.mbmTotalBytes,
    ...(now.els.length > 0 ? { els: levelsSince(now.els, last.levelsOfWork(now.labels)) } : {}),
  };
}

/** Throws an ErrnoError with what the tree says of it. */
async function writeSchemata(tree: Resctrl, group: string, lines: readonly string[]): Promise<void> {
  const file = `${groupPath(group)}/schemata`.replace(/^\//, "");
  try {
    await tree.writeFile(file, lines.map((line) => `${line}\n`).join(""));
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    const status = (await tree.readFile("info/last_cmd_status")).trim();
    const why = status === "" || status === "ok" ? error.message : `${error.code}: ${status}`;
    throw new ErrnoError(error.code, `${file} does not take ${lines.join("; ")}: ${why}`, { cause: error });
  }
}

/** Shares are of recorded times; finding out how long those are takes a look at the end of each trace. */
async function lengthOf(script: readonly ScriptLine[], sources: readonly TraceSource[]): Promise<number> {
  return script.some(({ at }) => "share" in at) ? endOf(sources) : 0;
}

function readingOf({ line, at, ...outcome }: Told): ScriptReading {
  const { file, line: number, column } = line.place;
  return { at: showTime(Math.floor(at)), line: line.text, place: `${file}:${number}:${column}`, ...outcome };
}
