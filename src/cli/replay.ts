// mpam replay: traces on a platform, groups as one would make them, and script lines in the middle.

import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { openTrace } from "../trace/index.ts";
import { bundled, DEFAULT_PLATFORM } from "./bundled.ts";
import { SAMPLED } from "./describe-trace.ts";
import { UsageError } from "./failure.ts";
import { parseGroupRule } from "./groups.ts";
import { LOG_REGISTERS, logRegisters, parseLogRegisters } from "./log-registers.ts";
import { count, ProgressLine, percent, size, table, time } from "./output.ts";
import { parseScriptLine } from "./script.ts";
import { type Phase, runSession, type SessionResult } from "./session.ts";

interface Options {
  platform?: string;
  group: string[];
  do: string[];
  script?: string;
  seed?: string;
  logRegisters?: string;
  json?: boolean;
  quiet?: boolean;
}

const collect = (value: string, all: string[]) => [...all, value];

export function addReplay(program: Command): void {
  program
    .command("replay")
    .description("replay traces together and print what each group did")
    .argument("<traces...>", "traces in Arrow form (mpam trace import makes them)")
    .option("-p, --platform <file>", "platform file (default: the bundled one-socket)")
    .option(
      "-g, --group <NAME=RULE>",
      "put threads into a group: web=trace:1, web=tid:7, web=pid:7, web=comm:sort",
      collect,
      [],
    )
    .option("-d, --do <LINE>", 'at a model time, change the tree: "50% echo L3:0=3 > web/schemata"', collect, [])
    .option("-s, --script <file>", "a file of such lines; # begins a comment")
    .option("--seed <n>", "permute the pages of every address space")
    .option(...LOG_REGISTERS)
    .option("-q, --quiet", "no progress")
    .option("--json", "one JSON object instead of text")
    .addHelpText(
      "after",
      '\nExample:\n  mpam replay a.arrow b.arrow -g web=trace:1 -g batch=trace:2 -d "50% echo L3:0=3 > batch/schemata"',
    )
    .action(async (paths: string[], options: Options) => {
      const filter = parseLogRegisters(options.logRegisters);
      const sources = [];
      for (const path of paths) {
        const source = await openTrace(path);
        if (source.metadata?.sampled) process.stderr.write(`mpam: ${source.name} is ${SAMPLED}\n`);
        sources.push(source);
      }
      const script = [...options.do, ...(options.script ? await linesOf(options.script) : [])].map(parseScriptLine);
      const progress = new ProgressLine(!options.quiet && !options.json);
      const result = await runSession(sources, {
        platform: options.platform ?? bundled(DEFAULT_PLATFORM),
        groups: options.group.map(parseGroupRule),
        script,
        ...(options.seed === undefined ? {} : { seed: seedOf(options.seed) }),
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

function seedOf(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    throw new UsageError(`seed '${text}': a whole number from 0 to 4294967295`);
  return seed;
}

export function describeSession(result: SessionResult): string {
  const phases = result.phases.map(describePhase).join("\n\n");
  const rate = (result.records / result.seconds / 1e6).toFixed(1);
  return `${phases}\n\n${count(result.records)} records, ${time(result.time)} of model time on ${result.platform}; ${rate} M records/s here`;
}

export function describePhase(phase: Phase): string {
  const script = phase.script.map((line) => `  $ ${line}\n`).join("");
  return `${time(phase.from)} to ${time(phase.to)}\n${script}${groupTable(phase)}`;
}

export function groupTable(phase: Phase): string {
  const rows = phase.groups
    .filter((one) => one.accesses > 0)
    .map((one) => [
      one.group,
      count(one.accesses),
      percent(one.accesses - one.misses, one.accesses),
      numeric(one.llcOccupancy),
      numeric(one.mbmTotalBytes),
    ]);
  return table(["group", "accesses", "L3 hits", "llc_occupancy", "mbm_total_bytes"], rows);
}

function numeric(text: string): string {
  return /^\d+$/.test(text) ? `${count(BigInt(text))} (${size(Number(text))})` : text;
}
