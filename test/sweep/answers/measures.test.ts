// Each measure from counts whose quotients are known.

import { expect, test } from "vitest";
import { type Measured, measure, nameOfGoal, showMeasured } from "../../../src/sweep/answers/measures.ts";
import { type Goal, MEASURES } from "../../../src/sweep/plan/plan.ts";
import { group, result } from "./made-sweep.ts";

const one = result([
  group("/", { accesses: 100, misses: 100, occupancy: 0, traffic: 6400 }),
  group("web", {
    accesses: 1000,
    misses: 250,
    occupancy: 65_536,
    traffic: 2_000_000,
    latency: { count: 100, meanNs: 50, heldNs: 1000 },
  }),
  group("web/mon_groups/inner", { accesses: 500, misses: 125, occupancy: 32_768, traffic: 1_000_000 }),
  group("batch", {
    accesses: 3000,
    misses: 2750,
    occupancy: 131_072,
    traffic: 4_000_000,
    latency: { count: 300, meanNs: 150, heldNs: 9000 },
  }),
]);

const of = (name: Goal["measure"], group: string, level?: number): Measured =>
  measure({ want: "highest", measure: name, of: group, ...(level === undefined ? {} : { level }) }, one);

test("rates and counts are those of the last level, unless another is named", () => {
  expect(of("hit rate", "web")).toEqual({ value: 0.75 });
  expect(of("miss rate", "web")).toEqual({ value: 0.25 });
  expect(of("misses", "web")).toEqual({ value: 250 });
  expect(of("accesses", "web")).toEqual({ value: 1000 });
  expect(of("accesses", "web", 2)).toEqual({ value: 2000 });
  expect(of("hit rate", "web", 2)).toEqual({ value: 0.5 });
});

test("bytes are those of the files, and bandwidth is bytes over model time", () => {
  expect(of("occupancy", "web")).toEqual({ value: 65_536 });
  expect(of("traffic", "web")).toEqual({ value: 2_000_000 });
  // 2 MB in 1 ms.
  expect(of("bandwidth", "web")).toEqual({ value: 2e9 });
});

test("latency and time held are means over requests", () => {
  expect(of("latency", "web")).toEqual({ value: 50 });
  expect(of("held", "web")).toEqual({ value: 10 });
});

test("all adds up groups, each request once: monitor groups are in their control groups", () => {
  expect(of("accesses", "all")).toEqual({ value: 4100 });
  expect(of("hit rate", "all")).toEqual({ value: 1000 / 4100 });
  expect(of("occupancy", "all")).toEqual({ value: 196_608 });
  expect(of("traffic", "all")).toEqual({ value: 6_006_400 });
  // 100 requests of 50 ns and 300 of 150.
  expect(of("latency", "all")).toEqual({ value: 125 });
  expect(of("held", "all")).toEqual({ value: 25 });
});

test("what is no number is said in words", () => {
  const odd = result([group("web", { occupancy: "Unavailable", traffic: "-" })]);
  const none = (name: Goal["measure"], group = "web", level?: number) =>
    measure({ want: "lowest", measure: name, of: group, ...(level === undefined ? {} : { level }) }, odd);
  expect(none("occupancy")).toEqual({ none: "llc_occupancy of web says Unavailable" });
  expect(none("bandwidth")).toEqual({ none: "mbm_total_bytes of web says -" });
  expect(none("occupancy", "all")).toEqual({ none: "llc_occupancy of web says Unavailable" });
  expect(none("hit rate")).toEqual({ none: "web had no accesses at L3" });
  expect(none("misses")).toEqual({ value: 0 });
  expect(none("misses", "web", 4)).toEqual({ none: "there is no cache of level 4" });
  expect(none("latency")).toEqual({ none: "there are no latencies: they are of closed timing" });
  expect(none("misses", "nobody")).toEqual({ none: "there is no group nobody" });
  expect(measure({ want: "lowest", measure: "misses", of: "x" }, result([{ ...group("x"), levels: [] }]))).toEqual({
    none: "there are no caches",
  });
  expect(measure({ want: "lowest", measure: "bandwidth", of: "web" }, { ...one, ns: 0 })).toEqual({
    none: "no time passed",
  });
});

test("every measure has its unit in what people read", () => {
  const shown = (value: number) => MEASURES.map((name) => `${name} ${showMeasured(value, name)}`);
  expect(shown(1536)).toEqual([
    "hit rate 153600.00 %",
    "miss rate 153600.00 %",
    "misses 1,536",
    "accesses 1,536",
    "occupancy 1.50 KiB",
    "traffic 1.50 KiB",
    "bandwidth 0.0 MB/s",
    "latency 1.536 us",
    "held 1.536 us",
  ]);
  expect(showMeasured(0.5, "hit rate")).toBe("50.00 %");
  expect(showMeasured(2e9, "bandwidth")).toBe("2.00 GB/s");
});

test("a goal is named by what it wants, of whom and where", () => {
  expect(nameOfGoal({ want: "highest", measure: "hit rate", of: "web", level: 3 })).toBe(
    "highest hit rate of web at L3",
  );
  expect(nameOfGoal({ want: "lowest", measure: "traffic", of: "/" })).toBe("lowest traffic of the default group");
});
