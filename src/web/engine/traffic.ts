// The traces that run: one replay without an end, begun anew when what runs changes.

import type { Machine } from "../../machine/index.ts";
import type { MarkedSource } from "../../trace/index.ts";
import type { WorkloadName } from "../setup.ts";
import type { Pacing } from "./pacing.ts";

export interface Running {
  readonly workload: WorkloadName;
  readonly source: MarkedSource;
  readonly tids: readonly number[];
}

export class Traffic {
  #running: readonly Running[] = [];
  #stopping = new AbortController();
  #replay: Promise<void> = Promise.resolve();
  /** Why it ended by itself; "" as a rule. */
  failure = "";

  constructor(
    private readonly machine: Machine,
    private readonly pacing: Pacing,
    private readonly timing: "open" | "closed",
  ) {}

  get running(): readonly Running[] {
    return this.#running;
  }

  /** Ends what runs, and begins with these from their start. Caches and counters stay. */
  async run(running: readonly Running[]): Promise<void> {
    await this.stop();
    this.#running = running;
    this.failure = "";
    if (running.length === 0) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    const sources = running.map(({ source }) => source);
    this.#replay = this.machine.replay(sources, { timing: this.timing, signal, pace: this.pacing }).then(
      () => {},
      (error: unknown) => {
        if (!signal.aborted) this.failure = error instanceof Error ? error.message : String(error);
      },
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.pacing.poke();
    await this.#replay;
  }
}
