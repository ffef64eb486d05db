// Guests and traffic: what records of a guest's threads carry.

import { describe, expect, test } from "vitest";
import { type GuestOptions, Machine, type TraceRequester } from "../../src/machine/index.ts";
import { countsOf } from "./compare.ts";
import { powerOn, type Shape, tag } from "./machines.ts";
import { FakeTrace, type Row, thread } from "./traces.ts";

const VHE: Shape = { processor: { vhe: true } };

/** `count` records of each requester in turn, a ns apart. */
function turns(name: string, requesters: readonly TraceRequester[], count: number): FakeTrace {
  const rows: Row[] = Array.from({ length: count * requesters.length }, (_, i) => {
    return { time: i, address: (i % 16) * 64, bytes: 64, op: 0, requester: i % requesters.length };
  });
  return new FakeTrace(name, rows, { requesters });
}

/** Accesses per "PARTID/PMG". */
function accesses(machine: Machine): Record<string, number> {
  return Object.fromEntries(countsOf(machine).map((one) => [`${one.partid}/${one.pmg}`, one.accesses]));
}

const EL0_AND_1 = [thread(7, { el: 0 }), thread(7, { el: 1 })];
const ALL = [{}];

describe.each([true, false])("with VHE %s", (vhe) => {
  const shape: Shape = { processor: { vhe } };

  test("a hidden guest's records carry the label of the thread of its vCPU", async () => {
    const machine = await powerOn(shape);
    const vm = machine.processor.addVm({ name: "vm1", vcpus: [0], threads: ALL });
    const trace = turns("t", EL0_AND_1, 50);
    const [task] = machine.addTasks(trace);
    expect(task).toMatchObject({ comm: "vm1/0", cpu: 0, tid: vm.vcpus[0]!.tid });
    machine.processor.setTaskLabel(task!.tid, tag(3, 1));
    await machine.replay([trace]);
    expect(accesses(machine)).toEqual({ "3/1": 100 });
    // The guest's threads are its kernel's, and not the host's.
    expect(machine.processor.task(7)).toBeUndefined();
    expect(vm.kernel.task(7)).toMatchObject({ tid: 7, cpu: 0 });
  });

  test("virtual PARTIDs: two of the host's groups for two threads of the guest, a third follows the vCPU", async () => {
    const machine = await powerOn(shape);
    const vm = machine.processor.addVm({ name: "vm1", mpam: "virtual", partids: [4, 5], vcpus: [0], threads: ALL });
    const trace = turns("t", [thread(7), thread(8, { el: 1 }), thread(9)], 30);
    const [task] = machine.addTasks(trace);
    machine.processor.setTaskLabel(task!.tid, tag(3, 1));
    vm.kernel.setTag(7, tag(1));
    vm.kernel.setTag(8, tag(2));
    await machine.replay([trace]);
    expect(accesses(machine)).toEqual({ "3/0": 30, "4/0": 30, "5/0": 30 });
  });

  test("a change in the host, in the guest and in the map acts from the next edge on", async () => {
    const machine = await powerOn(shape);
    const vm = machine.processor.addVm({ name: "vm1", mpam: "virtual", partids: [4, 5], vcpus: [0], threads: ALL });
    const trace = turns("t", [thread(7)], 500);
    const [task] = machine.addTasks(trace);
    machine.clock.at(100, "test", () => machine.processor.setTaskLabel(task!.tid, tag(3)));
    machine.clock.at(200, "test", () => vm.kernel.setTag(7, tag(1)));
    machine.clock.at(300, "test", () => vm.setPartid(1, 6));
    await machine.replay([trace]);
    // A timer that is due at an edge waits for the next.
    expect(accesses(machine)).toEqual({ "0/0": 200, "3/0": 100, "4/0": 100, "6/0": 100 });
  });

  test("a guest of a guest carries what both maps make of it", async () => {
    const machine = await powerOn(shape);
    const l1: GuestOptions = { name: "l1", mpam: "virtual", partids: [4, 5, 6], vcpus: [0], nested: true };
    const outer = machine.processor.addVm({ ...l1, threads: [{ tid: 7 }] });
    const inner = machine.processor.addVm({
      name: "l2",
      within: "l1",
      mpam: "virtual",
      partids: [3, 2],
      vcpus: [0],
      threads: [{ tid: 8 }],
    });
    const levels = [0, 1, 2].map((el) => thread(7, { el }));
    const trace = turns("t", [...levels, thread(8), thread(8, { el: 1 }), thread(9)], 10);
    machine.addTasks(trace);
    const l2Thread = inner.vcpus[0]!.tid;
    expect(outer.kernel.task(l2Thread)).toMatchObject({ comm: "l2/0" });
    machine.processor.setTaskLabel(outer.vcpus[0]!.tid, tag(2));
    machine.processor.setTaskLabel(9, tag(9));
    outer.kernel.setTag(7, tag(1));
    inner.kernel.setTag(8, tag(1));
    await machine.replay([trace]);
    // L1's EL0 and EL2: 1, which is 4; its EL1 nobody uses: 0, the thread's 2. L2's 1 is L1's 3, which is 6.
    expect(accesses(machine)).toEqual({ "2/0": 10, "4/0": 20, "6/0": 20, "9/0": 10 });
    expect(machine.processor.vm("l2")).toBe(inner);
  });
});

