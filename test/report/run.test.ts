// What a report records of a replay, against counters of the machine and numbers worked out by hand.

import { describe, expect, test } from "vitest";
import { filesOf, REPORT_SUFFIXES } from "../../src/report/index.ts";
import { merged, type Step } from "../../src/report/steps.ts";
import { bundled, recorded, seriesOf, session, sum } from "../helpers/recorded-run.ts";

/**
 * 1024 lines, two laps, one access a microsecond: 1024 requests come from memory in 90 ns, then 1024 from the L2 in 4 ns
 * (platforms/two-sockets.yaml).
 */
const LAPS = "synth:chase,ws=64k,n=2048,gap=1000";
const US = 1000;

describe("samples of traffic that is known", () => {
  test("have the requests, the misses, the bytes and the latencies of their time and no other", async () => {
    const { run } = await recorded([LAPS], { timing: "closed", reportNs: 256 * US });
    expect(run.samples.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => n * 256 * US));
    const { levels, ports, latency } = seriesOf(run, "/");
    const first = [256, 256, 256, 256, 0, 0, 0, 0];
    const all = [256, 256, 256, 256, 256, 256, 256, 256];
    expect(levels.map(({ level, accesses, misses }) => ({ level, accesses, misses }))).toEqual([
      { level: 2, accesses: all, misses: first },
      { level: 3, accesses: first, misses: first },
    ]);
    expect(levels[1]?.bytesHeld).toEqual([1, 2, 3, 4, 4, 4, 4, 4].map((n) => n * 256 * 64));
    const node = ports.filter(({ port }) => port.startsWith("node"));
    expect(all.map((_, sample) => sum(node.map(({ bytes }) => bytes[sample] ?? 0)))).toEqual(first.map((n) => n * 64));
    expect(latency).toEqual({
      requests: all,
      sumNs: first.map((n) => (n === 0 ? 256 * 4 : 256 * 90)),
      heldNs: all.map(() => 0),
      p95Ns: [90, 90, 90, 90, 4, 4, 4, 4],
    });
  });

  test("are merged exactly when there are more than 400", async () => {
    const { run } = await recorded([LAPS], { timing: "closed", reportNs: US });
    const { samples } = run;
    expect(samples.length).toBeGreaterThan(200);
    expect(samples.length).toBeLessThanOrEqual(400);
    const { levels, latency } = seriesOf(run, "/");
    // Record k is issued at k us: until the end of a sample there were as many requests as microseconds.
    const requests = samples.map((end, n) => Math.min(2048, end / US) - Math.min(2048, (samples[n - 1] ?? 0) / US));
    expect(levels[0]?.accesses).toEqual(requests);
    expect(latency?.requests).toEqual(requests);
    expect(levels[1]?.bytesHeld).toEqual(samples.map((end) => 64 * Math.min(1024, end / US)));
    const slow = samples.map((end, n) => Math.min(1024, end / US) - Math.min(1024, (samples[n - 1] ?? 0) / US));
    expect(latency?.sumNs).toEqual(slow.map((n, at) => n * 90 + ((requests[at] ?? 0) - n) * 4));
    // More than one in twenty is slow, or none is.
    expect(latency?.p95Ns).toEqual(slow.map((n, at) => (n > 0.05 * (requests[at] ?? 0) ? 90 : 4)));
    expect(run.notes.join(" ")).toContain("neighbours were merged");
  });

  test("have quantiles of the whole run in the totals", async () => {
    const { run } = await recorded([LAPS], { timing: "closed", reportNs: 100 * US });
    expect(run.totals.find(({ group }) => group === "/")?.latency).toEqual({
      requests: 2048,
      meanNs: 47,
      p50Ns: 4,
      p95Ns: 90,
      p99Ns: 90,
      heldNs: 0,
      stalledNs: 0,
    });
  });

  test("count from the end of warm-up in the totals, and are all there in the series", async () => {
    const { run } = await recorded([LAPS], {
      timing: "closed",
      reportNs: 100 * US,
      warmup: { ns: 1024 * US },
    });
    expect(run.countFrom).toBe(1024 * US);
    const root = run.totals.find(({ group }) => group === "/");
    expect([root?.accesses, root?.misses, root?.latency?.meanNs]).toEqual([1024, 0, 4]);
    expect(sum(seriesOf(run, "/").levels[0]?.accesses ?? [])).toBe(2048);
  });
});

test("who is gone in the second of two samples holds nothing when they are one, and what it did stays", () => {
  const did = (flow: number, held: number) => ({
    flows: Float64Array.of(flow),
    held: Float64Array.of(held),
    mostNs: flow,
  });
  const step = (from: number, counted: Step["counted"]): Step => ({ from, to: from + 10, phase: 0, counted });
  const [both] = merged([
    step(
      0,
      new Map([
        ["gone", did(3, 64)],
        ["stays", did(5, 64)],
      ]),
    ),
    step(
      10,
      new Map([
        ["stays", did(2, 128)],
        ["new", did(1, 64)],
      ]),
    ),
  ]);
  expect([both?.from, both?.to]).toEqual([0, 20]);
  expect(both?.counted).toEqual(
    new Map([
      ["gone", did(3, 0)],
      ["stays", { ...did(7, 128), mostNs: 5 }],
      ["new", did(1, 64)],
    ]),
  );
});

