// Integer columns of a record batch, read in place from its buffers (Arrow format, "Recordbatch message"). No table is built.
import type { Field, Int, Schema } from "apache-arrow";
import { DataType } from "apache-arrow/type";
import type { BatchHeader } from "./arrow-messages.ts";
import { unpack } from "./packing.ts";

/** A column's values in one batch. 64-bit columns come as pairs of words, low first. */
export interface IntColumn {
  readonly name: string;
  readonly signed: boolean;
  readonly words: Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array;
  readonly wide: boolean;
}

interface Cursor {
  node: number;
  buffer: number;
  variadic: number;
}

/** The integer columns of `names` that the schema has; a column of another type under such a name is refused. */
export function checkColumns(schema: Schema, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const field of schema.fields) {
    if (!names.includes(field.name)) continue;
    if (found.has(field.name)) throw new Error(`column ${field.name} is there twice`);
    if (!DataType.isInt(field.type))
      throw new Error(`column ${field.name} is ${String(field.type)}; whole numbers of 8 to 64 bits are needed`);
    if (![8, 16, 32, 64].includes((field.type as Int).bitWidth)) {
      throw new Error(`damaged: column ${field.name} has whole numbers of ${(field.type as Int).bitWidth} bits`);
    }
    found.add(field.name);
  }
  return found;
}

export async function readColumns(
  schema: Schema,
  header: BatchHeader,
  body: Uint8Array,
  names: ReadonlySet<string>,
): Promise<Map<string, IntColumn>> {
  const rows = header.length;
  if (!Number.isSafeInteger(rows) || rows < 0) throw new Error(`damaged: a record batch of ${rows} rows`);
  const cursor: Cursor = { node: 0, buffer: 0, variadic: 0 };
  const columns = new Map<string, IntColumn>();
  for (const field of schema.fields) {
    if (names.has(field.name))
      columns.set(field.name, await intColumn(field as Field<Int>, header, body, cursor, rows));
    pass(field, header, cursor);
  }
  return columns;
}

/**
 * Where the values of columns lie in the body of a batch; undefined for a batch that is not plain: compressed, with nulls, or
 * counting what it does not have.
 */
export function columnPlaces(
  schema: Schema,
  header: BatchHeader,
  names: ReadonlySet<string>,
): Map<string, { readonly offset: number; readonly length: number }> | undefined {
  if (header.compression !== null && header.compression !== undefined) return undefined;
  if (!Number.isSafeInteger(header.length) || header.length < 0) return undefined;
  const cursor: Cursor = { node: 0, buffer: 0, variadic: 0 };
  const places = new Map<string, { readonly offset: number; readonly length: number }>();
  for (const field of schema.fields) {
    if (names.has(field.name)) {
      const node = header.nodes[cursor.node];
      const region = header.buffers[cursor.buffer + 1];
      if (!node || !region || node.length !== header.length || node.nullCount !== 0) return undefined;
      if (!(region.offset >= 0 && region.length >= 0)) return undefined;
      places.set(field.name, { offset: region.offset, length: region.length });
    }
    pass(field, header, cursor);
  }
  return places;
}

async function intColumn(
  field: Field<Int>,
  header: BatchHeader,
  body: Uint8Array,
  cursor: Readonly<Cursor>,
  rows: number,
): Promise<IntColumn> {
  const node = header.nodes[cursor.node];
  const region = header.buffers[cursor.buffer + 1];
  if (node === undefined || region === undefined)
    throw new Error(`damaged: a record batch without column ${field.name}`);
  if (node.length !== rows) throw new Error(`damaged: column ${field.name} has ${node.length} of ${rows} rows`);
  if (node.nullCount !== 0)
    throw new Error(`column ${field.name} has ${node.nullCount} nulls in this batch; every row needs a value`);
  const { bitWidth, isSigned } = field.type;
  const need = (rows * bitWidth) / 8;
  const bytes = await unpacked(header, body, region, need, field.name);
  if (bytes.length < need) throw new Error(`damaged: column ${field.name} has ${bytes.length} of ${need} bytes`);
  // Views need alignment, which the format promises and a damaged file may break.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const name = field.name;
  if (bitWidth === 64)
    return { name, signed: isSigned, wide: true, words: new Uint32Array(buffer, byteOffset, rows * 2) };
  const kind =
    bitWidth === 8
      ? isSigned
        ? Int8Array
        : Uint8Array
      : bitWidth === 16
        ? isSigned
          ? Int16Array
          : Uint16Array
        : isSigned
          ? Int32Array
          : Uint32Array;
  return { name, signed: isSigned, wide: false, words: new kind(buffer as ArrayBuffer, byteOffset, rows) };
}

