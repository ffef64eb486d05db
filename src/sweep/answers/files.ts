// The answers as files: what a suffix stands for. Each form is loaded when it is asked for.

import type { Sweep } from "../sweep.ts";

/** Forms of the answers. */
export const SWEEP_SUFFIXES = ["html", "json", "svg", "csv", "arrow"] as const;
export type SweepSuffix = (typeof SWEEP_SUFFIXES)[number];

/** A file's content. The same sweep gives the same bytes. */
export async function sweepReport(sweep: Sweep, suffix: SweepSuffix): Promise<Uint8Array | string> {
  switch (suffix) {
    case "html":
      return (await import("./html.ts")).htmlOf(sweep);
    case "json":
      return `${JSON.stringify(sweep)}\n`;
    case "svg":
      return (await import("./svg.ts")).svgOf(sweep);
    case "csv":
      return (await import("./csv.ts")).csvOf(sweep);
    case "arrow":
      return (await import("./arrow.ts")).arrowOf(sweep);
  }
}
