// gem5's packet trace, its protobuf messages put together by hand.
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Access, dense, importedRows, refusalOf, unsized } from "./recordings.ts";

function varint(value: bigint | number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

const number = (field: number, value: bigint | number) => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, content: readonly number[]) => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const words = (field: number, value: string) => bytes(field, [...new TextEncoder().encode(value)]);
const message = (content: readonly number[]) => [...varint(content.length), ...content];
const MAGIC = [0x67, 0x65, 0x6d, 0x35];

/** obj_id, ver, tick_freq, id_strings {key, value}. */
function header(
  freq: bigint | number = 1_000_000_000_000n,
  names: readonly (readonly [number, string])[] = [],
): number[] {
  return [
    ...words(1, "system.monitor"),
    ...number(2, 0),
    ...number(3, freq),
    ...names.flatMap(([key, value]) => bytes(4, [...number(1, key), ...words(2, value)])),
  ];
}

/** tick, cmd, addr, size, flags, pkt_id, pc. */
function packet(
  tick: bigint | number,
  cmd: number,
  addr: bigint | number,
  more: readonly number[] = number(4, 64),
): number[] {
  return [...number(1, tick), ...number(2, cmd), ...number(3, addr), ...more];
}

function trace(head: readonly number[], packets: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...MAGIC, ...message(head), ...packets.flatMap((one) => message(one))]);
}

test("packets have their ticks as times, and the requesters that the header names", async () => {
  const names = [
    [5, "system.cpu0.inst"],
    [6, "system.cpu0.data"],
  ] as const;
  const data = trace(header(1_000_000_000_000n, names), [
    packet(5_000_000, 1, 0x8000_1000, [
      ...number(4, 64),
      ...number(5, 0x100),
      ...number(6, 5),
      ...number(7, 0x8000_1000),
    ]),
    packet(5_001_999, 4, 0x8000_2008, [...number(4, 8), ...number(6, 6)]),
    packet(5_002_000, 2, 0x8000_2008, [...number(4, 8), ...number(6, 6)]),
    packet(5_003_000, 25, 0x8000_2010, [...number(6, 6)]),
    packet(5_003_000, 13, 0x8000_1040, [...number(4, 64), ...number(6, 99)]),
    packet(5_004_000, 7, 0x8000_1080, [...number(4, 64), ...number(6, 98)]),
  ]);
  const { trace: read, rows } = await importedRows("a", data);
  expect(rows).toEqual([
    [0, 0x000, 64, 2, 0],
    [1, 0x1008, 8, 1, 1],
    [3, 0x1010, 8, 0, 1],
    [3, 0x040, 64, 3, 2],
    [4, 0x080, 64, 1, 2],
  ]);
  expect(read.requesters).toEqual([
    { asid: 1, pid: 1, tid: 5, comm: "system.cpu0.inst", source: "a" },
    { asid: 1, pid: 1, tid: 6, comm: "system.cpu0.data", source: "a" },
    { asid: 1, pid: 1, tid: 1, source: "a" },
  ]);
  expect(read.metadata?.timeRule).toEqual({ rule: "recorded" });
  expect(read.metadata?.sources[0]).toMatchObject({ format: "gem5", records: 7 });
  expect((await importedRows("a.gz", new Uint8Array(gzipSync(data)))).rows).toEqual(rows);
});

test("any packets written are those read, in chunks of any size", async () => {
  const address = fc.oneof(fc.bigInt(0n, 0xffff_ffff_ffff_ffffn), fc.bigInt(0x8000_0000n, 0x8000_ffffn));
  const one = fc.tuple(
    fc.integer({ min: 0, max: 100_000 }),
    fc.constantFrom(1, 4),
    address,
    fc.option(fc.integer({ min: 0, max: 65535 })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(one, { minLength: 1, maxLength: 60 }),
      fc.bigInt(0n, 2n ** 62n),
      async (packets, first) => {
        let tick = first;
        const written: number[][] = [];
        const expected: Access[] = [];
        for (const [step, cmd, at, size] of packets) {
          tick += BigInt(step);
          written.push(packet(tick, cmd, at, size === null ? [] : number(4, size)));
          const ns = tick / 1000n - first / 1000n;
          expected.push({ time: Number(ns), address: at, bytes: size ?? unsized(at), op: cmd === 4 ? 1 : 0 });
        }
        expect((await importedRows("a", trace(header(), written))).rows).toEqual(dense(expected));
      },
    ),
  );
});

test("fields that nobody knows are passed over, whatever their type", async () => {
  const more = [
    ...number(20, 7),
    ...varint(21 * 8 + 1),
    ...Array(8).fill(9),
    ...words(22, "x"),
    ...varint(23 * 8 + 5),
    1,
    2,
    3,
    4,
  ];
  const { rows } = await importedRows(
    "a",
    trace([...header(), ...more], [packet(0, 1, 64, [...number(4, 4), ...more])]),
  );
  expect(rows).toEqual([[0, 64, 4, 0, 0]]);
});

const GOOD = packet(7000, 1, 64);
test.each([
  [
    "a length of two gigabytes",
    [...varint(2n ** 31n), 1, 2, 3],
    "a message of 2147483648 bytes; headers and packets have at most 1048576",
  ],
  ["a length of eleven bytes", Array(11).fill(0xff), "a varint of more than 64 bits"],
  ["a number above 64 bits", message([8, ...Array(9).fill(0xff), 2]), "a varint of more than 64 bits"],
  ["a field past its message", message([0x1a, 100, 1]), "field 3 reaches past its message"],
  ["a field that ends early", message([0x08]), "field 1 reaches past its message"],
  ["an unknown wire type", message([0x0b, 1]), "field 1 has wire type 3"],
  ["a packet without a command", message(number(1, 5)), "a packet without its tick or its command"],
  [
    "a packet of a gigabyte",
    message(packet(8000, 1, 64, number(4, 2 ** 30))),
    "a packet of 1073741824 bytes; at most 65535",
  ],
  [
    "time that goes back",
    message(packet(6000, 1, 64)),
    "time goes back from 7 to 6 ns; sort the records by time, or take --time accesses",
  ],
  ["times a year apart", message(packet((4n * 10n ** 19n) / 3n, 1, 64)), "2^53 ns (104 days) can be replayed"],
])("%s is refused with its byte", async (_what, tail, said) => {
  const start = trace(header(), [GOOD]);
  const message = await refusalOf("a", Uint8Array.from([...start, ...tail]));
  expect(message).toContain(said);
  expect(message).toMatch(new RegExp(`EINVAL: a: byte ${start.length}: .*; 1 record before it is good$`));
});

test("a header without a clock, a wrong magic number and a cut file are refused", async () => {
  expect(await refusalOf("a", trace(words(1, "x"), [GOOD]))).toContain("a: byte 4: the header has no tick_freq");
  expect((await importedRows("a", trace(words(1, "x"), [GOOD]), { time: "accesses" })).rows).toHaveLength(1);
  expect(await refusalOf("a", Uint8Array.from([1, 2, 3, 4, 5]), { format: "gem5" })).toContain(
    "a: byte 0: is no gem5 packet trace",
  );
  const whole = trace(header(), [GOOD, GOOD]);
  const borders = new Set([whole.length - message(GOOD).length, whole.length]);
  for (let end = 4; end < whole.length; end++) {
    if (!borders.has(end))
      expect(await refusalOf("a", whole.slice(0, end))).toMatch(/EINVAL: a: byte \d+: .*; \d records? before/);
  }
});
