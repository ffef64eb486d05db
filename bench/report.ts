// Rows and verdicts as tables for a reader, or as one JSON object a line for a program.
import type { Counted } from "./count.ts";
import type { Verdict } from "./goals.ts";
import type { Row } from "./harness.ts";

export function rowTable(rows: readonly Row[]): string {
  const cells = rows.map((r) => [
    r.bench,
    r.case,
    r.contestant,
    `${r.rate.toFixed(r.rate < 100 ? 1 : 0)} ${r.unit}`,
    r.ratio === null ? "" : `x${r.ratio.toFixed(2)}`,
    percent(r.spread),
    r.checksum,
  ]);
  return table(["benchmark", "case", "contestant", "rate", "ratio", "spread", "checksum"], cells);
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const cells = verdicts.map((v) => [
    v.goal,
    v.case,
    targetText(v),
    v.value === null ? "absent" : v.value.toFixed(2),
    v.spread === null ? "" : percent(v.spread),
    v.met ? "met" : "not met",
  ]);
  return table(["goal", "case", "target", "value", "spread", ""], cells);
}

export function targetText({ target, atMost }: Verdict): string {
  return `${atMost ? "<=" : ">="} ${target.toFixed(2)}`;
}

/** Of one operation. */
export function countTable(counted: readonly Counted[]): string {
  const cells = counted.map((c) => [
    c.bench,
    c.case,
    c.contestant,
    c.cycles.toFixed(1),
    c.instructions.toFixed(1),
    c.branchMisses.toFixed(2),
  ]);
  return table(["benchmark", "case", "contestant", "cycles", "instructions", "wrong guesses"], cells);
}

export function jsonLines(objects: readonly object[]): string {
  return objects.map((o) => JSON.stringify(o)).join("\n");
}

export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(0)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((r) => r[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => c.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((w) => "-".repeat(w))), ...rows.map(line)].join("\n");
}
