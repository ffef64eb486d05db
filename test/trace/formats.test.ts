// Which format a recording has, what its times are made from, and what no recording may do.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FORMAT_NAMES, importTrace, MemorySink, openTrace, packTrace } from "../../src/trace/index.ts";
import { drmemtrace, importedRows, refusalOf, rowsOf, text, toBytes, zip } from "./recordings.ts";

test.each([
  ["lackey", "out.txt", ["hello", "==5== Lackey", " L 10,8"]],
  ["din", "out.txt", ["2 40001c", "0 7fff"]],
  ["din", "out.din", ["2 400010", "0 7000"]],
  ["ramulator", "out.txt", ["LD 64", "ST 128"]],
  ["simpleo3", "out.txt", ["7 64", "0 128 192"]],
  ["csv", "out.csv.gz", ["address", "64"]],
  ["csv", "out.txt", ["time,addr", "0,64"]],
  ["perf", "out.txt", ["# header", "a 1/1 [000] 1.000000: mem: ff00 12 |OP LOAD|"]],
])("%s is known by what it holds or is called (%s)", async (format, name, lines) => {
  const { trace } = await importedRows(name, text(lines));
  expect(trace.metadata?.sources[0]?.format).toBe(format);
});

test("a recording that could be of two formats is refused with both, and read as the one told", async () => {
  const data = text(["2 400010", "0 7000"]);
  expect(await refusalOf("out.txt", data)).toContain(
    "out.txt: byte 0: could be din or simpleo3; say which with --format",
  );
  expect((await importedRows("out.txt", data, { format: "din" })).rows).toHaveLength(2);
  expect((await importedRows("out.txt", data, { format: "simpleo3" })).rows).toHaveLength(2);
});

test("a format that is none, an Arrow trace, and packed emptiness are refused with what would be right", async () => {
  const data = text([" L 10,8"]);
  expect(await refusalOf("a", data, { format: "vlc" as never })).toContain(
    "format 'vlc' is not known; lackey, drmemtrace, din, ramulator, simpleo3, champsim, cloudsuite, gem5, oracleGeneral, perf, csv are",
  );
  const arrow = await toBytes((sink) => importTrace(data, sink));
  expect(await refusalOf("a.arrow", arrow)).toContain(
    "a.arrow: byte 0: is an Arrow trace already: it is replayed as it is",
  );
  expect(await refusalOf("a.gz", new Uint8Array(gzipSync(new Uint8Array(0))))).toContain(
    "a.gz: byte 0: its content is empty",
  );
  for (const content of [text(["Dear diary,", "today"]), Uint8Array.from({ length: 10 }, (_, i) => 255 - i)])
    expect(await refusalOf("a", content)).toContain(
      "a: byte 0: is of no format that is known by its content; say which with --format: lackey",
    );
});

const CLOCKED = drmemtrace([
  [25, 0, 7],
  [22, 4, 1],
  [24, 4, 1],
  [28, 2, 13_000_000_000_000_100n],
  [10, 4, 0x1000],
  [0, 8, 0x2000],
  [28, 2, 13_000_000_000_000_103n],
  [1, 8, 0x2008],
  [26, 0, 0],
]);

test("drmemtrace's stamps are times when asked for, and hold until the next", async () => {
  const { trace, rows } = await importedRows("a", CLOCKED, { time: "recorded" });
  expect(rows.map((row) => row[0])).toEqual([0, 0, 3000]);
  expect(trace.metadata?.timeRule).toEqual({ rule: "recorded" });
  const late = drmemtrace([
    [25, 0, 7],
    [22, 4, 1],
    [24, 4, 1],
    [0, 8, 0x2000],
    [26, 0, 0],
  ]);
  expect(await refusalOf("a", late, { time: "recorded" })).toContain(
    "a: byte 36: an access before the first timestamp marker",
  );
});

test("recorded times of several recordings share one clock", async () => {
  const rows = (name: string, times: number[]) => ({
    name,
    data: text(["time,address", ...times.map((t) => `${t},64`)]),
  });
  const bytes = await toBytes((sink) =>
    importTrace([rows("b.csv", [1e15 + 50, 1e15 + 60]), rows("a.csv", [1e15 + 45, 1e15 + 55])], sink),
  );
  expect((await rowsOf(await openTrace(bytes))).map((row) => [row[0], row[4]])).toEqual([
    [0, 0],
    [5, 1],
    [10, 0],
    [15, 1],
  ]);
});

