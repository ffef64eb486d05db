// Rows of a run as an Arrow file.

import { arrowFile } from "./arrow-file.ts";
import { rowsOf } from "./rows.ts";
import { RUN_FORMAT, RUN_VERSION, type Run } from "./run.ts";

/** Times and values are doubles, words are dictionaries. */
export function arrowOf(run: Run): Uint8Array {
  const rows = [...rowsOf(run)];
  const numbers = (key: "from" | "to" | "value") => ({ numbers: rows.map((row) => row[key]) });
  const words = (key: "group" | "place" | "measure" | "unit") => ({ words: rows.map((row) => row[key]) });
  return arrowFile(
    {
      from_ns: numbers("from"),
      to_ns: numbers("to"),
      group: words("group"),
      place: words("place"),
      measure: words("measure"),
      value: numbers("value"),
      unit: words("unit"),
    },
    new Map([
      ["format", RUN_FORMAT],
      ["version", String(RUN_VERSION)],
      ["platform", run.platform.name],
      ["timing", run.timing],
      ["tool", run.tool],
    ]),
  );
}
