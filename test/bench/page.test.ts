// The page of figures is made from a run, and says of every goal that is missed where its bound is written down.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GOALS, judge, type Verdict } from "../../bench/goals.ts";
import type { Row } from "../../bench/harness.ts";
import { BEGIN, boundedGoals, complaints, END, measuredPart, replaceMeasured } from "../../bench/page.ts";
import { packageRoot } from "../../bench/root.ts";

const BOUNDS = "# Bounds\n\nB3 is only named here.\n\n## A1\n\nWhy.\n\n## C2\n\nWhy too.\n\n### B1\n";

function verdict(goal: string, value: number | null, met: boolean): Verdict {
  return { goal, case: "case", target: 1, value, spread: value === null ? null : 0.04, met };
}

const row: Row = {
  bench: "cache",
  case: "zipf",
  contestant: "ours",
  rate: 111.4,
  unit: "M/s",
  ratio: 1,
  spread: 0.02,
  checksum: "0badcafe",
};

test("a goal is bounded where a heading of its own says so", () => {
  expect(boundedGoals(BOUNDS)).toEqual(["A1", "C2"]);
});

test("a missed goal without a bound, a bound without a missed goal, and a goal that was not measured are told", () => {
  const verdicts = [
    verdict("A1", 0.8, false),
    verdict("A1", 1.1, true),
    verdict("B1", 0.7, false),
    verdict("C2", 1.2, true),
    verdict("D1", null, false),
  ];
  expect(complaints(verdicts, BOUNDS)).toEqual([
    "D1 was not measured",
    'B1 is missed, and docs/performance-bounds.md has no section "## B1" that says what bounds it',
    "docs/performance-bounds.md has a section on C2, which is not missed",
  ]);
  expect(complaints([verdict("A1", 0.8, false), verdict("C2", 0.8, false)], BOUNDS)).toEqual([]);
});

test("the measured part has the machine, every row, and every goal with value, spread, verdict and where its bound is", () => {
  const verdicts = [
    verdict("A1", 0.8, false),
    verdict("A2", 1.25, true),
    verdict("B1", 0.7, false),
    verdict("D1", null, false),
    { ...verdict("S1", 0.5, true), atMost: true as const },
  ];
  const part = measuredPart({ machine: "a machine", repetitions: 7, rows: [row], verdicts }, BOUNDS).split("\n");
  expect(part[0]).toBe("a machine; 7 repetitions.");
  expect(part).toContain("| A1 | case | >= 1.00 | 0.80 | 4 % | missed; [what bounds it](performance-bounds.md#a1) |");
  expect(part).toContain("| A2 | case | >= 1.00 | 1.25 | 4 % | met |");
  expect(part).toContain("| B1 | case | >= 1.00 | 0.70 | 4 % | missed |");
  expect(part).toContain("| D1 | case | >= 1.00 |  |  | not measured |");
  expect(part).toContain("| S1 | case | <= 1.00 | 0.50 | 4 % | met |");
  expect(part.find((line) => line.startsWith("cache"))).toMatch(/^cache +zipf +ours +111 M\/s +x1\.00 +2 % +0badcafe$/);
});

test("what was measured goes between its two lines, and what stands around them stays", () => {
  const page = `before\n${BEGIN}\nold\n${END}\nafter\n`;
  expect(replaceMeasured(page, "new")).toBe(`before\n${BEGIN}\n\nnew\n\n${END}\nafter\n`);
  expect(replaceMeasured(replaceMeasured(page, "new"), "newer")).toBe(`before\n${BEGIN}\n\nnewer\n\n${END}\nafter\n`);
  expect(() => replaceMeasured("before\nafter\n", "new")).toThrow(/say where the run goes; one is missing/);
});

test("the ratio of a goal for workers is a worker's", () => {
  const goal = GOALS.find((g) => g.id === "D1");
  if (!goal) throw new Error("D1 is a goal");
  const one: Row = { ...row, bench: goal.bench, case: goal.row, contestant: goal.against, ratio: 1.8 };
  expect(judge(goal, [one])).toMatchObject({ value: 0.9, met: true });
  expect(judge(goal, [{ ...one, ratio: 1.6 }])).toMatchObject({ value: 0.8, met: false });
});

test("the page as it stands has a place for a run, and links to bounds that are there", () => {
  const docs = join(packageRoot(), "docs");
  const page = readFileSync(join(docs, "performance.md"), "utf8");
  const bounded = boundedGoals(readFileSync(join(docs, "performance-bounds.md"), "utf8")).map((id) => id.toLowerCase());
  expect(replaceMeasured(page, "new")).toContain("new");
  const linked = new Set([...page.matchAll(/performance-bounds\.md#([a-z0-9]+)/g)].map(([, id]) => id));
  expect([...linked].filter((id) => !bounded.includes(id as string))).toEqual([]);
});
