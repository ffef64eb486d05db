// mpam bundle make: a run, and the one file that tells of it.

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { messageOf } from "../../errno/index.ts";
import { Machine } from "../../machine/index.ts";
import { parsePlatform } from "../../platform/index.ts";
import { parseScript } from "../../script/index.ts";
import { openTraces, parseLabelMap, parseTraceArgument, renamedTrace } from "../../trace/index.ts";
import { given, readDuration, UsageError } from "../../written/index.ts";
import { textIn } from "../input.ts";
import { platformFile } from "../named-platform.ts";
import { print } from "../output.ts";
import { checkNoInput, checkPlace } from "../places.ts";
import { registersOf, textOf } from "../register-dump.ts";
import { scriptText } from "../script.ts";
import { version } from "../version.ts";
import { listed, type Part, writeArchive } from "./archive.ts";
import {
  BUNDLE_VERSION,
  type BundleFlags,
  type Contents,
  LABELS,
  LOG,
  PLATFORM,
  README,
  REGISTERS,
  SCRIPT,
  SNAPSHOT,
  tracePath,
} from "./contents.ts";
import { describeBundle } from "./describe.ts";
import { type Outcome, rerun } from "./rerun.ts";

interface Flags extends BundleFlags {
  output: string;
  platform?: string;
  script?: string;
  labels?: string;
  replay?: string[];
  at?: string;
  note?: string;
  withTraces?: boolean;
  quiet?: boolean;
  json?: boolean;
}

/** What stands in bundle.json as it was given. */
const RECORDED = [
  "group",
  "guest",
  "guestPartid",
  "do",
  "seed",
  "timing",
  "statistics",
  "kernelMode",
  "proposed",
  "compat",
  "commandLine",
  "smmus",
] as const satisfies readonly (keyof BundleFlags)[];

export async function make(flags: Flags): Promise<void> {
  await checkPlace(flags.output, flags.output);
  const path = platformFile(flags.platform);
  const at = flags.at === undefined ? undefined : readDuration(flags.at);
  if (flags.at !== undefined && at === undefined)
    throw new UsageError(`at '${flags.at}': a time such as 2ms is needed`);
  const recipe = {
    platform: await textIn("platform", path),
    flags: recorded(flags),
    script: flags.script === undefined ? undefined : await scriptText(flags.script),
    labels: flags.labels === undefined ? undefined : await textIn("labels", flags.labels),
    at,
  };
  // Under the names that they have here: in a bundle they have others.
  parsePlatform(recipe.platform, path);
  if (recipe.script !== undefined) parseScript(recipe.script, flags.script ?? SCRIPT);
  if (recipe.labels !== undefined) parseLabelMap(recipe.labels, flags.labels ?? LABELS);
  const named = flags.replay ?? [];
  const traces = named.map((one) => parseTraceArgument(one).name);
  await checkNoInput(flags.output, flags.output, [path, flags.script, flags.labels, ...traces]);
  const files = flags.withTraces ? await Promise.all(named.map(traceFile)) : [];
  const sources = await openTraces(named);
  const outcome = await rerun(recipe, sources, flags.quiet || flags.json || false);
  const { bytes: snapshot, why: noSnapshot } = snapshotOf(outcome.machine);
  const parts: Part[] = [
    text(README, readme()),
    text(PLATFORM, recipe.platform),
    ...(recipe.script === undefined ? [] : [text(SCRIPT, recipe.script)]),
    ...(recipe.labels === undefined ? [] : [text(LABELS, recipe.labels)]),
    text(LOG, (outcome.driver?.log ?? []).map((line) => `${line.level}: ${line.text}\n`).join("")),
    text(REGISTERS, registers(outcome)),
    ...(snapshot === undefined ? [] : [{ name: SNAPSHOT, from: snapshot }]),
    ...files.flatMap((file, index) =>
      file === undefined ? [] : [{ name: tracePath(index, file), from: { path: file } }],
    ),
  ];
  const contents: Contents = {
    format: BUNDLE_VERSION,
    tool: { version: version(), module: await Machine.moduleHash() },
    host: { node: process.versions.node, platform: process.platform, arch: process.arch },
    command: commandOf(path, flags),
    ...(flags.note === undefined ? {} : { note: flags.note }),
    platform: { name: outcome.machine.platform.name, file: basename(path) },
    flags: recipe.flags,
    ...(at === undefined ? {} : { at }),
    traces: sources.map((source, index) => ({
      argument: withoutFolder(named[index] as string),
      hash: source.hash,
      records: source.records,
      included: files[index] !== undefined,
    })),
    ended: {
      now: outcome.now,
      records: outcome.records,
      state: outcome.state,
      ...given({ error: outcome.error, noSnapshot }),
    },
    files: await Promise.all(parts.map(listed)),
  };
  await writeArchive(flags.output, contents, parts);
  const advice = `${flags.output} is written. Before you send it: this is all that is in it, and tar -xzf ${flags.output} lays it out.`;
  print(flags.json, { file: flags.output, ...contents }, `${describeBundle(contents)}\n\n${advice}`);
}

