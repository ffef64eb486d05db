// A register for people: what it is, what it holds, and its fields.

import { errorCodeName, nameOfMsc } from "../../../machine/index.ts";
import { meaningOf, wordFor } from "../../../meaning/index.ts";
import { fieldMasks, type Place, registerAt } from "./register-named.ts";

/** 0x0000_0001_0100_000f: in groups of four digits. */
export function showHex(value: bigint, bytes: number): string {
  const digits = value.toString(16).padStart(2 * bytes, "0");
  return `0x${digits.replace(/(?<=.)(?=(.{4})+$)/g, "_")}`;
}

export function showAddress(address: number): string {
  return `0x${address.toString(16)}`;
}

/** What a register of some MSC would hold: a line, and one for each field. */
export function showValue(place: Pick<Place, "name" | "offset" | "bytes">, value: bigint): string {
  const head = `${place.name}  ${showHex(value, place.bytes)}`;
  return [head, ...fieldLines(place, value), ""].join("\n");
}

/** The same of a register of an MSC. */
export function showRegister(place: Place, value: bigint): string {
  const { instance, offset, space, bytes, name } = place;
  const { address, msc } = instance;
  const where = address === undefined ? "behind a mailbox" : showAddress(address + offset);
  const head = `${nameOfMsc(instance)} (msc ${msc}, ${space})  ${name}  at ${where}  ${showHex(value, bytes)}`;
  return [head, ...fieldLines(place, value), ""].join("\n");
}

function fieldLines(place: Pick<Place, "offset" | "bytes">, value: bigint): string[] {
  const fields = Object.entries(fieldMasks(place));
  const width = Math.max(0, ...fields.map(([field]) => field.length));
  return fields.map(([field, mask]) => {
    // The lowest bit of a mask is what it has to be divided by.
    const held = (value & mask) / (mask & -mask);
    const word = wordOf(place, field, Number(held));
    return `  ${field.padEnd(width)}  ${show(held)}${word === undefined ? "" : `  ${word}`}`;
  });
}

/** What a value is called, where it has a name. The name of a field that says what there is, or is not, needs no other. */
function wordOf({ offset }: Pick<Place, "offset">, field: string, value: number): string | undefined {
  const register = registerAt(offset);
  if (!register || /^(HAS|NO)_/.test(field)) return undefined;
  const word = wordFor(meaningOf(register.name), field, value);
  if (word === "reserved") return undefined;
  return field === "ERRCODE" && value > 0 ? `${errorCodeName(value)}: ${word}` : word;
}

function show(value: bigint): string {
  return value < 10n ? String(value) : `0x${value.toString(16)} (${value})`;
}
