// The one lock of the filesystem: every command, and every worker, runs alone (resctrl-fs.md section 2).

export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Whether a body runs, or waits for its turn. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Runs bodies one after the other, in the order of the calls. */
  run<T>(body: () => T | Promise<T>): Promise<T> {
    this.#waiting++;
    const result = this.#tail.then(body).finally(() => this.#waiting--);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
