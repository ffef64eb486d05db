import { brotliCompressSync, gzipSync } from "node:zlib";
import {
  Bool,
  Field,
  Int8,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { expect, test } from "vitest";
import { importTrace, MemorySink, openTrace, packTrace, traceInfo } from "../../src/trace/index.ts";
import { memoryTrace, type Row, rowsOf, text, toBytes } from "./recordings.ts";

const PAGES = 1000;

const anyRows = fc
  .array(
    fc.tuple(
      fc.oneof(fc.nat(100), fc.nat(0xffff_ffff), fc.constant(0xffff_ffff), fc.bigInt(0n, 2n ** 40n).map(Number)),
      fc.nat(PAGES * 4096 - 65536),
      fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 65535 })),
      fc.nat(3),
      fc.nat(1),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((rows): Row[] => {
    let time = 0;
    return rows.map(([gap, address, bytes, op, requester]) => {
      time += gap;
      return [time, address, bytes, op, requester];
    });
  });

/** By the definition: one row per 64-byte line that an access touches, at least one. */
function splitAtLines(rows: readonly Row[]): Row[] {
  return rows.flatMap(([time, address, bytes, op, requester]) => {
    const parts: Row[] = [];
    const end = address + Math.max(1, bytes);
    for (let line = Math.floor(address / 64); line * 64 < end; line++) {
      const from = Math.max(address, line * 64);
      parts.push([time, line * 64, Math.min(end, line * 64 + 64) - from, op, requester]);
    }
    return parts;
  });
}

test("rows written are the rows read, however they were cut into batches, in both forms", async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.integer({ min: 1, max: 70 }), async (rows, batchRows) => {
      const source = memoryTrace(rows, batchRows, PAGES);
      const plain = await openTrace(await toBytes((sink) => packTrace(source, sink, { form: "columns" })));
      expect(await rowsOf(plain)).toEqual(rows);
      expect(plain.records).toBe(rows.length);
      expect([plain.spaces, plain.requesters, plain.pageBytes]).toEqual([source.spaces, source.requesters, 4096]);
      const packed = await openTrace(await toBytes((sink) => packTrace(source, sink)));
      const split = splitAtLines(rows);
      expect(await rowsOf(packed)).toEqual(split);
      expect(packed.records).toBe(split.length);
      const from = Math.floor(split.length / 2);
      expect(await rowsOf(packed, from)).toEqual(split.slice(from));
    }),
    { numRuns: 60 },
  );
});

const MANY = 200_000;
const many = memoryTrace(
  Array.from({ length: MANY }, (_, i): Row => [i * 3, (i * 64) % (PAGES * 4096), 64, i % 4, i % 2]),
  10_000,
  PAGES,
);

test("a file is read in batches of at most 64 Ki rows, and from any row on", async () => {
  for (const form of ["columns", "packed"] as const) {
    const bytes = await toBytes((sink) => packTrace(many, sink, { form }));
    for (const data of [bytes, new Uint8Array(gzipSync(bytes))]) {
      const trace = await openTrace(data);
      let rows = 0;
      for await (const batch of trace.batches()) {
        expect(batch.rows).toBeLessThanOrEqual(65536);
        rows += batch.rows;
      }
      expect(rows).toBe(MANY);
      for (const from of [0, 1, 65535, 65536, 131073, MANY - 1, MANY]) {
        const [first] = await firstRow(trace, from);
        expect(first).toBe(from === MANY ? undefined : from * 3);
      }
    }
  }
});

async function firstRow(trace: Awaited<ReturnType<typeof openTrace>>, from: number): Promise<number[]> {
  for await (const batch of trace.batches(from)) return [batch.time[0] as number];
  return [];
}

test("gzip and brotli around a trace change nothing but its hash", async () => {
  const rows: Row[] = [
    [0, 0, 8, 0, 0],
    [5, 4096, 8, 1, 1],
  ];
  const bytes = await toBytes((sink) => packTrace(memoryTrace(rows, 9, 2), sink, { form: "columns" }));
  const gz = await openTrace(new Uint8Array(gzipSync(bytes)));
  const br = await openTrace(new Uint8Array(brotliCompressSync(bytes)), { name: "a.arrow.br" });
  const blob = await openTrace(new Blob([new Uint8Array(bytes)]));
  for (const trace of [gz, br, blob]) expect(await rowsOf(trace)).toEqual(rows);
  expect(new Set([gz.hash, br.hash, blob.hash]).size).toBe(3);
  expect(blob.hash).toMatch(/^[0-9a-f]{64}$/);
});

