// Random operations of several processes on a real mount, then the same by the plain model in the order in which they took
// effect.

import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { startMount } from "../../src/fuse/index.ts";
import { replayedJournal } from "../helpers/plain/resctrl/replay-journal.ts";
import { SMALL_SHAPES } from "../helpers/plain/resctrl/shapes.ts";
import type { Task } from "./client.ts";
import { asOfModel, CPUS } from "./cpus.ts";
import type { Left, Wanted } from "./worker.ts";

const CLIENTS = 4;
/** A second of the machine is 10 ms. */
const SPEED = 100;
/** For all RMIDs to come out of limbo, ms. */
const REST_MS = 100;

export interface TrialOptions {
  readonly shape: string;
  readonly kind: Task["kind"];
  readonly seed: number;
  /** Operations, of all clients. */
  readonly count: number;
  /** The function of the built package. */
  readonly startMount: typeof startMount;
  /** Directory of worker.js and client.js. */
  readonly programs: string;
}

export interface TrialResult {
  /** In the journal. */
  readonly operations: number;
  /** Undefined: all replies were equal, and nothing is left. */
  readonly wrong: string | undefined;
}

export async function trial(options: TrialOptions): Promise<TrialResult> {
  const scratch = mkdtempSync(join(tmpdir(), "mpam-random-"));
  const directory = join(scratch, "mount");
  const journal = join(scratch, "journal");
  mkdirSync(directory);
  const shape = SMALL_SHAPES[options.shape];
  if (shape === undefined) throw new Error(`no shape ${options.shape}; there are ${Object.keys(SMALL_SHAPES)}`);
  let left: Left | undefined;
  const mounted = await options.startMount<Wanted>(directory, {
    boot: { shape, speed: SPEED },
    worker: join(options.programs, "worker.js"),
    journal,
    onMessage: (message) => {
      left = message as Left;
    },
  });
  let hung: string | undefined;
  try {
    hung = await clientsOn(directory, { ...options, shape });
    if (hung === undefined) await tidied(directory, shape.cpus);
  } finally {
    await mounted.unmount();
  }
  const text = readFileSync(journal, "utf8");
  const lines = text.trimEnd().split("\n");
  const { model, disagreement: wrong } = replayedJournal(lines.map(asOfModel).join("\n"), shape);
  const told = [
    hung,
    wrong && `${context(lines, wrong.line)}\nexpected ${JSON.stringify(wrong.expected)}`,
    wrong ? undefined : difference(left, { registers: model.registers(), labels: model.labels() }),
    wrong ? undefined : held(model.held()),
  ].find((one) => one !== undefined);
  if (told === undefined) rmSync(scratch, { recursive: true });
  return { operations: lines.length, wrong: told && `${told}\nthe journal is ${journal}` };
}

type Running = Omit<TrialOptions, "shape"> & Pick<Task, "shape">;

/** Ends when all clients have; says so when one does not, or fails. */
async function clientsOn(
  directory: string,
  { shape, kind, seed, count, programs }: Running,
): Promise<string | undefined> {
  const limitMs = 60_000 + count * 20;
  const ends = Array.from({ length: CLIENTS }, (_, index) => {
    const task: Task = { directory, shape, kind, seed: seed * CLIENTS + index, count: Math.ceil(count / CLIENTS) };
    const child = spawn(process.execPath, [join(programs, "client.js"), JSON.stringify(task)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    return new Promise<string | undefined>((resolve) => {
      const late = setTimeout(() => {
        child.kill("SIGKILL");
        resolve(`client ${index} has not ended after ${limitMs / 1000} s`);
      }, limitMs);
      child.once("close", (code) => {
        clearTimeout(late);
        resolve(code === 0 ? undefined : `client ${index} ended with ${code}`);
      });
    });
  });
  return (await Promise.all(ends)).find((end) => end !== undefined);
}

/**
 * Removes all groups, waits until nothing is in limbo, then takes all there is and gives it back. The model, which loses nothing,
 * has to see the same refusals.
 */
async function tidied(directory: string, cpus: number): Promise<void> {
  const below = (path: string) => join(directory, path);
  for (let cpu = 0; cpu < cpus; cpu++) tried(() => writeFileSync(below(CPUS), `${cpu} 1`));
  // With a threshold of 0 nothing is ever clean.
  const threshold = below("info/L3_MON/max_threshold_occupancy");
  if (existsSync(threshold)) {
    chmodSync(threshold, 0o644);
    tried(() => writeFileSync(threshold, "4096\n"));
  }
  for (const name of readdirSync(directory)) if (isGroup(directory, name)) rmdirSync(below(name));
  if (existsSync(below("mon_groups")))
    for (const name of readdirSync(below("mon_groups"))) rmdirSync(below(`mon_groups/${name}`));
  await sleep(REST_MS);
  const made: string[] = [];
  for (const place of ["", "mon_groups/"]) {
    for (let i = 0; i < 100; i++) {
      const path = `${place}last${i}`;
      if (!tried(() => mkdirSync(below(path)))) break;
      made.push(path);
    }
  }
  for (const path of made) rmdirSync(below(path));
  await sleep(REST_MS);
  tried(() => readFileSync(below("info/last_cmd_status")));
}

/** What is refused is in the journal too. */
function tried(step: () => void): boolean {
  try {
    step();
    return true;
  } catch {
    return false;
  }
}

function isGroup(directory: string, name: string): boolean {
  return !["info", "mon_data", "mon_groups"].includes(name) && existsSync(join(directory, name, "tasks"));
}

function context(lines: readonly string[], line: number): string {
  return `line ${line}, after\n${lines.slice(Math.max(0, line - 12), line).join("\n")}`;
}

function difference(
  left: Left | undefined,
  expected: { registers: Map<string, number[]>; labels: Left["labels"] },
): string | undefined {
  if (left === undefined) return "the server has not said what is left";
  for (const [component, settings] of expected.registers) {
    for (const found of left.registers.get(component) ?? []) {
      if (!same(found, settings)) return `${component} holds ${found}, expected ${settings}`;
    }
  }
  for (const kind of ["tasks", "cpus"] as const) {
    const [a, b] = [left, expected].map(({ labels }) => [...labels[kind]].sort(([x], [y]) => x - y));
    if (!same(a, b)) return `labels of ${kind} are ${JSON.stringify(a)}, expected ${JSON.stringify(b)}`;
  }
  return undefined;
}

/** Of the model at the end: closid 0 and nothing else. */
function held({
  closids,
  limbo,
}: {
  readonly closids: readonly number[];
  readonly limbo: readonly number[];
}): string | undefined {
  if (closids.length === 1 && limbo.length === 0) return undefined;
  return `at the end closids ${closids} are in use and RMIDs ${limbo} in limbo`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
