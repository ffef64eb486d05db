// One connection after the other: who sends many commands at once lets others in between, and signals, and reads what came.

/** What one may take before the others have their turn, ms. */
const SLICE_MS = 5;

export class Turns {
  #since = performance.now();

  /** To be awaited after each command. */
  async next(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}
