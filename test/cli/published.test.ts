// What is made of schemas and words: JSON Schemas, and the tables of the documents, which have to be fresh.

import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { documents } from "../../src/cli/published/documents.ts";
import { type JsonSchema, jsonSchemas, platformJsonSchema } from "../../src/cli/published/json-schemas.ts";
import { keysOf } from "../../src/cli/published/platform-keys.ts";
import { checkObject, PlatformError } from "../../src/platform/index.ts";
import { planFrom } from "../../src/sweep/index.ts";
import { checkLabelMap } from "../../src/trace/label-map.ts";
import { WrittenError } from "../../src/written/index.ts";

const root = new URL("../../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), "utf8");

test.each(Object.entries(documents()))("%s has the tables that the words make (npm run docs)", (file, renew) => {
  expect(text(file)).toBe(renew(text(file)));
  expect(text(file)).toContain("| --- |");
});

test.each(Object.keys(jsonSchemas()))("%s in the package is the one that is made now (npm run build)", (file) => {
  expect(JSON.parse(text(`dist/schemas/${file}`))).toEqual(JSON.parse(JSON.stringify(jsonSchemas()[file])));
});

const SCHEMA = platformJsonSchema();
const valid = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true }).compile(SCHEMA);
const validLabels = new Ajv({ strict: true, allowUnionTypes: true }).compile(
  jsonSchemas()["labels.schema.json"] as object,
);

const parserTakes = (input: unknown): boolean => {
  try {
    checkObject(input as object);
    return true;
  } catch (error) {
    if (error instanceof PlatformError) return false;
    throw error;
  }
};

const NAMES = readdirSync(new URL("platforms", root)).filter((name) => name.endsWith(".yaml"));

test.each(NAMES)("the schema takes %s", (name) => {
  valid(parse(text(`platforms/${name}`)));
  expect(valid.errors ?? []).toEqual([]);
});

test("every key says what it means, what is allowed and what it is otherwise", () => {
  const keys = [...keysOf(SCHEMA)];
  expect(keys.length).toBeGreaterThan(150);
  for (const [place, { description }] of keys) {
    expect([place, description]).toEqual([place, expect.stringMatching(/^[^ ].*(Default: .+|Needed)\.?$/s)]);
  }
});

const BASE = parse(text("platforms/one-socket.yaml"));

describe("schema and parser both refuse", () => {
  test.each<[string, (platform: Record<string, never>) => unknown]>([
    ["no map", () => []],
    ["nothing", () => null],
    ["a missing name", ({ name: _, ...rest }) => rest],
    ["an unknown key", (platform) => ({ ...platform, cpu: 3 })],
    ["a key of a cache that is misspelt", (platform) => at(platform, ["caches", 0, "wayz"], 16)],
    ["a level above 4", (platform) => at(platform, ["caches", 0, "level"], 5)],
    ["half a way", (platform) => at(platform, ["caches", 0, "ways"], 2.5)],
    ["a size with an unknown unit", (platform) => at(platform, ["caches", 0, "bytes"], "1 Mib")],
    ["a rate that is a list", (platform) => at(platform, ["memory", 0, "bytesPerSecond"], [1])],
    ["cpus in words", (platform) => at(platform, ["caches", 0, "cpus"], "all")],
    ["no cpus", (platform) => at(platform, ["caches", 0, "cpus"], [])],
    ["a policy nobody has", (platform) => at(platform, ["caches", 0, "policy"], "fifo")],
    ["an empty msc", (platform) => at(platform, ["caches", 0, "msc"], null)],
    ["a text for a flag", (platform) => at(platform, ["caches", 0, "inclusive"], "yes")],
    ["a bandwidth that is a number", (platform) => at(platform, ["processor", "bandwidth"], 3)],
    ["a bandwidth without its width", (platform) => at(platform, ["processor", "bandwidth"], {})],
    ["an address in words", (platform) => at(platform, ["caches", 0, "msc", "base"], "0x")],
    ["memory that is a map", (platform) => ({ ...platform, memory: {} })],
  ])("%s", (_, change) => {
    const changed = change(structuredClone(BASE));
    expect([valid(changed), parserTakes(changed)]).toEqual([false, false]);
  });
});

