// Plans made into units: what platforms make of axes, what is one unit, and what cannot be had.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Driver } from "../../../src/driver/index.ts";
import { Resctrl } from "../../../src/fs/index.ts";
import { Machine } from "../../../src/machine/index.ts";
import { loadPlatform } from "../../../src/platform/index.ts";
import {
  type Expanded,
  expandPlan,
  loadPlan,
  nameOf,
  runUnit,
  type Unit,
  type UnitResult,
} from "../../../src/sweep/index.ts";
import { openTraces } from "../../../src/trace/index.ts";
import { BUNDLED, expanded, HOST, PAIR, refusedBy, root } from "./plans.ts";

const vary = (...axes: unknown[]) => ({ configurations: [{ name: "x", vary: axes }] });
const schemataOf = ({ asked }: Expanded) => asked.map(({ schemata }) => schemata);
const settingsOf = ({ asked }: Expanded) => asked.map(({ place }) => place.settings);

describe("axes", () => {
  test("a split is every way to cut the portions in two, the lower ones for the first", async () => {
    const of16 = await expanded(vary({ split: "L3", between: ["polite", "greedy"] }));
    expect(of16.asked).toHaveLength(15);
    for (const [i, one] of of16.asked.entries()) {
      const bits = i + 1;
      const low = 2 ** bits - 1;
      expect(one.place.settings).toEqual({ "L3 of polite": bits });
      expect(one.schemata).toEqual({
        polite: [`L3:0=${low.toString(16)}`],
        greedy: [`L3:0=${(0xffff - low).toString(16)}`],
      });
    }
  });

  test("writes are for all domains, by the names they have", async () => {
    const { asked } = await expanded({
      platforms: ["two-sockets"],
      ...vary({ portions: "L2", of: "polite", values: [3], at: "high" }, { value: "MB", of: "greedy", values: [50] }),
    });
    const ids = Array.from({ length: 16 }, (_, i) => i + 2);
    expect(asked.map(({ schemata }) => schemata)).toEqual([
      { greedy: ["MB:0=50;1=50"], polite: [`L2:${ids.map((id) => `${id}=e0`).join(";")}`] },
    ]);
  });

  test("portions begin at the lowest or the highest, and those that a platform has not are left out with a note", async () => {
    const low = await expanded(vary({ portions: "L3", of: "polite", values: [1, 5, 16, 17] }));
    expect(schemataOf(low)).toEqual(["1", "1f", "ffff"].map((mask) => ({ polite: [`L3:0=${mask}`] })));
    expect(low.notes).toEqual(["private-l2 takes 1 to 16 portions of L3: 17 is left out"]);
    const high = await expanded(vary({ portions: "L3", of: "polite", from: 1, to: 3, at: "high" }));
    expect(schemataOf(high)).toEqual(["8000", "c000", "e000"].map((mask) => ({ polite: [`L3:0=${mask}`] })));
    expect((await expanded(vary({ portions: "L3", of: "polite" }))).asked).toHaveLength(16);
    expect(settingsOf(await expanded(vary({ portions: "L3", of: "polite", from: 10, step: 3 })))).toEqual([
      { "L3 of polite": 10 },
      { "L3 of polite": 13 },
      { "L3 of polite": 16 },
    ]);
  });

  test("a number without bounds goes through the whole tens that the platform has", async () => {
    const tens = await expanded(vary({ value: "MB", of: "polite" }));
    expect(settingsOf(tens)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((n) => ({ "MB of polite": n })));
    const some = await expanded(vary({ value: "MB", of: "polite", from: 25, to: 60, step: 15 }));
    expect(settingsOf(some)).toEqual([25, 40, 55].map((n) => ({ "MB of polite": n })));
  });

  test("a choice is one of its pieces, which may be several lines", async () => {
    const { asked } = await expanded(
      vary({ choice: "who", of: { one: { polite: ["L3:0=f", "MB:0=30"] }, none: {}, two: { greedy: "L3:0=f" } } }),
    );
    expect(asked.map(({ place, schemata }) => [place.settings, schemata])).toEqual([
      [{ who: "one" }, { polite: ["MB:0=30", "L3:0=f"] }],
      [{ who: "none" }, {}],
      [{ who: "two" }, { greedy: ["L3:0=f"] }],
    ]);
  });

  test("of pieces that come out the same the first is run", async () => {
    const { asked, notes } = await expanded(
      vary({ choice: "who", of: { one: { polite: "L3:0=f" }, other: { polite: ["L3:0=1", "L3:*=00f"] } } }),
    );
    expect(asked.map(({ place }) => place.settings)).toEqual([{ who: "one" }]);
    expect(notes).toEqual(["x on private-l2: 1 combination comes out as another does, which leaves 1"]);
  });

  test("there are all combinations, over what the configuration itself says", async () => {
    const all = await expanded({
      configurations: [
        {
          name: "x",
          schemata: { greedy: ["L3:0=1", "MB:0=50"] },
          vary: [
            { value: "MB", of: "polite", values: [20, 40] },
            { choice: "more", of: { no: {}, yes: { greedy: "L3:0=3" } } },
          ],
        },
      ],
    });
    const masks = ["1", "3", "1", "3"];
    const percents = [20, 20, 40, 40];
    expect(schemataOf(all)).toEqual(
      masks.map((mask, i) => ({ greedy: ["MB:0=50", `L3:0=${mask}`], polite: [`MB:0=${percents[i]}`] })),
    );
  });

  test("values that a platform rounds together are one configuration, with the number it shows", async () => {
    // Four fraction bits: 16 different limits.
    const platform = JSON.parse(JSON.stringify(await loadPlatform(`${root}platforms/private-l2.yaml`)));
    platform.memory[0].msc.ris[0].mbw.bwaWd = 4;
    const machine = await Machine.create(await loadPlatform(platform), {});
    const tree = await Resctrl.mount(await Driver.probe(machine), {});
    const shown = new Set<number>();
    for (let n = 10; n <= 100; n++) {
      await tree.writeFile("schemata", `MB:0=${n}\n`);
      shown.add(Number(/MB:0=(\d+)/.exec(await tree.readFile("schemata"))?.[1]));
    }
    expect(shown.size).toBeLessThan(20);
    const { asked, notes } = await expanded({
      platforms: [platform],
      ...vary({ value: "MB", of: "polite", from: 10, to: 100, step: 1 }),
    });
    expect(asked.map(({ place }) => place.settings["MB of polite"])).toEqual([...shown]);
    expect(asked.map(({ schemata }) => schemata)).toEqual([...shown].map((n) => ({ polite: [`MB:0=${n}`] })));
    expect(notes).toEqual([
      `x on private-l2: ${91 - shown.size} combinations come out as another does, which leaves ${shown.size}`,
    ]);
  });
});

