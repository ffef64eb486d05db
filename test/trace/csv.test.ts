// CSV with columns of any order and name.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type ImportOptions, parseColumns } from "../../src/trace/index.ts";
import { type Access, dense, importedRows, refusalOf, text } from "./recordings.ts";

test("names in the first line say which column is what", async () => {
  const { trace, rows } = await importedRows(
    "a.csv",
    text([
      "# made by hand",
      "name,time,addr,size,rw,pid,thread,cpu",
      "x,100,0x7fff1000,8,R,10,11,2",
      '"a, ""b""",100,0x7fff1008,4,store,10,11,2',
      "x,250,4096,16,2,10,12,2",
      "x,250,4096,16,prefetch,10,12,3",
    ]),
  );
  expect(rows).toEqual([
    [0, 0, 8, 0, 0],
    [0, 8, 4, 1, 0],
    [150, 4096, 16, 2, 1],
    [150, 4096, 16, 3, 2],
  ]);
  expect(trace.requesters).toEqual([
    { asid: 10, pid: 10, tid: 11, cpu: 2, source: "a.csv" },
    { asid: 10, pid: 10, tid: 12, cpu: 2, source: "a.csv" },
    { asid: 10, pid: 10, tid: 12, cpu: 3, source: "a.csv" },
  ]);
  expect(trace.metadata?.timeRule).toEqual({ rule: "recorded" });
});

test("a map by number reads files without names, with any separator", async () => {
  for (const separator of [",", "\t", ";", " ; "]) {
    const lines = [
      ["8", "w", "40"],
      ["16", "r", "41"],
    ].map((cells) => cells.join(separator));
    const { rows } = await importedRows("a", text(lines), { columns: parseColumns("address=0, op=1, time:us=2") });
    expect(rows).toEqual([
      [0, 8, 64, 1, 0],
      [1000, 16, 64, 0, 0],
    ]);
  }
});

test("times may be in any unit, with a fraction; addresses hexadecimal where it is said", async () => {
  const columns = { "time:s": "when", "address:hex": "where" };
  const { rows } = await importedRows("a", text(["when,where", "0.5,10", "1.000000001,ff", "1.0000000019,0x1FF"]), {
    columns,
  });
  expect(rows).toEqual([
    [0, 0x10, 64, 0, 0],
    [500_000_001, 0xff, 64, 0, 0],
    [500_000_001, 0x1ff, 64, 0, 0],
  ]);
});

test("a byte order mark in front changes nothing", async () => {
  expect((await importedRows("a.csv", text(["\ufeffaddress", "64"]))).rows).toEqual([[0, 64, 64, 0, 0]]);
  expect((await importedRows("a", text(["\ufeff64", "65"]), { columns: { address: 0 } })).rows).toHaveLength(2);
});

test("a label in the columns is part of who asks", async () => {
  const { trace, rows } = await importedRows(
    "a.csv",
    text(["address,partid,pmg,space", "0,7,1,ns", "64,7,1,1", "128,7,2,ns", "192,8,1,s", "256,7,1,ns"]),
  );
  const label = (space: string, partid: number, pmg: number) => ({
    asid: 1,
    pid: 1,
    tid: 1,
    source: "a.csv",
    label: { space, partid, pmg },
  });
  expect(trace.requesters).toEqual([label("ns", 7, 1), label("ns", 7, 2), label("s", 8, 1)]);
  expect(rows.map((row) => row[4])).toEqual([0, 0, 1, 2, 0]);
  const bare = await importedRows("a.csv", text(["address,partid", "0,7"]));
  expect(bare.trace.requesters[0]?.label).toEqual({ space: "ns", partid: 7, pmg: 0 });
});

test("without times fetches count, or accesses", async () => {
  const lines = ["address,op", "0,f", "64,r", "128,f", "192,w"];
  expect((await importedRows("a.csv", text(lines))).rows.map((row) => row[0])).toEqual([0, 0, 1, 1]);
  expect((await importedRows("a.csv", text(lines), { time: "accesses" })).rows.map((row) => row[0])).toEqual([
    0, 0, 1, 1,
  ]);
  expect((await importedRows("a.csv", text(["address", "0", "64", "0"]))).rows.map((row) => row[0])).toEqual([0, 1, 2]);
});