test("accesses are a clock for any recording, others only where they are recorded", async () => {
  const { trace, rows } = await importedRows("a.lackey", text(["I  0,4", " L 64,8", "I  4,4", " S 64,8"]), {
    time: "accesses",
  });
  expect(rows.map((row) => row[0])).toEqual([0, 0, 1, 1]);
  expect(trace.metadata?.timeRule.rule).toBe("accesses");
  expect(await refusalOf("a.lackey", text([" L 64,8"]), { time: "recorded" })).toContain(
    "a.lackey: --time recorded: no times are recorded in it (lackey); instructions or accesses is possible",
  );
  expect(await refusalOf("a", text(["LD 64"]), { time: "instructions" })).toContain(
    "a: --time instructions: it does not count instructions (ramulator); accesses is possible",
  );
  expect(await refusalOf("a.lackey", text([" L 64,8"]), { time: "instructions" })).toContain(
    "a.lackey: records no fetches",
  );
  const mixed = importTrace(
    [
      { name: "a.lackey", data: text([" L 64,8"]) },
      { name: "b.csv", data: text(["time,address", "0,64"]) },
    ],
    new MemorySink(),
  );
  await expect(mixed).rejects.toThrow(
    "b.csv has recorded times and a.lackey counts instructions: they have no common clock; take --time accesses",
  );
});

test("dense pages stay exact up to the last byte of 64 bits, and identity ends at 2^53", async () => {
  const lines = [
    "LD 18446744073709551615",
    "LD 18446744073709547520",
    "LD 9007199254740993",
    "LD 9007199254740992",
    "LD 9007199254736896",
  ];
  // The last page of all, twice; page 2^41; the page before it.
  expect((await importedRows("a", text(lines))).rows.map((row) => row[1])).toEqual([4095, 0, 4097, 4096, 8192]);
  const kept = await importedRows("a", text(["LD 9007199254740991"]), { addresses: "identity" });
  expect(kept.rows[0]?.[1]).toBe(2 ** 53 - 1);
  expect(await refusalOf("a", text(["LD 9007199254740992"]), { addresses: "identity" })).toContain(
    "a: address 0x20000000000000 is above 2^53 and cannot be kept as recorded; import with dense pages",
  );
});

test("the 65,537th requester is refused with its line and what would be right", async () => {
  const lines = ["address,tid", ...Array.from({ length: 70000 }, (_, i) => `64,${i}`)];
  const message = await refusalOf("a.csv", text(lines));
  expect(message).toContain(
    "a.csv: line 65538: more than 65536 requesters (process, thread, cpu, exception level, label), and a u16 numbers them; leave out",
  );
  const labels = ["address,partid,pmg", ...Array.from({ length: 70000 }, (_, i) => `64,${i & 0xffff},${i >> 16}`)];
  expect(await refusalOf("a.csv", text(labels))).toContain("a.csv: line 65538: more than 65536 requesters");
  const columns = { address: 0 };
  expect((await importedRows("a.csv", text(lines), { columns })).rows).toHaveLength(70000);
});

test("that a trace is sampled is kept when it is packed", async () => {
  const { trace } = await importedRows("p", text(["a 1/1 [000] 1.000000: mem: ff00 12 |OP LOAD|"]));
  const packed = await openTrace(await toBytes((sink) => packTrace(trace, sink)));
  expect(packed.metadata?.sampled).toBe(true);
  expect((await importedRows("a", text([" L 64,8"]))).trace.metadata?.sampled).toBeUndefined();
});

test("any bytes under any format give a trace or one clear line", async () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          "0",
          "9",
          "f",
          " ",
          "\n",
          ",",
          ":",
          "L",
          "D",
          "0x",
          "[0]",
          "1.000000: ",
          "/",
          '"',
          "\t",
          "=",
          "-",
        ),
        { maxLength: 200 },
      )
      .map((parts) => new TextEncoder().encode(parts.join(""))),
  );
  await fc.assert(
    fc.asyncProperty(noise, fc.constantFrom(undefined, ...FORMAT_NAMES), async (data, format) => {
      const sink = new MemorySink();
      try {
        await importTrace({ name: "noise", data }, sink, format === undefined ? {} : { format });
        expect((await openTrace(sink.bytes())).records).toBeGreaterThan(0);
      } catch (error) {
        expect(String(error)).toMatch(
          /^ErrnoError: EINVAL: noise: (byte|line) \d+: [^\n]*; \d+ records? before it (is|are) good$/,
        );
        expect(sink.bytes()).toHaveLength(0);
      }
    }),
    { numRuns: 400 },
  );
}, 60_000);

test("a refused import leaves no file, whatever its format", async () => {
  const path = await mkdtemp(join(tmpdir(), "trace-"));
  try {
    const lines = Array.from({ length: 200_000 }, (_, i) => `LD ${i * 64}`);
    await writeFile(join(path, "late.txt"), text([...lines, "LD x"]));
    await expect(importTrace(join(path, "late.txt"), join(path, "out.arrow"))).rejects.toThrow(
      'late.txt: line 200001: "LD x" is no load or store',
    );
    await writeFile(join(path, "bomb.zip"), zip([["a", new Uint8Array(30_000_000)]]));
    await expect(importTrace(join(path, "bomb.zip"), join(path, "out.arrow"))).rejects.toThrow("is of no format");
    await expect(importTrace(join(path, "bomb.zip"), join(path, "out.arrow"), { format: "din" })).rejects.toThrow(
      "line 1",
    );
    expect((await readdir(path)).sort()).toEqual(["bomb.zip", "late.txt"]);
  } finally {
    await rm(path, { recursive: true });
  }
});
