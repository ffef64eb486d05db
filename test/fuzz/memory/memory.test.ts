/** The search over memory systems: what it draws, what that reaches, and that it finds what is broken. */
import { describe, expect, test } from "vitest";
import { MemoryMachine } from "../../helpers/memory-machine.ts";
import type { MemoryConfig, MemorySubject } from "../../helpers/memory-subject.ts";
import { memoryContestants } from "../../helpers/memory-subjects.ts";
import type { Corner } from "../../helpers/plain/memory/reached.ts";
import { PlainMemory } from "../../helpers/plain/memory/subject.ts";
import { isLegalMemory } from "./legal.ts";
import { perform } from "./operations.ts";
import { alike } from "./questions.ts";
import { memoryJson, memoryLines, memoryTotals } from "./report.ts";
import { type MemoryContestant, memoryConfigOf, memoryOperationsOf, searchMemory } from "./search.ts";

const SEED = 2026;
const plain: MemoryContestant = { name: "plain model", create: async (config) => new PlainMemory(config) };

/** The plain model, but for what a test breaks. */
function broken(change: (subject: MemorySubject, config: MemoryConfig) => Partial<MemorySubject>): MemoryContestant {
  const create = async (config: MemoryConfig): Promise<MemorySubject> => {
    const subject: MemorySubject = new PlainMemory(config);
    const bound: MemorySubject = {
      name: "broken",
      read32: (msc, offset, space) => subject.read32(msc, offset, space),
      write32: (msc, offset, value, space) => subject.write32(msc, offset, value, space),
      setLabel: (requester, op, label) => subject.setLabel(requester, op, label),
      edge: () => subject.edge(),
      advance: (ns) => subject.advance(ns),
      run: (records) => subject.run(records),
      load: (records) => subject.load(records),
      runTo: (ns) => subject.runTo(ns),
      waiting: () => subject.waiting(),
      interrupts: (msc) => subject.interrupts(msc),
      counts: (place) => subject.counts(place),
      evictions: (slice) => subject.evictions(slice),
      lines: (slice) => subject.lines(slice),
      latencies: () => subject.latencies(),
    };
    return { ...bound, ...change(subject, config) };
  };
  return { name: "broken", create };
}

test("every implementation answers random memory systems as the plain model does", async () => {
  const outcome = await searchMemory(memoryContestants, { seed: 1, configs: 15, operations: 600, shrinkSeconds: 5 });
  for (const one of outcome.found) expect.fail(memoryLines(memoryContestants, one, outcome.totals).join("\n"));
  expect(outcome.totals).toMatchObject({ configs: 15, operations: 600 });
}, 60_000);

