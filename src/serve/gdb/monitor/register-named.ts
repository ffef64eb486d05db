// A register as people name it: by address, or MSC.REGISTER, with a space behind @ if it is not that of the client.

import { decodeRegister, REGISTERS, type Register } from "../../../machine/index.ts";
import { MSC_WINDOW_BYTES, type MscInstance, type Space } from "../../../platform/index.ts";
import { nearest, readNumber } from "../../../written/index.ts";
import { BY } from "../memory.ts";
import type { Session } from "../session.ts";
import { mscNamed } from "./msc-named.ts";
import { spaceNamed } from "./space-named.ts";

export const FORMS = "ADDRESS or MSC.REGISTER[@ns|s|rt|rl], as in L3:0.MPAMF_IDR";

/** A register of one MSC, in one of its banks. */
export interface Place {
  readonly instance: MscInstance;
  readonly offset: number;
  readonly space: Space;
  readonly bytes: 4 | 8;
  readonly name: string;
  readonly field?: string;
}

/** From "L3:0.MPAMF_IDR@s", from "L3:0" and "MPAMF_IDR", or from an address. A RangeError that says what there is. */
export function placeOf(words: readonly string[], session: Session): Place {
  const [text = "", at] = words.join(".").split("@");
  const space = at === undefined ? session.space : spaceNamed(at);
  const { mscs } = session.board.machine;
  const address = readNumber(text);
  if (address !== undefined) return atAddress(address, mscs, space);
  const parts =
    /^(.+?)\.((?:MPAM|MSMON)[^.]*)(?:\.([^.]*))?$/i.exec(text) ?? /^([^.]+)\.([^.]+)(?:\.([^.]*))?$/.exec(text);
  if (!parts) throw new RangeError(`'${text}' names no register; ${FORMS}`);
  const [, msc = "", register = "", field] = parts;
  return { instance: mscNamed(msc, mscs), space, ...inPage(register.toUpperCase(), field) };
}

function atAddress(address: number, mscs: readonly MscInstance[], space: Space): Place {
  const instance = mscs.find(
    (one) => one.address !== undefined && one.address <= address && address < one.address + MSC_WINDOW_BYTES,
  );
  if (!instance) {
    throw new RangeError(`0x${address.toString(16)}: no MSC lies there; monitor info says where they are`);
  }
  const offset = address - (instance.address as number);
  if (offset % 4 !== 0) throw new RangeError(`0x${address.toString(16)}: registers lie at multiples of 4`);
  const wide = REGISTERS.find((one) => one.offset === offset && one.width === 64);
  const name = wide?.name ?? decodeRegister(offset, 0)?.register ?? `offset 0x${offset.toString(16)}`;
  return { instance, offset, space, bytes: wide ? 8 : 4, name };
}

/** A register of every page, or of no MSC in particular. A RangeError for a name that none has. */
export function inPage(name: string, field?: string): Pick<Place, "offset" | "bytes" | "name" | "field"> {
  const found = REGISTERS.flatMap((register) => wordsOf(register, name))[0];
  if (!found) {
    const close = nearest(
      name,
      REGISTERS.map((one) => one.name),
    );
    throw new RangeError(`there is no register ${name}${close ? `; did you mean ${close}?` : ""}`);
  }
  if (field === undefined) return found;
  const fields = Object.keys(fieldMasks(found));
  const exact = fields.find((one) => one.toLowerCase() === field.toLowerCase());
  if (!exact) throw new RangeError(`${found.name} has no field ${field}; ${fields.join(", ")} are there`);
  return { ...found, field: exact };
}

/** NAME, NAME_HI of one of 64 bits, or NAME with a number of an array. */
function wordsOf({ name, offset, width, count }: Register, asked: string): Pick<Place, "offset" | "bytes" | "name">[] {
  if (asked === name) return [{ name: count > 1 ? `${name}0` : name, offset, bytes: width === 64 ? 8 : 4 }];
  if (width === 64 && asked === `${name}_HI`) return [{ name: asked, offset: offset + 4, bytes: 4 }];
  const number = asked.startsWith(name)
    ? Number(/^\d+$/.exec(asked.slice(name.length))?.[0] ?? Number.NaN)
    : Number.NaN;
  return count > 1 && number < count ? [{ name: asked, offset: offset + 4 * number, bytes: 4 }] : [];
}

/** The register that a word belongs to. */
export function registerAt(offset: number): Register | undefined {
  return REGISTERS.find((one) => offset >= one.offset && offset < one.offset + 4 * one.words.length * one.count);
}

/**
 * Masks of the fields of a place, by name. The upper VALUE of a long counter, which the lower word has too, is VALUE_HI.
 */
export function fieldMasks({ offset, bytes }: Pick<Place, "offset" | "bytes">): Readonly<Record<string, bigint>> {
  const register = registerAt(offset);
  if (!register) return {};
  const first = register.count > 1 ? 0 : (offset - register.offset) / 4;
  const masks: Record<string, bigint> = {};
  for (const [n, fields] of register.words.slice(first, first + bytes / 4).entries()) {
    for (const [name, mask] of Object.entries(fields)) {
      masks[name in masks ? `${name}_HI` : name] = BigInt(mask >>> 0) << BigInt(32 * n);
    }
  }
  return masks;
}

/** By the cpu and past nothing, where the MSC has a page; firmware's own way where it has none. To be called within `exclusive`. */
export function readPlace({ instance, offset, space, bytes }: Place, session: Session): bigint {
  const { machine } = session.board;
  const { address, msc } = instance;
  return session.own(() => {
    if (address !== undefined)
      return machine.bus.read({ ...session.via, space, address: address + offset, bytes, by: BY });
    const read = bytes === 8 ? machine.read64(msc, offset, space, BY) : machine.read32(msc, offset, space, BY);
    return BigInt(read);
  });
}

export function writePlace({ instance, offset, space, bytes }: Place, value: bigint, session: Session): void {
  const { machine } = session.board;
  const { address, msc } = instance;
  session.own(() => {
    if (address !== undefined) {
      machine.bus.write({ ...session.via, space, address: address + offset, bytes, value, by: BY });
    } else if (bytes === 8) machine.write64(msc, offset, value, space, BY);
    else machine.write32(msc, offset, Number(value), space, BY);
  });
}
