// The words of mpam report.

import type { Command } from "commander";
import { JSON_OPTION } from "./shared.ts";

export function addReport(mpam: Command): void {
  const report = mpam
    .command("report")
    .description("make pages, pictures and tables of a run that mpam replay --report run.json has kept")
    .argument("<run>", "the .json file")
    .option("-o, --output <file>", "what to write: .html, .svg (a file for each picture), .csv, .arrow or .json")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      `
Without -o it prints what each group did.

Example:
  mpam replay synth:zipf,ws=2M,n=200k synth:stream,ws=8M,n=200k -g web=trace:1 -g batch=trace:2 --report /tmp/run.json
  mpam report /tmp/run.json -o /tmp/run.html
  mpam report diff /tmp/run.json /tmp/run.json`,
    )
    .action(async (run, options) => (await import("../report.ts")).report(run, options));
  report
    .command("diff")
    .description("lay two runs side by side: what was configured, and what each group did")
    .argument("<a>", "a .json file of mpam replay --report")
    .argument("<b>", "another")
    .option("-o, --output <file>", "a page with the pictures of both: .html")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      `
Example:
  mpam replay synth:zipf,ws=2M,n=200k synth:stream,ws=8M,n=200k -g web=trace:1 -g batch=trace:2 --report /tmp/a.json
  mpam replay synth:zipf,ws=2M,n=200k synth:stream,ws=8M,n=200k -g web=trace:1 -g batch=trace:2 -d "@0 write batch/schemata L3:0=3" --report /tmp/b.json
  mpam report diff /tmp/a.json /tmp/b.json -o /tmp/diff.html`,
    )
    .action(async (a, b, options) => (await import("../report.ts")).diff(a, b, options));
}