test("the library, and so other tools, read our columns with the types and the metadata that the format names", async () => {
  const bytes = await toBytes((sink) =>
    importTrace({ name: "x.lackey", data: text(["I  1000,4", " L 2000,8"]) }, sink),
  );
  const table = tableFromIPC(bytes);
  expect(table.schema.fields.map((field) => `${field.name} ${field.type}`)).toEqual([
    "time Uint64",
    "address Uint64",
    "bytes Uint16",
    "op Uint8",
    "requester Uint16",
  ]);
  expect([...table].map((row) => row.toArray().map(Number))).toEqual([
    [0, 0, 4, 2, 0],
    [0, 4096, 8, 0, 0],
  ]);
  const meta = table.schema.metadata;
  expect(meta.get("mpam.version")).toBe("1");
  expect(meta.get("mpam.address_rule")).toBe("dense");
  expect(meta.get("mpam.address_seed")).toBe("0");
  expect(meta.get("mpam.page_bytes")).toBe("4096");
  expect(JSON.parse(meta.get("mpam.spaces") ?? "")).toEqual([{ asid: 1, pages: 2 }]);
  expect(JSON.parse(meta.get("mpam.time_rule") ?? "")).toEqual({ rule: "instructions", nsPerInstruction: 1 });
  expect(JSON.parse(meta.get("mpam.requesters") ?? "")).toEqual([{ asid: 1, pid: 1, tid: 1, source: "x.lackey" }]);
  // sha256sum of "I  1000,4\n L 2000,8\n"
  expect(JSON.parse(meta.get("mpam.sources") ?? "")[0]).toEqual({
    name: "x.lackey",
    bytes: 20,
    sha256: "92dd0cb52d589d2312828b3c2351d95f9f6980f0d64b43e2b5510f8db374b97a",
    records: 2,
    format: "lackey",
  });
});

test("a packed file has the four narrow columns, with an escape row for a long gap", async () => {
  const long = 2 * 0xffff_ffff + 7;
  const rows: Row[] = [
    [1, 60, 8, 1, 1],
    [1 + long, 64, 64, 3, 0],
  ];
  const table = tableFromIPC(await toBytes((sink) => packTrace(memoryTrace(rows, 9, 1), sink)));
  expect(table.schema.fields.map((field) => `${field.name} ${field.type}`)).toEqual([
    "line Uint32",
    "requester Uint16",
    "size_op Uint8",
    "step Uint32",
  ]);
  expect([...table].map((row) => row.toArray().map(Number))).toEqual([
    [0, 1, 3 | (1 << 6), 1],
    [1, 1, 3 | (1 << 6), 0],
    [2, 0, 0, 0xffff_ffff],
    [1, 0, 63 | (3 << 6), 7],
  ]);
});

function user(
  columns: Record<string, ArrayLike<number> | BigInt64Array | BigUint64Array>,
  kind: "file" | "stream" = "file",
): Uint8Array {
  return tableToIPC(tableFromArrays(columns as Record<string, Int32Array>), kind);
}

test("a user's file needs an address column and nothing else", async () => {
  for (const kind of ["file", "stream"] as const) {
    const trace = await openTrace(user({ address: Int32Array.of(64, 0, 8192) }, kind));
    expect(await rowsOf(trace)).toEqual([
      [0, 64, 64, 0, 0],
      [1, 0, 64, 0, 0],
      [2, 8192, 64, 0, 0],
    ]);
    expect(trace.addressRule).toBe("identity");
    expect(trace.spaces).toEqual([{ asid: 0, pages: 2 }]);
    expect(trace.requesters).toEqual([{ asid: 0, pid: 0, tid: 0 }]);
  }
  await expect(openTrace(user({ addr: Int32Array.of(1) }))).rejects.toThrow(
    "has no column address; its columns are: addr",
  );
});

