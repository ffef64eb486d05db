// Requests to the last level of caches, recorded in one replay and replayed in others: before that level the first has what a whole
// replay has, from there on the others have it.

import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import {
  type Machine,
  type MachineOptions,
  RequestRecorder,
  RequestStream,
  recordRequests,
} from "../../src/machine/index.ts";
import { added, optionsOf, type Place, placesOf, prepared, type SplitRun, splitRuns } from "./split-runs.ts";
import { runs } from "./traces.ts";

const machines: Machine[] = [];

afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.close();
});

async function made(run: SplitRun, options: MachineOptions = {}): Promise<Machine> {
  const machine = await prepared(run, options);
  machines.push(machine);
  machine.inside.hardware.shareFrom(1);
  return machine;
}

const options = fc.record({
  statistics: fc.constantFrom("counts" as const, "counts" as const, "full" as const),
  byEl: fc.boolean(),
  seed: fc.option(fc.nat(100), { nil: undefined }),
  workers: fc.constantFrom(1, 1, 2),
  single: fc.boolean(),
  of: fc.constantFrom(1, 1, 2, 3),
});

test("a front and a back have together what a whole replay has, whatever the platform and the changes, in parts too", async () => {
  const property = fc.asyncProperty(splitRuns(), options, async (run, { workers, single, of, seed, ...rest }) => {
    const common = { ...rest, ...(seed === undefined ? {} : { seed }) };
    const full = rest.statistics === "full";
    const whole = await made(run, common);
    const result = await whole.replay(run.traces, optionsOf(run));
    const front = await made(run, common);
    const stream = await recordRequests(front, run.traces, optionsOf(run));
    if (!stream) throw new Error("there is memory enough");
    const backs: Machine[] = [];
    for (let index = 0; index < of; index++) {
      const back = await made(run, { ...common, workers, part: { index, of } });
      backs.push(back);
      back.inside.hardware.setSingle(single);
      const {
        paths: _paths,
        labels,
        ...found
      } = await back.replay(run.traces, { ...optionsOf(run), requests: stream });
      const { paths: _none, labels: expected, ...told } = result;
      expect(found).toEqual(told);
      const names = (all: typeof labels) => all.map(({ space, partid, pmg, el }) => `${space} ${partid}:${pmg} ${el}`);
      expect(names(labels).sort()).toEqual(names(expected).sort());
    }
    const [above, ...below] = [front, ...backs].map((machine) => placesOf(machine, full));
    for (const [at, one] of placesOf(whole, full).entries()) {
      const ours = below.map((places) => places[at] as Place);
      if (one.where === "above") expect((above as Place[])[at]).toEqual(one);
      else if (one.where === "last") expect(ours[one.slice % of]).toEqual(one);
      else {
        expect(added(ours.map(({ labels }) => labels))).toEqual(one.labels);
        if (of === 1) expect(ours[0]).toEqual(one);
      }
    }
    for (const machine of machines.splice(0)) await machine.close();
  });
  await fc.assert(property, runs(60));
}, 120_000);
