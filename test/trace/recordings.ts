// Recordings made by hand, byte by byte, for the tests of this room.
import { deflateRawSync } from "node:zlib";
import { expect } from "vitest";
import type { TraceBatch, TraceSource } from "../../src/machine/source.ts";
import { type ImportOptions, importTrace, MemorySink, openTrace } from "../../src/trace/index.ts";

export function text(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
}

/** drmemtrace records: [type, size, address or value]. */
export function drmemtrace(records: readonly (readonly [number, number, bigint | number])[]): Uint8Array {
  const bytes = new Uint8Array(records.length * 12);
  const view = new DataView(bytes.buffer);
  records.forEach(([type, size, address], i) => {
    view.setUint16(i * 12, type, true);
    view.setUint16(i * 12 + 2, size, true);
    view.setBigUint64(i * 12 + 4, BigInt(address), true);
  });
  return bytes;
}

/** A zip with an own CRC, written bit by bit: the reader's table is not used. */
function crc(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

export function zip(members: readonly (readonly [string, Uint8Array])[], method: 0 | 8 = 8): Uint8Array {
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of members) {
    const packed = method === 8 ? new Uint8Array(deflateRawSync(content)) : content;
    const label = new TextEncoder().encode(name);
    const local = new DataView(new ArrayBuffer(30));
    const entry = new DataView(new ArrayBuffer(46));
    local.setUint32(0, 0x04034b50, true);
    entry.setUint32(0, 0x02014b50, true);
    for (const [view, at] of [[local, 4] as const, [entry, 6] as const]) {
      view.setUint16(at, 20, true);
      view.setUint16(at + 4, method, true);
      view.setUint32(at + 10, crc(content), true);
      view.setUint32(at + 14, packed.length, true);
      view.setUint32(at + 18, content.length, true);
      view.setUint16(at + 22, label.length, true);
    }
    entry.setUint32(42, offset, true);
    parts.push(new Uint8Array(local.buffer), label, packed);
    central.push(new Uint8Array(entry.buffer), label);
    offset += 30 + label.length + packed.length;
  }
  const size = central.reduce((n, part) => n + part.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, members.length, true);
  end.setUint16(10, members.length, true);
  end.setUint32(12, size, true);
  end.setUint32(16, offset, true);
  return new Uint8Array(Buffer.concat([...parts, ...central, new Uint8Array(end.buffer)]));
}

export type Row = readonly [time: number, address: number, bytes: number, op: number, requester: number];

export async function rowsOf(source: TraceSource, from?: number): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const b of source.batches(from)) {
    for (let i = 0; i < b.rows; i++) {
      rows.push([b.time[i] ?? -1, b.address[i] ?? -1, b.bytes[i] ?? -1, b.op[i] ?? -1, b.requester[i] ?? -1]);
    }
  }
  return rows;
}

/** A trace in memory, cut into batches of the given size. */
export function memoryTrace(rows: readonly Row[], batchRows: number, pages: number): TraceSource {
  return {
    name: "memory",
    hash: "0",
    records: rows.length,
    addressRule: "dense",
    pageBytes: 4096,
    spaces: [{ asid: 1, pages }],
    requesters: [
      { asid: 1, pid: 1, tid: 1 },
      { asid: 1, pid: 1, tid: 2 },
    ],
    async *batches(): AsyncIterable<TraceBatch> {
      for (let at = 0; at < rows.length; at += batchRows) {
        const part = rows.slice(at, at + batchRows);
        yield {
          rows: part.length,
          time: Float64Array.from(part, (row) => row[0]),
          address: Float64Array.from(part, (row) => row[1]),
          bytes: Uint16Array.from(part, (row) => row[2]),
          op: Uint8Array.from(part, (row) => row[3]),
          requester: Uint16Array.from(part, (row) => row[4]),
        };
      }
    },
  };
}

export async function toBytes(write: (sink: MemorySink) => Promise<unknown>): Promise<Uint8Array> {
  const sink = new MemorySink();
  await write(sink);
  return sink.bytes();
}

/** One access as a recording has it, before the address rule. */
export interface Access {
  readonly time: number;
  readonly address: bigint;
  readonly bytes: number;
  readonly op: number;
  readonly who?: number;
}

/** What an import with dense pages of 4 KiB has to give, by the rule's own words: pages numbered by first touch. One address space. */
export function dense(accesses: readonly Access[]): Row[] {
  const pages: bigint[] = [];
  const start = accesses[0]?.time ?? 0;
  return accesses.map(({ time, address, bytes, op, who }) => {
    const page = address / 4096n;
    if (!pages.includes(page)) pages.push(page);
    return [time - start, pages.indexOf(page) * 4096 + Number(address % 4096n), bytes, op, who ?? 0];
  });
}

/** Sizes that nobody recorded: eight bytes, or up to the end of the line of 64. */
export function unsized(address: bigint): number {
  return Math.min(8, 64 - Number(address % 64n));
}

export async function importedRows(name: string, data: Uint8Array, options?: ImportOptions) {
  const trace = await openTrace(await toBytes((sink) => importTrace({ name, data }, sink, options)));
  return { trace, rows: await rowsOf(trace) };
}

/** The message that an import is refused with, which has to be one line of the usual form. */
export async function refusalOf(name: string, data: Uint8Array, options?: ImportOptions): Promise<string> {
  const message = await importTrace({ name, data }, new MemorySink(), options).then(
    (report) => `accepted with ${report.records} records`,
    (error: unknown) => String(error),
  );
  expect(message).toMatch(/^ErrnoError: E[A-Z]+: [^\n]*$/);
  return message;
}