test.each([
  ["Int8Array", (v: number[]) => Int8Array.from(v)],
  ["Uint8Array", (v: number[]) => Uint8Array.from(v)],
  ["Int16Array", (v: number[]) => Int16Array.from(v)],
  ["Uint16Array", (v: number[]) => Uint16Array.from(v)],
  ["Int32Array", (v: number[]) => Int32Array.from(v)],
  ["Uint32Array", (v: number[]) => Uint32Array.from(v)],
  ["BigInt64Array", (v: number[]) => BigInt64Array.from(v.map(BigInt))],
  ["BigUint64Array", (v: number[]) => BigUint64Array.from(v.map(BigInt))],
] as const)("every column may be a %s", async (_, of) => {
  const trace = await openTrace(
    user({
      op: of([0, 1, 2]),
      time: of([5, 5, 6]),
      address: of([1, 2, 127]),
      bytes: of([8, 16, 4]),
      tid: of([9, 9, 10]),
    }),
  );
  expect(await rowsOf(trace)).toEqual([
    [5, 1, 8, 0, 0],
    [5, 2, 16, 1, 0],
    [6, 127, 4, 2, 1],
  ]);
});

test("columns of identity become dense requesters in order of appearance", async () => {
  const trace = await openTrace(
    user({
      address: Int32Array.of(0, 0, 0, 0, 0),
      tid: Int32Array.of(7, 8, 7, 7, 7),
      pid: BigInt64Array.of(5n, 5n, 5n, 6n, 5n),
      cpu: Int8Array.of(0, 1, 0, 0, 3),
    }),
  );
  expect(trace.requesters).toEqual([
    { asid: 5, pid: 5, tid: 7, cpu: 0 },
    { asid: 5, pid: 5, tid: 8, cpu: 1 },
    { asid: 6, pid: 6, tid: 7, cpu: 0 },
    { asid: 5, pid: 5, tid: 7, cpu: 3 },
  ]);
  expect((await rowsOf(trace)).map((row) => row[4])).toEqual([0, 1, 0, 2, 3]);
});

test("a user's addresses get the dense rule on reading where that is asked for, in whatever pieces they are read", async () => {
  const data = user({
    address: BigUint64Array.of(0xffff_ffff_ff60_0008n, 0x5000n, 0xffff_ffff_ff60_0010n),
    pid: Int8Array.of(1, 1, 1),
  });
  const trace = await openTrace(data, { addresses: "dense" });
  expect((await rowsOf(trace)).map((row) => row[1])).toEqual([8, 4096, 16]);
  expect((await rowsOf(trace, 1)).map((row) => row[1])).toEqual([4096, 16]);
  expect(trace.spaces).toEqual([{ asid: 1, pages: 2 }]);
  await expect(openTrace(data)).rejects.toThrow("row 0: address is 18446744073699065864; 0 to 9007199254740991 fit");
});

test("other columns of any type do not matter, nor do nullable columns without nulls", async () => {
  const address = vectorFromArray([1, 2, 3], new Int32());
  const table = new Table({
    name: vectorFromArray(["a", null, "c"], new Utf8()),
    flags: vectorFromArray([true, false, null], new Bool()),
    many: vectorFromArray([[1], [], [2, 3]], new List(new Field("item", new Int8(), true))),
    address,
    comm: vectorFromArray(["x", "y", "x"]),
    time: vectorFromArray([10n, 20n, 30n], new Int64()),
  });
  expect(table.schema.fields.every((field) => field.nullable)).toBe(true);
  const trace = await openTrace(tableToIPC(table, "stream"));
  expect(await rowsOf(trace)).toEqual([
    [10, 1, 64, 0, 0],
    [20, 2, 64, 0, 0],
    [30, 3, 64, 0, 0],
  ]);
});