test("a PARTID of the guest that a thread of the host stands for is that of the thread's group", async () => {
  const machine = await powerOn(VHE);
  const vm = machine.processor.addVm({
    name: "vm1",
    mpam: "virtual",
    partids: ["thread", 5],
    vcpus: [0],
    threads: ALL,
  });
  const trace = turns("t", [thread(7)], 500);
  machine.addTasks(trace);
  vm.kernel.setTag(7, tag(1));
  const standsIn = machine.processor.tasks.find(({ comm }) => comm === "vm1:1")!;
  expect(vm.partids.threadOf(1)).toBe(standsIn.tid);
  machine.processor.setTaskLabel(vm.vcpus[0]!.tid, tag(2));
  machine.clock.at(50, "a group", () => machine.processor.setTaskLabel(standsIn.tid, tag(3)));
  machine.clock.at(150, "another", () => machine.processor.setTaskLabel(standsIn.tid, tag(4, 1)));
  machine.clock.at(250, "the default", () => machine.processor.setTaskLabel(standsIn.tid, tag(0)));
  machine.clock.at(350, "that of its cpu", () => machine.processor.setCpuDefault(0, tag(6)));
  await machine.replay([trace]);
  expect(accesses(machine)).toEqual({ "0/0": 200, "3/0": 100, "4/0": 100, "6/0": 100 });
});

test("threads are the first guest's that takes them, by trace, pid, tid, comm and address space", async () => {
  const machine = await powerOn({ ...VHE, cpus: 4 });
  const mine = turns(
    "mine",
    [thread(1, { pid: 10, comm: "a" }), thread(2, { pid: 10, comm: "b" }), thread(3, { asid: 30 })],
    1,
  );
  const other = turns("other", [thread(1, { comm: "a" }), thread(5, { pid: 50 })], 1);
  const vms = [
    machine.processor.addVm({ name: "both", vcpus: [0], threads: [{ trace: mine.hash, comm: "a" }, { pid: 50 }] }),
    machine.processor.addVm({ name: "process", vcpus: [1, 2], threads: [{ pid: 10 }, { asid: 30 }] }),
  ];
  const tasks = machine.addTasks(mine).concat(machine.addTasks(other));
  expect(vms.map((vm) => vm.kernel.tasks.map(({ tid }) => tid))).toEqual([
    [1, 5],
    [2, 3],
  ]);
  expect(tasks.map(({ comm, tid }) => comm || tid)).toEqual(["both/0", "process/0", "process/1", "a", "both/0"]);
});

