// A guest that must not see MPAM, as KVM has it (linux-driver.md 10.5).

import { describe, expect, test } from "vitest";
import { hostOn, ns, R, tag } from "./host.ts";

const GUEST = { name: "vm1", vcpus: [0] };

describe("the world switch of a host with VHE", () => {
  test("sets traps and the label of the thread, and takes them back", () => {
    const { hypervisor, kernel, port } = hostOn();
    const { tid } = hypervisor.addVm(GUEST).vcpus[0]!;
    kernel.setTag(tid, tag(5, 2));
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.taken()).toEqual([
      // The host's context switch: MPAM1_EL1 is MPAM2_EL2 there.
      "0 EL2 MPAM1_EL1 := 0x8000020200050005",
      "0 isb",
      "0 EL2 MPAM0_EL1 := 0x20200050005",
      // The guest's EL1 has what the host has in MPAM0_EL1.
      "0 EL2 MPAM1_EL12 := 0x8000020200050005",
      // TRAPMPAM0EL1 and TRAPMPAM1EL1; TRAP_MPAMIDR_EL1; E2H and TID3.
      "0 EL2 MPAM2_EL2 := 0x8003020200050005",
      "0 EL2 MPAMHCR_EL2 := 0x80000000",
      "0 EL2 HCR_EL2 := 0x400040000",
    ]);
    hypervisor.switchTo(0, [1]);
    expect(port.taken()).toEqual([
      "0 EL2 HCR_EL2 := 0x408000000",
      "0 EL2 MPAM2_EL2 := 0x8000020200050005",
      "0 EL2 MPAMHCR_EL2 := 0x0",
      "0 isb",
      "0 EL2 MPAM1_EL1 := 0x8000000000000000",
      "0 isb",
      "0 EL2 MPAM0_EL1 := 0x0",
    ]);
    // The label of EL1 is still there: nobody else has used it.
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.taken().filter((line) => line.includes("EL12"))).toEqual([]);
    expect(hypervisor.counts(0)).toMatchObject({
      enters: 2,
      exits: 1,
      isbs: 1,
      writes: { MPAM1_EL12: 1, MPAM2_EL2: 3, MPAMHCR_EL2: 3, HCR_EL2: 3 },
    });
  });

  test("is not made between threads of the guest", () => {
    const { hypervisor, port } = hostOn();
    const { tid } = hypervisor.addVm(GUEST).vcpus[0]!;
    hypervisor.switchTo(0, [tid, 7]);
    port.taken();
    hypervisor.switchTo(0, [tid, 8]);
    expect(port.taken()).toEqual([]);
  });

  test("is made again where the thread has another label by now", () => {
    const { hypervisor, kernel, port } = hostOn();
    const { tid } = hypervisor.addVm(GUEST).vcpus[0]!;
    hypervisor.switchTo(0, [tid, 7]);
    kernel.setTag(tid, tag(6));
    port.taken();
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.taken()).toContain("0 EL2 MPAM1_EL12 := 0x8000000000060006");
  });

  test("takes TIDR where there is no MPAMHCR_EL2, whether the cpu has it or not", () => {
    for (const tidr of [true, false]) {
      const { hypervisor, port } = hostOn({ cpus: [{ vpmrMax: "none", tidr }] });
      const vm = hypervisor.addVm(GUEST);
      hypervisor.switchTo(0, [vm.vcpus[0]!.tid, 7]);
      const writes = port.taken();
      expect(writes).toContain("0 EL2 MPAM2_EL2 := 0x8403000000000000");
      expect(writes.filter((line) => line.includes("MPAMHCR"))).toEqual([]);
      // A cpu that has neither shows the guest what it has.
      const seen = vm.port.read(0, R.MPAMIDR_EL1, 1);
      expect(seen).toEqual(tidr ? { outcome: "undefined" } : { outcome: "done", value: 0x3_0000_003fn });
    }
  });

  test("enables MPAMSM_EL1 for the host again where there is SME", () => {
    const { hypervisor, port } = hostOn({ cpus: [{ sme: true }] });
    const { tid } = hypervisor.addVm(GUEST).vcpus[0]!;
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.taken()).toContain("0 EL2 MPAM2_EL2 := 0x8003000000000000");
    hypervisor.switchTo(0, [1]);
    expect(port.taken()).toContain("0 EL2 MPAM2_EL2 := 0x8004000000000000");
  });
});

