// monitor read, monitor decode: a register with its fields by name, and a value that one might hold.

import { readNumber } from "../../../written/index.ts";
import { type Command, wrongUse } from "./command.ts";
import { inPage, placeOf, readPlace } from "./register-named.ts";
import { showRegister, showValue } from "./show-register.ts";

export const read: Command = {
  name: "read",
  usage: "ADDRESS | MSC.REGISTER[@ns|s|rt|rl]",
  about: "reads a register and shows its fields: read L3:0.MPAMF_IDR",
  run(words, session) {
    if (words.length === 0) throw wrongUse(this, "a register is needed");
    const place = placeOf(words, session);
    return session.board.exclusive(() => showRegister(place, readPlace(place, session)));
  },
};

export const decode: Command = {
  name: "decode",
  usage: "REGISTER VALUE",
  about: "the fields of a value that a register might hold: decode MPAMF_ESR 0x81020003",
  run([name, number, ...more]) {
    const value = readWide(number ?? "");
    if (name === undefined || value === undefined || more.length > 0) {
      throw wrongUse(this, "the name of a register and a number are needed");
    }
    const place = inPage(name.toUpperCase());
    if (value >= 1n << BigInt(8 * place.bytes)) throw wrongUse(this, `${place.name} has ${8 * place.bytes} bits`);
    return showValue(place, value);
  },
};

/** A number of 64 bits; undefined for what is none. */
export function readWide(text: string): bigint | undefined {
  if (readNumber(text) === undefined) return undefined;
  const value = BigInt(text.replaceAll("_", ""));
  return value < 1n << 64n ? value : undefined;
}
