// Traces: importing, our Arrow format, reading.
export type { ArrowTrace } from "./arrow-trace.ts";
export { type Columns, parseColumns } from "./column-map.ts";
export type { Looped } from "./compose.ts";
export { again, endOf, extentOf, looped, skipping, slice, startingAt, taking } from "./compose.ts";
export { FORMAT_NAMES, type FormatName } from "./formats.ts";
export { type ImportOptions, type ImportReport, importTrace } from "./import-trace.ts";
export { type TraceInput, UnreadableError } from "./input.ts";
export { LABEL_MAP_KEYS, METADATA_KEYS } from "./keys.ts";
export {
  checkLabelMap,
  type LabelMap,
  type LabelOutcome,
  type LabelRule,
  labelMapSchema,
  parseLabelMap,
} from "./label-map.ts";
export { type Form, metadataSchema, type SourceFile, type TimeRule, TOOL, type TraceMetadata } from "./metadata.ts";
export { type OpenOptions, openTrace } from "./open-trace.ts";
export { openTraces, openTracesBy, parseTraceArgument, renamedTrace, type TraceArgument } from "./open-traces.ts";
export { type PackOptions, packTrace } from "./pack-trace.ts";
export type { AddressRule } from "./pages.ts";
export { type Cut, cutAll, parsePosition, rowAt } from "./positions.ts";
export type { OnProgress } from "./progress.ts";
export { regionOf } from "./region.ts";
export { type ByteSink, MemorySink } from "./sink.ts";
export { synthTrace } from "./synth.ts";
export type { MarkedSource, Marker, Position, Trace } from "./trace.ts";
export { type AccessCounts, type TraceInfo, traceInfo } from "./trace-info.ts";
export { type Unwrapped, unwrapped } from "./unwrapped.ts";
