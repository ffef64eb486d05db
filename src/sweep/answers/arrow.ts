// Results in long form as an Arrow file: numbers are doubles, words are dictionaries, and what is not there is null.

import { type ArrowColumn, arrowOfColumns } from "../../report/index.ts";
import { SWEEP_FORMAT, SWEEP_VERSION, type Sweep } from "../sweep.ts";
import { columnsOf, type SweepColumn } from "./rows.ts";

export function arrowOf(sweep: Sweep): Promise<Uint8Array> {
  return arrowOfColumns(
    new Map(columnsOf(sweep).map((column) => [column.name, arrowColumn(column)])),
    new Map([
      ["format", SWEEP_FORMAT],
      ["version", String(SWEEP_VERSION)],
      ["title", sweep.title],
      ["timing", sweep.timing],
      ["tool", sweep.tool],
    ]),
  );
}

function arrowColumn({ kind, values }: SweepColumn): ArrowColumn {
  if (kind === "numbers") return { numbers: values.map((value) => (typeof value === "number" ? value : null)) };
  return { words: values.map((value) => (typeof value === "string" ? value : null)) };
}
