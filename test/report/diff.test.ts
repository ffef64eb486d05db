// Two runs side by side.

import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { describeDiff, diffHtml, diffRuns, isEmpty, type Run } from "../../src/report/index.ts";
import { hostileRun } from "../helpers/hostile-run.ts";
import { bundled, recorded } from "../helpers/recorded-run.ts";

const NAMES = { a: "a.json", b: "b.json" };
const TRACES = ["synth:zipf,ws=2M,n=20k", "synth:stream,ws=8M,n=20k"];
const GROUPS = ["web=trace:1", "batch=trace:2"];
const run = async (script: readonly string[] = [], traces = TRACES) =>
  (await recorded(traces, { platform: bundled("private-l2"), groups: GROUPS, timing: "closed", script })).run;

/** Totals of a group of the hostile run, under a plain name, with other counts. */
function counted(accesses: number, misses: number): Run {
  const one = hostileRun();
  const [totals] = one.totals;
  if (!totals) throw new Error("no totals");
  const levels = [{ level: 3, accesses, misses, bytesRead: 0, bytesWritten: 0, bytesHeld: 64 }];
  return { ...one, totals: [{ ...totals, group: "web", accesses, misses, levels }] };
}

test("a run differs from itself in nothing", async () => {
  const one = await run(["@50% write batch/schemata L3:0=3"]);
  const diff = diffRuns(one, one, NAMES);
  expect(isEmpty(diff)).toBe(true);
  expect(describeDiff(diff)).toBe("no differences between a.json and b.json");
  expect(await diffHtml(one, one, NAMES)).toContain("There are no differences.");
});

test("counters are told with both values, the difference, and that relative to the first", () => {
  const diff = diffRuns(counted(100, 50), counted(150, 30), NAMES);
  expect(diff.groups).toEqual([
    {
      group: "web",
      counters: [
        { counter: "accesses", unit: "requests", a: 100, b: 150, difference: 50, relative: 0.5 },
        { counter: "misses", unit: "requests", a: 50, b: 30, difference: -20, relative: -0.4 },
        { counter: "L3 requests", unit: "requests", a: 100, b: 150, difference: 50, relative: 0.5 },
        { counter: "L3 hits", unit: "share", a: 0.5, b: 0.8, difference: 0.30000000000000004, relative: null },
      ],
    },
  ]);
  const text = describeDiff(diff);
  expect(text).toMatch(/^ {2}misses +50 +30 +-20 +-40\.0 %$/m);
  expect(text).toMatch(/^ {2}L3 hits +50\.00 % +80\.00 % +\+30\.00 points +-$/m);
});

test("a group that only one of them has is told, with nothing on the other side", () => {
  const [one, other] = [counted(100, 50), counted(100, 50)];
  const diff = diffRuns(one, { ...other, totals: other.totals.map((totals) => ({ ...totals, group: "new" })) }, NAMES);
  expect(diff.groups.map(({ group }) => group)).toEqual(["web", "new"]);
  expect(diff.groups[1]?.counters[0]).toEqual({
    counter: "accesses",
    unit: "requests",
    a: null,
    b: 100,
    difference: null,
    relative: null,
  });
});

test("what was configured differently is listed: script, schemata, registers", async () => {
  const diff = diffRuns(await run(), await run(["@50% write batch/schemata L3:0=3"]), NAMES);
  expect(diff.warnings).toEqual([]);
  const found = diff.configuration.map(({ what, a, b }) => `${what}: ${a} | ${b}`);
  expect(found).toContain("batch/schemata L3 at the end: 0=ffff | 0=3");
  expect(found).toContainEqual(expect.stringMatching(/^script: {2}\| [\d.]+ us write batch\/schemata L3:0=3$/));
  expect(found).toContainEqual(expect.stringMatching(/^L3 0 MPAMCFG_CPBM of PARTID \d+: 0xffff \| 0x3$/));
});

test("runs of other platforms are told in the words of the page, PARTIDs that differ alike in one line", async () => {
  const on = async (platform: string) => (await recorded(TRACES, { platform: bundled(platform), groups: GROUPS })).run;
  const diff = diffRuns(await on("private-l2"), await on("two-sockets"), NAMES);
  expect(diff.warnings).toEqual(["The platforms are not the same."]);
  const found = diff.configuration.map(({ what, a, b }) => `${what}: ${a} | ${b}`);
  expect(found).toContain(
    "memory: node 0: 1 channel of 1.60 GB/s | node 0: 2 channels of 25.60 GB/s; node 1: 2 channels of 25.60 GB/s",
  );
  expect(found).toContain("schemata L3 at the end: 0=ffff | 0=ffff;1=ffff");
  expect(found).toContain("L2 1 MPAMCFG_CPBM of PARTIDs 0-15: 0xff | ");
});

test("made-up traces are told by what they are", async () => {
  const diff = diffRuns(await run(), await run([], [TRACES[0] ?? "", "synth:stream,ws=4M,n=20k"]), NAMES);
  const [traces] = diff.configuration.filter(({ what }) => what === "traces");
  expect(traces?.b).toBe("synth:zipf,ws=2M,n=20k, synth:stream,ws=4M,n=20k");
});

test("runs of other traces are compared all the same, and it is said what that is worth", async () => {
  const diff = diffRuns(await run(), await run([], [TRACES[1] ?? "", TRACES[0] ?? ""]), NAMES);
  expect(diff.warnings).toEqual(["The traces are not the same: counts are of different work."]);
  expect(diff.groups.length).toBeGreaterThan(0);
});

test("pictures of both have equal scales", async () => {
  const [short, long] = [await run(), await run([], [TRACES[0] ?? "", "synth:stream,ws=8M,n=60k"])];
  const { document } = parseHTML(await diffHtml(short, long, NAMES));
  const pairs = [...document.querySelectorAll(".pair")];
  expect(pairs.length).toBeGreaterThan(5);
  for (const pair of pairs) {
    const axes = [...pair.querySelectorAll("svg.broad")].map((svg) => [
      svg.getAttribute("data-from"),
      svg.getAttribute("data-to"),
      // Words at the axes.
      ...[...svg.querySelectorAll('text.quiet[text-anchor="end"], text.quiet[text-anchor="middle"]')].map(
        (one) => one.textContent,
      ),
    ]);
    expect(axes.length).toBe(2);
    expect(axes[0]).toEqual(axes[1]);
  }
  expect(document.querySelector("svg[data-to]")?.getAttribute("data-to")).toBe(String(Math.max(short.to, long.to)));
});

test("nothing that a terminal would obey is in the text", () => {
  const text = describeDiff(diffRuns(hostileRun(), { ...hostileRun(), totals: [] }, NAMES));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
});
