// mpam sweep: a plan, run to its end here or on a queue.

import {
  describePlan,
  type Engine,
  QueueEngine,
  runSweep,
  SWEEP_SUFFIXES,
  type SweepProgress,
  type SweepSuffix,
  Threads,
} from "../../sweep/index.ts";
import { plural, UsageError, whole } from "../../written/index.ts";
import { ExitError } from "../failure.ts";
import { ProgressLine } from "../output.ts";
import { type ReportTarget, reportTargets } from "../report-files.ts";
import { answer } from "./answer.ts";
import { jobsFrom } from "./jobs.ts";
import { type PlanFlags, type Prepared, prepared } from "./prepared.ts";

interface Options extends PlanFlags {
  readonly jobs?: string;
  readonly queue?: string;
  readonly dashboard?: string | true;
  readonly report: string[];
  readonly dryRun?: boolean;
  readonly traces: string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function sweep(path: string, options: Options): Promise<void> {
  if (options.queue === undefined && options.dashboard !== undefined) {
    throw new UsageError("dashboard: it is the queue's; --queue says which");
  }
  if (options.queue !== undefined && options.jobs !== undefined) {
    throw new UsageError("jobs and queue: with a queue each `mpam worker` says how many it runs at once");
  }
  const jobs = jobsFrom(options.jobs);
  const targets = await reportTargets(options.report, SWEEP_SUFFIXES);
  const plan = await prepared(path, options);
  if (options.dryRun) {
    process.stdout.write(`${describePlan(plan.expanded)}\n`);
    return;
  }
  await plan.store.ready();
  await run(plan, engineFrom(options, jobs, plan.tool), targets, options);
}

async function run(
  plan: Prepared,
  engine: Engine,
  targets: readonly ReportTarget<SweepSuffix>[],
  options: Options,
): Promise<void> {
  const { expanded, store, folder, tool } = plan;
  const progress = new ProgressLine(!options.quiet && !options.json);
  const stop = new AbortController();
  let last: SweepProgress | undefined;
  const ended = await withSignals(stop, () =>
    runSweep(expanded, {
      store,
      engine,
      tool,
      signal: stop.signal,
      onNote: (line) => progress.say(`mpam: ${line}`),
      onProgress(now) {
        last = now;
        progress.showUnits(now.run, now.total - now.known, now);
      },
    }),
  ).finally(() => progress.end());
  if (ended === undefined) {
    const known = last ? last.known + last.run - last.lost : 0;
    throw new ExitError(
      130,
      `stopped: ${known} of ${plural(last?.total ?? 0, "unit")} are known; the same command goes on from there`,
    );
  }
  for (const note of expanded.notes) if (!options.quiet) process.stderr.write(`mpam: ${note}\n`);
  await answer(ended, folder, targets, options);
}

/** Undefined where a signal has stopped it. */
async function withSignals<T>(stop: AbortController, work: () => Promise<T>): Promise<T | undefined> {
  const onSignal = () => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, onSignal);
  try {
    return await work();
  } catch (error) {
    if (stop.signal.aborted) return undefined;
    throw error;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, onSignal);
  }
}

function engineFrom(options: Options, jobs: number, tool: string): Engine {
  const { queue, dashboard, traces, cache } = options;
  const places = { folders: traces, ...(cache === undefined ? {} : { cacheFolder: cache }) };
  if (queue === undefined) return new Threads(jobs, { tool, ...places });
  return new QueueEngine({ url: queue, tool, ...(dashboard === undefined ? {} : { dashboard: portFrom(dashboard) }) });
}

function portFrom(text: string | true): number {
  return text === true ? 0 : whole("dashboard", text);
}
