// The words of a key by its place in a platform file, and the tables of docs/platform-format.md.

import { KEY_TABLES, type KeyTable, type KeyTableName, type KeyWords } from "../../platform/index.ts";
import { showBytes } from "../../written/index.ts";
import type { JsonSchema } from "./json-schemas.ts";

/** Where the keys of each table stand. Those of an MSC and of a processor stand in more than one place, and mean the same. */
const PLACES: { readonly [table in KeyTableName]: RegExp } = {
  machine: /^/,
  processor: /^processor\./,
  mailbox: /^mailboxes\[\]\./,
  smmu: /^smmus\[\]\./,
  device: /^devices\[\]\./,
  cache: /^caches\[\]\./,
  memory: /^memory\[\]\./,
  msc: /^(?:caches|memory)\[\]\.msc\./,
  choices: /^(?:caches|memory)\[\]\.msc\./,
  controls: /^(?:caches|memory)\[\]\.msc\.(?:ris\[\]\.)?/,
  monitors: /^(?:caches|memory)\[\]\.msc\.(?:ris\[\]\.)?/,
};

/** A table's own names for a key that is at `place`: what cpus may have that differ is named as what all have. */
const namesOf = (place: string, table: KeyTableName) => {
  const name = place.replace(PLACES[table], "").replace(/^spaces\.(?:ns|s|rt|rl)\./, "spaces.*.");
  return [name, name.replace("unlike[].", "")];
};

/** Throws where no table has the key: it is to be written down. */
export function wordsOf(place: string): KeyWords {
  for (const [name, table] of Object.entries(KEY_TABLES) as [KeyTableName, KeyTable][]) {
    if (!PLACES[name].test(place)) continue;
    const row = Object.entries(table).find(([keys]) =>
      keys.split(", ").some((key) => namesOf(place, name).includes(key)),
    );
    if (row) return row[1];
  }
  throw new Error(`src/platform/key-reference.ts says nothing of ${place}`);
}

/** Every key that a schema has, by its place. */
export function keysOf(schema: JsonSchema, path = ""): Map<string, JsonSchema> {
  const keys = new Map<string, JsonSchema>();
  const add = (more: ReadonlyMap<string, JsonSchema>) => {
    for (const [place, found] of more) keys.set(place, found);
  };
  for (const one of schema.anyOf ?? []) add(keysOf(one, path));
  if (schema.items) add(keysOf(schema.items, `${path}[]`));
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const place = path === "" ? key : `${path}.${key}`;
    keys.set(place, value);
    add(keysOf(value, place));
  }
  return keys;
}

/** The rows of a table, as Markdown. */
export function keyTable(name: KeyTableName, schema: JsonSchema): string {
  const all = [...keysOf(schema)];
  const rows = Object.entries(KEY_TABLES[name] as KeyTable).map(([keys, [otherwise, meaning, also]]) => {
    const first = keys.split(", ")[0] as string;
    const found = all.find(([place]) => PLACES[name].test(place) && namesOf(place, name)[0] === first);
    if (!found) throw new Error(`src/platform/key-reference.ts has ${first} of ${name}, which no platform has`);
    const values = withAlso(valuesOf(found[1]), also);
    const shown = keys
      .split(", ")
      .map((key) => `\`${key}\``)
      .join(", ");
    return `| ${shown} | ${values} | ${otherwise} | ${meaning} |`;
  });
  return ["| Key | Values | Default | Meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** "0 to 9 us", "0 to 4, a multiple of 2". */
export function withAlso(values: string, also = ""): string {
  if (values === "" || also === "") return values + also;
  return `${values}${/^(ns|us)\b/.test(also) ? " " : ", "}${also}`;
}

/** What may stand there: "0 to 255", "`lru`, `plru`", "size, 1 MiB to 4 GiB", "list of ...". */
export function valuesOf(schema: JsonSchema): string {
  const { title, type, minimum, maximum, items, anyOf, properties } = schema;
  if (title === "size" || title === "rate") {
    const [range] = anyOf as readonly [{ minimum: number; maximum: number }];
    const { minimum: least, maximum: most } = range;
    return title === "size" ? `size, ${showBytes(least)} to ${showBytes(most)}` : `rate, up to ${most / 1e12} TB/s`;
  }
  if (title === "cpus or []") return "cpus, or `[]`";
  if (typeof title === "string") return title;
  if (schema.enum) return choices(schema.enum as readonly (string | number | boolean)[]);
  if (properties) return "a map";
  if (type === "array") return items?.properties ? "list" : `list of ${valuesOf(items as JsonSchema)}`;
  if (typeof minimum === "number") {
    const most = maximum ?? (schema.exclusiveMaximum as number);
    if (most === 2 ** 52 - 1) return "below 2^52";
    return maximum === undefined ? `${minimum} to below ${most}` : `${minimum} to ${most}`;
  }
  if (anyOf)
    return anyOf
      .map(valuesOf)
      .filter((part) => part !== "" && part !== "text")
      .join(", ");
  return type === "string" && schema.pattern === undefined ? "text" : "";
}

/** 1.1 beside "1.1" is what YAML makes of it without quotes. */
function choices(all: readonly (string | number | boolean)[]): string {
  const texts = all.filter((one) => typeof one === "string");
  const shown = all.filter((one) => typeof one !== "number" || !texts.some((text) => Number(text) === one));
  return shown
    .map((one) => (typeof one === "string" ? `\`${/^[\d.]+$/.test(one) ? `"${one}"` : one}\`` : String(one)))
    .join(", ");
}