test("records run on the vCPU that was recorded, and its cpu; what is above the guest's levels is the host's", async () => {
  const machine = await powerOn({ ...VHE, cpus: 4 });
  const vm = machine.processor.addVm({ name: "vm1", mpam: "virtual", partids: [4], vcpus: [2, 3], threads: ALL });
  const at = (cpu: number, el: number) => thread(7, { cpu, el });
  const trace = turns("t", [at(0, 0), at(1, 0), at(3, 1), at(0, 2)], 10);
  const tids = machine.addTasks(trace).map(({ tid }) => tid);
  expect(tids).toEqual(vm.vcpus.map(({ tid }) => tid));
  vm.kernel.setTag(7, tag(1));
  machine.processor.setTaskLabel(tids[0]!, tag(2));
  machine.processor.setTaskLabel(tids[1]!, tag(3));
  await machine.replay([trace]);
  expect(accesses(machine)).toEqual({ "2/0": 10, "4/0": 30 });
});

test("switching worlds is counted as context switches are: at edges, and only what changes", async () => {
  const machine = await powerOn(VHE);
  machine.processor.addVm({ name: "vm1", mpam: "virtual", partids: [4], vcpus: [0], threads: [{ tid: 7 }] });
  // The guest for 1000 ns, then a thread of the host on the same cpu, then the guest.
  const rows: Row[] = Array.from({ length: 3000 }, (_, i) => {
    return { time: i, address: 0, bytes: 64, op: 0, requester: i >= 1000 && i < 2000 ? 1 : 0 };
  });
  const trace = new FakeTrace("t", rows, { requesters: [thread(7, { cpu: 0 }), thread(8, { cpu: 0 })] });
  machine.addTasks(trace);
  for (const at of [950, 1950, 2950]) {
    machine.clock.at(at, "look", () => {
      machine.cpu(0).registers.peek("MPAM0_EL1");
    });
  }
  await machine.replay([trace]);
  const { enters, exits, writes } = machine.processor.hypervisor.counts(0);
  expect({ enters, exits }).toEqual({ enters: 2, exits: 1 });
  expect(writes).toEqual({ MPAMVPM0_EL2: 1, MPAMVPMV_EL2: 1, MPAM1_EL12: 1, MPAMHCR_EL2: 3, HCR_EL2: 3 });
  expect(machine.processor.kernel.counts(0).switches).toBe(2);
});

test("what somebody writes by hand holds for the guest that is there until another thread of it runs", async () => {
  const machine = await powerOn(VHE);
  const vm = machine.processor.addVm({ name: "vm1", mpam: "virtual", partids: [4, 5], vcpus: [0], threads: ALL });
  const rows: Row[] = Array.from({ length: 600 }, (_, i) => {
    return { time: i, address: 0, bytes: 64, op: 0, requester: i < 400 ? 0 : 1 };
  });
  const trace = new FakeTrace("t", rows, { requesters: [thread(7), thread(8)] });
  machine.addTasks(trace);
  vm.kernel.setTag(7, tag(1));
  machine.clock.at(150, "by hand", () => machine.cpu(0).registers.poke("MPAM0_EL1", 0x2_0002n));
  // Another thread of the guest has come by the edge at 600: too late for records.
  await machine.replay([trace]);
  expect(accesses(machine)).toEqual({ "4/0": 200, "5/0": 200, "0/0": 200 });
});

test("a vCPU that moves takes its records to another cpu", async () => {
  const machine = await powerOn(VHE);
  const vm = machine.processor.addVm({ name: "vm1", vcpus: [0], threads: ALL });
  const trace = turns("t", [thread(7)], 400);
  const [task] = machine.addTasks(trace);
  machine.processor.setCpuDefault(0, tag(1));
  machine.processor.setCpuDefault(1, tag(2));
  machine.clock.at(150, "migrate", () => machine.processor.hypervisor.migrate(vm.vcpus[0]!, 1));
  await machine.replay([trace]);
  expect(accesses(machine)).toEqual({ "1/0": 200, "2/0": 200 });
  expect(machine.processor.task(task!.tid)).toMatchObject({ cpu: 1 });
  expect(machine.processor.hypervisor.loaded(0)).toBeUndefined();
});