function recorded(flags: Flags): BundleFlags {
  const isGiven = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(
    RECORDED.filter((key) => isGiven(flags[key])).map((key) => [key, flags[key]]),
  ) as BundleFlags;
}

/** Where the content of a trace is; undefined for one that is made up. */
async function traceFile(argument: string): Promise<string | undefined> {
  const { name } = parseTraceArgument(argument);
  if (name.startsWith("synth:")) return undefined;
  const file = await stat(name).catch(() => undefined);
  if (!file?.isFile()) throw new UsageError(`with-traces: ${name} is no file that could be put into a bundle`);
  return name;
}

/** Folders say who somebody is. */
function withoutFolder(argument: string): string {
  const { name } = parseTraceArgument(argument);
  return name.startsWith("synth:") ? argument : renamedTrace(argument, basename(name));
}

function snapshotOf(machine: Machine): { bytes?: Uint8Array; why?: string } {
  try {
    return { bytes: machine.snapshot() };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

function registers({ machine }: Outcome): string {
  try {
    return textOf(registersOf(machine));
  } catch (error) {
    return `they cannot be read: ${messageOf(error)}\n`;
  }
}

/** As it was given, without folders. */
function commandOf(platform: string, flags: Flags): string {
  const words = ["mpam", "bundle", "make", "-p", basename(platform)];
  for (const key of RECORDED) {
    const value = flags[key];
    const option = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) words.push(option);
    else for (const one of value === undefined ? [] : [value].flat()) words.push(option, quotedWord(String(one)));
  }
  if (flags.script !== undefined) words.push("--script", quotedWord(basename(flags.script)));
  if (flags.labels !== undefined) words.push("--labels", quotedWord(basename(flags.labels)));
  if (flags.at !== undefined) words.push("--at", flags.at);
  if (flags.replay?.length) words.push("--replay", ...flags.replay.map((one) => quotedWord(withoutFolder(one))));
  return words.join(" ");
}

function quotedWord(word: string): string {
  return /^[\w./:=@,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function text(name: string, content: string): Part {
  return { name, from: new TextEncoder().encode(content) };
}

function readme(): string {
  return `A run of mpam, an emulator of Arm MPAM, in one file (docs/bundles.md).

  mpam bundle open FILE   what it holds
  mpam bundle run FILE    the same run again, and whether it ends the same

bundle.json     how it was run, on what, and how it ended; every other file with its size and hash
platform.yaml   the machine
script.txt      what happened when, if there was a script
labels.yaml     who had which label, if there was a label map
driver.log      what the driver said
registers.txt   what the control registers held at the end
snapshot.bin    the machine at the end: Machine.restore(bytes) of the same version
traces/         recordings, where they were put in
`;
}
