// What a replay shows besides counts: latencies of closed timing, reasons why lines were lost, bandwidth over time.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeSession } from "../../src/cli/describe-session.ts";
import type { Machine } from "../../src/machine/index.ts";
import { lookAt } from "../../src/report/index.ts";
import { parseScript } from "../../src/script/index.ts";
import { parseGroupRule } from "../../src/session/groups.ts";
import { runSession, type SessionOptions } from "../../src/session/run-session.ts";
import { openTraces } from "../../src/trace/index.ts";

const bundled = (name: string) => new URL(`../../platforms/${name}.yaml`, import.meta.url).pathname;
const oneSocket = bundled("one-socket");
/** Requests take 4 ns of L2, 20 ns of L3, 90 ns of memory. */
const twoSockets = bundled("two-sockets");

let folder = "";
let slow = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-closed-"));
  slow = join(folder, "slow.yaml");
  const text = await readFile(oneSocket, "utf8");
  // One line of 64 bytes in a quantum of 1 us.
  await writeFile(slow, text.replace("bytesPerSecond: 12.8 GB/s", "bytesPerSecond: 64 MB/s\n    latencyNs: 100"));
});
afterAll(() => rm(folder, { recursive: true }));

type Run = Omit<Partial<SessionOptions>, "groups" | "script"> & {
  groups?: readonly string[];
  script?: readonly string[];
};

async function run(traces: readonly string[], { groups = [], script = [], ...options }: Run = {}) {
  return runSession(await openTraces(traces), {
    platform: oneSocket,
    ...options,
    groups: groups.map(parseGroupRule),
    script: parseScript(script.join("\n"), "script"),
  });
}

/** 1024 lines, two laps, one access a microsecond: 1024 come from memory, then 1024 from the L2. */
const LAPS = "synth:chase,ws=64k,n=2048,gap=1000";

test("latencies of a group are those of the levels that served it, for each phase and with tails for the whole run", async () => {
  const result = await run([LAPS], { platform: twoSockets, timing: "closed", script: ["@50% mkdir a"] });
  const root = result.phases.map(({ groups }) => groups.find(({ group }) => group === "/"));
  expect(root.map((one) => one?.latency)).toEqual([
    { count: 1024, meanNs: 90, heldNs: 0 },
    { count: 1024, meanNs: 4, heldNs: 0 },
  ]);
  expect(result.latencies).toEqual([
    { group: "/", count: 2048, meanNs: 47, p50Ns: 4, p95Ns: 90, p99Ns: 90, maxNs: 90, heldNs: 0 },
  ]);
  expect(describeSession(result).split("\n")).toEqual(
    expect.arrayContaining([
      "group  requests   mean   p50    p95    p99  longest  held",
      "/         2,048  47 ns  4 ns  90 ns  90 ns    90 ns  0 ns",
    ]),
  );
});

test("who asks for more than memory gives is held, a line a quantum", async () => {
  // Access k comes at k ns and is let through at k us: 999 k ns later.
  const result = await run(["synth:stream,n=10"], { platform: slow, timing: "closed" });
  expect(result.latencies).toMatchObject([
    { group: "/", count: 10, heldNs: 999 * 45, meanNs: 100 + 99.9 * 45, maxNs: 100 + 999 * 9 },
  ]);
});

test("open timing has no latencies", async () => {
  const result = await run(["synth:stream,n=10"], { platform: slow });
  expect(result).not.toHaveProperty("latencies");
  expect(result.phases[0]?.groups[0]).not.toHaveProperty("latency");
  expect(describeSession(result)).not.toMatch(/latency|held/i);
});

test("labels of one group are taken together: means by their counts, of the tails the largest, and time held in all", () => {
  const label = (pmg: number) => ({ space: "ns", partid: 3, pmg }) as const;
  const latencies = [
    { ...label(0), count: 1, meanNs: 10, p50Ns: 10, p95Ns: 10, p99Ns: 70, maxNs: 70, heldNs: 5 },
    { ...label(1), count: 3, meanNs: 30, p50Ns: 20, p95Ns: 40, p99Ns: 50, maxNs: 60, heldNs: 6 },
    { ...label(2), count: 9, meanNs: 99, p50Ns: 99, p95Ns: 99, p99Ns: 99, maxNs: 99, heldNs: 99 },
  ];
  const machine = { platform: { caches: [] }, statistics: () => [], levels: () => [], latencies: () => latencies };
  const { latency } = lookAt(machine as unknown as Machine, false).counts(new Set(["ns:3:0", "ns:3:1"]));
  expect(latency).toEqual({ count: 4, meanNs: 25, p50Ns: 20, p95Ns: 40, p99Ns: 70, maxNs: 70, heldNs: 11 });
});

test("lines that a group loses to others and to itself are told apart, phase by phase", async () => {
  // The L3 has 16,384 lines. a fills it; b takes its place, and then needs a place of its own for each line.
  const result = await run(["synth:stream,ws=1M,n=16384", "synth:stream,ws=3M,n=49152@start=20us"], {
    groups: ["a=trace:1", "b=trace:2"],
    statistics: "full",
    script: ["@36384ns mkdir c"],
  });
  const lost = result.phases.map(({ groups }) =>
    groups.flatMap(({ group, lost: all }) => (all ?? []).map((one) => ({ group, ...one }))),
  );
  const none = { level: 3, disabled: 0, ownLimit: 0, inclusion: 0 };
  expect(lost).toEqual([
    [{ group: "a", ...none, other: 16_384, ownPortion: 0 }],
    [{ group: "b", ...none, other: 0, ownPortion: 32_768 }],
  ]);
  const lines = describeSession(result).split("\n");
  expect(lines).toContain("lines lost by  level  to others");
  expect(lines).toContain("b                 L3     32,768");
});

