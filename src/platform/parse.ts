// A platform from the text of its file, or from an object of the same shape.

import * as v from "valibot";
import { type Document, isCollection, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import { checkPlatform } from "./checks.ts";
import { PlatformError, type Problem } from "./error.ts";
import { fillDefaults } from "./fill.ts";
import { offsetOf, writtenAs } from "./locate.ts";
import { at, type Path } from "./path.ts";
import { platformSchema } from "./schema.ts";
import type { Platform } from "./types.ts";

/** Says where a path stands and how its value is written; an object has no places. */
interface Source {
  readonly file: string;
  place(path: Path, part: "key" | "value"): { readonly line: number; readonly column: number };
  written(path: Path): string | undefined;
}

/** The text of a platform file. Throws a PlatformError that names every problem. */
export function parsePlatform(text: string, fileName = "platform"): Platform {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const faults: Fault[] = [...document.errors, ...document.warnings].map((fault) => ({
    offset: fault.pos[0],
    ...explain(fault),
  }));
  if (faults.length === 0) faults.push(...unusable(document));
  if (faults.length > 0) {
    throw new PlatformError(
      fileName,
      faults.map(({ offset, found, allowed }) => ({ ...place(offset), found, allowed })),
    );
  }
  return checkInput(toPlain(document, fileName), {
    file: fileName,
    place: (path, part) => place(offsetOf(document, path, part)),
    written: (path) => writtenAs(document, path),
  });
}

/** A platform, or what a platform file would say, as an object. */
export function checkObject(input: object, name = "platform"): Platform {
  return checkInput(input, { file: name, place: () => ({ line: 0, column: 0 }), written: () => undefined });
}

function toPlain(document: Document, fileName: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases that would unfold into more than a file should hold.
    const found = cause instanceof Error ? cause.message : String(cause);
    const problem = { line: 1, column: 1, found, allowed: "a plain YAML map is allowed" };
    throw new PlatformError(fileName, [problem], { cause });
  }
}

interface Fault {
  readonly offset: number;
  readonly found: string;
  readonly allowed: string;
}

/** What YAML can say and no platform means: keys that are lists or maps, and aliases of what they stand in. */
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

function explain(fault: YAMLError): { found: string; allowed: string } {
  if (fault.code === "DUPLICATE_KEY") return { found: "this key stands here twice", allowed: "once is allowed" };
  if (fault.code === "MULTIPLE_DOCS") return { found: "a second document begins here", allowed: "one is allowed" };
  return { found: `not YAML: ${fault.message}`, allowed: "a YAML map of platform keys is allowed" };
}

function checkInput(input: unknown, source: Source): Platform {
  const problems: Problem[] = [];
  const parsed = v.safeParse(platformSchema, input);
  if (!parsed.success) {
    for (const issue of withoutEchoes(parsed.issues)) problems.push(problemOf(issue, source));
  } else {
    const filled = fillDefaults(parsed.output);
    checkPlatform(parsed.output, filled, (path, found, allowed) => {
      problems.push({ ...source.place(path, "value"), found, allowed });
    });
    if (problems.length === 0) return filled.platform;
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  throw new PlatformError(source.file, problems);
}

/** A key that is missing because it is misspelt is told once, where it stands. */
function withoutEchoes(issues: readonly v.BaseIssue<unknown>[]): v.BaseIssue<unknown>[] {
  const place = (issue: v.BaseIssue<unknown>) => issue.path?.slice(0, -1).map(({ key }) => key) ?? [];
  const unknown = issues.filter((issue) => issue.type === "strict_object" && issue.expected === "never");
  return issues.filter((issue) => {
    if (issue.type !== "strict_object" || issue.expected === "never") return true;
    const meant = `did you mean ${JSON.parse(issue.expected ?? '""')}?`;
    return !unknown.some((one) => one.message.startsWith(meant) && at(place(one) as Path) === at(place(issue) as Path));
  });
}

function problemOf(issue: v.BaseIssue<unknown>, source: Source): Problem {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const allowed = issue.message;
  if (issue.type === "strict_object") {
    const around = path.slice(0, -1);
    const name = at(around) || "the platform";
    const key = path.at(-1);
    if (issue.expected === "never") {
      return { ...source.place(path, "key"), found: `${name} has the unknown key ${clip(String(key))}`, allowed };
    }
    return { ...source.place(around, "key"), found: `${name} has no ${key}`, allowed };
  }
  const written = source.written(path);
  const found = `${at(path) || "the platform"} is ${written === undefined ? show(issue.input) : clip(written)}`;
  return { ...source.place(path, "value"), found, allowed };
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
