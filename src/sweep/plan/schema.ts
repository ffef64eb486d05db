// The keys of a plan, each with the values it may have (docs/sweeps.md). What they say about each other is in check.ts.

import * as v from "valibot";
import {
  choiceForm,
  inRange,
  integer,
  type JsonForm,
  list,
  map,
  mapOf,
  numberForm,
  readNumber,
  value,
} from "../../written/index.ts";
import { MEASURES } from "./plan.ts";

/** Far more replays than anybody waits for; it keeps a typing mistake in a range from becoming a list of billions. */
export const MOST_UNITS = 100_000;

const MOST_NUMBER = 0xffff_ffff;
/** Of seeds, of layouts, of values in one list. */
const MOST_LISTED = 1000;

const LINE = { type: ["string", "number"] };

/** One line, as names here have to be. */
function line(allowed: string, form: JsonForm = LINE) {
  return value(allowed, readLine, form);
}

const listOf = (input: unknown): unknown[] => (Array.isArray(input) ? input : [input]);
const isMap = (input: unknown) => typeof input === "object" && input !== null && !Array.isArray(input);

/** 2026 without quotes is a number to YAML. */
function readLine(input: unknown): string | undefined {
  const text = typeof input === "number" ? String(input) : input;
  return typeof text === "string" && /^[^\p{Cc}]+$/u.test(text) && text.trim() !== "" ? text.trim() : undefined;
}

/** A line, or a list of them. */
function lines(allowed: string, fewest: 0 | 1 = 1) {
  return value(
    allowed,
    (input) => {
      const read = listOf(input).map(readLine);
      return read.length >= fewest && read.every((one) => one !== undefined) ? read : undefined;
    },
    { anyOf: [LINE, { type: "array", items: LINE, minItems: fewest }] },
  );
}

/** 3 stands for 1, 2 and 3. */
function numbers(what: string) {
  return value(
    `how many ${what} (up to ${MOST_LISTED}), or a list of them, is allowed`,
    (input) => {
      if (!Array.isArray(input)) {
        const many = inRange(readNumber, 1, MOST_LISTED)(input);
        return many === undefined ? undefined : Array.from({ length: many }, (_, i) => i + 1);
      }
      const read = input.map(inRange(readNumber, 0, MOST_NUMBER));
      const known = read.filter((one) => one !== undefined);
      return known.length === input.length && known.length > 0 && known.length <= MOST_LISTED ? known : undefined;
    },
    {
      anyOf: [numberForm(1, MOST_LISTED), { type: "array", items: numberForm(0, MOST_NUMBER), minItems: 1 }],
    },
  );
}

/** Of MB percent: "20%" is 20. */
function readAmount(input: unknown): number | undefined {
  return inRange(readNumber, 0, MOST_NUMBER)(typeof input === "string" ? input.replace(/\s*%$/, "") : input);
}

const amountForm = { anyOf: [numberForm(0, MOST_NUMBER), { type: "string", pattern: "^[0-9]+\\s*%$" }] };
const amount = value("a number such as 20, or 20%, is allowed", readAmount, amountForm);
const amounts = value(
  `a list of up to ${MOST_LISTED} numbers such as [10, 20, 50] is allowed`,
  (input) => {
    const read = listOf(input)
      .slice(0, MOST_LISTED + 1)
      .map(readAmount);
    const known = read.filter((one) => one !== undefined);
    return known.length === read.length && known.length > 0 && known.length <= MOST_LISTED ? known : undefined;
  },
  { anyOf: [amountForm, { type: "array", items: amountForm, minItems: 1 }] },
);

const schemata = mapOf(
  lines("a line such as L3:0=f (L3:*=f in all domains), or a list of them, is allowed"),
  "a map of groups with their schemata lines is allowed",
);

const group = () => line('a group, "/" for the default one, is allowed');
const resource = line("a resource such as L3 or MB is allowed");

const RULES = "NAME=trace:N, NAME=tid:N, NAME=pid:N or NAME=comm:COMMAND";

/** Rules as `mpam replay` has them, or a map of names to what stands behind the =. */
const groups = value(
  `a list of ${RULES}, or a map such as { web: trace:1 }, is allowed`,
  (input) => {
    const pairs = isMap(input)
      ? Object.entries(input as object).flatMap(([name, rules]) => listOf(rules).map((rule) => `${name}=${rule}`))
      : listOf(input);
    const read = pairs.map(readLine);
    return read.every((one) => one !== undefined) ? read : undefined;
  },
  {
    anyOf: [
      { type: "string" },
      { type: "array", items: { type: "string" } },
      {
        type: "object",
        additionalProperties: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
      },
    ],
  },
);