const MIXED = ["synth:zipf,ws=2M,n=30k,write=30%,gap=10", "synth:stream,ws=8M,n=30k,write=20%,gap=10"];
const GROUPS = ["web=trace:1", "batch=trace:2"];
const PRIVATE = bundled("private-l2");

test("sums over samples are what the machine has counted for the labels of a group", async () => {
  const { run, machine, tree } = await recorded(MIXED, {
    platform: PRIVATE,
    groups: GROUPS,
    timing: "closed",
    statistics: "full",
    script: ["@40% write batch/schemata L3:0=3", "@60% mkdir idle"],
  });
  for (const group of ["web", "batch"]) {
    const { partidD, pmgD } = tree.labelOf(group);
    const isOurs = (label: { partid: number; pmg: number }) => label.partid === partidD && label.pmg === pmgD;
    const { levels, ports, latency } = seriesOf(run, group);
    const slices = machine.levels();
    for (const { level, accesses, misses, bytesHeld } of levels) {
      const here = slices.flatMap((one) =>
        one.kind === "cache" && one.level === level ? one.labels.filter(isOurs) : [],
      );
      expect(sum(accesses)).toBe(sum(here.map((one) => one.accesses)));
      expect(sum(misses)).toBe(sum(here.map((one) => one.misses)));
      expect(bytesHeld.at(-1)).toBe(sum(here.map((one) => one.bytesHeld)));
    }
    const whole = machine.statistics().filter(isOurs);
    const node = ports.filter(({ port }) => port.startsWith("node"));
    expect(sum(node.flatMap(({ bytes }) => [...bytes]))).toBe(
      sum(whole.map((one) => one.bytesRead + one.bytesWritten)),
    );
    const [timed] = machine.latencies().filter(isOurs);
    expect(sum(latency?.requests ?? [])).toBe(timed?.count);
    expect(sum(latency?.heldNs ?? [])).toBe(timed?.heldNs);
    const totals = run.totals.find((one) => one.group === group);
    expect(totals).toMatchObject({ accesses: whole[0]?.accesses, misses: whole[0]?.misses });
    expect(totals?.latency).toMatchObject({ meanNs: timed?.meanNs, p50Ns: timed?.p50Ns, p99Ns: timed?.p99Ns });
    const lost = machine.details().flatMap((one) => (one.level === 3 ? one.lost.filter(isOurs) : []));
    expect(levels.find(({ level }) => level === 3)?.lost?.other.reduce((a, b) => a + b)).toBe(lost[0]?.other);
    expect(totals?.levels.find(({ level }) => level === 3)?.lost?.ownPortion).toBe(lost[0]?.ownPortion);
    expect(sum((totals?.parts ?? []).filter(({ part }) => part.startsWith("L2")).map((one) => one.misses))).toBe(
      sum(levels[0]?.misses ?? []),
    );
  }
});

test("a line of the script ends a sample, and limits and schemata are those of their time", async () => {
  const { run } = await recorded(MIXED, {
    platform: PRIVATE,
    groups: GROUPS,
    timing: "closed",
    script: ["@40% write batch/schemata MB:0=30", "@80% read batch/schemata"],
  });
  const [before, after] = run.phases;
  expect(run.phases.length).toBe(2);
  expect(run.samples).toContain(before?.to);
  expect(run.lines.map(({ text, changes }) => [text, changes])).toEqual([
    ["write batch/schemata MB:0=30", true],
    ["read batch/schemata", false],
  ]);
  expect(run.lines[0]?.time).toBe(after?.from);
  const schemata = (phase: typeof before) => phase?.groups.find(({ group }) => group === "batch")?.schemata;
  expect(schemata(before)).toMatch(/MB:0=100\n/);
  expect(schemata(after)).toMatch(/MB:0=30\n/);
  expect(before?.limits).toEqual([]);
  // MBW_MAX has seven bits here: (value + 1) of 128 parts of the channel's 1.6 GB/s.
  const partid = Number(after?.groups.find(({ group }) => group === "batch")?.labels[0]?.split(":")[1]);
  const held = run.settings.find(({ name, partids }) => name === "node 0" && partids.includes(partid));
  const parts = ((Number(held?.registers.MBW_MAX) & 0xffff) >> 9) + 1;
  expect(parts).toBeLessThan(0.32 * 128);
  expect(after?.limits).toEqual([
    { port: "node 0", group: "batch", bytesPerSecond: (parts / 128) * 1.6e9, hard: false },
  ]);
});

