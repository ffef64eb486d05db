// monitor write: a register, or a field of one while the others stay.

import { type Command, wrongUse } from "./command.ts";
import { readWide } from "./read.ts";
import { fieldMasks, type Place, placeOf, readPlace, writePlace } from "./register-named.ts";
import { showRegister } from "./show-register.ts";

export const write: Command = {
  name: "write",
  usage: "ADDRESS | MSC.REGISTER[.FIELD][@ns|s|rt|rl] VALUE",
  about: "writes a register or a field of it, and shows what it reads then",
  run(words, session) {
    const value = readWide(words.at(-1) ?? "");
    if (words.length < 2 || value === undefined) throw wrongUse(this, "a register and a number are needed");
    const place = placeOf(words.slice(0, -1), session);
    return session.board.exclusive(() => {
      const before = place.field === undefined ? 0n : readPlace(place, session);
      writePlace(place, wordWith(place, before, value), session);
      return showRegister(place, readPlace(place, session));
    });
  },
};

/** A RangeError for what does not fit. */
function wordWith(place: Place, before: bigint, value: bigint): bigint {
  const whole = (1n << BigInt(8 * place.bytes)) - 1n;
  const mask = place.field === undefined ? whole : (fieldMasks(place)[place.field] ?? whole);
  const step = mask & -mask;
  if (value > mask / step) {
    const what = place.field === undefined ? place.name : `${place.name}.${place.field}`;
    throw new RangeError(
      `0x${value.toString(16)} does not fit in ${what}: 0 to 0x${(mask / step).toString(16)} is allowed`,
    );
  }
  return (before & ~mask) | (value * step);
}
