// One run from platform and traces to readings: what `mpam replay` and the demonstration do.

import { Driver } from "../driver/index.ts";
import { Resctrl } from "../fs/index.ts";
import { Machine, type Progress, type TraceSource } from "../machine/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { endOf, type LabelMap, type MarkedSource } from "../trace/index.ts";
import { type GroupRule, makeGroups } from "./groups.ts";
import { applyLabels } from "./labels.ts";
import { type GroupReading, readGroups } from "./measure.ts";
import type { ScriptLine } from "./script.ts";
import { type Warmup, warmupEnd } from "./warmup.ts";

export interface SessionOptions {
  readonly platform: string;
  readonly groups: readonly GroupRule[];
  readonly script: readonly ScriptLine[];
  readonly seed?: number;
  /** Applied after the groups and the script lines of time 0. */
  readonly labels?: LabelMap;
  /** What happens before its end is not in the readings. */
  readonly warmup?: Warmup;
  /** Called before the driver boots. */
  readonly onMachine?: (machine: Machine) => void;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What one group did between two script times. */
export interface PhaseReading {
  readonly group: string;
  readonly accesses: number;
  readonly misses: number;
  readonly llcOccupancy: string;
  /** Bytes in this phase; a word where the counter had no number. */
  readonly mbmTotalBytes: string;
}

export interface Phase {
  /** Model time, ns. */
  readonly from: number;
  readonly to: number;
  /** What had been written when it began. */
  readonly script: readonly string[];
  readonly groups: readonly PhaseReading[];
}

export interface SessionResult {
  readonly platform: string;
  readonly records: number;
  readonly time: number;
  readonly seconds: number;
  /** Model time from the start that is in no phase, ns. */
  readonly warmupNs: number;
  readonly phases: readonly Phase[];
  readonly schemata: Readonly<Record<string, string>>;
}

export async function runSession(sources: readonly MarkedSource[], options: SessionOptions): Promise<SessionResult> {
  const platform = await loadPlatform(options.platform);
  const machine = await Machine.create(platform, options.seed === undefined ? {} : { seed: options.seed });
  options.onMachine?.(machine);
  const driver = await Driver.probe(machine);
  const tree = await Resctrl.mount(driver, { cdp: false });
  const placed = await makeGroups(machine, tree, sources, options.groups);

  const phases: Phase[] = [];
  let before = new Map<string, GroupReading>();
  let from = machine.clock.now;
  let script: string[] = [];
  const cut = async () => {
    const now = await readGroups(machine, tree, before);
    phases.push({ from, to: machine.clock.now, script, groups: now.map((one) => since(one, before.get(one.group))) });
    before = new Map(now.map((one) => [one.group, one]));
    from = machine.clock.now;
    script = [];
  };
  before = new Map((await readGroups(machine, tree)).map((one) => [one.group, one]));
  const warmupNs = options.warmup ? await warmupEnd(options.warmup, sources) : 0;
  if (warmupNs > 0) {
    machine.clock.at(machine.clock.now + warmupNs, "warm-up", async () => {
      await cut();
      script = phases.splice(0).flatMap((phase) => phase.script);
    });
  }
  for (const [ns, lines] of await timed(options.script, sources)) {
    const run = async () => {
      if (ns > 0) await cut();
      for (const line of lines) {
        await line.run(tree);
        script.push(line.text);
      }
    };
    if (ns === 0) await run();
    else machine.clock.at(machine.clock.now + ns, "script", run);
  }
  if (options.labels) await applyLabels(machine, tree, sources, options.labels, placed);
  const began = performance.now();
  const result = await machine.replay(sources, {
    timing: "open",
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const seconds = (performance.now() - began) / 1000;
  await cut();
  const schemata: Record<string, string> = {};
  for (const group of new Set(options.groups.map((rule) => rule.group))) {
    schemata[group] = await tree.readFile(`${group}/schemata`);
  }
  return { platform: platform.name, records: result.records, time: result.time, seconds, warmupNs, phases, schemata };
}

function since(now: GroupReading, then: GroupReading | undefined): PhaseReading {
  const numeric = /^\d+$/.test(now.mbmTotalBytes) && /^\d+$/.test(then?.mbmTotalBytes ?? "0");
  return {
    group: now.group,
    accesses: now.accesses - (then?.accesses ?? 0),
    misses: now.misses - (then?.misses ?? 0),
    llcOccupancy: now.llcOccupancy,
    mbmTotalBytes: numeric
      ? (BigInt(now.mbmTotalBytes) - BigInt(then?.mbmTotalBytes ?? 0)).toString()
      : now.mbmTotalBytes,
  };
}

/** Script lines by their time in ns, in order. */
async function timed(
  script: readonly ScriptLine[],
  sources: readonly TraceSource[],
): Promise<Map<number, ScriptLine[]>> {
  const end = script.some((line) => "share" in line.at) ? await endOf(sources) : 0;
  const times = new Map<number, ScriptLine[]>();
  for (const line of script) {
    const ns = Math.floor("share" in line.at ? line.at.share * end : line.at.ns);
    times.set(ns, [...(times.get(ns) ?? []), line]);
  }
  return new Map([...times].sort(([a], [b]) => a - b));
}
