// The words of mpam trace.

import type { Command } from "commander";
import { example } from "./example.ts";
import { FORMATS } from "./formats.ts";
import { collect, FETCHES, FORM, JSON_OPTION, QUIET, SKIP, TAKE, TRACE_OUTPUT } from "./shared.ts";

export function addTrace(mpam: Command): void {
  const trace = mpam
    .command("trace")
    .summary("import, record, pack and look into traces")
    .description("import recordings, look into traces");
  example(trace, "mpam trace info examples/traces/polite.arrow.br");
  addImport(trace);
  addLooks(trace);
  addPack(trace);
  addRecord(trace);
}

function addImport(trace: Command): void {
  const command = trace
    .command("import")
    .description("make one trace of recordings of other tools; packed by gzip, zip, zstd, lz4 or xz they are read too")
    .argument("<recordings...>")
    .requiredOption(...TRACE_OUTPUT)
    .option("--format <name>", `of the recordings, where they do not tell: ${FORMATS.join(", ")}`)
    .option("--columns <map>", 'of a CSV file, by number or name: "time:us=0,address=2,op=rw"')
    .option(...FORM)
    .option("--addresses <rule>", "dense (pages numbered by first touch) or identity")
    .option("--page-bytes <n>", "page size of the address rule: 4096, 16384, 65536 or 2097152")
    .option(
      "--time <rule>",
      "what times are made from: instructions, accesses or recorded (default: as the format suggests)",
    )
    .option("--ns-per-instruction <n>", "model time of an instruction")
    .option("--ns-per-access <n>", "model time of an access, where times are made from accesses")
    .option(...FETCHES)
    .option("--cpus <how>", "drop, or record: a thread on another cpu is another requester")
    .option(...SKIP)
    .option(...TAKE)
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (recordings, options) => (await import("../trace.ts")).importRecordings(recordings, options));
  example(command, "mpam trace import examples/traces/threadsig -o threadsig.arrow");
}

function addLooks(trace: Command): void {
  const info = trace
    .command("info")
    .description("say what a trace is and count what is in it")
    .argument("<trace>")
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../trace.ts")).showInfo(path, options));
  const head = trace
    .command("head")
    .description("show the first rows of a trace")
    .argument("<trace>")
    .option("-n, --rows <n>", "how many", "10")
    .option("--from <row>", "the row to begin with", "0")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../trace.ts")).showHead(path, options));
  example(info, "mpam trace info examples/traces/polite.arrow.br");
  example(head, "mpam trace head examples/traces/polite.arrow.br -n 5");
}

function addPack(trace: Command): void {
  const command = trace
    .command("pack")
    .description("write a trace in its smallest form; .gz or .br compresses further")
    .argument("<trace>")
    .argument("<output>")
    .option("--form <form>", "packed (the default) or columns")
    .option("--by-requester", "each requester by itself: what closed timing replays in little memory")
    .option("--marker <NAME=RECORD>", "name a point of the trace", collect, [])
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (path, output, options) => (await import("../trace.ts")).pack(path, output, options));
  example(command, "mpam trace pack examples/traces/polite.arrow.br polite.arrow --by-requester");
}

function addRecord(trace: Command): void {
  const command = trace
    .command("record")
    .description("run a command under Valgrind's lackey and write its accesses as a trace; -- comes before the command")
    .argument("<command...>")
    .requiredOption(...TRACE_OUTPUT)
    .option(...FORM)
    .option(...FETCHES)
    .option(...SKIP)
    .option("--take <n>", "reads and writes to take; the command is ended after them")
    .option("--json", "one JSON object instead of text; what the command prints goes to standard error")
    .action(async (words, options) => (await import("../record.ts")).record(words, options));
  example(command, "mpam trace record -o sort.arrow -- sort package.json");
}
