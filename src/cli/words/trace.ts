// The words of mpam trace.

import type { Command } from "commander";
import type { FormatName } from "../../trace/index.ts";
import { collect, JSON_OPTION } from "./shared.ts";

/** What --format takes. The importers have the list too, but would have to be loaded for it; the compiler compares. */
const FORMATS: { readonly [name in FormatName]: true } = {
  lackey: true,
  drmemtrace: true,
  din: true,
  ramulator: true,
  simpleo3: true,
  champsim: true,
  cloudsuite: true,
  gem5: true,
  oracleGeneral: true,
  perf: true,
  csv: true,
};

export function addTrace(mpam: Command): void {
  const trace = mpam.command("trace").description("import recordings, look into traces");
  addImport(trace);
  addLooks(trace);
  addPack(trace);
  addRecord(trace);
}

function addImport(trace: Command): void {
  const formats = Object.keys(FORMATS).join(", ");
  trace
    .command("import")
    .description("make one trace of recordings of other tools; packed by gzip, zip, zstd, lz4 or xz they are read too")
    .argument("<recordings...>")
    .requiredOption("-o, --output <file>", "trace to write; .gz or .br compresses")
    .option("--format <name>", `of the recordings, where they do not tell: ${formats}`)
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
    .option(...JSON_OPTION)
    .action(async (recordings, options) => (await import("../trace.ts")).importRecordings(recordings, options));
}

function addLooks(trace: Command): void {
  trace
    .command("info")
    .description("say what a trace is and count what is in it")
    .argument("<trace>")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../trace.ts")).showInfo(path, options));
  trace
    .command("head")
    .description("show the first rows of a trace")
    .argument("<trace>")
    .option("-n, --rows <n>", "how many", "10")
    .option("--from <row>", "the row to begin with", "0")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../trace.ts")).showHead(path, options));
}

function addPack(trace: Command): void {
  trace
    .command("pack")
    .description("write a trace in its smallest form; .gz or .br compresses further")
    .argument("<trace>")
    .argument("<output>")
    .option("--form <form>", "packed (the default) or columns")
    .option("--by-requester", "each requester by itself: what closed timing replays in little memory")
    .option("--marker <NAME=RECORD>", "name a point of the trace", collect, [])
    .option(...JSON_OPTION)
    .action(async (path, output, options) => (await import("../trace.ts")).pack(path, output, options));
}

function addRecord(trace: Command): void {
  trace
    .command("record")
    .description("run a command under Valgrind's lackey and write its accesses as a trace; -- comes before the command")
    .argument("<command...>")
    .requiredOption("-o, --output <file>", "trace to write; .gz or .br compresses")
    .option("--form <form>", "columns (what any tool reads) or packed (small)")
    .option("--fetches <how>", "keep, or drop (they still make time pass)")
    .option("--skip <n>", "reads and writes to leave out at the start")
    .option("--take <n>", "reads and writes to take; the command is ended after them")
    .option("--json", "one JSON object instead of text; what the command prints goes to standard error")
    .addHelpText("after", "\nExample:\n  mpam trace record -o sort.arrow -- sort words.txt")
    .action(async (command, options) => (await import("../record.ts")).record(command, options));
}
