// The twins our rates are compared with do the model's work, all of it, and the same in both languages.
import fc from "fast-check";
import { expect, test } from "vitest";
import { CTwin, compilerVersion } from "../../bench/c-twin.ts";
import { PlainAccounting } from "../../bench/js/accounting.ts";
import { PlainCache } from "../../bench/js/cache.ts";
import { checksumText, hashAdd64, mix, zipfRank, zipfSpan } from "../../bench/mixer.ts";
import {
  ACCOUNTING_KEYS,
  ACCOUNTING_SEED,
  cacheArguments,
  cacheCase,
  fillAccounting,
  fillCache,
  PATTERNS,
} from "../../bench/workload.ts";
import { NaiveCache } from "./naive-cache.ts";

const SETS = 4;
const LINES = SETS * 16;

const setting = fc.record({
  portions: fc.integer({ min: 0, max: 0xffff }),
  limit: fc.integer({ min: 0, max: LINES }),
  soft: fc.constant(false),
  least: fc.constant(0),
  mostWays: fc.constant(16),
});
const access = fc.record({
  line: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  requester: fc.integer({ min: 0, max: 7 }),
  op: fc.integer({ min: 0, max: 3 }),
});

test("the plain JavaScript cache hits, evicts, writes back and refuses as the model says, whatever the settings", () => {
  fc.assert(
    fc.property(
      fc.array(setting, { minLength: 4, maxLength: 4 }),
      fc.array(access, { minLength: 1, maxLength: 600 }),
      (partitions, accesses) => {
        const twin = new PlainCache({ ...cacheCase("uniform", SETS, 0), partitions });
        const naive = new NaiveCache(SETS, 16, partitions, (label) => label % 4);
        const columns = {
          line: Uint32Array.from(accesses, (a) => a.line),
          requester: Uint16Array.from(accesses, (a) => a.requester),
          meta: Uint8Array.from(accesses, (a) => (a.op << 6) | 7),
        };
        twin.replay(columns, 0, accesses.length);
        for (const a of accesses) naive.access(a.line, a.requester, a.op === 1);
        const wanted = twin.owners.map((_, label) => {
          const crossed = (write: boolean) =>
            naive.crossings.filter((c) => c.label === label && c.write === write).length;
          const misses = naive.missed.filter((l) => l === label).length;
          return {
            accesses: misses + naive.hits.filter((l) => l === label).length,
            misses,
            linesRead: crossed(false),
            linesWritten: crossed(true),
            lines: naive.linesOf((l) => l === label),
          };
        });
        expect(twin.owners).toEqual(wanted);
      },
    ),
    { numRuns: 150 },
  );
});

test("plain JavaScript and plain C give one checksum for each pattern, from input each drew itself", async () => {
  for (const pattern of PATTERNS) {
    const c = cacheCase(pattern, 64, 20_000);
    const twin = await CTwin.start("cache", cacheArguments(c));
    if (!twin) return expect(compilerVersion()).toBeNull();
    const columns = { line: new Uint32Array(20_000), requester: new Uint16Array(20_000), meta: new Uint8Array(20_000) };
    fillCache(columns, c);
    const model = new PlainCache(c);
    model.replay(columns, 0, 20_000);
    expect((await twin.run("plain")).checksum).toBe(model.checksum());
    twin.close();
  }
});

test("bulk C, exact C and plain JavaScript count the same bytes under every key", async () => {
  const records = 10_001;
  const words = [records, 1, ACCOUNTING_SEED, ACCOUNTING_KEYS, zipfSpan(ACCOUNTING_KEYS)];
  const twin = await CTwin.start("accounting", words.map(String));
  if (!twin) return expect(compilerVersion()).toBeNull();
  const columns = { key: new Uint16Array(records), bytes: new Uint32Array(records) };
  fillAccounting(columns);
  const model = new PlainAccounting(ACCOUNTING_KEYS);
  model.count(columns, 0, records);
  const wanted = new Array<number>(ACCOUNTING_KEYS).fill(0);
  columns.key.forEach((key, i) => {
    wanted[key] = (wanted[key] ?? 0) + (columns.bytes[i] ?? 0);
  });
  expect(model.checksum()).toBe(checksumText(wanted.reduce((h, n) => hashAdd64(h, n), mix(0))));
  expect((await twin.run("bulk")).checksum).toBe(model.checksum());
  expect((await twin.run("exact")).checksum).toBe(model.checksum());
  twin.close();
});

test("a counter that passes 2^31 bytes is seen at the record that took it there", () => {
  const model = new PlainAccounting(2);
  const columns = { key: Uint16Array.of(0, 0, 1, 0), bytes: Uint32Array.of(2 ** 31 - 2, 1, 5, 1) };
  model.count(columns, 0, 3);
  expect([...model.overflows]).toEqual([0, 0]);
  model.count(columns, 3, 4);
  expect([...model.overflows]).toEqual([1, 0]);
});

test("skewed ranks stay within their range, and the first is the commonest", () => {
  const counts = new Map<number, number>();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (word) => {
      const rank = zipfRank(word, zipfSpan(512));
      expect(rank).toBeGreaterThanOrEqual(0);
      expect(rank).toBeLessThan(512);
    }),
  );
  for (let i = 0; i < 20_000; i++) {
    const rank = zipfRank(mix(i), zipfSpan(512));
    counts.set(rank, (counts.get(rank) ?? 0) + 1);
  }
  expect(Math.max(...counts.values())).toBe(counts.get(0));
});
