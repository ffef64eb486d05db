// What a trace file says about itself, in the metadata of its Arrow schema (docs/trace-format.md).
import * as v from "valibot";
import type { Label, TraceRequester, TraceSpace } from "../machine/index.ts";
import { MOST_PARTID, MOST_PMG } from "./label.ts";
import type { AddressRule } from "./pages.ts";
import { PAGE_SIZES } from "./pages.ts";
import type { Marker } from "./trace.ts";

export const FORMAT_VERSION = "1";
export const TOOL = "mpam-emulator 0.1.0";

/** "columns": one row per access, plain columns. "packed": the narrow form for files that are shipped. */
export type Form = "columns" | "packed";

/** Where the times of a trace come from. */
export interface TimeRule {
  /** "instructions": instructions before this one times nsPerInstruction. "accesses": a step per access. "recorded": as the file had it. */
  readonly rule: "instructions" | "accesses" | "recorded";
  readonly nsPerInstruction?: number | undefined;
  readonly nsPerAccess?: number | undefined;
}

/** A file that was imported. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Lines or records of every kind that were read from it. */
  readonly records?: number | undefined;
  /** The importer that read it. */
  readonly format?: string | undefined;
}

/** What a trace file says about itself. */
export interface TraceMetadata {
  readonly form: Form;
  readonly addressRule: AddressRule;
  readonly addressSeed: number;
  readonly pageBytes: number;
  readonly spaces: readonly TraceSpace[];
  readonly timeRule: TimeRule;
  readonly sources: readonly SourceFile[];
  readonly tool: string;
  readonly requesters: readonly TraceRequester[];
  readonly markers?: readonly Marker[];
  /** "requester": each record batch has the rows of one requester, and times count from its row before. Absent: all rows in order. */
  readonly order?: "requester";
  /** Samples and not every access: good for footprints and rates, never for exact replay. */
  readonly sampled?: boolean;
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const spacesSchema = v.array(v.object({ asid: whole, pages: whole }));
const timeSchema = v.object({
  rule: v.picklist(["instructions", "accesses", "recorded"]),
  nsPerInstruction: v.optional(v.number()),
  nsPerAccess: v.optional(v.number()),
});
const sourcesSchema = v.array(
  v.object({
    name: v.string(),
    bytes: whole,
    sha256: v.string(),
    records: v.optional(whole),
    format: v.optional(v.string()),
  }),
);
const labelSchema = v.object({
  space: v.picklist(["s", "ns", "rt", "rl"]),
  partid: v.pipe(whole, v.maxValue(MOST_PARTID)),
  pmg: v.pipe(whole, v.maxValue(MOST_PMG)),
}) satisfies v.GenericSchema<unknown, Label>;
const requestersSchema = v.pipe(
  v.array(
    v.object({
      asid: whole,
      pid: whole,
      tid: whole,
      cpu: v.exactOptional(whole),
      el: v.exactOptional(whole),
      comm: v.exactOptional(v.string()),
      source: v.exactOptional(v.string()),
      label: v.exactOptional(labelSchema),
      device: v.exactOptional(v.pipe(v.string(), v.nonEmpty())),
      stream: v.exactOptional(v.object({ smmu: whole, sid: whole, ssid: v.exactOptional(whole) })),
    }),
  ),
  v.maxLength(65536),
);

const markersSchema = v.array(v.object({ name: v.pipe(v.string(), v.nonEmpty()), record: whole }));

/** By key: a text or a number as it stands, lists and objects as JSON. */
export const metadataSchema = v.object({
  "mpam.version": v.literal(FORMAT_VERSION),
  "mpam.form": v.picklist(["columns", "packed"]),
  "mpam.address_rule": v.picklist(["dense", "identity"]),
  "mpam.address_seed": v.optional(v.string()),
  "mpam.page_bytes": v.picklist(PAGE_SIZES.map(String)),
  "mpam.spaces": spacesSchema,
  "mpam.time_rule": timeSchema,
  "mpam.sources": sourcesSchema,
  "mpam.tool": v.optional(v.string()),
  "mpam.requesters": requestersSchema,
  "mpam.markers": v.optional(markersSchema),
  "mpam.order": v.optional(v.picklist(["requester"])),
  "mpam.sampled": v.optional(v.literal("true")),
});
const KEYS = metadataSchema.entries;

export function encodeMetadata(metadata: TraceMetadata): Map<string, string> {
  return new Map([
    ["mpam.version", FORMAT_VERSION],
    ["mpam.form", metadata.form],
    ["mpam.address_rule", metadata.addressRule],
    ["mpam.address_seed", String(metadata.addressSeed)],
    ["mpam.page_bytes", String(metadata.pageBytes)],
    ["mpam.spaces", JSON.stringify(metadata.spaces)],
    ["mpam.time_rule", JSON.stringify(metadata.timeRule)],
    ["mpam.sources", JSON.stringify(metadata.sources)],
    ["mpam.tool", metadata.tool],
    ["mpam.requesters", JSON.stringify(metadata.requesters)],
    ...(metadata.markers?.length ? [["mpam.markers", JSON.stringify(metadata.markers)] as const] : []),
    ...(metadata.order ? [["mpam.order", metadata.order] as const] : []),
    ...(metadata.sampled ? [["mpam.sampled", "true"] as const] : []),
  ]);
}

/** The metadata of a file of ours; undefined for a user's file. What is wrong is thrown as plain text: the caller knows where. */
export function decodeMetadata(map: ReadonlyMap<string, string>): TraceMetadata | undefined {
  const version = map.get("mpam.version");
  if (version === undefined) return undefined;
  if (version !== FORMAT_VERSION) throw new Error(`trace format version ${version} is not known; ${FORMAT_VERSION} is`);
  const form = text(map, "mpam.form", KEYS["mpam.form"].options) as Form;
  const addressRule = text(map, "mpam.address_rule", KEYS["mpam.address_rule"].options) as AddressRule;
  const pageBytes = Number(text(map, "mpam.page_bytes", KEYS["mpam.page_bytes"].options));
  const requesters = json(map, "mpam.requesters", KEYS["mpam.requesters"]) as TraceRequester[];
  const spaces = json(map, "mpam.spaces", KEYS["mpam.spaces"]);
  const known = new Set(spaces.map((space) => space.asid));
  if (known.size !== spaces.length) throw new Error("metadata mpam.spaces names an address space twice");
  const order = map.has("mpam.order") ? text(map, "mpam.order", KEYS["mpam.order"].wrapped.options) : undefined;
  if (order !== undefined && form !== "packed") throw new Error("metadata mpam.order is for the packed form only");
  const lost = requesters.find((who) => !known.has(who.asid));
  if (lost !== undefined)
    throw new Error(`metadata mpam.spaces lacks address space ${lost.asid} of requester ${lost.tid}`);
  return {
    form,
    addressRule,
    addressSeed: Number(map.get("mpam.address_seed") ?? "0"),
    pageBytes,
    spaces,
    timeRule: json(map, "mpam.time_rule", KEYS["mpam.time_rule"]),
    sources: json(map, "mpam.sources", KEYS["mpam.sources"]),
    tool: map.get("mpam.tool") ?? "",
    requesters,
    ...(order === undefined ? {} : { order: "requester" }),
    ...(map.get("mpam.sampled") === "true" ? { sampled: true } : {}),
  };
}

/** Named points, which any file may have, ours or not. */
export function decodeMarkers(map: ReadonlyMap<string, string>): readonly Marker[] {
  return map.has("mpam.markers") ? json(map, "mpam.markers", KEYS["mpam.markers"].wrapped) : [];
}

function text(map: ReadonlyMap<string, string>, key: string, allowed: readonly string[]): string {
  const value = map.get(key);
  if (value !== undefined && allowed.includes(value)) return value;
  throw new Error(`metadata ${key} is ${JSON.stringify(value)}; ${allowed.join(", ")} are known`);
}

function json<T>(map: ReadonlyMap<string, string>, key: string, schema: v.GenericSchema<unknown, T>): T {
  let value: unknown;
  try {
    value = JSON.parse(map.get(key) ?? "");
  } catch {
    throw new Error(`metadata ${key} is missing or not JSON`);
  }
  const checked = v.safeParse(schema, value);
  if (checked.success) return checked.output;
  throw new Error(`metadata ${key}${path(checked.issues[0])}: ${checked.issues[0].message}`);
}

function path(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).map((item) => `[${String(item.key)}]`).join("");
}
