/** The search over memory systems: the same steps for all implementations, and after each step everything readable is compared. */
import type { MemoryConfig, MemoryFactory, MemorySubject } from "../../helpers/memory-subject.ts";
import type { Bounds, Totals } from "../fuzz.ts";
import { Random } from "../random.ts";
import { drawMemory } from "./configs.ts";
import { MemoryGenerator } from "./generate.ts";
import { type MemoryOperation, perform } from "./operations.ts";
import { alike, canonical, type Question, questionsOf } from "./questions.ts";
import { shrink } from "./shrink.ts";

export interface MemoryContestant {
  readonly name: string;
  readonly create: MemoryFactory;
}

/** What went wrong: one that could not be made, threw, or answered otherwise than the first. */
export interface MemoryFinding {
  readonly what: "refusal" | "exception" | "difference";
  /** Which contestant. */
  readonly subject: number;
  /** Which operation; -1 while they are made. */
  readonly operation: number;
  /** The question, and what the first and the other said, as text; of an exception, what was thrown. */
  readonly question?: Question;
  readonly expected?: string;
  readonly said: string;
}

export interface MemoryFailure {
  readonly config: MemoryConfig;
  /** The last one is where it fails. */
  readonly operations: readonly MemoryOperation[];
  readonly finding: MemoryFinding;
}

export interface MemoryFound extends MemoryFailure {
  readonly configuration: number;
  readonly drawn: number;
  readonly trials: number;
}

export interface MemoryOutcome {
  readonly totals: Totals;
  readonly found: readonly MemoryFound[];
}

const CONFIG_STREAM = 100;
const LENGTH_STREAM = 101;
const OPERATION_STREAM = 102;

export function memoryConfigOf(seed: number, configuration: number): MemoryConfig {
  return drawMemory(new Random(seed, configuration, CONFIG_STREAM));
}

export function memoryOperationsOf(seed: number, configuration: number, config: MemoryConfig): MemoryGenerator {
  return new MemoryGenerator(config, new Random(seed, configuration, OPERATION_STREAM));
}

/** Against itself where it is alone: that finds at least what is not the same twice. */
export function pairOf(contestants: readonly MemoryContestant[]): readonly MemoryContestant[] {
  const [only] = contestants;
  return contestants.length === 1 && only ? [only, only] : contestants;
}

/** Steps in all are `bounds.operations`; a group of register writes, traffic and edges count alike. */
export async function searchMemory(all: readonly MemoryContestant[], bounds: Bounds): Promise<MemoryOutcome> {
  const { seed, from = 0, seconds = Infinity, operations = Infinity, configs = Infinity, findings = 1 } = bounds;
  const contestants = pairOf(all);
  const begun = performance.now();
  const end = begun + 1000 * seconds;
  const found: MemoryFound[] = [];
  let [steps, records, configuration] = [0, 0, from];
  const over = () => configuration - from >= configs || steps >= operations || performance.now() >= end;
  while (!over() && found.length < findings) {
    const config = memoryConfigOf(seed, configuration);
    const generator = memoryOperationsOf(seed, configuration, config);
    const length = lengthOf(bounds, configuration);
    const done: MemoryOperation[] = [];
    const finding = await memoryTrial(contestants, config, () => {
      if (done.length >= length || steps >= operations || performance.now() >= end) return undefined;
      const next = generator.next();
      done.push(next);
      steps += 1;
      if ("records" in next) records += next.records.length;
      return next;
    });
    if (finding) {
      const whole = { config, operations: done, finding };
      const deadline = performance.now() + 1000 * (bounds.shrinkSeconds ?? 20);
      const { failure, trials } = await shrink(contestants, whole, deadline);
      found.push({ ...failure, configuration, drawn: done.length, trials });
    }
    configuration += 1;
  }
  const totals = {
    configs: configuration - from,
    operations: steps,
    records,
    seconds: (performance.now() - begun) / 1000,
    seed,
  };
  return { totals, found };
}

/** Mostly short, because new systems show more than long lives; some long. */
function lengthOf({ seed, operations, configs }: Bounds, configuration: number): number {
  if (operations !== undefined && configs !== undefined) return Math.ceil(operations / configs);
  const r = new Random(seed, configuration, LENGTH_STREAM);
  return r.once(8) ? r.between(200, 600) : r.between(20, 120);
}

/** Makes the subjects, does what `next` says and asks everything after each step, until it says nothing more. */
export async function memoryTrial(
  contestants: readonly MemoryContestant[],
  config: MemoryConfig,
  next: (done: number) => MemoryOperation | undefined,
): Promise<MemoryFinding | undefined> {
  const subjects: MemorySubject[] = [];
  try {
    for (const { create } of contestants) {
      try {
        subjects.push(await create(config));
      } catch (error) {
        return { what: "refusal", subject: subjects.length, operation: -1, said: told(error) };
      }
    }
    return compare(subjects, questionsOf(config), next);
  } finally {
    for (const subject of subjects) await subject.close?.();
  }
}

function compare(
  subjects: readonly MemorySubject[],
  questions: readonly Question[],
  next: (done: number) => MemoryOperation | undefined,
): MemoryFinding | undefined {
  const offered = subjects.every(({ reset }) => reset !== undefined);
  for (let operation = 0; ; operation++) {
    const what = next(operation);
    if (what === undefined) return undefined;
    if (what.do === "reset" && !offered) continue;
    let subject = 0;
    try {
      for (subject = 0; subject < subjects.length; subject++) perform(what, subjects[subject] as MemorySubject);
      for (const question of questions) {
        subject = 0;
        const expected = question.ask(subjects[0] as MemorySubject);
        for (subject = 1; subject < subjects.length; subject++) {
          const said = question.ask(subjects[subject] as MemorySubject);
          if (said === undefined || alike(expected, said)) continue;
          const texts = { expected: canonical(expected), said: canonical(said) };
          return { what: "difference", subject, operation, question, ...texts };
        }
      }
    } catch (error) {
      return { what: "exception", subject, operation, said: told(error) };
    }
  }
}

function told(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split("\n").join(" ");
}
