// A guest with PARTIDs of its own: MPAMHCR_EL2, MPAMVPMV_EL2 and MPAMVPM<n>_EL2 (register reference 7.2 to 7.4).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { VmOptions } from "../../src/hypervisor/index.ts";
import { type Host, type HostShape, hostOn, ns, R, tag } from "./host.ts";

/** A guest whose PARTIDs 1, 2 and 3 are 20, nothing, and 30 of the host; its thread 7 is on the only vCPU, which has PARTID 5, PMG 2. */
function guestOn(shape: HostShape = {}, options: Partial<VmOptions> = {}) {
  const host = hostOn(shape);
  const vm = host.hypervisor.addVm({
    name: "vm1",
    vcpus: [0],
    mpam: "virtual",
    partids: [20, undefined, 30],
    ...options,
  });
  const { tid } = vm.vcpus[0]!;
  host.kernel.setTag(tid, tag(5, 2));
  host.hypervisor.settle();
  vm.kernel.addTask({ tid: 7, pid: 7, comm: "app", cpu: 0 });
  host.port.taken();
  return { ...host, vm, tid };
}

describe("the world switch", () => {
  test("fills the table, and gives the guest what it had in its registers", () => {
    const { hypervisor, vm, tid, port } = guestOn();
    vm.kernel.setTag(7, tag(1));
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.taken()).toEqual([
      "0 EL2 MPAM1_EL1 := 0x8000020200050005",
      "0 isb",
      "0 EL2 MPAM0_EL1 := 0x20200050005",
      // Entry 0 is the thread's own PARTID; entry 2 is not valid.
      "0 EL2 MPAMVPM0_EL2 := 0x1e000000140005",
      "0 EL2 MPAMVPMV_EL2 := 0xb",
      "0 EL2 MPAM1_EL12 := 0x8000000000000000",
      "0 EL2 MPAM0_EL1 := 0x0",
      // No trap; MPAMIDR_EL1 traps, and both exception levels are virtual.
      "0 EL2 MPAMHCR_EL2 := 0x80000003",
      "0 EL2 HCR_EL2 := 0x400040000",
      // The guest's own context switch, at its EL1.
      "0 EL1 MPAM1_EL1 := 0x8000000000010001",
      "0 EL1 MPAM0_EL1 := 0x10001",
    ]);
    hypervisor.switchTo(0, [tid]);
    expect(port.taken()).toEqual([
      "0 EL2 HCR_EL2 := 0x408000000",
      "0 EL2 MPAM0_EL1 := 0x20200050005",
      "0 EL2 MPAMHCR_EL2 := 0x0",
      "0 isb",
    ]);
    // The next time only what the host has changed since.
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.taken()).toEqual([
      "0 EL2 MPAM0_EL1 := 0x10001",
      "0 EL2 MPAMHCR_EL2 := 0x80000003",
      "0 EL2 HCR_EL2 := 0x400040000",
    ]);
  });

  test("without VHE keeps MPAM1_EL1 for the host", () => {
    const { hypervisor, vm, tid, port } = guestOn({ vhe: false });
    vm.kernel.setTag(7, tag(3));
    hypervisor.switchTo(0, [tid, 7]);
    port.taken();
    hypervisor.leave(0);
    expect(port.taken()).toEqual([
      "0 EL2 HCR_EL2 := 0x0",
      "0 EL2 MPAM0_EL1 := 0x20200050005",
      "0 EL2 MPAM1_EL1 := 0x8000020200050005",
      "0 EL2 MPAMHCR_EL2 := 0x0",
      "0 isb",
    ]);
  });

  test("lets the guest have MPAMSM_EL1, and the host has its own again", () => {
    const { hypervisor, vm, tid, port } = guestOn({ cpus: [{ sme: true }] });
    vm.kernel.setTag(7, tag(1));
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.pes[0]!.label(0, "streaming")).toEqual(ns(20));
    hypervisor.leave(0);
    expect(port.pes[0]!.read(R.MPAMSM_EL1, 2)).toEqual({ outcome: "done", value: 0x200_0005_0000n });
    hypervisor.switchTo(0, [tid, 7]);
    expect(vm.port.read(0, R.MPAMSM_EL1, 1)).toEqual({ outcome: "done", value: 0x1_0000n });
  });
});

