// The text of a plan: what it says, and everything that is wrong with it, at its place.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePlan } from "../../../src/sweep/index.ts";
import { PAIR, planWith, refusals, root } from "./plans.ts";

const HEAD = `traces:
  - files: [a.arrow, b.arrow]
    groups: [polite=trace:1, greedy=trace:2]
platforms: [private-l2]
`;

describe("a plan", () => {
  test("says what the page about sweeps says that it says", () => {
    const yaml = /```yaml\n(sweep:[\s\S]*?)```/.exec(readFileSync(`${root}docs/sweeps.md`, "utf8"))?.[1] ?? "";
    const { place: _, ...plan } = parsePlan(yaml, "dir/plan.yaml");
    expect(plan).toEqual({
      file: "dir/plan.yaml",
      title: "who gets the cache",
      workloads: [
        {
          name: "a pair",
          traces: ["traces/polite.arrow.br", "traces/greedy.arrow.br@loop=2"],
          group: ["polite=trace:1", "greedy=trace:2"],
        },
      ],
      platforms: ["private-l2", "mine.yaml"],
      replaying: {
        timing: "open",
        warmup: "10%",
        until: 5e6,
        statistics: "counts",
        kernelMode: "inherit",
        compat: "linux-7.3",
        commandLine: "",
      },
      labels: "labels.yaml",
      script: "after.script",
      do: ["@50% write greedy/schemata L3:0=1"],
      families: [
        { name: "nothing set", schemata: {}, vary: [] },
        { name: "halves", schemata: { polite: ["L3:*=ff00"], greedy: ["L3:*=00ff"] }, vary: [] },
        {
          name: "cut in two",
          schemata: {},
          vary: [
            { kind: "split", resource: "L3", between: ["polite", "greedy"] },
            { kind: "value", resource: "MB", of: "greedy", range: { min: 10, max: 100, step: 10 } },
          ],
        },
        {
          name: "a growing cache",
          schemata: { greedy: ["L3:0=1"] },
          vary: [
            { kind: "portions", resource: "L3", of: "polite", range: { values: [1, 2, 4, 8, 15] }, from: "high" },
            {
              kind: "choice",
              name: "greedy's bandwidth",
              choices: [
                { name: "free", schemata: { greedy: ["MB:0=100"] } },
                { name: "slow", schemata: { greedy: ["MB:0=20"] } },
              ],
            },
          ],
        },
      ],
      seeds: [1, 2, 3],
      layouts: [1, 2],
      parts: 4,
      goals: [
        { want: "highest", measure: "hit rate", of: "polite", level: 3 },
        { want: "highest", measure: "traffic", of: "greedy" },
      ],
    });
  });

  test("needs traces and platforms, and does with them", () => {
    const { place: _, ...plan } = parsePlan(
      "traces: [x/a.arrow@loop=2]\nplatforms: [one-socket]\n",
      "x/some.plan.yaml",
    );
    expect(plan).toMatchObject({
      title: "some.plan",
      workloads: [{ name: "a.arrow", traces: ["x/a.arrow@loop=2"], group: [] }],
      families: [{ name: "nothing set", schemata: {}, vary: [] }],
      replaying: {},
      seeds: [],
      layouts: [],
      parts: 1,
      goals: [],
    });
  });

  test("has groups as a list of rules or as a map", () => {
    const rules = (groups: string) =>
      parsePlan(`traces: [{ files: [a, b], groups: ${groups} }]\nplatforms: [p]`).workloads[0]?.group;
    expect(rules("[web=trace:1, db=tid:7, db=comm:redis]")).toEqual(["web=trace:1", "db=tid:7", "db=comm:redis"]);
    expect(rules('{ web: "trace:1", db: ["tid:7", "comm:redis"] }')).toEqual([
      "web=trace:1",
      "db=tid:7",
      "db=comm:redis",
    ]);
    expect(rules("web=trace:1")).toEqual(["web=trace:1"]);
  });

  test("has limits in the unit of what is measured, or as a part of what nothing set has", () => {
    const limitOf = (goal: Record<string, unknown>) => planWith({ goals: [goal] }).goals[0]?.limit;
    expect(limitOf({ lowest: "misses", atMost: 94_000 })).toEqual({ is: "atMost", value: 94_000 });
    expect(limitOf({ lowest: "misses", atMost: "2M" })).toEqual({ is: "atMost", value: 2_000_000 });
    expect(limitOf({ highest: "occupancy", atLeast: "10 MiB" })).toEqual({ is: "atLeast", value: 10 * 2 ** 20 });
    expect(limitOf({ highest: "bandwidth", atLeast: "2 GB/s" })).toEqual({ is: "atLeast", value: 2e9 });
    expect(limitOf({ highest: "hit rate", atLeast: "90%" })).toEqual({ is: "atLeast", value: 0.9 });
    expect(limitOf({ lowest: "misses", atMost: "102.5% of unset" })).toEqual({ is: "atMost", percentOfUnset: 102.5 });
    const closed = { options: { timing: "closed" }, goals: [{ lowest: "latency", atMost: "200ns" }] };
    expect(planWith(closed).goals[0]?.limit).toEqual({ is: "atMost", value: 200 });
  });

  test("has percents as numbers, and lists of one as what stands in them", () => {
    const plan = planWith({
      configurations: [
        { name: "a", vary: [{ value: "MB", of: "polite", values: ["20%", 30, "40 %"] }] },
        { name: "b", vary: [{ value: "MB", of: "polite", from: "10%", to: "50%", step: "20%" }] },
        { name: "c", schemata: { "/": "L3:0=1" }, vary: [{ portions: "L3", of: "/", values: 3 }] },
      ],
      seeds: [7],
      layouts: 2,
    });
    expect(plan.families.map(({ vary }) => vary[0])).toEqual([
      { kind: "value", resource: "MB", of: "polite", range: { values: [20, 30, 40] } },
      { kind: "value", resource: "MB", of: "polite", range: { min: 10, max: 50, step: 20 } },
      { kind: "portions", resource: "L3", of: "/", range: { values: [3] }, from: "low" },
    ]);
    expect([plan.seeds, plan.layouts]).toEqual([[7], [1, 2]]);
  });
});

