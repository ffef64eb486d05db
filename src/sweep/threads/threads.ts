// Units in threads of this process: no services, and every cpu at work.

import type { Ended, Engine, EngineHooks } from "../engine.ts";
import type { Unit } from "../unit.ts";
import { type Hand, handsOf, UnitLost } from "./hand.ts";
import type { ThreadData } from "./messages.ts";

/** So often is a unit tried that this host could not run. */
const TRIES = 2;

export class Threads implements Engine {
  constructor(
    private readonly count: number,
    private readonly data: ThreadData,
  ) {}

  async run(units: readonly Unit[], { ended, signal }: EngineHooks): Promise<void> {
    const failed = new AbortController();
    const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const left = [...units].reverse();
    const work = async (hand: Hand) => {
      try {
        for (let unit = left.pop(); unit; unit = left.pop()) await ended(await tried(hand, unit, stop));
      } catch (error) {
        failed.abort(error);
        throw error;
      } finally {
        await hand.end();
      }
    };
    const working = handsOf(Math.min(this.count, units.length), this.data).map(work);
    await Promise.allSettled(working);
    await Promise.all(working);
  }
}

async function tried(hand: Hand, unit: Unit, signal: AbortSignal): Promise<Ended> {
  for (let n = 1; ; n++) {
    try {
      return { unit, text: await hand.run(unit, signal) };
    } catch (error) {
      if (!(error instanceof UnitLost)) throw error;
      if (n === TRIES) return { unit, lost: error.message };
    }
  }
}
