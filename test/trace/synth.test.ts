// Traces without a recording: what a specification promises about the records it stands for.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTrace, synthTrace } from "../../src/trace/index.ts";
import { scatter } from "../../src/trace/scatter.ts";
import { exp, ln, Zipf } from "../../src/trace/zipf.ts";
import { rowsOf } from "./recordings.ts";

const [TIME, ADDRESS, BYTES, OP, WHO] = [0, 1, 2, 3, 4] as const;

const size = fc.integer({ min: 1, max: 200 }).map((lines) => `${lines * 64}`);

/** Any specification of a small trace, with the working set and the share of writes that it asks for. */
const specs = fc
  .record({
    pattern: fc.constantFrom(
      "stream",
      "random",
      "zipf,theta=0.8",
      "chase",
      "mix,of=zipf:3+stream:2,stream.at=64",
      "stream,kernel=random:3,every=7",
    ),
    ws: size.filter((text) => Number(text) > 64),
    n: fc.integer({ min: 1, max: 400 }),
    threads: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(0xffff_ffff),
    write: fc.constantFrom(0, 0.25, 1),
    gap: fc.constantFrom("0", "1", "2.5", "1us"),
    bytes: fc.integer({ min: 1, max: 64 }),
  })
  .map(({ pattern, ...options }) => ({
    ...options,
    ws: Number(options.ws),
    text: `synth:${pattern}${Object.entries(options)
      .map(([key, value]) => `,${key}=${value}`)
      .join("")}`,
  }));