test.each(BUNDLED.filter((name) => name !== "android"))("what %s shows of a line it takes as a line", async (name) => {
  const machine = await Machine.create(await loadPlatform(`${root}platforms/${name}.yaml`), {});
  const tree = await Resctrl.mount(await Driver.probe(machine), {});
  const shown = async () => (await tree.readFile("schemata")).split("\n").map((line) => line.trim());
  const numbered = (await shown()).filter((line) => line.startsWith("MB:"));
  for (const line of numbered) {
    for (let n = 1; n <= 100; n++) {
      const wrote = line.replaceAll("=100", `=${n}`);
      if (
        !(await tree.writeFile("schemata", `${wrote}\n`).then(
          () => true,
          () => false,
        ))
      )
        continue;
      const [first = ""] = (await shown()).filter((one) => one.startsWith("MB:"));
      await tree.writeFile("schemata", `${first}\n`);
      expect(await shown()).toContain(first);
    }
  }
  await machine.close();
});

describe("units", () => {
  test("are plain data with a name, which is that of their work", async () => {
    const { units } = await expanded({ ...vary({ value: "MB", of: "polite" }), seeds: 2, layouts: 2 });
    for (const unit of units) {
      expect(JSON.parse(JSON.stringify(unit))).toEqual(unit);
      expect(unit.name).toBe(nameOf(unit.work, HOST.tool));
      expect(unit.name).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(new Set(units.map(({ name }) => name)).size).toBe(units.length);
    const other = await expanded({ ...vary({ value: "MB", of: "polite" }), seeds: 2, layouts: 2 }, { tool: "test 2" });
    expect(other.units.filter(({ name }) => units.some((unit) => unit.name === name))).toEqual([]);
  });

  test("that stand at several places are there once, and everything that was asked for names them", async () => {
    const { units, asked } = await expanded({
      configurations: [
        { name: "halves", schemata: { polite: "L3:*=00ff", greedy: "L3:0=ff00" } },
        { name: "again", schemata: { greedy: " L3 : 0 = ff00 ", polite: ["L3:0=1", "L3:0=0xff"] } },
        { name: "cut", vary: [{ split: "L3", between: ["polite", "greedy"] }] },
      ],
    });
    expect(asked).toHaveLength(17);
    expect(units).toHaveLength(15);
    const half = asked.filter(({ schemata }) => schemata.polite?.[0] === "L3:0=ff");
    expect(half.map(({ place }) => place.configuration)).toEqual(["halves", "again", "cut"]);
    const [name] = half.flatMap((one) => one.units);
    expect(half.map((one) => one.units)).toEqual([[name], [name], [name]]);
    expect(units.find((unit) => unit.name === name)?.place.configuration).toBe("halves");
    const names = new Set(units.map(({ name }) => name));
    for (const one of asked) for (const name of one.units) expect(names).toContain(name);
  });

  test("are repeated with seeds where a cache has random replacement, and nowhere else", async () => {
    const random = JSON.parse(JSON.stringify(await loadPlatform(`${root}platforms/private-l2.yaml`)));
    random.name = "random-l3";
    random.caches.at(-1).policy = "random";
    const { units, asked, notes } = await expanded({
      platforms: ["private-l2", random],
      seeds: [5, 9],
      layouts: [3, 4],
    });
    expect(asked.map(({ place }) => [place.platform, place.seed, place.layout])).toEqual([
      ["private-l2", undefined, 3],
      ["private-l2", undefined, 4],
      ["random-l3", 5, 3],
      ["random-l3", 5, 4],
      ["random-l3", 9, 3],
      ["random-l3", 9, 4],
    ]);
    expect(units.map(({ work }) => [(work.platform as { seed: number }).seed, work.layout])).toEqual([
      [1, 3],
      [1, 4],
      [5, 3],
      [5, 4],
      [9, 3],
      [9, 4],
    ]);
    expect(notes).toEqual([
      "no cache of private-l2 has random replacement, so replays there run once whatever the seeds",
    ]);
  });

  test("of a workload that lacks a group are left out with a note", async () => {
    const { asked, notes } = await expanded({
      traces: [PAIR, { name: "alone", files: PAIR.files.slice(0, 1), groups: ["polite=trace:1"] }],
      configurations: [{ name: "free" }, { name: "held", schemata: { greedy: "MB:0=10", polite: "MB:0=20" } }],
    });
    expect(asked.map(({ place }) => `${place.workload}, ${place.configuration}`)).toEqual([
      "a pair, free",
      "a pair, held",
      "alone, free",
    ]);
    expect(notes).toEqual(["held is not run with alone, which has no group greedy"]);
  });

  test("say where their platforms can be divided", async () => {
    const { platforms, workloads } = await expanded({ platforms: ["two-sockets", "everything"] });
    expect(platforms.map(({ name, portions }) => [name, portions])).toEqual([
      ["two-sockets", { L2: { count: 8, bytes: 2 ** 18, level: 2 }, L3: { count: 16, bytes: 2 ** 23, level: 3 } }],
      ["everything", {}],
    ]);
    expect(workloads).toEqual([{ name: PAIR.name, group: PAIR.groups, traces: PAIR.files.map((name) => ({ name })) }]);
  });
});

describe("what a plan names", () => {
  const folder = mkdtempSync(join(tmpdir(), "mpam-plan-"));
  mkdirSync(join(folder, "traces"));
  const trace = Buffer.from("not looked into before it is run");
  writeFileSync(join(folder, "traces/a@b.arrow"), trace);
  writeFileSync(join(folder, "labels.yaml"), "rules:\n  - { match: { tid: 7 }, group: polite }\n");
  writeFileSync(
    join(folder, "after.script"),
    "# comment\nwrite polite/schemata L3:0=1\n\n@2ms write greedy/schemata L3:0=2\n",
  );
  writeFileSync(join(folder, "mine.yaml"), "name: mine\ncpus: 0\n");
  const inFolder = async (text: string, host = {}) => {
    writeFileSync(join(folder, "plan.yaml"), text);
    return expandPlan(await loadPlan(join(folder, "plan.yaml")), { ...HOST, ...host });
  };
  const refusedIn = async (text: string, host = {}) =>
    (await refusedBy(() => inFolder(text, host))).map((line) => line.replaceAll(folder, "."));

  test("lies in its folder, and units hold texts and hashes of it", async () => {
    const { units } = await inFolder(`traces:
  - files: ["traces/a@b.arrow@loop=2", "traces/a@b.arrow", "synth:zipf,n=10"]
    groups: { polite: "trace:1", greedy: "trace:2" }
platforms: [private-l2]
options: { labels: labels.yaml, script: after.script, do: ["@1ms write polite/schemata L3:0=3"], until: 2ms }
`);
    const sha256 = createHash("sha256").update(trace).digest("hex");
    const file = { sha256, bytes: trace.length };
    expect((units[0] as Unit).work.traces).toEqual([
      { argument: `${folder}/traces/a@@b.arrow@loop=2`, ...file },
      { argument: `${folder}/traces/a@@b.arrow`, ...file },
      { argument: "synth:zipf,n=10" },
    ]);
    expect((units[0] as Unit).work.replaying).toEqual({
      group: ["polite=trace:1", "greedy=trace:2"],
      until: 2e6,
      labels: "rules:\n  - { match: { tid: 7 }, group: polite }\n",
      // A script begins at 0, whatever stands in `do`.
      script: [
        "@1ms write polite/schemata L3:0=3",
        "@0 write polite/schemata L3:0=1",
        "@2ms write greedy/schemata L3:0=2",
      ],
    });
  });

  test("a URL is described by the host", async () => {
    const url = "https://me:secret@example.org/x/a.arrow?key=1";
    const asked: string[] = [];
    const describeTrace = async (argument: string) => {
      asked.push(argument);
      return { argument, sha256: "ab", bytes: 3 };
    };
    const { units, workloads } = await inFolder(
      `traces: [{ files: ['${url}@loop=2', '${url}'] }]\nplatforms: [p]\n`.replace("[p]", "[one-socket]"),
      { describeTrace },
    );
    expect(units[0]?.work.traces).toEqual([
      { argument: `${url}@loop=2`, sha256: "ab", bytes: 3 },
      { argument: url, sha256: "ab", bytes: 3 },
    ]);
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(workloads)).not.toMatch(/secret|key=1/);
    const shared = "share://me:secret@host/a.arrow";
    expect(await refusedIn(`traces: ['${shared}']\nplatforms: [one-socket]\n`)).toEqual([
      expect.stringMatching(
        /^\.\/plan\.yaml:1:10: the trace a\.arrow cannot be had: share:\/\/host.*share is not known/,
      ),
    ]);
  });

  test("is told at its place where it cannot be had", async () => {
    expect(
      await refusedIn(`traces: [traces/none.arrow, { name: spec, files: "synth:zpf" }]
platforms: [privat-l2, mine.yaml, ./other.yaml, android, { name: x, cpus: 1 }]
options: { labels: none.yaml, script: traces }
`),
    ).toEqual([
      "./plan.yaml:1:10: the trace none.arrow cannot be had: there is no such file; a path from the plan's folder, a URL or synth:PATTERN is needed",
      expect.stringMatching(/^\.\/plan\.yaml:1:43: the trace synth:zpf cannot be had: .*zpf.*; a path/),
      "./plan.yaml:2:13: platform 'privat-l2': there is no such file; a platform is needed here",
      expect.stringMatching(/^\.\/plan\.yaml:2:24: \.\/mine\.yaml:1:1: the platform has no processor; /),
      expect.stringMatching(/^\.\/plan\.yaml:2:24: \.\/mine\.yaml:1:1: the platform has no memory; /),
      expect.stringMatching(/^\.\/plan\.yaml:2:24: \.\/mine\.yaml:2:7: cpus is 0; /),
      "./plan.yaml:2:35: platform './other.yaml': there is no such file; a platform is needed here",
      expect.stringMatching(/^\.\/plan\.yaml:2:58: platforms\[4\]: the platform has no processor; /),
      expect.stringMatching(/^\.\/plan\.yaml:2:58: platforms\[4\]: the platform has no memory; /),
      "./plan.yaml:3:20: options.labels is none.yaml: there is no such file; the path of a label map is needed",
      "./plan.yaml:3:39: options.script is traces: cannot be read (EISDIR); the path of a script is needed",
    ]);
  });
});

