// What a bundle says of itself: bundle.json, its first file. It names every other one, and nothing else is taken (docs/bundles.md).

import * as v from "valibot";
import { messageOf } from "../../errno/index.ts";
import { version } from "../version.ts";
import { refused, shown } from "./tar.ts";

export const BUNDLE_VERSION = 1;
export const MANIFEST = "bundle.json";
export const PLATFORM = "platform.yaml";
export const SCRIPT = "script.txt";
export const LABELS = "labels.yaml";
export const SNAPSHOT = "snapshot.bin";
export const LOG = "driver.log";
export const REGISTERS = "registers.txt";
export const README = "README.txt";

/** Traces lie in a folder, by their place in the run; the end of the name says how one is packed. */
export function tracePath(index: number, name: string): string {
  const [end = ""] = /(\.[A-Za-z0-9]{1,8}){1,2}$/.exec(name) ?? [];
  return `traces/${index + 1}${end}`;
}

/** Of bundle.json; a list of files and a command are no longer. */
export const MOST_MANIFEST = 2 ** 20;
/** A memory of 4 GiB and the rest of a snapshot, and traces of 8 GiB. */
const MOST_BYTES = 2 ** 33;

const text = v.string();
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_BYTES));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const texts = v.array(text);

const flags = v.strictObject({
  group: v.optional(texts),
  guest: v.optional(texts),
  guestPartid: v.optional(texts),
  do: v.optional(texts),
  seed: v.optional(text),
  timing: v.optional(text),
  statistics: v.optional(text),
  kernelMode: v.optional(text),
  proposed: v.optional(text),
  compat: v.optional(text),
  commandLine: v.optional(text),
  smmus: v.optional(v.boolean()),
});

const FILE_NAMES = [PLATFORM, SCRIPT, LABELS, SNAPSHOT, LOG, REGISTERS, README];
const isFileName = (name: string) =>
  FILE_NAMES.includes(name) || /^traces\/[1-9][0-9]{0,3}(\.[A-Za-z0-9]{1,8}){0,2}$/.test(name);

const schema = v.object({
  format: v.literal(BUNDLE_VERSION),
  tool: v.object({ version: text, module: hash }),
  host: v.object({ node: text, platform: text, arch: text }),
  command: text,
  note: v.optional(text),
  platform: v.object({ name: text, file: text }),
  flags,
  /** Model time at which the snapshot was to be taken, ns. */
  at: v.optional(v.pipe(v.number(), v.minValue(0))),
  /** As they were named, without folders. */
  traces: v.array(v.object({ argument: text, hash: text, records: v.number(), included: v.boolean() })),
  ended: v.object({
    /** Model time, ns. */
    now: v.number(),
    records: v.number(),
    /** SHA-256 of the state of the hardware. */
    state: hash,
    /** Why the run ended before its end. */
    error: v.optional(text),
    /** Why there is no snapshot. */
    noSnapshot: v.optional(text),
  }),
  files: v.pipe(
    v.array(v.object({ name: v.pipe(text, v.check(isFileName)), bytes, sha256: hash })),
    v.maxLength(10_000),
  ),
});

export type Contents = v.InferOutput<typeof schema>;
export type BundleFlags = Contents["flags"];

/** Throws a UsageError for what is not bundle.json, or is of another version. */
export function parseContents(json: string): Contents {
  let input: unknown;
  try {
    input = JSON.parse(json);
  } catch (cause) {
    throw refused(`${MANIFEST} in it is no JSON: ${messageOf(cause)}`);
  }
  const { format, tool } = (input ?? {}) as { format?: unknown; tool?: { version?: unknown } };
  if (format !== BUNDLE_VERSION) {
    const maker = typeof tool?.version === "string" ? ` of mpam ${shown(tool.version)}` : "";
    throw refused(
      `it is a bundle${maker} of format ${shown(String(format))}, and mpam ${version()} reads format ${BUNDLE_VERSION}`,
    );
  }
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = issue.path?.map(({ key }) => String(key)).join(".") ?? "";
  throw refused(`${MANIFEST} in it is not as a bundle has it: ${shown(place)}: ${shown(issue.message)}`);
}
