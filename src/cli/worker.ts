// mpam worker: runs units of sweeps that a queue has, until somebody ends it.

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Dashboard, oneLine, placeText, QueueWorker, serveDashboard, type WorkedOn } from "../sweep/index.ts";
import { number, plural, UsageError, whole } from "../written/index.ts";
import { ProgressLine, print, rate } from "./output.ts";
import { jobsFrom } from "./sweep/jobs.ts";
import { tool } from "./tool.ts";

interface Options {
  readonly queue: string;
  readonly jobs?: string;
  readonly traces: string[];
  readonly cache?: string;
  readonly name?: string;
  readonly lock?: string;
  readonly once?: boolean;
  readonly untilIdle?: boolean;
  readonly dashboard?: string | true;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Units that are under way when somebody ends the worker have so long to end by themselves, ms. */
const GRACE_MS = 5000;
/** Between two live lines, ms. */
const STEP_MS = 250;

export async function worker(options: Options): Promise<void> {
  if (options.once && options.untilIdle) throw new UsageError("once and until-idle: one of them can be said");
  const jobs = jobsFrom(options.jobs);
  const folders = await foldersFrom(options.traces);
  const made = tool();
  const line = new ProgressLine(!options.quiet && !options.json && !options.verbose);
  const say = (text: string) => line.say(`mpam: ${text}`);
  const tally = new Tally();
  let own: QueueWorker | undefined;
  const starting = QueueWorker.start(
    {
      url: options.queue,
      jobs,
      traces: folders,
      thread: {
        tool: made,
        folders,
        ...(options.cache === undefined ? {} : { cacheFolder: options.cache }),
      },
      ...(options.lock === undefined ? {} : { lockMs: lockFrom(options.lock) }),
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.once ? { until: "once" } : options.untilIdle ? { until: "idle" } : {}),
    },
    {
      note: say,
      ended(one) {
        tally.add(one);
        if (options.verbose) line.say(unitLine(one));
      },
    },
  );
  const asked = endingOf(() => own, say);
  try {
    own = await starting;
    if (options.verbose) say(`worker ${own.name} of ${made}, ${plural(jobs, "unit")} at once`);
    let dashboard: Dashboard | undefined;
    if (options.dashboard !== undefined) {
      const port = options.dashboard === true ? 0 : whole("dashboard", options.dashboard);
      dashboard = await serveDashboard(options.queue, made, port).catch(async (error) => {
        await own?.stop(true);
        throw error;
      });
      say(`dashboard: ${dashboard.url}`);
    }
    const showing = setInterval(() => {
      if (own) line.showText((seconds) => tally.text(seconds, own?.underWay ?? 0, own?.connected ?? true));
    }, STEP_MS);
    await own.ended;
    clearInterval(showing);
    await dashboard?.close();
  } finally {
    asked();
    line.end();
  }
  if (options.json || !options.quiet) print(options.json, tally.counts(), tally.summary());
}

/** What became of units here, counted. */
class Tally {
  readonly #began = performance.now();
  readonly #outcomes = new Map<WorkedOn["outcome"], number>();

  add({ outcome }: WorkedOn): void {
    this.#outcomes.set(outcome, this.#of(outcome) + 1);
  }

  #of(outcome: WorkedOn["outcome"]): number {
    return this.#outcomes.get(outcome) ?? 0;
  }

  get #run(): number {
    return this.#of("new") + this.#of("again") + this.#of("differing");
  }

  /** "12 units, 3.4 units/s, 2 under way". */
  text(seconds: number, underWay: number, connected: boolean): string {
    const parts = [plural(this.#run, "unit")];
    if (this.#run > 0 && seconds > 0) parts.push(rate(this.#run / seconds));
    parts.push(underWay > 0 ? `${underWay} under way` : "waiting for units");
    if (!connected) parts.push("the server is away");
    return parts.join(", ");
  }

  counts() {
    return {
      units: this.#run,
      known: this.#of("known"),
      lost: this.#of("lost"),
      givenBack: this.#of("given back"),
      differing: this.#of("differing"),
      seconds: Math.round(performance.now() - this.#began) / 1000,
    };
  }

  summary(): string {
    const { units, known, lost, givenBack, differing, seconds } = this.counts();
    const parts = [`${plural(units, "unit")} in ${seconds.toFixed(1)} s`];
    if (known > 0) parts.push(`${known} more had been run by others`);
    if (lost > 0) parts.push(`${plural(lost, "try", "tries")} without a result`);
    if (givenBack > 0) parts.push(`${givenBack} given back`);
    if (differing > 0) parts.push(`${differing} came to other bytes than before, which is a bug`);
    return parts.join(", ");
  }
}

function unitLine({ unit, ms, outcome, why }: WorkedOn): string {
  const fate = why === undefined ? outcome : `${outcome}: ${why}`;
  const line = `${unit.name.slice(0, 12)}  ${oneLine(placeText(unit.place))}  ${Math.round(ms)} ms`;
  return outcome === "new" ? line : `${line}  ${fate}`;
}

/** The first signal takes no more units and gives back what does not end soon, the second one gives back at once. */
function endingOf(worker: () => QueueWorker | undefined, say: (text: string) => void): () => void {
  let grace: NodeJS.Timeout | undefined;
  let asked = 0;
  const onSignal = () => {
    const own = worker();
    if (!own) process.exit(0);
    asked++;
    clearTimeout(grace);
    if (asked === 1 && own.underWay > 0) {
      say(`ending: ${plural(own.underWay, "unit")} under way; once more gives back at once`);
      grace = setTimeout(() => void own.stop(true), GRACE_MS);
    }
    void own.stop(asked > 1);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    clearTimeout(grace);
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** ms */
function lockFrom(text: string): number {
  const seconds = number("lock", text) ?? 0;
  if (seconds < 1 || seconds > 3600) throw new UsageError(`lock '${text}': 1 to 3600 seconds is allowed`);
  return seconds * 1000;
}

async function foldersFrom(paths: readonly string[]): Promise<string[]> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory())
      throw new UsageError(`traces ${path}: ${found ? "this is no folder" : "no such folder"}`);
  }
  return paths.map((path) => resolve(path));
}
