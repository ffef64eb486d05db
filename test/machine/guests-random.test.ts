// Whatever is done to hosts and guests: at the next edge each requester has the label that a naive look at all tables gives it.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Machine, type TaskLabel } from "../../src/machine/index.ts";
import { powerOn } from "./machines.ts";
import { FakeTrace, type Row, thread } from "./traces.ts";

const ZERO: TaskLabel = { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 };
const [READ, FETCH] = [0, 2];

/** Thread, cpu, exception level; 1 and 2 are the host's, 3 a hidden guest's, 4 and 5 those of one with PARTIDs, 6 L1's, 7 and 8 L2's. */
const REQUESTERS = [
  [1, 0, 0],
  [2, 0, 0],
  [2, 1, 0],
  [3, 0, 0],
  [3, 1, 1],
  [4, 0, 0],
  [4, 0, 1],
  [5, 0, 0],
  [6, 0, 0],
  [6, 0, 2],
  [7, 0, 0],
  [7, 0, 1],
  [8, 0, 1],
] as const;

interface Step {
  readonly do: "tag" | "inner" | "entry" | "cpu" | "mode" | "migrate" | "offOn" | "run" | "save" | "idle";
  readonly which: number;
  readonly label: TaskLabel;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom(
    "tag",
    "tag",
    "inner",
    "inner",
    "entry",
    "cpu",
    "mode",
    "migrate",
    "offOn",
    "run",
    "run",
    "save",
    "idle",
  ),
  which: fc.nat(30),
  label: fc.record({ partidD: fc.nat(15), partidI: fc.nat(15), pmgD: fc.nat(3), pmgI: fc.nat(3) }),
});

let traces = 0;

/** Records in this order, an ns apart. */
async function replay(machine: Machine, rows: readonly { requester: number; op: number }[]): Promise<void> {
  const requesters = REQUESTERS.map(([tid, cpu, el]) => thread(tid, { cpu, el }));
  const all: Row[] = rows.map((row, time) => ({ ...row, time, address: 0, bytes: 64 }));
  // The same hash is the same trace: its threads are the tasks that they were.
  await machine.replay([new FakeTrace(`t${traces++}`, all, { requesters, hash: "all of them" })]);
}

/** The same as the machine, by tables. */
class Naive {
  readonly tags = new Map<number, TaskLabel>();
  readonly inner = new Map<number, TaskLabel>();
  readonly defaults = [ZERO, ZERO];
  /** Of the guest with PARTIDs, of L1, and of L2 in PARTIDs of L1: numbers, or threads. */
  readonly maps: (number | { readonly thread: number } | undefined)[][];
  cpu = 0;

  constructor(
    readonly vcpus: readonly number[],
    maps: readonly (number | { readonly thread: number } | undefined)[][],
  ) {
    this.maps = maps.map((map) => [...map]);
  }

  user(tid: number, cpu: number): TaskLabel {
    const tag = this.tags.get(tid) ?? ZERO;
    return JSON.stringify(tag) === JSON.stringify(ZERO) ? this.defaults[cpu]! : tag;
  }

  label(requester: number, fetch: boolean): string {
    const [tid, cpu] = REQUESTERS[requester]!;
    const [hidden0, hidden1, vm, l1, l2] = this.vcpus as [number, number, number, number, number];
    const said = ({ partidD, partidI, pmgD, pmgI }: TaskLabel) =>
      (fetch ? [partidI, pmgI] : [partidD, pmgD]) as [number, number];
    if (tid < 3) return said(this.user(tid, cpu)).join("/");
    if (tid === 3) return said(this.user(cpu === 0 ? hidden0 : hidden1, cpu)).join("/");
    const [partid, pmg] = said(this.inner.get(tid) ?? ZERO);
    if (tid < 6) return `${this.look(0, partid, this.user(vm, this.cpu).partidD, this.cpu)}/${pmg}`;
    const own = this.user(l1, 0).partidD;
    if (tid === 6) return `${this.look(1, partid, own, 0)}/${pmg}`;
    const inL1 = this.look(2, partid, (this.inner.get(l2) ?? ZERO).partidD, 0);
    return `${this.look(1, inL1, own, 0)}/${pmg}`;
  }

  look(map: number, partid: number, own: number, cpu: number): number {
    const entry = partid === 0 ? undefined : this.maps[map]![partid - 1];
    if (entry === undefined) return own;
    return typeof entry === "number" ? entry : this.user(entry.thread, cpu).partidD;
  }
}

const names = ["vm", "l1", "l2"] as const;

