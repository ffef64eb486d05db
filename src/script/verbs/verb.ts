// A verb: the first word of a line, and how the rest of it is read.

import type { Action } from "../line.ts";
import type { Refuse } from "../refuse.ts";
import type { Words } from "../words.ts";

export interface Verb {
  /** How a line with it looks. */
  readonly usage: string;
  /** Takes all words of the line. `parse` reads an action of any verb, for lines within lines. */
  read(words: Words, refuse: Refuse, parse: (words: Words) => Action): Action;
}
