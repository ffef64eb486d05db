// Bytes that come once: importers look at the beginning and then read through.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { importTrace, openTrace } from "../../src/trace/index.ts";
import { collect } from "../../src/trace/input.ts";
import { StreamInput } from "../../src/trace/stream-input.ts";
import { rowsOf, text, toBytes } from "./recordings.ts";

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

test("a stream reads as the bytes it carries, looked at before or not, in chunks of at most 64 KiB", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 300_000 }),
      fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(40), fc.nat(100)), { maxLength: 4 }),
      fc.boolean(),
      async (length, sizes, looks, peek) => {
        const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
        const input = new StreamInput(
          "s",
          cut(
            bytes,
            sizes.map((size) => Math.max(size, length >> 10)),
          ),
        );
        for (const [offset, size] of looks) {
          expect([...(await input.read(offset, size))]).toEqual([...bytes.subarray(offset, offset + size)]);
        }
        if (peek) for await (const _ of input.chunks()) break;
        const parts: Uint8Array[] = [];
        for await (const chunk of input.chunks()) {
          expect(chunk.length).toBeLessThanOrEqual(65536);
          parts.push(chunk);
        }
        expect(Buffer.concat(parts).equals(bytes)).toBe(true);
        expect(input.size).toBe(length);
        expect(await input.digest()).toBe(createHash("sha256").update(bytes).digest("hex"));
      },
    ),
    { numRuns: 60 },
  );
});

test("what has passed cannot be read again, and says so", async () => {
  const input = new StreamInput("prog.lackey", cut(new Uint8Array(200_000), [50_000]));
  await collect(input.chunks());
  await expect(input.read(0, 8)).rejects.toThrow(/prog.lackey: comes from a running program and cannot be read twice/);
});

test("a recording that is streamed becomes the trace that a file of it would", async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) =>
    i % 2 ? ` L ${(i * 64).toString(16)},8` : `I  400${i % 10},4`,
  );
  const bytes = text(["==7== Command: ./prog", ...lines]);
  const fromFile = await toBytes((sink) => importTrace({ name: "p.lackey", data: bytes }, sink));
  const streamed = await toBytes((sink) => importTrace({ name: "p.lackey", stream: cut(bytes, [1000, 77]) }, sink));
  const [a, b] = [await openTrace(fromFile), await openTrace(streamed)];
  expect(b.metadata).toEqual(a.metadata);
  expect(b.metadata?.sources[0]).toMatchObject({ bytes: bytes.length });
  expect(await rowsOf(b)).toEqual(await rowsOf(a));
});
