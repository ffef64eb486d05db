// What a sweep leaves: sweep.json beside the results, reports where they were asked for, and words on standard output.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describeSweep, type Sweep, type SweepSuffix, sweepReport } from "../../sweep/index.ts";
import { plural } from "../../written/index.ts";
import { type ReportTarget, writeWhole } from "../report-files.ts";

/** Writes everything and says it. Throws where units have no result. */
export async function answer(
  sweep: Sweep,
  folder: string,
  targets: readonly ReportTarget<SweepSuffix>[],
  { json, quiet }: { readonly json?: boolean; readonly quiet?: boolean },
): Promise<void> {
  const text = `${JSON.stringify(sweep)}\n`;
  const whole = join(folder, "sweep.json");
  await mkdir(folder, { recursive: true });
  await writeWhole(whole, Buffer.from(text));
  const written = [whole];
  for (const { path, suffix } of targets) {
    const report = await sweepReport(sweep, suffix);
    await writeWhole(path, typeof report === "string" ? Buffer.from(report) : report);
    written.push(path);
  }
  process.stdout.write(json ? text : `${describeSweep(sweep)}\n`);
  if (!json && !quiet) for (const path of written) process.stderr.write(`wrote ${path}\n`);
  const failed = sweep.swept.filter((one) => one.failed !== undefined).length;
  const lost = sweep.swept.filter((one) => one.lost !== undefined).length;
  if (failed + lost > 0) {
    const parts = [
      ...(failed > 0 ? [`${plural(failed, "unit")} cannot be run`] : []),
      ...(lost > 0 ? [`${plural(lost, "unit has", "units have")} no result`] : []),
    ];
    throw new Error(`${parts.join(", ")}; the answer is of the others`);
  }
}
