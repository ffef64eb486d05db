// Every register and field has a line of meaning, and no line is about something that does not exist.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Machine, REGISTERS, SYSTEM_FIELDS } from "../../src/machine/index.ts";
import {
  type FieldsMeaning,
  type Identity,
  identityOffsets,
  MEANINGS,
  readIdentity,
  registersThere,
  SYSTEM_MEANINGS,
  shareOf,
  wordFor,
  wordsFor,
} from "../../src/meaning/index.ts";
import { parsePlatform, type Space } from "../../src/platform/index.ts";

const MSC_FIELDS = Object.fromEntries(REGISTERS.map(({ name, words }) => [name, Object.assign({}, ...words)]));
const all: [string, FieldsMeaning, Record<string, number | bigint>][] = [
  ...Object.entries(MEANINGS).map(([name, one]) => [name, one, MSC_FIELDS[name]] as const),
  ...Object.entries(SYSTEM_MEANINGS).map(
    ([name, one]) => [name, one, SYSTEM_FIELDS[name as keyof typeof SYSTEM_FIELDS]] as const,
  ),
].map(([name, one, fields]) => [name, one, (fields ?? {}) as Record<string, number | bigint>]);

function maxOf(mask: number | bigint): bigint {
  const wide = BigInt(mask);
  return wide / (wide & -wide);
}

describe("meanings", () => {
  test("every register of an MSC has one, and there are no others", () => {
    expect(Object.keys(MEANINGS).sort()).toEqual(REGISTERS.map(({ name }) => name).sort());
  });

  test("every system register has one, and there are no others", () => {
    expect(Object.keys(SYSTEM_MEANINGS).sort()).toEqual(Object.keys(SYSTEM_FIELDS).sort());
  });

  test.each(all)("every field of %s has one, and there are no others", (_, one, fields) => {
    expect(Object.keys(one.fields).sort()).toEqual(Object.keys(fields).sort());
    for (const field of [...(one.fixed ?? []), ...Object.keys(one.values ?? {})]) expect(fields).toHaveProperty(field);
  });

  test.each(all)("those of %s are a line of at most 100 characters, and end without a full stop", (_, one) => {
    const written = "written" in one ? [one.written as string] : [];
    for (const line of [one.meaning, ...Object.values(one.fields), ...written]) {
      expect(line).toMatch(/^\S[^\n]{3,98}[^.\s]$/);
    }
  });

  test.each(all)("words for values of %s are for values that fit in the field", (_, one, fields) => {
    for (const field of Object.keys(fields)) {
      for (const value of wordsFor(one, field)?.keys() ?? []) {
        expect(BigInt(value) <= maxOf(fields[field] as number)).toBe(true);
      }
    }
  });

  test("values of one or two bits that have words have one for each", () => {
    for (const [name, one, fields] of all) {
      for (const [field, mask] of Object.entries(fields)) {
        const words = wordsFor(one, field);
        if (words && maxOf(mask) <= 3n && !name.startsWith("ID_"))
          expect([name, field, words.size]).toEqual([name, field, Number(maxOf(mask)) + 1]);
      }
    }
  });

  // The values stand in the tables of the register reference (5.2, 2, 4.3, 5.1).
  test("named values are those of the architecture", () => {
    const word = (register: string, field: string, value: number) =>
      wordFor(MEANINGS[register] as FieldsMeaning, field, value);
    expect(word("MPAMF_ESR", "ERRCODE", 8)).toBe("PART_SEL names no resource");
    expect(word("MPAMF_ESR", "ERRCODE", 11)).toBe("the resource lacks that monitor");
    expect(word("MPAMF_MBW_IDR", "MAX_LIM", 1)).toBe("soft only");
    expect(word("MSMON_CFG_MBWU_FLT", "RWBW", 1)).toBe("writes only");
    expect(word("MSMON_CFG_MBWU_CTL", "TYPE", 0x42)).toBe("memory bandwidth usage");
    expect(word("MSMON_CFG_CSU_CTL", "TYPE", 0x43)).toBe("cache storage usage");
    expect(word("MPAMF_ERR_MSI_ATTR", "MSI_SH", 3)).toBe("inner shareable");
    expect(word("MPAMCFG_MBW_MAX", "HARDLIM", 1)).toBe("hard");
    expect(word("MPAMCFG_CMAX", "CMAX", 1)).toBeUndefined();
  });
});