describe("is refused in one line at its place:", () => {
  test.each<[string, string, string]>([
    ["a key nobody knows", "sweeep: x\n", "plan.yaml:5:1: the plan has the unknown key sweeep; did you mean sweep?"],
    [
      "a measure nobody knows",
      "goals: [{ highest: hitrate }]\n",
      "plan.yaml:5:20: goals[0].highest is hitrate; did you mean hit rate?",
    ],
    [
      "a goal that wants both",
      "goals: [{ highest: misses, lowest: misses }]\n",
      "plan.yaml:5:9: goals[0] has both highest and lowest; one",
    ],
    [
      "a goal that wants nothing",
      "goals: [{ of: polite }]\n",
      "plan.yaml:5:9: goals[0] has neither highest nor lowest; one",
    ],
    [
      "a goal of nobody",
      "goals: [{ lowest: misses, of: greddy }]\n",
      "plan.yaml:5:31: goals[0].of names the group greddy; did you mean greedy?",
    ],
    [
      "a goal that is there already",
      "goals: [{ lowest: misses }, { highest: misses }]\n",
      "plan.yaml:5:29: goals[1] is the measure of goals[0] again",
    ],
    [
      "a limit in another unit",
      "goals: [{ lowest: misses, atMost: 80 MiB }]\n",
      "plan.yaml:5:35: goals[0].atMost is 80 MiB; a number of requests such as 90000 or 2M, or a part",
    ],
    [
      "a share without its %",
      "goals: [{ highest: hit rate, atLeast: 90 }]\n",
      "plan.yaml:5:39: goals[0].atLeast is 90; a share such as 90%, or a part",
    ],
    [
      "a goal with both limits",
      "goals: [{ lowest: misses, atMost: 2, atLeast: 1 }]\n",
      "plan.yaml:5:9: goals[0] has both atMost and atLeast; one",
    ],
    [
      "a level beside what has none",
      "goals: [{ lowest: traffic, at: L3 }]\n",
      "plan.yaml:5:28: goals[0].at stands beside traffic",
    ],
    ["a level that is none", "goals: [{ lowest: misses, at: L9 }]\n", "plan.yaml:5:31: goals[0].at is L9; a level"],
    [
      "a latency in open timing",
      "goals: [{ lowest: latency }]\n",
      "plan.yaml:5:19: goals[0].lowest is latency, which open timing has not",
    ],
    ["another timing", "options: { timing: clsed }\n", "plan.yaml:5:20: options.timing is clsed; did you mean closed?"],
    [
      "a warm-up without a unit",
      "options: { warmup: 10pc }\n",
      "plan.yaml:5:20: options.warmup is refused: warmup '10pc': a time",
    ],
    ["an end without a unit", "options: { until: 5 }\n", "plan.yaml:5:19: options.until is 5; a time such as 5ms"],
    [
      "a mode there is not",
      "options: { kernel-mode: mine }\n",
      "plan.yaml:5:25: options.kernel-mode is refused: kernel-mode 'mine'",
    ],
    [
      "a guest without a rule",
      "options: { guests: [vm] }\n",
      "plan.yaml:5:20: options.guests is refused: guest 'vm': NAME=RULE",
    ],
    [
      "a script line that is none",
      "options: { do: ['@1ms wrte a b'] }\n",
      "plan.yaml:5:17: options.do[0] is refused at its column 6: there is no 'wrte'; did you mean write?",
    ],
    [
      "schemata of nobody",
      "configurations: [{ name: x, schemata: { gredy: 'L3:0=1' } }]\n",
      "plan.yaml:5:41: configurations[0].schemata.gredy names the group gredy; did you mean greedy? there are /, polite, greedy",
    ],
    [
      "a line without a domain",
      "configurations: [{ name: x, schemata: { greedy: 'L3=1' } }]\n",
      "plan.yaml:5:49: configurations[0].schemata.greedy is 'L3=1'; a line such as L3:0=ff",
    ],
    [
      "two lines in one text",
      'configurations: [{ name: x, schemata: { greedy: "L3:0=1\\nMB:0=10" } }]\n',
      'plan.yaml:5:49: configurations[0].schemata.greedy is "L3:0=1\\nMB:0=10"; a line',
    ],
    [
      "a configuration without a name",
      "configurations: [{ schemata: {} }]\n",
      "plan.yaml:5:18: configurations[0] has no name; a name is allowed",
    ],
    [
      "a name that is there already",
      "configurations: [{ name: x }, { name: x }]\n",
      "plan.yaml:5:39: configurations[1].name is x, as configurations[0].name is",
    ],
    [
      "an axis that is two",
      "configurations: [{ name: x, vary: [{ split: L3, value: MB, of: greedy }] }]\n",
      "plan.yaml:5:36: configurations[0].vary[0] has split and value; one",
    ],
    [
      "an axis that is none",
      "configurations: [{ name: x, vary: [{ of: greedy }] }]\n",
      "plan.yaml:5:36: configurations[0].vary[0] has none of split, portions, value, choice",
    ],
    [
      "an axis that is misspelt",
      "configurations: [{ name: x, vary: [{ splt: L3 }] }]\n",
      "plan.yaml:5:38: configurations[0].vary[0] has the unknown key splt; did you mean split?",
    ],
    [
      "a split between one",
      "configurations: [{ name: x, vary: [{ split: L3, between: [greedy, greedy] }] }]\n",
      "plan.yaml:5:58: configurations[0].vary[0].between has greedy twice",
    ],
    [
      "a split between three",
      "configurations: [{ name: x, vary: [{ split: L3, between: [a, b, c] }] }]\n",
      'plan.yaml:5:58: configurations[0].vary[0].between is a list (["a","b","c"]); a list of two groups',
    ],
    [
      "a value of nobody",
      "configurations: [{ name: x, vary: [{ value: MB }] }]\n",
      "plan.yaml:5:36: configurations[0].vary[0] has no of; a group is needed",
    ],
    [
      "an end before the beginning",
      "configurations: [{ name: x, vary: [{ value: MB, of: greedy, from: 50, to: 20 }] }]\n",
      "plan.yaml:5:75: configurations[0].vary[0].to is 20; from is 50",
    ],
    [
      "values and a range",
      "configurations: [{ name: x, vary: [{ value: MB, of: greedy, values: [1], step: 2 }] }]\n",
      "plan.yaml:5:74: configurations[0].vary[0].step stands beside values",
    ],
    [
      "a step of nothing",
      "configurations: [{ name: x, vary: [{ value: MB, of: greedy, step: 0 }] }]\n",
      "plan.yaml:5:67: configurations[0].vary[0].step is 0; a number from 1 on",
    ],
    [
      "another end of a cache",
      "configurations: [{ name: x, vary: [{ portions: L3, of: greedy, at: hgh }] }]\n",
      "plan.yaml:5:68: configurations[0].vary[0].at is hgh; did you mean high?",
    ],
    [
      "two axes that set the same",
      "configurations: [{ name: x, vary: [{ split: L3, between: [polite, greedy] }, { portions: L3, of: greedy }] }]\n",
      "plan.yaml:5:78: configurations[0].vary[1] sets L3 of greedy, as configurations[0].vary[0] does",
    ],
    [
      "a choice of nothing",
      "configurations: [{ name: x, vary: [{ choice: c, of: {} }] }]\n",
      "plan.yaml:5:53: configurations[0].vary[0].of is empty",
    ],
    ["a seed twice", "seeds: [3, 3]\n", "plan.yaml:5:8: seeds has 3 twice"],
    ["no seeds", "seeds: 0\n", "plan.yaml:5:8: seeds is 0; how many seeds"],
    ["too many parts", "parts: 65\n", "plan.yaml:5:8: parts is 65; a number of parts, 1 to 64"],
    ["a key twice", "parts: 1\nparts: 2\n", "plan.yaml:6:1: this key stands here twice; once is allowed"],
  ])("%s", async (_, text, said) => {
    const lines = await refusals(HEAD + text);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, said.length)).toBe(said);
  });

  test.each<[string, string, string]>([
    ["no traces", "platforms: [p]\n", "plan.yaml:1:1: the plan has no traces"],
    ["an empty list of them", "traces: []\nplatforms: [p]\n", "plan.yaml:1:9: traces is empty"],
    ["no platforms", "traces: [a]\n", "plan.yaml:1:1: the plan has no platforms"],
    [
      "a rule that is none",
      "traces: [{ files: a, groups: [web] }]\nplatforms: [p]\n",
      "plan.yaml:1:31: traces[0].groups[0] is refused: group 'web': NAME=trace:N",
    ],
    [
      "a trace that is not there",
      "traces: [{ files: a, groups: [web=trace:2] }]\nplatforms: [p]\n",
      "plan.yaml:1:31: traces[0].groups[0] is web=trace:2; there is trace 1",
    ],
    [
      "an option of a trace",
      "traces: [a@lop=2]\nplatforms: [p]\n",
      "plan.yaml:1:10: traces[0] is refused: a@lop=2: there is no option 'lop'; did you mean loop?",
    ],
    ["traces of one name", "traces: [x/a, y/a]\nplatforms: [p]\n", "plan.yaml:1:15: traces[1] is a, as traces[0] is"],
  ])("%s", async (_, text, said) => {
    const lines = await refusals(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, said.length)).toBe(said);
  });

  test("several mistakes, in the order of the file", async () => {
    const lines = await refusals(`${HEAD}options: { until: soon, timing: half }
configurations:
  - name: x
    schemata: { nobody: "L3:0=1" }
    vary:
      - { value: MB, of: somebody, from: 3, to: 1 }
goals:
  - { highest: luck }
`);
    expect(lines.map((line) => line.replace(/;.*/, ""))).toEqual([
      "plan.yaml:5:19: options.until is soon",
      "plan.yaml:5:33: options.timing is half",
      "plan.yaml:8:17: configurations[0].schemata.nobody names the group nobody",
      "plan.yaml:10:49: configurations[0].vary[0].to is 1",
      "plan.yaml:12:16: goals[0].highest is luck",
    ]);
  });

  test("an object has no places, and says the same", async () => {
    expect(() => planWith({ traces: [{ ...PAIR, groups: ["polite"] }] })).toThrow(
      /plan\.yaml: traces\[0\]\.groups\[0\] is refused: group 'polite'/,
    );
  });
});
