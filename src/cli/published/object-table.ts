// A table of a document that has the keys of an object and of all objects in it: values from the schema, and words.

import type { JsonSchema } from "./json-schemas.ts";
import { table } from "./markdown.ts";

/** By the place of an object, "" for the whole: its keys with what they are. Keys that are alike stand together, with commas. */
export interface ObjectWords {
  readonly [place: string]: { readonly [keys: string]: string };
}

/** Throws where the schema has a key without words, or the words a key that is in no run. */
export function objectTable(schema: JsonSchema, words: ObjectWords, source: string): string {
  const objects = objectsOf(schema, "");
  for (const place of Object.keys(words))
    if (!objects.has(place)) throw new Error(`${source} has ${place}, which is not there`);
  const rows = [...objects].flatMap(([place, { properties = {}, required = [] }]) => {
    const own = Object.entries(words[place] ?? {}).map(([row, meaning]) => [row.split(", "), meaning] as const);
    const said = new Set(own.flatMap(([names]) => names));
    const silent = Object.keys(properties).find((key) => !said.has(key));
    if (silent !== undefined) throw new Error(`${source} says nothing of ${silent} of '${place}'`);
    return own.map(([names, meaning]) => {
      const values = new Set(
        names.map((key) => {
          const value = properties[key];
          if (!value) throw new Error(`${source} has ${key} of '${place}', which is not there`);
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
  for (const one of schema.anyOf ?? []) for (const [inner, object] of objectsOf(one, place)) found.set(inner, object);
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

function valuesOf(schema: JsonSchema, several = false): string {
  const { type, items, anyOf, properties, description, enum: choices, const: only, minimum, maximum } = schema;
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (Array.isArray(choices)) return choices.map((one) => `\`${JSON.stringify(one)}\``).join(" or ");
  // What is written by hand can be written in more than one way, and its schema says so in words.
  if (description !== undefined && !items && !properties) return description.replace(/,? (is|are) allowed$/, "");
  if (anyOf) return anyOf.map((one) => valuesOf(one, several)).join(" or ");
  if (items) return `list of ${valuesOf(items, true)}`;
  if (typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER) return `${minimum} to ${maximum}`;
  // A text may look like a number to YAML.
  const words = WORDS[String(Array.isArray(type) ? type[0] : type)];
  if (!words) throw new Error(`no word for values of type ${type}`);
  return words[several ? 1 : 0];
}
