// Units as jobs: what many of them have in common, such as a platform, is kept once, under its hash. Who reads it believes
// nothing: names, shapes and sizes are checked.

import { createHash } from "node:crypto";
import * as v from "valibot";
import { nameOf } from "../plan/name.ts";
import type { Unit, Work } from "../unit.ts";

/** Characters of JSON. A platform of thousands of slices is below 1 MiB. */
export const MOST_COMMON = 16 * 2 ** 20;
/** Of a job by itself. */
const MOST_JOB = 2 ** 20;

/** What a job says by itself. */
export interface JobData extends Omit<Work, keyof Common> {
  readonly place: Unit["place"];
  /** Hash of the rest of the work. */
  readonly common: string;
}

/** The rest of the work. */
type Common = Pick<Work, "traces" | "platform" | "replaying">;

/** Turns units into jobs; remembers what it has written as JSON, since platforms are large and repeat. */
export class Jobs {
  readonly #platforms = new WeakMap<object, Map<string, CommonText>>();

  dataOf({ place, work }: Unit): JobData {
    const { traces: _traces, platform: _platform, replaying: _replaying, ...own } = work;
    return { place, ...own, common: this.commonOf(work).hash };
  }

  /** JSON of what a unit shares, and its hash. */
  commonOf({ traces, platform, replaying }: Common): CommonText {
    const rest = JSON.stringify({ traces, replaying });
    const known = this.#platforms.get(platform) ?? new Map<string, CommonText>();
    this.#platforms.set(platform, known);
    const found = known.get(rest);
    if (found) return found;
    const text = JSON.stringify({ traces, replaying, platform });
    const made = { text, hash: createHash("sha256").update(text).digest("hex") };
    known.set(rest, made);
    return made;
  }
}

export interface CommonText {
  readonly text: string;
  readonly hash: string;
}

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const texts = v.pipe(v.array(text(MOST_JOB)), v.maxLength(100_000));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const jobSchema = v.strictObject({
  place: v.strictObject({
    workload: text(1000),
    platform: text(1000),
    configuration: text(1000),
    settings: v.record(text(1000), v.union([v.number(), text(1000)])),
    seed: v.optional(v.number()),
    layout: v.optional(v.number()),
  }),
  schemata: v.record(text(1000), texts),
  layout: v.optional(v.number()),
  part: v.optional(v.strictObject({ index: count, of: count, approximate: v.optional(v.literal(true)) })),
  common: hash,
});

/** A file is read for the sake of its content, so who asks for it has to know that. */
const traceSchema = v.pipe(
  v.strictObject({ argument: text(10_000), sha256: v.optional(hash), bytes: v.optional(count) }),
  v.check(({ argument, sha256 }) => sha256 !== undefined || argument.startsWith("synth:"), "a trace has no hash"),
);

const commonSchema = v.strictObject({
  traces: v.pipe(v.array(traceSchema), v.maxLength(10_000)),
  platform: v.looseObject({}),
  replaying: v.strictObject({
    timing: v.optional(v.picklist(["open", "closed"])),
    statistics: v.optional(v.picklist(["counts", "full"])),
    warmup: v.optional(text(1000)),
    until: v.optional(v.number()),
    group: texts,
    guest: v.optional(texts),
    guestPartid: v.optional(texts),
    kernelMode: v.optional(text(10_000)),
    compat: v.optional(v.literal("linux-7.3")),
    commandLine: v.optional(text(10_000)),
    labels: v.optional(text(MOST_COMMON)),
    script: v.optional(texts),
  }),
});

/** Throws a line that says what is wrong with a job. */
export function checkJob(data: unknown): JobData {
  const size = JSON.stringify(data)?.length ?? 0;
  if (size > MOST_JOB) throw new Error(`its job has ${size} characters; ${MOST_JOB} are the most`);
  return checked(jobSchema, data, "its job") as JobData;
}

/** The unit of a job, out of what it says itself and the text that it names: one whose name is that of its work. */
export function unitFrom(name: string, { place, common, ...own }: JobData, text: string, tool: string): Unit {
  if (createHash("sha256").update(text).digest("hex") !== common) {
    throw new Error("what its job names in common with others has another hash");
  }
  const rest = checked(commonSchema, JSON.parse(text), "its work") as Common;
  const work = { ...own, ...rest };
  if (nameOf(work, tool) !== name) throw new Error("its job has the name of other work");
  return { name, place, work };
}

function checked(schema: v.GenericSchema, data: unknown, what: string): unknown {
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  throw new Error(`${what} is none of ours: ${path ? `${path}: ` : ""}${issue.message.slice(0, 200)}`);
}
