import { expect, test } from "vitest";
import { acpiObject, acpiText } from "../../../src/firmware/index.ts";
import { patched, tableOf } from "./bytes.ts";
import * as worked from "./worked.ts";

const ALL = { MPAM: worked.MPAM, PPTT: worked.PPTT, HMAT: worked.HMAT };

test.each(Object.entries(ALL))("the dump of the worked %s has every byte once, in order", (_, table) => {
  const { parts } = acpiObject(table);
  let at = 0;
  for (const field of parts.flatMap(({ fields }) => fields)) {
    expect(field.at).toBe(at);
    at += field.bytes;
  }
  expect(at).toBe(table.length);
  expect(parts.some(({ raw, trouble }) => raw ?? trouble)).toBe(false);
});

test("a field has its offset, its size, its value and what it means", () => {
  const { parts } = acpiObject(worked.MPAM);
  const [, msc, cache] = parts;
  expect(msc).toMatchObject({ at: 0x24, name: "MSC 7", depth: 0 });
  const field = (name: string) => msc?.fields.find((one) => one.name === name);
  expect(field("base")).toEqual({ at: 0x2c, bytes: 8, name: "base", value: "0x141000000", text: "0x141000000" });
  expect(field("error flags")).toMatchObject({ at: 0x4c, bytes: 4, value: 0, means: "level, wired, of a processor" });
  expect(field("linked hid")).toMatchObject({ at: 0x5c, bytes: 8, value: "ACPI0010" });
  expect(cache).toMatchObject({ at: 0x6c, name: "RIS 0", depth: 1 });
});

test("as text a dump has a line for each field", () => {
  const lines = acpiText(worked.PPTT).split("\n");
  expect(lines[0]).toBe("PPTT  processors and their caches; revision 3, 312 bytes");
  expect(lines).toContain("  0040  container 100");
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}0044 {3}4 {2}flags +0x3 +physical package, ACPI id valid$/));
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}0054 {3}4 {2}resources 0 +0x24$/));
});

test("what cannot be told apart is shown as bytes, with what is wrong", () => {
  const text = acpiText(patched(worked.MPAM, [36, 2, 7]));
  expect(text).toContain("wrong: MSC: length is 7; at least 72 is needed");
  const other = acpiText(tableOf("FACP", 6, 0xde, 0xad));
  expect(other).toContain("FACP  not looked into; revision 6, 38 bytes");
  expect(other).toContain("0024      de ad");
});
