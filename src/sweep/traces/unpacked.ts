// A trace with its rows where they can be read at once: what replay would unpack or convert for each unit is done once.

import { type ByteSink, type MarkedSource, type Marker, packTrace, type TraceMetadata } from "../../trace/index.ts";

type Rows = Pick<MarkedSource, "batches" | "raw" | "parts">;

/** One trace in all that is known of it, with the same rows from elsewhere. */
export class StandIn implements MarkedSource {
  readonly name: string;
  readonly hash: string;
  readonly records: number;
  readonly addressRule: MarkedSource["addressRule"];
  readonly pageBytes: number;
  readonly spaces: MarkedSource["spaces"];
  readonly requesters: MarkedSource["requesters"];
  readonly markers: readonly Marker[];
  readonly metadata: TraceMetadata | undefined;
  readonly #rows: Rows;

  constructor(trace: MarkedSource, rows: Rows) {
    this.name = trace.name;
    this.hash = trace.hash;
    this.records = trace.records;
    this.addressRule = trace.addressRule;
    this.pageBytes = trace.pageBytes;
    this.spaces = trace.spaces;
    this.requesters = trace.requesters;
    this.markers = trace.markers ?? [];
    this.metadata = trace.metadata;
    this.#rows = rows;
  }

  batches(from?: number) {
    return this.#rows.batches(from);
  }

  raw(from?: number) {
    return this.#rows.raw?.(from);
  }

  get parts() {
    return this.#rows.parts;
  }
}

/** Whether replay reads its rows where they lie, or makes them. */
export async function isInPlace(trace: MarkedSource): Promise<boolean> {
  if (trace.synthetic || trace.parts) return true;
  const rows = trace.raw?.();
  await rows?.close();
  return rows !== undefined;
}

/** In which form nothing of its rows changes: packing would split accesses at lines. */
function formOf(trace: MarkedSource): "packed" | "columns" {
  return trace.metadata?.form ?? "columns";
}

const ROW_BYTES = { packed: 11, columns: 21 } as const;

/** What `unpackInto` writes at most, bytes. */
export function unpackedBytes(trace: MarkedSource): number {
  // Besides the rows: requesters, spaces and markers as JSON in front and in the footer, and what each batch has around its columns.
  const told = 2 ** 16 + 1024 * (trace.requesters.length + trace.spaces.length + (trace.markers?.length ?? 0));
  const batches = Math.ceil(trace.records / 65536) + 1;
  return trace.records * ROW_BYTES[formOf(trace)] + batches * 2048 + told;
}

/** Writes the rows as a file of ours that is not packed. */
export function unpackInto(trace: MarkedSource, output: string | ByteSink): Promise<void> {
  return packTrace(trace, output, { form: formOf(trace) });
}
