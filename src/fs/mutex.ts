// The one lock of the filesystem: every command, and every worker, runs alone (resctrl-fs.md section 2).

export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs bodies one after the other, in the order of the calls. */
  run<T>(body: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(body);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
