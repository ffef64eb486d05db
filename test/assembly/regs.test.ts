// The register page against numbers written down from the specification by another hand.

import { describe, expect, test } from "vitest";
import * as errors from "../../assembly/regs/errors.ts";
import { fieldGet, fieldPrep, shiftOf } from "../../assembly/regs/field.ts";
import * as identity from "../../assembly/regs/identity.ts";
import * as monitor from "../../assembly/regs/monitor.ts";
import * as offsets from "../../assembly/regs/offsets.ts";
import * as partition from "../../assembly/regs/partition.ts";
import { type GoldenField, goldenRegisters, maskOf } from "../golden/registers.ts";

/** How the fields of each register begin on the page. */
const PREFIX: { readonly [register: string]: string } = {
  MPAMF_IDR: "IDR_",
  MPAMF_IDR_HI: "IDR_HI_",
  MPAMF_SIDR: "SIDR_",
  MPAMF_IIDR: "IIDR_",
  MPAMF_AIDR: "AIDR_",
  MPAMF_CPOR_IDR: "CPOR_IDR_",
  MPAMF_CCAP_IDR: "CCAP_IDR_",
  MPAMF_MBW_IDR: "MBW_IDR_",
  MPAMF_MSMON_IDR: "MSMON_IDR_",
  MPAMF_CSUMON_IDR: "CSUMON_IDR_",
  MPAMF_MBWUMON_IDR: "MBWUMON_IDR_",
  MPAMF_ECR: "ECR_",
  MPAMF_ESR: "ESR_",
  MPAMF_ESR_HI: "ESR_HI_",
  MPAMCFG_PART_SEL: "PART_SEL_",
  MPAMCFG_CMAX: "CMAX_",
  MPAMCFG_MBW_MAX: "MBW_MAX_",
  MSMON_CFG_MON_SEL: "MON_SEL_",
  MSMON_CFG_CSU_FLT: "FLT_",
  MSMON_CFG_CSU_CTL: "CTL_",
  MSMON_CFG_MBWU_FLT: "FLT_",
  MSMON_CFG_MBWU_CTL: "CTL_",
  MSMON_CSU: "VALUE_",
  MSMON_MBWU: "VALUE_",
  MPAMF_PRI_IDR: "PRI_IDR_",
  MPAMF_PARTID_NRW_IDR: "PARTID_NRW_IDR_",
  MPAMF_IN_TL_IDR: "TL_IDR_",
  MPAMCFG_CMIN: "CMIN_",
  MPAMCFG_CASSOC: "CASSOC_",
  MPAMCFG_MBW_MIN: "MBW_MIN_",
  MPAMCFG_MBW_WINWD: "MBW_WINWD_",
  MPAMCFG_MBW_PROP: "MBW_PROP_",
  MPAMCFG_EN: "EN_",
  MPAMCFG_DIS: "DIS_",
  MPAMCFG_PRI: "PRI_",
  MPAMCFG_INTPARTID: "INTPARTID_",
  MPAMCFG_IN_TL: "TL_",
  MPAMCFG_IN_TL_BASE: "TL_BASE_",
  MPAMCFG_IN_TL_MASK: "TL_MASK_",
  MSMON_CAPT_EVNT: "CAPT_EVNT_",
  MSMON_OFLOW_SR: "OFLOW_SR_",
};

/** Where the page spells a field another way than the document. */
const SPELLING: { readonly [field: string]: string } = {
  IIDR_Implementer: "IIDR_IMPLEMENTER",
  IIDR_Revision: "IIDR_REVISION",
  IIDR_Variant: "IIDR_VARIANT",
  IIDR_ProductID: "IIDR_PRODUCT_ID",
  AIDR_ArchMinorRev: "AIDR_ARCH_MINOR_REV",
  AIDR_ArchMajorRev: "AIDR_ARCH_MAJOR_REV",
  PART_SEL_PARTID_SEL: "PART_SEL_PARTID",
  MON_SEL_MON_SEL: "MON_SEL_MON",
  TL_IDR_IN_PARTID_MAX: "TL_IDR_PARTID_MAX",
};

const page: Readonly<Record<string, unknown>> = { ...errors, ...identity, ...monitor, ...partition };

/** Words of 64-bit registers that have no name of their own on the page. */
const UPPER = goldenRegisters.filter(({ register }) => register.endsWith("_HI"));
const WHOLE = goldenRegisters.filter(({ register }) => !register.endsWith("_HI"));

describe("offsets", () => {
  test.each(WHOLE)("$register lies where the specification puts it", ({ register, offset }) => {
    expect((offsets as Readonly<Record<string, number>>)[register]).toBe(offset);
  });

  test.each(UPPER)("$register is the word after its register", ({ register, offset }) => {
    expect((offsets as Readonly<Record<string, number>>)[register.replace("_HI", "")]).toBe(offset - 4);
  });

  test("no two registers of the page share a word, and all are aligned", () => {
    const all = Object.values(offsets);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((offset) => offset % 4 !== 0)).toEqual([]);
  });
});

