// What is left out of a description, or looks odd: one line each, with its place, and no line twice.

import { placeOf } from "../finding.ts";
import { refusal } from "./bytes.ts";
import type { Trouble } from "./table.ts";

export class Remarks {
  readonly #lines = new Set<string>();

  get lines(): readonly string[] {
    return [...this.#lines];
  }

  add(table: string, at: number, what: string): void {
    this.#lines.add(`${placeOf(table, at)}: ${what}`);
  }

  /** Where reading goes on without it. */
  trouble(table: string, { at, what, right }: Trouble, then: string): void {
    this.add(table, at, `${what}; ${right}; ${then}`);
  }

  say(line: string): void {
    this.#lines.add(line);
  }
}

/** Where it cannot go on. */
export function refuse(table: string, { at, what, right }: Trouble): never {
  throw refusal(table, at, what, right);
}
