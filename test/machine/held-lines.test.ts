// Whose lines many sets hold: the same as the export of the machine says, line by line.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DIRTY_LINE, EMPTY_WAY, Machine } from "../../src/machine/index.ts";
import { checkObject, type Platform } from "../../src/platform/index.ts";
import { openTraces } from "../../src/trace/index.ts";
import { platformOf } from "./machines.ts";

const PLACE = { cache: 0, slice: 0 };

async function machineWith(scratchBytes: number, statistics: "counts" | "full" = "counts", workers = 1) {
  const machine = await Machine.create(platformOf(), { scratchBytes, statistics, workers });
  const traces = await openTraces(["synth:zipf,ws=32k,n=300,write=40%", "synth:random,ws=8k,n=400,pid=9,write=60%"]);
  for (const { tid } of traces.flatMap((trace) => machine.addTasks(trace))) {
    const own = tid === 9 ? { partidD: 3, pmgD: 1, partidI: 3, pmgI: 1 } : { partidD: 5, pmgD: 0, partidI: 5, pmgI: 0 };
    machine.processor.setTaskLabel(tid, own);
  }
  await machine.replay(traces);
  return machine;
}

/** What `ownersHeld` should say of a set, from the export: label and dirtiness of each way. */
function expected(machine: Machine, set: number) {
  const ways: (string | undefined)[] = [undefined, undefined, undefined, undefined];
  for (const { way, space, partid, pmg, dirty } of machine.export().sets[set] ?? []) {
    ways[way] = `${space} ${partid} ${pmg} ${dirty}`;
  }
  return ways;
}

function told(machine: Machine, owners: Uint16Array) {
  const labels = machine.ownerLabels();
  return Array.from(owners, (word) => {
    if (word === EMPTY_WAY) return undefined;
    const label = labels[word & ~DIRTY_LINE];
    return `${label?.space} ${label?.partid} ${label?.pmg} ${(word & DIRTY_LINE) !== 0}`;
  });
}

describe.each(["counts", "full"] as const)("lines in the layout of %s statistics", (statistics) => {
  test("have the owners that the export has, in every range of sets and whatever room there is", async () => {
    const machines = new Map<number, Machine>();
    for (const bytes of [8, 24, 4096]) machines.set(bytes, await machineWith(bytes, statistics));
    fc.assert(
      fc.property(
        fc.constantFrom(8, 24, 4096),
        fc.nat(15),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(16),
        (bytes, first, step, many) => {
          const machine = machines.get(bytes) as Machine;
          const count = Math.min(many, Math.floor((15 - first) / step) + 1);
          const sets = Array.from({ length: count }, (_, n) => first + n * step);
          const found = told(machine, machine.ownersHeld(PLACE, { first, count, step }));
          expect(found).toEqual(sets.flatMap((set) => expected(machine, set)));
        },
      ),
    );
    const seen = new Set(
      told(
        machines.get(4096) as Machine,
        (machines.get(4096) as Machine).ownersHeld(PLACE, { first: 0, count: 16, step: 1 }),
      ),
    );
    for (const dirty of [true, false])
      for (const label of ["ns 5 0", "ns 3 1"]) expect(seen).toContain(`${label} ${dirty}`);
  });
});

test("a set in full is that of the export", async () => {
  const machine = await machineWith(8);
  const { sets } = machine.export();
  for (const [set, lines] of sets.entries()) expect(machine.linesOfSet(PLACE, set)).toEqual(lines);
});

test("slices are told apart", async () => {
  const platform: Platform = checkObject({
    name: "t",
    cpus: 1,
    processor: { partidMax: 1, pmgMax: 0 },
    caches: [{ level: 3, bytes: 1024, ways: 4, slices: 2 }],
    memory: [{ bytes: "1 MiB", bytesPerSecond: 1e9 }],
  });
  const machine = await Machine.create(platform, { scratchBytes: 64 });
  await machine.replay(await openTraces(["synth:stream,ws=256,n=4"]));
  const held = [0, 1].map((slice) =>
    machine.ownersHeld({ cache: 0, slice }, { first: 0, count: 2, step: 1 }).filter((word) => word !== EMPTY_WAY),
  );
  const { sets } = machine.export();
  expect(held.map(({ length }) => length)).toEqual(
    [
      [0, 1],
      [2, 3],
    ].map((of) => of.flatMap((n) => sets[n] ?? []).length),
  );
  expect(held.flatMap((one) => [...one])).toHaveLength(4);
});

test("sets, slices and room that there are not are refused", async () => {
  const machine = await machineWith(8);
  const whole = { first: 0, count: 16, step: 1 };
  expect(() => machine.ownersHeld(PLACE, { ...whole, count: 17 })).toThrow(
    "17 sets from 0 on in steps of 1: the slice has 16",
  );
  expect(() => machine.ownersHeld(PLACE, { first: 8, count: 2, step: 8 })).toThrow(RangeError);
  expect(() => machine.ownersHeld({ cache: 0, slice: 1 }, whole)).toThrow(
    "cache 0, slice 1: the platform has no such slice",
  );
  expect(() => machine.linesOfSet(PLACE, 16)).toThrow("set 16: the slice has 16");
  const bare = await machineWith(7);
  expect(() => bare.ownersHeld(PLACE, whole)).toThrow("scratchBytes has no room for a set; 8 or more is needed");
});
