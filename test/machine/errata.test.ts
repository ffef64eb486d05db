// Defects that parts are known for, seen from registers and traffic: with the erratum the part does wrong, without it not.
// docs/modelled.md, "Errata".

import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject, type Erratum } from "../../src/platform/index.ts";
import { offsetOf, wordOf } from "../golden/registers.ts";
import { FakeTrace, type Row, thread } from "./traces.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MBW_MIN = offsetOf("MPAMCFG_MBW_MIN");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");
const FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");
const MBWU_L = offsetOf("MSMON_MBWU_L");
const MBWU_CAPTURE = offsetOf("MSMON_MBWU_CAPTURE");
const MBWU_L_CAPTURE = offsetOf("MSMON_MBWU_L_CAPTURE");
const CSU = offsetOf("MSMON_CSU");
const CSU_CTL = offsetOf("MSMON_CFG_CSU_CTL");
const CSU_FLT = offsetOf("MSMON_CFG_CSU_FLT");
const CSU_CAPTURE = offsetOf("MSMON_CSU_CAPTURE");
const NRDY = 0x8000_0000;

const control = (fields: Readonly<Record<string, number>> = {}) => wordOf("MSMON_CFG_MBWU_CTL", { EN: 1, ...fields });

/** One channel of 640 bytes, ten lines, a quantum of a microsecond. */
function channel(errata: readonly Erratum[], counter: 31 | 44 | 63 = 63, different: object = {}): Promise<Machine> {
  const platform = checkObject(
    {
      name: "channel",
      cpus: 1,
      processor: { partidMax: 7, pmgMax: 1, outstanding: 16 },
      memory: [
        {
          bytes: "1 MiB",
          bytesPerSecond: 640e6,
          msc: {
            base: 0x1_0000_0000,
            overflowInterrupt: 7,
            captEvents: [1],
            errata,
            mbw: { bwaWd: 8, min: true },
            mbwu: { monitors: 1, counter, capture: true, oflowCapt: true },
            ...different,
          },
        },
      ],
    },
    "channel",
  );
  return Machine.create(platform);
}

/** `count` reads of so many bytes, each in a line of its own. */
function reads(count: number, bytes = 64): FakeTrace {
  const rows: Row[] = Array.from({ length: count }, (_, i) => ({
    time: 0,
    address: i * 64,
    bytes,
    op: 0,
    requester: 0,
  }));
  return new FakeTrace(`${count} of ${bytes}`, rows, { requesters: [thread(1, { cpu: 0 })] });
}

