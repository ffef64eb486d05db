// A guest with a virtual EL2, and its guests: where its accesses go (NV, NV2), both maps in one, and who gets which trap.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Vm, VmOptions } from "../../src/hypervisor/index.ts";
import { type HostShape, hostOn, ns, R, tag } from "./host.ts";

const DONE = (value: bigint) => ({ outcome: "done", value });
const UNDEFINED = { outcome: "undefined" };
const MPAMEN = 1n << 63n;

/** A guest L1 with PARTIDs 0..3, of which 1, 2, 3 are 21, 22, 23 of the host; its vCPU has 5. Its thread is 7. */
function nestedOn(shape: HostShape = {}, options: Partial<VmOptions> = {}, cpus = 1) {
  const host = hostOn({ cpus: Array(cpus).fill(shape.cpus?.[0] ?? {}), ...shape });
  const vm = host.hypervisor.addVm({
    name: "l1",
    vcpus: [0],
    mpam: "virtual",
    partids: [21, 22, 23],
    nested: true,
    ...options,
  });
  const { tid } = vm.vcpus[0]!;
  host.kernel.setTag(tid, tag(5, 2));
  host.hypervisor.settle();
  vm.kernel.addTask({ tid: 7, pid: 7, comm: "app", cpu: 0 });
  return { ...host, vm, tid };
}

const kinds = [true, false].flatMap((vhe) => [true, false].map((inner) => ({ vhe, inner })));

