// monitor read, monitor decode: a register with its fields by name; read, or of a value that one has.

import { readNumber } from "../../../written/index.ts";
import { type Command, wrongUse } from "./command.ts";
import { placeOf, readPlace } from "./register-named.ts";
import { showRegister } from "./show-register.ts";

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
  usage: "ADDRESS | MSC.REGISTER[@ns|s|rt|rl] [VALUE]",
  about: "the fields of a value that a register might hold, and without one of what it holds",
  run(words, session) {
    const last = words.length > 1 ? readWide(words.at(-1) ?? "") : undefined;
    if (last === undefined) return read.run(words, session, "");
    const place = placeOf(words.slice(0, -1), session);
    if (last >= 1n << BigInt(8 * place.bytes)) throw wrongUse(this, `${place.name} has ${8 * place.bytes} bits`);
    return showRegister(place, last);
  },
};

/** A number of 64 bits; undefined for what is none. */
export function readWide(text: string): bigint | undefined {
  if (readNumber(text) === undefined) return undefined;
  const value = BigInt(text.replaceAll("_", ""));
  return value < 1n << 64n ? value : undefined;
}