describe("any specification", () => {
  test("gives the same records each time, and from any row on the rest of them", async () => {
    await fc.assert(
      fc.asyncProperty(specs, fc.nat(400), async ({ text, n }, from) => {
        const all = await rowsOf(await openTrace(text));
        expect(all).toHaveLength(n);
        expect(await rowsOf(await openTrace(text))).toEqual(all);
        expect(await rowsOf(synthTrace(text), Math.min(from, n))).toEqual(all.slice(from));
      }),
      { numRuns: 100 },
    );
  });

  test("stays within its working set and its footprint; threads take turns, a gap apart", async () => {
    await fc.assert(
      fc.asyncProperty(specs, async ({ text, ws, threads, gap, bytes, write }) => {
        const trace = synthTrace(text);
        expect(trace.spaces).toEqual([{ asid: 1, pages: Math.ceil(ws / 4096) }]);
        expect([...new Set(trace.requesters.map(({ tid }) => tid))]).toEqual(
          Array.from({ length: threads }, (_, i) => 1 + i),
        );
        const step = gap === "1us" ? 1000 : Number(gap);
        for (const [row, record] of (await rowsOf(trace)).entries()) {
          expect(record[ADDRESS]).toBeGreaterThanOrEqual(0);
          expect(record[ADDRESS] + record[BYTES]).toBeLessThanOrEqual(ws);
          expect(record[BYTES]).toBe(bytes);
          expect((record[WHO] as number) % threads).toBe(row % threads);
          expect(record[TIME]).toBe(Math.floor(Math.floor(row / threads) * step));
          if (write !== 0.25) expect(record[OP]).toBe(write);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("with another seed gives other records", async () => {
    for (const pattern of ["random", "zipf", "chase"]) {
      const one = await rowsOf(synthTrace(`synth:${pattern},ws=1M,n=100,seed=1`));
      expect(await rowsOf(synthTrace(`synth:${pattern},ws=1M,n=100,seed=2`))).not.toEqual(one);
    }
  });

  test("is named by its content: traces are the same if all their options are, however written", () => {
    const hashOf = (text: string) => synthTrace(text).hash;
    expect(hashOf("synth:zipf,ws=8M,n=1M")).toBe(hashOf("synth:zipf,n=1000000,ws=8MiB,theta=0.99"));
    expect(hashOf("synth:zipf,ws=8M")).not.toBe(hashOf("synth:zipf,ws=8MB"));
    expect(hashOf("synth:random")).not.toBe(hashOf("synth:random,seed=2"));
  });
});

test("reading goes on past the first batch as if there were none", async () => {
  const text = "synth:mix,of=zipf:3+stream:1+chase:2,n=200k,threads=3,write=10%";
  const all = await rowsOf(synthTrace(text));
  expect(all).toHaveLength(200_000);
  expect(await rowsOf(synthTrace(text), 131_000)).toEqual(all.slice(131_000));
});

test("stream goes through the working set by its stride, and begins again", async () => {
  const rows = await rowsOf(synthTrace("synth:stream,ws=512,stride=128,n=6,start=1us,gap=10"));
  expect(rows.map((row) => row[ADDRESS])).toEqual([0, 128, 256, 384, 0, 128]);
  expect(rows.map((row) => row[TIME])).toEqual([1000, 1010, 1020, 1030, 1040, 1050]);
  // Threads begin at equal distances.
  const two = await rowsOf(synthTrace("synth:stream,ws=512,n=4,threads=2"));
  expect(two.map((row) => [row[WHO], row[ADDRESS]])).toEqual([
    [0, 0],
    [1, 256],
    [0, 64],
    [1, 320],
  ]);
});

// The formula of docs/trace-format.md, in arithmetic of its own.
test("random places come from the mixer and the hash as documented", async () => {
  const U32 = 2n ** 32n;
  const mix = (x: bigint): bigint => {
    let y = x;
    y ^= y >> 16n;
    y = (y * 0x85ebca6bn) % U32;
    y ^= y >> 13n;
    y = (y * 0xc2b2ae35n) % U32;
    return y ^ (y >> 16n);
  };
  const hash = (first: bigint, ...rest: bigint[]) =>
    rest.reduce((h, word) => mix(h ^ mix((word + 0x9e3779b9n) % U32)), mix(first));
  const expected = [0n, 1n, 2n, 3n, 4n, 5n].map((row) => {
    const [k, thread] = [row / 2n, row % 2n];
    const words = hash(77n, 0n, 16n, thread, 0n, k) * U32 + hash(77n, 0n, 17n, thread, 0n, k);
    return Number(((words >> 11n) * 1000n) / 2n ** 53n) * 64;
  });
  const rows = await rowsOf(synthTrace("synth:random,ws=64000,n=6,threads=2,seed=77"));
  expect(rows.map((row) => row[ADDRESS])).toEqual(expected);
});

describe("chase", () => {
  test("visits every line once a lap, in the same order each lap", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.nat(0xffff_ffff), async (lines, seed) => {
        const rows = await rowsOf(synthTrace(`synth:chase,ws=${lines * 64},n=${2 * lines},seed=${seed}`));
        const lap = rows.slice(0, lines).map((row) => row[ADDRESS] / 64);
        expect(lap.toSorted((a, b) => a - b)).toEqual(Array.from({ length: lines }, (_, i) => i));
        expect(rows.slice(lines).map((row) => row[ADDRESS] / 64)).toEqual(lap);
      }),
      { numRuns: 60 },
    );
  });

  test("depends on where it is: threads that begin elsewhere follow the same cycle", async () => {
    const rows = await rowsOf(synthTrace("synth:chase,ws=64000,n=3000,threads=3"));
    const next = new Map<number, number>();
    for (const thread of [0, 1, 2]) {
      const lines = rows.filter((row) => row[WHO] === thread).map((row) => row[ADDRESS] / 64);
      for (const [i, line] of lines.slice(0, -1).entries()) {
        expect(next.get(line) ?? lines[i + 1]).toBe(lines[i + 1]);
        next.set(line, lines[i + 1] as number);
      }
    }
    expect(next.size).toBe(1000);
  });

  test("does not walk along the lines", async () => {
    const lines = (await rowsOf(synthTrace("synth:chase,ws=4M,n=4096"))).map((row) => row[ADDRESS] / 64);
    const steps = lines.slice(1).map((line, i) => line - (lines[i] as number));
    // Of 65,536 lines a random walk hardly ever repeats a step.
    expect(new Set(steps).size).toBeGreaterThan(3800);
  });
});

describe("zipf", () => {
  /** Sum of (seen - expected)^2 / expected; below ranks + 6 sqrt(2 ranks) but for one draw in millions. */
  function chiSquare(counts: readonly number[], theta: number): number {
    const weights = counts.map((_, i) => (i + 1) ** -theta);
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    const draws = counts.reduce((sum, seen) => sum + seen, 0);
    return counts.reduce((sum, seen, i) => {
      const expected = (draws * (weights[i] as number)) / whole;
      return sum + (seen - expected) ** 2 / expected;
    }, 0);
  }

  test.each([0, 0.5, 0.99, 1, 1.3, 2.5])("of theta %d draws ranks as often as the formula says", (theta) => {
    const ranks = 40;
    const zipf = new Zipf(ranks, theta);
    const counts = Array.from({ length: ranks }, () => 0);
    let state = 1n;
    for (let i = 0; i < 200_000; i++) {
      const rank = zipf.rank(() => {
        state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
        return Number(state >> 11n) / 2 ** 53;
      });
      counts[rank - 1] = (counts[rank - 1] as number) + 1;
    }
    expect(chiSquare(counts, theta)).toBeLessThan(ranks + 6 * Math.sqrt(2 * ranks));
  });

  test("lines of a trace are used as often as the formula says, and the popular ones are scattered", async () => {
    const counts = new Map<number, number>();
    for (const row of await rowsOf(synthTrace("synth:zipf,ws=6400,theta=0.9,n=200k"))) {
      counts.set(row[ADDRESS], (counts.get(row[ADDRESS]) ?? 0) + 1);
    }
    expect(counts.size).toBe(100);
    const order = [...counts].toSorted(([, a], [, b]) => b - a);
    expect(
      chiSquare(
        order.map(([, seen]) => seen),
        0.9,
      ),
    ).toBeLessThan(100 + 6 * Math.sqrt(200));
    const top = order.slice(0, 10).map(([address]) => address);
    expect(top).not.toEqual(top.toSorted((a, b) => a - b));
  });

  test("ranks of a large working set stay in range, however skewed", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.integer({ min: 1, max: 2 ** 32 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (theta, n, first) => {
          const rank = new Zipf(n, theta).rank((attempt) => (first + attempt * 0.618) % 1);
          expect(Number.isInteger(rank) && rank >= 1 && rank <= n).toBe(true);
        },
      ),
    );
  });

  test("logarithms and powers are as good as those of the engine", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (x) => {
        expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(Math.log(x))));
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -600, max: 600, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15 * 4);
      }),
    );
  });
});

