// JSON Schemas of the files that people write, for editors: made from the schemas that the parsers use, with the words of the
// key reference. Built into dist/schemas; no part of the command.

import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { platformSchema } from "../../platform/index.ts";
import { runSchema } from "../../report/index.ts";
import { planSchema } from "../../sweep/index.ts";
import { labelMapSchema, metadataSchema } from "../../trace/index.ts";
import { withAlso, wordsOf } from "./platform-keys.ts";

/** As far as it is used here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  description?: string;
  readonly properties?: { readonly [key in string]: JsonSchema };
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** By the name of the file. */
export function jsonSchemas(): { readonly [file: string]: JsonSchema } {
  return {
    "platform.schema.json": platformJsonSchema(),
    "labels.schema.json": labelMapJsonSchema(),
    "plan.schema.json": planJsonSchema(),
  };
}

export function platformJsonSchema(): JsonSchema {
  const schema = converted(platformSchema);
  describeKeys(schema, "");
  return {
    ...schema,
    title: "Platform of mpam-emulator",
    description: `What a machine is made of: docs/platform-format.md. ${BEYOND} mpam probe FILE says all that is wrong.`,
  };
}

export function labelMapJsonSchema(): JsonSchema {
  return {
    ...converted(labelMapSchema),
    title: "Label map of mpam-emulator",
    description: `Who of a trace has which label or group: docs/replay.md. ${BEYOND}`,
  };
}

export function planJsonSchema(): JsonSchema {
  return {
    ...converted(planSchema),
    title: "Plan of a sweep of mpam-emulator",
    description: `What is compared with what: docs/sweeps.md. ${BEYOND} mpam sweep FILE --dry-run says all that is wrong.`,
  };
}

export function metadataJsonSchema(): JsonSchema {
  return converted(metadataSchema);
}

export function runJsonSchema(): JsonSchema {
  return converted(runSchema);
}

const BEYOND =
  "Not said here is what keys ask of each other, and the range of numbers that are written as text: the parser refuses more than this schema.";

function converted(schema: v.GenericSchema): JsonSchema {
  return toJsonSchema(schema, {
    target: "draft-07",
    typeMode: "output",
    // What they do is said beside them, by metadata.
    ignoreActions: ["raw_transform", "check", "finite"],
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema.type === "lazy"
        ? (eitherOf((valibotSchema as v.GenericSchema & Lazy).getter) as object)
        : undefined,
  }) as unknown as JsonSchema;
}

interface Lazy {
  readonly getter: (input: unknown) => v.GenericSchema;
}

/** A word or a map: which schema holds is chosen by what stands there. */
function eitherOf(getter: Lazy["getter"]): { anyOf: JsonSchema[] } {
  return { anyOf: ["", {}].map((input) => withoutDialect(converted(getter(input)))) };
}

function withoutDialect({ $schema: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

/** The meaning of each key, then what is allowed, which the schema has. */
function describeKeys(schema: JsonSchema, path: string): void {
  for (const one of schema.anyOf ?? []) describeKeys(one, path);
  if (schema.items) describeKeys(schema.items, `${path}[]`);
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const place = path === "" ? key : `${path}.${key}`;
    const [otherwise, meaning, also] = wordsOf(place);
    const allowed = (value.description ?? "").replace(/ (is|are) allowed$/, "");
    value.description = [
      sentence(plain(meaning)),
      sentence(withAlso(plain(allowed), plain(also ?? ""))),
      sentence(otherwise === "needed" ? "Needed" : `Default: ${plain(otherwise)}`),
    ].join(" ");
    describeKeys(value, place);
  }
}

/** Markdown of the reference as text. */
function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, (_, label) => (label.endsWith(".md") ? `docs/${label}` : label))
    .replaceAll("`", "");
}

function sentence(text: string): string {
  return text === "" ? "" : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, ".");
}
