// Machines broken on purpose: what software sees of each fault, and that nothing is left of one that has been taken away
// (docs/firmware.md, "Faults").

import { beforeEach, describe, expect, test } from "vitest";
import { type Fault, type InterruptEvent, Machine, type RegisterAccess } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf, wordOf } from "../golden/registers.ts";
import { FakeTrace } from "./traces.ts";

const IDR = offsetOf("MPAMF_IDR");
const ESR = offsetOf("MPAMF_ESR");
const ECR = offsetOf("MPAMF_ECR");
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const CSU = offsetOf("MSMON_CSU");
const CSU_CTL = offsetOf("MSMON_CFG_CSU_CTL");
const MBWU = offsetOf("MSMON_MBWU");
const MBWU_L = offsetOf("MSMON_MBWU_L");
const MBWU_CTL = offsetOf("MSMON_CFG_MBWU_CTL");

const NRDY = 0x8000_0000;
const ONES = 0xffff_ffff;
const PAGE = 0x1_0000_0000;
const CHANNEL = PAGE + 0x10000;

/** MSC 0: a cache with monitors in RIS 0 and 3; MSC 1: a channel without errors, whose interrupts are pulses. */
function powerOn(different: object = {}): Promise<Machine> {
  const platform = checkObject(
    {
      name: "to be broken",
      cpus: 1,
      processor: { partidMax: 7, pmgMax: 1 },
      caches: [
        {
          ...{ level: 3, bytes: "16 KiB", ways: 4 },
          msc: {
            ...{ base: PAGE, version: "1.1", errorInterrupt: 40, overflowInterrupt: 41 },
            spaces: { ns: { partidMax: 7, pmgMax: 1 }, s: { partidMax: 3, pmgMax: 1 } },
            ris: [
              { ris: 0, cpor: { cpbmWd: 40 }, csu: { monitors: 2 }, mbwu: { monitors: 3, counter: 63 } },
              { ris: 3, mbwu: { monitors: 1, counter: 31 } },
            ],
            ...different,
          },
        },
      ],
      memory: [
        {
          ...{ bytes: "1 GiB", bytesPerSecond: 1e9 },
          msc: { base: CHANNEL, esr: "none", errorStyle: "edge", errorInterrupt: 42, mbw: { bwaWd: 8 } },
        },
      ],
    },
    "to be broken",
  );
  return Machine.create(platform);
}

const TRACE = new FakeTrace(
  "ten lines",
  Array.from({ length: 10 }, (_, i) => ({ time: i, address: i * 64, bytes: 64, op: 0, requester: 0 })),
);

let machine: Machine;
let heard: InterruptEvent[];

function listen(to: Machine): Machine {
  heard = [];
  to.onInterrupt((event) => heard.push(event));
  return to;
}

beforeEach(async () => {
  machine = listen(await powerOn());
});

function monitor(mon: number, ris = 0): void {
  machine.write32(0, MON_SEL, wordOf("MSMON_CFG_MON_SEL", { MON_SEL: mon, RIS: ris }));
}

const get = (offset: number) => machine.read32(0, offset);
const put = (offset: number, value: number) => machine.write32(0, offset, value);
const told = () =>
  heard.splice(0).map(({ kind, msc, line, level, delivery }) => `${kind} ${msc} ${line} ${level} ${delivery}`);

