// mpam replay: traces on a platform, groups as one would make them, and script lines in the middle.

import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { type LabelMap, openTraces, type Position, parseLabelMap, parsePosition, regionOf } from "../trace/index.ts";
import { readDuration } from "../written/index.ts";
import { bundled, DEFAULT_PLATFORM } from "./bundled.ts";
import { describeSession } from "./describe-session.ts";
import { SAMPLED } from "./describe-trace.ts";
import { UsageError } from "./failure.ts";
import { parseGroupRule } from "./groups.ts";
import { LOG_REGISTERS, logRegisters, parseLogRegisters } from "./log-registers.ts";
import { ProgressLine } from "./output.ts";
import { parseScriptLine } from "./script.ts";
import { runSession, TIMINGS } from "./session.ts";
import { choice } from "./trace.ts";
import { parseWarmup } from "./warmup.ts";

interface Options {
  platform?: string;
  group: string[];
  do: string[];
  script?: string;
  seed?: string;
  labels?: string;
  warmup?: string;
  roi?: string;
  timing?: string;
  statistics?: string;
  sample?: string;
  logRegisters?: string;
  json?: boolean;
  quiet?: boolean;
}

const collect = (value: string, all: string[]) => [...all, value];

export function addReplay(program: Command): void {
  program
    .command("replay")
    .description("replay traces together and print what each group did")
    .argument(
      "<traces...>",
      "Arrow files (mpam trace import makes them) or synth:PATTERN,...; options follow an @: a.arrow@start=2ms,loop=3",
    )
    .option("-p, --platform <file>", "platform file (default: the bundled one-socket)")
    .option(
      "-g, --group <NAME=RULE>",
      "put threads into a group: web=trace:1, web=tid:7, web=pid:7, web=comm:sort",
      collect,
      [],
    )
    .option("-l, --labels <file>", "a label map: who has which label or group (docs/replay.md)")
    .option("-d, --do <LINE>", 'at a model time, change the tree: "50% echo L3:0=3 > web/schemata"', collect, [])
    .option("-s, --script <file>", "a file of such lines; # begins a comment")
    .option("--seed <n>", "permute the pages of every address space")
    .option("--warmup <point>", "count from there on: a time, a share of the run such as 10%, a number of records")
    .option("--roi <from..to>", "replay from one point to another: times, numbers of records or markers")
    .option(
      "--timing <how>",
      "open (default: limits delay nobody) or closed (who waits issues later; latencies are shown)",
    )
    .option("--statistics <what>", "counts (default) or full: why lines were lost, which takes longer")
    .option("--sample <time>", "show bandwidth beside its limits every so much model time, as in 100us")
    .option(...LOG_REGISTERS)
    .option("-q, --quiet", "no progress")
    .option("--json", "one JSON object instead of text")
    .addHelpText(
      "after",
      '\nExample:\n  mpam replay a.arrow b.arrow -g web=trace:1 -g batch=trace:2 -d "50% echo L3:0=3 > batch/schemata"',
    )
    .action(async (paths: string[], options: Options) => {
      const filter = parseLogRegisters(options.logRegisters);
      const region = options.roi === undefined ? undefined : regionFrom(options.roi);
      const warmup = options.warmup === undefined ? undefined : parseWarmup(options.warmup);
      const timing = choice("timing", options.timing, TIMINGS);
      const statistics = choice("statistics", options.statistics, ["counts", "full"]);
      const sampleNs = options.sample === undefined ? undefined : sampleFrom(options.sample);
      const labels = options.labels === undefined ? undefined : await labelsOf(options.labels);
      const whole = await openTraces(paths);
      const sources = region ? await regionOf(whole, region.from, region.to) : whole;
      for (const { name, metadata } of sources) {
        if (metadata?.sampled) process.stderr.write(`mpam: ${name} is ${SAMPLED}\n`);
      }
      const script = [...options.do, ...(options.script ? await linesOf(options.script) : [])].map(parseScriptLine);
      const progress = new ProgressLine(!options.quiet && !options.json);
      const result = await runSession(sources, {
        platform: options.platform ?? bundled(DEFAULT_PLATFORM),
        groups: options.group.map(parseGroupRule),
        script,
        ...(options.seed === undefined ? {} : { seed: seedOf(options.seed) }),
        ...(labels ? { labels } : {}),
        ...(warmup ? { warmup } : {}),
        ...(timing ? { timing } : {}),
        ...(statistics ? { statistics } : {}),
        ...(sampleNs === undefined ? {} : { sampleNs }),
        ...(filter ? { onMachine: (machine) => logRegisters(machine, filter, () => progress.end()) } : {}),
        onProgress: ({ records, total }) => progress.show(records, total, "replaying"),
      }).finally(() => progress.end());
      process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${describeSession(result)}\n`);
    });
}

async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  return text.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
}

async function labelsOf(path: string): Promise<LabelMap> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`labels ${path}: cannot be read (${cause.code})`, { cause });
  });
  return parseLabelMap(text, path);
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

function seedOf(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    throw new UsageError(`seed '${text}': a whole number from 0 to 4294967295`);
  return seed;
}
