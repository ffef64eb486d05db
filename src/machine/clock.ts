// The model clock: nanoseconds that move with the trace, by `advance`, or, when nothing replays, by an operation that
// sleeps. After a timer, event-loop turns run until every operation has ended or waits on the clock, so asynchronous
// software behaves the same on every machine.

/** Something that is due. */
export interface Timer {
  readonly kind: string;
  readonly due: number;
  /** It does not come. Nothing where it has come already. */
  cancel(): void;
}

interface Entry extends Timer {
  readonly rank: number;
  readonly fire: () => void | Promise<void>;
}

const SLEEP = "sleep";

/** Of timers that software makes: at one time they come after those of the machine. */
const SOFTWARE = Number.POSITIVE_INFINITY;

/** One turn of the event loop: every chain of promises that waits for nothing else has then run to its end. */
function turn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(0);
  });
}

/** Whether `a` fires after a new timer `b`. */
function isLater(a: Entry, b: Entry): boolean {
  return a.due > b.due || (a.due === b.due && a.rank > b.rank);
}

/** Model time, ns from power-on: the only time there is. Wall clocks decide nothing. */
export class Clock {
  #now = 0;
  #drivers = 0;
  #idling = false;
  #failure: { error: unknown } | undefined;
  readonly #timers: Entry[] = [];
  readonly #onMove: (ns: number) => void;

  constructor(onMove: (ns: number) => void, now = 0) {
    this.#onMove = onMove;
    this.#now = now;
  }

  /** Model time, ns since power-on. */
  get now(): number {
    return this.#now;
  }

  /** When the next timer is due, or Infinity. */
  get nextDue(): number {
    return this.#timers[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Timers of software that wait, but for sleeping operations: what a snapshot keeps. The machine makes its own again. */
  get waiting(): readonly { readonly kind: string; readonly due: number }[] {
    const kept = this.#timers.filter(({ kind, rank }) => kind !== SLEEP && rank === SOFTWARE);
    return kept.map(({ kind, due }) => ({ kind, due }));
  }

  /** Whether an operation sleeps on the clock. */
  get sleeping(): boolean {
    return this.#timers.some((t) => t.kind === SLEEP);
  }

  /**
   * Calls `fire` when the model time is `ns`; at once in the next move of the clock when that has passed. What is due at one time
   * fires in the order in which it was made, timers of the machine before all others: these have a `rank`, the lower the
   * earlier, so that a restored machine fires them in the same order.
   */
  at(ns: number, kind: string, fire: () => void | Promise<void>, rank = SOFTWARE): Timer {
    if (!(ns >= 0 && Number.isFinite(ns))) {
      throw new RangeError(`a timer is due at a time in ns from 0 on, not at ${ns}`);
    }
    const entry: Entry = {
      kind,
      due: Math.max(ns, this.#now),
      rank,
      fire,
      cancel: () => {
        const index = this.#timers.indexOf(entry);
        if (index >= 0) this.#timers.splice(index, 1);
      },
    };
    let index = this.#timers.length;
    while (index > 0 && isLater(this.#timers[index - 1] as Entry, entry)) index--;
    this.#timers.splice(index, 0, entry);
    return entry;
  }

  /**
   * Ends when `ns` of model time have passed. While nothing else moves the clock, this does. Rejects with the reason of
   * `signal` when that aborts first: time then stays where it is.
   */
  sleep(ns: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = this.at(this.#now + Math.max(0, ns), SLEEP, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
      void this.#idle();
    });
  }

  /** Lets `ns` of model time pass; timers that come due fire in order. Rejects with the first error of a timer. */
  async advance(ns: number): Promise<void> {
    if (!(ns >= 0 && Number.isFinite(ns))) {
      throw new RangeError(`time moves forward: advance by 0 ns or more, not by ${ns}`);
    }
    await this.drive(() => this.moveTo(this.#now + ns));
  }

  /** Runs `body`, which moves the clock itself: sleeping operations wait for it. */
  async drive<T>(body: () => Promise<T>): Promise<T> {
    this.#drivers++;
    try {
      const result = await body();
      this.#rethrow();
      return result;
    } finally {
      this.#drivers--;
      void this.#idle();
    }
  }

  /** Lets software run until it waits for something. Time stands still, and nothing fires. */
  async settle(): Promise<void> {
    await turn();
  }

  /** Moves to `ns`, firing what is due on the way and letting software settle after each time. Only within `drive`. */
  async moveTo(ns: number): Promise<void> {
    await turn();
    while (this.nextDue <= ns) await this.#step();
    this.set(ns);
    this.#rethrow();
  }

  /** Moves to the next timer, fires what is due then, and lets software settle. */
  async #step(): Promise<void> {
    this.set(this.nextDue);
    while (this.nextDue <= this.#now) this.#fire(this.#timers.shift() as Entry);
    await turn();
  }

  /** Moves to `ns` when nothing is due on the way: what the replay does between edges. Never moves back. */
  set(ns: number): void {
    if (ns <= this.#now) return;
    this.#now = ns;
    this.#onMove(ns);
  }

  #fire(entry: Entry): void {
    try {
      const ending = entry.fire();
      if (ending) ending.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  #rethrow(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  /**
   * With nobody at the wheel, time goes from timer to timer for as long as an operation sleeps: what it waits for may come
   * before it would wake. Periodic timers alone never move time.
   */
  async #idle(): Promise<void> {
    if (this.#idling) return;
    this.#idling = true;
    try {
      await turn();
      while (this.#drivers === 0 && this.sleeping) await this.#step();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#idling = false;
    }
  }
}
