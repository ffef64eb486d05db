// Who wants to be told of something, whatever machine there is. What one throws is said, and harms nobody.

import { messageOf } from "../errno/index.ts";

export class Handlers<T> {
  readonly #all = new Set<(value: T) => void>();

  constructor(private readonly say: (line: string) => void) {}

  /** The result ends that. */
  add(handler: (value: T) => void): () => void {
    this.#all.add(handler);
    return () => this.#all.delete(handler);
  }

  tell(value: T): void {
    for (const handler of this.#all) guarded(this.say, () => handler(value));
  }
}

export function guarded(say: (line: string) => void, work: () => void): void {
  try {
    work();
  } catch (error) {
    say(`mpam: ${messageOf(error)}`);
  }
}
