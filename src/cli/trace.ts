// mpam trace: importing recordings, and what is in a trace.

import type { Command } from "commander";
import {
  type ImportOptions,
  importTrace,
  type MarkedSource,
  type Marker,
  openTrace,
  openTraces,
  packTrace,
  type TraceInfo,
  traceInfo,
} from "../trace/index.ts";
import { readCount } from "../written/index.ts";
import { UsageError } from "./failure.ts";
import { count, size, table, time } from "./output.ts";

interface ImportFlags {
  output: string;
  form?: string;
  addresses?: string;
  pageBytes?: string;
  nsPerInstruction?: string;
  nsPerAccess?: string;
  fetches?: string;
  skip?: string;
  take?: string;
  json?: boolean;
}

/** Answers the command, for those that add to it. */
export function addTrace(program: Command): Command {
  const trace = program.command("trace").description("import recordings, look into traces");
  trace
    .command("import")
    .description("make one trace of recordings: Valgrind lackey text, drmemtrace zip or gz, a directory of them")
    .argument("<recordings...>")
    .requiredOption("-o, --output <file>", "trace to write; .gz or .br compresses")
    .option("--form <form>", "columns (what any tool reads) or packed (small)")
    .option("--addresses <rule>", "dense (pages numbered by first touch) or identity")
    .option("--page-bytes <n>", "page size of the address rule: 4096, 16384, 65536 or 2097152")
    .option("--ns-per-instruction <n>", "model time of an instruction")
    .option("--ns-per-access <n>", "model time of an access, where no fetches are recorded")
    .option("--fetches <how>", "keep, or drop (they still make time pass)")
    .option("--skip <n>", "reads and writes to leave out at the start")
    .option("--take <n>", "reads and writes to take")
    .option("--json", "one JSON object instead of text")
    .action(async (recordings: string[], flags: ImportFlags) => {
      const options = given<ImportOptions>({
        form: choice("form", flags.form, ["columns", "packed"]),
        addresses: choice("addresses", flags.addresses, ["dense", "identity"]),
        fetches: choice("fetches", flags.fetches, ["keep", "drop"]),
        pageBytes: number("page-bytes", flags.pageBytes),
        nsPerInstruction: number("ns-per-instruction", flags.nsPerInstruction),
        nsPerAccess: number("ns-per-access", flags.nsPerAccess),
        skip: number("skip", flags.skip),
        take: number("take", flags.take),
      });
      const report = await importTrace(recordings, flags.output, options);
      const info = await traceInfo(await openTrace(flags.output));
      print(flags.json, { ...info, skipped: report.skipped }, describe(info));
    });
  trace
    .command("info")
    .description("count what is in a trace")
    .argument("<trace>")
    .option("--json", "one JSON object instead of text")
    .action(async (path: string, flags: { json?: boolean }) => {
      const info = await traceInfo(await opened(path));
      print(flags.json, info, describe(info));
    });
  trace
    .command("pack")
    .description("write a trace in its smallest form; .gz or .br compresses further")
    .argument("<trace>")
    .argument("<output>")
    .option("--form <form>", "packed (the default) or columns")
    .option("--marker <NAME=RECORD>", "name a point of the trace", (one, all: string[]) => [...all, one], [])
    .option("--json", "one JSON object instead of text")
    .action(async (path: string, output: string, flags: { json?: boolean; form?: string; marker: string[] }) => {
      const form = choice("form", flags.form, ["packed", "columns"]) ?? "packed";
      await packTrace(await opened(path), output, { form, markers: flags.marker.map(markerOf) });
      const info = await traceInfo(await openTrace(output));
      print(flags.json, info, describe(info));
    });
  return trace;
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

export function print(json: boolean | undefined, object: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(object)}\n` : `${text}\n`);
}

/** Options that were given; the others keep their defaults. */
export function given<T extends object>(options: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

export function choice<const T extends string>(
  name: string,
  text: string | undefined,
  allowed: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new UsageError(`${name} '${text}': ${allowed.join(" or ")} is allowed`);
  return found;
}

export function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new UsageError(`${name} '${text}': a number is needed`);
  return value;
}

export function describe(info: TraceInfo): string {
  const rows = [...info.threads.map((one) => ({ name: String(one.tid), ...one })), { name: "all", ...info.total }];
  const counts = table(
    ["tid", "records", "reads", "bytes read", "writes", "bytes written", "instructions", "data lines"],
    (info.threads.length > 1 ? rows : rows.slice(0, 1)).map((one) => [
      one.name,
      ...[one.records, one.reads, one.bytesRead, one.writes, one.bytesWritten, one.instructions, one.dataLines].map(
        (n) => count(n),
      ),
    ]),
  );
  const pages = `${count(info.pages)} pages of ${size(info.pageBytes)}`;
  const made = info.sources.map((one) => [
    one.name,
    size(one.bytes),
    one.records === undefined ? "" : count(one.records),
  ]);
  const sources = made.length > 0 ? `\n\n${table(["made of", "size", "records or lines in it"], made)}` : "";
  return `${info.name}: ${count(info.records)} records, ${time(info.endNs)}, ${info.addressRule} addresses, ${pages}\n\n${counts}${sources}`;
}
