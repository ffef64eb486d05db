/**
 * When a selector is checked: the stimuli of the register reference's 9.2, each with its outcome in each of the three modes
 * (docs/modelled.md, "Selectors and errors"). What is the same in all of them is said once for all.
 */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { clearEsr, get, monSel, NOTHING, partSel, put, single, syndrome } from "../helpers/registers.ts";
import { cacheConfig, type MscSubject, reads, type SubjectConfig, select } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const MODES = ["lazy", "reject", "acs"] as const;
type Mode = (typeof MODES)[number];

/** RIS 0: portions, 4 CSU and 2 MBWU monitors; RIS 1: not there; RIS 2: capacity only; RIS 3: portions, one CSU monitor. */
const sparse = (selectorCheck: Mode, different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({
    selectorCheck,
    ris: [
      { ris: 0, cpor: { cpbmWd: 16 }, csu: { monitors: 4 }, mbwu: { monitors: 2, counter: 44, rwbw: true } },
      { ris: 2, ccap: { cmaxWd: 8 } },
      { ris: 3, cpor: { cpbmWd: 4 }, csu: { monitors: 1 } },
    ],
    ...different,
  });

const narrow = { partidNrw: { intPartidMax: 7 } };

/** The same register read twice by software that looks whether it took. */
function readsBack(msc: MscSubject, register: string): number {
  get(msc, register);
  return get(msc, register);
}

describe.each(factories)("selectors of the $name", ({ create }) => {
  describe("checked when used", () => {
    const fresh = (different: Partial<SubjectConfig> = {}): Promise<MscSubject> => create(sparse("lazy", different));

    test("a PARTID out of range is stored and is an error at each use (ACS 201)", async () => {
      const msc = await fresh();
      partSel(msc, { PARTID_SEL: 32 });
      expect(readsBack(msc, "MPAMCFG_PART_SEL")).toBe(32);
      expect(syndrome(msc)).toEqual(NOTHING);
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0);
      expect(syndrome(msc)).toEqual(single(1, 32));
      put(msc, "MPAMCFG_CPBM", 1);
      expect(syndrome(msc)).toEqual(single(1, 32, { ovrwr: 1 }));
      partSel(msc, { PARTID_SEL: 31 });
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0xffff);
    });

    test("a monitor index out of range is stored, and writing a filter there is error 5 and not 3 (ACS 203, 205)", async () => {
      const msc = await fresh();
      monSel(msc, 4 + 2 - 1);
      expect(readsBack(msc, "MSMON_CFG_MON_SEL")).toBe(5);
      expect(syndrome(msc)).toEqual(NOTHING);
      put(msc, "MSMON_CFG_CSU_FLT", 32);
      expect(syndrome(msc)).toEqual(single(5, 5));
      monSel(msc, 4 + 2 + 1);
      expect(get(msc, "MSMON_CFG_MON_SEL")).toBe(7);
      expect(syndrome(msc)).toEqual(single(5, 5));
      expect(get(msc, "MSMON_MBWU")).toBe(0);
      expect(syndrome(msc)).toEqual(single(5, 7, { ovrwr: 1 }));
    });

    test("an instance above the largest is stored and is an error at each use (ACS 208, 210, 216)", async () => {
      const msc = await fresh();
      partSel(msc, { RIS: 4, PARTID_SEL: 2 });
      monSel(msc, 1, 5);
      expect(readsBack(msc, "MPAMCFG_PART_SEL")).toBe(select(4, 2));
      expect(readsBack(msc, "MSMON_CFG_MON_SEL")).toBe(select(5, 1));
      expect(syndrome(msc)).toEqual(NOTHING);
      expect(get(msc, "MPAMCFG_CMAX")).toBe(0);
      expect(syndrome(msc)).toEqual(single(8, 2, { ris: 4 }));
      expect(get(msc, "MSMON_CFG_MBWU_FLT")).toBe(0);
      expect(syndrome(msc)).toEqual(single(10, 1, { ris: 5, ovrwr: 1 }));
    });

    test("identification under an instance above the largest tells nothing and is no error (ACS 215)", async () => {
      const msc = await fresh();
      partSel(msc, { RIS: 4 });
      expect(msc.read64(offsetOf("MPAMF_IDR")) & 0x7dc1_ef00_0000n).toBe(0n);
      expect(get(msc, "MPAMF_CPOR_IDR")).toBe(0);
      expect(syndrome(msc)).toEqual(NOTHING);
    });

    test("the first error is alone, the second overwrites it (ACS 217)", async () => {
      const msc = await fresh();
      partSel(msc, { PARTID_SEL: 40 });
      get(msc, "MPAMCFG_CPBM");
      expect(syndrome(msc)).toEqual(single(1, 40));
      put(msc, "MSMON_CFG_CSU_FLT", 0x0002_0021);
      expect(syndrome(msc)).toEqual(single(3, 0x21, { pmg: 2, ovrwr: 1 }));
    });

    test("an intPARTID out of range is stored and is error 6 at each use", async () => {
      const msc = await fresh(narrow);
      partSel(msc, { PARTID_SEL: 8, INTERNAL: 1 });
      expect(syndrome(msc)).toEqual(NOTHING);
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0);
      expect(syndrome(msc)).toEqual(single(6, 8));
      get(msc, "MPAMCFG_CPBM");
      expect(syndrome(msc)).toEqual(single(6, 8, { ovrwr: 1 }));
    });
  });

  describe("checked and refused when written", () => {
    const fresh = (different: Partial<SubjectConfig> = {}): Promise<MscSubject> => create(sparse("reject", different));

    test("a PARTID out of range is an error and changes nothing (ACS 201)", async () => {
      const msc = await fresh();
      partSel(msc, { PARTID_SEL: 3, RIS: 3 });
      put(msc, "MPAMCFG_CPBM", 5);
      partSel(msc, { PARTID_SEL: 32 });
      expect(syndrome(msc)).toEqual(single(1, 32));
      expect(readsBack(msc, "MPAMCFG_PART_SEL")).toBe(select(3, 3));
      expect(get(msc, "MPAMCFG_CPBM")).toBe(5);
      expect(syndrome(msc)).toEqual(single(1, 32));
    });

    test("a monitor index out of range is an error and leaves a monitor selected that a filter error is told of (ACS 203, 205)", async () => {
      const msc = await fresh();
      monSel(msc, 3);
      monSel(msc, 4 + 2 - 1);
      expect(syndrome(msc)).toEqual(single(5, 5));
      expect(readsBack(msc, "MSMON_CFG_MON_SEL")).toBe(3);
      clearEsr(msc);
      put(msc, "MSMON_CFG_CSU_FLT", 32);
      expect(syndrome(msc)).toEqual(single(3, 32));
      monSel(msc, 4 + 2 + 1);
      expect(syndrome(msc)).toEqual(single(5, 7, { ovrwr: 1 }));
      expect(get(msc, "MSMON_CFG_CSU_FLT")).toBe(32);
    });

    test("with an index refused the instance is refused too", async () => {
      const msc = await fresh();
      monSel(msc, 1, 3);
      expect(syndrome(msc)).toEqual(single(5, 1, { ris: 3 }));
      expect(get(msc, "MSMON_CFG_MON_SEL")).toBe(0);
    });

    test("an instance above the largest is an error and changes nothing (ACS 208, 210, 216)", async () => {
      const msc = await fresh();
      partSel(msc, { RIS: 3, PARTID_SEL: 1 });
      partSel(msc, { RIS: 4, PARTID_SEL: 2 });
      expect(syndrome(msc)).toEqual(single(8, 2, { ris: 4 }));
      expect(readsBack(msc, "MPAMCFG_PART_SEL")).toBe(select(3, 1));
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0xf);
      expect(syndrome(msc)).toEqual(single(8, 2, { ris: 4 }));
      clearEsr(msc);
      monSel(msc, 1, 5);
      expect(syndrome(msc)).toEqual(single(10, 1, { ris: 5 }));
      expect(readsBack(msc, "MSMON_CFG_MON_SEL")).toBe(0);
      expect(get(msc, "MSMON_CFG_CSU_CTL")).toBe(0x43);
      expect(syndrome(msc)).toEqual(single(10, 1, { ris: 5 }));
    });

    test("an instance missing below the largest is an error too, and changes nothing", async () => {
      const msc = await fresh();
      partSel(msc, { RIS: 1, PARTID_SEL: 6 });
      expect(syndrome(msc)).toEqual(single(8, 6, { ris: 1 }));
      expect(get(msc, "MPAMCFG_PART_SEL")).toBe(0);
      clearEsr(msc);
      monSel(msc, 0, 1);
      expect(syndrome(msc)).toEqual(single(10, 0, { ris: 1 }));
      expect(get(msc, "MSMON_CFG_MON_SEL")).toBe(0);
    });

    test("identification stays that of the instance selected before (ACS 215)", async () => {
      const msc = await fresh();
      const before = msc.read64(offsetOf("MPAMF_IDR"));
      partSel(msc, { RIS: 4 });
      clearEsr(msc);
      expect(msc.read64(offsetOf("MPAMF_IDR"))).toBe(before);
      expect(syndrome(msc)).toEqual(NOTHING);
    });

    test("the first error is alone, the second overwrites it (ACS 217)", async () => {
      const msc = await fresh();
      partSel(msc, { PARTID_SEL: 40 });
      expect(syndrome(msc)).toEqual(single(1, 40));
      put(msc, "MSMON_CFG_CSU_FLT", 33);
      expect(syndrome(msc)).toEqual(single(3, 33, { ovrwr: 1 }));
    });

    test("an intPARTID out of range is error 6 and changes nothing", async () => {
      const msc = await fresh(narrow);
      partSel(msc, { PARTID_SEL: 7, INTERNAL: 1 });
      partSel(msc, { PARTID_SEL: 8, INTERNAL: 1 });
      expect(syndrome(msc)).toEqual(single(6, 8));
      expect(get(msc, "MPAMCFG_PART_SEL")).toBe(0x0001_0007);
    });

    test("a selector that reset left bad is an error at each use", async () => {
      const msc = await fresh({ ris: [{ ris: 2, cpor: { cpbmWd: 8 }, csu: { monitors: 1 } }] });
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0);
      expect(syndrome(msc)).toEqual(single(8, 0));
      get(msc, "MPAMCFG_CPBM");
      expect(syndrome(msc)).toEqual(single(8, 0, { ovrwr: 1 }));
      clearEsr(msc);
      expect(get(msc, "MSMON_CFG_CSU_CTL")).toBe(0);
      expect(syndrome(msc)).toEqual(single(10, 0));
    });
  });

  describe("checked when written, and stored", () => {
    const fresh = (different: Partial<SubjectConfig> = {}): Promise<MscSubject> => create(sparse("acs", different));

    test("is what happens when nothing is said", async () => {
      const { selectorCheck: _, ...silent } = sparse("acs");
      const msc = await create(silent);
      partSel(msc, { PARTID_SEL: 32 });
      expect(syndrome(msc)).toEqual(single(1, 32));
      expect(get(msc, "MPAMCFG_PART_SEL")).toBe(32);
    });

    test("a PARTID out of range is an error once, and its settings read 0 (ACS 201)", async () => {
      const msc = await fresh();
      partSel(msc, { PARTID_SEL: 32 });
      expect(syndrome(msc)).toEqual(single(1, 32));
      expect(readsBack(msc, "MPAMCFG_PART_SEL")).toBe(32);
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0);
      put(msc, "MPAMCFG_CPBM", 1);
      expect(syndrome(msc)).toEqual(single(1, 32));
    });

    test("an error of another kind at a use is told all the same", async () => {
      const msc = await fresh();
      partSel(msc, { PARTID_SEL: 32, RIS: 2 });
      expect(syndrome(msc)).toEqual(single(1, 32, { ris: 2 }));
      get(msc, "MPAMCFG_CPBM"); // which RIS 2 lacks
      expect(syndrome(msc)).toEqual(single(9, 32, { ris: 2, ovrwr: 1 }));
    });

    test("with narrowing a control wants INTERNAL whatever the write has told", async () => {
      const msc = await fresh(narrow);
      partSel(msc, { PARTID_SEL: 32 });
      expect(syndrome(msc)).toEqual(single(1, 32));
      get(msc, "MPAMCFG_INTPARTID");
      expect(syndrome(msc)).toEqual(single(1, 32));
      get(msc, "MPAMCFG_CPBM");
      expect(syndrome(msc)).toEqual(single(6, 32, { ovrwr: 1 }));
    });

    test("a PARTID in range again makes later errors count again", async () => {
      const msc = await fresh();
      partSel(msc, { PARTID_SEL: 32 });
      partSel(msc, { PARTID_SEL: 31 });
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0xffff);
      clearEsr(msc);
      partSel(msc, { PARTID_SEL: 32 });
      expect(syndrome(msc)).toEqual(single(1, 32));
    });

    test("a monitor index out of range is told and not kept, so that a filter can be written (ACS 203, 205)", async () => {
      const msc = await fresh();
      monSel(msc, 2);
      monSel(msc, 4 + 2 - 1);
      expect(syndrome(msc)).toEqual(single(5, 5));
      expect(readsBack(msc, "MSMON_CFG_MON_SEL")).toBe(2);
      clearEsr(msc);
      put(msc, "MSMON_CFG_CSU_FLT", 32);
      expect(syndrome(msc)).toEqual(single(3, 32));
      clearEsr(msc);
      monSel(msc, 4 + 2 + 1);
      expect(syndrome(msc)).toEqual(single(5, 7));
    });

    test("an instance above the largest is told once and kept (ACS 208, 210, 216)", async () => {
      const msc = await fresh();
      partSel(msc, { RIS: 4, PARTID_SEL: 2 });
      expect(syndrome(msc)).toEqual(single(8, 2, { ris: 4 }));
      expect(readsBack(msc, "MPAMCFG_PART_SEL")).toBe(select(4, 2));
      expect(get(msc, "MPAMCFG_CMAX")).toBe(0);
      expect(syndrome(msc)).toEqual(single(8, 2, { ris: 4 }));
      clearEsr(msc);
      monSel(msc, 9, 5); // stored whole
      expect(syndrome(msc)).toEqual(single(10, 9, { ris: 5 }));
      expect(readsBack(msc, "MSMON_CFG_MON_SEL")).toBe(select(5, 9));
      expect(get(msc, "MSMON_CFG_MBWU_FLT")).toBe(0);
      expect(syndrome(msc)).toEqual(single(10, 9, { ris: 5 }));
    });

    test("identification under an instance above the largest tells nothing and is no error (ACS 215)", async () => {
      const msc = await fresh();
      partSel(msc, { RIS: 4 });
      clearEsr(msc);
      expect(msc.read64(offsetOf("MPAMF_IDR")) & 0x7dc1_ef00_0000n).toBe(0n);
      expect(syndrome(msc)).toEqual(NOTHING);
    });

    test("the first error is alone, the second overwrites it (ACS 217)", async () => {
      const msc = await fresh();
      partSel(msc, { PARTID_SEL: 40 });
      expect(syndrome(msc)).toEqual(single(1, 40));
      monSel(msc, 0);
      put(msc, "MSMON_CFG_CSU_FLT", 33);
      expect(syndrome(msc)).toEqual(single(3, 33, { ovrwr: 1 }));
    });
  });

  test.each(["lazy", "acs"] as const)(
    "%s: a missing instance below the largest is told at each use, not when selected",
    async (mode) => {
      const msc = await create(sparse(mode));
      partSel(msc, { RIS: 1, PARTID_SEL: 6 });
      monSel(msc, 0, 1);
      expect([get(msc, "MPAMCFG_PART_SEL"), get(msc, "MSMON_CFG_MON_SEL")]).toEqual([select(1, 6), select(1, 0)]);
      expect(syndrome(msc)).toEqual(NOTHING);
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0);
      expect(syndrome(msc)).toEqual(single(8, 6, { ris: 1 }));
      put(msc, "MPAMCFG_CPBM", 0);
      expect(syndrome(msc)).toEqual(single(8, 6, { ris: 1, ovrwr: 1 }));
      clearEsr(msc);
      expect(get(msc, "MSMON_CSU")).toBe(0);
      expect(syndrome(msc)).toEqual(single(10, 0, { ris: 1 }));
      put(msc, "MSMON_CFG_CSU_FLT", 0);
      expect(syndrome(msc)).toEqual(single(10, 0, { ris: 1, ovrwr: 1 }));
    },
  );

  describe.each(MODES)("whatever is checked when (%s)", (mode) => {
    const fresh = (different: Partial<SubjectConfig> = {}): Promise<MscSubject> => create(sparse(mode, different));

    test("selectors in range are no error, and reading them never is", async () => {
      const msc = await fresh();
      for (const ris of [0, 2, 3]) partSel(msc, { RIS: ris, PARTID_SEL: 31 });
      monSel(msc, 3, 0);
      monSel(msc, 0, 3);
      monSel(msc, 0xffff, 2); // an instance without monitors has no index to be out of range
      expect(readsBack(msc, "MPAMCFG_PART_SEL")).toBe(select(3, 31));
      expect(syndrome(msc)).toEqual(NOTHING);
    });

    test("requests out of range are errors 2 and 4 (ACS 202, 204)", async () => {
      const msc = await fresh();
      msc.setLabel(0, "all", { space: "ns", partid: 32, pmg: 1 });
      msc.run(reads([1]));
      expect(syndrome(msc)).toEqual(single(2, 32, { pmg: 1 }));
      clearEsr(msc);
      const small = await create(sparse(mode, { spaces: { ns: { partidMax: 31, pmgMax: 1 } } }));
      small.setLabel(0, "all", { space: "ns", partid: 31, pmg: 2 });
      small.run(reads([1]));
      expect(syndrome(small)).toEqual(single(4, 31, { pmg: 2 }));
    });

    test("a control or monitor that the instance lacks is an error at each use (ACS 209, 211)", async () => {
      const msc = await fresh();
      partSel(msc, { RIS: 2, PARTID_SEL: 5 });
      monSel(msc, 0, 3);
      expect(syndrome(msc)).toEqual(NOTHING);
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0);
      expect(syndrome(msc)).toEqual(single(9, 5, { ris: 2 }));
      put(msc, "MPAMCFG_CPBM", 0);
      expect(syndrome(msc)).toEqual(single(9, 5, { ris: 2, ovrwr: 1 }));
      clearEsr(msc);
      expect(get(msc, "MSMON_CFG_MBWU_CTL")).toBe(0);
      expect(syndrome(msc)).toEqual(single(11, 0, { ris: 3 }));
      put(msc, "MSMON_CFG_MBWU_FLT", 0);
      expect(syndrome(msc)).toEqual(single(11, 0, { ris: 3, ovrwr: 1 }));
    });

    test("an index that one monitor type has and another has not is an error at each use of the other", async () => {
      const msc = await fresh();
      monSel(msc, 3);
      expect(get(msc, "MSMON_CFG_CSU_CTL")).toBe(0x43);
      expect(syndrome(msc)).toEqual(NOTHING);
      expect(get(msc, "MSMON_CFG_MBWU_CTL")).toBe(0);
      expect(syndrome(msc)).toEqual(single(5, 3));
      put(msc, "MSMON_MBWU", 9);
      expect(syndrome(msc)).toEqual(single(5, 3, { ovrwr: 1 }));
    });

    test("an association with an intPARTID out of range is refused as error 6 (ACS 206)", async () => {
      const msc = await fresh(narrow);
      partSel(msc, { PARTID_SEL: 9 });
      put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 8, INTERNAL: 1 });
      expect(syndrome(msc)).toEqual(single(6, 8));
      expect(get(msc, "MPAMCFG_INTPARTID")).toBe(0);
    });

    test("an association under INTERNAL is refused as error 7 (ACS 207)", async () => {
      const msc = await fresh(narrow);
      partSel(msc, { PARTID_SEL: 5, INTERNAL: 1 });
      put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 2, INTERNAL: 1 });
      expect(syndrome(msc)).toEqual(single(7, 5));
      expect(get(msc, "MPAMCFG_INTPARTID")).toBe(0);
      expect(syndrome(msc)).toEqual(single(7, 5, { ovrwr: 1 }));
      partSel(msc, { PARTID_SEL: 5 });
      expect(get(msc, "MPAMCFG_INTPARTID")).toBe(0);
    });

    test("a control without INTERNAL under narrowing is error 6 at each use", async () => {
      const msc = await fresh(narrow);
      partSel(msc, { PARTID_SEL: 5, RIS: 3 });
      expect(syndrome(msc)).toEqual(NOTHING);
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0);
      expect(syndrome(msc)).toEqual(single(6, 5)); // RIS is not captured
      put(msc, "MPAMCFG_CPBM", 1);
      expect(syndrome(msc)).toEqual(single(6, 5, { ovrwr: 1 }));
      partSel(msc, { PARTID_SEL: 5, RIS: 3, INTERNAL: 1 });
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0xf);
    });

    test("a PARTID that translation lets in and controls do not have is told at the control", async () => {
      const msc = await fresh({ inTl: { partidMax: 50, direct: true } });
      partSel(msc, { PARTID_SEL: 50, INGRESS_TL: 1 });
      expect(syndrome(msc)).toEqual(NOTHING);
      put(msc, "MPAMCFG_IN_TL", 7);
      expect(get(msc, "MPAMCFG_IN_TL")).toBe(7);
      expect(syndrome(msc)).toEqual(NOTHING);
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0);
      expect(syndrome(msc)).toEqual(single(1, 50));
    });

    test("an error that software writes interrupts by level and not by edge (ACS 212, 213)", async () => {
      const level = await fresh();
      put(level, "MPAMF_ECR", { INTEN: 1 });
      put(level, "MPAMF_ESR", { ERRCODE: 1 });
      expect(level.interrupts()).toEqual([{ kind: "error", level: 1 }]);
      const edge = await fresh({ errorStyle: "edge" });
      put(edge, "MPAMF_ECR", { INTEN: 1 });
      put(edge, "MPAMF_ESR", { ERRCODE: 1 });
      expect(edge.interrupts()).toEqual([]);
      expect(syndrome(edge).code).toBe(1);
    });
  });
});