describe("nrdy-stuck", () => {
  test("monitors are not ready in any of their windows, and count all the same", async () => {
    put(MBWU_CTL, wordOf("MSMON_CFG_MBWU_CTL", { EN: 1 }));
    put(CSU_CTL, wordOf("MSMON_CFG_CSU_CTL", { EN: 1 }));
    const fault = machine.faults.add({ kind: "nrdy-stuck", msc: 0 });
    await machine.replay([TRACE]);
    expect([get(CSU), get(MBWU), get(MBWU_L), get(MBWU_L + 4)]).toEqual([NRDY + 640, NRDY + 640, 640, NRDY]);
    expect(fault.fired).toBe(3);
    // A write of the bit does not help: software owns it.
    put(MBWU, 5);
    expect(get(MBWU)).toBe(NRDY + 5);
    fault.remove();
    expect([get(CSU), get(MBWU), get(MBWU_L), get(MBWU_L + 4)]).toEqual([640, 5, 640, 0]);
    expect(fault.fired).toBe(4);
  });

  test("is of a type, of a RIS and of a monitor, where it says so", () => {
    const stuck = (): string[] => {
      const list: string[] = [];
      for (const [ris, mon] of [
        [0, 0],
        [0, 1],
        [0, 2],
        [3, 0],
      ] as const) {
        monitor(mon, ris);
        if (get(CSU) & NRDY) list.push(`csu ${ris} ${mon}`);
        if (get(MBWU) & NRDY) list.push(`mbwu ${ris} ${mon}`);
      }
      return list;
    };
    const cases: [Omit<Fault & { kind: "nrdy-stuck" }, "kind" | "msc">, string[]][] = [
      [{}, ["csu 0 0", "mbwu 0 0", "csu 0 1", "mbwu 0 1", "mbwu 0 2", "mbwu 3 0"]],
      [{ type: "csu" }, ["csu 0 0", "csu 0 1"]],
      [{ type: "mbwu", mon: 0 }, ["mbwu 0 0", "mbwu 3 0"]],
      [{ ris: 3 }, ["mbwu 3 0"]],
      [{ ris: 0, mon: 1 }, ["csu 0 1", "mbwu 0 1"]],
    ];
    for (const [keys, wanted] of cases) {
      const fault = machine.faults.add({ kind: "nrdy-stuck", msc: 0, ...keys });
      expect(stuck()).toEqual(wanted);
      fault.remove();
      expect(stuck()).toEqual([]);
    }
  });

  test("a window that is not there stays 0, under a bad selector too", () => {
    machine.faults.add({ kind: "nrdy-stuck", msc: 0 });
    monitor(0, 3);
    expect([get(MBWU_L), get(MBWU_L + 4), get(CSU)]).toEqual([0, 0, 0]);
    monitor(0, 1);
    expect([get(CSU), get(MBWU)]).toEqual([0, 0]);
  });
});

describe("write-lost", () => {
  test("the next write does nothing, those after it do", () => {
    put(CPBM, 0x1111);
    const fault = machine.faults.add({ kind: "write-lost", msc: 0, register: "MPAMCFG_CPBM0" });
    put(CPBM + 4, 0x22);
    expect([machine.faults.list.length, fault.fired]).toEqual([1, 0]);
    put(CPBM, 0x3333);
    expect([get(CPBM), get(CPBM + 4)]).toEqual([0x1111, 0x22]);
    expect([machine.faults.list.length, fault.fired]).toEqual([0, 1]);
    put(CPBM, 0x4444);
    expect(get(CPBM)).toBe(0x4444);
  });

  test("or the next few; a name stands for what it does in the log", () => {
    const fault = machine.faults.add({ kind: "write-lost", msc: 0, register: "mpamcfg_cpbm", times: 3 });
    for (const value of [1, 2, 3, 4]) put(CPBM + 4 * (value % 2), value);
    expect([get(CPBM), get(CPBM + 4)]).toEqual([4, 0xff]);
    expect(fault.fired).toBe(3);
  });

  test("two are two writes, and an access of eight bytes is two", () => {
    machine.faults.add({ kind: "write-lost", msc: 0, register: "MSMON_MBWU_L" });
    machine.faults.add({ kind: "write-lost", msc: 0, register: "MSMON_MBWU_L_HI" });
    machine.write64(0, MBWU_L, 0x1_0000_0002n);
    expect(machine.read64(0, MBWU_L)).toBe(0n);
    machine.write64(0, MBWU_L, 0x1_0000_0002n);
    expect(machine.read64(0, MBWU_L)).toBe(0x1_0000_0002n);
  });

  test("one that is taken away before it acts never does", () => {
    const fault = machine.faults.add({ kind: "write-lost", msc: 0, register: "MPAMCFG_PART_SEL" });
    fault.remove();
    fault.remove();
    put(PART_SEL, 3);
    expect([get(PART_SEL), fault.fired]).toEqual([3, 0]);
  });
});

