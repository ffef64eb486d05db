// mpam trace: importing recordings, and what is in a trace.

import {
  type ImportOptions,
  importTrace,
  type MarkedSource,
  type Marker,
  type OnProgress,
  openTrace,
  openTraces,
  packTrace,
  parseColumns,
  type TraceInfo,
  traceInfo,
} from "../trace/index.ts";
import { choice, given, number, readCount, UsageError, whole } from "../written/index.ts";
import { describeRows, describeTrace, headRows } from "./describe-trace.ts";
import { ProgressLine, type ProgressUnit, print } from "./output.ts";

interface ImportFlags {
  output: string;
  format?: string;
  columns?: string;
  form?: string;
  addresses?: string;
  time?: string;
  cpus?: string;
  pageBytes?: string;
  nsPerInstruction?: string;
  nsPerAccess?: string;
  fetches?: string;
  skip?: string;
  take?: string;
  quiet?: boolean;
  json?: boolean;
}

interface PackFlags {
  quiet?: boolean;
  json?: boolean;
  form?: string;
  byRequester?: boolean;
  marker: string[];
}

export async function importRecordings(recordings: string[], flags: ImportFlags): Promise<void> {
  const options = given<ImportOptions>({
    format: flags.format as ImportOptions["format"],
    columns: flags.columns === undefined ? undefined : parseColumns(flags.columns),
    form: choice("form", flags.form, ["columns", "packed"]),
    addresses: choice("addresses", flags.addresses, ["dense", "identity"]),
    fetches: choice("fetches", flags.fetches, ["keep", "drop"]),
    time: choice("time", flags.time, ["instructions", "accesses", "recorded"]),
    cpus: choice("cpus", flags.cpus, ["drop", "record"]),
    pageBytes: number("page-bytes", flags.pageBytes),
    nsPerInstruction: number("ns-per-instruction", flags.nsPerInstruction),
    nsPerAccess: number("ns-per-access", flags.nsPerAccess),
    skip: number("skip", flags.skip),
    take: number("take", flags.take),
  });
  const report = await showing(flags, "importing", "bytes", (onProgress) =>
    importTrace(recordings, flags.output, { ...options, onProgress }),
  );
  const info = await counted(await openTrace(flags.output), flags);
  print(flags.json, { ...info, skipped: report.skipped }, describeTrace(info));
}

export async function showInfo(path: string, flags: { quiet?: boolean; json?: boolean }): Promise<void> {
  const info = await counted(await opened(path), flags);
  print(flags.json, info, describeTrace(info));
}

export async function showHead(path: string, flags: { rows: string; from: string; json?: boolean }): Promise<void> {
  const [most, from] = [whole("rows", flags.rows), whole("from", flags.from)];
  const rows = await headRows(await opened(path), from, most);
  print(flags.json, { rows }, describeRows(rows));
}

export async function pack(path: string, output: string, flags: PackFlags): Promise<void> {
  const form = choice("form", flags.form, ["packed", "columns"]) ?? "packed";
  const order = flags.byRequester ? "requester" : "time";
  const [source, markers] = [await opened(path), flags.marker.map(markerOf)];
  await showing(flags, "packing", "records", (onProgress) =>
    packTrace(source, output, { form, order, markers, onProgress }),
  );
  const info = await counted(await openTrace(output), flags);
  print(flags.json, info, describeTrace(info));
}

function counted(source: MarkedSource, flags: ProgressFlags): Promise<TraceInfo> {
  return showing(flags, "counting", "records", (onProgress) => traceInfo(source, onProgress));
}

interface ProgressFlags {
  quiet?: boolean;
  json?: boolean;
}

/** With a line of progress, unless that is not wanted. */
async function showing<T>(
  { quiet, json }: ProgressFlags,
  what: string,
  unit: ProgressUnit,
  step: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  const progress = new ProgressLine(!quiet && !json);
  return step((done, total) => progress.show(done, total, what, unit)).finally(() => progress.end());
}

async function opened(name: string): Promise<MarkedSource> {
  return (await openTraces([name]))[0] as MarkedSource;
}

function markerOf(text: string): Marker {
  const [, name = "", record = ""] = /^(.+)=(.+)$/.exec(text) ?? [];
  const number = readCount(record);
  if (name === "" || number === undefined)
    throw new UsageError(`marker '${text}': NAME=RECORD is needed, as in warm=5M`);
  return { name, record: number };
}