describe("labels", () => {
  test.each([
    { own: 0, is: 5, why: "entry 0 is the thread's" },
    { own: 1, is: 20, why: "entry 1" },
    { own: 2, is: 5, why: "an entry that is not valid is as 0" },
    { own: 3, is: 30, why: "entry 3" },
  ])("PARTID $own of the guest is $is: $why", ({ own, is }) => {
    const { vm, tid, labelOf } = guestOn();
    vm.kernel.setTag(7, tag(own));
    for (const el of [0, 1]) expect(labelOf(0, [tid, 7], el)).toEqual(ns(is));
    // What the host does for the guest is the thread's.
    expect(labelOf(0, [tid, 7].slice(0, 1), 2)).toEqual(ns(5, 2));
  });

  test("of the default follow the thread of the vCPU from group to group", () => {
    const { kernel, hypervisor, tid, labelOf, port } = guestOn();
    kernel.setTag(tid, tag(9));
    expect(labelOf(0, [tid, 7], 0)).toEqual(ns(9));
    hypervisor.switchTo(0, [tid, 7]);
    kernel.setTag(tid, tag(11));
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.pes[0]!.label(1, "data")).toEqual(ns(11));
  });

  test("PMGs are the guest's own, which has as many as it is given", () => {
    const { vm, tid, labelOf } = guestOn({}, { pmgMax: 2 });
    vm.kernel.setTag(7, tag(1, 2));
    expect(labelOf(0, [tid, 7], 0)).toEqual(ns(20, 2));
    expect(() => vm.kernel.setTag(7, tag(1, 3))).toThrow("EINVAL: pmgD is 3: a cpu here can send 0..2");
    expect(() => vm.kernel.setTag(7, tag(4))).toThrow("EINVAL: partidD is 4: a cpu here can send 0..3");
  });

  test("a PARTID that the guest does not have is as 0, whatever it writes", () => {
    const { hypervisor, vm, tid, port } = guestOn();
    hypervisor.switchTo(0, [tid, 7]);
    for (const partid of [4n, 31n]) {
      vm.port.write(0, R.MPAM0_EL1, partid << 16n, 1);
      expect(port.pes[0]!.label(0, "data")).toEqual(ns(5));
    }
    // Above what MPAMVPMV_EL2 has room for, and above what the cpu can send: errors of the hardware, which end at PARTID 0.
    for (const partid of [32n, 64n]) {
      vm.port.write(0, R.MPAM0_EL1, partid << 16n, 1);
      expect(port.pes[0]!.label(0, "data")).toEqual({ ...ns(0), flawed: true });
    }
  });

  test("with GSTAPP_PLK EL0 has what EL1 has", () => {
    const { hypervisor, vm, tid, port } = guestOn({}, { gstappPlk: true });
    hypervisor.switchTo(0, [tid, 7]);
    vm.port.write(0, R.MPAM1_EL1, 0x1_0001n, 1);
    vm.port.write(0, R.MPAM0_EL1, 0x3_0003n, 1);
    expect([0, 1].map((el) => port.pes[0]!.label(el as 0 | 1, "fetch"))).toEqual([ns(20), ns(20)]);
  });

  test("an entry that is set or taken away counts from then on", () => {
    const { vm, tid, labelOf, changed } = guestOn();
    vm.kernel.setTag(7, tag(2));
    changed.length = 0;
    vm.setPartid(2, 40);
    expect(changed).toEqual([tid]);
    expect(labelOf(0, [tid, 7], 0)).toEqual(ns(40));
    vm.setPartid(2, undefined);
    expect(labelOf(0, [tid, 7], 0)).toEqual(ns(5));
  });
});

