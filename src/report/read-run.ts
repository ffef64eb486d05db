// Reading a run back: a file that is none, or that something has changed, is refused in one line.

import * as v from "valibot";
import { REASONS } from "./counts.ts";
import { RUN_FORMAT, RUN_VERSION, type Run } from "./run.ts";

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const column = v.array(amount);
const text = v.string();

const lost = <T extends v.GenericSchema>(one: T) =>
  v.object({ other: one, ownPortion: one, ownLimit: one, disabled: one, inclusion: one });

const partTotals = { accesses: amount, misses: amount, bytesRead: amount, bytesWritten: amount, bytesHeld: amount };

const latencyTotals = v.object({
  requests: amount,
  meanNs: amount,
  p50Ns: amount,
  p95Ns: amount,
  p99Ns: amount,
  heldNs: amount,
  stalledNs: amount,
});

export const runSchema = v.object({
  format: v.literal(RUN_FORMAT),
  version: v.literal(RUN_VERSION),
  tool: text,
  platform: v.object({
    name: text,
    description: text,
    cpus: whole,
    lineBytes: whole,
    caches: v.array(v.object({ level: whole, count: whole, bytes: amount, ways: whole, slices: whole, policy: text })),
    memory: v.array(v.object({ node: whole, channels: whole, bytesPerSecond: amount })),
  }),
  traces: v.array(v.object({ name: text, hash: text, records: amount })),
  options: v.array(text),
  timing: v.picklist(["open", "closed"]),
  seed: v.nullable(whole),
  records: amount,
  from: amount,
  to: amount,
  countFrom: amount,
  samples: column,
  ports: v.array(v.object({ port: text, bytesPerSecond: v.exactOptional(amount) })),
  groups: v.array(
    v.object({
      group: text,
      levels: v.array(
        v.object({
          level: whole,
          bytesHeld: column,
          accesses: column,
          misses: column,
          lost: v.exactOptional(lost(column)),
        }),
      ),
      ports: v.array(v.object({ port: text, bytes: column })),
      latency: v.exactOptional(
        v.object({ requests: column, sumNs: column, heldNs: column, p95Ns: v.array(v.nullable(amount)) }),
      ),
    }),
  ),
  totals: v.array(
    v.object({
      group: text,
      ...partTotals,
      levels: v.array(v.object({ level: whole, ...partTotals, lost: v.exactOptional(lost(amount)) })),
      parts: v.array(v.object({ part: text, ...partTotals })),
      latency: v.exactOptional(latencyTotals),
    }),
  ),
  phases: v.array(
    v.object({
      from: amount,
      to: amount,
      groups: v.array(v.object({ group: text, labels: v.array(text), schemata: v.exactOptional(text) })),
      limits: v.array(v.object({ port: text, group: text, bytesPerSecond: amount, hard: v.boolean() })),
    }),
  ),
  lines: v.array(v.object({ time: amount, text, changes: v.boolean(), met: v.exactOptional(v.boolean()) })),
  interrupts: v.array(
    v.object({
      time: amount,
      kind: text,
      source: text,
      level: whole,
      delivery: text,
      count: whole,
      space: v.exactOptional(text),
      record: v.exactOptional(whole),
    }),
  ),
  settings: v.array(
    v.object({ msc: whole, name: text, ris: whole, partids: v.array(whole), registers: v.record(text, text) }),
  ),
  notes: v.array(text),
});

/** Throws a TypeError; `name` is what messages call it. */
export function readRun(written: string, name: string): Run {
  let found: unknown;
  try {
    found = JSON.parse(written);
  } catch (cause) {
    throw new TypeError(`${name}: no JSON; mpam replay --report run.json makes what is wanted here`, { cause });
  }
  const { format, version } = (found ?? {}) as { readonly format?: unknown; readonly version?: unknown };
  if (format !== RUN_FORMAT) {
    throw new TypeError(`${name}: no run of mpam: format is ${show(format)}; mpam replay --report run.json makes one`);
  }
  if (version !== RUN_VERSION) {
    throw new TypeError(`${name}: a run of version ${show(version)}; this mpam reads version ${RUN_VERSION}`);
  }
  const checked = v.safeParse(runSchema, found, { abortEarly: true });
  if (!checked.success) {
    const [issue] = checked.issues;
    const where = v.getDotPath(issue) ?? "the run";
    if (issue.received === "undefined") throw new TypeError(`${name}: ${where} is missing`);
    const wanted = issue.type === "finite" ? "a finite number" : (issue.expected ?? "another value");
    throw new TypeError(`${name}: ${where} is ${clip(issue.received)}; ${wanted} is needed`);
  }
  const fault = faultOf(checked.output);
  if (fault) throw new TypeError(`${name}: ${fault}`);
  return checked.output;
}

/** What no schema says: samples follow each other, and each column has one value for each. */
function faultOf({ from, to, countFrom, samples, groups }: Run): string | undefined {
  const late = samples.findIndex((end, index) => end <= (samples[index - 1] ?? from));
  if (late >= 0) return `samples.${late} is ${samples[late]}; it ends after the one before`;
  if (to !== (samples.at(-1) ?? from)) return `to is ${to}; the last sample ends at ${samples.at(-1) ?? from}`;
  if (countFrom < from || countFrom > to) return `countFrom is ${countFrom}; a time from ${from} to ${to} is needed`;
  for (const [at, { levels, ports, latency }] of groups.entries()) {
    const columns: [string, readonly unknown[]][] = [
      ...levels.flatMap(({ lost, ...one }, level): [string, readonly unknown[]][] => [
        ...(["bytesHeld", "accesses", "misses"] as const).map((key): [string, readonly unknown[]] => [
          `levels.${level}.${key}`,
          one[key],
        ]),
        ...(lost ? REASONS.map((why): [string, readonly unknown[]] => [`levels.${level}.lost.${why}`, lost[why]]) : []),
      ]),
      ...ports.map(({ bytes }, port): [string, readonly unknown[]] => [`ports.${port}.bytes`, bytes]),
      ...Object.entries(latency ?? {}).map(([key, values]): [string, readonly unknown[]] => [`latency.${key}`, values]),
    ];
    const wrong = columns.find(([, values]) => values.length !== samples.length);
    if (wrong) return `groups.${at}.${wrong[0]} has ${wrong[1].length} values; there are ${samples.length} samples`;
  }
  return undefined;
}

const show = (value: unknown) => clip(value === undefined ? "missing" : JSON.stringify(value));
const clip = (said: string) => (said.length > 40 ? `${said.slice(0, 37)}...` : said);
