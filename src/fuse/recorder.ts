// Tells a journal what was asked and answered. With a journal operations run one after the other, so that the order in
// which they are told is the order in which they took effect; without one this costs nothing.

import { ErrnoError } from "../errno/index.ts";
import type { Asking } from "./asking.ts";
import type { Answered, Asked, JournalEntry } from "./journal.ts";

export interface Recording {
  readonly journal: (entry: JournalEntry) => void;
  /** Model time, ns. */
  readonly modelTime: () => number;
}

export class Recorder {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly recording: Recording | undefined) {}

  /**
   * Runs an operation. `asked` is called just before it; undefined for what is not told: operations in directories that have
   * left the tree, whose paths may be those of others by now.
   */
  run<T>(
    asking: Asking,
    asked: () => Asked | undefined,
    body: () => T | Promise<T>,
    answered: (value: T) => Answered = () => ({}),
  ): T | Promise<T> {
    if (this.recording === undefined) return body();
    const turn = this.#last.then(() => this.#told(asking, asked, body, answered));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #told<T>(
    asking: Asking,
    asked: () => Asked | undefined,
    body: () => T | Promise<T>,
    answered: (value: T) => Answered,
  ): Promise<T> {
    if (asking.interrupted) throw new ErrnoError("EINTR", "interrupted before it began");
    const what = asked();
    try {
      const value = await body();
      this.#tell(asking, what, () => answered(value));
      return value;
    } catch (error) {
      this.#tell(asking, what, () => ({ errno: error instanceof ErrnoError ? error.code : "EIO" }));
      throw error;
    }
  }

  #tell({ uid, gid, pid }: Asking, asked: Asked | undefined, answered: () => Answered): void {
    if (this.recording === undefined || asked === undefined) return;
    const { journal, modelTime } = this.recording;
    journal({ ...asked, ...answered(), caller: { uid, gid, pid }, at: modelTime() });
  }
}
