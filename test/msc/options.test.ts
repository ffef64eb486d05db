/** What an MSC may do one way or another: statuses that a write of the value clears, and what thaws a frozen number. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { get, put } from "../helpers/registers.ts";
import { cacheConfig, type MscSubject, memoryConfig, range, reads, type SubjectConfig } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const STATUS = 0x0400_0000;
const STATUS_L = 0x0000_8000;
const LARGEST = 0x7fff_ffff;
const TEN = reads(range(0, 10));

const channel = (different: Partial<SubjectConfig> = {}, mbwu: object = {}): SubjectConfig =>
  memoryConfig({
    ris: [{ ris: 0, mbw: { bwaWd: 4 }, mbwu: { monitors: 1, counter: 44, ...mbwu } }],
    ...different,
  });

const statuses = (msc: MscSubject): number => get(msc, "MSMON_CFG_MBWU_CTL") & (STATUS | STATUS_L);

/** What is left of both statuses after a write of the short value, and after one of the long one too. */
async function leftOver(msc: MscSubject): Promise<number[]> {
  put(msc, "MSMON_CFG_MBWU_CTL", { OFLOW_STATUS: 1, OFLOW_STATUS_L: 1 });
  put(msc, "MSMON_MBWU", 5);
  const short = statuses(msc);
  msc.write64(offsetOf("MSMON_MBWU_L"), 5n);
  return [short, statuses(msc)];
}

describe.each(factories)("options of the $name", ({ create }) => {
  test("a write of a value always clears its status, unless that is made to depend", async () => {
    for (const different of [{}, { valueClearsStatus: "always" } as const]) {
      for (const mbwu of [{}, { oflowLnkg: true }, { capture: true, cevntOflw: true }]) {
        expect(await leftOver(await create(channel(different, mbwu)))).toEqual([STATUS_L, 0]);
      }
    }
  });

  test("made to depend it clears only where the type has linkage or events that overflow", async () => {
    const valueClearsStatus = "conditional";
    expect(await leftOver(await create(channel({ valueClearsStatus })))).toEqual([
      STATUS | STATUS_L,
      STATUS | STATUS_L,
    ]);
    for (const mbwu of [{ oflowLnkg: true }, { capture: true, cevntOflw: true }]) {
      expect(await leftOver(await create(channel({ valueClearsStatus }, mbwu)))).toEqual([STATUS_L, 0]);
    }
  });

  test("made to depend it goes by the type of the monitor, not by the other type", async () => {
    const ris = [
      {
        ris: 0,
        cpor: { cpbmWd: 4 },
        csu: { monitors: 1, capture: true, cevntOflw: true },
        mbwu: { monitors: 1, counter: 44 },
      },
    ] as const;
    const msc = await create(cacheConfig({ valueClearsStatus: "conditional", ris }));
    expect(await leftOver(msc)).toEqual([STATUS | STATUS_L, STATUS | STATUS_L]);
    put(msc, "MSMON_CFG_CSU_CTL", { OFLOW_STATUS: 1 });
    put(msc, "MSMON_CSU", 0);
    expect(get(msc, "MSMON_CFG_CSU_CTL")).toBe(0x43);
  });

  test("a status that stays keeps the wire up", async () => {
    const msc = await create(channel({ valueClearsStatus: "conditional" }));
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_INTR: 1 });
    put(msc, "MSMON_MBWU", LARGEST);
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
    put(msc, "MSMON_MBWU", 0);
    expect(msc.interrupts()).toEqual([]);
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_INTR: 1 });
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 0 }]);
  });

  /** A frozen number: 63 after the first of ten records. */
  const frozen = async (different: Partial<SubjectConfig>): Promise<MscSubject> => {
    const msc = await create(channel(different));
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_FRZ: 1 });
    put(msc, "MSMON_MBWU", LARGEST);
    msc.run(TEN);
    expect(get(msc, "MSMON_MBWU")).toBe(63);
    return msc;
  };

  test("only a write of the value thaws a number, unless CTL may too", async () => {
    for (const different of [{}, { unfreeze: "value" } as const]) {
      const msc = await frozen(different);
      put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
      msc.run(TEN);
      expect(get(msc, "MSMON_MBWU")).toBe(63);
      put(msc, "MSMON_MBWU", 63);
      msc.run(TEN);
      expect(get(msc, "MSMON_MBWU")).toBe(703);
    }
  });

  test("where CTL may thaw, a write of it without OFLOW_FRZ thaws both sizes, and one with it neither (ACS 305)", async () => {
    const msc = await frozen({ unfreeze: "value-or-frz" });
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_FRZ: 1 });
    msc.run(TEN);
    expect([get(msc, "MSMON_MBWU"), msc.read64(offsetOf("MSMON_MBWU_L"))]).toEqual([63, 64n]);
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    msc.run(TEN);
    expect([get(msc, "MSMON_MBWU"), msc.read64(offsetOf("MSMON_MBWU_L"))]).toEqual([703, 704n]);
  });

  test("where CTL may thaw, the value still does", async () => {
    const msc = await frozen({ unfreeze: "value-or-frz" });
    put(msc, "MSMON_MBWU", 0);
    msc.run(TEN);
    expect([get(msc, "MSMON_MBWU"), msc.read64(offsetOf("MSMON_MBWU_L"))]).toEqual([640, 64n]);
  });

  test("a storage monitor that an event froze is thawed in the same ways", async () => {
    const csu = { monitors: 1, capture: true, cevntOflw: true };
    for (const [unfreeze, after] of [
      ["value", 64],
      ["value-or-frz", 128],
    ] as const) {
      const msc = await create(cacheConfig({ unfreeze, captEvents: [1], ris: [{ ris: 0, cpor: { cpbmWd: 4 }, csu }] }));
      put(msc, "MSMON_CFG_CSU_CTL", { EN: 1, CEVNT_OFLW: 1, CAPT_EVNT: 1, OFLOW_FRZ: 1 });
      msc.run(reads([1]));
      msc.capture(1);
      msc.run(reads([2]));
      expect(get(msc, "MSMON_CSU")).toBe(64);
      put(msc, "MSMON_CFG_CSU_CTL", { EN: 1, CEVNT_OFLW: 1, CAPT_EVNT: 1 });
      expect(get(msc, "MSMON_CSU")).toBe(after);
    }
  });

  test("counters that cannot match by PARTID or PMG count whatever else matches", async () => {
    for (const [mbwu, ctl, bytes] of [
      [{ noMatchPartid: true }, 0x8002_0042, 128],
      [{ noMatchPmg: true }, 0x8001_0042, 192],
    ] as const) {
      const msc = await create(channel({}, mbwu));
      msc.setLabel(1, "all", { space: "ns", partid: 1, pmg: 0 });
      msc.setLabel(2, "all", { space: "ns", partid: 1, pmg: 1 });
      msc.setLabel(3, "all", { space: "ns", partid: 2, pmg: 1 });
      put(msc, "MSMON_CFG_MBWU_FLT", { PARTID: 1, PMG: 1 });
      put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, MATCH_PARTID: 1, MATCH_PMG: 1 });
      expect(get(msc, "MSMON_CFG_MBWU_CTL")).toBe(ctl);
      msc.run([...reads([1, 2], 1), ...reads([3], 2), ...reads([4], 3)]);
      expect(get(msc, "MSMON_MBWU")).toBe(bytes);
    }
  });
});