describe.each(kinds)("a virtual EL2 (host with VHE: $vhe, guest with VHE: $inner)", ({ vhe, inner }) => {
  test("boots a kernel of its own, which finds what it is shown", () => {
    const { vm, kernel } = nestedOn({ vhe }, { vhe: inner });
    expect(vm.kernel.features).toMatchObject({ without: undefined, partidMax: 3, pmgMax: 0, hasHcr: true, vpmrMax: 7 });
    expect(vm.port.read(0, R.ID_AA64PFR0_EL1, 2)).toEqual(DONE(0x100_0000_1111n));
    expect(kernel.features).toMatchObject({ partidMax: 63 });
  });

  test("labels what runs at it and at EL0 as the guest's kernel says", () => {
    const { vm, tid, labelOf } = nestedOn({ vhe }, { vhe: inner });
    vm.kernel.setTag(7, tag(2));
    vm.kernel.mode = { policy: "global", label: tag(1) };
    // The guest's kernel is at its EL2 with VHE, and at its EL1 without.
    expect([0, inner ? 2 : 1].map((el) => labelOf(0, [tid, 7], el))).toEqual([ns(22), ns(21)]);
  });

  /** What becomes of each name at virtual EL2. */
  const own = (sme = false) => {
    const shown = nestedOn({ vhe, cpus: [{ sme, tidr: true }] }, { vhe: inner });
    shown.hypervisor.switchTo(0, [shown.tid, 7]);
    return shown;
  };

  test("keeps MPAM2_EL2, which has no place in memory", () => {
    const { vm } = own(true);
    expect(vm.port.write(0, R.MPAM2_EL2, (1n << 64n) - 1n, 2).outcome).toBe("done");
    // TIDR 58, EnMPAMSM 50, TRAPMPAM0EL1 49, TRAPMPAM1EL1 48, both PMGs and PARTIDs; MPAMEN as the hardware has it.
    const all = MPAMEN | (1n << 58n) | (7n << 48n) | 0xffff_ffff_ffffn;
    expect(vm.port.read(0, R.MPAM2_EL2, 2)).toEqual(DONE(all));
  });

  test(`finds ${inner ? "MPAM2_EL2" : "its EL1's own"} by the name of MPAM1_EL1`, () => {
    const { vm } = own();
    vm.port.write(0, R.MPAM2_EL2, 0x2_0002n, 2);
    vm.port.write(0, R.MPAM1_EL1, (1n << 49n) | 0x3_0003n, 2);
    const mpam2 = inner ? (1n << 49n) | 0x3_0003n : 0x2_0002n;
    expect(vm.port.read(0, R.MPAM2_EL2, 2)).toEqual(DONE(MPAMEN | mpam2));
    vm.port.write(0, R.MPAM2_EL2, 0n, 2);
    const el12 = vm.port.write(0, R.MPAM1_EL12, 0x1_0001n, 2);
    expect(el12.outcome).toBe(inner ? "done" : "undefined");
    // Below it, MPAM1_EL1 is what was written for EL1.
    const below = inner ? 0x1_0001n : 0x3_0003n;
    expect(vm.port.read(0, R.MPAM1_EL1, 1)).toEqual(DONE(MPAMEN | below));
  });

  test("has the registers that NV2 keeps in memory, and reads there what it wrote", () => {
    const { vm, hypervisor } = own();
    const names = ["MPAMHCR_EL2", "MPAMVPMV_EL2", ...Array.from({ length: 8 }, (_, n) => `MPAMVPM${n}_EL2`)];
    const before = hypervisor.traps;
    for (const [n, name] of names.entries()) vm.port.write(0, R[name as keyof typeof R], BigInt(n + 1), 2);
    for (const [n, name] of names.entries()) {
      expect([name, vm.port.read(0, R[name as keyof typeof R], 2)]).toEqual([name, DONE(BigInt(n + 1))]);
    }
    // Nobody is asked about it.
    expect(hypervisor.traps).toEqual(before);
  });

  test("has nothing that is not there: EL3, bandwidth controls", () => {
    const { vm } = own();
    for (const name of ["MPAM3_EL3", "SCR_EL3", "MPAMBW2_EL2", "MPAMBW0_EL1", "MPAMBWIDR_EL1"] as const) {
      expect([name, vm.port.read(0, R[name], 2)]).toEqual([name, UNDEFINED]);
    }
    for (const name of ["MPAM2_EL2", "MPAMHCR_EL2", "HCR_EL2", "MPAM1_EL12"] as const) {
      expect([name, vm.port.read(0, R[name], 1)]).toEqual([name, UNDEFINED]);
    }
  });

  test("from which MPAM is hidden sees none; what NV2 keeps in memory is memory", () => {
    const { vm, tid, hypervisor, labelOf } = nestedOn({ vhe }, { vhe: inner, mpam: "hidden", partids: undefined! });
    hypervisor.switchTo(0, [tid, 7]);
    for (const el of [1, 2]) {
      expect(vm.port.read(0, R.ID_AA64PFR0_EL1, el)).toEqual(DONE(0x1111n));
      for (const name of ["MPAM0_EL1", "MPAMIDR_EL1", "MPAM2_EL2"] as const) {
        expect([name, vm.port.read(0, R[name], el)]).toEqual([name, UNDEFINED]);
      }
    }
    expect(vm.port.read(0, R.MPAMHCR_EL2, 2)).toEqual(DONE(0n));
    expect([0, 1, 2].map((el) => labelOf(0, [tid, 7], el))).toEqual([ns(5, 2), ns(5, 2), ns(5, 2)]);
    expect(vm.kernel.features?.without).toBe("the cpus have no MPAM");
  });

  test("has guests of its own, under both maps", () => {
    const { vm, tid, labelOf, hypervisor } = nestedOn({ vhe }, { vhe: inner });
    const l2 = vm.hypervisor!.addVm({ name: "l2", vcpus: [0], mpam: "virtual", partids: [3, 2] });
    const vcpu = l2.vcpus[0]!;
    expect(vm.kernel.task(vcpu.tid)?.comm).toBe("l2/0");
    vm.kernel.setTag(vcpu.tid, tag(1));
    vm.settle("as before");
    l2.kernel.addTask({ tid: 9, pid: 9, comm: "", cpu: 0 });
    expect(l2.kernel.features).toMatchObject({ without: undefined, partidMax: 2, hasHcr: false });
    for (const [own, is] of [
      [0, 21],
      [1, 23],
      [2, 22],
    ] as const) {
      l2.kernel.setTag(9, tag(own));
      for (const el of [0, 1]) expect([own, el, labelOf(0, [tid, vcpu.tid, 9], el)]).toEqual([own, el, ns(is)]);
    }
    // The guest's own are as before, and so are the host's. None of it counts: nothing has run.
    expect(hypervisor.counts(0)).toMatchObject({ enters: 0, turns: 0, writes: {} });
    const { traps } = hypervisor;
    labelOf(0, [tid, vcpu.tid, 9], 0);
    expect(hypervisor.traps).toEqual(traps);
    expect(labelOf(0, [tid, 7], 0)).toEqual(ns(5));
    expect(labelOf(0, [tid], 0)).toEqual(ns(5, 2));
  });

  test("hides MPAM from a guest of its own, which has the label of the thread there", () => {
    const { vm, tid, labelOf, hypervisor } = nestedOn({ vhe }, { vhe: inner });
    const l2 = vm.hypervisor!.addVm({ name: "l2", vcpus: [0] });
    const vcpu = l2.vcpus[0]!;
    vm.kernel.setTag(vcpu.tid, tag(2));
    vm.settle("as before");
    for (const el of [0, 1]) expect(labelOf(0, [tid, vcpu.tid, 9], el)).toEqual(ns(22));
    hypervisor.switchTo(0, [tid, vcpu.tid, 9]);
    for (const name of ["MPAM0_EL1", "MPAM1_EL1", "MPAMIDR_EL1"] as const) {
      expect([name, l2.port.read(0, R[name], 1)]).toEqual([name, UNDEFINED]);
    }
    expect(l2.port.read(0, R.ID_AA64PFR0_EL1, 1)).toEqual(DONE(0x1011n));
    // Each of those went through both: the host's hypervisor passed them on.
    expect(hypervisor.traps.forwarded).toBeGreaterThanOrEqual(4);
    expect(vm.hypervisor!.traps).toMatchObject({ undefined: 3 });
  });

  test("goes on from a snapshot while its guest runs", () => {
    const { vm, tid, kernel, hypervisor, port } = nestedOn({ vhe }, { vhe: inner });
    const l2 = vm.hypervisor!.addVm({ name: "l2", vcpus: [0], mpam: "virtual", partids: [3, 2] });
    vm.settle("as before");
    const path = [tid, l2.vcpus[0]!.tid, 9];
    hypervisor.switchTo(0, path);
    l2.port.write(0, R.MPAM0_EL1, 0x1_0001n, 1);
    const state = JSON.parse(JSON.stringify({ kernel: kernel.save(), hypervisor: hypervisor.save() }));
    const again = hostOn({ vhe, port, state });
    expect(again.hypervisor.isCurrent(0, path)).toBe(true);
    again.hypervisor.switchTo(0, [1]);
    again.hypervisor.switchTo(0, path);
    again.hypervisor.elOf(again.hypervisor.loaded(0)!, 0);
    expect(port.pes[0]!.label(0, "data")).toEqual(ns(23));
  });
});

