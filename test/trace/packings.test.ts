// Recordings packed by gzip's younger relatives. The files in packed/ come from the tools themselves.
import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { importTrace, MemorySink, openTrace } from "../../src/trace/index.ts";
import { unpack } from "../../src/trace/packing.ts";
import { xxh32 } from "../../src/trace/xxh32.ts";
import { Xxh64 } from "../../src/trace/xxh64.ts";
import { rowsOf, toBytes } from "./recordings.ts";

const packed = (name: string) => readFile(new URL(`packed/${name}`, import.meta.url));
const CONTENT = Array.from({ length: 40000 }, (_, i) => ` L ${(0x1000 + ((i * i) % 509) * 64).toString(16)},8\n`).join(
  "",
);

async function* chunked(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function unpacked(bytes: Uint8Array, packing: "lz4" | "zstd" | "xz", size = 65536): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of unpack(chunked(bytes, size), packing)) {
    expect(part.length).toBeLessThanOrEqual(65536);
    parts.push(part.slice());
  }
  return Buffer.concat(parts).toString("latin1");
}

const FILES = [
  ["linked.lz4", "lz4"],
  ["blocks.lz4", "lz4"],
  ["plain.lz4", "lz4"],
  ["frames.lz4", "lz4"],
  ["checked.zst", "zstd"],
  ["streamed.zst", "zstd"],
  ["ultra.zst", "zstd"],
  ["frames.zst", "zstd"],
  ["default.xz", "xz"],
  ["crc32.xz", "xz"],
  ["blocks.xz", "xz"],
  ["streams.xz", "xz"],
] as const;

test.each(FILES)("%s unpacks to what was packed, whatever the chunks it comes in", async (name, packing) => {
  const bytes = await packed(name);
  for (const size of [65536, 997, 1]) expect((await unpacked(bytes, packing, size)) === CONTENT).toBe(true);
});

test.each(FILES)("a recording in %s is imported, and one cut short is refused with its byte", async (name) => {
  const data = await packed(name);
  const report = await importTrace({ name, data }, new MemorySink());
  expect(report.records).toBe(40000);
  for (const end of [20, data.length >> 2, data.length - 5, data.length - 1]) {
    const failed = await importTrace({ name, data: data.subarray(0, end) }, new MemorySink()).then(
      () => "accepted",
      (error: unknown) => String(error),
    );
    expect(failed, `cut at ${end}`).toMatch(
      /^ErrnoError: EINVAL: \S+: byte \d+: .*truncated.*; \d+ records? before it (is|are) good$/,
    );
  }
});

test.each(["default.xz", "linked.lz4", "checked.zst"])(
  "several recordings in %s are open at once and merge",
  async (name) => {
    const data = await packed(name);
    const report = await importTrace(
      [1, 2, 3].map((n) => ({ name: `${n}.${name}`, data })),
      new MemorySink(),
      { take: 90000 },
    );
    expect(report.records).toBe(90000);
    expect(report.requesters).toHaveLength(3);
    // And again, after three that were left before their end.
    expect((await importTrace({ name, data }, new MemorySink())).records).toBe(40000);
  },
);

test("xz streams that are read in turns do not mix", async () => {
  const files = await Promise.all(["default.xz", "blocks.xz", "streams.xz"].map(packed));
  const open = files.map((bytes, i) => ({
    text: "",
    parts: unpack(chunked(bytes, 300 + 100 * i), "xz")[Symbol.asyncIterator](),
  }));
  for (let left = open.length; left > 0; ) {
    left = 0;
    for (const one of open) {
      const next = await one.parts.next();
      if (next.done) continue;
      one.text += Buffer.from(next.value).toString("latin1");
      left++;
    }
  }
  for (const one of open) expect(one.text === CONTENT).toBe(true);
});

test("bytes behind the end of what is packed are refused", async () => {
  for (const [name, packing] of [
    ["plain.lz4", "lz4"],
    ["checked.zst", "zstd"],
    ["default.xz", "xz"],
  ] as const) {
    const bytes = Buffer.concat([await packed(name), Buffer.from("something else entirely")]);
    await expect(unpacked(bytes, packing)).rejects.toThrow(/damaged/);
  }
});

test("damage is found where the format has checksums", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        ["linked.lz4", "lz4"] as const,
        ["blocks.lz4", "lz4"] as const,
        ["checked.zst", "zstd"] as const,
        ["default.xz", "xz"] as const,
      ),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 1, max: 255 }),
      async ([name, packing], where, flip) => {
        const bytes = await packed(name);
        const at = Math.floor(where * bytes.length);
        bytes[at] = (bytes[at] as number) ^ flip;
        const result = await unpacked(bytes, packing).catch((error: unknown) => error as Error);
        if (typeof result === "string") expect(result === CONTENT).toBe(true);
        else expect(result.message).toMatch(new RegExp(`^${packing}: `));
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

test("any bytes behind a magic number end in words and never in a fault of ours", async () => {
  const magics = {
    lz4: [4, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7],
    zstd: [0x28, 0xb5, 0x2f, 0xfd],
    xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("lz4", "zstd", "xz"), fc.uint8Array({ maxLength: 200 }), async (packing, tail) => {
      const bytes = Uint8Array.from([...magics[packing], ...tail]);
      const result = await unpacked(bytes, packing).catch((error: unknown) => error as Error);
      if (typeof result !== "string") expect(result.message).toMatch(new RegExp(`^${packing}: `));
    }),
    { numRuns: 150 },
  );
}, 60_000);

