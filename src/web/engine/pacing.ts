// How fast model time goes: as the wall's clock times a speed, or as fast as it can, up to a stop, or not at all.

import type { Clock, Pace } from "../../machine/index.ts";

const NS_PER_MS = 1e6;

/** Time of the wall that may be made up for: a page that has slept does not run after the clock. */
const LAG_MS = 200;

/** As fast as it goes: messages are heard so often. A turn of the event loop takes time of its own. */
const TURN_MS = 4;

/** A wait ends at least so often: somebody may have set a timer of the model. */
const LOOK_MS = 8;

export class Pacing implements Pace {
  #speed: number | "max" = 1;
  #running = false;
  #stopNs = Number.POSITIVE_INFINITY;
  #wallMs = 0;
  #modelNs = 0;
  #turnMs = 0;
  #wake: (() => void) | undefined;

  /**
   * @param rested Called about every millisecond while traces run, and while nothing is due.
   */
  constructor(
    private readonly clock: Pick<Clock, "now" | "nextDue" | "sleeping" | "settle">,
    private readonly rested: () => void,
  ) {}

  get running(): boolean {
    return this.#running;
  }

  get speed(): number | "max" {
    return this.#speed;
  }

  set speed(speed: number | "max") {
    this.#speed = speed;
    this.#rebase();
    this.poke();
  }

  /** @param forNs Of model time; then it pauses. */
  play(forNs = Number.POSITIVE_INFINITY): void {
    this.#running = true;
    this.#stopNs = this.clock.now + forNs;
    this.#rebase();
    this.poke();
  }

  pause(): void {
    this.#running = false;
    this.poke();
  }

  /** To be called when something may have changed that a wait is about. */
  poke(): void {
    this.#wake?.();
  }

  get until(): number {
    // What an operation waits for comes, whether traces run or not.
    return Math.max(this.#target, this.clock.sleeping ? this.clock.nextDue + 1 : 0);
  }

  get #target(): number {
    if (!this.#running) return this.clock.now;
    if (this.#speed === "max") return this.#stopNs;
    const passedMs = performance.now() - this.#wallMs;
    return Math.min(this.#stopNs, this.#modelNs + Math.floor(passedMs * NS_PER_MS * this.#speed));
  }

  async rest(nextNs: number): Promise<void> {
    if (this.#speed === "max" && nextNs < this.until && performance.now() - this.#turnMs < TURN_MS) return;
    await this.clock.settle();
    this.#turnMs = performance.now();
    this.rested();
    if (this.#running && this.clock.now >= this.#stopNs) this.#running = false;
    if (this.#speed !== "max" && this.until - this.clock.now > LAG_MS * NS_PER_MS * this.#speed) this.#rebase();
    if (nextNs < this.until) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #rebase(): void {
    this.#wallMs = performance.now();
    this.#modelNs = this.clock.now;
  }
}
