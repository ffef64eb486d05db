// How fast a replay may go, where that is not as fast as it can: somebody lets model time go with other time, and wants the
// thread often.

/** Lets somebody else say how fast a replay goes. */
export interface Pace {
  /** It runs what comes before this model time, ns; asked anew each time. */
  readonly until: number;
  /**
   * Called every millisecond or so, and when nothing comes before `until`. The replay goes on when the promise ends. `nextNs` is
   * when something comes next.
   */
  rest(nextNs: number): Promise<void>;
}

/** The event loop gets its turn at least this often, where a pace asks for it. */
const REST_MS = 1;

/** How much of a replay is run at a time: about as much as a millisecond takes. */
export class Stride {
  #size: number;

  constructor(
    private readonly pace: Pace | undefined,
    private readonly most: number,
  ) {
    this.#size = pace ? Math.max(1, most >> 6) : most;
  }

  get size(): number {
    return this.#size;
  }

  /** What the last one took. Without a pace all are as large as can be. */
  took(ms: number): void {
    if (!this.pace) return;
    if (ms > REST_MS) this.#size = Math.max(1, this.#size >> 1);
    else if (ms < REST_MS / 4) this.#size = Math.min(this.most, this.#size << 1);
  }
}

/** Gives others the thread, when it is time for that. */
export class Breath {
  #last = performance.now();

  constructor(
    private readonly pace: Pace | undefined,
    private readonly everyMs: number,
  ) {}

  /** `take` is what is done where there is no pace. */
  async taken(nowNs: number, take: () => Promise<void>): Promise<void> {
    if (performance.now() - this.#last < (this.pace ? REST_MS : this.everyMs)) return;
    await (this.pace ? this.pace.rest(nowNs) : take());
    this.#last = performance.now();
  }
}
