// Plans that nobody means: refused in one line, before they cost anything.

import { mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadPlan } from "../../../src/sweep/index.ts";
import { refusals, refusedBy } from "./plans.ts";

const HEAD = "traces: [{ files: [a, b], groups: [polite=trace:1, greedy=trace:2] }]\nplatforms: [p]\n";
const varied = (axes: string) => `${HEAD}configurations: [{ name: x, vary: [${axes}] }]\n`;

const laughs = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
for (const [of, name] of ["ab", "bc", "cd", "de"].map((two) => two.split("")))
  laughs.push(`${name}: &${name} [${Array(10).fill(`*${of}`).join(",")}]`);

test.each<[string, string, RegExp]>([
  ["nothing", "", /:1:1: the plan is empty/],
  ["a list", "- x", /:1:1: the plan is a list/],
  ["a NUL", `${HEAD}sweep: a\0b`, /:3:9: a NUL byte stands here/],
  ["aliases of aliases", laughs.join("\n"), /:1:1: Excessive alias count/],
  ["an alias of itself", "a: &a { b: *a }", /:1:12: \*a stands in what it names/],
  ["brackets without end", `traces: ${"[".repeat(50_000)}`, /it is nested too deeply/],
  ["lists in lists in lists", `${"- ".repeat(20_000)}x`, /it is nested too deeply/],
  [
    "a range of billions",
    varied("{ value: MB, of: greedy, from: 0, to: 4000000000, step: 1 }"),
    /:3:74: .* makes 4,000,000,001 values; up to 100,000/,
  ],
  [
    "ranges that are billions together",
    varied(["polite", "greedy"].map((of) => `{ value: MB, of: ${of}, from: 0, to: 99999, step: 1 }`).join(", ")),
    /:3:18: .* brings the plan to 10,000,000,000 replays; up to 100,000/,
  ],
  [
    "a number of 400 digits",
    `${HEAD}seeds: 1${"0".repeat(400)}`,
    /:3:8: seeds is 10+\.\.\.; how many seeds \(up to 1000\)/,
  ],
  ["a billion seeds", `${HEAD}seeds: 1000000000`, /:3:8: seeds is 1000000000; how many/],
  ["no number", `${HEAD}parts: .nan`, /:3:8: parts is \.nan; a number of parts/],
  [
    "a name of all objects",
    `${HEAD}configurations: [{ name: x, schemata: { __proto__: "L3:0=1" } }]`,
    /__proto__, prototype, constructor are no names/,
  ],
  [
    "another one",
    `${HEAD}configurations: [{ name: x, schemata: { constructor: "L3:0=1" } }]`,
    /__proto__, prototype, constructor are no names/,
  ],
  [
    "a line without end",
    `${HEAD}configurations: [{ name: x, schemata: { greedy: "L3:${"0=1;".repeat(50_000)}!" } }]`,
    /a line such as L3:0=ff;1=ff/,
  ],
  [
    "keys and keys and keys",
    HEAD + Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`).join(""),
    /the plan has the unknown key k0/,
  ],
])("%s", async (_, text, said) => {
  const lines = await refusals(text);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(said);
  expect(lines[0]?.length).toBeLessThan(300);
});

test("any depth", async () => {
  for (const depth of [1, 10, 50, 60, 70, 300, 1000, 3000, 10_000, 100_000]) {
    for (const text of [`sweep: ${"[".repeat(depth)}${"]".repeat(depth)}`, `sweep:\n  ${"- ".repeat(depth)}x`]) {
      const lines = await refusals(`${HEAD}${text}\n`);
      expect(lines[0]).toMatch(depth > 64 ? /:[34]:\d+: it is nested too deeply/ : /sweep is an? (empty )?list/);
    }
  }
});

test("thousands of mistakes are told by their number", async () => {
  const lines = await refusals(`${HEAD}goals:\n${"  - { highest: luck }\n".repeat(3000)}`);
  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toMatch(/:54:16: and 2950 problems more from here on/);
});

test("a file that is no plan, or none at all", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mpam-plan-"));
  const path = (name: string) => join(folder, name);
  writeFileSync(path("large"), "");
  truncateSync(path("large"), 3 * 2 ** 20);
  writeFileSync(path("latin"), Buffer.from([0x73, 0x3a, 0xe9]));
  const said = async (name: string) => (await refusedBy(() => loadPlan(name))).map((line) => line.replace(folder, "."));
  expect(await said(path("none"))).toEqual(["./none: there is no such file; the path of a plan is needed"]);
  expect(await said(folder)).toEqual([".: cannot be read (EISDIR); the path of a plan is needed"]);
  expect(await said(path("large"))).toEqual(["./large: is longer than 2 MiB; the path of a plan is needed"]);
  expect(await said(path("latin"))).toEqual(["./latin: is not UTF-8; the path of a plan is needed"]);
  expect(await said("/dev/zero")).toEqual(["/dev/zero: is longer than 2 MiB; the path of a plan is needed"]);
});
