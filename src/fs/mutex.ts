// The one lock of the filesystem: every command, and every worker, runs alone (resctrl-fs.md section 2).

export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();
  #busy = false;

  /** Whether a body has begun and not ended. What waits for its turn has done nothing yet. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Runs bodies one after the other, in the order of the calls. */
  run<T>(body: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(() => this.#alone(body));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #alone<T>(body: () => T | Promise<T>): Promise<T> {
    this.#busy = true;
    try {
      return await body();
    } finally {
      this.#busy = false;
    }
  }
}
