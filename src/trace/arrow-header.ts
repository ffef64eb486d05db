// A look at a message header before the library decodes it: it believes every count, and a damaged one would make it loop for minutes.

const SCHEMA = 1;
const DICTIONARY = 2;
const RECORD_BATCH = 3;

/** Field `index` of the table at `at` (FlatBuffers "internals"): its position, or 0 where absent. */
function field(view: DataView, at: number, index: number): number {
  const vtable = at - view.getInt32(at, true);
  const slot = 4 + 2 * index;
  if (slot + 2 > view.getUint16(vtable, true)) return 0;
  const offset = view.getUint16(vtable + slot, true);
  return offset === 0 ? 0 : at + offset;
}

function follow(view: DataView, at: number): number {
  return at + view.getUint32(at, true);
}

/** Entries of a vector field whose entries take `bytes` each; throws where they would not fit. */
function entries(view: DataView, table: number, index: number, bytes: number): number {
  const at = field(view, table, index);
  if (at === 0) return 0;
  const vector = follow(view, at);
  const length = view.getUint32(vector, true);
  if (vector + 4 + length * bytes > view.byteLength) throw new RangeError("a vector reaches past its header");
  return length;
}

const MOST_FIELDS = 65536;

/** The tables that a vector field points to. */
function tables(view: DataView, table: number, index: number): number[] {
  const length = entries(view, table, index, 4);
  const vector = length === 0 ? 0 : follow(view, field(view, table, index)) + 4;
  return Array.from({ length }, (_, i) => follow(view, vector + 4 * i));
}

/** Columns, their children and their key-value pairs; damaged pointers can share children, so all of them together are counted. */
function checkFields(view: DataView, fields: number[]): void {
  let seen = 0;
  for (let next = fields.pop(); next !== undefined; next = fields.pop()) {
    const children = tables(view, next, 5);
    seen += 1 + entries(view, next, 6, 4);
    if (seen + fields.length + children.length > MOST_FIELDS) throw new RangeError("more columns than a header holds");
    for (const child of children) fields.push(child);
  }
}

/** Throws when a header counts more than it holds or points outside itself. */
export function checkHeader(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const message = follow(view, 0);
  const typeAt = field(view, message, 1);
  const headerAt = field(view, message, 2);
  if (typeAt === 0 || headerAt === 0) throw new RangeError("a message without a header");
  const type = view.getUint8(typeAt);
  let header = follow(view, headerAt);
  if (type === DICTIONARY) {
    const data = field(view, header, 1);
    if (data === 0) throw new RangeError("a dictionary batch without data");
    header = follow(view, data);
  }
  if (type === RECORD_BATCH || type === DICTIONARY) {
    entries(view, header, 1, 16);
    entries(view, header, 2, 16);
    entries(view, header, 4, 8);
  } else if (type === SCHEMA) {
    checkFields(view, tables(view, header, 1));
    entries(view, header, 2, 4);
  }
}

/** Where a footer says that the first record batch is; undefined when it names none. */
export function firstBlock(footer: Uint8Array): number | undefined {
  const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength);
  const table = follow(view, 0);
  if (entries(view, table, 3, 24) === 0) return undefined;
  return Number(view.getBigInt64(follow(view, field(view, table, 3)) + 4, true));
}
