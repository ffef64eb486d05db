// A machine of two sockets: records find their way by the cpu of their thread and by their address.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { type LabelStatistics, type LevelStatistics, Machine } from "../../src/machine/index.ts";
import { loadPlatform, type Platform } from "../../src/platform/index.ts";
import { hash } from "../../src/random/index.ts";
import { FakeTrace, thread } from "./traces.ts";

const platform = await loadPlatform(new URL("../../platforms/two-sockets.yaml", import.meta.url));

/** More than an L2 of 4096 lines holds, and less than an L3. */
const LINES = 6000;
const LINES_OF_PAGE = 64;

/** Threads 1 on cpu 2 and 2 on cpu 9 read the same lines, each once; thread 2 under PARTID 3. */
async function replayed(different: Partial<Platform> = {}): Promise<Machine> {
  const machine = await Machine.create({ ...platform, ...different });
  const rows = Array.from({ length: 2 * LINES }, (_, i) => ({
    ...{ time: i, address: Math.floor(i / 2) * 64, bytes: 8, op: 0, requester: i % 2 },
  }));
  const requesters = [thread(1, { cpu: 2 }), thread(2, { cpu: 9 })];
  const trace = new FakeTrace("two threads", rows, { requesters, addressRule: "identity" });
  machine.addTasks(trace);
  machine.processor.setTaskLabel(2, { partidD: 3, partidI: 3, pmgD: 0, pmgI: 0 });
  await machine.replay([trace]);
  return machine;
}

function place(row: LevelStatistics): string {
  return row.kind === "cache" ? `L${row.level} ${row.id}.${row.slice}` : `node ${row.node}.${row.channel}`;
}

/** What one PARTID has in each place where it has something. */
function counts(machine: Machine, partid: number, what: keyof LabelStatistics): Record<string, unknown> {
  const rows = machine.levels().map((row) => [place(row), row.labels.find((one) => one.partid === partid)?.[what]]);
  return Object.fromEntries(rows.filter(([, count]) => count));
}

/** How many of the lines `of` puts in each place. */
function dealt(of: (line: number) => string): Record<string, number> {
  const places: Record<string, number> = {};
  for (let line = 0; line < LINES; line++) places[of(line)] = (places[of(line)] ?? 0) + 1;
  return places;
}

const slices = (id: number) => dealt((line) => `L3 ${id}.${hash(1, line) % 4}`);

describe("two threads in two sockets", () => {
  test("miss in the L2 of their cpu, then in the slices of their L3", async () => {
    const machine = await replayed();
    expect(counts(machine, 0, "accesses")).toEqual({ "L2 4.0": LINES, ...slices(0) });
    expect(counts(machine, 3, "accesses")).toEqual({ "L2 11.0": LINES, ...slices(1) });
    expect(counts(machine, 3, "misses")).toEqual({ "L2 11.0": LINES, ...slices(1) });
  });

  test("fetch from the node of the page, and its channel of the line", async () => {
    const channel = (line: number) => `node ${Math.floor(line / LINES_OF_PAGE) % 2}.${hash(2, line) % 2}`;
    const bytes = Object.entries(dealt(channel)).map(([where, lines]) => [where, lines * 64]);
    const read = counts(await replayed(), 3, "bytesRead");
    for (const [where, count] of bytes) expect(read[where as string], where as string).toBe(count);
  });

  test("take whole lines through all levels, whatever the monitors of their L2 count", async () => {
    const read = counts(await replayed(), 0, "bytesRead");
    expect(read["L2 4.0"]).toBe(LINES * 64);
    const slices = Object.entries(read).filter(([where]) => where.startsWith("L3"));
    expect(slices.reduce((sum, [, bytes]) => sum + (bytes as number), 0)).toBe(LINES * 64);
  });

  test("find all pages in the first node where nodes are filled one after the other", async () => {
    const read = counts(await replayed({ numa: "fill" }), 3, "bytesRead");
    expect(Object.keys(read).filter((where) => where.startsWith("node"))).toEqual(["node 0.0", "node 0.1"]);
  });

  test("have one row each: accesses of the L2s, misses of the L3s, bytes of the channels", async () => {
    const machine = await replayed();
    const row = { space: "ns", pmg: 0, accesses: LINES, misses: LINES, bytesHeld: LINES * 64, bytesRead: LINES * 64 };
    expect(machine.statistics()).toEqual([
      { ...row, partid: 0, bytesWritten: 0 },
      { ...row, partid: 3, bytesWritten: 0 },
    ]);
  });

  test("hold lines that an export has slice by slice", async () => {
    const { slices: all, sets } = (await replayed()).export();
    const held = all.map(({ level, id, slice, firstSet, setCount }) => [
      `L${level} ${id}.${slice}`,
      sets.slice(firstSet, firstSet + setCount).flat().length,
    ]);
    const l2 = 4096;
    expect(Object.fromEntries(held.filter(([, lines]) => lines))).toEqual({
      ...{ "L2 4.0": l2, "L2 11.0": l2 },
      ...slices(0),
      ...slices(1),
    });
  });
});

test("a driver reads what a cache of four slices holds as one number", async () => {
  const machine = await replayed();
  const driver = await Driver.probe(machine);
  const l3 = driver.classes.find(({ level }) => level === 3);
  const request = { type: "csu", mon: 0, partid: 3, pmg: 0, matchPmg: true } as const;
  const bytes = l3!.components.map((component) => driver.readMonitor(component, request));
  expect(await Promise.all(bytes)).toEqual([0n, BigInt(LINES * 64)]);
});

test("a snapshot keeps where requesters enter", async () => {
  const machine = await replayed();
  const again = await Machine.restore(machine.snapshot());
  expect(again.levels()).toEqual(machine.levels());
  const requesters = [thread(1, { cpu: 2 }), thread(2, { cpu: 9 })];
  const rows = [{ time: 0, address: 1 << 30, bytes: 1, op: 0, requester: 1 }];
  await again.replay([new FakeTrace("two threads", rows, { requesters, addressRule: "identity" })]);
  const before = counts(machine, 3, "accesses")["L2 11.0"] as number;
  expect(counts(again, 3, "accesses")["L2 11.0"]).toBe(before + 1);
});
