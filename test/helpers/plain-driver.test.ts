/** The plain driver itself, by cases worked out from linux-driver.md by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IN_RESET_STATE, T241_MBW_MIN } from "../golden/driver-sequences.ts";
import { PlainDriver, type PlainOptions, type PlainPart, type PlainRis, type Request } from "./plain-driver.ts";

const HERE = { msc: 0, ris: 0 };
const BANDWIDTH: Request = { type: "mbwu", mon: 0, partid: 1, pmg: 0, matchPmg: false };
const OCCUPANCY: Request = { ...BANDWIDTH, type: "csu" };
const MINE = { partid: 1, pmg: 0, write: false };

/** Cpus 0 and 1 reach MSC 0, cpus 2 and 3 reach MSC 1. */
function parts(ris: Omit<PlainRis, "ris">, different: Partial<PlainPart> = {}): PlainPart[] {
  const common = { power: "lost", nrdyUsec: 10, ris: [{ ris: 0, ...ris }], ...different } as const;
  return [
    { msc: 0, cpus: [0, 1], ...common },
    { msc: 1, cpus: [2, 3], ...common, nrdyUsec: 30 },
  ];
}

function driver(ris: Omit<PlainRis, "ris">, different: Partial<PlainOptions & PlainPart> = {}): PlainDriver {
  const { counter = 31, partidMax = 3, errata = [], ...part } = different;
  return new PlainDriver(parts(ris, part), { online: [0, 1, 2, 3], partidMax, counter, errata });
}

const MBWU = { mbwu: { monitors: 2, rwbw: true } };

describe("settings", () => {
  test("each control is as it was configured, or at its reset value, in every word", () => {
    const one = driver({ cpbmWd: 40, mbwPbmBits: 33, mbw: { bwaWd: 7, min: true, max: true, prop: true } });
    const reset = { cpbm: [0xffff_ffff, 0xff], mbwPbm: [0xffff_ffff, 1], mbwMin: 0, mbwMax: 0xffff, mbwProp: 0 };
    expect(one.registers(HERE, 2)).toEqual(reset);
    const done = one.apply(2, { cpbm: 0xf_ffff_fff0n, mbwMax: 0x8000 });
    expect(done).toEqual([0, 1].map((msc) => ({ msc, ris: 0, partid: 2 })));
    expect(one.registers(HERE, 2)).toEqual({ ...reset, cpbm: [0xffff_fff0, 0xf], mbwMax: 0x8000 });
    expect(one.registers(HERE, 1)).toEqual(reset);
    expect(one.apply(2, { mbwMax: 0x8000 })).toEqual([]);
    expect(one.apply(1, { cpbm: 2n ** 40n - 1n, mbwMax: 0xfe00 })).toEqual([]);
  });

  test("what is configured comes back with the first cpu, and registers that are lost are as at power-on until then", () => {
    const one = driver({ cpbmWd: 8 });
    one.apply(1, { cpbm: 3n });
    expect(one.offline(0)).toEqual([]);
    expect(one.offline(1)).toHaveLength(4);
    expect(one.registers(HERE, 1)).toBeUndefined();
    expect(one.registers({ msc: 1, ris: 0 }, 1)).toEqual({ cpbm: [3] });
    one.apply(2, { cpbm: 5n });
    expect(one.registers(HERE, 2)).toBeUndefined();
    expect(one.online(1)).toHaveLength(4);
    expect([1, 2].map((partid) => one.registers(HERE, partid))).toEqual([{ cpbm: [3] }, { cpbm: [5] }]);
    expect(one.online(0)).toEqual([]);
  });

  test("where power is kept, registers are at their reset values while nobody is there", () => {
    const one = driver({ cpbmWd: 8 }, { power: "kept" });
    one.apply(1, { cpbm: 3n });
    one.offline(0);
    one.offline(1);
    expect(one.registers(HERE, 1)).toEqual({ cpbm: [0xff] });
  });

  for (const { events, flag } of IN_RESET_STATE) {
    test(`after ${events.join(", ") || "nothing"} the flag is ${flag}`, () => {
      const one = driver({ cpbmWd: 8 });
      one.offline(1);
      for (const event of events) {
        if (event === "apply") one.apply(1, { cpbm: 2n ** BigInt(events.lastIndexOf("apply")) });
        else if (event === "reset") one.resetClass();
        else one[event](0);
      }
      expect(one.inResetState(HERE)).toBe(flag);
    });
  }

  for (const { bwaWd, mbwMax, mbwMin } of T241_MBW_MIN) {
    test(`T241-MPAM-4: ${bwaWd} bits and ${mbwMax ?? "nothing"} give ${mbwMin}`, () => {
      const one = driver({ mbw: { bwaWd, min: true, max: true } }, { errata: ["T241-MPAM-4"] });
      // Something else first, because a value that is the default changes nothing.
      if (mbwMax !== undefined) for (const value of [mbwMax ^ 1, mbwMax]) one.apply(1, { mbwMax: value });
      expect(one.registers(HERE, 1)?.mbwMin).toBe(mbwMin);
    });
  }
});

