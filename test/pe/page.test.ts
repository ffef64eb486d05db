// Encodings and fields of system registers, against numbers written from the reference by themselves (7.2, 7.3).

import { describe, expect, test } from "vitest";
import * as fieldPage from "../../assembly/regs/pe.ts";
import * as encodings from "../../assembly/regs/pe-encodings.ts";
import {
  decodeSystemRegister,
  encodingParts,
  SYSTEM_FIELDS,
  SYSTEM_REGISTERS,
  type SystemRegisterName,
  systemRegisterNamed,
} from "../../src/machine/index.ts";
import { goldenSystemRegisters, maskOfBits, packed } from "../golden/system-registers.ts";

describe("7.2, encodings", () => {
  test.each(goldenSystemRegisters)("$name is op0,op1,CRn,CRm,op2 = $parts", ({ name, parts }) => {
    expect((encodings as Readonly<Record<string, number>>)[name]).toBe(packed(parts));
    expect(systemRegisterNamed(packed(parts))).toBe(name);
    const [op0, op1, crn, crm, op2] = parts;
    expect(encodingParts(packed(parts))).toEqual({ op0, op1, crn, crm, op2 });
  });

  test("there are no others, and no two share one", () => {
    expect(Object.keys(SYSTEM_REGISTERS).sort()).toEqual(goldenSystemRegisters.map(({ name }) => name).sort());
    expect(new Set(Object.values(SYSTEM_REGISTERS)).size).toBe(25 + 4);
    expect(systemRegisterNamed(0xc52a)).toBeUndefined();
  });
});

describe("7.3, fields", () => {
  test.each(goldenSystemRegisters)("$name has its fields where the specification puts them", ({ name, fields }) => {
    const own = SYSTEM_FIELDS[name as SystemRegisterName];
    const golden = Object.fromEntries(Object.entries(fields).map(([field, place]) => [field, maskOfBits(place)]));
    expect(own).toEqual(golden);
  });

  test("every mask of the page is a field of some register", () => {
    const known = new Set(
      Object.values(SYSTEM_FIELDS).flatMap((fields) =>
        Object.values(fields).flatMap((mask) => [Number(mask & 0xffff_ffffn), Number(mask >> 32n)]),
      ),
    );
    // MAX and CAP are one field of two parts.
    known.add(0xffff_0000);
    const masks = Object.entries(fieldPage);
    expect(masks.length).toBeGreaterThan(60);
    expect(masks.filter(([, mask]) => !known.has(mask) || mask >>> 0 !== mask)).toEqual([]);
  });

  test("a value is taken apart by them", () => {
    expect(decodeSystemRegister("MPAM1_EL1", 0x8040_0201_0005_0004n)).toEqual({
      ...{ MPAMEN: 1, FORCED_NS: 0, ALTSP_FRCD: 1 },
      ...{ PMG_D: 2, PMG_I: 1, PARTID_D: 5, PARTID_I: 4 },
    });
  });
});