describe("is refused at its place, with the platform and what it has:", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      "a platform that resctrl cannot use",
      { platforms: ["android"] },
      /android cannot be used: .*no class of this machine can be allocated or monitored/,
    ],
    [
      "a resource there is not",
      { platforms: ["one-socket"], ...vary({ portions: "L2", of: "polite" }) },
      /portions: L2 cannot be varied on one-socket: it has no L2; it has MB, L3/,
    ],
    [
      "a number of portions",
      vary({ value: "L3", of: "polite" }),
      /value: L3 cannot be varied on private-l2: it has portions of it and no number; portions: L3/,
    ],
    [
      "portions of a number",
      vary({ split: "MB", between: ["polite", "/"] }),
      /split: MB cannot be varied on private-l2: it takes a number of it and has no portions; value: MB/,
    ],
    [
      "a domain there is not",
      { configurations: [{ name: "x", schemata: { polite: "L3:1=f" } }] },
      /'L3:1=f' of polite is refused by private-l2: L3 has no domain 1; there is 0; it has MB with domain 0, L2 with domains 1, 2 to 8, L3 with domain 0/,
    ],
    [
      "a mask that is too wide",
      { configurations: [{ name: "x", schemata: { polite: "L3:*=1ffff" } }] },
      /'L3:\*=1ffff' of polite is refused by private-l2: L3 domain 0: 1ffff is outside 1\.\.ffff/,
    ],
    [
      "a line in a choice",
      vary({ choice: "c", of: { a: { polite: "L4:0=1" } } }),
      /'L4:0=1' of polite is refused by private-l2: no resource "L4"/,
    ],
    [
      "values of which none is possible",
      vary({ portions: "L3", of: "polite", values: [17, 18] }),
      /no value of portions is possible on private-l2; 1 to 16 portions of L3 are allowed there/,
    ],
    [
      "more groups than there are PARTIDs",
      { traces: [{ ...PAIR, groups: Array.from({ length: 16 }, (_, i) => `g${i}=tid:${i}`) }] },
      /private-l2 does not make the groups of traces\[0\]: /,
    ],
    [
      "a level of caches there is not",
      { goals: [{ highest: "hit rate", at: "L4" }] },
      /goals\[0\]\.at is L4, which private-l2 has not; it has L2, L3/,
    ],
    [
      "a part of what nobody has",
      {
        configurations: [{ name: "x", schemata: { polite: "L3:0=f" } }],
        goals: [{ lowest: "misses", atMost: "103% of unset" }],
      },
      /goals\[0\]\.atMost is a part of what is measured with nothing set, and no configuration of a pair on private-l2 sets nothing; /,
    ],
    [
      "a platform twice",
      { platforms: ["one-socket", "one-socket"] },
      /platforms\[1\] is one-socket, as platforms\[0\] is/,
    ],
    [
      "parts where there is one slice",
      { parts: 2 },
      /parts is 2, and no replay on private-l2 can be split so: a part needs a slice of its own, and its last caches have 1 slice; without parts/,
    ],
    [
      "a part of a script that looks",
      { platforms: ["two-sockets"], parts: 2, options: { do: ["@1ms read mon_data/mon_L3_00/llc_occupancy"] } },
      /parts is 2, and no replay on two-sockets can be split so: the script line '@1ms read .*' looks at counters.*--approximate/,
    ],
  ])("%s", async (_, more, said) => {
    const lines = await refusedBy(() => expanded(more));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(said);
  });

  test("combinations without end, before they are made", async () => {
    const wide = { from: 0, to: 99_999, step: 1 };
    const lines = await refusedBy(() =>
      expanded({
        configurations: Array.from({ length: 9 }, (_, i) => ({
          name: `n${i}`,
          vary: [
            { portions: "L3", of: "polite" },
            { portions: "L3", of: "greedy" },
            { value: "MB", of: "polite", step: 1 },
          ],
        })),
      }),
    );
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/n3 brings private-l2 to \d+,\d{3} configurations; up to 100,000 are allowed/);
    expect(await refusedBy(() => expanded(vary({ value: "MB", of: "polite", ...wide })))).toEqual([]);
  });
});