describe("register-stuck", () => {
  test("reads have the value, and the register what was written", () => {
    const fault = machine.faults.add({ kind: "register-stuck", msc: 0, register: "MPAMCFG_PART_SEL", value: 0x12 });
    put(PART_SEL, 3);
    expect([get(PART_SEL), fault.fired]).toEqual([0x12, 1]);
    fault.remove();
    expect(get(PART_SEL)).toBe(3);
  });

  test("only in the bits of its mask, in every bank", () => {
    const idr = [machine.read32(0, IDR), machine.read32(0, IDR, "s")];
    machine.faults.add({ kind: "register-stuck", msc: 0, register: "MPAMF_IDR", value: 0xffff_0003, mask: 0xffff });
    expect([machine.read32(0, IDR), machine.read32(0, IDR, "s")]).toEqual(
      idr.map((word) => ((word & 0xffff_0000) | 3) >>> 0),
    );
    expect(machine.read32(1, IDR) & 0xffff).toBe(7);
  });

  test("of several the last holds", () => {
    machine.faults.add({ kind: "register-stuck", msc: 0, register: "MSMON_CSU", value: 0 });
    const last = machine.faults.add({ kind: "register-stuck", msc: 0, register: "MSMON_CSU", value: ONES, mask: 0xf0 });
    machine.faults.add({ kind: "nrdy-stuck", msc: 0 });
    expect(get(CSU)).toBe(0xf0);
    last.remove();
    expect(get(CSU)).toBe(0);
  });
});

describe("error-interrupt", () => {
  test("the line is raised and lowered, once, and MPAMF_ESR has nothing", () => {
    const fault = machine.faults.add({ kind: "error-interrupt", msc: 0 });
    expect(told()).toEqual(["error 0 40 1 wire", "error 0 40 0 wire"]);
    expect([get(ESR), fault.fired, machine.faults.list]).toEqual([0, 1, []]);
  });

  test("with a code MPAMF_ESR has it; another one is overwritten", () => {
    machine.faults.add({ kind: "error-interrupt", msc: 0, code: 5 });
    expect(get(ESR)).toBe(0x0500_0000);
    machine.faults.add({ kind: "error-interrupt", msc: 0, code: 9 });
    expect(get(ESR)).toBe(0x8900_0000);
    expect(told().length).toBe(4);
  });

  test("without one what was recorded before stays", () => {
    machine.faults.add({ kind: "error-interrupt", msc: 0, code: 5 });
    machine.faults.add({ kind: "error-interrupt", msc: 0 });
    machine.faults.add({ kind: "error-interrupt", msc: 0, code: 0 });
    expect(get(ESR)).toBe(0x0500_0000);
  });

  test("a line that is enabled stays up until the code is cleared, as after any error", () => {
    put(ECR, 1);
    machine.faults.add({ kind: "error-interrupt", msc: 0, code: 2 });
    expect(told()).toEqual(["error 0 40 1 wire"]);
    put(ESR, 0);
    expect(told()).toEqual(["error 0 40 0 wire"]);
    machine.faults.add({ kind: "error-interrupt", msc: 0 });
    expect(told()).toEqual(["error 0 40 1 wire", "error 0 40 0 wire"]);
  });

  test("a handler finds the code", () => {
    const codes: number[] = [];
    machine.onInterrupt(({ level }) => level === 1 && codes.push(get(ESR) >>> 24));
    machine.faults.add({ kind: "error-interrupt", msc: 0, code: 3 });
    expect(codes).toEqual([3]);
  });

  test("is a pulse where errors are", () => {
    machine.faults.add({ kind: "error-interrupt", msc: 1 });
    expect(told()).toEqual(["error 1 42 1 pulse"]);
  });

  test("comes again on the model clock, so many times", async () => {
    const fault = machine.faults.add({ kind: "error-interrupt", msc: 1, everyNs: 500, times: 4 });
    expect(heard.map(({ time }) => time)).toEqual([0]);
    await machine.clock.advance(1200);
    expect(heard.map(({ time }) => time)).toEqual([0, 500, 1000]);
    expect(machine.faults.list.length).toBe(1);
    await machine.clock.advance(10_000);
    expect(heard.map(({ time }) => time)).toEqual([0, 500, 1000, 1500]);
    expect([fault.fired, machine.faults.list.length]).toEqual([4, 0]);
  });

  test("comes again though a handler throws", async () => {
    const stop = machine.onInterrupt(() => {
      throw new Error("not mine");
    });
    expect(() => machine.faults.add({ kind: "error-interrupt", msc: 1, everyNs: 500, times: 3 })).toThrow("not mine");
    stop();
    await machine.clock.advance(10_000);
    expect(heard.map(({ time }) => time)).toEqual([0, 500, 1000]);
  });

  test("waits for an MSC that is gone", async () => {
    machine.faults.add({ kind: "error-interrupt", msc: 1, everyNs: 500, times: 3 });
    const gone = machine.faults.add({ kind: "msc-gone", msc: 1 });
    await machine.clock.advance(1100);
    gone.remove();
    await machine.clock.advance(10_000);
    expect(heard.map(({ time }) => time)).toEqual([0, 1500, 2000]);
  });

  test("that comes once waits for an MSC that is gone", () => {
    const gone = [1, 2].map(() => machine.faults.add({ kind: "msc-gone", msc: 1 }));
    const fault = machine.faults.add({ kind: "error-interrupt", msc: 1 });
    gone[0]?.remove();
    expect([heard, fault.fired]).toEqual([[], 0]);
    gone[1]?.remove();
    expect(told()).toEqual(["error 1 42 1 pulse"]);
    expect([fault.fired, machine.faults.list]).toEqual([1, []]);
  });

  test("comes while a replay runs, and not after it has been taken away", async () => {
    const slow = new FakeTrace(
      "slow",
      Array.from({ length: 100 }, (_, i) => ({ time: i * 100, address: i * 64, bytes: 64, op: 0, requester: 0 })),
    );
    const fault = machine.faults.add({ kind: "error-interrupt", msc: 1, everyNs: 2000, times: 100 });
    machine.clock.at(5000, "test", () => fault.remove());
    const { records } = await machine.replay([slow]);
    expect(records).toBe(100);
    expect(heard.map(({ time }) => time)).toEqual([0, 2000, 4000]);
  });
});

