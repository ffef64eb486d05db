// Model time while clients let the machine go: one clock for all of them, however many do.

import { ErrnoError, messageOf } from "../../errno/index.ts";
import type { Board } from "../board.ts";

/** What traces run at a time, ns: a stop comes no later than this after what caused it. */
const SLICE_NS = 100_000;
/** How long time may stand before it goes on with the clock on the wall, ms. */
const NAP_MS = 2;
const NS_PER_MS = 1e6;

/** Somebody who lets the machine go. */
export interface Goer {
  /** All records of the traces have run. */
  ended(): void;
  /** Time cannot go on, and this one does not let it any more. */
  failed(why: string): void;
}

/**
 * Where time goes by itself already, there is nothing to do. Traces that wait run as fast as they can; without any, time goes with
 * the clock on the wall.
 */
export class Going {
  readonly #goers = new Set<Goer>();
  #running: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor(private readonly board: Board) {}

  get isGoing(): boolean {
    return this.#goers.size > 0;
  }

  start(goer: Goer): void {
    this.#goers.add(goer);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Somebody came when the last one had just gone.
      for (const one of this.#goers) this.start(one);
    });
  }

  /** Ends when time stands still, unless others let it go on. */
  async stop(goer: Goer): Promise<void> {
    this.#goers.delete(goer);
    if (this.isGoing) return;
    this.#wake();
    await this.#running;
  }

  /** To the next timer or the next border of a quantum, whichever comes first. */
  async step(): Promise<void> {
    const { clock, platform } = this.board.machine;
    const border = (Math.floor(clock.now / platform.quantumNs) + 1) * platform.quantumNs;
    await this.board.advance(Math.max(1, Math.min(border, clock.nextDue) - clock.now));
  }

  async #run(): Promise<void> {
    while (this.isGoing) {
      try {
        await this.#slice();
      } catch (error) {
        // Traces were started that run by themselves.
        if (error instanceof ErrnoError && error.code === "EBUSY" && this.board.live) continue;
        const goers = [...this.#goers];
        this.#goers.clear();
        for (const goer of goers) goer.failed(messageOf(error));
      }
    }
  }

  async #slice(): Promise<void> {
    const { live, replay } = this.board;
    const wasRunning = replay?.over === false;
    if (!live && wasRunning) await this.#advance(SLICE_NS);
    else {
      const began = performance.now();
      await this.#nap();
      if (!this.board.live) await this.#advance(Math.round((performance.now() - began) * NS_PER_MS));
    }
    if (wasRunning && this.board.replay?.over !== false) for (const goer of [...this.#goers]) goer.ended();
  }

  /** Stops at each timer: what it brings may be what somebody waits for. */
  async #advance(ns: number): Promise<void> {
    const { machine } = this.board;
    const until = machine.clock.now + ns;
    while (this.isGoing && this.board.machine === machine && machine.clock.now < until) {
      const left = until - machine.clock.now;
      const due = machine.clock.nextDue - machine.clock.now;
      await this.board.advance(due > 0 ? Math.min(left, due) : left);
    }
  }

  #nap(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, NAP_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
