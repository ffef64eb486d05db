// Rewriting an opened trace: into the packed form for shipping, or back into plain columns.
import type { TraceSource } from "../machine/index.ts";
import { ArrowTrace } from "./arrow-trace.ts";
import { writeTrace } from "./arrow-write.ts";
import { sinkFor } from "./import-trace.ts";
import { type Form, TOOL, type TraceMetadata } from "./metadata.ts";
import type { ByteSink } from "./sink.ts";

export interface PackOptions {
  /** Default "packed". */
  readonly form?: Form;
  /** For outputs whose name ends in .gz (1 to 9) or .br (0 to 11). */
  readonly quality?: number;
}

/** Writes the trace in the given form. Packing splits accesses at line borders; otherwise nothing that replay uses changes. */
export async function packTrace(
  source: TraceSource,
  output: string | ByteSink,
  options: PackOptions = {},
): Promise<void> {
  const known = source instanceof ArrowTrace ? source.metadata : undefined;
  const metadata: TraceMetadata = {
    form: options.form ?? "packed",
    addressRule: source.addressRule,
    addressSeed: known?.addressSeed ?? 0,
    pageBytes: source.pageBytes,
    spaces: source.spaces,
    timeRule: known?.timeRule ?? { rule: "recorded" },
    sources: known?.sources ?? [{ name: source.name, bytes: 0, sha256: source.hash }],
    tool: TOOL,
    requesters: source.requesters,
    ...(known?.sampled ? { sampled: true } : {}),
  };
  await writeTrace(metadata, source.batches(), await sinkFor(output, options.quality));
}