describe("parts", () => {
  test("are units of their own, and what was asked for names all of them", async () => {
    const { units, asked } = await expanded({ platforms: ["two-sockets"], parts: 3, layouts: [1] });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.units).toEqual(units.map(({ name }) => name));
    expect(units.map(({ work }) => work.part)).toEqual([0, 1, 2].map((index) => ({ index, of: 3 })));
  });

  test("that are not exact are marked where that is asked for", async () => {
    const more = { platforms: ["two-sockets"], parts: 2, options: { do: ["@1ms rmdir greedy"] } };
    const { units, asked, notes } = await expanded(more, { approximate: true });
    expect(units.map(({ work }) => work.part)).toEqual([0, 1].map((index) => ({ index, of: 2, approximate: true })));
    expect(asked.map(({ approximate }) => approximate)).toEqual([true]);
    expect(notes).toEqual([
      expect.stringMatching(/^parts on two-sockets are approximate: the script line '@1ms rmdir greedy'/),
    ]);
  });
});

test("whatever the axes, there are no more configurations than combinations, all of them different, and all lines are taken", async () => {
  const machine = await Machine.create(await loadPlatform(`${root}platforms/private-l2.yaml`), {});
  const tree = await Resctrl.mount(await Driver.probe(machine), {});
  const group = fc.constantFrom("polite", "greedy", "/");
  const axis = fc.oneof(
    fc.record({
      portions: fc.constantFrom("L2", "L3"),
      of: group,
      values: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
      at: fc.constantFrom("low", "high"),
    }),
    fc.record({
      value: fc.constant("MB"),
      of: group,
      values: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 }),
    }),
    fc.record({ split: fc.constantFrom("L2", "L3"), between: fc.constant(["polite", "greedy"]) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 2 }), async (axes) => {
      let all: Expanded;
      try {
        all = await expanded(vary(...axes));
      } catch (error) {
        expect(String(error)).toMatch(/sets .* of .*, as/);
        return;
      }
      const most = axes.reduce(
        (product, one) => product * ("values" in one ? one.values.length : one.split === "L2" ? 7 : 15),
        1,
      );
      expect(all.units.length).toBeLessThanOrEqual(most);
      expect(new Set(all.asked.map(({ place }) => JSON.stringify(place.settings))).size).toBe(all.asked.length);
      for (const { schemata } of all.asked.slice(0, 20)) {
        for (const lines of Object.values(schemata))
          await tree.writeFile("schemata", lines.map((line) => `${line}\n`).join(""));
      }
    }),
    { numRuns: 15 },
  );
});

