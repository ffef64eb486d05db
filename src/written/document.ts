// A YAML (or JSON) document that remembers where each of its keys and values stands.

import type * as v from "valibot";
import { type Document, LineCounter, parseDocument, type YAMLError } from "yaml";
import { offsetOf, writtenAs } from "./locate.ts";
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

/** `refuse` makes the error to throw for a text that is no YAML document. */
export function readDocument(
  text: string,
  file: string,
  whole: string,
  refuse: (problems: readonly Problem[], options?: ErrorOptions) => Error,
): Written {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) throw refuse(faults.map((fault) => ({ ...place(fault.pos[0]), ...explain(fault, whole) })));
  return {
    file,
    whole,
    input: toPlain(document, refuse),
    place: (path, part) => place(offsetOf(document, path, part)),
    written: (path) => writtenAs(document, path),
  };
}

/** The same for an object that came from no file. */
export function objectAs(input: unknown, file: string, whole: string): Written {
  return { file, whole, input, place: () => ({ line: 0, column: 0 }), written: () => undefined };
}

function toPlain(document: Document, refuse: (problems: readonly Problem[], options?: ErrorOptions) => Error): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases that name each other, or that would unfold into more than a file should hold.
    const found = cause instanceof Error ? cause.message : String(cause);
    throw refuse([{ line: 1, column: 1, found, allowed: "a plain YAML map is allowed" }], { cause });
  }
}

function explain(fault: YAMLError, whole: string): { found: string; allowed: string } {
  if (fault.code === "DUPLICATE_KEY") return { found: "this key stands here twice", allowed: "once is allowed" };
  if (fault.code === "MULTIPLE_DOCS") return { found: "a second document begins here", allowed: "one is allowed" };
  const keys = `a YAML map of ${whole.replace(/^the /, "")} keys is allowed`;
  return { found: `not YAML: ${fault.message}`, allowed: keys };
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
      return { ...source.place(path, "key"), found: `${name} has the unknown key ${key}`, allowed };
    }
    return { ...source.place(around, "key"), found: `${name} has no ${key}`, allowed };
  }
  const found = `${at(path) || source.whole} is ${source.written(path) ?? show(issue.input)}`;
  return { ...source.place(path, "value"), found, allowed };
}

/** Problems in the order of the file. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

function show(input: unknown): string {
  if (input === null || input === undefined || input === "") return "empty";
  if (Array.isArray(input)) return input.length === 0 ? "an empty list" : `a list (${clip(JSON.stringify(input))})`;
  if (typeof input === "object") return "a map";
  return clip(typeof input === "string" ? JSON.stringify(input) : String(input));
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
