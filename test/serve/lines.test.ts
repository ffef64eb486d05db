// Bytes as lines, however they are cut.

import fc from "fast-check";
import { expect, test } from "vitest";
import { isTooLong, Lines } from "../../src/serve/lines.ts";

test("lines are the same however their bytes are cut", () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom("a", "b", " ", "\r"), maxLength: 12 }), { maxLength: 8 });
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (written, cuts) => {
      const lines = new Lines(8);
      const bytes = Buffer.from(written.map((line) => `${line}\n`).join(""));
      const found: (string | undefined)[] = [];
      for (let from = 0, i = 0; from < bytes.length; i++) {
        const to = from + (cuts[i % cuts.length] as number);
        for (const line of lines.of(bytes.subarray(from, to))) found.push(isTooLong(line) ? undefined : line);
        from = to;
      }
      expect(found).toEqual(
        written.map((line) => line.replace(/\r$/, "")).map((line) => (line.length > 8 ? undefined : line)),
      );
    }),
  );
});

test("a line without an end takes no more room than a line may", () => {
  const lines = new Lines(65_536);
  const piece = new Uint8Array(1 << 20).fill(97);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 256; i++) expect([...lines.of(piece)]).toEqual([]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
});