test("what the schema refuses the parser refuses: keys taken away, and values of other keys and types put in", () => {
  const platforms = NAMES.map((name) => parse(text(`platforms/${name}`)));
  const odd = fc.oneof(
    fc.constantFrom<unknown>(null, true, "", "none", "1 MiB", "0-3", "12 GB/s", "0x1_0000", "x", [], {}, [1], [""], {
      a: 1,
    }),
    fc.integer({ min: -2, max: 70_000 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ maxLength: 6 }),
  );
  let refused = 0;
  fc.assert(
    fc.property(
      fc.nat(platforms.length - 1),
      fc.nat(),
      odd,
      fc.constantFrom("put", "take", "add"),
      (which, place, value, how) => {
        const platform = structuredClone(platforms[which]);
        const places = placesOf(platform);
        const path = places[place % places.length] as (string | number)[];
        const changed =
          how === "take"
            ? without(platform, path)
            : at(platform, how === "add" ? [...path.slice(0, -1), "cpbmWd"] : path, value);
        if (valid(changed)) return;
        refused++;
        expect(parserTakes(changed)).toBe(false);
      },
    ),
    { numRuns: 1500 },
  );
  expect(refused).toBeGreaterThan(300);
});

test("label maps have one too", () => {
  const map = {
    rules: [
      { match: { tid: "4-7", comm: "sort*" }, group: "web" },
      { match: { cpu: [1, 2] }, label: { partid: 3 } },
    ],
    default: { group: "/" },
  };
  expect(validLabels(map)).toBe(true);
  checkLabelMap(map);
  for (const wrong of [
    { rule: [] },
    { rules: [{ match: { tdi: 3 }, group: "web" }] },
    { rules: [{ match: {}, group: "" }] },
  ]) {
    expect(validLabels(wrong)).toBe(false);
    expect(() => checkLabelMap(wrong)).toThrow();
  }
});

describe("plans have one too", () => {
  const validPlan = new Ajv({ strict: true, allowUnionTypes: true }).compile(
    jsonSchemas()["plan.schema.json"] as object,
  );
  const example = parse(/```yaml\n(sweep:[\s\S]*?)```/.exec(text("docs/sweeps.md"))?.[1] ?? "");

  const planTakes = (input: unknown): boolean => {
    try {
      planFrom(input as object);
      return true;
    } catch (error) {
      if (error instanceof WrittenError) return false;
      throw error;
    }
  };

  test("which takes the plan of the documentation, and refuses what the parser refuses", () => {
    validPlan(example);
    expect(validPlan.errors ?? []).toEqual([]);
    const wrong: readonly (readonly [(string | number)[], unknown])[] = [
      [["traces"], "a.arrow"],
      [["traces", 0, "file"], "a.arrow"],
      [["platforms"], {}],
      [["options", "timing"], "half"],
      [["configurations", 1, "schemata"], ["L3:0=1"]],
      [["configurations", 2, "vary", 0, "splt"], "L3"],
      [["configurations", 2, "vary", 0, "between"], ["polite"]],
      [["goals", 0, "highest"], "luck"],
      [["goals", 0, "at"], "L9"],
      [["parts"], 65],
      [["seeds"], "many"],
    ];
    for (const [path, value] of wrong) {
      const changed = at(structuredClone(example), path, value);
      expect([path, validPlan(changed), planTakes(changed)]).toEqual([path, false, false]);
    }
  });

  test("and which refuses nothing that the parser takes, whatever is put where", () => {
    const odd = fc.oneof(
      fc.constantFrom<unknown>(null, true, "", "L3", "20%", "polite", "a=trace:1", [], {}, [1], ["polite", "greedy"], {
        polite: "L3:0=1",
      }),
      fc.integer({ min: -2, max: 2000 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ maxLength: 6 }),
    );
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(), odd, fc.boolean(), (place, value, take) => {
        const changed = structuredClone(example);
        const places = placesOf(changed);
        const path = places[place % places.length] as (string | number)[];
        const other = take ? without(changed, path) : at(changed, path, value);
        if (validPlan(other)) return;
        refused++;
        expect([path, value, planTakes(other)]).toEqual([path, value, false]);
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(200);
  });
});

function at<T>(whole: T, path: readonly (string | number)[], value: unknown): T {
  let node = whole as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) node = node[step] as Record<string | number, unknown>;
  node[path.at(-1) as string] = value;
  return whole;
}

function without<T>(whole: T, path: readonly (string | number)[]): T {
  let node = whole as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) node = node[step] as Record<string | number, unknown>;
  if (Array.isArray(node)) node.splice(Number(path.at(-1)), 1);
  else delete node[path.at(-1) as string];
  return whole;
}

function placesOf(node: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof node !== "object" || node === null) return [path];
  const own = Object.entries(node).flatMap(([key, value]) =>
    placesOf(value, [...path, Array.isArray(node) ? Number(key) : key]),
  );
  return path.length === 0 ? own : [path, ...own];
}

test("the schema is one that names its keys, not one that lets all through", () => {
  expect((SCHEMA as JsonSchema & { additionalProperties: unknown }).additionalProperties).toBe(false);
  expect(SCHEMA.required).toEqual(["name", "cpus", "processor", "memory"]);
});
