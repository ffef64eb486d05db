/** Who hears of overflows: the wire, messages of each bank, and the registers that sum statuses up. */
import { describe, expect, test } from "vitest";
import { fieldOf } from "../golden/registers.ts";
import { get, monSel, put } from "../helpers/registers.ts";
import {
  cacheConfig,
  type MscSubject,
  memoryConfig,
  range,
  reads,
  type Space,
  type SubjectConfig,
} from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const SPACES = ["ns", "s", "rt", "rl"] as const;
const limits = { partidMax: 15, pmgMax: 1 };
const LARGEST = 0x7fff_ffff;

const channel = (different: Partial<SubjectConfig> = {}): SubjectConfig =>
  memoryConfig({
    spaces: { ns: limits, s: limits, rt: limits, rl: limits },
    oflwMsi: true,
    oflowSr: true,
    captEvents: [1],
    ris: [
      { ris: 0, mbw: { bwaWd: 4 }, mbwu: { monitors: 70, counter: 44, ofsr: true, cevntOflw: true, capture: true } },
      { ris: 2, mbwu: { monitors: 2, counter: 31, ofsr: true } },
    ],
    ...different,
  });

function aim(msc: MscSubject, space: Space, n: number): void {
  put(msc, "MSMON_OFLOW_MSI_MPAM", { PARTID: 0xff00 + n, PMG: 0xa0 + n }, space);
  put(msc, "MSMON_OFLOW_MSI_ADDR_L", 0xffff_f004 + 8 * n, space);
  put(msc, "MSMON_OFLOW_MSI_ADDR_H", { MSI_ADDR_H: n }, space);
  put(msc, "MSMON_OFLOW_MSI_DATA", 0xffff_fff0 + n, space);
  put(msc, "MSMON_OFLOW_MSI_ATTR", { MSIEN: 1, MSI_MEMATTR: 4 + n, MSI_SH: n }, space);
}

const aimed = (n: number): object => ({
  address: n * 2 ** 32 + 0xffff_f004 + 8 * n,
  data: 0xffff_fff0 + n,
  memattr: 4 + n,
  shareability: n,
  partid: 0xff00 + n,
  pmg: 0xa0 + n,
});

/** Enables a monitor so that it overflows after `left` bytes more. */
function arm(
  msc: MscSubject,
  mon: number,
  left: number,
  fields: Readonly<Record<string, number>>,
  ris = 0,
  space: Space = "ns",
): void {
  monSel(msc, mon, ris, space);
  put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, ...fields }, space);
  put(msc, "MSMON_MBWU", LARGEST - left + 1, space);
}

const TEN = reads(range(0, 10));