/** Traps of a guest's guest: the bit by which L1 asks for it, and what becomes of the access with it and without. */
const TRAPS: readonly {
  readonly access: keyof typeof R;
  readonly bit: string;
  readonly set: (vm: Vm, on: boolean) => void;
  readonly without: object;
}[] = [
  { access: "MPAM0_EL1", bit: "TRAPMPAM0EL1", set: (vm, on) => poke(vm, R.MPAM2_EL2, 49n, on), without: DONE(0n) },
  { access: "MPAM1_EL1", bit: "TRAPMPAM1EL1", set: (vm, on) => poke(vm, R.MPAM2_EL2, 48n, on), without: DONE(MPAMEN) },
  { access: "MPAMSM_EL1", bit: "EnMPAMSM = 0", set: (vm, on) => poke(vm, R.MPAM2_EL2, 50n, !on), without: DONE(0n) },
  {
    access: "MPAMIDR_EL1",
    bit: "TIDR",
    set: (vm, on) => poke(vm, R.MPAM2_EL2, 58n, on),
    without: DONE(0x400_0000_001e_0003n),
  },
  {
    access: "MPAMIDR_EL1",
    bit: "TRAP_MPAMIDR_EL1",
    set: (vm, on) => poke(vm, R.MPAMHCR_EL2, 31n, on),
    without: DONE(0x400_0000_001e_0003n),
  },
  {
    access: "ID_AA64PFR0_EL1",
    bit: "TID3",
    set: (vm, on) => poke(vm, R.HCR_EL2, 18n, on),
    without: DONE(0x100_0000_1111n),
  },
  { access: "ID_AA64PFR1_EL1", bit: "TID3", set: (vm, on) => poke(vm, R.HCR_EL2, 18n, on), without: DONE(0x101_0000n) },
];

function poke(vm: Vm, register: number, bit: bigint, on: boolean): void {
  const was = vm.port.read(0, register, 2);
  if (was.outcome !== "done") throw new Error("the guest has no such register");
  vm.port.write(0, register, on ? was.value | (1n << bit) : was.value & ~(1n << bit), 2);
}

