/** What holds in every memory system, whatever is drawn: where lines are, and that no part of a record is lost. */
import { describe, expect, test } from "vitest";
import { hashAdd, mix } from "../../bench/mixer.ts";
import { perform } from "../fuzz/memory/operations.ts";
import { memoryConfigOf, memoryOperationsOf } from "../fuzz/memory/search.ts";
import type { MemoryConfig, MemorySubject } from "../helpers/memory-subject.ts";
import { memorySubjects } from "../helpers/memory-subjects.ts";
import { slice } from "./systems.ts";

const SEED = 31;
const SYSTEMS = 60;
const STEPS = 40;

function checkLines(subject: MemorySubject, { caches }: MemoryConfig): void {
  let index = 0;
  for (const { sets, ways, slices } of caches) {
    for (let n = 0; n < slices; n++, index++) {
      const lines = subject.lines(index);
      for (const { line, set, way } of lines) {
        expect({ set, slice: hashAdd(mix(1), line) % slices }).toEqual({ set: line % sets, slice: n });
        expect(way).toBeLessThan(ways);
      }
      expect(new Set(lines.map(({ line }) => line)).size).toBe(lines.length);
      expect(new Set(lines.map(({ set, way }) => `${set} ${way}`)).size).toBe(lines.length);
      const counts = subject.counts(slice(index));
      expect(counts.reduce((sum, one) => sum + one.lines, 0)).toBe(lines.length);
      expect(counts.every(({ accesses, misses }) => misses <= accesses)).toBe(true);
    }
  }
}

describe.each(memorySubjects)("$name", ({ create }) => {
  test("lines are where they belong, and every part is waiting, held or served", async () => {
    let held = 0;
    for (let i = 0; i < SYSTEMS; i++) {
      const config = memoryConfigOf(SEED, i);
      const generator = memoryOperationsOf(SEED, i, config);
      const subject = await create(config);
      let [parts, open] = [0, 0];
      for (let k = 0; k < STEPS; k++) {
        const operation = generator.next();
        perform(operation, subject);
        if ("records" in operation) parts += operation.records.length;
        const { records, held: requests } = subject.waiting();
        if (operation.do === "run") open += operation.records.length;
        // Open timing has no latencies.
        const served = open + subject.latencies().reduce((sum, { count }) => sum + count, 0);
        // Of what is held some are demands, and each part has one.
        expect(parts - records - served).toBeGreaterThanOrEqual(0);
        expect(parts - records - served).toBeLessThanOrEqual(requests);
        held += requests;
      }
      checkLines(subject, config);
      for (const { sumNs, heldNs, maxNs, count } of subject.latencies()) {
        expect(heldNs).toBeLessThanOrEqual(sumNs);
        expect(sumNs).toBeLessThanOrEqual(count * maxNs);
      }
    }
    expect(held).toBeGreaterThan(1000);
  });
});
