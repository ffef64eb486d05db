// Stands in until the files of reports are there.
import type { Sweep } from "../sweep.ts";
export const SWEEP_SUFFIXES = ["html", "svg", "csv", "arrow", "json"] as const;
export type SweepSuffix = (typeof SWEEP_SUFFIXES)[number];
export async function sweepReport(sweep: Sweep, _suffix: SweepSuffix): Promise<string | Uint8Array> {
  return JSON.stringify(sweep);
}