describe("bandwidth", () => {
  test("begins with the first reading, is the sum of all parts, and knows directions", () => {
    const one = driver(MBWU);
    one.traffic(HERE, { ...MINE, bytes: 1000n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 0n, waitedUsec: 0 });
    one.traffic(HERE, { ...MINE, bytes: 100n });
    one.traffic({ msc: 1, ris: 0 }, { ...MINE, write: true, pmg: 1, bytes: 20n });
    one.traffic(HERE, { ...MINE, partid: 2, bytes: 7n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 120n, waitedUsec: 0 });
    expect(one.read({ ...BANDWIDTH, direction: "writes" })).toEqual({ value: 0n, waitedUsec: 0 });
    one.traffic(HERE, { ...MINE, bytes: 100n });
    one.traffic(HERE, { ...MINE, write: true, bytes: 3n });
    expect(one.read({ ...BANDWIDTH, direction: "writes" })).toEqual({ value: 3n, waitedUsec: 0 });
  });

  test.each([
    { counter: 31, size: 2n ** 31n },
    { counter: 44, size: 2n ** 44n },
    { counter: 63, size: 2n ** 63n },
  ] as const)("one overflow of $counter bits between two readings is seen, the second is not", ({ counter, size }) => {
    const one = driver(MBWU, { counter });
    one.read(BANDWIDTH);
    one.traffic(HERE, { ...MINE, bytes: size + 5n });
    expect(one.read(BANDWIDTH)).toEqual({ value: size + 5n, waitedUsec: 0 });
    one.traffic(HERE, { ...MINE, bytes: 2n * size });
    expect(one.read(BANDWIDTH)).toEqual({ value: 2n * size + 5n, waitedUsec: 0 });
    expect(one.read(BANDWIDTH)).toEqual({ value: 2n * size + 5n, waitedUsec: 0 });
  });

  test("in units of 64 bytes less than one is not seen, and goes when power does", () => {
    const one = driver(MBWU, { errata: ["T241-MPAM-6"] });
    one.read(BANDWIDTH);
    one.traffic(HERE, { ...MINE, bytes: 127n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 64n, waitedUsec: 0 });
    one.traffic(HERE, { ...MINE, bytes: 2n ** 37n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 2n ** 37n + 64n, waitedUsec: 0 });
    for (const cpu of [0, 1]) one.offline(cpu);
    one.online(0);
    one.traffic(HERE, { ...MINE, bytes: 1n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 2n ** 37n + 64n, waitedUsec: 0 });
  });

  test("totals go on across power that was lost, an overflow nobody had seen among them; what passed meanwhile is not in them", () => {
    const one = driver(MBWU);
    one.read(BANDWIDTH);
    one.traffic(HERE, { ...MINE, bytes: 2n ** 31n + 100n });
    for (const cpu of [0, 1]) one.offline(cpu);
    one.traffic(HERE, { ...MINE, bytes: 5000n });
    expect(one.read(BANDWIDTH)).toEqual({ error: "ENXIO", waitedUsec: 0 });
    one.online(1);
    one.traffic(HERE, { ...MINE, bytes: 11n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 2n ** 31n + 111n, waitedUsec: 0 });
  });

  test("a monitor that nobody has read is not restored", () => {
    const one = driver(MBWU);
    for (const cpu of [0, 1]) one.offline(cpu);
    one.online(0);
    one.traffic(HERE, { ...MINE, bytes: 11n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 0n, waitedUsec: 0 });
  });

  test("a reset is done by the next reading, or by the cpu that goes, and forgets overflows and what was saved", () => {
    const one = driver(MBWU);
    one.read(BANDWIDTH);
    one.traffic(HERE, { ...MINE, bytes: 2n ** 31n + 100n });
    one.read(BANDWIDTH);
    one.resetMbwu(0);
    one.traffic(HERE, { ...MINE, bytes: 1n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 0n, waitedUsec: 0 });
    one.traffic(HERE, { ...MINE, bytes: 2n });
    one.resetMbwu(0);
    for (const cpu of [0, 1]) one.offline(cpu);
    one.online(0);
    one.traffic(HERE, { ...MINE, bytes: 4n });
    expect(one.read(BANDWIDTH)).toEqual({ value: 4n, waitedUsec: 0 });
  });
});

