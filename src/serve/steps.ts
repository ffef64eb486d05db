// Traces that run only as somebody moves the clock: the same steps give the same machine, however long they take.

import type { Machine, ReplayOptions } from "../machine/index.ts";
import type { ScriptRun } from "../script/index.ts";
import type { MarkedSource } from "../trace/index.ts";

/** Others have their turn after so much model time. */
const SLICE_NS = 1e6;

export class Steps {
  #begun = false;
  #over: boolean;

  constructor(
    private readonly machine: Machine,
    private readonly sources: readonly MarkedSource[],
    private readonly timing: NonNullable<ReplayOptions["timing"]>,
    private readonly script: ScriptRun | undefined,
  ) {
    this.#over = sources.length === 0;
    if (this.#over) script?.atEnd();
  }

  /** No record is left to run. */
  get over(): boolean {
    return this.#over;
  }

  /** Goes on to `until`, ns, or a part of the way. */
  async towards(until: number): Promise<void> {
    const { clock } = this.machine;
    // Where nothing can happen, time passes at once.
    const next = this.#over ? Math.max(clock.now + SLICE_NS, clock.nextDue) : clock.now + SLICE_NS;
    const to = Math.min(until, next);
    if (this.#over) return clock.advance(to - clock.now);
    const options: ReplayOptions = { timing: this.timing, until: to };
    const { finished } = await (this.#begun
      ? this.machine.resume(this.sources, options)
      : this.machine.replay(this.sources, options));
    this.#begun = true;
    if (!finished) return;
    this.#over = true;
    this.script?.atEnd();
  }

  stop(): void {
    this.script?.stop();
  }
}
