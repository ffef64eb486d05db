/** One configuration: makes the subjects, does the same to all of them and looks for the first thing that is not as it should be. */
import type { MscSubject, SubjectConfig, SubjectFactory } from "../helpers/subject.ts";
import { alike, isAccess, type Operation, perform } from "./operations.ts";

/** An implementation under test; the first of a list is what the others are compared with. */
export interface Contestant {
  readonly name: string;
  readonly create: SubjectFactory;
}

/** What went wrong: a subject that could not be made, threw, or answered otherwise than the first. */
export interface Finding {
  readonly what: "refusal" | "exception" | "difference";
  /** Which contestant. */
  readonly subject: number;
  /** Which operation; -1 while the subjects are made. */
  readonly operation: number;
}

export interface Progress {
  /** Register accesses, each counted once however many subjects there are. */
  operations: number;
  records: number;
}

/** Makes the subjects and does what `next` says until it says nothing more. */
export async function trial(
  contestants: readonly Contestant[],
  config: SubjectConfig,
  next: (done: number) => Operation | undefined,
  progress: Progress = { operations: 0, records: 0 },
): Promise<Finding | undefined> {
  const subjects: MscSubject[] = [];
  for (const { create } of contestants) {
    try {
      subjects.push(await create(config));
    } catch {
      return { what: "refusal", subject: subjects.length, operation: -1 };
    }
  }
  return compare(subjects, next, progress);
}

function compare(
  subjects: readonly MscSubject[],
  next: (done: number) => Operation | undefined,
  progress: Progress,
): Finding | undefined {
  const offered = subjects.every(({ reset }) => reset !== undefined);
  for (let done = 0; ; done++) {
    const operation = next(done);
    if (operation === undefined) return undefined;
    if (operation.do === "reset" && !offered) continue;
    let subject = 0;
    try {
      const expected = perform(operation, subjects[0] as MscSubject);
      for (subject = 1; subject < subjects.length; subject++) {
        const answer = perform(operation, subjects[subject] as MscSubject);
        if (!alike(operation, expected, answer)) return { what: "difference", subject, operation: done };
      }
    } catch {
      return { what: "exception", subject, operation: done };
    }
    if (isAccess(operation)) progress.operations++;
    else if (operation.do === "run") progress.records += operation.records.length;
  }
}

/** The same again with a sequence that is already known. */
export function repeat(
  contestants: readonly Contestant[],
  config: SubjectConfig,
  operations: readonly Operation[],
): Promise<Finding | undefined> {
  return trial(contestants, config, (done) => operations[done]);
}

export type Answer = { readonly answer: unknown } | { readonly thrown: unknown; readonly operation: number };

/** What a contestant says to the last operation, or where it gave up. */
export async function answerOf(
  { create }: Contestant,
  config: SubjectConfig,
  operations: readonly Operation[],
): Promise<Answer> {
  let operation = -1;
  try {
    const subject = await create(config);
    let answer: unknown;
    for (operation = 0; operation < operations.length; operation++) {
      answer = perform(operations[operation] as Operation, subject);
    }
    return { answer };
  } catch (thrown) {
    return { thrown, operation };
  }
}
