// What --dry-run prints.

import { expect, test } from "vitest";
import { describePlan } from "../../../src/sweep/index.ts";
import { expanded } from "./plans.ts";

test("a small plan in full", async () => {
  const all = await expanded({
    sweep: "halves and quarters",
    configurations: [
      { name: "nothing set" },
      { name: "held", schemata: { greedy: "MB:0=50" }, vary: [{ portions: "L3", of: "polite", values: [4, 8, 20] }] },
      { name: "again", schemata: { greedy: "MB:0=50", polite: "L3:0=f" } },
    ],
    seeds: 3,
    layouts: [1, 2],
  });
  expect(describePlan(all).split("\n")).toEqual([
    "halves and quarters: 1 workload x 1 platform x 4 configurations x 2 layouts",
    "6 units to run, and 2 more that would do the same as one of these",
    "- private-l2 takes 1 to 16 portions of L3: 20 is left out",
    "- no cache of private-l2 has random replacement, so replays there run once whatever the seeds",
    "",
    "configuration  L3 of polite  schemata",
    "nothing set                  -",
    "held                      4  greedy MB:0=50, polite L3:0=f",
    "held                      8  greedy MB:0=50, polite L3:0=ff",
    "again                        greedy MB:0=50, polite L3:0=f",
  ]);
});

test("a large plan is cut, and counted", async () => {
  const all = await expanded({
    platforms: ["two-sockets", "private-l2"],
    configurations: [
      {
        name: "x",
        vary: [
          { portions: "L2", of: "polite" },
          { value: "MB", of: "greedy" },
        ],
      },
    ],
  });
  const lines = describePlan(all).split("\n");
  expect(lines[0]).toBe("plan: 1 workload x 2 platforms x 80 configurations");
  expect(lines[1]).toBe("160 units to run");
  expect(lines[3]).toMatch(/^configuration {2}L2 of polite {2}MB of greedy {2}schemata on two-sockets$/);
  expect(lines[4]).toBe("x                         1            10  greedy MB:0=10;1=10, polite L2:2=1;...");
  expect(lines).toHaveLength(4 + 40 + 1);
  expect(lines.at(-1)).toBe("and 40 configurations more");
});

test("parts are a factor too", async () => {
  const all = await expanded({ platforms: ["two-sockets"], parts: 2 });
  expect(describePlan(all).split("\n").slice(0, 2)).toEqual([
    "plan: 1 workload x 1 platform x 1 configuration x 2 parts",
    "2 units to run",
  ]);
});
