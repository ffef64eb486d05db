// Rows of a run as an Arrow file, through apache-arrow.

import {
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { rowsOf } from "./rows.ts";
import { RUN_FORMAT, RUN_VERSION, type Run } from "./run.ts";

const WORDS = ["group", "place", "measure", "unit"] as const;

/** Times and values are doubles, words are dictionaries. */
export function arrowOf(run: Run): Uint8Array {
  const rows = [...rowsOf(run)];
  const length = rows.length;
  const numbers = (key: "from" | "to" | "value") =>
    makeData({ type: new Float64(), length, nullCount: 0, data: Float64Array.from(rows, (row) => row[key]) });
  const words = (key: (typeof WORDS)[number], id: number) => {
    const values = [...new Set(rows.map((row) => row[key]))];
    const places = new Map(values.map((value, index) => [value, index]));
    // An id of its own: the library would count on from file to file.
    const type = new Dictionary(new Utf8(), new Int32(), id);
    const data = Int32Array.from(rows, (row) => places.get(row[key]) ?? 0);
    return makeData({ type, length, nullCount: 0, data, dictionary: vectorFromArray(values, new Utf8()) });
  };
  const columns = {
    from_ns: numbers("from"),
    to_ns: numbers("to"),
    group: words("group", 0),
    place: words("place", 1),
    measure: words("measure", 2),
    value: numbers("value"),
    unit: words("unit", 3),
  };
  const schema = new Schema(
    Object.entries(columns).map(([name, { type }]) => new Field(name, type, false)),
    new Map([
      ["format", RUN_FORMAT],
      ["version", String(RUN_VERSION)],
      ["platform", run.platform.name],
      ["timing", run.timing],
      ["tool", run.tool],
    ]),
  );
  const children = Object.values(columns);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
  const writer = new RecordBatchFileWriter({ autoDestroy: false });
  writer.write(batch);
  writer.finish();
  return writer.toUint8Array(true);
}