describe("msc-gone", () => {
  test("reads are ones, writes do nothing, and afterwards all is as it was", async () => {
    put(PART_SEL, 2);
    put(MBWU_CTL, wordOf("MSMON_CFG_MBWU_CTL", { EN: 1 }));
    const fault = machine.faults.add({ kind: "msc-gone", msc: 0 });
    expect([get(IDR), get(PART_SEL), get(MBWU), get(0x2c)]).toEqual([ONES, ONES, ONES, ONES]);
    put(PART_SEL, 5);
    expect(fault.fired).toBe(5);
    expect(machine.read32(1, IDR)).not.toBe(ONES);
    // The traffic behind it goes on.
    await machine.replay([TRACE]);
    fault.remove();
    expect([get(PART_SEL), get(MBWU)]).toEqual([2, 640]);
  });

  test("or zeros", () => {
    machine.faults.add({ kind: "msc-gone", msc: 0, reads: "zeros" });
    expect([get(IDR), get(PART_SEL), get(MBWU)]).toEqual([0, 0, 0]);
  });

  test("or nothing at all: EIO, on every way in", () => {
    const fault = machine.faults.add({ kind: "msc-gone", msc: 0, reads: "abort" });
    const error = expect.objectContaining({ code: "EIO", message: expect.stringMatching(/msc 0 does not answer/) });
    expect(() => get(IDR)).toThrow(error);
    expect(() => put(PART_SEL, 1)).toThrow(error);
    expect(() => machine.bus.load32(0, "ns", PAGE)).toThrow(error);
    expect(() => machine.bus.write({ cpu: 0, space: "ns", address: PAGE + PART_SEL, bytes: 4, value: 1n })).toThrow(
      error,
    );
    fault.remove();
    expect(get(PART_SEL)).toBe(0);
  });

  test("its interrupts stop: a wire that was up falls, and is up again when it comes back", () => {
    put(ECR, 1);
    put(PART_SEL, 100);
    expect(told()).toEqual(["error 0 40 1 wire"]);
    const fault = machine.faults.add({ kind: "msc-gone", msc: 0 });
    expect(told()).toEqual(["error 0 40 0 wire"]);
    machine.faults.add({ kind: "msc-gone", msc: 0 }).remove();
    machine.faults.add({ kind: "error-interrupt", msc: 0, code: 3 });
    expect(told()).toEqual([]);
    fault.remove();
    expect(told()).toEqual(["error 0 40 1 wire"]);
    put(ESR, 0);
    expect(told()).toEqual(["error 0 40 0 wire"]);
  });

  test("what overflows in the meantime is told afterwards, and once", async () => {
    put(MBWU_CTL, wordOf("MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_INTR: 1 }));
    put(MBWU, 0x7fff_ff00);
    const fault = machine.faults.add({ kind: "msc-gone", msc: 0 });
    const again = machine.faults.add({ kind: "msc-gone", msc: 0, reads: "zeros" });
    const { finished } = await machine.replay([TRACE], { stopOn: ["overflow"] });
    expect([finished, told()]).toEqual([true, []]);
    fault.remove();
    expect(told()).toEqual([]);
    expect(get(MBWU)).toBe(0);
    again.remove();
    expect(told()).toEqual(["overflow 0 41 1 wire"]);
  });

  test("a batch ends at an MSC that does not answer; what came before has been done", () => {
    machine.faults.add({ kind: "msc-gone", msc: 1, reads: "abort" });
    const batch = machine.batch();
    batch.write32(0, ECR, 1);
    batch.write32(0, PART_SEL, 100);
    const read = batch.read32(1, IDR);
    batch.write32(0, PART_SEL, 3);
    expect(() => batch.run()).toThrow(/msc 1 does not answer/);
    expect(told()).toEqual(["error 0 40 1 wire"]);
    expect(get(PART_SEL)).toBe(100);
    expect(() => batch.value(read)).toThrow(/has not run/);
  });

  test.each(["unseen", "watched"])("a batch that ends there has no results, whatever handlers throw (%s)", (how) => {
    if (how === "watched") machine.log("*", () => undefined);
    machine.onInterrupt(() => {
      throw new Error("not mine");
    });
    machine.faults.add({ kind: "msc-gone", msc: 1, reads: "abort" });
    const batch = machine.batch();
    batch.write32(0, ECR, 1);
    batch.write32(0, PART_SEL, 100);
    const read = batch.read32(1, IDR);
    expect(() => batch.run()).toThrow("not mine");
    expect(() => batch.value(read)).toThrow(/has not run/);
  });

  test("a batch that has run keeps its results, though a handler looks for an MSC that does not answer", () => {
    machine.onInterrupt(() => machine.read32(1, IDR));
    machine.faults.add({ kind: "msc-gone", msc: 1, reads: "abort" });
    const batch = machine.batch();
    batch.write32(0, ECR, 1);
    batch.write32(0, PART_SEL, 100);
    const read = batch.read32(0, PART_SEL);
    expect(() => batch.run()).toThrow(/msc 1 does not answer/);
    expect(batch.value(read)).toBe(100);
  });
});

describe("every way in", () => {
  test("sees the same: single accesses, the bus, batches", () => {
    machine.faults.add({ kind: "register-stuck", msc: 0, register: "MPAMCFG_PART_SEL", value: 0x10, mask: 0xf0 });
    machine.faults.add({ kind: "write-lost", msc: 0, register: "MPAMCFG_PART_SEL", times: 2 });
    const batch = machine.batch();
    for (const value of [1, 2, 3]) batch.write32(0, PART_SEL, value);
    const read = batch.read32(0, PART_SEL);
    const wide = batch.read64(0, PART_SEL);
    batch.run();
    expect([batch.value(read), batch.value64(wide)]).toEqual([0x13, 0x13n]);
    expect(machine.bus.load32(0, "ns", PAGE + PART_SEL)).toBe(0x13);
    expect(machine.bus.read({ cpu: 0, space: "ns", address: PAGE + PART_SEL, bytes: 8 })).toBe(0x13n);
    expect(machine.read64(0, PART_SEL)).toBe(0x13n);
  });

  test("and those who watch see what software sees, without disturbing anything", () => {
    const seen: RegisterAccess[] = [];
    machine.log("MPAMCFG_PART_SEL, MPAMF_IDR", (access) => seen.push(access));
    const lost = machine.faults.add({ kind: "write-lost", msc: 0, register: "MPAMCFG_PART_SEL" });
    const stuck = machine.faults.add({ kind: "register-stuck", msc: 0, register: "MPAMCFG_PART_SEL", value: 7 });
    put(PART_SEL, 3);
    put(PART_SEL, 4);
    expect(get(PART_SEL)).toBe(7);
    expect([lost.fired, stuck.fired]).toEqual([1, 1]);
    expect(seen).toMatchObject([
      { access: "write", value: 3, old: 7, now: 7 },
      { access: "write", value: 4, old: 7, now: 7 },
      { access: "read", value: 7 },
    ]);
    stuck.remove();
    expect(get(PART_SEL)).toBe(4);
    machine.faults.add({ kind: "msc-gone", msc: 0 });
    put(PART_SEL, 5);
    const [write] = seen.slice(-1);
    expect(write).toMatchObject({ value: 5, old: ONES, now: ONES });
    expect(write).not.toHaveProperty("error");
  });

  test("an access that fails is in no log, and watching goes on", () => {
    const seen: RegisterAccess[] = [];
    machine.log("*", (access) => seen.push(access));
    const fault = machine.faults.add({ kind: "msc-gone", msc: 0, reads: "abort" });
    expect(() => put(PART_SEL, 5)).toThrow(/EIO/);
    const batch = machine.batch();
    batch.read32(0, IDR);
    expect(() => batch.run()).toThrow(/EIO/);
    fault.remove();
    get(PART_SEL);
    expect(seen).toMatchObject([{ access: "read", register: "MPAMCFG_PART_SEL", value: 0 }]);
  });
});

describe("a list of faults", () => {
  test("has those in force, as they were asked for, and nobody changes them", () => {
    const asked = { kind: "register-stuck", msc: 0, register: "MSMON_CSU", value: 1 } as const;
    const first = machine.faults.add(asked);
    const second = machine.faults.add({ kind: "msc-gone", msc: 1, reads: undefined } as unknown as Fault);
    expect(machine.faults.list).toEqual([first, second]);
    expect(machine.faults.list.map(({ fault }) => fault)).toEqual([asked, { kind: "msc-gone", msc: 1 }]);
    expect(() => Object.assign(first.fault, { value: 2 })).toThrow(TypeError);
    first.remove();
    expect(machine.faults.list).toEqual([second]);
  });

  test("is part of a snapshot, with what each has done and will yet do", async () => {
    machine.faults.add({ kind: "write-lost", msc: 0, register: "MPAMCFG_PART_SEL", times: 2 });
    machine.faults.add({ kind: "error-interrupt", msc: 1, everyNs: 1000, times: 3 });
    machine.faults.add({ kind: "register-stuck", msc: 0, register: "MSMON_CSU", value: 6 });
    put(PART_SEL, 1);
    await machine.clock.advance(1500);
    const image = machine.snapshot();
    machine = listen(await Machine.restore(image));
    expect(Buffer.compare(machine.snapshot(), image)).toBe(0);
    expect(machine.faults.list.map(({ fired }) => fired)).toEqual([1, 2, 0]);
    expect(get(CSU)).toBe(6);
    put(PART_SEL, 2);
    put(PART_SEL, 3);
    expect(get(PART_SEL)).toBe(3);
    await machine.clock.advance(10_000);
    expect(heard.map(({ time }) => time)).toEqual([2000]);
    expect(machine.faults.list.map(({ fault }) => fault.kind)).toEqual(["register-stuck"]);
    machine.faults.list[0]?.remove();
    expect(get(CSU)).toBe(0);
  });

  test.each(["open", "closed"] as const)("goes on after a snapshot in a replay in %s timing", async (timing) => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      time: i * 20,
      address: i * 64,
      bytes: 64,
      op: 0,
      requester: 0,
    }));
    const trace = () => new FakeTrace("slow", rows);
    const broken = async () => {
      const one = listen(await powerOn());
      one.addTasks(trace());
      one.write32(0, ECR, 1);
      one.faults.add({ kind: "error-interrupt", msc: 0, code: 4, everyNs: 333, times: 20 });
      one.faults.add({ kind: "error-interrupt", msc: 1, everyNs: 170.5, times: 20 });
      one.faults.add({ kind: "msc-gone", msc: 0, reads: "zeros" });
      return one;
    };
    const rest = async (one: Machine) => {
      const gone = one.faults.list.at(-1);
      one.clock.at(2500, "test", () => gone?.remove());
      await one.resume([trace()], { timing });
      return { state: one.export(), heard: told(), faults: one.faults.list.map(({ fired }) => fired) };
    };
    const whole = await broken();
    await whole.replay([trace()], { timing, until: 1100 });
    const again = await Machine.restore(whole.snapshot());
    const before = heard.length;
    const one = await rest(whole);
    expect(before).toBeGreaterThan(3);
    listen(again);
    const other = await rest(again);
    expect(other.heard).toEqual(one.heard.slice(before));
    expect([other.state, other.faults]).toEqual([one.state, one.faults]);
    expect(Buffer.compare(again.snapshot(), whole.snapshot())).toBe(0);
  });

  test("a fault that was taken away leaves no trace in a snapshot", () => {
    const before = machine.snapshot();
    machine.faults.add({ kind: "msc-gone", msc: 0 }).remove();
    machine.faults.add({ kind: "nrdy-stuck", msc: 0 }).remove();
    expect(Buffer.compare(machine.snapshot(), before)).toBe(0);
  });
});

