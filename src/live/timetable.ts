// Which model time it should be: so far from where it began as the wall's clock has gone, times the speed. Nothing adds up, so
// nothing drifts.

import type { Wall } from "./wall.ts";

const NS_PER_MS = 1e6;

export class Timetable {
  #wallMs: number;
  #modelNs: number;

  /** @param speed Model time against time of the wall. */
  constructor(
    private readonly wall: Wall,
    modelNs: number,
    readonly speed: number,
  ) {
    this.#wallMs = wall.now();
    this.#modelNs = modelNs;
  }

  /** Model time as it should be now, ns. */
  get targetNs(): number {
    return this.#modelNs + Math.floor((this.wall.now() - this.#wallMs) * NS_PER_MS * this.speed);
  }

  /** How long the wall takes until the model time should be `ns`, ms. */
  msUntil(ns: number): number {
    return Math.max(0, (ns - this.targetNs) / (NS_PER_MS * this.speed));
  }
}
