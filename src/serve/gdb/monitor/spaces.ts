// PARTID spaces by name.

import type { Space } from "../../../platform/index.ts";

export const SPACES: readonly Space[] = ["ns", "s", "rt", "rl"];

/** A RangeError for what is none. */
export function spaceNamed(word: string): Space {
  const found = SPACES.find((one) => one === word);
  if (!found) throw new RangeError(`there is no space '${word}'; ${SPACES.join(", ")} are there`);
  return found;
}