test("a vCPU of a guest's guest that moves to another vCPU takes its records and their label along", async () => {
  const machine = await powerOn({ ...VHE, cpus: 2 });
  const l1 = machine.processor.addVm({ name: "l1", mpam: "virtual", partids: [4], vcpus: [0, 1], nested: true });
  const own = { mpam: "virtual", partids: [1], vcpus: [0] } as const;
  const l2 = machine.processor.addVm({ name: "l2", within: "l1", ...own, threads: ALL });
  const trace = turns("t", [thread(7)], 400);
  machine.addTasks(trace);
  machine.processor.setTaskLabel(l1.vcpus[0]!.tid, tag(2));
  machine.processor.setTaskLabel(l1.vcpus[1]!.tid, tag(3));
  machine.clock.at(150, "migrate", () => l1.hypervisor!.migrate(l2.vcpus[0]!, 1));
  machine.clock.at(250, "tag", () => l2.kernel.setTag(7, tag(1)));
  await machine.replay([trace]);
  expect(accesses(machine)).toEqual({ "2/0": 200, "3/0": 100, "4/0": 100 });
  expect(l1.vcpus.map(({ tid }) => machine.processor.requestersOf(tid))).toEqual([[], [0]]);
});

test.each([0, 1])(
  "what software of a guest writes to its own registers labels its requests; %s more threads",
  async (more) => {
    const machine = await powerOn(VHE);
    const options = { mpam: "virtual", partids: [4, 5], vcpus: [0], threads: ALL } as const;
    const vm = machine.processor.addVm({ name: "vm1", ...options });
    const rows: Row[] = Array.from({ length: 600 }, (_, i) => {
      return { time: i, address: 0, bytes: 64, op: 0, requester: more === 1 && i >= 400 ? 1 : 0 };
    });
    const trace = new FakeTrace("t", rows, { requesters: [thread(7), thread(8)] });
    machine.addTasks(trace);
    vm.kernel.setTag(7, tag(1));
    machine.clock.at(150, "by hand", () => {
      expect(vm.registers(0).write("MPAM0_EL1", 0x2_0002n, { el: 1 })).toMatchObject({ outcome: "done" });
    });
    await machine.replay([trace]);
    expect(accesses(machine)).toEqual(more === 1 ? { "4/0": 200, "5/0": 200, "0/0": 200 } : { "4/0": 200, "5/0": 400 });
  },
);

test("a cpu that goes and comes back has its guest again", async () => {
  const machine = await powerOn(VHE);
  const vm = machine.processor.addVm({ name: "vm1", mpam: "virtual", partids: [4], vcpus: [0], threads: ALL });
  const trace = turns("t", [thread(7)], 300);
  machine.addTasks(trace);
  vm.kernel.setTag(7, tag(1));
  machine.clock.at(100, "off", () => machine.cpu(0).offline());
  machine.clock.at(150, "on", () => machine.cpu(0).online());
  await machine.replay([trace]);
  expect(accesses(machine)).toEqual({ "4/0": 300 });
  expect(machine.cpu(0).registers.label({ el: 1 })).toMatchObject({ partid: 4, pmg: 0 });
  machine.processor.kernel.idle(0);
  expect(machine.cpu(0).registers.label({ el: 0 })).toMatchObject({ partid: 4, pmg: 0 });
});

test("a driver that comes later finds the cpus to itself, and the guest goes on", async () => {
  const machine = await powerOn(VHE);
  const vm = machine.processor.addVm({ name: "vm1", mpam: "virtual", partids: [4], vcpus: [0], threads: ALL });
  const trace = turns("t", [thread(7, { el: 1 })], 100);
  machine.addTasks(trace);
  vm.kernel.setTag(7, tag(1));
  await machine.replay([trace]);
  expect(machine.processor.hypervisor.loaded(0)).toBe(vm.vcpus[0]);
  machine.processor.kernel.boot({ cpus: [0, 1] });
  machine.processor.kernel.start();
  await machine.replay([trace]);
  expect(accesses(machine)).toEqual({ "4/0": 200 });
});