describe("the world switch of a host without VHE", () => {
  test("leaves the label that EL1 has already", () => {
    const { hypervisor, kernel, port } = hostOn({ vhe: false });
    const { tid } = hypervisor.addVm(GUEST).vcpus[0]!;
    kernel.setTag(tid, tag(5, 2));
    kernel.switchTo(0, tid);
    port.taken();
    hypervisor.switchTo(0, [tid, 7]);
    expect(port.taken()).toEqual([
      "0 EL2 MPAM2_EL2 := 0x8003000000000000",
      "0 EL2 MPAMHCR_EL2 := 0x80000000",
      "0 EL2 HCR_EL2 := 0x40000",
    ]);
    hypervisor.leave(0);
    expect(port.taken()).toEqual([
      "0 EL2 HCR_EL2 := 0x0",
      "0 EL2 MPAM2_EL2 := 0x8000000000000000",
      "0 EL2 MPAMHCR_EL2 := 0x0",
      "0 isb",
    ]);
  });

  test.each([true, false])(
    "where the kernel works under another label, the guest has the thread's (VHE: %s)",
    (vhe) => {
      const { hypervisor, kernel, labelOf } = hostOn({ vhe });
      kernel.mode = { policy: "global", label: tag(9) };
      const { tid } = hypervisor.addVm(GUEST).vcpus[0]!;
      kernel.setTag(tid, tag(5, 2));
      for (const el of [0, 1]) expect(labelOf(0, [tid, 7], el)).toEqual(ns(5, 2));
      hypervisor.switchTo(0, [tid, 7]);
      hypervisor.leave(0);
      // What the host works under is as before.
      expect(labelOf(0, [tid], vhe ? 2 : 1)).toEqual(ns(9));
      expect(hypervisor.counts(0).writes[vhe ? "MPAM1_EL12" : "MPAM1_EL1"]).toBe(vhe ? 1 : 2);
    },
  );
});

/** All names, with what a guest reads at EL1: a number, or UNDEFINED. */
const SEEN = {
  ID_AA64PFR0_EL1: 0x1011n,
  ID_AA64PFR1_EL1: 0x100_0000n,
} as const;

test.each([true, false])("the guest reads ID fields of 0, and every other name is UNDEFINED (VHE: %s)", (vhe) => {
  const bandwidth = { bwaWd: 8, maxLim: "both", hwScale: true } as const;
  // With all that is unknown after a reset being 1, nothing traps that nobody makes trap.
  const { hypervisor, kernel, port } = hostOn({ vhe, cpus: [{ sme: true, tidr: true, bandwidth }] });
  port.pes[0]!.write(R.MPAMBW2_EL2, 0x1e_0000_0000_0000n, 3);
  const vm = hypervisor.addVm(GUEST);
  kernel.setTag(vm.vcpus[0]!.tid, tag(5));
  hypervisor.switchTo(0, [vm.vcpus[0]!.tid, 7]);
  const before = port.registers(0);
  for (const [name, register] of Object.entries(R)) {
    const seen = vm.port.read(0, register, 1);
    const shown = SEEN[name as keyof typeof SEEN];
    expect([name, seen]).toEqual([
      name,
      shown === undefined ? { outcome: "undefined" } : { outcome: "done", value: shown },
    ]);
    expect([name, vm.port.write(0, register, 0x5n, 1)]).toEqual([name, { outcome: "undefined" }]);
    expect(vm.port.read(0, register, 0)).toEqual({ outcome: "undefined" });
  }
  expect(port.registers(0)).toEqual(before);
  // MPAM0, MPAM1, MPAMSM, MPAMIDR and the four of bandwidth, read and written; two ID registers are only read.
  expect(hypervisor.traps).toEqual({ emulated: 2, undefined: 14, forwarded: 0 });
});

test("the program that runs the guest may say again what the ID registers show, and what the host has; no more", () => {
  const { hypervisor } = hostOn();
  const vm = hypervisor.addVm(GUEST);
  vm.setIdRegister(R.ID_AA64PFR0_EL1, 0x1011n);
  vm.setIdRegister(R.ID_AA64PFR0_EL1, 0x100_0000_1011n);
  vm.setIdRegister(R.ID_AA64PFR1_EL1, 0x1_0000n);
  expect(vm.port.read(0, R.ID_AA64PFR0_EL1, 1)).toEqual({ outcome: "done", value: 0x1011n });
  expect(() => vm.setIdRegister(R.ID_AA64PFR0_EL1, 0x200_0000_1011n)).toThrow(
    /^EINVAL: vm1: ID_AA64PFR0_EL1 cannot be 0x20000001011/,
  );
  expect(() => vm.setIdRegister(R.MPAMIDR_EL1, 0n)).toThrow("EINVAL: vm1 has no ID register MPAMIDR_EL1");
  // Limits are no fields of the host's that older guests bring along.
  const other = hypervisor.addVm({ name: "vm2", vcpus: [0], mpam: "virtual", partids: [3] });
  other.setIdRegister(R.MPAMIDR_EL1, 1n);
  expect(() => other.setIdRegister(R.MPAMIDR_EL1, 0n)).toThrow(
    "EINVAL: vm2: MPAMIDR_EL1 cannot be 0x0: 0x1 is what it shows",
  );
});

test("where the host's kernel has no MPAM nobody touches its registers, and the guest sees none", () => {
  const { hypervisor, port } = hostOn({ commandLine: "arm64.nompam" });
  const vm = hypervisor.addVm({ ...GUEST, mpam: "virtual", partids: [3] });
  hypervisor.settle();
  hypervisor.switchTo(0, [vm.vcpus[0]!.tid, 7]);
  hypervisor.switchTo(0, [1]);
  expect(port.taken()).toEqual(["0 EL2 HCR_EL2 := 0x400040000", "0 EL2 HCR_EL2 := 0x408000000", "0 isb"]);
  expect(vm.port.read(0, R.ID_AA64PFR0_EL1, 1)).toEqual({ outcome: "done", value: 0x1011n });
  expect(vm.kernel.features?.without).toBe("the cpus have no MPAM");
});
