/** Capture: by external, local and linked events and by a monitor's own overflow; what is copied, what is zeroed, and whom an event reaches. */
import { describe, expect, test } from "vitest";
import { offsetOf, wordOf } from "../golden/registers.ts";
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
const four = { ns: limits, s: limits, rt: limits, rl: limits };
const all = { capture: true, oflowLnkg: true, cevntOflw: true, oflowCapt: true };
const NRDY = 0x8000_0000;
const LARGEST = 0x7fff_ffff;
const LONG = 0xfff_ffff_ffffn;

/** A channel with 44-bit counters that can do everything, and the events 1, 3 and local. */
const channel = (different: Partial<SubjectConfig> = {}, more: object = {}): SubjectConfig =>
  memoryConfig({
    captEvents: [1, 3],
    localCaptEvnt: true,
    ris: [{ ris: 0, mbw: { bwaWd: 4 }, mbwu: { monitors: 4, counter: 44, ...all, ...more } }],
    ...different,
  });

function control(msc: MscSubject, fields: Readonly<Record<string, number>>, space: Space = "ns"): void {
  put(msc, "MSMON_CFG_MBWU_CTL", fields, space);
}

const bitsOf = (msc: MscSubject, space: Space = "ns"): number => get(msc, "MSMON_CFG_MBWU_CTL", space);
const long = (msc: MscSubject, space: Space = "ns"): bigint => msc.read64(offsetOf("MSMON_MBWU_L"), space);
const setLong = (msc: MscSubject, value: bigint): void => msc.write64(offsetOf("MSMON_MBWU_L"), value);
const captured = (msc: MscSubject, space: Space = "ns"): [number, bigint] => [
  get(msc, "MSMON_MBWU_CAPTURE", space),
  msc.read64(offsetOf("MSMON_MBWU_L_CAPTURE"), space),
];
const word = (fields: Readonly<Record<string, number>>): number =>
  wordOf("MSMON_CFG_MBWU_CTL", { TYPE: 0x42, EN: 1, ...fields });

