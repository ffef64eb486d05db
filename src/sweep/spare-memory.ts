// The memory of one machine after the other: what a new one takes each time the collector of garbage has to give back, in threads of
// its own, and other units could use those.

import { runSession, type SessionOptions, type SessionResult } from "../session/index.ts";
import type { MarkedSource } from "../trace/index.ts";

export class SpareMemory {
  #memory: WebAssembly.Memory | undefined;

  /** `most`: a larger one is not kept, bytes. */
  constructor(private readonly most: number) {}

  /** What runSession comes to, with a machine in this memory. */
  async run(sources: readonly MarkedSource[], options: SessionOptions): Promise<SessionResult> {
    const memory = this.#memory ?? new WebAssembly.Memory({ initial: 1 });
    // Two sessions at once are not in the same one, nor is any where something may still be at work as one has failed.
    this.#memory = undefined;
    const result = await runSession(sources, { ...options, memory });
    if (memory.buffer.byteLength <= this.most) this.#memory = memory;
    return result;
  }
}