test("scatter is a bijection of any size", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(0xffff_ffff), (n, seed) => {
      const order = scatter(n, seed);
      const seen = new Set(Array.from({ length: n }, (_, i) => order(i)));
      expect(seen.size).toBe(n);
      expect(Math.max(...seen)).toBe(n - 1);
    }),
  );
  const all = scatter(2 ** 32, 5);
  const seen = new Set(Array.from({ length: 1000 }, (_, i) => all(i * 4_000_000)));
  expect(seen.size).toBe(1000);
});

test("the share of writes is what was asked for", async () => {
  for (const [text, share] of [["write=0.3", 0.3] as const, ["write=5%", 0.05] as const]) {
    const rows = await rowsOf(synthTrace(`synth:random,n=100k,${text}`));
    const writes = rows.filter((row) => row[OP] === 1).length;
    // Six standard deviations.
    expect(Math.abs(writes - 100_000 * share)).toBeLessThan(6 * Math.sqrt(100_000 * share * (1 - share)));
  }
});

test("a mix gives each part its weight in every round, and each part goes on where it was", async () => {
  const rows = await rowsOf(
    synthTrace("synth:mix,of=stream:3+random:1,ws=1M,stream.ws=640,random.at=512k,random.write=1,n=4000"),
  );
  const streamed = rows.filter((row) => row[ADDRESS] < 512 * 1024);
  for (let round = 0; round < 1000; round++) {
    expect(rows.slice(4 * round, 4 * round + 4).filter((row) => row[OP] === 1)).toHaveLength(1);
  }
  expect(streamed.map((row) => row[ADDRESS])).toEqual(Array.from({ length: 3000 }, (_, i) => (i % 10) * 64));
});