test("any accesses written as CSV are those read", async () => {
  const address = fc.oneof(fc.bigInt(0n, 0xffff_ffff_ffff_ffffn), fc.bigInt(0n, 0xffffn));
  const row = fc.record({
    step: fc.integer({ min: 0, max: 2 ** 31 }),
    address,
    hex: fc.boolean(),
    bytes: fc.integer({ min: 0, max: 65535 }),
    op: fc.integer({ min: 0, max: 3 }),
    quoted: fc.boolean(),
  });
  const word = (op: number) => ["read", "W", "f", "3"][op] as string;
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(",", ";", "\t"),
      async (all, separator) => {
        let time = 0;
        const lines = [["op", "time", "comm", "bytes", "address"].join(separator)];
        const expected: Access[] = [];
        for (const one of all) {
          time += one.step;
          const where = one.hex ? `0x${one.address.toString(16)}` : String(one.address);
          const cells = [
            word(one.op),
            String(time),
            `"x${separator}y"`,
            String(one.bytes),
            one.quoted ? `"${where}"` : where,
          ];
          lines.push(cells.join(separator));
          expected.push({ time, address: one.address, bytes: one.bytes, op: one.op });
        }
        expect((await importedRows("a.csv", text(lines))).rows).toEqual(dense(expected));
      },
    ),
  );
});

const COLUMNS = { address: 0, time: 1, op: 2, bytes: 3, partid: 4 };
test.each([
  ["12x,9,r,1,1", 'address is "12x"; a whole number is needed, with 0x or as address:hex where it is hexadecimal'],
  ["ff,9,r,1,1", 'address is "ff"; a whole number is needed'],
  [",9,r,1,1", 'address is ""; a whole number is needed'],
  ["-1,9,r,1,1", 'address is "-1"; a whole number is needed'],
  ["1e3,9,r,1,1", 'address is "1e3"; a whole number is needed'],
  ["18446744073709551616,9,r,1,1", "the number 18446744073709551616 is too long: 64 bits hold at most"],
  ["0,-5,r,1,1", 'time is "-5"; a number that is not negative is needed'],
  ["0,9,x,1,1", 'op is "x"; read, write, fetch or prefetch is needed, as r, w, f, p or 0 to 3'],
  ["0,9,constructor,1,1", 'op is "constructor"; read, write'],
  ["0,9,r,65536,1", 'bytes is "65536"; a whole number from 0 to 65535 is needed'],
  ["0,9,r,1,65536", 'partid is "65536"; a whole number from 0 to 65535 is needed'],
  ["0,9,r", "has 3 columns, and bytes is column 3 (they count from 0)"],
  ['0,9,"r,1,1', "a quoted cell does not end in this line"],
  ['0,9,"r"x,1,1', "a quoted cell goes on behind its quote"],
  ["0,7,r,1,1", "time goes back from 8 to 7 ns; sort the records by time, or take --time accesses"],
])("the line %s is refused with its number and what is right", async (line, said) => {
  const message = await refusalOf("a.csv", text(["0,8,r,1,1", line]), { columns: COLUMNS });
  expect(message).toContain(`EINVAL: a.csv: line 2: ${said}`);
  expect(message).toMatch(/; 1 record before it is good$/);
});

test("a line that is too long is refused", async () => {
  const lines = ["0,8,r,1,1", `0,9,${"r".repeat(70000)},1,1`];
  expect(await refusalOf("a.csv", text(lines), { columns: COLUMNS })).toContain(
    "a.csv: line 2: a line of 65536 bytes or more is too long; 1 record",
  );
});

test.each([
  [{ address: "where" }, "a.csv: byte 0: has no column named where; its first line has: when, what"],
  [{ addres: 0 }, "column 'addres' is not known; time, address, bytes,"],
  [{ "address:oct": 0 }, "column 'address:oct' is not known"],
  [{ time: 0 }, "columns: address is missing; every access has one"],
  [{ address: 0, pmg: 1 }, "columns: space and pmg are parts of a label; partid is missing"],
  [
    undefined,
    "a.csv: byte 0: its first line names no address column; say which column is what (--columns time=0,address=2)",
  ],
])("a map %j that does not fit is refused", async (columns, said) => {
  const options: ImportOptions = columns === undefined ? {} : { columns };
  expect(await refusalOf("a.csv", text(["when,what", "1,2"]), options)).toContain(said);
});

test("the command line's map is read, or refused with what is right", () => {
  expect(parseColumns("time:us=0, address=addr")).toEqual({ "time:us": 0, address: "addr" });
  for (const bad of ["", "time", "time=", "=0", "a=b=c"])
    expect(() => parseColumns(bad)).toThrow('"time=0,address=2" is needed');
});
