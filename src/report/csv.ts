// Rows of a run as CSV.

import { csvFile } from "./csv-file.ts";
import { rowsOf } from "./rows.ts";
import type { Run } from "./run.ts";

const HEAD = ["from_ns", "to_ns", "group", "place", "measure", "value", "unit"];

export function csvOf(run: Run): string {
  const rows = [...rowsOf(run)];
  return csvFile(
    HEAD,
    rows.map(({ from, to, group, place, measure, value, unit }) => [from, to, group, place, measure, value, unit]),
  );
}