/** Buffers are padded, and some writers hand over more than their rows need. */
const MOST_SLACK = 65536;
const MOST_COLUMN = 2 ** 28;

async function unpacked(
  header: BatchHeader,
  body: Uint8Array,
  { offset, length }: { readonly offset: number; readonly length: number },
  need: number,
  name: string,
): Promise<Uint8Array> {
  if (!(offset >= 0 && length >= 0 && offset + length <= body.length))
    throw new Error(`damaged: column ${name} lies outside its record batch`);
  const bytes = body.subarray(offset, offset + length);
  if (header.compression === null || header.compression === undefined || length === 0) return bytes;
  const kind = header.compression.type as number;
  if (length < 8) throw new Error(`damaged: column ${name} is compressed without its length`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  // A length of -1 marks a buffer that did not shrink and was left as it is.
  const size = view.getInt32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (size === -1) return bytes.subarray(8);
  if (size < 0 || size > 2 * need + MOST_SLACK)
    throw new Error(`damaged: column ${name} is compressed from ${size} bytes, and its rows need ${need}`);
  if (size > MOST_COLUMN)
    throw new Error(
      `column ${name} has ${size} bytes in one record batch; write batches of at most ${MOST_COLUMN} bytes a column`,
    );
  return inflated(bytes.subarray(8), kind === 0 ? "lz4" : "zstd", size, name);
}

/** A compressed buffer, which has to give as many bytes as it says. */
async function inflated(packed: Uint8Array, packing: "lz4" | "zstd", size: number, name: string): Promise<Uint8Array> {
  const all = new Uint8Array(size);
  let have = 0;
  const source = (async function* () {
    yield packed;
  })();
  for await (const part of unpack(source, packing)) {
    if (have + part.length > size) throw new Error(`damaged: column ${name} gives more than its ${size} bytes`);
    all.set(part, have);
    have += part.length;
  }
  if (have < size) throw new Error(`damaged: column ${name} gives ${have} of ${size} bytes`);
  return all;
}

/** Moves past a field's nodes and buffers, whatever its type (Arrow format, "Buffer listing for each layout"). */
function pass(field: Field, header: BatchHeader, cursor: Cursor): void {
  const { type } = field;
  cursor.node++;
  if (DataType.isNull(type)) return;
  if (DataType.isUtf8View(type) || DataType.isBinaryView(type))
    cursor.buffer += 2 + (header.variadicBufferCounts[cursor.variadic++] ?? 0);
  else if (
    DataType.isUtf8(type) ||
    DataType.isBinary(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isLargeBinary(type)
  )
    cursor.buffer += 3;
  else if (DataType.isStruct(type) || DataType.isFixedSizeList(type)) cursor.buffer += 1;
  else if (DataType.isUnion(type)) cursor.buffer += DataType.isDenseUnion(type) ? 2 : 1;
  else cursor.buffer += 2;
  if (DataType.isDictionary(type)) return;
  for (const child of type.children ?? []) pass(child as Field, header, cursor);
}

/** Copies `rows` values from row `from` on; `refuse` is told the first that is negative or above `most`. */
export function copyInts(
  column: IntColumn,
  from: number,
  rows: number,
  to: Float64Array | Uint32Array | Uint16Array | Uint8Array,
  most: number,
  refuse: (row: number, value: bigint) => never,
): void {
  const { words, wide, signed } = column;
  if (!wide) {
    for (let i = 0; i < rows; i++) {
      const value = words[from + i] as number;
      if (value < 0 || value > most) refuse(from + i, BigInt(value));
      to[i] = value;
    }
    return;
  }
  for (let i = 0; i < rows; i++) {
    const low = words[2 * (from + i)] as number;
    const high = words[2 * (from + i) + 1] as number;
    const value = high * 2 ** 32 + low;
    if (high > 0x1f_ffff || value > most) {
      const whole = (BigInt(high) << 32n) | BigInt(low);
      refuse(from + i, signed ? BigInt.asIntN(64, whole) : whole);
    }
    to[i] = value;
  }
}
