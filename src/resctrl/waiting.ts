// Readers that wait for an occupancy monitor: one queue, and who came first is served first (resctrl-glue.md section
// 10.1).

interface Waiter {
  readonly take: (mon: number) => void;
  readonly refuse: (reason: unknown) => void;
}

export class MonitorQueue {
  readonly #waiters: Waiter[] = [];

  /** Resolves with the monitor that is handed over; rejects with what `leave` makes when the signal aborts. */
  wait(signal: AbortSignal | undefined, leave: () => unknown): Promise<number> {
    return new Promise((resolve, reject) => {
      const end = () => signal?.removeEventListener("abort", aborted);
      const waiter: Waiter = {
        take: (mon) => {
          end();
          resolve(mon);
        },
        refuse: (reason) => {
          end();
          reject(reason);
        },
      };
      const aborted = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(leave());
      };
      if (signal?.aborted) return reject(leave());
      signal?.addEventListener("abort", aborted, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Gives a monitor to the first who waits. False: nobody does. */
  handOver(mon: number): boolean {
    const first = this.#waiters.shift();
    first?.take(mon);
    return first !== undefined;
  }

  /** There is nothing to wait for any more. */
  refuseAll(reason: () => unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.refuse(reason());
  }
}
