// A register for people: what it is, what it holds, and its fields that hold something.

import { nameOfMsc } from "../../../machine/index.ts";
import { fieldMasks, type Place } from "./register-named.ts";

/** 0x0000_0001_0100_000f: in groups of four digits. */
export function showHex(value: bigint, bytes: number): string {
  const digits = value.toString(16).padStart(2 * bytes, "0");
  return `0x${digits.replace(/(?<=.)(?=(.{4})+$)/g, "_")}`;
}

export function showAddress(address: number): string {
  return `0x${address.toString(16)}`;
}

/** The line of the register, and one for each field. */
export function showRegister(place: Place, value: bigint): string {
  const { instance, offset, space, bytes, name } = place;
  const { address, msc } = instance;
  const where = address === undefined ? "behind a mailbox" : showAddress(address + offset);
  const head = `${nameOfMsc(instance)} (msc ${msc}, ${space})  ${name}  at ${where}  ${showHex(value, bytes)}`;
  const fields = Object.entries(fieldMasks(place));
  const width = Math.max(0, ...fields.map(([field]) => field.length));
  // The lowest bit of a mask is what it has to be divided by.
  const lines = fields.map(([field, mask]) => `  ${field.padEnd(width)}  ${show((value & mask) / (mask & -mask))}`);
  return [head, ...lines, ""].join("\n");
}

function show(value: bigint): string {
  return value < 10n ? String(value) : `0x${value.toString(16)} (${value})`;
}