describe("T241-MPAM-6", () => {
  test.each([31, 44, 63] as const)(
    "a %i-bit monitor counts units of 64 bytes, and keeps what is less",
    async (counter) => {
      const machine = await channel(["T241-MPAM-6"], counter);
      machine.write32(0, CTL, control());
      const shown = () => [machine.read32(0, MBWU), machine.read64(0, MBWU_L)];
      const long = (units: number) => (counter === 31 ? 0n : BigInt(units));
      await machine.replay([reads(10)]);
      expect(shown()).toEqual([10, long(10)]);
      // 40 bytes each: 40, 80, 120, 160, 200 beyond ten units.
      for (const units of [10, 11, 11, 12, 13]) {
        await machine.replay([reads(1, 40)]);
        expect(shown()).toEqual([units, long(units)]);
      }
    },
  );

  test("without it monitors count bytes", async () => {
    const machine = await channel([]);
    machine.write32(0, CTL, control());
    await machine.replay([reads(10)]);
    expect([machine.read32(0, MBWU), machine.read64(0, MBWU_L)]).toEqual([640, 640n]);
  });

  test.each([
    [31, 0x7fff_ffffn, "OFLOW_INTR"],
    [44, 0xfff_ffff_ffffn, "OFLOW_INTR_L"],
    [63, 0x7fff_ffff_ffff_ffffn, "OFLOW_INTR_L"],
  ] as const)(
    "a window of %i bits wraps after so many units, at the very record, and keeps the rest",
    async (bits, most, intr) => {
      const machine = await channel(["T241-MPAM-6"], bits);
      const records: unknown[] = [];
      machine.onInterrupt(({ level, record }) => level === 1 && records.push(record));
      machine.write32(0, CTL, control({ [intr]: 1 }));
      const put = (value: bigint) =>
        bits === 31 ? machine.write32(0, MBWU, Number(value)) : machine.write64(0, MBWU_L, value);
      const get = () => (bits === 31 ? BigInt(machine.read32(0, MBWU)) : machine.read64(0, MBWU_L));
      put(most - 1n);
      // 120 bytes are one unit and 56 over: the largest number there is.
      await machine.replay([reads(3, 40)]);
      expect([get(), records]).toEqual([most, []]);
      // The first of 7 bytes does not fill the unit, the second does; of the others 6 + 5 * 7 stay.
      await machine.replay([reads(7, 7)]);
      expect([get(), records]).toEqual([0n, [1]]);
      await machine.replay([reads(1, 22)]);
      expect(get()).toBe(0n);
      await machine.replay([reads(1, 1)]);
      expect(get()).toBe(1n);
    },
  );

  test("a written value is units, and nothing less than one is left over in its window", async () => {
    const machine = await channel(["T241-MPAM-6"]);
    machine.write32(0, CTL, control());
    await machine.replay([reads(1, 40)]);
    machine.write32(0, MBWU, 1000);
    await machine.replay([reads(1, 40)]);
    // The long window was not written: 80 bytes.
    expect([machine.read32(0, MBWU), machine.read64(0, MBWU_L)]).toEqual([1000, 1n]);
    machine.write32(0, MBWU_L, 7);
    await machine.replay([reads(1, 40)]);
    expect([machine.read32(0, MBWU), machine.read64(0, MBWU_L)]).toEqual([1001, 7n]);
    machine.write32(0, MBWU_L + 4, 1);
    await machine.replay([reads(1, 63)]);
    expect(machine.read64(0, MBWU_L)).toBe(0x1_0000_0007n);
  });

  test("captures show units; with CAPT_RESET nothing is left over", async () => {
    const machine = await channel(["T241-MPAM-6"]);
    machine.write32(0, CTL, control({ CAPT_EVNT: 1, CAPT_RESET: 1 }));
    await machine.replay([reads(5, 60)]);
    machine.capture(0, 1);
    expect([machine.read32(0, MBWU_CAPTURE), machine.read64(0, MBWU_L_CAPTURE)]).toEqual([4, 4n]);
    // 300 bytes were four units and 44.
    await machine.replay([reads(1, 63)]);
    expect([machine.read32(0, MBWU), machine.read64(0, MBWU_L)]).toEqual([0, 0n]);
  });

  test("a filter that changes, a pause and a frozen window lose no part of a unit", async () => {
    const machine = await channel(["T241-MPAM-6"]);
    machine.write32(0, CTL, control());
    await machine.replay([reads(1, 40)]);
    machine.write32(0, FLT, 0);
    machine.write32(0, CTL, 0);
    await machine.replay([reads(9, 40)]);
    machine.write32(0, CTL, control());
    await machine.replay([reads(1, 24)]);
    expect([machine.read32(0, MBWU), machine.read64(0, MBWU_L)]).toEqual([1, 1n]);
  });

  test("what is less than a unit is part of a snapshot", async () => {
    const machine = await channel(["T241-MPAM-6"]);
    machine.write32(0, CTL, control());
    await machine.replay([reads(1, 40)]);
    const again = await Machine.restore(machine.snapshot());
    await again.replay([reads(1, 24)]);
    expect([again.read32(0, MBWU), again.read64(0, MBWU_L)]).toEqual([1, 1n]);
  });
});

describe("T241-MPAM-4", () => {
  /** Bytes that one thread of PARTID 1, which always wants more, gets in 100 quanta. */
  async function served(
    errata: readonly Erratum[],
    { min, max, maxLim }: { min?: number; max?: number; maxLim?: "soft" | "hard" },
  ): Promise<number> {
    const mbw = { bwaWd: 8, min: true, ...(maxLim ? { maxLim } : {}) };
    const machine = await channel(errata, 63, { mbw });
    const trace = reads(3000);
    machine.addTasks(trace);
    machine.processor.setTaskLabel(1, { partidD: 1, partidI: 1, pmgD: 0, pmgI: 0 });
    machine.write32(0, PART_SEL, 1);
    if (min !== undefined) machine.write32(0, MBW_MIN, min);
    if (max !== undefined) machine.write32(0, MBW_MAX, max);
    await machine.replay([trace], { timing: "closed", until: 100_000 });
    return machine.statistics().find(({ partid }) => partid === 1)?.bytesRead ?? 0;
  }
  const HARD = 0x8000_0000;

  test("MBW_MIN is the most that a partition gets", async () => {
    // 64 of 256 parts of 640 bytes: 160 a quantum, in a hundred of them 250 lines.
    expect(await served(["T241-MPAM-4"], { min: 0x3f00 })).toBe(16_000);
    expect(await served([], { min: 0x3f00 })).toBe(64_000);
  });

  test("even where limits are soft", async () => {
    expect(await served(["T241-MPAM-4"], { min: 0x7f00, maxLim: "soft" })).toBe(32_000);
    expect(await served([], { min: 0x7f00, maxLim: "soft" })).toBe(64_000);
  });

  test("all ones, what it holds at power-on, limits nothing", async () => {
    expect(await served(["T241-MPAM-4"], {})).toBe(64_000);
    expect(await served(["T241-MPAM-4"], { min: 0xff00 })).toBe(64_000);
    // One step less: 255 of 256 are 637.5 bytes a quantum, 63,750 in all: 996 lines.
    expect(await served(["T241-MPAM-4"], { min: 0xfe00 })).toBe(996 * 64);
  });

  test("0 leaves a step, so that nothing stands still", async () => {
    // 2.5 bytes a quantum: 250 bytes are three lines.
    expect(await served(["T241-MPAM-4"], { min: 0 })).toBe(192);
  });

  test("MBW_MAX and HARDLIM limit nothing, and read back", async () => {
    const max = (HARD | 0x3f00) >>> 0;
    expect(await served(["T241-MPAM-4"], { max })).toBe(64_000);
    expect(await served([], { max })).toBe(16_000);
    const machine = await channel(["T241-MPAM-4"]);
    machine.write32(0, MBW_MAX, max);
    machine.write32(0, MBW_MIN, 0x1200);
    expect([machine.read32(0, MBW_MAX), machine.read32(0, MBW_MIN)]).toEqual([max, 0x1200]);
  });
});

