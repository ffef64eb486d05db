// The memory of one machine after the other: what a new one takes each time the collector of garbage has to give back, in threads of
// its own, and other units could use those.

export class SpareMemory {
  #memory: WebAssembly.Memory | undefined;

  /** What `work` comes to, which may have the memory until then. One that fails keeps it: something may still be at work there. */
  async lend<T>(work: (memory: WebAssembly.Memory) => Promise<T>): Promise<T> {
    const memory = this.#memory ?? new WebAssembly.Memory({ initial: 1 });
    this.#memory = undefined;
    const result = await work(memory);
    this.#memory = memory;
    return result;
  }
}
