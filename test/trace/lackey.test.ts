import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type ImportOptions, importTrace, openTrace, traceInfo } from "../../src/trace/index.ts";
import { rowsOf, text, toBytes } from "./recordings.ts";

const BANNER = ["==77== Lackey, an example Valgrind tool", "==77== Command: /usr/bin/sort -n file", "==77== "];

async function imported(bytes: Uint8Array, options?: ImportOptions) {
  return openTrace(await toBytes((sink) => importTrace({ name: "a.lackey", data: bytes }, sink, options)));
}

test("a lackey recording becomes rows: loads, stores, fetches, and a modify as a read and then a write", async () => {
  const trace = await imported(
    text([
      ...BANNER,
      "I  04001000,3",
      " L 1fff000008,8",
      "I  04001003,5",
      " S 1fff000040,16",
      "I  04001008,2",
      " M 04002010,4",
    ]),
  );
  // Pages in order of first touch: 0x4001 is 0, 0x1fff000 is 1, 0x4002 is 2. One ns an instruction, from the first on.
  expect(await rowsOf(trace)).toEqual([
    [0, 0x000, 3, 2, 0],
    [0, 0x1008, 8, 0, 0],
    [1, 0x003, 5, 2, 0],
    [1, 0x1040, 16, 1, 0],
    [2, 0x008, 2, 2, 0],
    [2, 0x2010, 4, 0, 0],
    [2, 0x2010, 4, 1, 0],
  ]);
  expect(trace.requesters).toEqual([{ asid: 77, pid: 77, tid: 77, comm: "sort", source: "a.lackey" }]);
  expect(trace.spaces).toEqual([{ asid: 77, pages: 3 }]);
});

test("output of the traced program between the records is skipped and counted", async () => {
  const bytes = text([...BANNER, "hello, world", " L 1000,8", " L zzzz,8", "I love lines", " S 1008", " S 2000,8"]);
  const report = await importTrace(bytes, new (await import("../../src/trace/index.ts")).MemorySink());
  expect(report.records).toBe(2);
  expect(report.skipped).toBe(4);
});

