// Warm-up and regions of interest: what of a replay is counted, and what of the traces is replayed.
import { expect, test } from "vitest";
import { parseScript } from "../../src/script/index.ts";
import { runSession } from "../../src/session/run-session.ts";
import { parseWarmup } from "../../src/session/warmup.ts";
import { openTraces, regionOf } from "../../src/trace/index.ts";

const platform = new URL("../../platforms/one-socket.yaml", import.meta.url).pathname;

/** 1024 lines, four laps: the first misses them all, and the cache holds them from then on. */
const CHASE = "synth:chase,ws=64k,n=4096,gap=10";

async function countsOf(traces: readonly string[], warmup?: string, script: readonly string[] = []) {
  const result = await runSession(await openTraces(traces), {
    platform,
    groups: [],
    script: parseScript(script.join("\n"), "script"),
    ...(warmup === undefined ? {} : { warmup: parseWarmup(warmup) }),
  });
  const phases = result.phases.map(({ from, to, script: lines, groups }) => {
    const root = groups.find(({ group }) => group === "/");
    return { from, to, lines, accesses: root?.accesses, misses: root?.misses };
  });
  return { phases, warmupNs: result.warmupNs };
}

test.each(["10240ns", "1024", "25.007%"])(
  "counts begin where a warm-up of %s ends, and the cache stays warm",
  async (warmup) => {
    const { phases, warmupNs } = await countsOf([CHASE], warmup);
    expect(warmupNs).toBe(10_240);
    expect(phases).toEqual([{ from: 10_240, to: 40_950, lines: [], accesses: 3072, misses: 0 }]);
  },
);

test("without a warm-up everything counts", async () => {
  const { phases } = await countsOf([CHASE]);
  expect(phases).toEqual([{ from: 0, to: 40_950, lines: [], accesses: 4096, misses: 1024 }]);
});

test("what the script did during the warm-up is said with the first phase", async () => {
  const { phases } = await countsOf([CHASE], "10us", ["@5us mkdir a", "@20us mkdir b"]);
  expect(phases.map(({ from, lines }) => ({ from, lines }))).toEqual([
    { from: 10_000, lines: ["mkdir a"] },
    { from: 20_000, lines: ["mkdir b"] },
  ]);
});

test("two traces that are the same have lines of their own, and each its start", async () => {
  const { phases } = await countsOf([`${CHASE}@start=1us`, CHASE, `${CHASE}@start=2ms`]);
  expect(phases).toMatchObject([{ from: 0, to: 2_040_950, accesses: 3 * 4096, misses: 3 * 1024 }]);
});

test("of a region of interest nothing before it has warmed the cache", async () => {
  const sources = await regionOf(await openTraces([CHASE]), { record: 1024 }, { ns: 20_480 });
  const { phases } = await runSession(sources, { platform, groups: [], script: [] });
  expect(phases).toMatchObject([{ from: 0, to: 10_230, groups: [{ accesses: 1024, misses: 1024 }] }]);
});

test("warm-ups that make no sense are refused", async () => {
  for (const text of ["", "soon", "101%", "1.5"])
    expect(() => parseWarmup(text)).toThrow(/a time such as 1ms, a share/);
  await expect(countsOf([CHASE], "41us")).rejects.toThrow(/the warm-up lasts 41000 ns, and the traces end at 40950 ns/);
  await expect(countsOf([CHASE], "4097")).rejects.toThrow(/there is no record 4097; the traces have 4096 together/);
});