test.each([true, false])("the guest reads the versions of the host and limits of its own (VHE: %s)", (vhe) => {
  const { hypervisor, vm, tid } = guestOn({ vhe, cpus: [{ tidr: true, sdeflt: true }] }, { pmgMax: 1 });
  hypervisor.switchTo(0, [tid, 7]);
  const seen = Object.entries(R).map(([name, register]) => [name, vm.port.read(0, register, 1)] as const);
  const values = Object.fromEntries(seen.flatMap(([name, it]) => (it.outcome === "done" ? [[name, it.value]] : [])));
  expect(values).toEqual({
    ID_AA64PFR0_EL1: 0x100_0000_1011n,
    ID_AA64PFR1_EL1: 0x1_0000n,
    // PMG_MAX 1, PARTID_MAX 3; neither HAS_HCR nor what else the cpu has.
    MPAMIDR_EL1: 0x1_0000_0003n,
    MPAM0_EL1: 0n,
    // MPAMEN.
    MPAM1_EL1: 0x8000_0000_0000_0000n,
  });
  expect(seen.filter(([, it]) => it.outcome !== "done").every(([, it]) => it.outcome === "undefined")).toBe(true);
  expect(vm.kernel.features).toMatchObject({ mpam: 1, frac: 1, partidMax: 3, pmgMax: 1, hasHcr: false });
});

test("the guest shows what all cpus of the host have", () => {
  const cpus = [{ version: "1.1" }, { version: "1.0", partidMax: 7, vpmrMax: 0 }] as const;
  const { vm } = guestOn({ cpus }, { partids: [1, 2, 3] });
  expect(vm.port.read(0, R.ID_AA64PFR1_EL1, 1)).toEqual({ outcome: "done", value: 0n });
});

describe("refusals", () => {
  const cases: readonly [string, Partial<VmOptions>, HostShape, string][] = [
    [
      "more entries than there are",
      { partids: Array(32).fill(1) },
      {},
      "EINVAL: vm1: 32 PARTIDs besides 0: cpus here have 31 (VPMR_MAX is 7, PARTID_MAX 63)",
    ],
    [
      "more entries than PARTIDs",
      { partids: [1, 1] },
      { cpus: [{ partidMax: 1 }] },
      "EINVAL: vm1: 2 PARTIDs besides 0: cpus here have 1 (VPMR_MAX is 7, PARTID_MAX 1)",
    ],
    [
      "a PARTID that the host lacks",
      { partids: [64] },
      {},
      "EINVAL: vm1: a guest's PARTID cannot be 64 of the host: 0..63 are there",
    ],
    ["more PMGs than the host has", { pmgMax: 4 }, {}, "EINVAL: vm1: pmgMax is 4: a cpu here can send PMG 0..3"],
    [
      "a cpu without MPAMHCR_EL2",
      {},
      { cpus: [{}, { vpmrMax: "none" }] },
      "EINVAL: vm1: virtual PARTIDs need MPAMHCR_EL2, and not all cpus have it (vpmrMax of the platform)",
    ],
    [
      "a cpu without MPAM",
      {},
      { cpus: [{}, { version: "none" }] },
      "EINVAL: vm1: virtual PARTIDs need MPAM, and not all cpus have it",
    ],
    [
      "a cpu without EL2",
      {},
      { cpus: [{ el2: false, vpmrMax: "none" }] },
      "EINVAL: vm1: cpu 0 has no EL2, and a guest needs one",
    ],
    ["a cpu that is not there", { vcpus: [2] }, {}, "EINVAL: vm1: there is no cpu 2; there are 0..1"],
    ["no vCPU", { vcpus: [] }, {}, "EINVAL: vm1: a guest needs a vCPU: say which cpu it runs on"],
    [
      "a name that is none",
      { name: "a/b" },
      {},
      "EINVAL: a/b: the name of a guest has letters, digits, '.', '_' and '-' only",
    ],
    [
      "PARTIDs of a guest that sees none",
      { mpam: "hidden", partids: [1] },
      {},
      "EINVAL: vm1: partids needs mpam: virtual; this guest's MPAM is hidden",
    ],
    ["another word", { mpam: "off" as "hidden" }, {}, "EINVAL: vm1: mpam is 'off': hidden and virtual are allowed"],
    ["vhe of no virtual EL2", { vhe: true }, {}, "EINVAL: vm1: vhe is about the virtual EL2 that `nested` gives"],
  ];
  test.each(cases)("%s", (_, options, shape, message) => {
    const { hypervisor } = hostOn(shape);
    const wanted = { name: "vm1", vcpus: [0], mpam: "virtual" as const, ...options };
    expect(() => hypervisor.addVm(wanted)).toThrow(message);
    expect(hypervisor.vms).toEqual([]);
  });

  test("a second guest of a name, and one that is not there", () => {
    const { hypervisor, vm } = guestOn();
    expect(() => hypervisor.addVm({ name: "vm1", vcpus: [0] })).toThrow("EEXIST: there is a guest vm1 already");
    expect(() => hypervisor.vm("vm2")).toThrow("ENOENT: there is no guest vm2; there are vm1");
    expect(() => vm.setPartid(0, 1)).toThrow(
      "EINVAL: vm1: there is no PARTID 0 of the guest to set: 1..3 are its own, and 0 is the vCPU's thread's",
    );
    expect(() => vm.setPartid(4, 1)).toThrow("EINVAL: vm1: there is no PARTID 4");
    expect(() => vm.setPartid(1, { thread: 4711 })).toThrow("ESRCH: vm1: no thread 4711 can stand for PARTID 1");
  });
});

