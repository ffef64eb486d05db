// The words of mpam report.

import type { Command } from "commander";
import { example } from "./example.ts";
import { JSON_OPTION } from "./shared.ts";

const RUN = "mpam replay synth:zipf,ws=2M,n=200k synth:stream,ws=8M,n=200k -g web=trace:1 -g batch=trace:2 --report";

export function addReport(mpam: Command): void {
  const report = mpam
    .command("report")
    .summary("pages, pictures and tables of a run")
    .description("make pages, pictures and tables of a run that mpam replay --report run.json has kept")
    .argument("<run>", "the .json file")
    .option(
      "-o, --output <file>",
      "what to write: .html, .svg (a file for each picture), .csv, .arrow or .json (default: what each group did, as text)",
    )
    .option(...JSON_OPTION)
    .action(async (run, options) => (await import("../report.ts")).report(run, options));
  const diff = report
    .command("diff")
    .description("lay two runs side by side: what was configured, and what each group did")
    .argument("<a>", "a .json file of mpam replay --report")
    .argument("<b>", "another")
    .option("-o, --output <file>", "a page with the pictures of both: .html")
    .option(...JSON_OPTION)
    .action(async (a, b, options) => (await import("../report.ts")).diff(a, b, options));
  example(report, `${RUN} run.json`, "mpam report run.json -o run.html");
  example(
    diff,
    `${RUN} a.json`,
    `${RUN} b.json -d "@0 write batch/schemata L3:0=3"`,
    "mpam report diff a.json b.json -o diff.html",
  );
}
