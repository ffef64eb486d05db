// What there is to tell while a plan is expanded: problems at their places, and what its writer may not expect.

import type { Path } from "../../written/index.ts";

export interface Telling {
  /** A problem: the plan is refused, once everything has been looked at. */
  refuse(path: Path, found: string, allowed: string): void;
  /** One line; the same line is told once. */
  note(line: string): void;
}