test("what was asked for is what the groups have when a unit has run", async () => {
  const { units } = await expanded({
    traces: [{ ...PAIR, files: ["synth:zipf,ws=64K,n=200", "synth:stream,ws=64K,n=200"] }],
    platforms: ["two-sockets"],
    configurations: [
      { name: "lines", schemata: { polite: ["L3:*=f0", "MB:1=30"], greedy: "L2:5=3" } },
      {
        name: "axes",
        vary: [
          { portions: "L3", of: "greedy", values: [2, 7], at: "high" },
          { value: "MB", of: "polite", values: [10, 33] },
        ],
      },
    ],
  });
  expect(units).toHaveLength(5);
  for (const unit of units) {
    const open = (traces: Unit["work"]["traces"]) => openTraces(traces.map(({ argument }) => argument));
    const result = JSON.parse(await runUnit(unit, { tool: HOST.tool, open })) as UnitResult;
    expect(result).not.toHaveProperty("failed");
    for (const [group, lines] of Object.entries(unit.work.schemata)) {
      const shown = (result.schemata[group] ?? "").split("\n").map((line) => line.trim());
      for (const line of lines) {
        const [resource = "", items = ""] = line.split(":");
        const there = shown
          .find((one) => one.startsWith(`${resource}:`))
          ?.slice(resource.length + 1)
          .split(";");
        expect(there).toEqual(expect.arrayContaining(items.split(";")));
      }
    }
  }
});

test("names of units are the same with what holds anyway written out", async () => {
  const namesOf = async (options: object) => (await expanded({ options })).units.map(({ name }) => name);
  const plain = await namesOf({});
  expect(await namesOf({ timing: "open", statistics: "counts", "command-line": "" })).toEqual(plain);
  expect(await namesOf({ timing: "closed" })).not.toEqual(plain);
  expect(await namesOf({ statistics: "full" })).not.toEqual(plain);
});