async function prepare(vhe: boolean): Promise<{ machine: Machine; naive: Naive }> {
  const machine = await powerOn({ processor: { vhe } });
  const { processor } = machine;
  const hidden = processor.addVm({ name: "hidden", vcpus: [0, 1], threads: [{ tid: 3 }] });
  const two = { mpam: "virtual", vcpus: [0], pmgMax: 3 } as const;
  const vm = processor.addVm({ ...two, name: "vm", partids: ["thread", 9], threads: [{ tid: 4 }, { tid: 5 }] });
  const l1 = processor.addVm({ ...two, name: "l1", partids: [10, "thread"], nested: true, threads: [{ tid: 6 }] });
  const l2 = processor.addVm({ ...two, name: "l2", within: "l1", partids: [1, 2], threads: [{ tid: 7 }, { tid: 8 }] });
  await replay(machine, []);
  const vcpus = [...hidden.vcpus, ...vm.vcpus, ...l1.vcpus, ...l2.vcpus].map(({ tid }) => tid);
  return {
    machine,
    naive: new Naive(
      vcpus,
      [vm, l1, l2].map(({ partids }) => [...partids.entries]),
    ),
  };
}

async function apply(machine: Machine, naive: Naive, { do: what, which, label }: Step): Promise<Machine> {
  const { processor } = machine;
  const cpu = which % 2;
  switch (what) {
    case "tag": {
      const threads = [1, 2, ...naive.vcpus.slice(0, 4), ...["vm", "l1"].flatMap((name) => standIns(machine, name))];
      const tid = threads[which % threads.length]!;
      processor.setTaskLabel(tid, label);
      naive.tags.set(tid, label);
      return machine;
    }
    case "inner": {
      const tid = [4, 5, 6, 7, 8, naive.vcpus[4]!][which % 6]!;
      const vm = processor.vm(tid < 6 ? "vm" : tid === 6 || tid > 8 ? "l1" : "l2");
      const own = { ...label, partidD: label.partidD % 3, partidI: label.partidI % 3 };
      vm.kernel.setTag(tid, own);
      naive.inner.set(tid, own);
      return machine;
    }
    case "entry": {
      const map = which % 3;
      const at = label.partidI % 2;
      const entry = which > 20 ? undefined : map === 2 ? label.partidD % 3 : label.partidD;
      processor.vm(names[map]!).setPartid(at + 1, entry);
      naive.maps[map]![at] = entry;
      return machine;
    }
    case "cpu":
      processor.setCpuDefault(cpu, label);
      naive.defaults[cpu] = label;
      return machine;
    case "mode":
      processor.kernel.mode = which % 3 === 0 ? { policy: "inherit" } : { policy: "global", label };
      return machine;
    case "migrate":
      processor.hypervisor.migrate(processor.vm("vm").vcpus[0]!, cpu);
      naive.cpu = cpu;
      return machine;
    case "offOn":
      await machine.cpu(cpu).offline();
      await machine.cpu(cpu).online();
      return machine;
    case "idle":
      processor.kernel.idle(cpu);
      return machine;
    case "run":
      await replay(machine, [{ requester: which % REQUESTERS.length, op: READ }]);
      return machine;
    case "save":
      return Machine.restore(machine.snapshot());
  }
}

function standIns(machine: Machine, name: string): number[] {
  const { partids } = machine.processor.vm(name);
  return [1, 2].flatMap((partid) => partids.threadOf(partid) ?? []);
}

function counts(machine: Machine): Map<string, number> {
  return new Map(machine.statistics().map(({ partid, pmg, accesses }) => [`${partid}/${pmg}`, accesses]));
}

test.each([true, false])("labels of guests are what tables say (VHE: %s)", { timeout: 120_000 }, async (vhe) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      let { machine, naive } = await prepare(vhe);
      for (const one of steps) {
        machine = await apply(machine, naive, one);
        const before = counts(machine);
        // One requester more often than the others, so that two that are exchanged show.
        const rows = REQUESTERS.flatMap((_, requester) =>
          Array.from({ length: requester + 1 }, () => [READ, FETCH].map((op) => ({ requester, op }))).flat(),
        );
        await replay(machine, rows);
        const expected = new Map<string, number>();
        for (const { requester, op } of rows) {
          const label = naive.label(requester, op === FETCH);
          expected.set(label, (expected.get(label) ?? 0) + 1);
        }
        const seen = [...counts(machine)].map(([label, all]) => [label, all - (before.get(label) ?? 0)] as const);
        expect(Object.fromEntries(seen.filter(([, count]) => count > 0))).toEqual(Object.fromEntries(expected));
      }
    }),
    { numRuns: Number(process.env.MPAM_GUEST_RUNS ?? 40) },
  );
});
