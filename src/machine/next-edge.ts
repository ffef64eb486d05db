// The next edge of a replay: what has been changed waits for the border of a quantum, and timers for their own times.

import type { Clock } from "./clock.ts";

export interface EdgeHost {
  readonly clock: Clock;
  readonly quantumNs: number;
  /** Whether a label or a setting waits for an edge. */
  pending(): boolean;
  edge(): void;
}

export class NextEdge {
  /** `ns`: when the changes that wait take effect, or null. */
  constructor(
    private readonly host: EdgeHost,
    private ns: number | null,
  ) {}

  /** For a saved replay: when the changes that wait take effect, or null. */
  save(): number | null {
    return this.ns;
  }

  /** The earlier of what waits and of the next timer; Infinity without either. */
  get due(): number {
    return Math.min(this.host.clock.nextDue, this.ns ?? Number.POSITIVE_INFINITY);
  }

  /** What has been changed because of something at `ns` waits for the next border of a quantum. */
  note(ns: number): void {
    if (!this.host.pending() || this.ns !== null) return;
    const { quantumNs } = this.host;
    this.ns = (Math.floor(ns / quantumNs) + 1) * quantumNs;
  }

  /** What has been waiting takes effect first; then what is due runs, and what it changes waits for the next quantum. Time moves `to` there. */
  async pass(edge: number, to = edge): Promise<void> {
    const { clock } = this.host;
    if (this.ns !== null && this.ns <= edge) {
      clock.set(this.ns);
      this.host.edge();
      this.ns = null;
    }
    await clock.moveTo(to);
    this.note(clock.now);
  }
}
