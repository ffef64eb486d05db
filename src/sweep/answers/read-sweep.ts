// Reading a sweep.json back: a file that is none, or that something has changed, is refused in one line.

import * as v from "valibot";
import { MEASURES } from "../plan/plan.ts";
import { SWEEP_FORMAT, SWEEP_VERSION, type Sweep } from "../sweep.ts";

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();

const counts = { accesses: amount, misses: amount };
const lost = v.object({
  level: whole,
  other: amount,
  ownPortion: amount,
  ownLimit: amount,
  disabled: amount,
  inclusion: amount,
});

const limit = v.pipe(
  v.object({
    is: v.picklist(["atMost", "atLeast"]),
    value: v.exactOptional(amount),
    percentOfUnset: v.exactOptional(amount),
  }),
  v.check(
    ({ value, percentOfUnset }) => (value === undefined) !== (percentOfUnset === undefined),
    "one of value and percentOfUnset",
  ),
);

const result = v.object({
  records: amount,
  ns: amount,
  groups: v.array(
    v.object({
      ...counts,
      group: text,
      levels: v.array(v.object({ level: whole, ...counts })),
      uncachedBytes: v.exactOptional(amount),
      latency: v.exactOptional(
        v.object({ count: amount, meanNs: amount, heldNs: amount, stalledNs: v.exactOptional(amount) }),
      ),
      lost: v.exactOptional(v.array(lost)),
      llcOccupancy: text,
      mbmTotalBytes: text,
    }),
  ),
  schemata: v.record(text, text),
});

export const sweepSchema = v.object({
  format: v.literal(SWEEP_FORMAT),
  version: v.literal(SWEEP_VERSION),
  tool: text,
  title: text,
  timing: v.picklist(["open", "closed"]),
  goals: v.array(
    v.object({
      want: v.picklist(["highest", "lowest"]),
      measure: v.picklist(MEASURES),
      of: text,
      level: v.exactOptional(whole),
      limit: v.exactOptional(limit),
    }),
  ),
  workloads: v.array(
    v.object({
      name: text,
      traces: v.array(v.object({ name: text, sha256: v.exactOptional(text) })),
      group: v.array(text),
    }),
  ),
  platforms: v.array(
    v.object({
      name: text,
      description: text,
      portions: v.record(text, v.object({ count: whole, bytes: amount, level: whole })),
    }),
  ),
  swept: v.array(
    v.object({
      place: v.object({
        workload: text,
        platform: text,
        configuration: text,
        settings: v.record(text, v.union([v.pipe(v.number(), v.finite()), text])),
        seed: v.exactOptional(whole),
        layout: v.exactOptional(whole),
      }),
      units: v.array(text),
      schemata: v.record(text, v.array(text)),
      approximate: v.exactOptional(v.literal(true)),
      result: v.exactOptional(result),
      failed: v.exactOptional(text),
      lost: v.exactOptional(text),
    }),
  ),
});

/** Throws a TypeError; `file` is what messages call it. */
export function readSweep(written: string, file: string): Sweep {
  let found: unknown;
  try {
    found = JSON.parse(written);
  } catch (cause) {
    throw new TypeError(`${file}: no JSON; mpam sweep plan.yaml --report sweep.json makes what is wanted here`, {
      cause,
    });
  }
  const { format, version } = (found ?? {}) as { readonly format?: unknown; readonly version?: unknown };
  if (format !== SWEEP_FORMAT) {
    throw new TypeError(
      `${file}: no sweep of mpam: format is ${show(format)}; mpam sweep plan.yaml --report sweep.json makes one`,
    );
  }
  if (version !== SWEEP_VERSION) {
    throw new TypeError(`${file}: a sweep of version ${show(version)}; this mpam reads version ${SWEEP_VERSION}`);
  }
  const checked = v.safeParse(sweepSchema, found, { abortEarly: true });
  if (!checked.success) {
    const [issue] = checked.issues;
    const where = plainly(v.getDotPath(issue) ?? "the sweep");
    if (issue.received === "undefined") throw new TypeError(`${file}: ${where} is missing`);
    const wanted =
      issue.type === "finite"
        ? "a finite number"
        : (issue.expected ?? (issue.type === "check" ? issue.message : "another value"));
    throw new TypeError(`${file}: ${where} is ${plainly(issue.received)}; ${wanted} is needed`);
  }
  const fault = faultOf(checked.output);
  if (fault) throw new TypeError(`${file}: ${fault}`);
  return checked.output;
}

/** What no schema says: each replay stands for something that is there, and came to one thing. */
function faultOf({ workloads, platforms, swept }: Sweep): string | undefined {
  const names = {
    workload: new Set(workloads.map(({ name }) => name)),
    platform: new Set(platforms.map(({ name }) => name)),
  };
  for (const [at, { place, result, failed, lost }] of swept.entries()) {
    for (const kind of ["workload", "platform"] as const) {
      if (!names[kind].has(place[kind])) {
        return `swept.${at}.place.${kind} is ${show(place[kind])}, which is none of its ${kind}s`;
      }
    }
    const ends = [result, failed, lost].filter((one) => one !== undefined).length;
    if (ends !== 1) return `swept.${at} has ${ends} of result, failed and lost; it has one of them`;
  }
  return undefined;
}

const show = (value: unknown) => plainly(value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)));

/** Short, on one line. */
function plainly(said: string): string {
  const line = said.replace(/\p{Cc}/gu, " ");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