describe("CMN-650-3642720", () => {
  /** Hardware owns NRDY of RIS 0, and software that of RIS 1. */
  function cache(errata: readonly Erratum[]): Promise<Machine> {
    const platform = checkObject(
      {
        name: "cache",
        cpus: 1,
        processor: { partidMax: 7, pmgMax: 1 },
        caches: [
          {
            ...{ level: 3, bytes: 64 * 64, ways: 4 },
            msc: {
              ...{ base: 0x1_0000_0000, nrdyUsec: 5, captEvents: [2], errata },
              ris: [
                { ris: 0, csu: { monitors: 2, capture: true } },
                { ris: 1, csu: { monitors: 1, nrdy: "sw" } },
              ],
            },
          },
        ],
        memory: [{ bytes: "1 GiB", bytesPerSecond: 1e9 }],
      },
      "cache",
    );
    return Machine.create(platform);
  }
  const ctl = wordOf("MSMON_CFG_CSU_CTL", { EN: 1, CAPT_EVNT: 2 });

  test("a CSU monitor that is enabled never becomes ready, and its value is right all the same", async () => {
    const machine = await cache(["CMN-650-3642720"]);
    machine.write32(0, CSU_CTL, ctl);
    await machine.clock.advance(1_000_000);
    expect(machine.read32(0, CSU)).toBe(NRDY);
    await machine.replay([reads(3)]);
    expect(machine.read32(0, CSU)).toBe(NRDY + 3 * 64);
    machine.write32(0, CSU_FLT, 0);
    await machine.clock.advance(1_000_000);
    expect(machine.read32(0, CSU)).toBe(NRDY + 3 * 64);
  });

  test("without it, it is ready when its time has passed", async () => {
    const machine = await cache([]);
    machine.write32(0, CSU_CTL, ctl);
    expect(machine.read32(0, CSU)).toBe(NRDY);
    await machine.clock.advance(5000);
    expect(machine.read32(0, CSU)).toBe(0);
  });

  test("a monitor that is not enabled is ready", async () => {
    const machine = await cache(["CMN-650-3642720"]);
    expect(machine.read32(0, CSU)).toBe(0);
    machine.write32(0, CSU_CTL, ctl);
    machine.write32(0, CSU_CTL, 0);
    await machine.clock.advance(5000);
    expect(machine.read32(0, CSU)).toBe(0);
  });

  test("a capture has NRDY as it was, and leaves it", async () => {
    const machine = await cache(["CMN-650-3642720"]);
    await machine.replay([reads(2)]);
    machine.write32(0, CSU_CTL, ctl);
    await machine.clock.advance(10_000);
    machine.capture(0, 2);
    expect(machine.read32(0, CSU_CAPTURE)).toBe(NRDY + 128);
    expect(machine.read32(0, CSU)).toBe(NRDY + 128);
  });

  test("NRDY that software owns is what software writes", async () => {
    const machine = await cache(["CMN-650-3642720"]);
    machine.write32(0, offsetOf("MSMON_CFG_MON_SEL"), wordOf("MSMON_CFG_MON_SEL", { RIS: 1 }));
    machine.write32(0, CSU_CTL, wordOf("MSMON_CFG_CSU_CTL", { EN: 1 }));
    expect(machine.read32(0, CSU)).toBe(0);
    machine.write32(0, CSU, NRDY);
    expect(machine.read32(0, CSU)).toBe(NRDY);
  });
});
