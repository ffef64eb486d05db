// Label maps: who of a trace's requesters carries which label, or goes to which group (docs/replay.md).
import * as v from "valibot";
import { isDevice, type Label, type TraceRequester } from "../machine/index.ts";
import {
  at,
  inOrder,
  integer,
  list,
  map,
  objectAs,
  oneOf,
  type Path,
  type Problem,
  problemOf,
  readDocument,
  value,
  type Written,
  WrittenError,
} from "../written/index.ts";

/** Where in the file something stands, counted from 1; 0 for an object. */
export interface MapPlace {
  readonly line: number;
  readonly column: number;
}

export type LabelOutcome = (
  | { readonly label: Label }
  /** "" is the root, "web" a control group, "web/mon_groups/api" a monitor group. */
  | { readonly group: string }
) & { readonly place: MapPlace };

/** A requester, with the cpu it runs on where the trace did not say. */
export type Who = TraceRequester;

export interface LabelRule {
  readonly outcome: LabelOutcome;
  matches(who: Who): boolean;
  /** Set where the rule asks for the cpu and nothing else: then a group takes the cpus, not threads. */
  readonly cpus?: (cpu: number) => boolean;
}

export interface LabelMap {
  readonly file: string;
  readonly rules: readonly LabelRule[];
  readonly default?: LabelOutcome;
}

const NUMBERS = ["tid", "pid", "cpu", "el", "asid", "smmu", "sid", "ssid"] as const;
const TEXTS = ["comm", "source", "device"] as const;
/** What is said of threads alone: a device matches none of it. */
const OF_THREADS = new Set<string>(["tid", "pid", "cpu", "el", "comm"]);

type Ranges = readonly (readonly [first: number, last: number])[];

function readRanges(input: unknown): Ranges | undefined {
  const ranges: [number, number][] = [];
  for (const item of Array.isArray(input) ? input : [input]) {
    if (typeof item !== "number" && typeof item !== "string") return undefined;
    for (const part of String(item).split(",")) {
      const match = /^\s*([0-9]+)(?:\s*-\s*([0-9]+))?\s*$/.exec(part);
      const first = Number(match?.[1]);
      const last = Number(match?.[2] ?? first);
      if (!match || !Number.isSafeInteger(last) || last < first) return undefined;
      ranges.push([first, last]);
    }
  }
  return ranges.length > 0 ? ranges : undefined;
}

/** `*` stands for any characters, `?` for one. */
function readGlobs(input: unknown): readonly RegExp[] | undefined {
  const items: unknown[] = Array.isArray(input) ? input : [input];
  if (items.length === 0 || items.some((item) => item === "" || !["string", "number"].includes(typeof item))) {
    return undefined;
  }
  return items.map((item) => {
    const pattern = String(item).replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su");
  });
}

const numbers = v.optional(
  value('a number, a range such as "4-7", or a list of them is allowed', readRanges, {
    type: ["integer", "string", "array"],
  }),
);
const texts = v.optional(
  value("a text, in which * and ? stand for others, or a list of them is allowed", readGlobs, {
    type: ["string", "number", "array"],
  }),
);

const outcome = {
  label: v.optional(
    map({
      space: v.optional(oneOf(["ns", "s", "rt", "rl"], "ns, s, rt or rl is allowed")),
      partid: integer(0, 65_535, "a PARTID"),
      pmg: v.optional(integer(0, 255, "a PMG")),
    }),
  ),
  group: v.optional(
    value(
      "the path of a group such as web or web/mon_groups/api, or / for the root, is allowed",
      (input) => (typeof input === "string" && input !== "" ? input.replace(/^\/+|\/+$/g, "") : undefined),
      { type: "string", minLength: 1 },
    ),
  ),
};