const fields = goldenRegisters.flatMap(({ register, fields }) =>
  fields.flatMap((field: GoldenField) => {
    const prefix = PREFIX[register];
    if (prefix === undefined) return [];
    const name = SPELLING[prefix + field.name] ?? prefix + field.name;
    return name in page ? [{ name, register, field: field.name, mask: field.mask }] : [];
  }),
);

describe("fields", () => {
  test.each(fields)("$name is $register.$field", ({ name, mask }) => {
    expect(page[name]).toBe(mask);
  });

  test("every field on the page that golden numbers exist for is held against them", () => {
    const held = new Set(fields.map(({ name }) => name));
    const registers = new Set(Object.values(PREFIX));
    // Values rather than masks.
    const others = [/^(MAX_LIM|RWBW|ERRCODE|CTL_TYPE|TL_MONITORING|EVENT)_/, /^VALUE_L_HI_/];
    const own = Object.keys(page).filter((name) => typeof page[name] === "number" && !others.some((o) => o.test(name)));
    expect(own.filter((name) => !held.has(name))).toEqual([]);
    for (const prefix of registers) expect(own.some((name) => name.startsWith(prefix))).toBe(true);
  });

  test("the two widths of a long counter's upper word", () => {
    expect(monitor.VALUE_L_HI_44).toBe(maskOf("MSMON_MBWU_L_HI", "VALUE44"));
    expect(monitor.VALUE_L_HI_63).toBe(maskOf("MSMON_MBWU_L_HI", "VALUE"));
    expect(monitor.VALUE_NRDY).toBe(maskOf("MSMON_MBWU_L_HI", "NRDY"));
  });

  test("all constants are unsigned words", () => {
    const numbers = Object.entries({ ...page, ...offsets }).filter(([, value]) => typeof value === "number");
    expect(numbers.filter(([, value]) => (value as number) >>> 0 !== value)).toEqual([]);
  });
});

// IHI 0099: TYPE of the two monitors, RWBW, MAX_LIM, and the codes of MPAMF_ESR.ERRCODE.
test("values of fields are those of the specification", () => {
  expect([monitor.CTL_TYPE_MBWU, monitor.CTL_TYPE_CSU]).toEqual([0x42, 0x43]);
  expect([monitor.RWBW_BOTH, monitor.RWBW_WRITES, monitor.RWBW_READS]).toEqual([0, 1, 2]);
  expect([identity.MAX_LIM_BOTH, identity.MAX_LIM_SOFT, identity.MAX_LIM_HARD]).toEqual([0, 1, 2]);
  const codes = Object.entries(errors).filter(([name]) => name.startsWith("ERRCODE_"));
  expect(Object.fromEntries(codes)).toEqual({
    ERRCODE_NONE: 0,
    ERRCODE_PARTID_SEL_RANGE: 1,
    ERRCODE_REQ_PARTID_RANGE: 2,
    ERRCODE_MSMONCFG_ID_RANGE: 3,
    ERRCODE_REQ_PMG_RANGE: 4,
    ERRCODE_MONITOR_RANGE: 5,
    ERRCODE_INTPARTID_RANGE: 6,
    ERRCODE_UNEXPECTED_INTERNAL: 7,
    ERRCODE_UNDEFINED_RIS_PART_SEL: 8,
    ERRCODE_RIS_NO_CONTROL: 9,
    ERRCODE_UNDEFINED_RIS_MON_SEL: 10,
    ERRCODE_RIS_NO_MONITOR: 11,
  });
});

describe("field helpers", () => {
  /** Every mask of neighbouring bits. */
  const masks = Array.from({ length: 32 }, (_, low) =>
    Array.from({ length: 32 - low }, (_, more) => ({ low, width: more + 1 })),
  ).flat();

  test("agree with plain arithmetic on every contiguous mask", () => {
    expect(masks).toHaveLength(528);
    for (const { low, width } of masks) {
      const mask = Number(((1n << BigInt(width)) - 1n) << BigInt(low));
      expect(shiftOf(mask)).toBe(low);
      for (const word of [0, 1, 0x8000_0000, 0xffff_ffff, 0xdead_beef]) {
        expect(fieldGet(mask, word)).toBe(Math.floor(word / 2 ** low) % 2 ** width);
        expect(fieldPrep(mask, word)).toBe((word % 2 ** width) * 2 ** low);
      }
    }
  });

  test("make selectors of a RIS and an index", () => {
    expect(partition.partSel(3, 0x1234)).toBe(0x0300_1234);
    expect(monitor.monSel(15, 7)).toBe(0x0f00_0007);
  });

  test("keep the top bits of a fraction", () => {
    expect([1, 7, 8, 16].map(partition.fractionMask)).toEqual([0x8000, 0xfe00, 0xff00, 0xffff]);
  });
});
