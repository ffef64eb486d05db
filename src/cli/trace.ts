// mpam trace: importing recordings, and what is in a trace.

import type { Command } from "commander";
import {
  FORMAT_NAMES,
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

/** Answers the command, for those that add to it. */
export function addTrace(program: Command): Command {
  const trace = program.command("trace").description("import recordings, look into traces");
  trace
    .command("import")
    .description("make one trace of recordings of other tools; packed by gzip, zip, zstd, lz4 or xz they are read too")
    .argument("<recordings...>")
    .requiredOption("-o, --output <file>", "trace to write; .gz or .br compresses")
    .option("--format <name>", `of the recordings, where they do not tell: ${FORMAT_NAMES.join(", ")}`)
    .option("--columns <map>", 'of a CSV file, by number or name: "time:us=0,address=2,op=rw"')
    .option("--form <form>", "columns (what any tool reads) or packed (small)")
    .option("--addresses <rule>", "dense (pages numbered by first touch) or identity")
    .option("--page-bytes <n>", "page size of the address rule: 4096, 16384, 65536 or 2097152")
    .option(
      "--time <rule>",
      "what times are made from: instructions, accesses or recorded (default: as the format suggests)",
    )
    .option("--ns-per-instruction <n>", "model time of an instruction")
    .option("--ns-per-access <n>", "model time of an access, where times are made from accesses")
    .option("--fetches <how>", "keep, or drop (they still make time pass)")
    .option("--cpus <how>", "drop, or record: a thread on another cpu is another requester")
    .option("--skip <n>", "reads and writes to leave out at the start")
    .option("--take <n>", "reads and writes to take")
    .option("--json", "one JSON object instead of text")
    .action(async (recordings: string[], flags: ImportFlags) => {
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
    });
  trace
    .command("info")
    .description("say what a trace is and count what is in it")
    .argument("<trace>")
    .option("--json", "one JSON object instead of text")
    .action(async (path: string, flags: { json?: boolean }) => {
      const info = await traceInfo(await opened(path));
      print(flags.json, info, describeTrace(info));
    });
  trace
    .command("head")
    .description("show the first rows of a trace")
    .argument("<trace>")
    .option("-n, --rows <n>", "how many", "10")
    .option("--from <row>", "the row to begin with", "0")
    .option("--json", "one JSON object instead of text")
    .action(async (path: string, flags: { rows: string; from: string; json?: boolean }) => {
      const [most, from] = [whole("rows", flags.rows), whole("from", flags.from)];
      const rows = await headRows(await opened(path), from, most);
      print(flags.json, { rows }, describeRows(rows));
    });
  trace
    .command("pack")
    .description("write a trace in its smallest form; .gz or .br compresses further")
    .argument("<trace>")
    .argument("<output>")
    .option("--form <form>", "packed (the default) or columns")
    .option("--by-requester", "each requester by itself: what closed timing replays in little memory")
    .option("--marker <NAME=RECORD>", "name a point of the trace", (one, all: string[]) => [...all, one], [])
    .option("--json", "one JSON object instead of text")
    .action(async (path: string, output: string, flags: PackFlags) => {
      const form = choice("form", flags.form, ["packed", "columns"]) ?? "packed";
      const order = flags.byRequester ? "requester" : "time";
      await packTrace(await opened(path), output, { form, order, markers: flags.marker.map(markerOf) });
      const info = await traceInfo(await openTrace(output));
      print(flags.json, info, describeTrace(info));
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

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new UsageError(`${name} '${text}': a whole number is needed`);
  return value;
}

export function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new UsageError(`${name} '${text}': a number is needed`);
  return value;
}
