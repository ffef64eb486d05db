// A monitor command: what it is called, how it looks, what it does.

import type { Session } from "../session.ts";

export interface Command {
  readonly name: string;
  /** How a line with it looks, without the name: "now | advance TIME". */
  readonly usage: string;
  /** One line, for help. */
  readonly about: string;
  /** Answers what is shown; nothing where there is nothing to say. Throws what is wrong in one line. */
  run(words: readonly string[], session: Session, line: string): string | Promise<string>;
}

/** A line that is no line of a command: what is wrong, and how it should look. */
export function wrongUse({ name, usage }: Pick<Command, "name" | "usage">, found: string): RangeError {
  return new RangeError(`${found}; monitor ${name} ${usage}`.trimEnd());
}
