// A YAML (or JSON) document that remembers where each of its keys and values stands.

import type * as v from "valibot";
import { type Document, isCollection, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import { messageOf } from "../errno/index.ts";
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
  const allowed = `a YAML map of ${whole.replace(/^the /, "")} keys is allowed`;
  const faults: Fault[] = [...document.errors, ...document.warnings].map((fault) => ({
    offset: fault.pos[0],
    ...explain(fault, allowed),
  }));
  if (faults.length === 0) faults.push(...unusable(document));
  if (faults.length > 0) throw refuse(faults.map(({ offset, ...fault }) => ({ ...place(offset), ...fault })));
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
    // Aliases that would unfold into more than a file should hold.
    const found = messageOf(cause);
    throw refuse([{ line: 1, column: 1, found, allowed: "a plain YAML map is allowed" }], { cause });
  }
}

interface Fault {
  readonly offset: number;
  readonly found: string;
  readonly allowed: string;
}

/** What YAML can say and no file here means: keys that are lists or maps, and aliases of what they stand in. */
function unusable(document: Document): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (!isCollection(key)) return;
      faults.push({
        offset: key.range?.[0] ?? 0,
        found: "a key here is a list or a map",
        allowed: "a word is allowed",
      });
    },
    Alias: (_, alias) => {
      const [from, , to] = alias.resolve(document)?.range ?? [0, 0, 0];
      const offset = alias.range?.[0] ?? 0;
      if (offset < from || offset >= to) return;
      faults.push({
        offset,
        found: `*${alias.source} stands in what it names`,
        allowed: "a plain YAML map is allowed",
      });
    },
  });
  return faults;
}

function explain(fault: YAMLError, keys: string): { found: string; allowed: string } {
  if (fault.code === "DUPLICATE_KEY") return { found: "this key stands here twice", allowed: "once is allowed" };
  if (fault.code === "MULTIPLE_DOCS") return { found: "a second document begins here", allowed: "one is allowed" };
  return { found: `not YAML: ${fault.message}`, allowed: keys };
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
