/** Every register of the specification is named in a test of what it does, beside the tests of its fields. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import names from "../golden/register-names.json" with { type: "json" };
import { goldenRegisters } from "../golden/registers.ts";

/** Tests that go over tables of all registers show nothing about any one of them. */
const TABLES: readonly string[] = ["coverage.test.ts", "fields.test.ts"];

const folder = new URL("./", import.meta.url);
const sources = readdirSync(folder)
  .filter((file) => file.endsWith(".test.ts") && !TABLES.includes(file))
  .map((file) => withoutComments(readFileSync(new URL(file, folder), "utf8")));

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
}

/** `MPAMCFG_CPBM<n>` is spelt without its index in tests. */
const bare = (name: string): string => name.replace("<n>", "");

describe("coverage", () => {
  test("the specification has 63 registers, and the table has each of them", () => {
    expect(names).toHaveLength(63);
    const words = goldenRegisters.map(({ register }) => register).filter((register) => !register.endsWith("_HI"));
    expect(words.toSorted()).toEqual(names.map(bare).toSorted());
  });

  test.each(names)("%s is named in a test of behaviour", (name) => {
    const whole = new RegExp(`\\b${bare(name)}\\b`);
    expect(sources.filter((source) => whole.test(source)).length).toBeGreaterThan(0);
  });
});
