// Work that comes back once a second for a domain: limbo, and reading counters before they overflow.

import type { Clock, Timer } from "../resctrl/index.ts";
import type { Mutex } from "./mutex.ts";

export const INTERVAL_NS = 1_000_000_000;

export interface DueWork {
  readonly domain: number;
  readonly dueNs: number;
}

export class Workers {
  readonly #pending = new Map<number, { readonly dueNs: number; readonly timer: Timer }>();

  /** `work` runs under the mutex; while it answers true it is called again, a second after it ended. */
  constructor(
    private readonly clock: Clock,
    private readonly mutex: Mutex,
    private readonly kind: string,
    private readonly work: (domain: number) => Promise<boolean>,
  ) {}

  start(domain: number, dueNs: number = this.clock.now + INTERVAL_NS): void {
    if (this.#pending.has(domain)) return;
    const timer = this.clock.at(dueNs, this.kind, () => this.#fire(domain));
    this.#pending.set(domain, { dueNs, timer });
  }

  /** Work of the domain that is under way ends, and is the last. */
  stop(domain: number): void {
    this.#pending.get(domain)?.timer.cancel();
    this.#pending.delete(domain);
  }

  stopAll(): void {
    for (const domain of [...this.#pending.keys()]) this.stop(domain);
  }

  save(): DueWork[] {
    const due = [...this.#pending].map(([domain, { dueNs }]) => ({ domain, dueNs }));
    return due.sort((a, b) => a.domain - b.domain);
  }

  /** Errors of the work reach whoever moves the clock. The work waits for its turn, which the clock does not. */
  #fire(domain: number): Promise<void> {
    const fired = this.#pending.get(domain);
    const stopped = (): boolean => fired === undefined || this.#pending.get(domain) !== fired;
    return this.mutex.run(async () => {
      if (stopped()) return;
      // What fails is tried again.
      let again = true;
      try {
        again = await this.work(domain);
      } finally {
        if (!stopped()) {
          this.#pending.delete(domain);
          if (again) this.start(domain);
        }
      }
    });
  }
}
