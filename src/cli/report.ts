// mpam report: what a run that was kept becomes, and two runs side by side.

import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { describeDiff, describeRun, diffHtml, diffRuns, REPORT_SUFFIXES, type Run, readRun } from "../report/index.ts";
import { UsageError } from "../written/index.ts";
import { unreadable } from "./input.ts";
import { print } from "./output.ts";
import { reportTargets, writeReports, writeWhole } from "./report-files.ts";

interface Options {
  output?: string;
  json?: boolean;
}

export async function report(path: string, { output, json }: Options): Promise<void> {
  const targets = await reportTargets(output === undefined ? [] : [output], REPORT_SUFFIXES);
  const run = await runIn(path);
  if (targets.length === 0) print(json, run, describeRun(run));
  else told(json, await writeReports(run, targets));
}

export async function diff(a: string, b: string, { output, json }: Options): Promise<void> {
  await reportTargets(output === undefined ? [] : [output], ["html"]);
  const [runA, runB] = [await runIn(a), await runIn(b)];
  const names = namesOf(a, b);
  const found = diffRuns(runA, runB, names);
  if (output !== undefined) await writeWhole(output, new TextEncoder().encode(await diffHtml(runA, runB, names)));
  print(json, found, describeDiff(found));
}

function told(json: boolean | undefined, written: readonly string[]): void {
  print(json, { written }, written.map((path) => `wrote ${path}`).join("\n"));
}

/** What is longer is no run. */
const MOST_BYTES = 256 * 2 ** 20;

async function runIn(path: string): Promise<Run> {
  const read = async () => {
    if ((await stat(path)).size > MOST_BYTES) throw new UsageError(`${path}: longer than 256 MiB, which no run is`);
    return readFile(path, "utf8");
  };
  const text = await read().catch(async (cause) => {
    throw cause instanceof UsageError ? cause : await unreadable(path, path, cause);
  });
  return readRun(text, path);
}

/** As short as tells them apart. */
function namesOf(a: string, b: string): { readonly a: string; readonly b: string } {
  return basename(a) === basename(b) ? { a, b } : { a: basename(a), b: basename(b) };
}
