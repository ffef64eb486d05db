// mpam trace: importing recordings, and what is in a trace.

import {
  type ImportOptions,
  importTrace,
  type MarkedSource,
  type Marker,
  openTrace,
  openTraces,
  packTrace,
  parseColumns,
  traceInfo,
} from "../trace/index.ts";
import { readCount } from "../written/index.ts";
import { describeRows, describeTrace, headRows } from "./describe-trace.ts";
import { UsageError } from "./failure.ts";
import { choice, given, number, whole } from "./options.ts";
import { print } from "./output.ts";

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
  json?: boolean;
}

interface PackFlags {
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
  const report = await importTrace(recordings, flags.output, options);
  const info = await traceInfo(await openTrace(flags.output));
  print(flags.json, { ...info, skipped: report.skipped }, describeTrace(info));
}

export async function showInfo(path: string, flags: { json?: boolean }): Promise<void> {
  const info = await traceInfo(await opened(path));
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
  await packTrace(await opened(path), output, { form, order, markers: flags.marker.map(markerOf) });
  const info = await traceInfo(await openTrace(output));
  print(flags.json, info, describeTrace(info));
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
