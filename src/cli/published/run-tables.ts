// The tables of docs/reports.md: keys of a run file from its schema and their words, and what rows of CSV and Arrow measure.

import { MEASURES, RUN_KEYS } from "../../report/index.ts";
import { type JsonSchema, runJsonSchema } from "./json-schemas.ts";
import { table } from "./markdown.ts";

export function runTable(name: string): string {
  if (name === "keys") return keys(runJsonSchema());
  if (name !== "measures") throw new Error(`docs/reports.md: there is no table ${name}`);
  const rows = Object.entries(MEASURES).map(([measure, { unit, place, meaning }]) => [
    `\`${measure}\``,
    unit,
    place,
    meaning,
  ]);
  return table(["Measure", "Unit", "Place", "What it is"], rows);
}

/** Throws where the schema has a key without words, or the words a key that is in no run. */
function keys(schema: JsonSchema): string {
  const objects = objectsOf(schema, "");
  for (const place of Object.keys(RUN_KEYS)) if (!objects.has(place)) throw new Error(`no run has ${place}`);
  const rows = [...objects].flatMap(([place, { properties = {}, required = [] }]) => {
    const words = Object.entries(RUN_KEYS[place] ?? {}).map(([row, meaning]) => [row.split(", "), meaning] as const);
    const said = new Set(words.flatMap(([names]) => names));
    const silent = Object.keys(properties).find((key) => !said.has(key));
    if (silent !== undefined) throw new Error(`src/report/run-keys.ts says nothing of ${silent} of '${place}'`);
    return words.map(([names, meaning]) => {
      const values = new Set(
        names.map((key) => {
          const value = properties[key];
          if (!value) throw new Error(`src/report/run-keys.ts has ${key} of '${place}', which no run has`);
          return `${valuesOf(value)}${required.includes(key) ? "" : ", or absent"}`;
        }),
      );
      const shown = names.map((key) => `\`${key}\``).join(", ");
      return [place === "" ? "" : `\`${place}\``, shown, [...values].join("; "), meaning];
    });
  });
  return table(["In", "Key", "Values", "What it is"], rows);
}

/** The run itself, then each object in it, by its place. */
function objectsOf(schema: JsonSchema, place: string): Map<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  if (!schema.properties) return found;
  found.set(place, schema);
  for (const [key, value] of Object.entries(schema.properties)) {
    const path = place === "" ? key : `${place}.${key}`;
    for (const [inner, one] of objectsOf(value, path)) found.set(inner, one);
    if (value.items) for (const [inner, one] of objectsOf(value.items, `${path}[]`)) found.set(inner, one);
  }
  return found;
}

const WORDS: { readonly [type in string]: readonly [one: string, several: string] } = {
  number: ["number", "numbers"],
  integer: ["whole number", "whole numbers"],
  string: ["text", "texts"],
  boolean: ["true or false", "booleans"],
  object: ["an object", "objects"],
  null: ["null", "nulls"],
};

function valuesOf({ type, items, anyOf, enum: choices, const: only }: JsonSchema, several = false): string {
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (Array.isArray(choices)) return choices.map((one) => `\`${JSON.stringify(one)}\``).join(" or ");
  if (anyOf) return anyOf.map((one) => valuesOf(one, several)).join(" or ");
  if (items) return `list of ${valuesOf(items, true)}`;
  const words = WORDS[String(type)];
  if (!words) throw new Error(`no word for values of type ${type}`);
  return words[several ? 1 : 0];
}
