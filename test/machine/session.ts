// A session that can be run through or broken off and taken up again: what the snapshot tests run in two processes.

import { Machine, type TaskLabel } from "../../src/machine/index.ts";
import { platformOf, tag } from "./machines.ts";
import { FakeTrace, mixed, thread } from "./traces.ts";

/** When the snapshot is taken, ns; not an edge. */
export const MIDDLE = 4321;

const PART_SEL = 0x0100;
const CPBM = 0x1000;
const MON_SEL = 0x0800;
const CSU_CTL = 0x0818;
const MBWU_FLT = 0x0820;
const MBWU_CTL = 0x0828;

/** What software does to the machine, and when; some of it just before the snapshot, so that it waits for the edge after it. */
const SCRIPT: readonly {
  readonly at: number;
  readonly tid: number;
  readonly label: TaskLabel;
  readonly cpbm: number;
}[] = [
  { at: 500, tid: 1, label: tag(1), cpbm: 0x000f },
  { at: 1500, tid: 2, label: { partidD: 2, partidI: 3, pmgD: 1, pmgI: 0 }, cpbm: 0x00f0 },
  { at: 4310, tid: 3, label: tag(3, 2), cpbm: 0x0f00 },
  { at: 6000, tid: 1, label: tag(4), cpbm: 0xffff },
  { at: 9000, tid: 2, label: tag(1, 3), cpbm: 0x0001 },
];

function traces(): FakeTrace[] {
  const requesters = [thread(1), thread(2)];
  return [
    new FakeTrace("first", mixed(1, 4000, 2, 700, 5), { requesters, batches: [500, 33] }),
    new FakeTrace("second", mixed(2, 3000, 1, 400, 7), { requesters: [thread(3)], batches: [700] }),
  ];
}

/** A machine with its tasks and monitors, and the traces that it is to replay. */
export async function prepared(): Promise<{ machine: Machine; files: readonly FakeTrace[] }> {
  const machine = await Machine.create(platformOf({ sets: 64, ways: 8, quantumNs: 100 }), { seed: 5 });
  const files = traces();
  for (const file of files) machine.addTasks(file);
  for (const mon of [0, 1, 2, 3]) {
    machine.write32(0, MON_SEL, mon);
    machine.write32(0, CSU_CTL, 0x8000_0000);
    machine.write32(0, MBWU_FLT, mon);
    machine.write32(0, MBWU_CTL, 0x8001_0000);
  }
  return { machine, files };
}

/** The timers of the script that are due after `from`. */
export function session(machine: Machine, from: number): void {
  for (const { at, tid, label, cpbm } of SCRIPT) {
    if (at <= from) continue;
    machine.clock.at(at, "script", () => {
      machine.processor.setTaskLabel(tid, label);
      machine.write32(0, PART_SEL, label.partidD);
      machine.write32(0, CPBM, cpbm);
    });
  }
}

/** Takes up the session where a snapshot of its middle left it, and brings it to its end. */
export async function continued(snapshot: Uint8Array): Promise<Machine> {
  const machine = await Machine.restore(snapshot);
  session(machine, MIDDLE);
  await machine.resume(traces());
  return machine;
}
