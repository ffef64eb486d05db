// A picture of a sweep: what it is called, how it is drawn at any width, and its numbers.

import type { Drawing, Markup, Titled } from "../../../report/index.ts";

export interface Drawn extends Titled {
  draw(drawing: Drawing): Markup;
  /** A table; absent where the page has them anyway. */
  readonly numbers?: Markup;
}
