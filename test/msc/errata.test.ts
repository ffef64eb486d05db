/** Defects that an MSC has by itself, and registers that are lost with its power (docs/modelled.md, "Errata"; docs/firmware.md). */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { get, monSel, NOTHING, partSel, put, single, syndrome, toldOf } from "../helpers/registers.ts";
import {
  cacheConfig,
  type MscSubject,
  memoryConfig,
  reads,
  type SubjectConfig,
  type SubjectRecord,
  writes,
} from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const LONG = offsetOf("MSMON_MBWU_L");
const NRDY = 2 ** 31;

function bytes(...sizes: readonly number[]): SubjectRecord[] {
  return sizes.map((size, line) => ({ line, requester: 0, op: 0, bytes: size }));
}

describe.each(factories)("T241-MPAM-6 of the $name", ({ create }) => {
  const counting = async (counter: 31 | 44 | 63): Promise<MscSubject> => {
    const one = await create(
      memoryConfig({
        errata: ["T241-MPAM-6"],
        captEvents: [1],
        ris: [{ ris: 0, mbwu: { monitors: 2, counter, capture: true } }],
      }),
    );
    put(one, "MSMON_CFG_MBWU_CTL", {
      EN: 1,
      CAPT_EVNT: 1,
      OFLOW_INTR: 1,
      ...(counter > 31 ? { OFLOW_INTR_L: 1 } : {}),
    });
    one.interrupts();
    return one;
  };

  test("what is counted are 64 bytes, and less than that is kept for the next", async () => {
    const one = await counting(63);
    one.run(bytes(63));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([0, 0n]);
    one.run(bytes(1));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([1, 1n]);
    one.run(bytes(64, 33, 32, 62, 1));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([4, 4n]);
  });

  test("a value that is written is units, and leaves nothing less than a unit over, in its own window", async () => {
    const one = await counting(44);
    one.run(bytes(63));
    put(one, "MSMON_MBWU", 100);
    one.run(bytes(1));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([100, 1n]);
    one.run(bytes(60));
    one.write32(LONG + 4, 0x800);
    one.run(bytes(4));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([101, 0x800_0000_0001n]);
    one.run(bytes(59));
    expect(one.read64(LONG)).toBe(0x800_0000_0001n);
    one.run(bytes(1));
    expect(one.read64(LONG)).toBe(0x800_0000_0002n);
  });

  test.each([
    [44, 0xfff],
    [63, 0x7fff_ffff],
  ] as const)("both windows wrap at so many units, the long one of %i bits", async (counter, high) => {
    const one = await counting(counter);
    put(one, "MSMON_MBWU", 0x7fff_ffff);
    one.write64(LONG, (BigInt(high) << 32n) | 0xffff_fffen);
    one.run(bytes(63));
    expect([get(one, "MSMON_MBWU"), toldOf("overflow", one.interrupts())]).toEqual([0x7fff_ffff, []]);
    one.run(bytes(1));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([0, (BigInt(high) << 32n) | 0xffff_ffffn]);
    expect(toldOf("overflow", one.interrupts())).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
    one.run(bytes(64));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([1, 0n]);
    const control = get(one, "MSMON_CFG_MBWU_CTL");
    expect([(control >>> 26) & 1, (control >>> 15) & 1]).toEqual([1, 1]);
  });

  test("a capture has whole units, and with CAPT_RESET nothing is left over", async () => {
    const one = await counting(44);
    put(one, "MSMON_CFG_MBWU_CTL", { EN: 1, CAPT_EVNT: 1, CAPT_RESET: 1 });
    one.run(bytes(64, 64, 63));
    one.capture(1);
    expect([get(one, "MSMON_MBWU_CAPTURE"), one.read64(offsetOf("MSMON_MBWU_L_CAPTURE"))]).toEqual([2, 2n]);
    one.run(bytes(63));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([0, 0n]);
  });
});

