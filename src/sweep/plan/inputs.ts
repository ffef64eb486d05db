// What a plan names, from where it lies: texts of its options, platforms, traces. What cannot be had is told at its place.

import { messageOf } from "../../errno/index.ts";
import { loadPlatform, type Platform, PlatformError } from "../../platform/index.ts";
import { parseScript } from "../../script/index.ts";
import { parseLabelMap } from "../../trace/index.ts";
import { given, type Path, UsageError, WrittenError } from "../../written/index.ts";
import type { Replaying, TraceNamed } from "../unit.ts";
import { nameOfRule } from "./check.ts";
import { textOf } from "./load.ts";
import { frozen } from "./name.ts";
import type { Plan, Workload } from "./plan.ts";
import type { Telling } from "./telling.ts";
import { absoluteTrace, checkTrace, shownTrace, TraceHashes } from "./traces.ts";

/** What expansion needs of whoever asks for it. */
export interface ExpandHost {
  /** What runs the units: it is part of their names. */
  readonly tool: string;
  /** The file of a platform that comes with the package. Throws a UsageError. */
  platformFile(name: string): string;
  /** Hash and size of a trace; absent: files are read, and what is behind a URL is fetched into a folder of the user's own. */
  describeTrace?(argument: string): Promise<TraceNamed>;
  /** Parts need not be exact. */
  readonly approximate?: boolean;
  /** What is being done, for people who wait. */
  progress?(line: string): void;
}

export interface PlacedWorkload {
  readonly workload: Workload;
  /** Names of the groups that it makes. */
  readonly groups: readonly string[];
  /** Its traces, from anywhere on this machine. */
  readonly placed: readonly string[];
}

export interface NamedWorkload extends PlacedWorkload {
  readonly traces: readonly TraceNamed[];
}

/** With the texts that it names. */
export async function replayingOf(plan: Plan, folder: string, telling: Telling): Promise<Omit<Replaying, "group">> {
  const { resolve } = await import("node:path");
  const read = async (key: "labels" | "script", check: (text: string, file: string) => unknown) => {
    const path = plan[key];
    if (path === undefined) return undefined;
    try {
      const file = resolve(folder, path);
      const text = await textOf(file, `the path of a ${key === "labels" ? "label map" : "script"} is needed`);
      check(text, file);
      return text;
    } catch (error) {
      if (!(error instanceof WrittenError)) throw error;
      if (error.line > 0) throw error;
      const [problem] = error.problems;
      telling.refuse(["options", key], `options.${key} is ${path}: ${problem?.found}`, problem?.allowed ?? "");
      return undefined;
    }
  };
  const labels = await read("labels", parseLabelMap);
  const script = await read("script", parseScript);
  const lines = script?.split("\n").filter((line) => !/^\s*(#|$)/.test(line)) ?? [];
  // Lines of --do and of a script begin at 0 each.
  const timed = lines.map((line, i) => (i === 0 && plan.do.length > 0 && !/^\s*@/.test(line) ? `@0 ${line}` : line));
  const all = [...plan.do, ...timed];
  return {
    ...withoutDefaults(plan.replaying),
    ...given<{ labels?: string; script?: string[] }>({ labels, script: all.length > 0 ? all : undefined }),
  };
}

/** What holds anyway is no part of names, written out or not. */
function withoutDefaults({ timing, statistics, commandLine, ...rest }: Plan["replaying"]): Plan["replaying"] {
  return {
    ...rest,
    ...(timing === "closed" ? { timing } : {}),
    ...(statistics === "full" ? { statistics } : {}),
    ...(commandLine ? { commandLine } : {}),
  };
}

export interface NamedPlatform {
  readonly name: string;
  readonly platform: Platform;
}

export async function platformsOf(
  plan: Plan,
  folder: string,
  host: ExpandHost,
  telling: Telling,
): Promise<NamedPlatform[]> {
  const found: NamedPlatform[] = [];
  for (const [i, source] of plan.platforms.entries()) {
    const path = ["platforms", i];
    try {
      const platform = await loadPlatform(typeof source === "string" ? await fileOf(source, folder, host) : source);
      const name = typeof source === "string" ? source.replace(/^.*[/\\]/, "").replace(/\.ya?ml$/, "") : platform.name;
      const before = found.findIndex((one) => one.name === name);
      if (before >= 0)
        telling.refuse(path, `platforms[${i}] is ${name}, as platforms[${before}] is`, "each has a name of its own");
      found.push({ name, platform: frozen(JSON.parse(JSON.stringify(platform)) as Platform) });
    } catch (error) {
      if (error instanceof UsageError) telling.refuse(path, error.message, "a platform is needed here");
      else if (!(error instanceof PlatformError)) throw error;
      else if (typeof source === "string") {
        for (const { found, allowed, line, column } of error.problems) {
          telling.refuse(path, `${error.file}${line > 0 ? `:${line}:${column}` : ""}: ${found}`, allowed);
        }
      } else
        for (const { found, allowed } of error.problems) telling.refuse(path, `platforms[${i}]: ${found}`, allowed);
    }
  }
  return found;
}

/** A file beside the plan, or one that comes with the package. */
async function fileOf(source: string, folder: string, host: ExpandHost): Promise<string> {
  const [{ resolve }, { stat }] = await Promise.all([import("node:path"), import("node:fs/promises")]);
  const beside = resolve(folder, source);
  const there = await stat(beside).catch(() => undefined);
  if (there && !there.isDirectory()) return beside;
  return host.platformFile(/[/\\]/.test(source) ? beside : source);
}

/** Paths from the root. Files are there, and nothing of them has been read. */
export async function workloadsOf(plan: Plan, folder: string, telling: Telling): Promise<PlacedWorkload[]> {
  const found: PlacedWorkload[] = [];
  for (const [i, workload] of plan.workloads.entries()) {
    const placed: string[] = [];
    for (const [k, argument] of workload.traces.entries()) {
      const there = await absoluteTrace(argument, folder);
      if (await tellingOf(telling, ["traces", i, "files", k], argument, () => checkTrace(there))) placed.push(there);
    }
    found.push({ workload, groups: [...new Set(workload.group.map(nameOfRule))], placed });
  }
  return found;
}

/** With hashes: files are read from beginning to end, each once. */
export async function namedWorkloads(
  workloads: readonly PlacedWorkload[],
  host: ExpandHost,
  telling: Telling,
): Promise<NamedWorkload[]> {
  const hashes = new TraceHashes(host.describeTrace?.bind(host));
  const found: NamedWorkload[] = [];
  for (const [i, one] of workloads.entries()) {
    const traces: TraceNamed[] = [];
    for (const [k, argument] of one.placed.entries()) {
      host.progress?.(`reading ${shownTrace(argument)}`);
      await tellingOf(telling, ["traces", i, "files", k], argument, async () => {
        traces.push(await hashes.named(argument));
      });
    }
    found.push({ ...one, traces });
  }
  return found;
}

/** Whether it went well. */
async function tellingOf(telling: Telling, path: Path, argument: string, run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : messageOf(error).replace(/^EINVAL: /, "");
    const found = `the trace ${shownTrace(argument)} cannot be had: ${why}`;
    telling.refuse(path, found, "a path from the plan's folder, a URL or synth:PATTERN is needed");
    return false;
  }
}