test("a snapshot in the middle keeps guests, and goes on to the same end", async () => {
  async function prepare(machine: Machine): Promise<FakeTrace> {
    const l1: GuestOptions = { name: "l1", mpam: "virtual", partids: [4, 5, 6], vcpus: [0], nested: true };
    const outer = machine.processor.addVm({ ...l1, threads: [{ tid: 7 }] });
    const inner = machine.processor.addVm({
      name: "l2",
      within: "l1",
      mpam: "virtual",
      partids: [3],
      vcpus: [0],
      threads: [{ tid: 8 }],
    });
    const trace = turns("t", [thread(7), thread(8), thread(9, { cpu: 0 })], 300);
    machine.addTasks(trace);
    machine.processor.setTaskLabel(outer.vcpus[0]!.tid, tag(2));
    outer.kernel.setTag(7, tag(2));
    inner.kernel.setTag(8, tag(1));
    return trace;
  }
  const later = (machine: Machine) => {
    machine.processor.vm("l2").kernel.setTag(8, tag(0));
    machine.processor.vm("l1").setPartid(2, 7);
  };
  const whole = await powerOn(VHE);
  const trace = await prepare(whole);
  whole.clock.at(450, "later", () => later(whole));
  let middle: Uint8Array | undefined;
  whole.clock.at(350, "snapshot", () => {
    middle = whole.snapshot();
  });
  await whole.replay([trace]);
  const again = await Machine.restore(middle!);
  again.clock.at(450, "later", () => later(again));
  await again.resume([trace]);
  expect(accesses(again)).toEqual(accesses(whole));
  expect(accesses(whole)).toMatchObject({ "5/0": 167, "7/0": 133, "6/0": 167, "2/0": 133, "0/0": 300 });
  expect(Buffer.compare(again.snapshot(), whole.snapshot())).toBe(0);
});

describe("refused", () => {
  test("a guest of a trace whose threads are tasks already", async () => {
    const machine = await powerOn(VHE);
    const trace = turns("t", [thread(7)], 10);
    machine.addTasks(trace);
    expect(() => machine.processor.addVm({ name: "vm1", vcpus: [0], threads: [{ trace: trace.hash }] })).toThrow(
      `EINVAL: vm1: the threads of trace ${trace.hash} are tasks already; a guest takes those of traces that come after it`,
    );
  });

  test("guests within one that cannot have any, that is not there, and of a name that is taken", async () => {
    const machine = await powerOn(VHE);
    machine.processor.addVm({ name: "vm1", vcpus: [0] });
    const refused = (options: GuestOptions) => expect(() => machine.processor.addVm(options));
    refused({ name: "vm2", vcpus: [0], within: "vm1" }).toThrow(
      "EINVAL: vm2: vm1 has no virtual EL2, which its guests need (nested: true)",
    );
    refused({ name: "vm2", vcpus: [0], within: "vm3" }).toThrow("ENOENT: there is no guest vm3; there are vm1");
    refused({ name: "vm1", vcpus: [0] }).toThrow("EEXIST: there is a guest vm1 already");
  });

  test("options that a program without types gets wrong", async () => {
    const machine = await powerOn(VHE);
    const refused = (options: object) => expect(() => machine.processor.addVm(options as GuestOptions));
    refused({ name: "vm" }).toThrow("EINVAL: vm: a guest needs a vCPU");
    refused({ vcpus: [0] }).toThrow("the name of a guest has letters");
    // A condition that is not understood would be none, and take every thread.
    refused({ name: "vm", vcpus: [0], threads: [{ tids: 7 }] }).toThrow(
      "EINVAL: vm: threads have no tids; trace, pid, tid, comm, asid pick them",
    );
    expect(machine.processor.tasks).toEqual([]);
  });
});