test.each([
  [undefined, /^EINVAL: fault: this is not an object; .* allowed$/],
  [{}, /fault: kind is undefined; nrdy-stuck, write-lost, .* are allowed/],
  [{ kind: "toString" }, /fault: kind is "toString"; nrdy-stuck/],
  [{ kind: "msc-gone" }, /fault msc-gone: there is no msc; 0 to 1 are allowed/],
  [{ kind: "msc-gone", msc: 2 }, /fault msc-gone: msc is 2; 0 to 1 are allowed/],
  [{ kind: "msc-gone", msc: 0.5 }, /msc is 0.5; 0 to 1 are allowed/],
  [{ kind: "msc-gone", msc: 0, reads: "noise" }, /reads is "noise"; ones, zeros, abort are allowed/],
  [{ kind: "msc-gone", msc: 0, times: 1 }, /fault msc-gone: times is no key; msc, reads are allowed/],
  [{ kind: "nrdy-stuck", msc: 1 }, /fault nrdy-stuck: msc is 1; one with csu or mbwu monitors is allowed/],
  [{ kind: "nrdy-stuck", msc: 0, ris: 1 }, /ris is 1; one with csu or mbwu monitors \(0, 3\) is allowed/],
  [{ kind: "nrdy-stuck", msc: 0, ris: 3, type: "csu" }, /ris is 3; one with csu monitors \(0\) is allowed/],
  [{ kind: "nrdy-stuck", msc: 0, type: "csa" }, /type is "csa"; csu, mbwu are allowed/],
  [{ kind: "nrdy-stuck", msc: 0, mon: 3 }, /mon is 3; 0 to 2 are allowed/],
  [{ kind: "nrdy-stuck", msc: 0, mon: 1, ris: 3 }, /mon is 1; 0 to 0 are allowed/],
  [{ kind: "write-lost", msc: 0 }, /fault write-lost: there is no register; the name of a register, .* is allowed/],
  [{ kind: "write-lost", msc: 0, register: "MPAMCFG_FOO" }, /register is "MPAMCFG_FOO"; the name of a register/],
  [{ kind: "write-lost", msc: 0, register: "MSMON_CSU.NRDY" }, /register is "MSMON_CSU.NRDY"; the name of a register/],
  [{ kind: "write-lost", msc: 0, register: "MSMON_CSU", times: 0 }, /times is 0; a whole number from 1 on is allowed/],
  [{ kind: "register-stuck", msc: 0, register: "MSMON_CSU" }, /there is no value; a word, 0 to 0xffffffff, is allowed/],
  [{ kind: "register-stuck", msc: 0, register: "MSMON_CSU", value: -1 }, /value is -1; a word/],
  [{ kind: "register-stuck", msc: 0, register: "MSMON_CSU", value: 0, mask: 0 }, /mask is 0; a word that is not 0/],
  [{ kind: "error-interrupt", msc: 0, code: 16 }, /code is 16; 0 to 15 are allowed/],
  [{ kind: "error-interrupt", msc: 1, code: 1 }, /code is 1; 0 alone, where an msc has no MPAMF_ESR, is allowed/],
  [{ kind: "error-interrupt", msc: 0, times: 2 }, /there is no everyNs; a number of ns from 1 on is allowed/],
  [{ kind: "error-interrupt", msc: 0, everyNs: 0 }, /everyNs is 0; a number of ns from 1 on is allowed/],
  // Time would not move from one to the next.
  [
    { kind: "error-interrupt", msc: 0, everyNs: 1e-9, times: 1e15 },
    /everyNs is 1e-9; a number of ns from 1 on is allowed/,
  ],
  [
    { kind: "error-interrupt", msc: 0, everyNs: 1e300, times: 2 },
    /everyNs is 1e\+300; a number of ns from 1 on is allowed/,
  ],
  [{ kind: "mailbox", subspace: 0, how: "silent" }, /subspace is 0; none, as this machine has no mailbox, is allowed/],
])("the fault %j is refused in a line, and nothing changes", (fault, words) => {
  const before = machine.snapshot();
  expect(() => machine.faults.add(fault as Fault)).toThrow(
    expect.objectContaining({ code: "EINVAL", message: expect.stringMatching(words) }),
  );
  expect(Buffer.compare(machine.snapshot(), before)).toBe(0);
});
