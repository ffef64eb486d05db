// Writes to schemata (resctrl-fs.md section 6). Nothing is staged by a text that has any error in it.

import { granularity, toPercent } from "./percent.ts";
import { refuse } from "./refused.ts";
import type { PlainSchemas, Resource, Schema } from "./schemas.ts";
import type { PlainStatus } from "./status.ts";
import { split, trim, unsigned } from "./text.ts";

export interface Staged {
  readonly schema: Schema;
  readonly domain: number;
  readonly value: number;
}

export interface Lines {
  readonly schemas: PlainSchemas;
  readonly status: PlainStatus;
  readonly closid: number;
  /** Ids of the domains that are there. */
  domains(resource: Resource): readonly number[];
}

export function parseSchemata(text: string, lines: Lines): Staged[] {
  const staged: Staged[] = [];
  for (const line of text.split("\n")) parseLine(line, lines, staged);
  return staged;
}

function parseLine(line: string, lines: Lines, staged: Staged[]): void {
  const { status, schemas, closid } = lines;
  const [before, items] = split(line, ":");
  const name = trim(before);
  if (items === undefined) {
    status.put("Missing ':'\n");
    refuse("EINVAL");
  }
  if (items === "") {
    status.print(`Missing '${name}' value\n`);
    refuse("EINVAL");
  }
  const schema = schemas.list.find((one) => one.name === name && closid < one.closids);
  if (!schema) {
    status.print(`Unknown or unsupported resource name '${name}'\n`);
    refuse("EINVAL");
  }
  let rest: string | undefined = items;
  while (rest !== undefined && rest !== "") {
    const [item, behind] = split(rest, ";");
    staged.push(parseItem(item, schema, lines, staged));
    rest = behind;
  }
}

function parseItem(item: string, schema: Schema, lines: Lines, staged: readonly Staged[]): Staged {
  const { status } = lines;
  const [id, written] = split(item, "=");
  const parsed = unsigned(id, 10);
  if (written === undefined || !("value" in parsed)) {
    status.put("Missing '=' or non-numeric domain\n");
    refuse("EINVAL");
  }
  const domain = lines.domains(schema.resource).find((one) => BigInt(one) === parsed.value);
  if (domain === undefined) refuse("EINVAL");
  if (staged.some((one) => one.schema === schema && one.domain === domain)) {
    status.print(`Duplicate domain ${domain}\n`);
    refuse("EINVAL");
  }
  const value = trim(written);
  return {
    schema,
    domain,
    value: schema.resource === "MB" ? parseRange(value, lines) : parseMask(value, schema, lines),
  };
}

function parseMask(text: string, { resource }: Schema, { status, schemas }: Lines): number {
  const parsed = unsigned(text, 16);
  if (!("value" in parsed)) {
    status.print(`Non-hex character in the mask ${text}\n`);
    refuse("EINVAL");
  }
  if (parsed.value === 0n || parsed.value > BigInt(schemas.fullMask(resource))) {
    status.put("Mask out of range\n");
    refuse("EINVAL");
  }
  // Any mask will do from here on: holes are allowed, one bit is enough, and no group is ever exclusive.
  return Number(parsed.value);
}

function parseRange(text: string, { status, schemas }: Lines): number {
  const { mb, kernel } = schemas.shape;
  const parsed = unsigned(text, 10);
  if (!("value" in parsed) || parsed.value >= 2n ** 32n) {
    status.print(`Invalid MB value ${text}\n`);
    refuse("EINVAL");
  }
  const least = toPercent(0, mb!.width);
  const value = Number(parsed.value);
  if (value < least || value > 100) {
    status.print(`MB value ${value} out of range [${least},100]\n`);
    refuse("EINVAL");
  }
  if (kernel === "7.3 repaired") return value;
  const gran = granularity(mb!.width);
  return Math.ceil(value / gran) * gran;
}
