// Counters that never go back.

import { expect, test } from "vitest";
import type { Place } from "../../src/report/index.ts";
import { Tally } from "../../src/serve/tally.ts";

const place = (counts: Record<string, number>, family: Place["family"] = "mpam_cache_misses_total"): Place => ({
  family,
  where: { level: "3" },
  counts: new Map(Object.entries(counts)),
});
const web = { who: { group: "web" }, labels: new Set(["ns:1:0", "ns:1:1"]) };
const values = (tally: Tally, one: Place, subjects = [web]) => tally.add([one], subjects).map(({ value }) => value);

test("labels of one group count together", () => {
  const tally = new Tally();
  expect(tally.add([place({ "ns:1:0": 5, "ns:1:1": 7, "ns:2:0": 100 })], [web])).toEqual([
    { family: "mpam_cache_misses_total", labels: { group: "web", level: "3" }, value: 12 },
  ]);
  expect(values(tally, place({ "ns:1:0": 6, "ns:1:1": 7 }))).toEqual([13]);
});

test("a label whose place others have had begins anew, and its group goes on", () => {
  const tally = new Tally();
  expect(values(tally, place({ "ns:1:0": 50 }))).toEqual([50]);
  expect(values(tally, place({}))).toEqual([50]);
  expect(values(tally, place({ "ns:1:0": 3 }))).toEqual([53]);
  expect(values(tally, place({ "ns:1:0": 2 }))).toEqual([55]);
});

test("a label that goes to another group takes nothing of the past along", () => {
  const tally = new Tally();
  const other = { who: { group: "other" }, labels: web.labels };
  expect(values(tally, place({ "ns:1:0": 50 }))).toEqual([50]);
  expect(values(tally, place({ "ns:1:0": 60 }), [other])).toEqual([10]);
  expect(values(tally, place({ "ns:1:0": 61 }), [web, other])).toEqual([51, 11]);
});

test("what another machine had counted before is no news", () => {
  const tally = new Tally();
  expect(values(tally, place({ "ns:1:0": 50 }))).toEqual([50]);
  tally.follow([place({ "ns:1:0": 400 })]);
  expect(values(tally, place({ "ns:1:0": 401 }))).toEqual([51]);
});

test("what is held is as it is", () => {
  const tally = new Tally();
  expect(values(tally, place({ "ns:1:0": 50 }, "mpam_llc_occupancy_bytes"))).toEqual([50]);
  expect(values(tally, place({ "ns:1:0": 20 }, "mpam_llc_occupancy_bytes"))).toEqual([20]);
});
