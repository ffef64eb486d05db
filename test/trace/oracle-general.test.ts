// libCacheSim's oracleGeneral, 24 bytes a record.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { importedRows, refusalOf } from "./recordings.ts";

/** u32 time, u64 object id, u32 size, i64 next access. */
function oracle(records: readonly (readonly [time: number, id: bigint, size: number, next: bigint])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(24 * records.length));
  records.forEach(([time, id, size, next], i) => {
    view.setUint32(24 * i, time, true);
    view.setBigUint64(24 * i + 4, id, true);
    view.setUint32(24 * i + 12, size, true);
    view.setBigInt64(24 * i + 16, next, true);
  });
  return new Uint8Array(view.buffer);
}

const SMALL = oracle([
  [100, 0xdead_beef_dead_beefn, 4096, 3n],
  [100, 7n, 1, -1n],
  [102, 0xdead_beef_dead_bef0n, 9, -1n],
  [105, 0xdead_beef_dead_beefn, 4096, -1n],
]);

test("an object is a line, numbered by first touch, and a request a read of it", async () => {
  const { trace, rows } = await importedRows("w.oracleGeneral.zst", SMALL);
  expect(rows).toEqual([
    [0, 0, 64, 0, 0],
    [1, 64, 64, 0, 0],
    [2, 128, 64, 0, 0],
    [3, 0, 64, 0, 0],
  ]);
  expect(trace.spaces).toEqual([{ asid: 1, pages: 1 }]);
  expect(trace.metadata?.sources[0]).toMatchObject({ format: "oracleGeneral", records: 4 });
});

test("its seconds are times when asked for", async () => {
  const { trace, rows } = await importedRows("w", SMALL, { format: "oracleGeneral", time: "recorded" });
  expect(rows.map((row) => row[0])).toEqual([0, 0, 2e9, 5e9]);
  expect(trace.metadata?.timeRule).toEqual({ rule: "recorded" });
});

test("with addresses as recorded an object's number is its line, where that can be", async () => {
  const { rows } = await importedRows(
    "oracleGeneral",
    oracle([
      [0, 0x1234n, 1, -1n],
      [0, 2n ** 47n - 1n, 1, -1n],
    ]),
    { addresses: "identity" },
  );
  expect(rows.map((row) => row[1])).toEqual([0x1234 * 64, 2 ** 53 - 64]);
  expect(await refusalOf("oracleGeneral", SMALL, { addresses: "identity" })).toContain(
    "oracleGeneral: byte 0: object 16045690984833335023 times 64 is no 64-bit address; import with dense pages",
  );
  expect(await refusalOf("oracleGeneral", oracle([[0, 2n ** 47n, 1, -1n]]), { addresses: "identity" })).toContain(
    "oracleGeneral: address 0x20000000000000 is above 2^53 and cannot be kept as recorded",
  );
});

test("ids are told apart to their last bit", async () => {
  const id = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(2n ** 53n - 2n, 2n ** 53n + 6n), fc.bigInt(0n, 9n));
  await fc.assert(
    fc.asyncProperty(fc.array(id, { minLength: 1, maxLength: 50 }), async (ids) => {
      const { rows } = await importedRows("oracleGeneral", oracle(ids.map((one) => [0, one, 1, -1n])));
      const seen = [...new Set(ids)];
      expect(rows.map((row) => row[1])).toEqual(ids.map((one) => 64 * seen.indexOf(one)));
    }),
  );
});

test("times that go back and a cut record are refused with their byte", async () => {
  const back = oracle([
    [9, 1n, 1, -1n],
    [8, 1n, 1, -1n],
  ]);
  expect(await refusalOf("a", back, { format: "oracleGeneral", time: "recorded" })).toContain(
    "a: byte 24: time goes back from 9000000000 to 8000000000 ns; sort the records by time, or take --time accesses; 1 record",
  );
  expect((await importedRows("a", back, { format: "oracleGeneral" })).rows).toHaveLength(2);
  expect(await refusalOf("oracleGeneral", SMALL.slice(0, 50))).toContain(
    "oracleGeneral: byte 50: the file ends inside a 24-byte record: it is truncated; 2 records before it are good",
  );
});
