// Dinero's din, and Ramulator 2's loads and stores and SimpleO3.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Access, dense, importedRows, refusalOf, text, unsized } from "./recordings.ts";

const MOST = 0xffff_ffff_ffff_ffffn;
const address = fc.oneof(fc.bigInt(0n, MOST), fc.bigInt(0x7fff_0000_0000n, 0x7fff_0000_ffffn));

test("din labels are read, write and fetch; escapes and flushes are skipped; fetches make time", async () => {
  const data = text([
    "2 40001c",
    "0 7fff5a80",
    "4 0",
    "2 400020 what follows is left alone",
    "1 0x7fff5abc",
    "3 0",
    "",
  ]);
  const { trace, rows } = await importedRows("a.din", data);
  // Page 0x400 is 0, 0x7fff5 is 1. 0x7fff5abc is four bytes before the end of its line.
  expect(rows).toEqual([
    [0, 0x01c, 8, 2, 0],
    [0, 0x1a80, 8, 0, 0],
    [1, 0x020, 8, 2, 0],
    [1, 0x1abc, 4, 1, 0],
  ]);
  expect(trace.requesters).toEqual([{ asid: 1, pid: 1, tid: 1, source: "a.din" }]);
  expect(trace.metadata?.timeRule).toEqual({ rule: "instructions", nsPerInstruction: 1 });
  expect(trace.metadata?.sources[0]).toMatchObject({ format: "din", records: 7 });
});

test("any accesses written as din are the accesses read", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), address), { minLength: 1 }),
      async (accesses) => {
        const lines = accesses.map(([op, at]) => `${op} ${at.toString(16)}`);
        let time = 0;
        const expected: Access[] = accesses.map(([op, at]) => {
          const now = time;
          if (op !== 2) time += 3;
          return { time: now, address: at, bytes: unsized(at), op };
        });
        const { rows } = await importedRows("a.din", text(lines), { time: "accesses", nsPerAccess: 3 });
        expect(rows).toEqual(dense(expected));
      },
    ),
  );
});

test("Ramulator's loads and stores are decimal, or hexadecimal behind 0x, and take a step each", async () => {
  const { trace, rows } = await importedRows(
    "mem.trace",
    text(["LD 4096", "ST 0x1004", "LD 0X2000", "ST 18446744073709551615"]),
  );
  expect(rows).toEqual([
    [0, 0, 8, 0, 0],
    [1, 4, 8, 1, 0],
    [2, 4096, 8, 0, 0],
    [3, 8192 + 4095, 1, 1, 0],
  ]);
  expect(trace.metadata?.sources[0]?.format).toBe("ramulator");
  expect(trace.metadata?.timeRule.rule).toBe("accesses");
});

test("any loads and stores written for Ramulator are those read", async () => {
  const line = fc.tuple(fc.boolean(), address, fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1 }), async (accesses) => {
      const lines = accesses.map(([load, at, hex]) => `${load ? "LD" : "ST"} ${hex ? `0x${at.toString(16)}` : at}`);
      const { rows } = await importedRows("a", text(lines));
      expect(rows).toEqual(
        dense(accesses.map(([load, at], i) => ({ time: i, address: at, bytes: unsized(at), op: load ? 0 : 1 }))),
      );
    }),
  );
});

test("SimpleO3 counts bubbles and the instruction that loads; a store leaves with it", async () => {
  const { trace, rows } = await importedRows("o3.trace", text(["3 20734016", "1 20846400 8192", "0 20734020"]), {
    nsPerInstruction: 2,
  });
  // 20734016 is 0x13c6040 in page 5062, 20846400 is 0x13e1740 in page 5089. Loads are instructions 4, 6 and 7.
  expect(rows).toEqual([
    [0, 64, 8, 0, 0],
    [4, 4096 + 0x740, 8, 0, 0],
    [4, 8192, 8, 1, 0],
    [6, 68, 8, 0, 0],
  ]);
  expect(trace.metadata?.timeRule).toEqual({ rule: "instructions", nsPerInstruction: 2 });
  expect(trace.metadata?.sources[0]?.format).toBe("simpleo3");
});

test("any SimpleO3 records are those read", async () => {
  const record = fc.tuple(fc.integer({ min: 0, max: 100_000 }), address, fc.option(address));
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1 }), async (records) => {
      const lines = records.map(([bubbles, load, store]) =>
        [bubbles, load, ...(store === null ? [] : [store])].join(" "),
      );
      let instructions = 0;
      const expected = records.flatMap(([bubbles, load, store]): Access[] => {
        instructions += bubbles + 1;
        const read = { time: instructions, address: load, bytes: unsized(load), op: 0 };
        return store === null ? [read] : [read, { time: instructions, address: store, bytes: unsized(store), op: 1 }];
      });
      const { rows } = await importedRows("a", text(lines), { format: "simpleo3" });
      expect(rows).toEqual(dense(expected));
    }),
  );
});

test.each([
  [
    "din",
    ["2 40001c", "5 1000"],
    'line 2: "5 1000" is no din record: a label 0 to 4 and a hexadecimal address are needed',
  ],
  ["din", ["0 10", "0 xyz"], 'line 2: "0 xyz" is no din record'],
  ["din", ["0 10", "0"], 'line 2: "0" is no din record'],
  ["din", ["0 10", "010"], 'line 2: "010" is no din record'],
  ["din", ["0 10", "0 10000000000000000"], "line 2: the number 10000000000000000 is too long: 64 bits hold at most"],
  ["ramulator", ["LD 1", "XX 2"], 'line 2: "XX 2" is no load or store: "LD" or "ST" and an address are needed'],
  ["ramulator", ["LD 1", "LD 1x"], 'line 2: "LD 1x" is no load or store'],
  ["ramulator", ["LD 1", "LD 18446744073709551616"], "line 2: the number 18446744073709551616 is too long"],
  ["ramulator", ["LD 1", `ST 0x${"f".repeat(60)}`], "line 2: the number ffffffff"],
  ["simpleo3", ["1 2", "1"], 'line 2: "1" is no SimpleO3 record: "bubbles load [store]" in decimal is needed'],
  ["simpleo3", ["1 2", "1 2 3 4"], 'line 2: "1 2 3 4" is no SimpleO3 record'],
  ["simpleo3", ["1 2", "1 -2"], 'line 2: "1 -2" is no SimpleO3 record'],
  ["simpleo3", ["9007199254740980 2", "50 2"], "line 2: the instructions so far are more than 2^53"],
  ["lackey", [" L 1000,8", " L 10000000000000000,8"], "line 2: the number 10000000000000000 is too long"],
] as const)("%s: a bad line is refused with its number and what is right: %j", async (format, lines, message) => {
  const said = await refusalOf("bad.txt", text(lines), { format });
  expect(said).toContain(`EINVAL: bad.txt: ${message}`);
  expect(said).toMatch(/1 record before it is good$/);
  expect(said.length).toBeLessThan(300);
});

test("a recording in one line of a million bytes is refused, and not kept", async () => {
  const line = new Uint8Array(1_000_000).fill(0x41);
  expect(await refusalOf("a.txt", line, { format: "din" })).toMatch(
    /^ErrnoError: EINVAL: a\.txt: line 1: "A{40}\.\.\."/,
  );
});