describe.each(factories)("CMN-650-3642720 of the $name", ({ create }) => {
  const occupied = async (different: Partial<SubjectConfig> = {}): Promise<MscSubject> => {
    const one = await create(
      cacheConfig({
        errata: ["CMN-650-3642720"],
        nrdyUsec: 10,
        captEvents: [1],
        ris: [
          { ris: 0, csu: { monitors: 2, nrdy: "hw", capture: true }, mbwu: { monitors: 1, counter: 44, nrdy: "hw" } },
          { ris: 1, csu: { monitors: 1, nrdy: "sw" } },
        ],
        ...different,
      }),
    );
    one.run(reads([1, 2, 3]));
    return one;
  };

  test.each([0, 10])("an enabled monitor is never ready, and VALUE is right: %i us", async (nrdyUsec) => {
    const one = await occupied({ nrdyUsec });
    put(one, "MSMON_CFG_CSU_CTL", { EN: 1, CAPT_EVNT: 1 });
    one.advance(1e9);
    expect(get(one, "MSMON_CSU")).toBe(NRDY + 192);
    one.run(reads([4]));
    expect(get(one, "MSMON_CSU")).toBe(NRDY + 256);
    one.capture(1);
    expect([get(one, "MSMON_CSU_CAPTURE"), get(one, "MSMON_CSU")]).toEqual([NRDY + 256, NRDY + 256]);
  });

  test("one that is not enabled is ready in time", async () => {
    const one = await occupied();
    expect(get(one, "MSMON_CSU")).toBe(0);
    put(one, "MSMON_CFG_CSU_CTL", { EN: 1 });
    put(one, "MSMON_CFG_CSU_CTL", { EN: 0 });
    expect(get(one, "MSMON_CSU")).toBe(NRDY + 192);
    one.advance(10_000);
    expect(get(one, "MSMON_CSU")).toBe(192);
  });

  test("bandwidth monitors, and those whose NRDY is software's, have it as always", async () => {
    const one = await occupied();
    put(one, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    expect(get(one, "MSMON_MBWU") >>> 31).toBe(1);
    one.advance(10_000);
    expect(get(one, "MSMON_MBWU") >>> 31).toBe(0);
    monSel(one, 0, 1);
    put(one, "MSMON_CFG_CSU_CTL", { EN: 1 });
    expect(get(one, "MSMON_CSU")).toBe(192);
  });
});

describe.each(factories)("registers of the $name that are lost", ({ create }) => {
  /** Undefined where the subject cannot lose them yet. */
  const losing = async (different: Partial<SubjectConfig> = {}) => {
    const one = await create(cacheConfig(different));
    return one.reset === undefined ? undefined : { one, lose: one.reset.bind(one) };
  };

  test("settings, selectors and monitors are as at power-on", async () => {
    const found = await losing({ resetFill: 0x1234_5678 });
    if (found === undefined) return;
    const { one, lose } = found;
    const look = (partid: number) => {
      partSel(one, { PARTID_SEL: partid });
      return [get(one, "MPAMCFG_CPBM"), get(one, "MPAMCFG_CMAX")];
    };
    const before = [0, 3].map(look);
    partSel(one, { PARTID_SEL: 3 });
    put(one, "MPAMCFG_CPBM", 0xf0);
    put(one, "MPAMCFG_CMAX", 0);
    monSel(one, 2);
    put(one, "MSMON_CFG_MBWU_FLT", 3);
    put(one, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    one.run(reads([1, 2]));
    expect(get(one, "MSMON_MBWU")).toBe(128);
    lose();
    expect([get(one, "MPAMCFG_PART_SEL"), get(one, "MSMON_CFG_MON_SEL")]).toEqual([0, 0]);
    expect([0, 3].map(look)).toEqual(before);
    monSel(one, 2);
    expect([get(one, "MSMON_CFG_MBWU_FLT"), get(one, "MSMON_CFG_MBWU_CTL")]).toEqual([0, 0x42]);
    one.run(reads([3, 4]));
    expect([get(one, "MSMON_MBWU"), one.read64(LONG)]).toEqual([0, 0n]);
  });

  test("an error is forgotten, its wire falls, and traffic raises nothing", async () => {
    const found = await losing({ spaces: { ns: { partidMax: 3, pmgMax: 0 } } });
    if (found === undefined) return;
    const { one, lose } = found;
    put(one, "MPAMF_ECR", 1);
    one.setLabel(0, "all", { space: "ns", partid: 9, pmg: 0 });
    one.run(reads([1]));
    expect(syndrome(one)).toEqual(single(2, 9));
    expect(one.interrupts()).toEqual([{ kind: "error", level: 1, record: 0 }]);
    lose();
    expect(one.interrupts()).toEqual([{ kind: "error", level: 0 }]);
    expect([syndrome(one), get(one, "MPAMF_ECR")]).toEqual([NOTHING, 0]);
    one.run(reads([2]));
    expect(one.interrupts()).toEqual([]);
  });

  test("lines stay, dirty or not, with their labels, and a monitor that is configured again finds them", async () => {
    const found = await losing();
    if (found === undefined) return;
    const { one, lose } = found;
    one.setLabel(0, "all", { space: "ns", partid: 5, pmg: 1 });
    one.run([...reads([1, 2]), ...writes([3])]);
    const before = one.lines();
    lose();
    expect(one.lines()).toEqual(before);
    expect(one.occupancy()).toEqual([{ space: "ns", partid: 5, pmg: 1, lines: 3 }]);
    put(one, "MSMON_CFG_CSU_FLT", 5);
    put(one, "MSMON_CFG_CSU_CTL", { EN: 1, MATCH_PARTID: 1 });
    expect(get(one, "MSMON_CSU")).toBe(192);
  });

  test("a limit that was written acts on traffic no longer", async () => {
    const found = await losing();
    if (found === undefined) return;
    const { one, lose } = found;
    put(one, "MPAMCFG_CPBM", 0);
    one.run(reads([1]));
    expect(one.lines()).toEqual([]);
    lose();
    one.run(reads([1]));
    expect(one.lines()).toHaveLength(1);
  });
});
