// The values of a schemata line: masks of portions and percentages of bandwidth, and what refuses them (resctrl-fs.md
// section 6).

import { type CtrlDomain, fullMask, preconvertBw } from "../resctrl/index.ts";
import { parseUnsigned } from "../tree/index.ts";
import type { Schema } from "./group.ts";
import { bitCount, lowestRun, overlaps } from "./masks.ts";
import type { SchemataWriter } from "./schemata-parse.ts";
import type { CommandStatus } from "./status.ts";

export function parseMask(value: string, schema: Schema, d: CtrlDomain, writer: SchemataWriter): number {
  const { status, mode } = writer;
  const { cbmLen, minCbmBits, sparse } = schema.resource.cache;
  const where = `schemata: ${schema.name} domain ${d.id}`;
  if (mode === "pseudo-locksetup" && writer.hasLockedNearby?.(d)) {
    const message = `${where}: another cache of its cpus has a pseudo-locked region`;
    throw status.refuse("EINVAL", "Pseudo-locked region in hierarchy\n", message);
  }
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
  const { status, others, mode } = writer;
  const refuse = (text: string, message: string) => status.refuse("EINVAL", text, `${where}: ${message}`);
  const touches = (...modes: SchemataWriter["mode"][]): boolean => {
    return overlaps(
      mask,
      schema,
      d,
      others.filter((other) => modes.includes(other.mode)),
    );
  };
  if (mode !== "pseudo-locksetup" && touches("pseudo-locked")) {
    throw refuse("CBM overlaps with pseudo-locked region\n", "a pseudo-locked region has these bits");
  }
  if (touches("exclusive")) {
    throw refuse("Overlaps with exclusive group\n", "another group has these bits for itself");
  }
  if (mode === "shareable") return;
  if (mask & schema.resource.cache.shareableBits || touches("shareable", "pseudo-locked")) {
    throw refuse("Overlaps with other group\n", "an exclusive group may not share bits with hardware or other groups");
  }
}

export function parseBandwidth(value: string, schema: Schema, status: CommandStatus): number {
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