describe.each(factories)("capture in the $name", ({ create }) => {
  test("capture registers are storage, of the width of their counter", async () => {
    const msc = await create(channel());
    put(msc, "MSMON_MBWU_CAPTURE", 0xdead_beef);
    msc.write64(offsetOf("MSMON_MBWU_L_CAPTURE"), 0xffff_ffff_1234_5678n);
    expect(captured(msc)).toEqual([0xdead_beef, 0x8000_0fff_1234_5678n]);
    expect([get(msc, "MSMON_MBWU"), long(msc)]).toEqual([0, 0n]);
  });

  test("an external event copies both sizes of the monitors that wait for it, and they count on", async () => {
    const msc = await create(channel());
    for (const [mon, event] of [1, 3, 0, 1].entries()) {
      monSel(msc, mon);
      control(msc, { EN: 1, CAPT_EVNT: event });
    }
    msc.run(reads([1, 2]));
    monSel(msc, 3);
    setLong(msc, 77n);
    msc.capture(1);
    msc.run(reads([3]));
    const seen = range(0, 4).map((mon) => {
      monSel(msc, mon);
      return [...captured(msc), get(msc, "MSMON_MBWU"), long(msc)];
    });
    expect(seen).toEqual([
      [128, 128n, 192, 192n],
      [0, 0n, 192, 192n],
      [0, 0n, 192, 192n],
      [128, 77n, 192, 141n],
    ]);
  });

  test("an event that does not exist may be waited for and never comes", async () => {
    const msc = await create(channel());
    control(msc, { EN: 1, CAPT_EVNT: 2 });
    msc.run(reads([1]));
    for (const event of range(1, 6)) msc.capture(event);
    expect(bitsOf(msc)).toBe(word({ CAPT_EVNT: 2 }));
    expect(captured(msc)).toEqual([0, 0n]);
  });

  test("an external event reaches every bank and every instance", async () => {
    const mbwu = { monitors: 1, counter: 31, capture: true } as const;
    const ris = [
      { ris: 0, mbw: { bwaWd: 4 }, mbwu },
      { ris: 3, mbwu },
    ] as const;
    const msc = await create(channel({ spaces: four, ris }));
    const where = SPACES.flatMap((space) => [0, 3].map((instance) => ({ space, instance })));
    for (const { space, instance } of where) {
      monSel(msc, 0, instance, space);
      control(msc, { EN: 1, CAPT_EVNT: 3 }, space);
    }
    for (const [requester, space] of SPACES.entries()) msc.setLabel(requester, "all", { space, partid: 1, pmg: 0 });
    for (const requester of range(0, 4)) msc.run(reads(range(0, requester + 1), requester));
    msc.capture(3);
    const seen = where.map(({ space, instance }) => {
      monSel(msc, 0, instance, space);
      return get(msc, "MSMON_MBWU_CAPTURE", space);
    });
    expect(seen).toEqual([64, 64, 128, 128, 192, 192, 256, 256]);
  });

  test("CAPT_RESET zeroes both sizes after the copy", async () => {
    const msc = await create(channel());
    control(msc, { EN: 1, CAPT_EVNT: 1, CAPT_RESET: 1, OFLOW_STATUS: 1 });
    msc.run(reads([1, 2, 3]));
    msc.capture(1);
    expect([...captured(msc), get(msc, "MSMON_MBWU"), long(msc)]).toEqual([192, 192n, 0, 0n]);
    expect(bitsOf(msc)).toBe(word({ CAPT_EVNT: 1, CAPT_RESET: 1, OFLOW_STATUS: 1 })); // it clears no status
    msc.run(reads([1]));
    msc.capture(1);
    expect([...captured(msc), get(msc, "MSMON_MBWU")]).toEqual([64, 64n, 0]);
  });

  test("a monitor that is disabled or frozen is copied too", async () => {
    const msc = await create(channel());
    control(msc, { EN: 0, CAPT_EVNT: 1 });
    put(msc, "MSMON_MBWU", 1234);
    monSel(msc, 1);
    control(msc, { EN: 1, CAPT_EVNT: 1, OFLOW_FRZ: 1 });
    put(msc, "MSMON_MBWU", LARGEST);
    msc.run(reads([1, 2]));
    msc.capture(1);
    expect(captured(msc)).toEqual([63, 64n]);
    monSel(msc, 0);
    expect(captured(msc)).toEqual([1234, 0n]);
  });

  test("the not-ready bit is copied and then cleared, of each size for itself", async () => {
    const msc = await create(channel());
    control(msc, { EN: 0, CAPT_EVNT: 1 });
    put(msc, "MSMON_MBWU", NRDY + 5);
    setLong(msc, 6n);
    msc.capture(1);
    expect([...captured(msc), get(msc, "MSMON_MBWU"), long(msc)]).toEqual([NRDY + 5, 6n, 5, 6n]);
    setLong(msc, 0x8000_0000_0000_0007n);
    msc.capture(1);
    expect([...captured(msc), get(msc, "MSMON_MBWU"), long(msc)]).toEqual([5, 0x8000_0000_0000_0007n, 5, 7n]);
  });

  test("the not-ready bit of hardware is copied and then cleared", async () => {
    const msc = await create(channel({ nrdyUsec: 10 }, { nrdy: "hw" }));
    control(msc, { EN: 1, CAPT_EVNT: 1 });
    msc.capture(1);
    expect([...captured(msc), get(msc, "MSMON_MBWU"), long(msc)]).toEqual([NRDY, 2n ** 63n, 0, 0n]);
  });

  test.each([
    ["ns", 0, ["ns"]],
    ["ns", 1, ["ns"]],
    ["s", 0, ["s"]],
    ["s", 1, ["ns", "s"]],
    ["rl", 0, ["rl"]],
    ["rl", 1, ["ns", "rl"]],
    ["rt", 0, ["rt"]],
    ["rt", 1, ["ns", "s", "rt", "rl"]],
  ] as const)("a local event of bank %s with ALL=%i reaches %j", async (from, ALL, reached) => {
    const msc = await create(channel({ spaces: four }));
    for (const [n, space] of SPACES.entries()) {
      control(msc, { CAPT_EVNT: 7 }, space);
      put(msc, "MSMON_MBWU", n + 1, space);
    }
    put(msc, "MSMON_CAPT_EVNT", { NOW: 1, ALL }, from);
    const seen = SPACES.filter((space) => get(msc, "MSMON_MBWU_CAPTURE", space) !== 0);
    expect(seen).toEqual(reached);
    expect(get(msc, "MSMON_CAPT_EVNT", from)).toBe(0);
  });

  test("a local event needs NOW, its existence, and monitors that wait for it", async () => {
    const msc = await create(channel());
    control(msc, { CAPT_EVNT: 7 });
    put(msc, "MSMON_MBWU", 5);
    monSel(msc, 1);
    control(msc, { CAPT_EVNT: 1 });
    put(msc, "MSMON_MBWU", 6);
    put(msc, "MSMON_CAPT_EVNT", { NOW: 0, ALL: 1 });
    monSel(msc, 0);
    expect(captured(msc)[0]).toBe(0);
    put(msc, "MSMON_CAPT_EVNT", { NOW: 1 });
    expect(captured(msc)[0]).toBe(5);
    monSel(msc, 1);
    expect(captured(msc)[0]).toBe(0);
    const without = await create(channel({ localCaptEvnt: false }));
    control(without, { CAPT_EVNT: 7 });
    put(without, "MSMON_MBWU", 5);
    put(without, "MSMON_CAPT_EVNT", { NOW: 1 });
    expect(captured(without)[0]).toBe(0);
  });

  test("an own overflow copies the size that wrapped, after it wrapped, if told to", async () => {
    const msc = await create(channel());
    for (const [mon, fields] of [
      { OFLOW_CAPT: 1 },
      { OFLOW_CAPT_L: 1 },
      {},
      { OFLOW_CAPT: 1, CAPT_RESET: 1 },
    ].entries()) {
      monSel(msc, mon);
      control(msc, { EN: 1, ...fields });
      put(msc, "MSMON_MBWU", LARGEST);
      setLong(msc, LONG - 100n);
    }
    msc.run(reads([1, 2, 3])); // the short ones wrap at the first record, the long ones at the second
    const seen = range(0, 4).map((mon) => {
      monSel(msc, mon);
      return [...captured(msc), get(msc, "MSMON_MBWU"), long(msc)];
    });
    expect(seen).toEqual([
      [63, 0n, 191, 91n],
      [0, 27n, 191, 91n],
      [0, 0n, 191, 91n],
      [63, 0n, 128, 91n],
    ]);
  });

  test("an own overflow that captures and freezes holds what it captured", async () => {
    const msc = await create(channel());
    control(msc, { EN: 1, OFLOW_CAPT: 1, OFLOW_FRZ: 1, CAPT_RESET: 1 });
    put(msc, "MSMON_MBWU", LARGEST);
    msc.run(reads([1, 2, 3]));
    expect([...captured(msc), get(msc, "MSMON_MBWU"), long(msc)]).toEqual([63, 0n, 0, 64n]);
    expect(bitsOf(msc)).toBe(word({ OFLOW_CAPT: 1, OFLOW_FRZ: 1, CAPT_RESET: 1, OFLOW_STATUS: 1 }));
  });

  /** Monitor 0 overflows at the second record of three and raises `event`; monitors 1 and 2 wait for 1 and 3. */
  const linked = async (fields: Readonly<Record<string, number>>): Promise<number[]> => {
    const msc = await create(channel());
    control(msc, { EN: 1, ...fields });
    put(msc, "MSMON_MBWU", LARGEST - 64);
    for (const [mon, event] of [
      [1, 1],
      [2, 3],
    ] as const) {
      monSel(msc, mon);
      control(msc, { EN: 1, CAPT_EVNT: event });
    }
    msc.run(reads([1, 2, 3]));
    return [1, 2].map((mon) => {
      monSel(msc, mon);
      return captured(msc)[0];
    });
  };

  test("an overflow raises the event it is linked to, after all monitors counted the record", async () => {
    expect(await linked({ OFLOW_INTR: 1, OFLOW_LNKG: 3 })).toEqual([0, 128]);
    expect(await linked({ OFLOW_INTR: 1, OFLOW_LNKG: 1 })).toEqual([128, 0]);
  });

  test("a link needs the interrupt enable, an event that exists, and a status that was clear", async () => {
    expect(await linked({ OFLOW_INTR: 1, OFLOW_LNKG: 0 })).toEqual([0, 0]);
    expect(await linked({ OFLOW_INTR: 0, OFLOW_LNKG: 3 })).toEqual([0, 0]);
    expect(await linked({ OFLOW_INTR_L: 1, OFLOW_LNKG: 3 })).toEqual([0, 0]);
    expect(await linked({ OFLOW_INTR: 1, OFLOW_LNKG: 2 })).toEqual([0, 0]);
    expect(await linked({ OFLOW_INTR: 1, OFLOW_LNKG: 7 })).toEqual([0, 0]);
  });

  test("a status that is set already raises no event again", async () => {
    const msc = await create(channel());
    control(msc, { EN: 1, OFLOW_INTR: 1, OFLOW_LNKG: 3 });
    put(msc, "MSMON_MBWU", LARGEST);
    control(msc, { EN: 1, OFLOW_INTR: 1, OFLOW_LNKG: 3, OFLOW_STATUS: 1 });
    monSel(msc, 1);
    control(msc, { EN: 1, CAPT_EVNT: 3 });
    msc.run(reads([1]));
    expect(captured(msc)[0]).toBe(0);
  });

  test("a linked event stays in its space, and reaches both monitor types", async () => {
    const msc = await create(
      cacheConfig({
        captEvents: [5],
        ris: [
          {
            ris: 0,
            cpor: { cpbmWd: 4 },
            csu: { monitors: 1, capture: true },
            mbwu: { monitors: 1, counter: 31, ...all },
          },
        ],
      }),
    );
    for (const space of ["ns", "s"] as const) put(msc, "MSMON_CFG_CSU_CTL", { EN: 1, CAPT_EVNT: 5 }, space);
    msc.setLabel(1, "all", { space: "s", partid: 1, pmg: 0 });
    msc.run([...reads([1, 2, 3]), ...reads([10, 11], 1)]);
    control(msc, { EN: 1, OFLOW_INTR: 1, OFLOW_LNKG: 5 });
    put(msc, "MSMON_MBWU", LARGEST);
    msc.run(reads([4, 5]));
    expect([get(msc, "MSMON_CSU_CAPTURE"), get(msc, "MSMON_CSU_CAPTURE", "s")]).toEqual([256, 0]);
    expect(get(msc, "MSMON_CSU")).toBe(320);
    msc.capture(5);
    expect([get(msc, "MSMON_CSU_CAPTURE"), get(msc, "MSMON_CSU_CAPTURE", "s")]).toEqual([320, 128]);
  });

  test("of several events raised by one record a monitor takes part once", async () => {
    const msc = await create(channel());
    for (const mon of [0, 1]) {
      monSel(msc, mon);
      control(msc, { EN: 1, OFLOW_INTR: 1, OFLOW_LNKG: 3 });
      put(msc, "MSMON_MBWU", LARGEST);
    }
    monSel(msc, 2);
    control(msc, { EN: 1, CAPT_EVNT: 3, CAPT_RESET: 1 });
    put(msc, "MSMON_MBWU", 1000);
    msc.run(reads([1]));
    expect([captured(msc)[0], get(msc, "MSMON_MBWU")]).toEqual([1064, 0]);
  });

  test("with CEVNT_OFLW an event is an overflow of both sizes and copies nothing by itself", async () => {
    const msc = await create(channel());
    control(msc, { EN: 1, CEVNT_OFLW: 1, CAPT_EVNT: 1, CAPT_RESET: 1, OFLOW_INTR: 1, OFLOW_INTR_L: 1 });
    msc.run(reads([1]));
    msc.capture(1);
    const statuses = { OFLOW_STATUS: 1, OFLOW_STATUS_L: 1 };
    const kept = { CEVNT_OFLW: 1, CAPT_EVNT: 1, CAPT_RESET: 1, OFLOW_INTR: 1, OFLOW_INTR_L: 1 };
    expect(bitsOf(msc)).toBe(word({ ...kept, ...statuses }));
    expect([...captured(msc), get(msc, "MSMON_MBWU"), long(msc)]).toEqual([0, 0n, 64, 64n]);
    msc.run(reads([1]));
    expect(get(msc, "MSMON_MBWU")).toBe(128);
  });

  test("with CEVNT_OFLW an event freezes, copies and zeroes as an overflow is told to, each size for itself", async () => {
    const msc = await create(channel());
    control(msc, { EN: 1, CEVNT_OFLW: 1, CAPT_EVNT: 1, OFLOW_CAPT: 1, CAPT_RESET: 1, OFLOW_FRZ: 1 });
    monSel(msc, 1);
    control(msc, { EN: 1, CEVNT_OFLW: 1, CAPT_EVNT: 1, OFLOW_CAPT_L: 1, CAPT_RESET: 1 });
    msc.run(reads([1]));
    msc.capture(1);
    msc.run(reads([2]));
    expect([...captured(msc), get(msc, "MSMON_MBWU"), long(msc)]).toEqual([0, 64n, 128, 64n]);
    monSel(msc, 0);
    expect([...captured(msc), get(msc, "MSMON_MBWU"), long(msc)]).toEqual([64, 0n, 0, 64n]);
  });

  test("an overflow made by an event interrupts nobody and links to nothing", async () => {
    const msc = await create(channel({ noHwOflwIntr: true, oflwMsi: true }));
    put(msc, "MSMON_OFLOW_MSI_ATTR", { MSIEN: 1 });
    control(msc, { EN: 1, CEVNT_OFLW: 1, CAPT_EVNT: 1, OFLOW_INTR: 1, OFLOW_INTR_L: 1, OFLOW_LNKG: 3 });
    monSel(msc, 1);
    control(msc, { EN: 1, CAPT_EVNT: 3 });
    msc.run(reads([1]));
    msc.capture(1);
    expect(captured(msc)).toEqual([0, 0n]);
    expect(msc.interrupts()).toEqual([]);
  });

  test("of a 31-bit counter an event sets the short status only", async () => {
    const msc = await create(channel({}, { counter: 31 }));
    control(msc, { EN: 1, CEVNT_OFLW: 1, CAPT_EVNT: 1 });
    msc.capture(1);
    expect(bitsOf(msc)).toBe(word({ CEVNT_OFLW: 1, CAPT_EVNT: 1, OFLOW_STATUS: 1 }));
  });

  test("storage monitors are captured, never zeroed, and frozen only by an event", async () => {
    const csu = { monitors: 2, capture: true, cevntOflw: true, oflowCapt: true };
    const msc = await create(cacheConfig({ captEvents: [1], ris: [{ ris: 0, cpor: { cpbmWd: 4 }, csu }] }));
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1, CAPT_EVNT: 1, CAPT_RESET: 1, OFLOW_INTR: 1 });
    expect(get(msc, "MSMON_CFG_CSU_CTL")).toBe(wordOf("MSMON_CFG_CSU_CTL", { TYPE: 0x43, EN: 1, CAPT_EVNT: 1 }));
    monSel(msc, 1);
    const fields = { EN: 1, CAPT_EVNT: 1, CEVNT_OFLW: 1, OFLOW_FRZ: 1, OFLOW_CAPT: 1 };
    put(msc, "MSMON_CFG_CSU_CTL", fields);
    msc.run(reads([1, 2, 3]));
    msc.capture(1);
    msc.run(reads([4]));
    expect(get(msc, "MSMON_CFG_CSU_CTL")).toBe(wordOf("MSMON_CFG_CSU_CTL", { TYPE: 0x43, ...fields, OFLOW_STATUS: 1 }));
    expect([get(msc, "MSMON_CSU_CAPTURE"), get(msc, "MSMON_CSU")]).toEqual([192, 192]);
    put(msc, "MSMON_CSU", 0);
    expect(get(msc, "MSMON_CFG_CSU_CTL")).toBe(wordOf("MSMON_CFG_CSU_CTL", { TYPE: 0x43, ...fields }));
    expect(get(msc, "MSMON_CSU")).toBe(256);
    monSel(msc, 0);
    expect([get(msc, "MSMON_CSU_CAPTURE"), get(msc, "MSMON_CSU")]).toEqual([192, 256]);
  });
});