test("what a user's file gets wrong is named with its column and row", async () => {
  const address = Int32Array.of(1, 2, 3, 4);
  const refused = (columns: Parameters<typeof user>[0]) =>
    expect(openTrace(user(columns), { name: "u.arrow" })).rejects;
  await refused({ address, time: Int32Array.of(1, 5, 4, 6) }).toThrow(
    /^EINVAL: u\.arrow: byte \d+: row 2: time goes back from 5 to 4 ns; rows must be sorted by time; 0 records before it are good$/,
  );
  await refused({ address, time: Int32Array.of(-1, 5, 5, 6) }).toThrow("row 0: time is -1; 0 to 9007199254740991 fit");
  await refused({ address, bytes: Int32Array.of(1, 65536, 5, 6) }).toThrow("row 1: bytes is 65536; 0 to 65535 fit");
  await refused({ address, op: Int32Array.of(1, 2, 3, 4) }).toThrow("row 3: op is 4; 0 to 3 fit");
  await refused({ address: Float64Array.of(1, 2) }).toThrow(
    "column address is Float64; whole numbers of 8 to 64 bits are needed",
  );
  const nulls = new Table({ address: vectorFromArray([1, null, 3], new Int32()) });
  await expect(openTrace(tableToIPC(nulls))).rejects.toThrow(
    "column address has 1 nulls in this batch; every row needs a value",
  );
});

test("a time that goes back between two batches is found with its row in the whole trace", async () => {
  const schema = new Schema([new Field("address", new Int32()), new Field("time", new Int32())]);
  const batch = (times: number[]) =>
    new RecordBatch(
      schema,
      makeData({
        type: new Struct(schema.fields),
        length: times.length,
        children: [Int32Array.from(times), Int32Array.from(times)].map((data) => makeData({ type: new Int32(), data })),
      }),
    );
  const bytes = tableToIPC(new Table(schema, [batch([1, 2, 3]), batch([2, 4])]), "stream");
  await expect(openTrace(bytes)).rejects.toThrow(
    "row 3: time goes back from 3 to 2 ns; rows must be sorted by time; 3 records before it are good",
  );
});

test("a file of ours whose rows do not fit its own metadata is refused", async () => {
  const outside = memoryTrace([[0, 4096, 1, 0, 0]], 9, 1);
  await expect(openTrace(await toBytes((sink) => packTrace(outside, sink)))).rejects.toThrow(
    "row 0: bytes up to 4097 are used, and the footprint in the metadata is 4096",
  );
  const stranger = memoryTrace([[0, 0, 1, 0, 2]], 9, 1);
  await expect(openTrace(await toBytes((sink) => packTrace(stranger, sink)))).rejects.toThrow(
    "row 0: requester 2 is not among the 2 of the table",
  );
});

test("a trace file cut at any byte is refused with the byte and the good records before it", async () => {
  const rows: Row[] = [
    [0, 0, 8, 0, 0],
    [5, 4096, 8, 1, 1],
  ];
  for (const form of ["columns", "packed"] as const) {
    const bytes = await toBytes((sink) => packTrace(memoryTrace(rows, 1, 2), sink, { form }));
    for (const whole of [bytes, new Uint8Array(gzipSync(bytes))]) {
      for (let end = 0; end < whole.length; end++) {
        const failed = await openTrace(whole.slice(0, end), { name: "t.arrow" }).then(() => "accepted", String);
        expect(failed, `cut at ${end} of ${whole.length}`).toMatch(
          /^ErrnoError: EINVAL: t\.arrow: byte \d+: .*; \d+ records? before it (is|are) good$/,
        );
      }
    }
  }
});

test("damaged bytes give rows or a clear refusal, and never anything else", async () => {
  const rows: Row[] = Array.from({ length: 40 }, (_, i): Row => [i, i * 64, 8, i % 3, i % 2]);
  const bytes = await toBytes((sink) => packTrace(memoryTrace(rows, 7, 1), sink, { form: "columns" }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }),
      async (hits) => {
        const bad = bytes.slice();
        for (const [at, value] of hits) bad[at] = (bad[at] as number) ^ value;
        try {
          const trace = await openTrace(bad, { name: "t.arrow" });
          await traceInfo(trace);
        } catch (error) {
          expect(String(error)).toMatch(/^ErrnoError: E[A-Z]+: /);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test("something else under the name of a trace is refused with what would have been right", async () => {
  await expect(openTrace(text(["hello, world"]), { name: "a.arrow" })).rejects.toThrow(
    "a.arrow: byte 0: is not an Arrow file or stream; recordings of other tools are imported first (mpam trace import); 0 records before it are good",
  );
  await expect(openTrace("/nonexistent/a.arrow")).rejects.toMatchObject({ code: "ENOENT" });
  const sink = new MemorySink();
  await expect(importTrace([], sink)).rejects.toThrow("there is nothing to import");
});
