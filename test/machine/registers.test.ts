// The register table for people, against numbers written down from the specification by another hand.

import { describe, expect, test } from "vitest";
import * as regs from "../../assembly/regs/index.ts";
import * as offsets from "../../assembly/regs/offsets.ts";
import * as pe from "../../assembly/regs/pe.ts";
import * as peEncodings from "../../assembly/regs/pe-encodings.ts";
import * as peWords from "../../assembly/regs/pe-words.ts";
import { decodeRegister, REGISTERS } from "../../src/machine/index.ts";
import { errorCodeName, registerWords } from "../../src/machine/registers.ts";
import { goldenRegisters, offsetOf } from "../golden/registers.ts";

test("there is a register for every offset of the page, and no two share a word", () => {
  expect(Object.fromEntries(REGISTERS.map(({ name, offset }) => [name, offset]))).toEqual({ ...offsets });
  const words = REGISTERS.reduce((sum, { count, words }) => sum + count * words.length, 0);
  expect(registerWords().size).toBe(words);
});

test("four registers are 64 bits wide, and two are arrays", () => {
  expect(REGISTERS.filter(({ width }) => width === 64).map(({ name }) => name)).toEqual([
    "MPAMF_IDR",
    "MPAMF_ESR",
    "MSMON_MBWU_L",
    "MSMON_MBWU_L_CAPTURE",
  ]);
  expect(REGISTERS.flatMap(({ name, count }) => (count > 1 ? [[name, count]] : []))).toEqual([
    ["MPAMCFG_CPBM", 1024],
    ["MPAMCFG_MBW_PBM", 128],
  ]);
});

test.each(goldenRegisters)("$register has the fields of the specification", ({ register, offset, count, fields }) => {
  const word = registerWords().get(offset);
  expect(word?.name).toBe(count === undefined ? register : `${register}0`);
  expect(word?.register.count).toBe(count ?? 1);
  // A counter of 44 bits is a field of its own there.
  const masks = fields.filter(({ name }) => name !== "VALUE44").map(({ name, mask }) => [name, mask]);
  expect(word?.fields).toMatchObject(Object.fromEntries(masks));
});

test("every mask of the register pages is a field of some register", () => {
  const known = new Set(REGISTERS.flatMap(({ words }) => words.flatMap((fields) => Object.values(fields))));
  const values = /^(ERRCODE|MAX_LIM|RWBW|TL_MONITORING|EVENT|CTL_TYPE|OPTION|SELECTOR|NRDY|VALUE_L_HI)_|^(MPAM|MSMON_)/;
  // test/pe/page.test.ts.
  const ofCpus = { ...pe, ...peEncodings, ...peWords };
  const masks = Object.entries(regs).filter(
    ([name, value]) => typeof value === "number" && !values.test(name) && !(name in ofCpus),
  );
  expect(masks.length).toBeGreaterThan(140);
  expect(masks.filter(([, mask]) => !known.has(mask as number))).toEqual([]);
});

describe("decoding", () => {
  test("takes a word apart by its fields", () => {
    expect(decodeRegister(offsetOf("MPAMCFG_PART_SEL"), 0x0301_0005)).toEqual({
      register: "MPAMCFG_PART_SEL",
      fields: { PARTID_SEL: 5, INTERNAL: 1, INGRESS_TL: 0, DEFAULT_PARTID: 0, RIS: 3 },
    });
    expect(decodeRegister(offsetOf("MPAMCFG_CMAX"), 0x8000_3fff)?.fields).toEqual({ CMAX: 0x3fff, SOFTLIM: 1 });
  });

  test("knows the two words of a wide register, and the elements of an array", () => {
    expect(decodeRegister(offsetOf("MPAMF_ESR") + 4, 7)).toEqual({ register: "MPAMF_ESR_HI", fields: { RIS: 7 } });
    expect(decodeRegister(offsetOf("MPAMCFG_CPBM") + 12, 0xff)).toEqual({
      register: "MPAMCFG_CPBM3",
      fields: { P: 0xff },
    });
    expect(decodeRegister(0x1ffc, 1)?.register).toBe("MPAMCFG_CPBM1023");
    expect(decodeRegister(0x21fc, 1)?.register).toBe("MPAMCFG_MBW_PBM127");
  });

  test("has no answer where no register lies", () => {
    for (const offset of [0x0c, 0x10c, 0x204, 0x900, 0x2200, 0x4000]) expect(decodeRegister(offset, 1)).toBeUndefined();
  });

  test("names error codes", () => {
    expect([0, 1, 11, 12].map(errorCodeName)).toEqual(["NONE", "PARTID_SEL_RANGE", "RIS_NO_MONITOR", "RESERVED"]);
  });
});
