// The tables of docs/reports.md: keys of a run file from its schema and their words, and what rows of CSV and Arrow measure.

import { MEASURES, RUN_KEYS } from "../../report/index.ts";
import { runJsonSchema } from "./json-schemas.ts";
import { table } from "./markdown.ts";
import { objectTable } from "./object-table.ts";

export function runTable(name: string): string {
  if (name === "keys") return objectTable(runJsonSchema(), RUN_KEYS, "src/report/run-keys.ts");
  if (name !== "measures") throw new Error(`docs/reports.md: there is no table ${name}`);
  const rows = Object.entries(MEASURES).map(([measure, { unit, place, meaning }]) => [
    `\`${measure}\``,
    unit,
    place,
    meaning,
  ]);
  return table(["Measure", "Unit", "Place", "What it is"], rows);
}