describe("who runs changes nothing for the others", () => {
  /** Two guests with a vCPU each on cpu 0, one with another on cpu 1, and threads of the host. */
  function crowded(): {
    host: Host;
    paths: readonly (readonly number[])[];
    guests: readonly { setTag(partid: number): void }[];
  } {
    const host = hostOn({ cpus: [{}, {}] });
    const one = host.hypervisor.addVm({ name: "one", vcpus: [0, 1], mpam: "virtual", partids: [20, 21] });
    const two = host.hypervisor.addVm({ name: "two", vcpus: [0], mpam: "virtual", partids: [30, 31], gstappPlk: true });
    const three = host.hypervisor.addVm({ name: "three", vcpus: [0] });
    host.hypervisor.settle();
    for (const vm of [one, two, three]) {
      for (const tid of [7, 8]) vm.kernel.addTask({ tid, pid: tid, comm: "", cpu: 0 });
    }
    const paths = [
      [1],
      [2],
      ...[one.vcpus[0]!, two.vcpus[0]!, three.vcpus[0]!].flatMap(({ tid }) => [[tid], [tid, 7], [tid, 8]]),
    ];
    const guests = [one, two].flatMap((vm) =>
      [7, 8].map((tid) => ({ setTag: (partid: number) => vm.kernel.setTag(tid, tag(partid)) })),
    );
    return { host, paths, guests };
  }

  test("whatever ran before, a path has the label that it has alone", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(10), fc.nat(3), fc.nat(2), fc.nat(60)), { minLength: 1, maxLength: 30 }),
        (steps) => {
          const { host, paths, guests } = crowded();
          for (const [at, guest, partid, own] of steps) {
            guests[guest]!.setTag(partid);
            const path = paths[at % paths.length]!;
            host.kernel.setTag(path[0]!, tag(own));
            // As it was told, by nobody's registers: host threads and hidden guests have the thread's, others their entry's.
            host.hypervisor.switchTo(0, path);
            const live = [0, 1].map((el) => host.port.pes[0]!.label(el as 0 | 1, "data").partid);
            const alone = crowdedAlone(host, path);
            if (path.length > 1) expect(live).toEqual(alone);
            else expect(live[0]).toBe(alone[0]);
            expect([0, 1].map((el) => host.labelOf(0, path, el).partid)).toEqual(
              path.length > 1 ? alone : [alone[0], expect.anything()],
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  function crowdedAlone({ kernel, hypervisor }: Host, [tid, guest]: readonly number[]): number[] {
    const own = kernel.userLabel(tid, 0).partidD;
    const vm = hypervisor.vcpuOf(tid!)?.vm;
    if (guest === undefined || !vm || vm.mpam === "hidden") return [own, own];
    const partid = vm.kernel.userLabel(guest, 0).partidD;
    const is = { one: [own, 20, 21], two: [own, 30, 31] }[vm.name]![partid]!;
    return [is, is];
  }
});

describe("a vCPU", () => {
  test("that is preempted has its registers when it is back", () => {
    const { hypervisor, vm, tid, port } = guestOn();
    hypervisor.switchTo(0, [tid, 7]);
    vm.port.write(0, R.MPAM0_EL1, 0x3_0003n, 1);
    hypervisor.switchTo(0, [1]);
    expect(port.pes[0]!.label(0, "data")).toEqual(ns(0));
    // While another thread of the host has the cpu the guest's own accesses find its registers too.
    expect(vm.port.read(0, R.MPAM0_EL1, 1)).toEqual({ outcome: "done", value: 0x3_0003n });
    vm.port.write(0, R.MPAM1_EL1, 0x1_0001n, 1);
    expect(port.pes[0]!.label(0, "data")).toEqual(ns(0));
    hypervisor.switchTo(0, [tid, 7]);
    expect([0, 1].map((el) => port.pes[0]!.label(el as 0 | 1, "data"))).toEqual([ns(30), ns(20)]);
  });

  test("that goes to another cpu takes its registers along", () => {
    const { hypervisor, kernel, vm, tid, port } = guestOn();
    hypervisor.switchTo(0, [tid, 7]);
    vm.port.write(0, R.MPAM0_EL1, 0x3_0003n, 1);
    hypervisor.migrate(vm.vcpus[0]!, 1);
    expect(hypervisor.loaded(0)).toBeUndefined();
    expect(kernel.task(tid)).toMatchObject({ cpu: 1, label: tag(5, 2) });
    hypervisor.switchTo(1, [tid, 7]);
    expect(port.pes[1]!.label(0, "data")).toEqual(ns(30));
    expect(() => hypervisor.migrate(vm.vcpus[0]!, 9)).toThrow("EINVAL: vm1: there is no cpu 9; there are 0..1");
  });

  test("whose cpu loses its registers has what it had when it was put aside", () => {
    const { hypervisor, kernel, vm, tid, port } = guestOn();
    hypervisor.switchTo(0, [tid, 7]);
    vm.port.write(0, R.MPAM0_EL1, 0x3_0003n, 1);
    // As the kernel does before it lets a cpu go.
    hypervisor.leave(0);
    kernel.bringUp(0);
    hypervisor.lost(0);
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.pes[0]!.label(0, "data")).toEqual(ns(30));
  });
});

test("a snapshot in the middle goes on as if there had been none", () => {
  const { hypervisor, kernel, vm, tid, port } = guestOn();
  vm.kernel.setTag(7, tag(1));
  vm.setPartid(2, 33);
  hypervisor.switchTo(0, [tid, 7]);
  vm.port.write(0, R.MPAM1_EL1, 0x2_0002n, 1);
  const state = JSON.parse(JSON.stringify({ kernel: kernel.save(), hypervisor: hypervisor.save() }));
  const again = hostOn({ port, state });
  expect(JSON.stringify(again.hypervisor.save())).toBe(JSON.stringify(hypervisor.save()));
  expect(again.hypervisor.loaded(0)?.tid).toBe(tid);
  again.hypervisor.settle();
  again.hypervisor.switchTo(0, [1]);
  expect(port.taken()).toContain("0 EL2 MPAM0_EL1 := 0x20200050005");
  again.hypervisor.switchTo(0, [tid, 7]);
  expect([0, 1].map((el) => port.pes[0]!.label(el as 0 | 1, "data"))).toEqual([ns(20), ns(33)]);
  expect(again.hypervisor.vm("vm1").kernel.task(7)?.label).toEqual(tag(1));
});
