// Integer columns of a record batch, read in place from its buffers (Arrow format, "Recordbatch message"). No table is built.
import { compressionRegistry, DataType, type Field, type Int, type Schema } from "apache-arrow";
import type { BatchHeader } from "./arrow-messages.ts";

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

export function readColumns(
  schema: Schema,
  header: BatchHeader,
  body: Uint8Array,
  names: ReadonlySet<string>,
): Map<string, IntColumn> {
  const rows = header.length;
  if (!Number.isSafeInteger(rows) || rows < 0) throw new Error(`damaged: a record batch of ${rows} rows`);
  const cursor: Cursor = { node: 0, buffer: 0, variadic: 0 };
  const columns = new Map<string, IntColumn>();
  for (const field of schema.fields) {
    if (names.has(field.name)) columns.set(field.name, intColumn(field as Field<Int>, header, body, cursor, rows));
    pass(field, header, cursor);
  }
  return columns;
}

function intColumn(field: Field<Int>, header: BatchHeader, body: Uint8Array, cursor: Cursor, rows: number): IntColumn {
  const node = header.nodes[cursor.node];
  const region = header.buffers[cursor.buffer + 1];
  if (node === undefined || region === undefined)
    throw new Error(`damaged: a record batch without column ${field.name}`);
  if (node.length !== rows) throw new Error(`damaged: column ${field.name} has ${node.length} of ${rows} rows`);
  if (node.nullCount !== 0)
    throw new Error(`column ${field.name} has ${node.nullCount} nulls in this batch; every row needs a value`);
  const { bitWidth, isSigned } = field.type;
  const bytes = unpacked(header, body, region.offset, region.length, field.name);
  const need = (rows * bitWidth) / 8;
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

function unpacked(header: BatchHeader, body: Uint8Array, offset: number, length: number, name: string): Uint8Array {
  if (!(offset >= 0 && length >= 0 && offset + length <= body.length))
    throw new Error(`damaged: column ${name} lies outside its record batch`);
  const bytes = body.subarray(offset, offset + length);
  if (header.compression === null || header.compression === undefined || length === 0) return bytes;
  const kind = header.compression.type as number;
  const codec = compressionRegistry.get(kind)?.decode;
  if (codec === undefined) {
    const which = kind === 0 ? "lz4" : "zstd";
    throw new Error(
      `its columns are compressed with ${which}, which is not read; write it with compression="uncompressed"`,
    );
  }
  if (length < 8) throw new Error(`damaged: column ${name} is compressed without its length`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  // A length of -1 marks a buffer that did not shrink and was left as it is.
  return view.getUint32(0, true) === 0xffffffff && view.getInt32(4, true) === -1
    ? bytes.subarray(8)
    : codec(bytes.subarray(8));
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