const trace = "a trace as mpam replay takes it";

const workload = map({
  name: v.optional(line("a name is allowed")),
  files: lines(`${trace}, or a list of them, is allowed`),
  groups: v.optional(groups),
});

const axis = map({
  split: v.optional(resource),
  between: v.optional(
    value(
      "a list of two groups is allowed",
      (input) => {
        const read = Array.isArray(input) && input.length === 2 ? input.map(readLine) : [];
        const [first, second] = read;
        return first !== undefined && second !== undefined ? ([first, second] as const) : undefined;
      },
      { type: "array", items: { type: ["string", "number"] }, minItems: 2, maxItems: 2 },
    ),
  ),
  portions: v.optional(resource),
  value: v.optional(resource),
  choice: v.optional(line("a name for what is chosen is allowed")),
  of: v.optional(
    v.lazy((input) => (isMap(input) ? mapOf(schemata, "a map of names with schemata is allowed") : group())),
  ),
  values: v.optional(amounts),
  from: v.optional(amount),
  to: v.optional(amount),
  step: v.optional(
    value(
      "a number from 1 on is allowed",
      (input) => {
        const read = readAmount(input);
        return read !== undefined && read > 0 ? read : undefined;
      },
      amountForm,
    ),
  ),
  at: v.optional(line("low or high is allowed", choiceForm("low", "high"))),
});

const configuration = map({
  name: line("a name is allowed"),
  schemata: v.optional(schemata),
  vary: v.optional(list(axis)),
});

const measure = value(
  `${MEASURES.join(", ")} are allowed`,
  (input) => (typeof input === "string" ? input.trim() : undefined),
  choiceForm(...MEASURES),
);

const limit = () =>
  line("a number with its unit such as 90000, 10 MiB, 2 GB/s, 90% or 200ns, or 103% of unset, is allowed");

const goal = map({
  highest: v.optional(measure),
  lowest: v.optional(measure),
  of: v.optional(group()),
  at: v.optional(
    value(
      "a level of caches such as L3 is allowed",
      (input) => {
        const level = /^L?([1-4])$/.exec(String(input))?.[1];
        return level === undefined ? undefined : Number(level);
      },
      { anyOf: [numberForm(1, 4), { type: "string", pattern: "^L?[1-4]$" }] },
    ),
  ),
  atMost: v.optional(limit()),
  atLeast: v.optional(limit()),
});

const options = map({
  timing: v.optional(line("open or closed is allowed", choiceForm("open", "closed"))),
  statistics: v.optional(line("counts or full is allowed", choiceForm("counts", "full"))),
  warmup: v.optional(line("a time such as 1ms, a share such as 10% or a number of records such as 5M is allowed")),
  until: v.optional(line("a time such as 5ms is allowed")),
  guests: v.optional(lines("NAME=RULE,..., or a list of them, is allowed", 0)),
  "guest-partids": v.optional(lines("NAME:PARTID=RULE, or a list of them, is allowed", 0)),
  "kernel-mode": v.optional(line("inherit, default, group:GROUP or per-group:GROUP=GROUP,... is allowed")),
  compat: v.optional(line("linux-7.3 is allowed", choiceForm("linux-7.3"))),
  "command-line": v.optional(
    value(
      "a line of text is allowed",
      (input) => (input === "" ? "" : typeof input === "string" ? readLine(input) : undefined),
      { type: "string" },
    ),
  ),
  labels: v.optional(line("the path of a label map is allowed")),
  script: v.optional(line("the path of a script is allowed")),
  do: v.optional(lines("a script line, or a list of them, is allowed", 0)),
});

export const planSchema = map({
  sweep: v.optional(line("a title is allowed")),
  traces: list(
    v.lazy((input) =>
      isMap(input) ? workload : line(`${trace}, or a map with the keys name, files, groups, is allowed`),
    ),
  ),
  platforms: list(
    v.lazy((input) =>
      isMap(input)
        ? mapOf(v.unknown(), "a map as in a platform file is allowed")
        : line("a name, a path or a map as in a platform file is allowed"),
    ),
  ),
  options: v.optional(options),
  configurations: v.optional(list(configuration)),
  seeds: v.optional(numbers("seeds")),
  layouts: v.optional(numbers("layouts")),
  parts: v.optional(integer(1, 64, "a number of parts")),
  goals: v.optional(list(goal)),
});

/** What a plan says, before defaults are filled in. */
export type WrittenPlan = v.InferOutput<typeof planSchema>;
export type WrittenAxis = v.InferOutput<typeof axis>;
export type WrittenGoal = v.InferOutput<typeof goal>;
