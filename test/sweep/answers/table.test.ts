// What the terminal shows at the end.

import { expect, test } from "vitest";
import { describeSweep } from "../../../src/sweep/index.ts";
import { BANDWIDTH, HIT_RATE, pair, pairSweep } from "./made-sweep.ts";

const linesOf = (text: string) => text.split("\n");

test("it says what was swept, what nothing beats, and what to write", () => {
  const text = describeSweep(pairSweep());
  expect(linesOf(text).slice(0, 2)).toEqual([
    "who gets the cache",
    "1 workload, 1 platform, 16 configurations, 16 replays, open timing",
  ]);
  expect(text).toContain("a pair on plain: 15 of 16 configurations that no other beats");
  // The middle: polite hits 8 of 16, greedy moves 8 GB/s.
  expect(text).toMatch(/\* cut in two: L3 of polite 8 +50\.00 % +8\.00 GB\/s/);
  expect(text).toContain('  echo "L3:0=00ff;1=00ff" > /sys/fs/resctrl/polite/schemata\n');
  expect(text).toContain('  echo "L3:0=ff00;1=ff00" > /sys/fs/resctrl/greedy/schemata\n');
  expect(text).toMatch(/ {2}nothing set \(beaten\) +3\.13 % +500 MB\/s/);
  // Both extremes are among the rows.
  expect(text).toMatch(/cut in two: L3 of polite 15 +93\.75 % +1\.00 GB\/s/);
  expect(text).toMatch(/cut in two: L3 of polite 1 +6\.25 % +15\.00 GB\/s/);
});

test("with one goal there is one best", () => {
  const text = describeSweep(pairSweep({ goals: [HIT_RATE] }));
  expect(text).toContain("a pair on plain: the best of 16 configurations");
  expect(text).toMatch(/\* cut in two: L3 of polite 15 +93\.75 %/);
  expect(text).not.toContain("L3 of polite 14");
});

test("what is best in every goal is the only one, with those that come out the same", () => {
  const text = describeSweep(pairSweep({ goals: [HIT_RATE, { ...HIT_RATE, want: "lowest", measure: "misses" }] }));
  expect(text).toContain("a pair on plain: the best of 16 configurations in every goal");
  const same = describeSweep(pairSweep({ goals: [{ ...BANDWIDTH, measure: "misses" }] }));
  // Greedy misses always: all are equal, and what sets nothing is the first of them.
  expect(same).toMatch(/\* nothing set \+15 alike +32,000/);
  expect(same).toContain("Best: nothing set; it sets nothing");
});

test("each failure is told once, with how many and one of them", () => {
  const text = describeSweep(
    pairSweep({
      seeds: [1, 2],
      result: (place, schemata) =>
        place.settings["L3 of polite"] === 3 || place.settings["L3 of polite"] === 4
          ? "schemata: no such domain"
          : pair(place, schemata),
    }),
  );
  expect(text).toContain("\n4 failed\n");
  expect(text).toContain("4 replays failed: schemata: no such domain\n");
  expect(text).toContain("  such as cut in two: L3 of polite 3 (a pair on plain, seed 1)");
  expect(text).toContain("a pair on plain: 13 of 14 configurations that no other beats");
  expect(text.match(/no such domain/g)?.length).toBe(1);
});

test("a spread over seeds stands beside its mean", () => {
  const text = describeSweep(
    pairSweep({
      goals: [HIT_RATE],
      seeds: [1, 2, 3],
      result(place, schemata) {
        const k = Number(place.settings["L3 of polite"] ?? 1);
        const own = { ...place, settings: { "L3 of polite": Math.min(15, k) - ((place.seed ?? 0) - 2) * 0.5 } };
        return pair(own, schemata);
      },
    }),
  );
  // 15 of 16, and half a portion more or less.
  expect(text).toContain("93.75 % (90.63 % to 96.88 %)");
});

test("whatever is swept, and whatever it is called, it is some forty lines of less than a hundred columns", () => {
  const long = "a name that goes on ".repeat(12);
  const goals = [
    HIT_RATE,
    BANDWIDTH,
    { ...HIT_RATE, want: "lowest", measure: "occupancy" },
    { ...BANDWIDTH, measure: "traffic" },
  ] as const;
  const sweeps = [
    pairSweep({ title: long, goals }),
    pairSweep({ title: long, workloads: [long, "b"], platforms: ["p"], goals }),
    pairSweep({ workloads: ["a", "b", long, "d", "e"], platforms: ["p", long, "r", "s"], goals, seeds: [1, 2] }),
    pairSweep({ goals: [...goals, ...goals, ...goals] }),
    pairSweep({ goals: [] }),
    pairSweep({ result: (place) => `${long} ${place.settings["L3 of polite"]}` }),
  ];
  for (const sweep of sweeps) {
    const lines = linesOf(describeSweep(sweep));
    const cut = lines.filter((line) => !line.startsWith("  echo "));
    expect(Math.max(...cut.map((line) => line.length))).toBeLessThan(100);
    expect(lines.length).toBeLessThan(44);
  }
});

test("of more than four goals the others are said to count", () => {
  const goals = [HIT_RATE, BANDWIDTH, HIT_RATE, BANDWIDTH, HIT_RATE, BANDWIDTH];
  expect(describeSweep(pairSweep({ goals }))).toContain("\n2 more goals count, and the reports show them.\n");
});

test("control characters of a name do not reach the terminal", () => {
  const text = describeSweep(pairSweep({ title: "\u001b[31mred\u0007" }));
  expect(text).toContain("\ufffd[31mred\ufffd");
  const group = "a\u001b[2Jb";
  const lines = describeSweep(
    pairSweep({ configurations: [{ configuration: "x", schemata: { [group]: ["L3:0=1"] } }] }),
  );
  expect(lines).toContain("'/sys/fs/resctrl/a\ufffd[2Jb/schemata'");
});
