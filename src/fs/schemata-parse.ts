// Parsing what is written to a schemata file. Parsing only stages values, so that an error applies nothing
// (resctrl-fs.md section 6).

import { type CtrlDomain, findDomain, fullMask, preconvertBw, type Resource } from "../resctrl/index.ts";
import type { GroupMode, Schema } from "./group.ts";
import { parseUnsigned } from "./numbers.ts";
import type { CommandStatus } from "./status.ts";
import { cut, trim } from "./text.ts";

/** Another control group, as far as its masks can be in the way. */
export interface Neighbour {
  readonly mode: GroupMode;
  mask(schema: Schema, d: CtrlDomain): number;
}

export interface SchemataWriter {
  readonly status: CommandStatus;
  readonly closid: number;
  readonly mode: GroupMode;
  readonly schemas: readonly Schema[];
  readonly others: readonly Neighbour[];
}

/** `text` is the command without its final newline. */
export function parseSchemata(text: string, writer: SchemataWriter): void {
  for (const line of text.split("\n")) parseLine(line, writer);
}

function parseLine(line: string, writer: SchemataWriter): void {
  const { status } = writer;
  const [nameText, list] = cut(line, ":");
  const name = trim(nameText);
  if (list === undefined) throw status.refuse("EINVAL", "Missing ':'\n", `schemata: "${line}" has no ':'`);
  if (list === "") {
    throw status.refuseFormatted("EINVAL", `Missing '${name}' value\n`, `schemata: nothing after ${name}:`);
  }
  const schema = writer.schemas.find((s) => s.name === name && writer.closid < s.numClosid);
  if (schema === undefined) {
    const known = writer.schemas.map((s) => s.name).join(", ");
    const text = `Unknown or unsupported resource name '${name}'\n`;
    throw status.refuseFormatted("EINVAL", text, `schemata: no resource "${name}"; there is ${known}`);
  }
  // One semicolon at the end is fine; an empty item anywhere else has no '='.
  for (let rest: string | undefined = list; rest !== undefined && rest !== ""; ) {
    const [item, next] = cut(rest, ";");
    parseItem(item, schema, writer);
    rest = next;
  }
}

function parseItem(item: string, schema: Schema, writer: SchemataWriter): void {
  const { status } = writer;
  const [idText, valueText] = cut(item, "=");
  const id = parseUnsigned(idText, 10, 64);
  if (valueText === undefined || typeof id === "string") {
    const text = "Missing '=' or non-numeric domain\n";
    throw status.refuse("EINVAL", text, `schemata: "${item}" is not <domain>=<value>`);
  }
  const { resource } = schema;
  const d = findDomain(resource.ctrlDomains, Number(id));
  if (d === undefined) {
    // The kernel has no text for this one.
    const ids = resource.ctrlDomains.map((other) => other.id).join(", ");
    throw status.error("EINVAL", `schemata: ${schema.name} has no domain ${id}; there is ${ids}`);
  }
  if (d.staged.has(schema.type)) {
    const text = `Duplicate domain ${d.id}\n`;
    throw status.refuseFormatted("EINVAL", text, `schemata: ${schema.name} domain ${d.id} is given twice`);
  }
  const value = trim(valueText);
  const parsed =
    resource.format === "bitmap" ? parseMask(value, schema, d, writer) : parseBandwidth(value, schema, status);
  d.staged.set(schema.type, parsed);
}

function parseMask(value: string, schema: Schema, d: CtrlDomain, writer: SchemataWriter): number {
  const { status } = writer;
  const { cbmLen, minCbmBits, sparse } = schema.resource.cache;
  const where = `schemata: ${schema.name} domain ${d.id}`;
  const number = parseUnsigned(value, 16, 64);
  if (typeof number === "string") {
    const text = `Non-hex character in the mask ${value}\n`;
    throw status.refuseFormatted("EINVAL", text, `${where}: "${value}" is not a hexadecimal mask`);
  }
  if ((minCbmBits > 0 && number === 0n) || number > BigInt(fullMask(cbmLen))) {
    const message = `${where}: ${value} is outside 1..${fullMask(cbmLen).toString(16)}`;
    throw status.refuse("EINVAL", "Mask out of range\n", message);
  }
  const mask = Number(number);
  const lowest = lowestRun(mask);
  if (!sparse && lowest !== mask) {
    const text = `The mask ${mask.toString(16)} has non-consecutive 1-bits\n`;
    throw status.refuseFormatted("EINVAL", text, `${where}: ${value} has a hole`);
  }
  if (bitCount(lowest) < minCbmBits) {
    const text = `Need at least ${minCbmBits} bits in the mask\n`;
    throw status.refuseFormatted("EINVAL", text, `${where}: ${value} has too few bits`);
  }
  checkOverlap(mask, schema, d, writer, where);
  return mask;
}

function checkOverlap(mask: number, schema: Schema, d: CtrlDomain, writer: SchemataWriter, where: string): void {
  const { status, others } = writer;
  if (
    overlaps(
      mask,
      schema,
      d,
      others.filter((other) => other.mode === "exclusive"),
    )
  ) {
    throw status.refuse(
      "EINVAL",
      "Overlaps with exclusive group\n",
      `${where}: another group has these bits for itself`,
    );
  }
  if (writer.mode !== "exclusive") return;
  if (mask & schema.resource.cache.shareableBits || overlaps(mask, schema, d, others)) {
    const message = `${where}: an exclusive group may not share bits with hardware or other groups`;
    throw status.refuse("EINVAL", "Overlaps with other group\n", message);
  }
}

function parseBandwidth(value: string, schema: Schema, status: CommandStatus): number {
  const number = parseUnsigned(value, 10, 32);
  if (typeof number === "string") {
    const text = `Invalid MB value ${value}\n`;
    throw status.refuseFormatted("EINVAL", text, `schemata: ${schema.name} "${value}" is not a percentage`);
  }
  const { minBw, maxBw } = schema.resource.membw;
  if (number < minBw || number > maxBw) {
    const text = `MB value ${number} out of range [${minBw},${maxBw}]\n`;
    throw status.refuseFormatted("EINVAL", text, `schemata: ${schema.name} ${number} is outside ${minBw}..${maxBw}`);
  }
  return preconvertBw(schema.resource, Number(number));
}

export function overlaps(mask: number, schema: Schema, d: CtrlDomain, others: readonly Neighbour[]): boolean {
  return others.some((other) => (other.mask(schema, d) & mask) !== 0);
}

/** The run of ones that starts at the lowest one. */
export function lowestRun(mask: number): number {
  const lowest = mask & -mask;
  // Adding the lowest bit carries through its run and clears it.
  return (mask & ~(mask + lowest)) >>> 0;
}

export function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}

/** Forgets what was staged and not applied. */
export function forgetStaged(resources: Iterable<Resource>): void {
  for (const resource of resources) for (const d of resource.ctrlDomains) d.staged.clear();
}
