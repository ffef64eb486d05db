// A run as files: what a suffix stands for. Each form is loaded when it is asked for.

import type { ArrowColumn } from "./arrow-file.ts";
import type { Run } from "./run.ts";

/** A file that a run became. */
export interface ReportFile {
  /** What follows the name that was asked for, before the suffix: "" or "-occupancy-l3". */
  readonly part: string;
  /** Its content. */
  readonly bytes: Uint8Array;
}

/** Forms of a report. */
export const REPORT_SUFFIXES = ["html", "json", "svg", "csv", "arrow"] as const;
/** One of them. */
export type ReportSuffix = (typeof REPORT_SUFFIXES)[number];

/** What a run becomes: one file, or with "svg" one for each picture. */
export async function filesOf(run: Run, suffix: ReportSuffix): Promise<ReportFile[]> {
  const text = (one: string): ReportFile[] => [{ part: "", bytes: new TextEncoder().encode(one) }];
  switch (suffix) {
    case "json":
      return text(`${JSON.stringify(run)}\n`);
    case "html":
      return text((await import("./html.ts")).htmlOf(run));
    case "csv":
      return text((await import("./csv.ts")).csvOf(run));
    case "svg": {
      const { svgsOf } = await import("./svg.ts");
      return svgsOf(run).map(({ id, text: svg }) => ({ part: `-${id}`, bytes: new TextEncoder().encode(svg) }));
    }
    case "arrow":
      return [{ part: "", bytes: (await import("./arrow.ts")).arrowOf(run) }];
  }
}

/** Two runs as one page. */
export async function diffHtml(a: Run, b: Run, names: { readonly a: string; readonly b: string }): Promise<string> {
  return (await import("./diff-html.ts")).diffHtmlOf(a, b, names);
}

/** Columns as an Arrow file. */
export async function arrowOfColumns(
  columns: ReadonlyMap<string, ArrowColumn>,
  metadata: ReadonlyMap<string, string>,
): Promise<Uint8Array> {
  return (await import("./arrow-file.ts")).arrowFile(columns, metadata);
}
