// The words of mpam: its commands, their arguments and options. What carries a command out is loaded when it is given.

import { Command } from "commander";
import type { FormatName } from "../trace/index.ts";
import { addMount, addRun } from "./mount-commands.ts";

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

const LOG_REGISTERS = [
  "--log-registers <FILTER>",
  "print register accesses on standard error: names with * and ?, REG.FIELD, msc:N, space:S, read, write, with commas between",
] as const;

const COMPAT = [
  "--compat <kernel>",
  "linux-7.3: keep what that kernel does that is surprising (docs/modelled.md)",
] as const;

const KERNEL_MODE = [
  "--kernel-mode <policy>",
  "under whose label the kernel works: inherit (its task's, default), default (the default group's), group:GROUP, per-group:GROUP=GROUP,...",
] as const;
const COMMAND_LINE = [
  "--command-line <words>",
  "of the kernel: arm64.nompam, or id_aa64pfr0.mpam=0 id_aa64pfr1.mpam_frac=0, keeps it from using MPAM (docs/processor.md)",
] as const;

const SMMUS = ["--smmus", "keep to the PARTIDs and PMGs that SMMUs have; Linux asks the cpus and MSCs alone"] as const;

const JSON_OPTION = ["--json", "one JSON object instead of text"] as const;

export function program(version: string): Command {
  const mpam = new Command("mpam")
    .description("an Arm MPAM machine without the silicon")
    .version(version)
    .showHelpAfterError("(mpam --help lists what there is)")
    .enablePositionalOptions()
    .exitOverride();
  addDemo(mpam);
  addReplay(mpam);
  addMount(mpam);
  addRun(mpam);
  addExplain(mpam);
  addProbe(mpam);
  addDt(mpam);
  const trace = mpam.command("trace").description("import recordings, look into traces");
  addImport(trace);
  addLooks(trace);
  addPack(trace);
  addRecord(trace);
  addAcpi(mpam);
  return mpam;
}

function addDemo(mpam: Command): void {
  mpam
    .command("demo")
    .description("two recorded programs share a cache until a schemata line ends it (npm start)")
    .option("-q, --quiet", "no progress")
    .option(...JSON_OPTION)
    .action(async (options) => (await import("./demo.ts")).demo(options));
}

const collect = (value: string, all: string[]) => [...all, value];

function addReplay(mpam: Command): void {
  mpam
    .command("replay")
    .description("replay traces together and print what each group did")
    .argument(
      "<traces...>",
      "Arrow files (mpam trace import makes them) or synth:PATTERN,...; options follow an @: a.arrow@start=2ms,loop=3",
    )
    .option("-p, --platform <file>", "platform file (default: the bundled one-socket)")
    .option(
      "-g, --group <NAME=RULE>",
      "put threads into a group: web=trace:1, web=tid:7, web=pid:7, web=comm:sort",
      collect,
      [],
    )
    .option(
      "--guest <NAME=RULE,...>",
      "threads that run in a guest: vm=trace:2; its PARTIDs lead to groups: vm=trace:2,groups=a+b (docs/guests.md)",
      collect,
      [],
    )
    .option(
      "--guest-partid <NAME:N=RULE>",
      "threads that a guest's kernel gives its own PARTID N: vm:1=comm:sort",
      collect,
      [],
    )
    .option("-l, --labels <file>", "a label map: who has which label or group (docs/replay.md)")
    .option("-d, --do <LINE>", 'what happens at a model time: "@50% write web/schemata L3:0=3"', collect, [])
    .option("-s, --script <file>", "a file of such lines (docs/scripts.md)")
    .option("--seed <n>", "permute the pages of every address space")
    .option("--warmup <point>", "count from there on: a time, a share of the run such as 10%, a number of records")
    .option("--roi <from..to>", "replay from one point to another: times, numbers of records or markers")
    .option(
      "--timing <how>",
      "open (default: limits delay nobody) or closed (who waits issues later; latencies are shown)",
    )
    .option("--statistics <what>", "counts (default) or full: why lines were lost, which takes longer")
    .option(
      "--workers <n>",
      "threads that replay together, 1 (default) to 8, to the same end; closed timing runs on one",
    )
    .option(...KERNEL_MODE)
    .option("--proposed <name>", "kernel-mode: files of resctrl with which a script can change that (docs/resctrl.md)")
    .option("--by-el", "show programs (EL0) and the kernel (EL1) apart")
    .option("--sample <time>", "show bandwidth beside its limits every so much model time, as in 100us")
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...LOG_REGISTERS)
    .option("-q, --quiet", "no progress")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      '\nExample:\n  mpam replay a.arrow b.arrow -g web=trace:1 -g batch=trace:2 -d "@50% write batch/schemata L3:0=3"',
    )
    .action(async (traces, options) => (await import("./replay.ts")).replay(traces, options));
}

