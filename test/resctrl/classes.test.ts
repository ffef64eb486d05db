// The rules by which a class becomes a resource or an event, one by one: what fails nothing else, and what passes.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Feature, MpamClass } from "../../src/driver/index.ts";
import { EXPORT_NAMES, type ExportName, judge, pick } from "../../src/resctrl/index.ts";
import { type FakeDriver, type FakeShape, fakeDriver } from "../fs/fakes.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const HALVES = { 0: [0, 1, 2, 3], 1: [4, 5, 6, 7] };
const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

/** Both at the L3: passes everything of L3, MB and the events. */
const AT_L3: FakeShape = { l3: HALVES };
/** Limits and counters at memory behind one L3. */
const AT_MEMORY: FakeShape = { l3: { 3: ALL }, bandwidth: "memory" };

function part(driver: FakeDriver, type: MpamClass["type"]): Mutable<MpamClass> {
  const found = driver.classes.find((c) => c.type === type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
}

function addComponent(c: Mutable<MpamClass>, id: number, cpus: readonly number[]): void {
  c.components = [...c.components, { class: c, id, affinity: new Set(cpus) }];
}

function setCaches(
  driver: FakeDriver,
  change: (all: FakeDriver["firmware"]["caches"]) => FakeDriver["firmware"]["caches"],
) {
  Object.assign(driver.firmware, { caches: change(driver.firmware.caches) });
}

function failing(driver: FakeDriver, c: MpamClass, name: ExportName): string[] {
  return judge(driver, c, name)
    .findings.filter(({ holds }) => !holds)
    .map(({ rule }) => rule);
}

interface Case {
  readonly of: readonly ExportName[];
  readonly rule: string;
  /** Rules that nothing can fail without failing these too. */
  readonly also?: readonly string[];
  readonly shape: FakeShape;
  readonly type?: MpamClass["type"];
  readonly spoil: (c: Mutable<MpamClass>, driver: FakeDriver) => void;
  readonly found: string | RegExp;
  readonly change: RegExp;
}

const toLevel2 = (c: Mutable<MpamClass>, driver: FakeDriver) => {
  c.level = 2;
  setCaches(driver, (caches) => [...caches, ...caches.map((cache) => ({ ...cache, level: 2 }))]);
};

const drop = (feature: Feature, width: "cpbmWd" | "bwaWd" | "numCsuMon" | "numMbwuMon") => (c: MpamClass) => {
  c.props.features.delete(feature);
  c.props[width] = 0;
};

const BANDWIDTH = ["MB", "mbm_total_bytes"] as const;

const CASES: readonly Case[] = [
  {
    of: ["L3"],
    rule: "cache",
    shape: AT_L3,
    spoil: (c) => {
      c.type = "memory";
    },
    found: "memory",
    change: /`msc` at a cache/,
  },
  {
    of: ["L3"],
    rule: "level",
    shape: AT_L3,
    spoil: (c) => {
      c.level = 4;
    },
    found: "of level 4",
    change: /`level: 3`/,
  },
  { of: ["L3"], rule: "portions", shape: AT_L3, spoil: drop("cpor_part", "cpbmWd"), found: "none", change: /`cpor`/ },
  {
    of: ["L3"],
    rule: "portions-fit",
    shape: AT_L3,
    spoil: (c) => {
      c.props.cpbmWd = 33;
    },
    found: "33 portions",
    change: /`cpor.cpbmWd` of 32 or less/,
  },
  {
    of: ["L3", "MB", "llc_occupancy", "mbm_total_bytes"],
    rule: "every-cpu",
    shape: AT_L3,
    spoil: (c) => {
      c.components = c.components.slice(0, 1);
      c.affinity = new Set(HALVES[0]);
    },
    found: "cpus 0-3 of 0-7",
    change: /^an `msc` at L3 1$/,
  },
  {
    of: ["MB"],
    rule: "l3-or-memory",
    also: ["l3-traffic"],
    shape: AT_L3,
    spoil: toLevel2,
    found: "a cache of level 2",
    change: /`mbw` at the L3 or at memory/,
  },
  {
    of: ["mbm_total_bytes"],
    rule: "l3-or-memory",
    also: ["l3-traffic"],
    shape: AT_L3,
    spoil: toLevel2,
    found: "a cache of level 2",
    change: /`mbwu` at the L3 or at memory/,
  },
  {
    of: ["llc_occupancy"],
    rule: "l3-or-memory",
    shape: AT_L3,
    spoil: toLevel2,
    found: "a cache of level 2",
    change: /`csu` at the L3/,
  },
  {
    of: ["llc_occupancy"],
    rule: "cache",
    shape: AT_L3,
    spoil: (c) => {
      c.type = "memory";
    },
    found: "memory",
    change: /`msc` at a cache/,
  },
  {
    of: ["MB"],
    rule: "limit",
    shape: AT_L3,
    spoil: drop("mbw_max", "bwaWd"),
    found: "none",
    change: /`mbw` with `max`/,
  },
  {
    of: ["MB"],
    rule: "limit-bits",
    shape: AT_L3,
    spoil: (c) => {
      c.props.bwaWd = 0;
    },
    found: "0 bits",
    change: /`mbw.bwaWd` of 1 to 16/,
  },
  {
    of: ["llc_occupancy"],
    rule: "monitors",
    shape: AT_L3,
    spoil: drop("msmon_csu", "numCsuMon"),
    found: "none",
    change: /`csu` in every MSC/,
  },
  {
    of: ["llc_occupancy"],
    rule: "monitor-count",
    shape: AT_L3,
    spoil: (c) => {
      c.props.numCsuMon = 0;
    },
    found: "0 monitors",
    change: /`csu.monitors` of 1 or more/,
  },
  {
    of: ["mbm_total_bytes"],
    rule: "monitors",
    shape: AT_L3,
    spoil: drop("msmon_mbwu", "numMbwuMon"),
    found: "none",
    change: /`mbwu` in every MSC/,
  },
  {
    of: ["mbm_total_bytes"],
    rule: "monitor-count",
    shape: AT_L3,
    spoil: (c) => {
      c.props.numMbwuMon = 0;
    },
    found: "0 monitors",
    change: /`mbwu.monitors` of 1 or more/,
  },
  {
    of: ["llc_occupancy"],
    rule: "size",
    shape: { ...AT_L3, cacheBytes: 0 },
    spoil: () => undefined,
    found: "no size",
    change: /`bytes`; PPTT/,
  },
  {
    of: ["llc_occupancy"],
    rule: "l3-id",
    also: ["size"],
    shape: AT_L3,
    spoil: (_, driver) => setCaches(driver, (caches) => caches.slice(1)),
    found: "cpu 0 has none",
    change: /a cache of level 3/,
  },
  {
    of: ["mbm_total_bytes"],
    rule: "l3-id",
    also: ["known-l3"],
    shape: AT_L3,
    spoil: (_, driver) => setCaches(driver, (caches) => caches.slice(1)),
    found: "cpu 0 has none",
    change: /a cache of level 3/,
  },
  {
    of: BANDWIDTH,
    rule: "own-cpus",
    shape: AT_MEMORY,
    type: "memory",
    spoil: (c) => addComponent(c, 9, []),
    found: "node 9 has none",
    change: /cpus for node 9 .*`memory\[\]\.cpus`; SRAT.*or no `msc` there/,
  },
  {
    of: BANDWIDTH,
    rule: "online",
    shape: AT_L3,
    spoil: (_, { machine }) => {
      for (const cpu of machine.processor.cpus) if (cpu.cpu >= 4) cpu.online = false;
    },
    found: "L3 1: of cpus 4-7 none is",
    change: /one of cpus 4-7 online/,
  },
  {
    of: BANDWIDTH,
    rule: "known-l3",
    shape: AT_L3,
    spoil: (_, driver) => setCaches(driver, (caches) => caches.slice(0, 1)),
    found: "L3 1: cpu 4 has none",
    change: /a cache of level 3 for cpu 4/,
  },
  {
    of: BANDWIDTH,
    rule: "cpus-of-l3",
    shape: AT_L3,
    spoil: (_, driver) =>
      setCaches(driver, ([first, second]) => [first, { ...second, cpus: new Set([4, 5, 6]) }] as never),
    found: "L3 1 serves cpus 4-7, L3 1 cpus 4-6",
    change: /`msc.cpus`/,
  },
  {
    of: BANDWIDTH,
    rule: "l3-traffic",
    shape: AT_L3,
    spoil: (c) => {
      c.type = "unknown";
    },
    found: "firmware does not say what it controls",
    change: /resource node of the MPAM table/,
  },
  {
    of: BANDWIDTH,
    rule: "one-l3",
    shape: { l3: HALVES, bandwidth: "memory" },
    type: "memory",
    spoil: (c) => {
      c.components = [];
      addComponent(c, 0, HALVES[0]);
      addComponent(c, 1, HALVES[1]);
    },
    found: "L3 0 of cpus 0-3, not 0-7",
    change: /one L3 for all cpus/,
  },
  {
    of: BANDWIDTH,
    rule: "no-l4",
    shape: { ...AT_MEMORY, l4: true },
    type: "memory",
    spoil: () => undefined,
    found: "L4 99",
    change: /no cache of level 4/,
  },
  {
    of: BANDWIDTH,
    rule: "one-node",
    shape: { ...AT_MEMORY, nodes: 2 },
    type: "memory",
    spoil: () => undefined,
    found: "nodes 0-1",
    change: /one entry in `memory`/,
  },
];

describe("what a rule refuses, and nothing else", () => {
  const each = CASES.flatMap((one) => one.of.map((name) => ({ ...one, name })));

  test.each(each)("$name: $rule", ({ name, rule, also = [], shape, type = "cache", spoil, found, change }) => {
    const driver = fakeDriver(shape);
    const c = part(driver, type);
    spoil(c, driver);
    expect(failing(driver, c, name).sort()).toEqual([rule, ...also].sort());
    const finding = judge(driver, c, name).findings.find((one) => one.rule === rule);
    expect(finding?.found).toMatch(found);
    expect(finding?.change).toMatch(change);
    expect(pick(driver, name)).toBeUndefined();
  });

  // A spoiled class must have been one that passes: the same shape, not spoiled, unless the shape is what spoils it.
  test.each(each.filter(({ shape }) => shape === AT_L3 || shape === AT_MEMORY))(
    "$name passes before it is spoiled for $rule",
    ({ name, shape, type = "cache" }) => {
      const driver = fakeDriver(shape);
      expect(judge(driver, part(driver, type), name).outcome).toBe("exported");
    },
  );

  test("every rule of every export has a case", () => {
    const driver = fakeDriver(AT_L3);
    for (const name of ["L3", "MB", "llc_occupancy", "mbm_total_bytes"] as const) {
      const rules = judge(driver, part(driver, "cache"), name).findings.map(({ rule }) => rule);
      const known = each.filter((one) => one.name === name).map(({ rule }) => rule);
      expect(rules.filter((rule) => !known.includes(rule))).toEqual(["preferred"]);
    }
  });

  test("the L2 schema asks for level 2, and else what the L3 schema asks", () => {
    const driver = fakeDriver(AT_L3);
    const c = part(driver, "cache");
    expect(judge(driver, c, "L2")).toMatchObject({ outcome: "wrong-kind" });
    expect(failing(driver, c, "L2")).toEqual(["level"]);
    toLevel2(c, driver);
    expect(judge(driver, c, "L2").outcome).toBe("exported");
    const rules = (name: ExportName) => judge(driver, c, name).findings.map(({ rule }) => rule);
    expect(rules("L2").filter((rule) => rule !== "preferred")).toEqual(rules("L3"));
  });
});

describe("who is preferred", () => {
  function copy(driver: FakeDriver): MpamClass {
    const c = part(driver, "cache");
    const other: Mutable<MpamClass> = { ...c, props: { ...c.props, features: new Set(c.props.features) } };
    other.components = c.components.map((component) => ({ ...component, class: other }));
    driver.classes.push(other);
    return other;
  }

  test("of two classes of one level the last is the schema", () => {
    const driver = fakeDriver(AT_L3);
    const last = copy(driver);
    expect(pick(driver, "L3")).toBe(last);
    expect(judge(driver, part(driver, "cache"), "L3").outcome).toBe("other");
    expect(failing(driver, part(driver, "cache"), "L3")).toEqual(["preferred"]);
  });

  test("of two classes of one level the first is MB", () => {
    const driver = fakeDriver(AT_L3);
    copy(driver);
    expect(pick(driver, "MB")).toBe(part(driver, "cache"));
  });

  test.each([["MB"], ["mbm_total_bytes"]] as const)(
    "%s: the L3 is preferred to memory, whichever is seen first",
    (name) => {
      for (const reversed of [false, true]) {
        const driver = fakeDriver(AT_MEMORY);
        const [l3, memory] = [part(driver, "cache"), part(driver, "memory")];
        l3.props.features.add("msmon_mbwu").add("mbw_max");
        Object.assign(l3.props, { numMbwuMon: 2, bwaWd: 5 });
        if (reversed) driver.classes.reverse();
        expect(judge(driver, l3, name).outcome).toBe("exported");
        const verdict = judge(driver, memory, name);
        expect(verdict.outcome).toBe("other");
        expect(verdict.findings.at(-1)).toMatchObject({
          rule: "preferred",
          holds: false,
          found: "the L3 passes too and is preferred",
          change: `no \`${name === "MB" ? "mbw" : "mbwu"}\` at L3`,
        });
      }
    },
  );
});

describe("why a class does not serve every cpu", () => {
  function change(spoil: (driver: FakeDriver, c: Mutable<MpamClass>) => void): string | undefined {
    const driver = fakeDriver(AT_L3);
    const c = part(driver, "cache");
    c.components = c.components.slice(0, 1);
    c.affinity = new Set(HALVES[0]);
    spoil(driver, c);
    return judge(driver, c, "L3").findings.find(({ rule }) => rule === "every-cpu")?.change;
  }

  test("there is no such cache", () => {
    expect(change((driver) => setCaches(driver, (caches) => caches.slice(0, 1)))).toBe(
      "a cache of level 3, with an `msc`, for cpus 4-7 (`caches`; PPTT)",
    );
  });

  test("the cache has no MSC", () => {
    expect(change(() => undefined)).toBe("an `msc` at L3 1");
  });

  test("the cpus do not reach its MSC", () => {
    expect(change((_, c) => addComponent(c, 1, [4, 5]))).toBe(
      "cpus 4-7 among those that reach the MSC of L3 1 (`msc.cpus`; the linked device of the MPAM table)",
    );
  });

  test("several causes are told apart", () => {
    const told = change((driver, c) => {
      c.affinity = new Set([0, 1, 2]);
      setCaches(driver, (caches) => caches.slice(0, 1));
    });
    expect(told).toMatch(/^cpus 3 among those that reach the MSC of L3 0.*; a cache of level 3.*cpus 4-7/);
  });
});

/** The choice once more, in one piece and in the words of resctrl-glue.md 2.1 to 2.5. */
function chosen(driver: FakeDriver, name: ExportName): MpamClass | undefined {
  const cpus = driver.machine.processor.cpus;
  const same = (a: Iterable<number>, b: Iterable<number>) => [...a].sort().join() === [...b].sort().join();
  const all = cpus.map(({ cpu }) => cpu);
  const online = cpus.filter((one) => one.online).map(({ cpu }) => cpu);
  const cache = (cpu: number, level: number) =>
    driver.firmware.caches.find((one) => one.level === level && one.cpus.has(cpu));
  const topology = (c: MpamClass) =>
    c.components.every(({ affinity }) => {
      const cpu = online.find((one) => affinity.has(one));
      const l3 = cpu === undefined ? undefined : cache(cpu, 3);
      return l3 !== undefined && same(l3.cpus, affinity);
    });
  const traffic = (c: MpamClass) => {
    if (c.type !== "memory") return c.type === "cache" && c.level === 3;
    const cpu = online.find((one) => c.affinity.has(one));
    if (cpu === undefined) return false;
    const l3 = cache(cpu, 3);
    return l3 !== undefined && same(l3.cpus, all) && !cache(cpu, 4) && driver.firmware.nodes.length <= 1;
  };
  const candidates = driver.classes.filter((c) => {
    if (!same(c.affinity, all)) return false;
    const { features, cpbmWd, bwaWd, numCsuMon, numMbwuMon } = c.props;
    if (name === "L2" || name === "L3") {
      return c.type === "cache" && `L${c.level}` === name && features.has("cpor_part") && cpbmWd <= 32;
    }
    if (c.type === "cache" && c.level !== 3) return false;
    if (name === "MB") return features.has("mbw_max") && bwaWd !== 0 && topology(c) && traffic(c);
    const first = online[0];
    if (first === undefined || !cache(first, 3)) return false;
    if (name === "llc_occupancy") {
      return features.has("msmon_csu") && numCsuMon >= 1 && c.type === "cache" && (cache(first, 3)?.bytes ?? 0) > 0;
    }
    return features.has("msmon_mbwu") && numMbwuMon >= 1 && topology(c) && traffic(c);
  });
  if (name === "L2" || name === "L3") return candidates.at(-1);
  const least = Math.min(...candidates.map(({ level }) => level));
  return candidates.find(({ level }) => level === least);
}

test("rules together choose what the text of the reference chooses, and say so of one class at most", () => {
  const bools = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });
  const draw = fc.record({
    one: fc.boolean(),
    bandwidth: fc.constantFrom("l3" as const, "memory" as const),
    nodes: fc.constantFrom(1, 1, 2),
    l4: fc.constantFrom(false, false, true),
    cacheBytes: fc.constantFrom(1 << 20, 1 << 20, 0),
    cbmWd: fc.constantFrom(0, 16, 33),
    bwaWd: fc.constantFrom(0, 7),
    csu: fc.constantFrom(0, 2),
    mbwu: fc.constantFrom(0, 3),
    online: fc.oneof(fc.constant(new Array<boolean>(8).fill(true)), bools),
    reversed: fc.boolean(),
    level: fc.constantFrom(3, 3, 2),
    missing: fc.constantFrom(false, false, true),
    both: fc.boolean(),
  });
  fc.assert(
    fc.property(draw, ({ one, online, reversed, level, missing, both, ...shape }) => {
      const driver = fakeDriver({ ...shape, l3: one ? { 3: ALL } : HALVES });
      for (const cpu of driver.machine.processor.cpus) cpu.online = online[cpu.cpu] ?? true;
      const c = part(driver, "cache");
      if (level === 2) c.level = 2;
      if (missing) c.affinity = new Set([0, 1, 2, 3]);
      if (both) {
        c.props.features.add("msmon_mbwu").add("mbw_max");
        Object.assign(c.props, { numMbwuMon: 2, bwaWd: 5 });
      }
      if (reversed) driver.classes.reverse();
      for (const name of EXPORT_NAMES) {
        const expected = chosen(driver, name);
        expect(pick(driver, name)).toBe(expected);
        const exported = driver.classes.filter((other) => judge(driver, other, name).outcome === "exported");
        expect(exported).toEqual(expected === undefined ? [] : [expected]);
      }
    }),
    { numRuns: 500 },
  );
});