describe("who gets the trap of a guest's guest", () => {
  const shape = { cpus: [{ sme: true, tidr: true }] };

  test.each(TRAPS)("$access with $bit: the guest's hypervisor", ({ access, set, without }) => {
    const { vm, tid, hypervisor } = nestedOn(shape);
    hypervisor.switchTo(0, [tid, 7]);
    // What runs below its EL2 is its guest, with TGE = 0.
    poke(vm, R.HCR_EL2, 27n, false);
    vm.port.write(0, R.MPAM2_EL2, 1n << 50n, 2);
    const register = R[access];
    const [op0, op1, crn, crm, op2] = [
      register >>> 14,
      (register >>> 11) & 7,
      (register >>> 7) & 15,
      (register >>> 3) & 15,
      register & 7,
    ];
    const iss = op0 * 2 ** 20 + op2 * 2 ** 17 + op1 * 2 ** 14 + crn * 2 ** 10 + crm * 2;
    set(vm, true);
    const { forwarded } = hypervisor.traps;
    expect(vm.port.read(0, register, 1)).toEqual({ outcome: "trap", to: 2, ec: 0x18, iss: iss + 1 });
    expect(hypervisor.traps.forwarded).toBe(forwarded + 1);
    set(vm, false);
    expect(vm.port.read(0, register, 1)).toEqual(without);
    expect(hypervisor.traps.forwarded).toBe(forwarded + 1);
    // The virtual EL2 itself is not asked.
    set(vm, true);
    expect(vm.port.read(0, register, 2).outcome).toBe("done");
  });

  test("a guest that sees no MPAM gets TID3, and no other", () => {
    const { vm, tid, hypervisor } = nestedOn(shape, { mpam: "hidden", partids: undefined! });
    hypervisor.switchTo(0, [tid, 7]);
    poke(vm, R.HCR_EL2, 18n, true);
    poke(vm, R.MPAMHCR_EL2, 31n, true);
    expect(vm.port.read(0, R.ID_AA64PFR0_EL1, 1)).toMatchObject({ outcome: "trap", to: 2 });
    for (const name of ["MPAMIDR_EL1", "MPAM0_EL1", "MPAMSM_EL1"] as const) {
      expect([name, vm.port.read(0, R[name], 1)]).toEqual([name, UNDEFINED]);
    }
  });

  test("what a guest without a virtual EL2 does is never passed on", () => {
    const { hypervisor } = hostOn(shape);
    const vm = hypervisor.addVm({ name: "vm1", vcpus: [0], mpam: "virtual" });
    hypervisor.switchTo(0, [vm.vcpus[0]!.tid, 7]);
    for (const register of Object.values(R)) expect(vm.port.read(0, register, 1).outcome).not.toBe("trap");
    expect(hypervisor.traps.forwarded).toBe(0);
  });
});