test("a zstd frame that asks for two gigabytes of window, and an xz check of unknown kind, are refused with what to do", async () => {
  await expect(unpacked(await packed("wide.zst"), "zstd")).rejects.toThrow(
    "zstd: its window is 2147483648 bytes; up to 134217728 are read: pack it again without --long or --ultra",
  );
  const later = Buffer.concat([await packed("ultra.zst"), await packed("wide.zst")]);
  await expect(unpacked(later, "zstd", 100)).rejects.toThrow("window is 2147483648 bytes");
  await expect(unpacked(await packed("sha256.xz"), "xz")).rejects.toThrow(
    "xz: its filters or its integrity check are not read; pack it again with plain xz",
  );
});

test("a bomb of zeros is unpacked a piece at a time", async () => {
  // A zstd frame with a window of 1 MiB whose blocks each repeat one byte 128 KiB times: four bytes a block.
  const block = 0x20000;
  const blocks = 20_000;
  const bomb = new Uint8Array(6 + blocks * 4);
  bomb.set([0x28, 0xb5, 0x2f, 0xfd, 0x00, 10 << 3]);
  for (let i = 0; i < blocks; i++) {
    const header = ((block << 3) | (1 << 1) | (i === blocks - 1 ? 1 : 0)) >>> 0;
    bomb.set([header & 255, (header >> 8) & 255, header >> 16, 0], 6 + 4 * i);
  }
  let total = 0;
  let most = 0;
  for await (const part of unpack(chunked(bomb, 65536), "zstd")) {
    total += part.length;
    if (total % (64 * 1024 * 1024) < 65536) most = Math.max(most, process.memoryUsage().arrayBuffers);
    if (total > 1024 * 1024 * 1024) break;
  }
  expect(total).toBeGreaterThan(1024 * 1024 * 1024);
  expect(most).toBeLessThan(400 * 1024 * 1024);
}, 60_000);

test("a trace of ours may be packed so too, and is read from any row on", async () => {
  const plain = await toBytes((sink) => importTrace(Buffer.from(CONTENT), sink));
  // lz4 of blocks left as they are: the frame's header as the tool writes it, and lengths with the highest bit set.
  const parts: Uint8Array[] = [Uint8Array.of(4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82)];
  for (let at = 0; at < plain.length; at += 65536) {
    const block = plain.subarray(at, at + 65536);
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, block.length | 0x80000000, true);
    parts.push(new Uint8Array(length.buffer), block);
  }
  parts.push(new Uint8Array(4));
  const trace = await openTrace({ name: "a.arrow.lz4", data: Buffer.concat(parts) });
  expect(await rowsOf(trace)).toEqual(await rowsOf(await openTrace(plain)));
  expect(await rowsOf(trace, 39990)).toHaveLength(10);
});

test("xxh64 gives the values of its specification's implementation, however it is fed", () => {
  expect(new Xxh64().digest()).toBe(0xef46db3751d8e999n);
  expect(new Xxh64().update(Buffer.from("a")).digest()).toBe(0xd24ec4f1a98c6e5bn);
  expect(new Xxh64().update(Buffer.from("abc")).digest()).toBe(0x44bc2cf5ad770999n);
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i * 31) >> 3);
  const whole = new Xxh64().update(bytes).digest();
  for (const size of [1, 7, 31, 33, 100]) {
    const hash = new Xxh64();
    for (let at = 0; at < bytes.length; at += size) hash.update(bytes.subarray(at, at + size));
    expect(hash.digest()).toBe(whole);
  }
});

test("zstd frames too short for any header are read, with and without a checksum", async () => {
  // An empty frame as `zstd -c < /dev/null` writes it, one of a raw block "hi", and one that is skipped.
  const empty = [0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x00, 0x01, 0x00, 0x00, 0x99, 0xe9, 0xd8, 0x51];
  const hi = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x02, 0x11, 0x00, 0x00, 0x68, 0x69];
  const skipped = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
  const bytes = Uint8Array.from([...empty, ...hi, ...skipped, ...hi, ...empty]);
  for (const size of [1, 2, 3, 5, 1000]) expect(await unpacked(bytes, "zstd", size)).toBe("hihi");
  const bad = Uint8Array.from(empty);
  bad[12] = 0x52;
  await expect(unpacked(bad, "zstd")).rejects.toThrow("zstd: damaged: the checksum of a frame's content differs");
});

test("xxh32 gives the values of its specification's implementation", () => {
  // From xxhsum -H0 of the same bytes.
  expect(xxh32(new Uint8Array(0))).toBe(0x02cc5d05);
  expect(xxh32(Buffer.from("a"))).toBe(0x550d7456);
  expect(xxh32(Buffer.from("abc"))).toBe(0x32d153ff);
  expect(xxh32(Buffer.from("Nobody inspects the spammish repetition"))).toBe(0xe2293b2f);
});