function addExplain(mpam: Command): void {
  const explain = mpam
    .command("explain")
    .description("say for every class what resctrl makes of it, or which rule refused it and what would change that")
    .argument("[platform]", "platform file (default: the bundled one-socket)")
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("./explain.ts")).explain(platform, options));
  explain
    .command("labels")
    .description("say step by step how the label of a cpu's requests comes about, from resctrl to registers to MSCs")
    .argument("[platform]", "platform file (default: the bundled one-socket)")
    .requiredOption("--cpu <n>", "which cpu")
    .requiredOption("--el <n>", "exception level of the request: 0 to 3")
    .option("--kind <kind>", "data, fetch, streaming or nv2 (default: data and fetch)")
    .option("-g, --group <path>", "the thread that runs is in this group (default: the default group)")
    .option("-d, --do <LINE>", 'what happens before: "@0 mkdir web"', collect, [])
    .option("-s, --script <file>", "a file of such lines (docs/scripts.md)")
    .option("--set <REGISTER=VALUE>", "write a system register, or a field as in MPAM2_EL2.PARTID_D=3", collect, [])
    .option(...KERNEL_MODE)
    .option("--command-line <text>", "what the kernel is booted with, such as arm64.nompam")
    .option(...SMMUS)
    .option(...COMPAT)
    .option(...JSON_OPTION)
    .addHelpText("after", '\nExample:\n  mpam explain labels --cpu 3 --el 0 -d "@0 mkdir web" -g web')
    .action(async (platform, options) => (await import("./explain-labels.ts")).explainLabels(platform, options));
}

function addProbe(mpam: Command): void {
  mpam
    .command("probe")
    .description("boot the driver on a platform and print what it finds")
    .argument("[platform]", "platform file (default: the bundled one-socket)")
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...LOG_REGISTERS)
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("./probe.ts")).probe(platform, options));
}

function addDt(mpam: Command): void {
  const dt = mpam
    .command("dt")
    .description("device trees: write one for a platform, look into one, check it, make a platform of it");
  dt.command("build")
    .description("write the device tree of a platform that has firmware: dt or android")
    .argument("<platform>", "platform file")
    .requiredOption("-o, --output <file>", "blob (dtb) to write")
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("./dt.ts")).buildTree(platform, options));
  dt.command("dump")
    .description("show a device tree as source text (dts)")
    .argument("<dtb>")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("./dt.ts")).dumpTree(path, options));
  dt.command("check")
    .description(
      "say what software cannot use, and what the binding wants otherwise; ends with 1 when there are errors",
    )
    .argument("<dtb>")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("./dt.ts")).checkTree(path, options));
  dt.command("platform")
    .description("make a platform file of a device tree, and say what in it is a guess")
    .argument("<dtb>")
    .option("-o, --output <file>", "platform file to write (default: standard output)")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("./dt.ts")).platformOfTree(path, options));
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
    .action(async (recordings, options) => (await import("./trace.ts")).importRecordings(recordings, options));
}

function addLooks(trace: Command): void {
  trace
    .command("info")
    .description("say what a trace is and count what is in it")
    .argument("<trace>")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("./trace.ts")).showInfo(path, options));
  trace
    .command("head")
    .description("show the first rows of a trace")
    .argument("<trace>")
    .option("-n, --rows <n>", "how many", "10")
    .option("--from <row>", "the row to begin with", "0")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("./trace.ts")).showHead(path, options));
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
    .action(async (path, output, options) => (await import("./trace.ts")).pack(path, output, options));
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
    .action(async (command, options) => (await import("./record.ts")).record(command, options));
}

function addAcpi(mpam: Command): void {
  const acpi = mpam.command("acpi").description("ACPI tables: make them from a platform, look into them, check them");
  const tables = "files of one or several tables, or folders of them";
  acpi
    .command("build")
    .description("write the tables that describe a platform: MADT, PPTT, SRAT, HMAT, MPAM, PCCT")
    .argument("<platform>", "platform file")
    .requiredOption("-o, --output <folder>", "where to; one file for each table, mpam.dat and so forth")
    .option(...JSON_OPTION)
    .addHelpText("after", "\nExample:\n  mpam acpi build platforms/two-sockets.yaml -o tables")
    .action(async (platform, options) => (await import("./acpi.ts")).build(platform, options));
  acpi
    .command("dump")
    .description("show every field of tables with its offset")
    .argument("<tables...>", tables)
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("./acpi.ts")).dump(files, options));
  acpi
    .command("check")
    .description("say what is wrong or doubtful in tables; ends with 1 when there are errors")
    .argument("<tables...>", tables)
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("./acpi.ts")).check(files, options));
  acpi
    .command("platform")
    .description("make a platform file of tables, and say what in it is a guess")
    .argument("<tables...>", tables)
    .option("-o, --output <file>", "platform file to write (default: standard output)")
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("./acpi.ts")).platform(files, options));
}
