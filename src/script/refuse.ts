// How a line is refused: where, what was found, and what would be right.

import type { Problem } from "../written/index.ts";

export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.found);
  }
}

export type Refuse = (column: number, found: string, allowed: string) => Refusal;

export function refuseAt(line: number): Refuse {
  return (column, found, allowed) => new Refusal({ line, column, found, allowed });
}
