// A PARTID space by name.

import { SPACES, type Space } from "../../../platform/index.ts";

/** A RangeError for what is none. */
export function spaceNamed(word: string): Space {
  const found = SPACES.find((one) => one === word);
  if (!found) throw new RangeError(`there is no space '${word}'; ${SPACES.join(", ")} are there`);
  return found;
}
