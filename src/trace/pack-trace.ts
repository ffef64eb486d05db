// Rewriting an opened trace: into the packed form for shipping, or back into plain columns.

import { LINE_BYTES } from "../machine/index.ts";
import { sinkFor } from "./import-trace.ts";
import { type Form, TOOL, type TraceMetadata } from "./metadata.ts";
import { type OnProgress, watched } from "./progress.ts";
import { badOption } from "./refusal.ts";
import type { ByteSink } from "./sink.ts";
import type { MarkedSource, Marker } from "./trace.ts";

export interface PackOptions {
  /** Default "packed". */
  readonly form?: Form;
  /** "requester": each requester by itself, as closed timing reads them; the packed form only. Default "time". */
  readonly order?: "time" | "requester";
  /** For outputs whose name ends in .gz (1 to 9) or .br (0 to 11). */
  readonly quality?: number;
  /** Named points, besides those that the trace has: by its own rows, before accesses are split. */
  readonly markers?: readonly Marker[];
  readonly onProgress?: OnProgress;
}

/** Writes the trace in the given form. Packing splits accesses at line borders; otherwise nothing that replay uses changes. */
export async function packTrace(
  source: MarkedSource,
  output: string | ByteSink,
  options: PackOptions = {},
): Promise<void> {
  const known = source.metadata;
  const form = options.form ?? "packed";
  if (options.order === "requester" && form !== "packed")
    throw badOption("rows requester by requester are for the packed form only");
  const markers = checkedMarkers(source, [...(source.markers ?? []), ...(options.markers ?? [])]);
  const metadata: TraceMetadata = {
    form,
    addressRule: source.addressRule,
    addressSeed: known?.addressSeed ?? 0,
    pageBytes: source.pageBytes,
    spaces: source.spaces,
    timeRule: known?.timeRule ?? { rule: "recorded" },
    sources: known?.sources ?? [{ name: source.name, bytes: 0, sha256: source.hash }],
    tool: TOOL,
    requesters: source.requesters,
    markers: form === "packed" && markers.length > 0 ? await splitMarkers(source, markers) : markers,
    ...(options.order === "requester" ? { order: "requester" as const } : {}),
    ...(known?.sampled ? { sampled: true } : {}),
  };
  const { writeTrace } = await import("./arrow-write.ts");
  await writeTrace(metadata, watched(source, options.onProgress), await sinkFor(output, options.quality));
}

function checkedMarkers(source: MarkedSource, markers: readonly Marker[]): readonly Marker[] {
  for (const [i, { name, record }] of markers.entries()) {
    if (markers.findIndex((other) => other.name === name) < i) throw badOption(`there are two markers ${name}`);
    if (!(Number.isInteger(record) && record >= 0 && record <= source.records))
      throw badOption(`marker ${name} stands at record ${record}; ${source.name} has ${source.records}`);
  }
  return markers;
}

/** Where markers stand once every access is one row per line. */
async function splitMarkers(source: MarkedSource, markers: readonly Marker[]): Promise<readonly Marker[]> {
  const wanted = new Map<number, number>(markers.map(({ record }) => [record, 0]));
  let row = 0;
  let out = 0;
  for await (const { rows, address, bytes } of source.batches()) {
    for (let i = 0; i < rows; i++, row++) {
      if (wanted.has(row)) wanted.set(row, out);
      const at = address[i] as number;
      const last = at + Math.max(1, bytes[i] as number) - 1;
      out += Math.floor(last / LINE_BYTES) - Math.floor(at / LINE_BYTES) + 1;
    }
  }
  if (wanted.has(row)) wanted.set(row, out);
  return markers.map(({ name, record }) => ({ name, record: wanted.get(record) as number }));
}