describe("a value that is not ready", () => {
  test("is waited for once, as long as the slowest part may take, and then EBUSY", () => {
    const one = driver(MBWU);
    one.read(BANDWIDTH);
    one.traffic(HERE, { ...MINE, bytes: 2n ** 31n + 9n });
    one.notReady(HERE, "mbwu", 0, 1);
    expect(one.read(BANDWIDTH)).toEqual({ value: 2n ** 31n + 9n, waitedUsec: 30 });
    one.notReady(HERE, "mbwu", 0, 2);
    expect(one.read(BANDWIDTH)).toEqual({ error: "EBUSY", waitedUsec: 30 });
    expect(one.read(BANDWIDTH)).toEqual({ value: 2n ** 31n + 9n, waitedUsec: 0 });
  });

  test("is believed after the wait with CMN-650-3642720, for occupancy alone", () => {
    const one = driver({ csu: { monitors: 1, xcl: true }, ...MBWU }, { errata: ["CMN-650-3642720"] });
    one.holds(HERE, [
      { partid: 1, pmg: 0, dirty: true, bytes: 64n },
      { partid: 1, pmg: 1, dirty: false, bytes: 128n },
    ]);
    one.notReady(HERE, "csu", 0, 2);
    expect(one.read(OCCUPANCY)).toEqual({ value: 192n, waitedUsec: 30 });
    expect(one.read({ ...OCCUPANCY, excludeClean: true })).toEqual({ value: 64n, waitedUsec: 0 });
    one.notReady(HERE, "mbwu", 0, 2);
    expect(one.read(BANDWIDTH)).toEqual({ error: "EBUSY", waitedUsec: 30 });
  });

  test("does not hide a part that nobody reaches: the last error comes out", () => {
    const one = driver({ csu: { monitors: 1 } });
    one.notReady(HERE, "csu", 0, 1);
    for (const cpu of [2, 3]) one.offline(cpu);
    expect(one.read(OCCUPANCY)).toEqual({ error: "ENXIO", waitedUsec: 0 });
  });
});

test("readings of one thing never go down, whatever cpus do", () => {
  const step = fc.oneof(
    fc.record({ cpu: fc.nat(3), comes: fc.boolean() }),
    fc.record({ msc: fc.nat(1), bytes: fc.bigInt(0n, 2n ** 31n) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const one = driver(MBWU);
      one.read(BANDWIDTH);
      let [last, passed] = [0n, 0n];
      const there = new Set([0, 1, 2, 3]);
      for (const next of steps) {
        if ("bytes" in next) {
          one.traffic({ msc: next.msc, ris: 0 }, { ...MINE, bytes: next.bytes });
          passed += next.bytes;
        } else if (next.comes) {
          one.online(next.cpu);
          there.add(next.cpu);
        } else if (there.size > 1) {
          one.offline(next.cpu);
          there.delete(next.cpu);
        }
        const found = one.read(BANDWIDTH);
        if ("error" in found) continue;
        expect(found.value).toBeGreaterThanOrEqual(last);
        expect(found.value).toBeLessThanOrEqual(passed);
        last = found.value;
      }
    }),
  );
});