/** What a label map may say, before what its keys say about each other is checked. */
export const labelMapSchema = map({
  rules: v.optional(
    list(
      map({
        match: map({
          tid: numbers,
          pid: numbers,
          cpu: numbers,
          el: numbers,
          asid: numbers,
          smmu: numbers,
          sid: numbers,
          ssid: numbers,
          comm: texts,
          source: texts,
          device: texts,
        }),
        ...outcome,
      }),
    ),
  ),
  default: v.optional(map(outcome)),
});

type Parsed = v.InferOutput<typeof labelMapSchema>;
type Match = NonNullable<Parsed["rules"]>[number]["match"];

const WHOLE = "the label map";

/** The text of a label map, YAML or JSON. Throws a WrittenError that names every problem. */
export function parseLabelMap(text: string, fileName = "labels"): LabelMap {
  const refuse = (problems: readonly Problem[], options?: ErrorOptions) =>
    new WrittenError(fileName, problems, options);
  return checkMap(readDocument(text, fileName, WHOLE, refuse));
}

/** A label map as an object. */
export function checkLabelMap(input: object, name = "labels"): LabelMap {
  return checkMap(objectAs(input, name, WHOLE));
}

function checkMap(source: Written): LabelMap {
  const parsed = v.safeParse(labelMapSchema, source.input);
  if (!parsed.success) {
    throw new WrittenError(source.file, inOrder(parsed.issues.map((issue) => problemOf(issue, source))));
  }
  const problems: Problem[] = [];
  const refuse = (path: Path, found: string, allowed: string): undefined => {
    problems.push({ ...source.place(path, "key"), found: `${at(path)} ${found}`, allowed });
  };
  const outcomeAt = (path: Path, { label, group }: Pick<Parsed["default"] & object, "label" | "group">) => {
    const both = "one of label and group is allowed";
    if (label !== undefined && group !== undefined) return refuse(path, "has a label and a group", both);
    if (group !== undefined) return { group, place: source.place([...path, "group"], "value") };
    if (label === undefined) return refuse(path, "has neither label nor group", both);
    const { space = "ns", partid, pmg = 0 } = label;
    return { label: { space, partid, pmg }, place: source.place([...path, "label"], "key") };
  };
  const rules = (parsed.output.rules ?? []).map((rule, i): LabelRule | undefined => {
    const decided = outcomeAt(["rules", i], rule);
    const keys = Object.keys(rule.match);
    if (keys.length === 0) {
      return refuse(
        ["rules", i, "match"],
        "asks for nothing",
        `some of ${[...NUMBERS, ...TEXTS].join(", ")} is needed`,
      );
    }
    if (!decided) return undefined;
    const { cpu } = rule.match;
    return {
      outcome: decided,
      matches: matching(rule.match),
      ...(cpu && keys.length === 1 ? { cpus: (one: number) => within(cpu, one) } : {}),
    };
  });
  const last = parsed.output.default && outcomeAt(["default"], parsed.output.default);
  if (problems.length > 0) throw new WrittenError(source.file, inOrder(problems));
  return {
    file: source.file,
    rules: rules.filter((rule) => rule !== undefined),
    ...(last ? { default: last } : {}),
  };
}

/** All keys that are there must match; what a requester does not have matches nothing. */
function matching(match: Match): (who: Who) => boolean {
  return (who) =>
    NUMBERS.every((key) => match[key] === undefined || within(match[key], numberOf(who, key))) &&
    TEXTS.every((key) => match[key] === undefined || match[key].some((glob) => glob.test(textOf(who, key))));
}

function numberOf(who: Who, key: (typeof NUMBERS)[number]): number | undefined {
  if (key === "smmu" || key === "sid" || key === "ssid") return who.stream?.[key];
  return isDevice(who) && OF_THREADS.has(key) ? undefined : who[key];
}

function textOf(who: Who, key: (typeof TEXTS)[number]): string {
  return (isDevice(who) && OF_THREADS.has(key) ? undefined : who[key]) ?? "";
}

function within(ranges: Ranges, number: number | undefined): boolean {
  return number !== undefined && ranges.some(([first, last]) => number >= first && number <= last);
}
