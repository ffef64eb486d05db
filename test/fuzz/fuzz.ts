/** The search: one random part after another, the same accesses and traffic for all, until time or numbers run out or two disagree. */
import type { SubjectConfig } from "../helpers/subject.ts";
import { drawConfig } from "./configs.ts";
import { Generator } from "./generate.ts";
import { isAccess, type Operation } from "./operations.ts";
import { Random } from "./random.ts";
import { registerAt } from "./registers.ts";
import { type Failure, shrink } from "./shrink.ts";
import { type Answer, answerOf, type Contestant, type Finding, repeat, trial } from "./trial.ts";

export interface Bounds {
  readonly seed: number;
  /** The first configuration, by its number; 0 unless one is looked at again. */
  readonly from?: number;
  readonly seconds?: number;
  /** Register operations in all. */
  readonly operations?: number;
  readonly configs?: number;
  readonly shrinkSeconds?: number;
  /** How many failures of different shape are looked for before it ends; 1 unless said. */
  readonly findings?: number;
}

export interface Totals {
  readonly configs: number;
  readonly operations: number;
  readonly records: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface Found extends Failure {
  readonly configuration: number;
  /** How many operations of the drawn sequence it took, traffic and the rest included. */
  readonly drawn: number;
  /** Register operations that draw as far as this again. */
  readonly reach: number;
  readonly trials: number;
  /** Of every contestant, to the last operation of the short sequence. */
  readonly answers: readonly Answer[];
  /** False: the same sequence did not fail again, and nothing was made shorter. */
  readonly repeatable: boolean;
}

export interface Outcome {
  readonly totals: Totals;
  readonly found: readonly Found[];
}

const CONFIG_STREAM = 0;
const LENGTH_STREAM = 1;
const OPERATION_STREAM = 2;
/** How many operations pass between two looks at the clock. */
const CLOCK_EVERY = 64;

export function configOf(seed: number, configuration: number): SubjectConfig {
  return drawConfig(new Random(seed, configuration, CONFIG_STREAM));
}

export function operationsOf(seed: number, configuration: number, config: SubjectConfig): Generator {
  return new Generator(config, new Random(seed, configuration, OPERATION_STREAM));
}

/** Mostly short, because new parts show more than long lives; some long. */
function lengthOf({ seed, operations, configs }: Bounds, configuration: number): number {
  if (operations !== undefined && configs !== undefined) return Math.ceil(operations / configs);
  const r = new Random(seed, configuration, LENGTH_STREAM);
  return r.once(8) ? r.between(10_000, 40_000) : r.between(500, 6000);
}

export async function fuzz(contestants: readonly Contestant[], bounds: Bounds): Promise<Outcome> {
  const { seed, from = 0, seconds = Infinity, operations = Infinity, configs = Infinity, findings = 1 } = bounds;
  const found: Found[] = [];
  const begun = performance.now();
  const end = begun + 1000 * seconds;
  const progress = { operations: 0, records: 0 };
  let configuration = from;
  const totals = (): Totals => ({
    configs: configuration - from,
    ...progress,
    seconds: (performance.now() - begun) / 1000,
    seed,
  });
  const over = () => configuration - from >= configs || progress.operations >= operations || performance.now() >= end;
  for (; !over(); configuration++) {
    const config = configOf(seed, configuration);
    const generator = operationsOf(seed, configuration, config);
    const limit = Math.min(progress.operations + lengthOf(bounds, configuration), operations);
    const finding = await trial(
      contestants,
      config,
      (done) => {
        if (progress.operations >= limit || (done % CLOCK_EVERY === 0 && performance.now() >= end)) return undefined;
        return generator.next();
      },
      progress,
    );
    if (finding) {
      const one = await explain(contestants, bounds, configuration, config, finding);
      // Of those that look alike the first is enough.
      if (!found.some((other) => shapeOf(other) === shapeOf(one))) found.push(one);
      if (found.length >= findings) {
        configuration++;
        break;
      }
    }
  }
  return { totals: totals(), found };
}

/** What was done to which registers, without the values. */
function shapeOf({ finding, operations }: Failure): string {
  const steps = operations.map((operation) => {
    if (!("offset" in operation)) return operation.do;
    return `${operation.do} ${registerAt(operation.offset)?.register.name ?? "reserved"}`;
  });
  return [finding.what, finding.subject, ...steps].join();
}

/** Draws the failing sequence again and makes it short. */
async function explain(
  contestants: readonly Contestant[],
  { seed, shrinkSeconds = 20 }: Bounds,
  configuration: number,
  config: SubjectConfig,
  finding: Finding,
): Promise<Found> {
  const deadline = performance.now() + 1000 * shrinkSeconds;
  const generator = operationsOf(seed, configuration, config);
  const drawn: Operation[] = Array.from({ length: finding.operation + 1 }, () => generator.next());
  const again = await repeat(contestants, config, drawn);
  const repeatable = again?.what === finding.what && again.subject === finding.subject;
  const whole: Failure = { config, operations: drawn, finding };
  const { failure, trials } = repeatable ? await shrink(contestants, whole, deadline) : { failure: whole, trials: 1 };
  const answers: Answer[] = [];
  for (const contestant of contestants) answers.push(await answerOf(contestant, failure.config, failure.operations));
  const reach = 1 + drawn.slice(0, -1).filter(isAccess).length;
  return { ...failure, configuration, drawn: drawn.length, reach, trials, answers, repeatable };
}