test.each([
  [
    "synth:zpf",
    /^EINVAL: synth:zpf: there is no pattern 'zpf'; did you mean zipf\?; stream, random, zipf, chase and mix/,
  ],
  ["synth:", /no pattern ''/],
  ["synth:zipf,thet=1", /there is no option 'thet'; did you mean theta\?/],
  ["synth:stream,theta=1", /there is no option 'theta'/],
  ["synth:stream,ws", /'ws' is no option; KEY=VALUE is needed/],
  ["synth:stream,ws=0", /ws is '0'; a size such as 8M or 8MiB/],
  ["synth:stream,ws=8X", /ws is '8X'/],
  ["synth:stream,ws=8M,ws=9M", /ws stands there twice/],
  ["synth:stream,ws=32,bytes=64", /bytes=64 do not fit into a working set of 32/],
  ["synth:stream,n=1.5", /n is '1.5'; a number of records such as 20M/],
  ["synth:stream,write=2", /write is '2'; a share such as 0.3 or 30%/],
  ["synth:stream,gap=-1", /gap is '-1'/],
  ["synth:stream,seed=4294967296", /seed is/],
  ["synth:stream,ws=256GiB,stride=1", /more than 2\^32 places/],
  ["synth:mix", /a mix needs its parts, as in of=zipf:3\+stream:1/],
  ["synth:mix,of=zipf+strem", /of names 'strem'; did you mean stream\?/],
  ["synth:mix,of=zipf:0", /the weight of zipf is '0'/],
  ["synth:mix,of=zipf+zipf", /of names zipf twice/],
  ["synth:mix,of=zipf+stream,zipf.wss=1M", /there is no option 'zipf.wss'; did you mean zipf.ws\?/],
  ["synth:mix,of=zipf+stream,ws=1M,zipf.at=512k,zipf.ws=1M", /zipf goes to byte 1572864 of a working set of 1048576/],
  ["synth:stream,n=100M,gap=1s,start=1s", /the times go past 2\^53 ns/],
])("%s is refused in one line", async (text, says) => {
  const error: Error = await openTrace(text).then(
    () => expect.unreachable(),
    (thrown: Error) => thrown,
  );
  expect(error).toMatchObject({ code: "EINVAL" });
  expect(error.message).toMatch(says);
  expect(error.message).not.toContain("\n");
});

describe("exception levels", () => {
  const el = (trace: { requesters: readonly { el?: number; tid: number }[] }) =>
    trace.requesters.map((one) => [one.tid, one.el]);

  test("el= is that of all records", () => {
    expect(el(synthTrace("synth:stream,threads=2,el=1"))).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(el(synthTrace("synth:stream"))).toEqual([[1, undefined]]);
  });

  test("kernel= comes at EL1 of the same thread after every so many of its own records, and each goes on where it was", async () => {
    const trace = synthTrace("synth:stream,ws=4k,n=14,threads=2,kernel=stream:1,every=2,kernel.at=2k,kernel.write=1");
    expect(el(trace)).toEqual([
      [1, 0],
      [2, 0],
      [1, 1],
      [2, 1],
    ]);
    const rows = await rowsOf(trace);
    const of = (who: number) =>
      rows.filter((row) => row[WHO] === who).map((row) => [row[TIME], Number(row[ADDRESS]) / 64, row[OP]]);
    expect(of(0)).toEqual([
      [0, 0, 0],
      [1, 1, 0],
      [3, 2, 0],
      [4, 3, 0],
      [6, 4, 0],
    ]);
    expect(of(2)).toEqual([
      [2, 32, 1],
      [5, 33, 1],
    ]);
    // The second thread begins in the middle of both.
    expect(of(1).map((row) => row[1])).toEqual([32, 33, 34, 35, 36]);
    expect(of(3).map((row) => row[1])).toEqual([48, 49]);
  });

  test.each([
    ["kernel=rnadom:20", "kernel names 'rnadom'; did you mean random?"],
    ["kernel=random", "kernel is 'random'; a pattern and a number of records are needed, as in random:20"],
    ["kernel=random:0", "kernel is 'random:0'; a pattern and a number"],
    ["kernel=random:5,el=1", "with kernel= the records are of EL0 and EL1"],
    ["every=5", "there is no option 'every'"],
    ["kernel=random:5,kernel.at=8M,kernel.ws=64", "kernel goes to byte 8388672 of a working set of 8388608"],
    ["el=4", "el is '4'; an exception level, 0 to 3 is needed"],
  ])("%s is refused: %s", (options, message) => {
    expect(() => synthTrace(`synth:stream,${options}`)).toThrow(message);
  });
});