describe.each(factories)("overflows told by the $name", ({ create }) => {
  test("the wire is up while a status and its enable are set, whichever came first", async () => {
    const msc = await create(channel());
    arm(msc, 0, 64, {});
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([]);
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_STATUS: 1, OFLOW_INTR: 1 });
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1 }]);
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_STATUS: 1, OFLOW_INTR_L: 1 });
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 0 }]);
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 0, OFLOW_STATUS_L: 1, OFLOW_INTR_L: 1 });
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1 }]);
  });

  test("all banks and instances share the wire", async () => {
    const msc = await create(channel());
    for (const [requester, space] of SPACES.entries()) {
      msc.setLabel(requester, "all", { space, partid: 1, pmg: 0 });
      arm(msc, 1, 64, { OFLOW_INTR: 1 }, 2, space);
    }
    msc.run(range(0, 4).flatMap((requester) => reads([1, 2], requester)));
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
    for (const space of ["ns", "rt", "rl"] as const) put(msc, "MSMON_MBWU", 0, space);
    expect(msc.interrupts()).toEqual([]);
    put(msc, "MSMON_MBWU", 0, "s");
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 0 }]);
  });

  test("with MSIEN an overflow is a message of its own bank in place of the wire", async () => {
    const msc = await create(channel());
    for (const [n, space] of SPACES.entries()) {
      msc.setLabel(n, "all", { space, partid: 1, pmg: 0 });
      aim(msc, space, n);
      arm(msc, 5, 64 * n + 64, { OFLOW_INTR: 1 }, 0, space);
    }
    for (const [n, space] of SPACES.entries()) {
      msc.run(reads(range(0, 10), n));
      expect(msc.interrupts()).toEqual([
        { kind: "overflow", level: 1, delivery: "msi", space, count: 1, record: n, msi: aimed(n) },
      ]);
    }
  });

  test("a bank that sends messages does not hold the wire, and switching them off raises it", async () => {
    const msc = await create(channel());
    aim(msc, "ns", 1);
    arm(msc, 0, 64, { OFLOW_INTR: 1 });
    msc.run(TEN);
    expect(msc.interrupts()).toMatchObject([{ delivery: "msi" }]);
    put(msc, "MSMON_OFLOW_MSI_ATTR", { MSIEN: 0 });
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1 }]);
    put(msc, "MSMON_OFLOW_MSI_ATTR", { MSIEN: 1 });
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 0 }]);
  });

  test("messages of one bank gather, the first giving the record", async () => {
    const msc = await create(channel());
    aim(msc, "ns", 2);
    arm(msc, 0, 128, { OFLOW_INTR: 1 });
    arm(msc, 69, 64, { OFLOW_INTR: 1 });
    arm(msc, 1, 640, { OFLOW_INTR: 1 }, 2);
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([
      { kind: "overflow", level: 1, delivery: "msi", space: "ns", count: 3, record: 0, msi: aimed(2) },
    ]);
  });

  test("only a status that was clear, with its own enable, sends a message", async () => {
    const msc = await create(channel());
    aim(msc, "ns", 3);
    arm(msc, 0, 64, { OFLOW_INTR_L: 1 });
    arm(msc, 1, 64, { OFLOW_INTR: 1 });
    msc.run(TEN);
    expect(msc.interrupts()).toMatchObject([{ delivery: "msi", count: 1 }]);
    put(msc, "MSMON_MBWU", LARGEST);
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_INTR: 1, OFLOW_STATUS: 1 });
    msc.interrupts();
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([]);
  });

  test("without a wire there are messages only, and with neither no enable", async () => {
    const messages = await create(channel({ noHwOflwIntr: true }));
    arm(messages, 0, 64, { OFLOW_INTR: 1 });
    messages.run(TEN);
    expect(messages.interrupts()).toEqual([]);
    aim(messages, "ns", 1);
    arm(messages, 0, 64, { OFLOW_INTR: 1 });
    messages.run(TEN);
    expect(messages.interrupts()).toMatchObject([{ delivery: "msi", count: 1 }]);
    const nothing = await create(channel({ noHwOflwIntr: true, oflwMsi: false }));
    arm(nothing, 0, 64, { OFLOW_INTR: 1, OFLOW_INTR_L: 1 });
    expect(get(nothing, "MSMON_CFG_MBWU_CTL")).toBe(0x8000_0042);
    nothing.run(TEN);
    expect(get(nothing, "MSMON_CFG_MBWU_CTL")).toBe(0x8400_0042);
    expect(nothing.interrupts()).toEqual([]);
  });

  test("MSMON_MBWU_OFSR shows 32 monitors from the selected one rounded down, long statuses too", async () => {
    const msc = await create(channel());
    for (const [mon, fields] of [
      [0, { OFLOW_STATUS: 1 }],
      [31, { OFLOW_STATUS_L: 1 }],
      [32, { OFLOW_STATUS: 1, OFLOW_STATUS_L: 1 }],
      [45, { OFLOW_STATUS: 1 }],
      [69, { OFLOW_STATUS_L: 1 }],
    ] as const) {
      monSel(msc, mon);
      put(msc, "MSMON_CFG_MBWU_CTL", fields);
    }
    const seen = (): number[] =>
      [0, 17, 31, 32, 63, 64, 69].map((mon) => {
        monSel(msc, mon);
        put(msc, "MSMON_MBWU_OFSR", 0);
        return get(msc, "MSMON_MBWU_OFSR");
      });
    expect(seen()).toEqual([0x8000_0001, 0x8000_0001, 0x8000_0001, 0x2001, 0x2001, 0x20, 0x20]);
    monSel(msc, 45);
    put(msc, "MSMON_CFG_MBWU_CTL", 0);
    monSel(msc, 0);
    put(msc, "MSMON_MBWU", 0);
    expect(seen()).toEqual([0x8000_0000, 0x8000_0000, 0x8000_0000, 1, 1, 0x20, 0x20]);
    monSel(msc, 0, 2);
    expect(get(msc, "MSMON_MBWU_OFSR")).toBe(0);
    expect(get(msc, "MSMON_MBWU_OFSR", "s")).toBe(0);
  });

  test("MSMON_CSU_OFSR shows the storage monitors that an event overflowed", async () => {
    const csu = { monitors: 40, capture: true, cevntOflw: true, ofsr: true };
    const msc = await create(cacheConfig({ captEvents: [1], ris: [{ ris: 0, cpor: { cpbmWd: 4 }, csu }] }));
    for (const mon of [3, 39]) {
      monSel(msc, mon);
      put(msc, "MSMON_CFG_CSU_CTL", { EN: 1, CEVNT_OFLW: 1, CAPT_EVNT: 1 });
    }
    expect(get(msc, "MSMON_CSU_OFSR")).toBe(0);
    msc.capture(1);
    expect(get(msc, "MSMON_CSU_OFSR")).toBe(0x80);
    monSel(msc, 0);
    expect(get(msc, "MSMON_CSU_OFSR")).toBe(0x08);
  });

  test("MSMON_OFLOW_SR says in which instances and of which type a status is set, in its bank", async () => {
    const all = { capture: true, cevntOflw: true };
    const msc = await create(
      cacheConfig({
        oflowSr: true,
        captEvents: [1],
        ris: [
          { ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 2, ...all } },
          { ris: 5, mbwu: { monitors: 2, counter: 63 } },
          { ris: 15, csu: { monitors: 1, ...all }, mbwu: { monitors: 1, counter: 31 } },
        ],
      }),
    );
    const summary = (space: Space = "ns"): number[] =>
      ["CSU_OFLOW_PND", "MBWU_OFLOW_PND", "RIS_PND"].map((field) =>
        fieldOf("MSMON_OFLOW_SR", field, get(msc, "MSMON_OFLOW_SR", space)),
      );
    expect(summary()).toEqual([0, 0, 0]);
    monSel(msc, 1, 5);
    put(msc, "MSMON_CFG_MBWU_CTL", { OFLOW_STATUS_L: 1 });
    expect(summary()).toEqual([0, 1, 0x20]);
    monSel(msc, 0, 15);
    put(msc, "MSMON_CFG_CSU_CTL", { CEVNT_OFLW: 1, CAPT_EVNT: 1 });
    msc.capture(1);
    expect(summary()).toEqual([1, 1, 0x8020]);
    put(msc, "MSMON_CFG_MBWU_CTL", { OFLOW_STATUS: 1 });
    put(msc, "MSMON_CFG_CSU_CTL", 0);
    expect(summary()).toEqual([0, 1, 0x8020]);
    monSel(msc, 1, 5);
    msc.write32(0x0880, 0); // the long value; it clears its status
    monSel(msc, 0, 0);
    expect(summary()).toEqual([0, 1, 0x8000]);
    expect(summary("s")).toEqual([0, 0, 0]);
    put(msc, "MSMON_OFLOW_SR", 0);
    expect(get(msc, "MSMON_OFLOW_SR")).toBe(0x4000_8000);
  });
});