describe("what registers are", () => {
  // From the summary of the register reference (1.6): access and selection of a register.
  const SUMMARY: Readonly<Record<string, string>> = {
    MPAMF_IDR: "RO, ris",
    MPAMF_IIDR: "RO, none",
    MPAMF_PARTID_NRW_IDR: "RO, none",
    MPAMF_MBWUMON_IDR: "RO, ris",
    MPAMF_ESR: "RW, none",
    MPAMCFG_PART_SEL: "RW, none",
    MPAMCFG_CMAX: "RW, ris and partid",
    MPAMCFG_MBW_WINWD: "RW, ris and partid",
    MPAMCFG_EN: "WO, none",
    MPAMCFG_EN_FLAGS: "RW, partid",
    MPAMCFG_INTPARTID: "RW, partid",
    MPAMCFG_CPBM: "RW, ris and partid",
    MSMON_CFG_MON_SEL: "RW, none",
    MSMON_CAPT_EVNT: "WO, none",
    MSMON_CFG_CSU_CTL: "RW, monitor",
    MSMON_CSU_OFSR: "RO, 32 monitors",
    MSMON_MBWU_L: "RW, monitor",
    MSMON_OFLOW_SR: "RO, none",
    MPAMCFG_IN_TL: "RW, partid",
    MPAMCFG_OUT_TL_MASK: "RW, none",
  };

  test.each(Object.entries(SUMMARY))("%s is %s", (name, said) => {
    const { access, selection } = MEANINGS[name] as (typeof MEANINGS)[string];
    expect(`${access}, ${selection}`).toBe(said);
  });
});

describe("which registers there are", () => {
  const platforms = ["minimal", "everything", "four-spaces", "one-socket", "io"];

  test.each(platforms)("of %s, those that can be written or read as something are said to be there", async (name) => {
    const text = readFileSync(new URL(`../../platforms/${name}.yaml`, import.meta.url), "utf8");
    const platform = parsePlatform(text);
    const machine = await Machine.create(platform);
    const missed: unknown[] = [];
    for (const { msc, description } of machine.mscs) {
      const { spaces, ris } = description;
      for (const space of Object.keys(spaces) as Space[]) {
        const here = ris.filter(({ spaces: only }) => only?.includes(space) ?? true);
        const select = (number: number) => {
          machine.write32(msc, 0x100, (number << 24) | 0x1_0000, space);
          machine.write32(msc, 0x800, number << 24, space);
        };
        const identities = here.map(({ ris: number }) => {
          select(number);
          return readIdentity(identityOffsets.map((offset) => machine.read32(msc, offset, space)));
        });
        for (const [n, { ris: number }] of here.entries()) {
          select(number);
          const there = registersThere(identities[n] as Identity, identities, space);
          for (const { name: register, offset, width } of REGISTERS) {
            const answers = width === 64 ? [offset, offset + 4] : [offset];
            const told = answers.some((at) => machine.read32(msc, at, space) !== 0);
            if (told && !there.has(register)) missed.push([msc, space, number, register]);
          }
        }
      }
    }
    expect(missed).toEqual([]);
  });

  test("a bitmap of 40 portions has two words", () => {
    const of = readIdentity(identityOffsets.map((offset) => (offset === 0 ? 0x0200_0000 : offset === 0x30 ? 40 : 0)));
    const there = registersThere(of, [], "ns");
    expect([...there]).toEqual([
      ["MPAMF_IDR", 1],
      ["MPAMF_IIDR", 1],
      ["MPAMF_AIDR", 1],
      ["MPAMF_CPOR_IDR", 1],
      ["MPAMCFG_PART_SEL", 1],
      ["MPAMCFG_CPBM", 2],
      // Version 1.0 has no bit for them.
      ["MPAMF_ECR", 1],
      ["MPAMF_ESR", 1],
    ]);
  });
});

describe("what fractions come to", () => {
  // The table of targets in the register reference (3.2): a quarter, a half and all, of 16, 12 and 8 bits.
  test.each([
    [16, 0x3fff, 0.25],
    [12, 0x3ff0, 0.25],
    [8, 0x3f00, 0.25],
    [16, 0x7fff, 0.5],
    [8, 0x7f00, 0.5],
    [8, 0xff00, 1],
    [16, 0xffff, 1],
  ])("of %d bits, %d is %d of the most", (width, value, share) => {
    const words = (offset: number) => (offset === 0x38 || offset === 0x40 ? width | (width << 8) : 0);
    const of = readIdentity(identityOffsets.map(words));
    expect(shareOf("MPAMCFG_CMAX", "CMAX", value, of)).toBe(share);
    expect(shareOf("MPAMCFG_MBW_MAX", "MAX", value, of)).toBe(share);
    expect(shareOf("MPAMCFG_CASSOC", "CASSOC", value, of)).toBe(share);
  });

  test("a least share is the lower end, and what is no fraction has none", () => {
    const of = readIdentity(identityOffsets.map((offset) => (offset === 0x38 || offset === 0x40 ? 8 : 0)));
    expect(shareOf("MPAMCFG_CMIN", "CMIN", 0x4000, of)).toBe(0.25);
    expect(shareOf("MPAMCFG_MBW_MIN", "MIN", 0, of)).toBe(0);
    expect(shareOf("MPAMBW0_EL1", "MAX", 0x4000, of)).toBeUndefined();
    expect(shareOf("MPAMCFG_CMAX", "SOFTLIM", 1, of)).toBeUndefined();
  });
});
