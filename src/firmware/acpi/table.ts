// A table as bytes: its header, its checksum, and the structures one after the other.

import { hex, refusal, TableBytes } from "./bytes.ts";
import { type Layout, readLayout, type Values, writeLayout } from "./layout.ts";
import { HEADER, type MSC, RESOURCE, TABLES, type TableType } from "./tables.ts";

export interface AcpiTable {
  readonly signature: string;
  readonly header: Values<typeof HEADER>;
  /** As long as its header says. */
  readonly bytes: TableBytes;
}

/** The first four bytes, as far as they are letters that can be shown and are no path. */
export const signatureOf = (file: Uint8Array): string =>
  file.length < 4 ? "" : String.fromCharCode(...file.subarray(0, 4)).replace(/[^!-~]|\//g, "?");

/** Reads the header. Bytes past its length are not of the table. Throws EINVAL. */
export function openTable(file: Uint8Array): AcpiTable {
  const signature = signatureOf(file);
  const whole = new TableBytes(signature === "" ? "table" : signature, file);
  if (file.length < HEADER.bytes) {
    throw refusal(whole.table, 0, `the table has ${file.length} bytes`, `a header takes ${HEADER.bytes}`);
  }
  const header = readLayout(HEADER, whole, 0, HEADER.bytes);
  const { length } = header;
  if (length < HEADER.bytes || length > file.length) {
    if (!/^[A-Z][A-Z0-9_]{3}$/.test(signature)) {
      const first = [...file.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
      throw refusal(
        "table",
        0,
        `bytes that begin with ${first} are no ACPI table`,
        "it begins with four capital letters",
      );
    }
    const right = `${HEADER.bytes} to ${file.length}, the bytes that there are, are allowed`;
    throw refusal(signature, 4, `length is ${length}`, right);
  }
  return { signature, header, bytes: new TableBytes(signature, file.subarray(0, length)) };
}

/** The tables of a file that holds them one after the other. Throws EINVAL. */
export function splitAcpi(file: Uint8Array): Uint8Array[] {
  const tables: Uint8Array[] = [];
  let rest = file;
  do {
    const { length } = openTable(rest).bytes;
    tables.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  } while (rest.length > 0);
  return tables;
}

export const typeOf = ({ signature }: AcpiTable): TableType | undefined =>
  (TABLES as { readonly [signature: string]: TableType })[signature];

/** What the sum of all bytes leaves; 0 when the checksum is right. */
export const checksumOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte, 0) % 256;

/** Where a table stops making sense. */
export interface Trouble {
  readonly at: number;
  readonly what: string;
  readonly right: string;
}

/** A structure of any kind. */
export interface AnyEntry {
  readonly type: number;
  /** Absent: of a type that nothing here looks into, or too short for its type. */
  readonly layout?: Layout;
  readonly at: number;
  readonly length: number;
  readonly values: object;
  readonly trouble?: Trouble;
}

export interface Entry<T extends Layout> extends AnyEntry {
  readonly layout: T;
  readonly values: Values<T>;
}

export interface Entries {
  readonly entries: readonly AnyEntry[];
  /** Behind the last entry something stands that is none. */
  readonly trouble?: Trouble;
}

export const isA = <T extends Layout>(entry: AnyEntry, layout: T): entry is Entry<T> => entry.layout === layout;

export const bodyAt = HEADER.bytes;

/** The fields between header and structures; undefined where the table ends before. */
export function bodyOf<T extends Layout>({ bytes }: AcpiTable, body: T): Values<T> | undefined {
  return bytes.length < bodyAt + body.bytes ? undefined : readLayout(body, bytes, bodyAt, bodyAt + body.bytes);
}

/** The structures of a table, as many as can be told apart. */
export function entriesOf({ bytes }: AcpiTable, type: TableType): Entries {
  const { body, entry, startsAt } = type;
  const behind = bodyAt + body.bytes;
  if (bytes.length < behind) {
    return {
      entries: [],
      trouble: { at: bytes.length, what: "the table ends here", right: `it needs ${behind} bytes` },
    };
  }
  const values = readLayout(body, bytes, bodyAt, behind) as { readonly [name: string]: unknown };
  const start = startsAt === undefined ? behind : (values[startsAt] as number);
  if (start < behind || start > bytes.length) {
    const right = `${behind} to ${bytes.length} is allowed`;
    return { entries: [], trouble: { at: bodyAt, what: `structures begin at ${start}`, right } };
  }
  const entries: AnyEntry[] = [];
  const least = entry.lengthAt + entry.lengthBytes;
  let at = start;
  while (at < bytes.length) {
    const rest = bytes.length - at;
    if (rest < least) {
      return { entries, trouble: { at, what: `${rest} bytes are left`, right: `a structure takes at least ${least}` } };
    }
    const length = bytes.number(at + entry.lengthAt, entry.lengthBytes);
    if (length < least || length > rest) {
      return { entries, trouble: { at, what: `length is ${length}`, right: `${least} to ${rest} is allowed here` } };
    }
    entries.push(readEntry(bytes, type, at, length));
    at += length;
  }
  return { entries };
}

function readEntry(bytes: TableBytes, { entry, structures }: TableType, at: number, length: number): AnyEntry {
  const type = entry.type === 0 ? 0 : bytes.number(at, entry.type);
  const layout = structures.find((one) => entry.type === 0 || one.type === type);
  if (layout === undefined) return { type, at, length, values: {} };
  if (length < layout.least) {
    const trouble = { at, what: `${layout.name}: length is ${length}`, right: `at least ${layout.least} is needed` };
    return { type, at, length, values: {}, trouble };
  }
  return { type, layout, at, length, values: readLayout(layout, bytes, at, at + length) };
}

/** What follows the fields of an MSC. `slack`: by how much dependencies may lie past its end (0 but for old behaviour). */
export function resourcesOf(
  { bytes }: AcpiTable,
  { at: start, length, values, layout }: Entry<typeof MSC>,
  slack = 0,
): { readonly resources: readonly Entry<typeof RESOURCE>[]; readonly trouble?: Trouble; readonly end: number } {
  const resources: Entry<typeof RESOURCE>[] = [];
  const end = start + length;
  let at = start + layout.bytes;
  for (let index = 0; index < values.resourceCount; index++) {
    if (end - at < RESOURCE.bytes) {
      const what = `resource ${index} of ${values.resourceCount}: ${Math.max(0, end - at)} bytes are left in the MSC`;
      return { resources, end: at, trouble: { at, what, right: `it takes at least ${RESOURCE.bytes}` } };
    }
    const resource = readLayout(RESOURCE, bytes, at, end);
    const room = Math.floor((end - at - RESOURCE.bytes + slack) / 8);
    if (resource.dependencyCount > room) {
      const what = `resource ${index} has ${resource.dependencyCount} dependencies`;
      return { resources, end: at, trouble: { at: at + 20, what, right: `there is room for ${Math.floor(room)}` } };
    }
    const size = RESOURCE.bytes + 8 * resource.dependencyCount;
    resources.push({ type: 0, layout: RESOURCE, at, length: size, values: resource });
    at += size;
  }
  return { resources, end: at };
}

/** What a table says of its maker. */
export interface Maker {
  readonly oemId: string;
  readonly oemTableId: string;
  readonly oemRevision: number;
  readonly creatorId: string;
  readonly creatorRevision: number;
}

/** A table of a body and structures, with its length and a checksum that is right. */
export function makeTable(signature: string, revision: number, maker: Maker, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, HEADER.bytes);
  const header = writeLayout(HEADER, { signature, length, revision, ...maker });
  const table = new Uint8Array(length);
  let at = 0;
  for (const part of [header, ...parts]) {
    table.set(part, at);
    at += part.length;
  }
  table[9] = (256 - checksumOf(table)) % 256;
  return table;
}

/** Counts what a reader does, so that no table keeps it busy for longer than its size is worth. */
export class Steps {
  #left: number;

  constructor(
    private readonly table: string,
    bytes: number,
  ) {
    // A cpu takes at least 20 bytes, and a walk from it through the caches some tens of steps.
    this.#left = 4096 + 16 * bytes;
  }

  take(at: number): void {
    if (this.#left-- > 0) return;
    throw refusal(this.table, at, "processors and caches refer to each other too often", "a tree of them is allowed");
  }
}

export const told = ({ at, what, right }: Trouble, table: string): string =>
  `${table}+${hex(at, 2)}: ${what}; ${right}`;