describe("what is drawn", () => {
  test("is legal, and every key of a configuration comes up", () => {
    const keys = new Set<string>();
    const visit = (value: unknown, path: string): void => {
      if (Array.isArray(value)) for (const one of value) visit(one, path);
      else if (typeof value === "object" && value !== null) {
        for (const [key, one] of Object.entries(value)) {
          keys.add(`${path}.${key}`);
          visit(one, `${path}.${key}`);
        }
      }
    };
    for (let i = 0; i < 600; i++) {
      const config = memoryConfigOf(SEED, i);
      expect(isLegalMemory(config), JSON.stringify(config)).toBe(true);
      visit(config, "");
    }
    const at = (path: string) =>
      [...keys].filter((key) => key.startsWith(`${path}.`) && !key.slice(path.length + 1).includes("."));
    expect(at("")).toHaveLength(10);
    expect(at(".caches")).toHaveLength(12);
    expect(at(".nodes")).toHaveLength(5);
    expect(
      at(".nodes.msc.ris.mbw")
        .map((key) => key.split(".").at(-1))
        .sort(),
    ).toEqual(["bwaWd", "bwpbmWd", "max", "maxLim", "min", "prop", "window", "windwr", "winwdUsec"]);
    expect(at(".caches.msc.ris.ccap")).toHaveLength(5);
    expect(at(".caches.msc.ris.pri")).toHaveLength(4);
  });

  test("is the same again for the same seed, and another for another", () => {
    const drawn = (seed: number) => {
      const config = memoryConfigOf(seed, 3);
      const generator = memoryOperationsOf(seed, 3, config);
      return { config, operations: Array.from({ length: 200 }, () => generator.next()) };
    };
    expect(drawn(SEED)).toEqual(drawn(SEED));
    expect(drawn(SEED)).not.toEqual(drawn(SEED + 1));
  });

  test("keeps to increasing time, whole quanta and records within a line", () => {
    for (let i = 0; i < 40; i++) {
      const config = memoryConfigOf(SEED, i);
      const generator = memoryOperationsOf(SEED, i, config);
      let now = 0;
      for (let k = 0; k < 200; k++) {
        const operation = generator.next();
        if (operation.do === "advance") now += operation.ns;
        if (operation.do === "runTo") {
          expect(operation.ns % config.quantumNs).toBe(0);
          expect(operation.ns).toBeGreaterThan(now);
          now = operation.ns;
        }
        if (!("records" in operation)) continue;
        for (const { time, bytes, requester } of operation.records) {
          expect(bytes).toBeLessThanOrEqual(Math.min(64, config.lineBytes));
          expect(requester).toBeLessThan(config.requesters.length);
          if (operation.do === "load") continue;
          expect(time).toBeGreaterThanOrEqual(now);
          now = time;
        }
      }
    }
  });

  test("reaches every corner of the model again and again", () => {
    const systems = 100;
    const reached = new Map<Corner, { times: number; systems: number }>();
    for (let i = 0; i < systems; i++) {
      const config = memoryConfigOf(SEED, i);
      const generator = memoryOperationsOf(SEED, i, config);
      const subject = new PlainMemory(config);
      for (let k = 0; k < 50; k++) perform(generator.next(), subject);
      for (const [corner, times] of subject.reached.all()) {
        const before = reached.get(corner) ?? { times: 0, systems: 0 };
        reached.set(corner, { times: before.times + times, systems: before.systems + 1 });
      }
    }
    const least: { readonly [corner in Corner]: number } = {
      held: 35,
      "hard hold": 9,
      "soft low": 10,
      "last served": 5,
      "portion contention": 10,
      "priority contention": 8,
      "joined below": 15,
      "caused at an edge": 15,
      "rest made a byte": 10,
      "back-invalidation": 15,
      "not taken": 9,
      "softlim allocation": 8,
      "cassoc hold": 10,
      retention: 5,
      "write-back allocation": 28,
      relabelled: 20,
    };
    for (const [corner, wanted] of Object.entries(least)) {
      const found = reached.get(corner as Corner) ?? { times: 0, systems: 0 };
      expect(found.systems, `${corner}: ${found.times} times`).toBeGreaterThanOrEqual(wanted);
      expect(found.times, corner).toBeGreaterThanOrEqual(3 * wanted);
    }
  }, 60_000);
});

test("records go each way again and again, and change it in the middle", async () => {
  const systems = { chosen: [0, 0, 0], forced: [0, 0, 0] };
  let changed = 0;
  for (let i = 0; i < 60; i++) {
    const config = memoryConfigOf(SEED, i);
    for (const ways of ["chosen", "forced"] as const) {
      const subject = await MemoryMachine.create(config, ways);
      const generator = memoryOperationsOf(SEED, i, config);
      for (let k = 0; k < 30; k++) perform(generator.next(), subject);
      const counts = subject.recordsByWay();
      systems[ways] = systems[ways].map((sum, way) => sum + ((counts[way] ?? 0) > 0 ? 1 : 0));
      if (counts.every((records) => records > 0)) changed++;
    }
  }
  for (const sums of Object.values(systems)) for (const sum of sums) expect(sum).toBeGreaterThanOrEqual(8);
  expect(changed).toBeGreaterThanOrEqual(3);
});

/** Shapes that the ways of records have rules of their own for. */
const SHAPES: { readonly [shape: string]: (config: MemoryConfig) => boolean } = {
  "17 to 32 ways": ({ caches }) => caches.some(({ ways }) => ways > 16 && ways <= 32),
  "three levels": ({ caches }) => new Set(caches.map(({ level }) => level)).size === 3,
  "four levels": ({ caches }) => new Set(caches.map(({ level }) => level)).size === 4,
  "a level passed by": ({ caches, cpus }) => {
    const levelsOf = (cpu: number) => caches.flatMap(({ level, cpus }) => (cpus.includes(cpu) ? [level] : []));
    const all = new Set(caches.map(({ level }) => level));
    return Array.from({ length: cpus }, (_, cpu) => levelsOf(cpu).length).some((n) => n > 0 && n < all.size);
  },
  "a level of different slices": ({ caches }) =>
    caches.some((one) => caches.some(({ level, slices }) => level === one.level && slices !== one.slices)),
  "three slices": ({ caches }) => caches.some(({ slices }) => slices === 3),
};

