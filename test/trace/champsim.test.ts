// ChampSim's records, 64 and 96 bytes, laid out by hand.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { importTrace, MemorySink, openTrace } from "../../src/trace/index.ts";
import { type Access, dense, importedRows, refusalOf, rowsOf, toBytes, unsized } from "./recordings.ts";

interface Instruction {
  readonly ip: bigint;
  readonly branch?: boolean;
  readonly loads?: readonly bigint[];
  readonly stores?: readonly bigint[];
  readonly asid?: number;
}

/** u64 ip; is_branch; taken; dst_reg[2]; src_reg[4]; u64 dst_mem[2]; u64 src_mem[4]. */
function inputInstr(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(64 * instructions.length));
  instructions.forEach(({ ip, branch, loads = [], stores = [] }, i) => {
    view.setBigUint64(64 * i, ip, true);
    view.setUint8(64 * i + 8, branch ? 1 : 0);
    view.setUint8(64 * i + 10, 25);
    view.setUint8(64 * i + 15, 6);
    for (const [n, at] of stores.entries()) view.setBigUint64(64 * i + 16 + 8 * n, at, true);
    for (const [n, at] of loads.entries()) view.setBigUint64(64 * i + 32 + 8 * n, at, true);
  });
  return new Uint8Array(view.buffer);
}

/** u64 ip; is_branch; taken; dst_reg[4]; src_reg[4]; 6 of padding; u64 dst_mem[4]; u64 src_mem[4]; u8 asid[2]; 6 of padding. */
function cloudsuiteInstr(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(96 * instructions.length));
  instructions.forEach(({ ip, branch, loads = [], stores = [], asid = 0 }, i) => {
    view.setBigUint64(96 * i, ip, true);
    view.setUint8(96 * i + 8, branch ? 1 : 0);
    view.setUint8(96 * i + 17, 7);
    for (const [n, at] of stores.entries()) view.setBigUint64(96 * i + 24 + 8 * n, at, true);
    for (const [n, at] of loads.entries()) view.setBigUint64(96 * i + 56 + 8 * n, at, true);
    view.setUint16(96 * i + 88, asid, true);
  });
  return new Uint8Array(view.buffer);
}

const LOOP: Instruction[] = [
  { ip: 0x40_0000n, loads: [0x7fff_0000_0010n, 0x7fff_0000_1038n] },
  { ip: 0x40_0004n, stores: [0x7fff_0000_0020n] },
  { ip: 0x40_003en, branch: true },
];

test("an instruction is fetched, loads, and stores; operands of 0 are none", async () => {
  const { trace, rows } = await importedRows("x.champsimtrace", inputInstr(LOOP));
  // The last instruction starts two bytes before the end of its line, a load eight.
  expect(rows).toEqual([
    [0, 0x000, 4, 2, 0],
    [0, 0x1010, 8, 0, 0],
    [0, 0x2038, 8, 0, 0],
    [1, 0x004, 4, 2, 0],
    [1, 0x1020, 8, 1, 0],
    [2, 0x03e, 2, 2, 0],
  ]);
  expect(trace.requesters).toEqual([{ asid: 1, pid: 1, tid: 1, source: "x.champsimtrace" }]);
  expect(trace.metadata?.sources[0]).toMatchObject({ format: "champsim", records: 3 });
});

