// Results in long form as CSV.

import { csvFile } from "../../report/index.ts";
import type { Sweep } from "../sweep.ts";
import { columnsOf } from "./rows.ts";

export function csvOf(sweep: Sweep): string {
  const columns = columnsOf(sweep);
  const rows = (columns[0]?.values ?? []).map((_, at) => columns.map(({ values }) => values[at] ?? null));
  return csvFile(
    columns.map(({ name }) => name),
    rows,
  );
}