test("what a removed group has left belongs to no group, and its counts stay its own", async () => {
  const { run } = await recorded(MIXED, {
    platform: PRIVATE,
    groups: GROUPS,
    script: ["@50% rmdir batch"],
  });
  const root = seriesOf(run, "/").levels[1];
  const batch = seriesOf(run, "batch").levels[1];
  expect(sum(batch?.accesses ?? [])).toBeGreaterThan(0);
  expect(sum(root?.accesses ?? [])).toBeGreaterThan(0);
  expect(batch?.bytesHeld.at(-1)).toBe(0);
  const left = seriesOf(run, "no group").levels[1];
  expect(left?.bytesHeld.some((bytes) => bytes > 0)).toBe(true);
  expect(sum(left?.accesses ?? [])).toBe(0);
});

test("a monitor group counts for itself", async () => {
  const { run, machine } = await recorded(MIXED, {
    platform: PRIVATE,
    groups: ["web=trace:1", "web=trace:2"],
    script: ["@0 mkdir web/mon_groups/m", "@0 write web/mon_groups/m/tasks 2"],
  });
  const totals = (group: string) => run.totals.find((one) => one.group === group)?.accesses ?? 0;
  expect([totals("web"), totals("web/mon_groups/m")]).toEqual([30_000, 30_000]);
  expect(sum(machine.statistics().map(({ accesses }) => accesses))).toBe(60_000);
  expect(run.phases[0]?.groups.find(({ group }) => group === "web/mon_groups/m")).not.toHaveProperty("schemata");
});

test("a label of a device is a group of its own, at the memory it goes to", async () => {
  const { run } = await recorded(["synth:stream,device=dma,n=1000,gap=10"], { platform: bundled("io") });
  const device = run.totals.find(({ group }) => group === "label ns:3:0");
  expect([device?.accesses, device?.bytesRead]).toEqual([0, 64_000]);
  expect(device?.parts.map(({ part }) => part)).toEqual(["node 0"]);
});

test("interrupts are on the time line", async () => {
  const { run } = await recorded(["synth:stream,n=1000,gap=100"], {
    platform: PRIVATE,
    script: ["@20us fault error-interrupt msc=8 code=0 everyNs=10us times=3"],
  });
  const raised = run.interrupts.filter(({ level }) => level === 1);
  expect(raised.map(({ time, kind, source }) => [time, kind, source])).toEqual(
    [20, 30, 40].map((at) => [at * US, "error", "L3 0"]),
  );
});

const WAYS = [
  { timing: "open" },
  { timing: "closed" },
  { timing: "open", workers: 2 },
  { timing: "open", warmup: { share: 0.2 } },
] as const;

test.each(WAYS)("a report changes nothing that %o tells", async (way) => {
  const options = {
    platform: PRIVATE,
    groups: GROUPS,
    ...way,
    statistics: "full",
    sampleNs: 50 * US,
    byEl: true,
    script: [
      "@40% write batch/schemata L3:0=3",
      "@60% expect EINVAL write batch/schemata L9:0=3",
      "@70% read info/last_cmd_status",
      "@70% capture local",
      "@80% read info/last_cmd_status",
    ],
  } as const;
  const { seconds: _, ...without } = await session(MIXED, options);
  const { result } = await recorded(MIXED, { ...options, reportNs: 7 * US });
  const { seconds: __, ...withReport } = result;
  expect(JSON.stringify(withReport)).toBe(JSON.stringify(without));
});

test("the same traces and options give the same bytes in every form, with any number of workers", async () => {
  const options = { platform: PRIVATE, groups: GROUPS, script: ["@40% write batch/schemata L3:0=3"] };
  const one = await recorded(MIXED, options);
  const other = await recorded(MIXED, { ...options, workers: 2 });
  for (const suffix of REPORT_SUFFIXES) {
    const bytes = async ({ run }: typeof one) =>
      (await filesOf(run, suffix)).map((file) => [file.part, Buffer.from(file.bytes).toString("base64")]);
    expect(await bytes(other), suffix).toEqual(await bytes(one));
  }
});

test("of traces a run keeps what is said of them, and nothing else", async () => {
  const { run } = await recorded(["synth:stream,n=10"], {});
  expect(run.traces).toEqual([{ name: "synth:stream,n=10", hash: expect.any(String), records: 10 }]);
  expect(JSON.parse(JSON.stringify(run))).toEqual(run);
});

test("a run without a record, and one without caches, are runs", async () => {
  const { run } = await recorded(["synth:stream,n=1,gap=1"], { platform: bundled("minimal") });
  expect(run.samples.length).toBeLessThanOrEqual(1);
  for (const suffix of REPORT_SUFFIXES) expect((await filesOf(run, suffix)).length).toBeGreaterThanOrEqual(0);
});