test("every shape comes to specialised kernels and to threads, with spans of hundreds of records", async () => {
  const systems = Object.fromEntries(Object.keys(SHAPES).map((shape) => [shape, 0]));
  let most = 0;
  for (let i = 0; i < 150; i++) {
    const config = memoryConfigOf(SEED, i);
    const shapes = Object.keys(SHAPES).filter((shape) => SHAPES[shape]?.(config));
    if (shapes.length === 0) continue;
    const subject = await MemoryMachine.create(config, "chosen", { workers: 2 });
    const generator = memoryOperationsOf(SEED, i, config);
    let before = 0;
    for (let k = 0; k < 40; k++) {
      perform(generator.next(), subject);
      most = Math.max(most, subject.recordsShared - before);
      before = subject.recordsShared;
    }
    const [specialised = 0] = subject.recordsByWay();
    if (specialised > 0 && subject.recordsShared > 0)
      for (const shape of shapes) systems[shape] = (systems[shape] ?? 0) + 1;
    await subject.close();
  }
  for (const [shape, times] of Object.entries(systems)) expect(times, shape).toBeGreaterThanOrEqual(3);
  expect(most).toBeGreaterThan(500);
}, 60_000);

test("answers are alike whatever the order of their keys, and only then", () => {
  expect(alike([{ a: 1, b: [2] }], [{ b: [2], a: 1, c: undefined }])).toBe(true);
  for (const [one, other] of [
    [1, 2],
    [[1], [1, 2]],
    [[1, 2], [1]],
    [{ a: 1 }, { a: 1, b: 0 }],
    [{ a: 1, b: 0 }, { a: 1 }],
    [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
    [[], {}],
  ]) {
    expect(alike(one, other), JSON.stringify([one, other])).toBe(false);
  }
});

describe("a search", () => {
  test("of one implementation alone says that it ran against itself", async () => {
    const outcome = await searchMemory([plain], { seed: SEED, configs: 3, operations: 60 });
    expect(outcome.found).toEqual([]);
    expect(memoryTotals([plain], outcome)).toMatch(
      /^fuzz memory: 3 configurations, 60 steps, \d+ records, \d+\.\d s, seed 2026: no difference \(plain model against itself: /,
    );
    expect(JSON.parse(memoryJson([plain], outcome))).toMatchObject({ target: "memory", alone: true, found: [] });
    expect(memoryTotals([plain, plain], outcome)).toMatch(/: no difference$/);
  });

  test("finds a write that is lost, and shows it in few steps", async () => {
    const lost = broken((subject) => ({
      run: (records) =>
        subject.run(records.map((one) => (one.op === 1 && one.requester === 1 ? { ...one, op: 0 } : one))),
    }));
    const outcome = await searchMemory([plain, lost], { seed: SEED, operations: 20_000, shrinkSeconds: 3 });
    const [found] = outcome.found;
    if (found === undefined) throw new Error("nothing was found");
    expect(found.finding.what).toBe("difference");
    expect(found.operations).toMatchObject([{ do: "run", records: [{ op: 1, requester: 1 }] }]);
    const text = memoryLines([plain, lost], found, outcome.totals).join("\n");
    expect(text).toContain("// fuzz memory: broken differs from plain model");
    expect(text).toContain(`--seed ${SEED} --from ${found.configuration} --configs 1 --operations ${found.drawn}`);
    expect(text).toMatch(
      /const config: MemoryConfig = \{.*\nconst subject = await create\(config\);\nsubject\.run\(\[\{/,
    );
    expect(text).toMatch(/expect\(subject\..*\)\.toEqual\(.*\);\n\/\/ plain model: .*\n\/\/ broken: /);
  }, 60_000);

  test("finds a register of one MSC that reads wrong, and what throws, and what is refused", async () => {
    const bounds = { seed: SEED, operations: 20_000, shrinkSeconds: 2 };
    const wrong = broken((subject) => ({
      read32: (msc, offset, space) => subject.read32(msc, offset, space) + (msc === 1 && offset === 0xf8 ? 1 : 0),
    }));
    const [read] = (await searchMemory([plain, wrong], bounds)).found;
    expect(read?.finding).toMatchObject({
      what: "difference",
      question: { text: 'subject.read32(1, MPAMF_ESR, "ns")' },
    });
    const throws = broken(() => ({
      edge: () => {
        throw new RangeError("no edge");
      },
    }));
    const [thrown] = (await searchMemory([plain, throws], bounds)).found;
    expect(thrown?.operations).toEqual([{ do: "edge" }]);
    expect(thrown?.finding).toMatchObject({ what: "exception", subject: 1, said: "RangeError: no edge" });
    const refuses: MemoryContestant = {
      name: "broken",
      create: async (config) => {
        if (config.caches.some(({ policy }) => policy === "nru")) throw new Error("no NRU");
        return new PlainMemory(config);
      },
    };
    const [refused] = (await searchMemory([plain, refuses], bounds)).found;
    expect(refused?.operations).toEqual([]);
    expect(refused?.finding.said).toBe("Error: no NRU");
  }, 60_000);
});
