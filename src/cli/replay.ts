// mpam replay: traces on a platform, groups as one would make them, and script lines in the middle.

import { MOST_WORKERS } from "../machine/index.ts";
import { REPORT_SUFFIXES } from "../report/index.ts";
import { describeLine } from "../script/index.ts";
import { parseWarmup, runSession, type SessionFlags, sessionFrom } from "../session/index.ts";
import {
  type LabelMap,
  openTraces,
  type Position,
  parseLabelMap,
  parsePosition,
  parseTraceArgument,
  regionOf,
} from "../trace/index.ts";
import { plural, readDuration, UsageError } from "../written/index.ts";
import { describeSession, describeSpeed } from "./describe-session.ts";
import { SAMPLED } from "./describe-trace.ts";
import { textIn } from "./input.ts";
import { logRegisters, parseLogRegisters } from "./log-registers.ts";
import { platformFile } from "./named-platform.ts";
import { ProgressLine } from "./output.ts";
import { checkNoInput } from "./places.ts";
import { recordingOf } from "./recording.ts";
import { reportTargets, writeReports } from "./report-files.ts";
import { scriptOf } from "./script.ts";

interface Options extends SessionFlags {
  platform?: string;
  do: string[];
  script?: string;
  labels?: string;
  warmup?: string;
  roi?: string;
  workers?: string;
  sample?: string;
  logRegisters?: string;
  report?: string[];
  json?: boolean;
  quiet?: boolean;
}

export async function replay(paths: string[], options: Options): Promise<void> {
  const filter = parseLogRegisters(options.logRegisters);
  const session = sessionFrom(options);
  const region = options.roi === undefined ? undefined : regionFrom(options.roi);
  const warmup = options.warmup === undefined ? undefined : parseWarmup(options.warmup);
  const workers = options.workers === undefined ? undefined : workersFrom(options.workers);
  const sampleNs = options.sample === undefined ? undefined : sampleFrom(options.sample);
  const labels = options.labels === undefined ? undefined : await labelsOf(options.labels);
  const targets = await reportTargets(options.report ?? [], REPORT_SUFFIXES);
  const inputs = [
    ...paths.map((one) => parseTraceArgument(one).name),
    options.platform,
    options.labels,
    options.script,
  ];
  for (const { path } of targets) await checkNoInput(`report ${path}`, path, inputs);
  const whole = await openTraces(paths);
  const sources = region ? await regionOf(whole, region.from, region.to) : whole;
  for (const { name, metadata } of sources) {
    if (metadata?.sampled) process.stderr.write(`mpam: ${name} is ${SAMPLED}\n`);
  }
  const script = await scriptOf(options.do, options.script);
  const report = targets.length > 0 ? await recordingOf(options, sources, sampleNs) : undefined;
  let endLog: () => void = () => {};
  const progress = new ProgressLine(!options.quiet && !options.json);
  const result = await runSession(sources, {
    ...session,
    platform: platformFile(options.platform),
    script,
    ...(labels ? { labels } : {}),
    ...(warmup ? { warmup } : {}),
    ...(workers === undefined ? {} : { workers }),
    ...(sampleNs === undefined ? {} : { sampleNs }),
    ...(report ? { recorder: (machine, tree) => report.start(machine, tree, () => endLog()) } : {}),
    onMachine(machine) {
      if (filter) endLog = logRegisters(machine, filter, (line) => progress.say(line));
    },
    onLine(told) {
      const text = options.json ? "" : describeLine(told);
      if (text === "") return;
      progress.end();
      process.stdout.write(`${text}\n`);
    },
    onProgress: ({ records, total }) => progress.show(records, total, "replaying"),
  }).finally(() => progress.end());
  // How fast it went is no result: what is printed is the same every time.
  const { seconds: _, workers: __, ...same } = result;
  process.stdout.write(options.json ? `${JSON.stringify(same)}\n` : `${describeSession(result)}\n`);
  if (!options.json && !options.quiet) process.stderr.write(`${describeSpeed(result)}\n`);
  const written = report ? await writeReports(report.run(result.records), targets) : [];
  if (!options.json && !options.quiet) for (const path of written) process.stderr.write(`wrote ${path}\n`);
  const missed = result.script.filter(({ met }) => met === false).length;
  if (missed > 0) throw new Error(`${plural(missed, "expectation was", "expectations were")} not met`);
}

async function labelsOf(path: string): Promise<LabelMap> {
  return parseLabelMap(await textIn("labels", path), path);
}

function regionFrom(text: string): { from: Position | undefined; to: Position | undefined } {
  const ends = /^(.*?)\.\.(.*)$/.exec(text);
  if (!ends || text === "..") {
    throw new UsageError(`roi '${text}': FROM..TO is needed, as in 1ms..3ms or warm..; either may be left out`);
  }
  return { from: parsePosition(ends[1] ?? ""), to: parsePosition(ends[2] ?? "") };
}

function sampleFrom(text: string): number {
  const ns = readDuration(text);
  if (ns === undefined || ns < 1)
    throw new UsageError(`sample '${text}': a time of 1ns or more, such as 100us, is needed`);
  return ns;
}

function workersFrom(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > MOST_WORKERS)
    throw new UsageError(`workers '${text}': a whole number from 1 to ${MOST_WORKERS} is allowed`);
  return workers;
}
