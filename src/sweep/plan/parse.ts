// A plan from the text of its file, or from an object of the same shape: everything that can be said of it before a platform is
// there to ask.

import * as v from "valibot";
import {
  inOrder,
  objectAs,
  type Problem,
  problemOf,
  readDocument,
  type Written,
  WrittenError,
  withoutEchoes,
} from "../../written/index.ts";
import { checkPlan } from "./check.ts";
import type { Plan } from "./plan.ts";
import { planSchema } from "./schema.ts";

const WHOLE = "the plan";

/** More mistakes than that in one file are told by their number. */
const MOST_PROBLEMS = 50;

/** YAML or JSON. Throws a WrittenError that names every problem. */
export function parsePlan(text: string, file = "plan"): Plan {
  const refuse = (problems: readonly Problem[], options?: ErrorOptions) =>
    new WrittenError(file, cut(problems), options);
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    const before = text.slice(0, nul).split("\n");
    const place = { line: before.length, column: (before.at(-1) ?? "").length + 1 };
    throw refuse([{ ...place, found: "a NUL byte stands here", allowed: "a text is allowed" }]);
  }
  return planOf(readDocument(text, file, WHOLE, refuse));
}

/** What a plan's file would say, as an object; paths in it lie in the folder of `file`. */
export function planFrom(input: object, file = "plan"): Plan {
  return planOf(objectAs(input, file, WHOLE));
}

function planOf(source: Written): Plan {
  const parsed = v.safeParse(planSchema, source.input);
  const problems: Problem[] = [];
  if (!parsed.success) for (const issue of withoutEchoes(parsed.issues)) problems.push(problemOf(issue, source));
  const plan = parsed.success ? checkPlan(parsed.output, source, problems) : undefined;
  if (plan && problems.length === 0) return plan;
  throw new WrittenError(source.file, cut(inOrder(problems)));
}

/** The first of them, and how many more. */
export function cut(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - MOST_PROBLEMS;
  const last = problems[MOST_PROBLEMS];
  if (more <= 1 || !last) return problems;
  return [
    ...problems.slice(0, MOST_PROBLEMS),
    {
      line: last.line,
      column: last.column,
      found: `and ${more} problems more from here on`,
      allowed: "these come first",
    },
  ];
}