test("a recording without a single record is refused", async () => {
  await expect(imported(text([...BANNER, "hello"]))).rejects.toThrow(
    /a\.lackey: byte \d+: no memory access found \(1 lines/,
  );
  await expect(imported(new Uint8Array(0))).rejects.toThrow("the file is empty");
});

test("a gzipped recording reads like a plain one, and Windows line ends do not matter", async () => {
  const plain = text([...BANNER, " L 1000,8", "I  2000,4", " S 3000,8"]);
  const crlf = new TextEncoder().encode(new TextDecoder().decode(plain).replaceAll("\n", "\r\n"));
  const rows = await rowsOf(await imported(plain));
  expect(await rowsOf(await imported(new Uint8Array(gzipSync(plain))))).toEqual(rows);
  expect(await rowsOf(await imported(crlf))).toEqual(rows);
  expect(rows).toHaveLength(3);
});

test("dropped fetches still make time pass", async () => {
  const bytes = text(["I  1000,4", "I  1004,4", "I  1008,4", " L 2000,8", "I  100c,4", " S 2008,8"]);
  expect(await rowsOf(await imported(bytes, { fetches: "drop", nsPerInstruction: 2.5 }))).toEqual([
    [5, 0x000, 8, 0, 0],
    [7, 0x008, 8, 1, 0],
  ]);
});

test("without fetches each access takes a fixed step", async () => {
  const trace = await imported(text([" L 1000,8", " M 1008,8", " S 1010,8"]), { nsPerAccess: 3 });
  expect((await rowsOf(trace)).map(([time]) => time)).toEqual([0, 3, 6, 9]);
  expect(trace.metadata?.timeRule).toEqual({ rule: "accesses", nsPerAccess: 3 });
});

test("skip and take count reads and writes; time and page numbers begin with what is taken", async () => {
  const lines = Array.from({ length: 10 }, (_, i) => [`I  ${(0x1000 + 4 * i).toString(16)},4`, ` L ${i + 2}0000,8`]);
  const bytes = text(lines.flat());
  const trace = await imported(bytes, { skip: 3, take: 4, fetches: "drop" });
  expect(await rowsOf(trace)).toEqual([
    [0, 0x0000, 8, 0, 0],
    [1, 0x1000, 8, 0, 0],
    [2, 0x2000, 8, 0, 0],
    [3, 0x3000, 8, 0, 0],
  ]);
  await expect(imported(bytes, { skip: 10 })).rejects.toThrow(
    "skip 10 leaves nothing: the recording has 10 reads and writes",
  );
});

test("addresses may be kept as recorded, as far as they can be", async () => {
  const identity = await imported(text([" L 1fff000678,8"]), { addresses: "identity" });
  expect(await rowsOf(identity)).toEqual([[0, 0x1fff000678, 8, 0, 0]]);
  expect(identity.addressRule).toBe("identity");
  await expect(imported(text([" L ffffffffff600000,8"]), { addresses: "identity" })).rejects.toThrow(
    "address 0xffffffffff600000 is above 2^53",
  );
  expect(await rowsOf(await imported(text([" L ffffffffff600008,8"])))).toEqual([[0, 8, 8, 0, 0]]);
});

test.each([4096, 16384, 65536, 2097152])(
  "pages of %i bytes are numbered by first touch within each space",
  async (page) => {
    const at = (n: number, offset: number) => (n * page + offset).toString(16);
    const one = text(["==1==", ` L ${at(9, 1)},1`, ` L ${at(3, 2)},1`, ` L ${at(9, 3)},1`]);
    const two = text(["==2==", ` L ${at(9, 4)},1`, ` L ${at(8, page - 1)},1`]);
    const trace = await openTrace(await toBytes((sink) => importTrace([one, two], sink, { pageBytes: page })));
    // Merged by (time, file, row): one, two, one, two, one.
    expect(await rowsOf(trace)).toEqual([
      [0, 1, 1, 0, 0],
      [0, 4, 1, 0, 1],
      [1, page + 2, 1, 0, 0],
      [1, page + page - 1, 1, 0, 1],
      [2, 3, 1, 0, 0],
    ]);
    expect(trace.pageBytes).toBe(page);
    expect(trace.spaces).toEqual([
      { asid: 1, pages: 2 },
      { asid: 2, pages: 2 },
    ]);
    await expect(imported(one, { pageBytes: 5000 })).rejects.toThrow("page size 5000");
  },
);

test("the footprint holds the end of an access that crosses into a page never touched", async () => {
  const trace = await imported(text([" L 1ffc,8"]));
  expect(trace.spaces).toEqual([{ asid: 1, pages: 2 }]);
});

test("a truncated recording is either whole records or a clear refusal, at every byte", async () => {
  const bytes = text([...BANNER, "I  04001000,3", " L 1fff000008,8", "chatter", " M 04002010,4"]);
  for (let end = 0; end < bytes.length; end++) {
    try {
      const trace = await imported(bytes.slice(0, end));
      expect((await traceInfo(trace)).records).toBe(trace.records);
    } catch (error) {
      expect(String(error)).toMatch(
        /^ErrnoError: EINVAL: a\.lackey: byte \d+: .*; \d+ records? before it (is|are) good$/,
      );
    }
  }
});

test("a truncated gzip says after how many good records", async () => {
  const lines = Array.from({ length: 20000 }, (_, i) => ` L ${(i * 64).toString(16)},8`);
  const bytes = new Uint8Array(gzipSync(text(lines)));
  await expect(imported(bytes.slice(0, bytes.length - 500))).rejects.toThrow(
    /^EINVAL: a\.lackey: byte \d+: unexpected end of file; \d+ records before it are good$/,
  );
});