test("without full statistics nothing is said of lost lines", async () => {
  const result = await run(["synth:stream,ws=2M,n=65536"]);
  expect(result.phases[0]?.groups[0]).not.toHaveProperty("lost");
  expect(describeSession(result)).not.toContain("lost");
});

/** 64 bytes each 10 ns, all from memory: 6.4 GB/s for 300 us. */
const STREAM = "synth:stream,gap=10,n=30000";

test("samples show the bandwidth of a group, and a limit beside the time in which it held", async () => {
  const result = await run([STREAM], {
    groups: ["a=trace:1"],
    sampleNs: 100_000,
    script: ["@100us write a/schemata MB:0=50"],
  });
  const samples = result.phases.map((phase) =>
    (phase.samples ?? []).map(({ time, ns, ports }) => {
      const { bytesPerSecond, groups } = ports.find(({ port }) => port === "node 0") ?? {};
      expect(bytesPerSecond).toBe(12.8e9);
      expect(groups?.map(({ group }) => group)).toEqual(["a"]);
      expect((groups?.[0]?.bytesPerSecond ?? 0) / 6.4e9).toBeCloseTo(1, 3);
      return { time, ns, limit: groups?.[0]?.limit };
    }),
  );
  expect(samples).toEqual([
    [{ time: 100_000, ns: 100_000, limit: undefined }],
    [
      { time: 200_000, ns: 100_000, limit: { bytesPerSecond: expect.any(Number), hard: false } },
      { time: 299_990, ns: 99_990, limit: { bytesPerSecond: expect.any(Number), hard: false } },
    ],
  ]);
  // Half of 12.8 GB/s, in steps of 1/128.
  expect(Math.abs((samples[1]?.[0]?.limit?.bytesPerSecond ?? 0) / 12.8e9 - 0.5)).toBeLessThanOrEqual(1 / 128);
  expect(describeSession(result)).toMatch(
    /Bandwidth of memory, at most 12\.80 GB\/s\nuntil +a\n100\.000 us +6\.40 GB\/s\n[\s\S]*\nuntil +a +limit of a\n200\.000 us +6\.40 GB\/s +6\.\d\d GB\/s soft\n/,
  );
});

test("samples are cut where phases are, and go on at their own times", async () => {
  const { phases } = await run([STREAM], { sampleNs: 100_000, script: ["@150us mkdir a"] });
  expect(phases.map(({ samples }) => samples?.map(({ time, ns }) => [time, ns]))).toEqual([
    [
      [100_000, 100_000],
      [150_000, 50_000],
    ],
    [
      [200_000, 50_000],
      [299_990, 99_990],
    ],
  ]);
});

test("sampling changes nothing of a replay", async () => {
  const of = async (sampleNs?: number) => {
    const traces = ["synth:zipf,n=20k,ws=2M", "synth:stream,n=20k"];
    const result = await run(traces, { timing: "closed", ...(sampleNs ? { sampleNs } : {}) });
    return { time: result.time, latencies: result.latencies, groups: result.phases[0]?.groups };
  };
  expect(await of(1700)).toEqual(await of());
});

test("hits are told for each level, as a share of what came to it", async () => {
  // 8192 lines, two laps: too many for an L2, few enough for an L3.
  const result = await run(["synth:chase,ws=512k,n=16384"], { platform: twoSockets });
  const [root] = result.phases[0]?.groups ?? [];
  const [second, third] = root?.levels ?? [];
  expect(second).toMatchObject({ level: 2, accesses: 16_384 });
  expect(third).toEqual({ level: 3, accesses: second?.misses, misses: 8192 });
  expect(root).toMatchObject({ accesses: 16_384, misses: 8192 });
  expect(describeSession(result)).toMatch(/^group +accesses +L2 hits +L3 hits +llc_occupancy +mbm_total_bytes$/m);
  const one = await run(["synth:chase,ws=512k,n=16384"]);
  expect(describeSession(one)).toMatch(/^group +accesses +L3 hits +llc_occupancy/m);
});

test("how long limits of cpus stalled a group is shown where they did", async () => {
  const platform = join(folder, "limited.yaml");
  const text = await readFile(oneSocket, "utf8");
  await writeFile(
    platform,
    text.replace(/^processor:/m, "processor:\n  bandwidth: { bwaWd: 8, bytesPerSecond: 640 MB/s }"),
  );
  // Ten lines a quantum of 1 us, of which a half may leave: the sixth would be issued at 500 ns.
  const script = ["cpu 0 poke MPAMBW0_EL1 0x6000_0000_0000_7f00", "@201us cpu 0 poke MPAMBW0_EL1 0"];
  const result = await run(["synth:stream,n=2000,gap=100"], { platform, timing: "closed", script });
  // What is changed at a border waits for the next one.
  const [limited, free] = result.phases.map(({ groups }) => groups.find(({ group }) => group === "/")?.latency);
  expect(limited?.stalledNs).toBe(201 * 500);
  expect(free?.stalledNs).toBe(500);
  expect(result.latencies).toMatchObject([{ group: "/", count: 2000, stalledNs: 202 * 500 }]);
  const shown = describeSession(result);
  expect(shown).toMatch(/held +stalled\n.*100\.500 us\n/);
  expect(describeSession(await run([LAPS], { timing: "closed" }))).not.toContain("stalled");
});