describe("both maps in one", () => {
  const partid = fc.nat(3);
  const table = fc.array(fc.option(fc.nat(63), { nil: undefined }), { minLength: 3, maxLength: 3 });

  /** Two looks into tables, one after the other (register reference 7.4, steps 5 to 7). */
  function looked(l0: readonly (number | undefined)[], own: number, l1: Inner, el: 0 | 1, v: number): number {
    const host = (p: number) => (p >= 1 && p <= 3 ? (l0[p - 1] ?? own) : own);
    const isVirtual = el === 1 ? l1.el1 : l1.el0;
    if (!isVirtual) return host(v);
    if (v > 3) return host(0);
    const entry = l1.valid[v] ? v : 0;
    if (!l1.valid[entry]) return host(0);
    return host(l1.entries[entry]!);
  }

  interface Inner {
    readonly el0: boolean;
    readonly el1: boolean;
    readonly valid: readonly boolean[];
    readonly entries: readonly number[];
  }

  const four = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 4, maxLength: 4 });
  const innerMap: fc.Arbitrary<Inner> = fc.record({
    el0: fc.boolean(),
    el1: fc.boolean(),
    valid: four(fc.boolean()),
    entries: four(partid),
  });

  test("is what two looks give, whatever is virtual where, and registers read as they were written", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        table,
        fc.nat(63),
        fc.array(fc.tuple(innerMap, fc.nat(9), fc.nat(9), fc.boolean()), { minLength: 1, maxLength: 4 }),
        (inner, l0, own, steps) => {
          const { vm, tid, hypervisor, kernel, port } = nestedOn({}, { partids: l0, vhe: inner });
          kernel.setTag(tid, tag(own));
          hypervisor.switchTo(0, [tid, 7]);
          for (const [map, v0, v1, preempted] of steps) {
            poke(vm, R.HCR_EL2, 27n, false);
            const valid = map.valid.reduce((bits, is, v) => bits | (BigInt(is) << BigInt(v)), 0n);
            const word = map.entries.reduce((bits, to, v) => bits | (BigInt(to) << BigInt(16 * v)), 0n);
            vm.port.write(0, R.MPAMVPMV_EL2, valid, 2);
            vm.port.write(0, R.MPAMVPM0_EL2, word, 2);
            vm.port.write(0, R.MPAMHCR_EL2, BigInt(map.el0) | (BigInt(map.el1) << 1n), 2);
            vm.port.write(0, R.MPAM0_EL1, BigInt(v0) * 0x1_0001n, 1);
            vm.port.write(0, R.MPAM1_EL1, BigInt(v1) * 0x1_0001n, 1);
            if (preempted) {
              hypervisor.switchTo(0, [2]);
              hypervisor.switchTo(0, [tid, 7]);
            }
            expect(vm.port.read(0, R.MPAM0_EL1, 1)).toEqual(DONE(BigInt(v0) * 0x1_0001n));
            expect(vm.port.read(0, R.MPAM1_EL1, 1)).toEqual(DONE(MPAMEN | (BigInt(v1) * 0x1_0001n)));
            for (const kind of ["data", "fetch"] as const) {
              const labels = ([0, 1] as const).map((el) => port.pes[0]!.label(el, kind));
              expect(labels).toEqual([ns(looked(l0, own, map, 0, v0)), ns(looked(l0, own, map, 1, v1))]);
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("of a guest's host programs is its own map alone: E2H and TGE keep EL0 out of the guest's", () => {
    const { vm, tid, hypervisor, port } = nestedOn();
    hypervisor.switchTo(0, [tid, 7]);
    vm.port.write(0, R.MPAMVPMV_EL2, 1n, 2);
    vm.port.write(0, R.MPAMVPM0_EL2, 3n, 2);
    vm.port.write(0, R.MPAMHCR_EL2, 3n, 2);
    vm.port.write(0, R.MPAM0_EL1, 0x2_0002n, 2);
    hypervisor.elOf(hypervisor.loaded(0)!, 0);
    expect(port.pes[0]!.label(0, "data")).toEqual(ns(22));
    // EL1 is not asked about TGE: its 1, which is not valid, is L1's 3 by entry 0.
    vm.port.write(0, R.MPAM1_EL12, 0x1_0001n, 2);
    hypervisor.elOf(hypervisor.loaded(0)!, 1);
    expect([0, 1].map((el) => port.pes[0]!.label(el as 0 | 1, "data"))).toEqual([ns(22), ns(23)]);
  });

  test("GSTAPP_PLK of the guest holds for its guest", () => {
    const { vm, tid, hypervisor, port } = nestedOn();
    hypervisor.switchTo(0, [tid, 7]);
    poke(vm, R.HCR_EL2, 27n, false);
    vm.port.write(0, R.MPAMHCR_EL2, 0x100n, 2);
    vm.port.write(0, R.MPAM0_EL1, 0x2_0002n, 1);
    vm.port.write(0, R.MPAM1_EL1, 0x3_0003n, 1);
    expect(port.pes[0]!.label(0, "data")).toEqual(ns(23));
  });
});

test("a guest boots again where the host's kernel has, and has found something else", () => {
  const { vm, kernel, hypervisor } = nestedOn();
  vm.port.write(0, R.MPAMVPM0_EL2, 5n, 2);
  const again = (commandLine: string) => {
    hypervisor.leaveAll();
    kernel.boot({ cpus: [0], commandLine });
    kernel.start();
    hypervisor.settle();
  };
  again("");
  expect(vm.port.read(0, R.MPAMVPM0_EL2, 2)).toEqual(DONE(5n));
  again("arm64.nompam");
  expect(vm.kernel.features?.without).toBe("the cpus have no MPAM");
  expect(vm.port.read(0, R.MPAMVPM0_EL2, 2)).toEqual(DONE(0n));
  again("");
  expect(vm.kernel.features).toMatchObject({ without: undefined, partidMax: 3 });
});

test("guests of guests have no virtual EL2, and a guest without one has no guests", () => {
  const { vm } = nestedOn();
  expect(() => vm.hypervisor!.addVm({ name: "l2", vcpus: [0], nested: true })).toThrow(
    "EINVAL: l2: l1 is a guest itself, and its guests have no virtual EL2",
  );
  const { hypervisor } = hostOn();
  expect(hypervisor.addVm({ name: "flat", vcpus: [0] }).hypervisor).toBeUndefined();
});
