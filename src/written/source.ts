// What is checked, text or object, and what a schema found wrong in it.

import type * as v from "valibot";
import { at, type Path } from "./path.ts";
import type { Problem } from "./problem.ts";

/** Something to check: its content, where a path stands in it and how its value is written; an object has no places. */
export interface Written {
  readonly file: string;
  /** What the whole is called: "the platform". */
  readonly whole: string;
  readonly input: unknown;
  place(path: Path, part: "key" | "value"): { readonly line: number; readonly column: number };
  written(path: Path): string | undefined;
}

/** An object that came from no file: nothing in it has a place. */
export function objectAs(input: unknown, file: string, whole: string): Written {
  return { file, whole, input, place: () => ({ line: 0, column: 0 }), written: () => undefined };
}

/** A key that is missing because it is misspelt is told once, where it stands. */
export function withoutEchoes(issues: readonly v.BaseIssue<unknown>[]): v.BaseIssue<unknown>[] {
  const place = (issue: v.BaseIssue<unknown>) => issue.path?.slice(0, -1).map(({ key }) => key) ?? [];
  const unknown = issues.filter((issue) => issue.type === "strict_object" && issue.expected === "never");
  return issues.filter((issue) => {
    if (issue.type !== "strict_object" || issue.expected === "never") return true;
    const meant = `did you mean ${JSON.parse(issue.expected ?? '""')}?`;
    return !unknown.some((one) => one.message.startsWith(meant) && at(place(one) as Path) === at(place(issue) as Path));
  });
}

/** What a schema found wrong, at its place. */
export function problemOf(issue: v.BaseIssue<unknown>, source: Written): Problem {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const allowed = issue.message;
  if (issue.type === "strict_object") {
    const around = path.slice(0, -1);
    const name = at(around) || source.whole;
    const key = path.at(-1);
    if (issue.expected === "never") {
      return { ...source.place(path, "key"), found: `${name} has the unknown key ${clip(String(key))}`, allowed };
    }
    return { ...source.place(around, "key"), found: `${name} has no ${key}`, allowed };
  }
  const written = source.written(path);
  const found = `${at(path) || source.whole} is ${written === undefined ? show(issue.input) : clip(written)}`;
  return { ...source.place(path, "value"), found, allowed };
}

/** Problems in the order of the file. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

function show(input: unknown): string {
  if (input === null || input === undefined || input === "") return "empty";
  if (Array.isArray(input)) return input.length === 0 ? "an empty list" : `a list${contents(input)}`;
  if (typeof input === "object") return "a map";
  return clip(typeof input === "string" ? JSON.stringify(input) : String(input));
}

/** Nothing of a list that holds itself, as an object may. */
function contents(list: readonly unknown[]): string {
  try {
    return ` (${clip(JSON.stringify(list))})`;
  } catch {
    return "";
  }
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
