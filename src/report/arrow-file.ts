// Columns as an Arrow file, through apache-arrow, which is loaded with this file.

import {
  type Data,
  type DataType,
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

/** Numbers are doubles, words a dictionary. A column that has nulls can have them. */
export type ArrowColumn =
  | { readonly numbers: readonly (number | null)[] }
  | { readonly words: readonly (string | null)[] };

export function arrowFile(
  columns: Readonly<Record<string, ArrowColumn>> | ReadonlyMap<string, ArrowColumn>,
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  const named = columns instanceof Map ? [...columns] : Object.entries(columns);
  let length = 0;
  let dictionaries = 0;
  const children = named.map(([, column]): Data => {
    if ("numbers" in column) {
      length = column.numbers.length;
      return numberData(column.numbers);
    }
    length = column.words.length;
    // An id of its own: the library would count on from file to file.
    return wordData(column.words, dictionaries++);
  });
  const fields = named.map(([name], at) => {
    const data = children[at] as Data;
    return new Field<DataType>(name, data.type, data.nullCount > 0);
  });
  const schema = new Schema(fields, new Map(metadata));
  const batch = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
  const writer = new RecordBatchFileWriter({ autoDestroy: false });
  writer.write(batch);
  writer.finish();
  return writer.toUint8Array(true);
}

function numberData(values: readonly (number | null)[]): Data {
  const data = Float64Array.from(values, (value) => value ?? 0);
  return makeData({ type: new Float64(), length: values.length, data, ...validity(values) });
}

function wordData(values: readonly (string | null)[], id: number): Data {
  const known = [...new Set(values.filter((value) => value !== null))];
  const places = new Map(known.map((value, index) => [value, index]));
  const type = new Dictionary(new Utf8(), new Int32(), id);
  const data = Int32Array.from(values, (value) => (value === null ? 0 : (places.get(value) ?? 0)));
  const dictionary = vectorFromArray(known, new Utf8());
  return makeData({ type, length: values.length, data, dictionary, ...validity(values) });
}

/** A bit for each that is there, the lowest first. */
function validity(values: readonly unknown[]): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
  const nullCount = values.reduce<number>((sum, value) => sum + (value === null ? 1 : 0), 0);
  if (nullCount === 0) return { nullCount };
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 64) * 8);
  for (const [at, value] of values.entries()) {
    if (value !== null) nullBitmap[at >> 3] = (nullBitmap[at >> 3] as number) | (1 << (at & 7));
  }
  return { nullCount, nullBitmap };
}