test("each file is a core of its own", async () => {
  const trace = await openTrace(
    await toBytes((sink) =>
      importTrace([inputInstr(LOOP), inputInstr(LOOP)], sink, { format: "champsim", fetches: "drop" }),
    ),
  );
  expect(trace.requesters.map((who) => who.asid)).toEqual([1, 2]);
  expect((await rowsOf(trace)).map((row) => [row[0], row[4]])).toEqual([
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
});

test("a cloudsuite record names its address space; 0 and 65535 name none", async () => {
  const at = [0x5000n];
  const { trace, rows } = await importedRows(
    "cloudsuite.trace",
    cloudsuiteInstr([
      { ip: 0x1000n, loads: at, asid: 0x0201 },
      { ip: 0x1000n, stores: at, asid: 3 },
      { ip: 0x1000n, asid: 0 },
      { ip: 0x1000n, asid: 0xffff },
    ]),
  );
  expect(trace.requesters.map((who) => [who.asid, who.pid])).toEqual([
    [0x0201, 1],
    [3, 1],
    [65537, 1],
  ]);
  expect(rows.map((row) => row.slice(1))).toEqual([
    [0, 4, 2, 0],
    [4096, 8, 0, 0],
    [0, 4, 2, 1],
    [4096, 8, 1, 1],
    [0, 4, 2, 2],
    [0, 4, 2, 2],
  ]);
});

const address = fc.bigInt(1n, 0xffff_ffff_ffff_ffffn);
const instruction = fc.record({
  ip: address,
  branch: fc.boolean(),
  loads: fc.array(address, { maxLength: 4 }),
  stores: fc.array(address, { maxLength: 2 }),
});

test.each([
  ["champsim", inputInstr],
  ["cloudsuite", cloudsuiteInstr],
] as const)("any instructions written as %s are those read", async (format, write) => {
  await fc.assert(
    fc.asyncProperty(fc.array(instruction, { minLength: 1, maxLength: 40 }), async (instructions) => {
      const expected = instructions.flatMap(({ ip, loads, stores }, time): Access[] => [
        { time, address: ip, bytes: Math.min(4, 64 - Number(ip % 64n)), op: 2 },
        ...loads.map((at) => ({ time, address: at, bytes: unsized(at), op: 0 })),
        ...stores.map((at) => ({ time, address: at, bytes: unsized(at), op: 1 })),
      ]);
      const { rows } = await importedRows("a", write(instructions), { format });
      expect(rows).toEqual(dense(expected));
    }),
  );
});

test("an ip that looks like the beginning of an Arrow stream or of gzip is an ip", async () => {
  for (const ip of [0xffff_ffff_ffff_ffffn, 0x40_8b1fn]) {
    const { rows } = await importedRows("a", inputInstr([{ ip }]), { format: "champsim" });
    expect(rows).toEqual(dense([{ time: 0, address: ip, bytes: Math.min(4, 64 - Number(ip % 64n)), op: 2 }]));
  }
});

test("content tells the two apart where it can, the name where it does not, and otherwise the caller is asked", async () => {
  const many = Array.from({ length: 12 }, (_, i) => ({
    ip: BigInt(0x40_0000 + 4 * i),
    loads: [BigInt(0x7f02_0000 + 64 * i)],
  }));
  for (const [bytes, format] of [
    [inputInstr(many), "champsim"],
    [cloudsuiteInstr(many), "cloudsuite"],
  ] as const) {
    const { trace } = await importedRows("trace", bytes);
    expect(trace.metadata?.sources[0]?.format).toBe(format);
  }
  // Three records of 64 bytes that are as well two of 96.
  const both = inputInstr([{ ip: 1n }, { ip: 2n, loads: [5n] }, { ip: 3n }]);
  expect(await refusalOf("trace", both)).toContain(
    "EINVAL: trace: byte 0: could be champsim or cloudsuite; say which with --format",
  );
  const { trace } = await importedRows("bench.champsimtrace.xz", both);
  expect(trace.metadata?.sources[0]?.format).toBe("champsim");
});

test("a file cut inside a record, and records that are none, are refused with their byte", async () => {
  const bytes = inputInstr(LOOP);
  expect(await refusalOf("a.champsim", bytes.slice(0, 150))).toContain(
    "a.champsim: byte 150: the file ends inside a 64-byte record: it is truncated; 5 records before it are good",
  );
  expect(await refusalOf("a", bytes.slice(0, 10), { format: "champsim" })).toContain(
    "a: byte 10: the file ends inside a 64-byte record",
  );
  bytes[64 + 9] = 2;
  expect(await refusalOf("a", bytes, { format: "champsim" })).toContain(
    "a: byte 64: a branch flag is 2; 0 or 1 is right: perhaps these are records of --format cloudsuite; 3 records before it are good",
  );
  await expect(importTrace({ name: "a", data: bytes.slice(0, 10) }, new MemorySink())).rejects.toThrow(
    "a: byte 0: is of no format that is known by its content; say which with --format: lackey, drmemtrace, din,",
  );
});
