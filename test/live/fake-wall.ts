// A clock on the wall that a test moves.

import type { Wall } from "../../src/live/wall.ts";

export class FakeWall implements Wall {
  #now = 1000;
  #alarms: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, wake: () => void): () => void {
    const alarm = { at: this.#now + ms, wake };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((one) => one !== alarm);
    };
  }

  /** How many wait for an alarm. */
  get waiting(): number {
    return this.#alarms.length;
  }

  /** Moves on in steps of `stepMs`; after each, everybody does what there is to do. */
  async pass(ms: number, stepMs = ms): Promise<void> {
    const end = this.#now + ms;
    while (this.#now < end) {
      this.#now = Math.min(end, this.#now + stepMs);
      const due = this.#alarms.filter(({ at }) => at <= this.#now);
      for (const { wake } of due) wake();
      await this.settle();
    }
  }

  /** Until somebody waits for an alarm, or long enough for those who never will. */
  async settle(): Promise<void> {
    for (let i = 0; i < 1000 && (i < 20 || this.waiting === 0); i++)
      await new Promise((resolve) => setImmediate(resolve));
  }
}
