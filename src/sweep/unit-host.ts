// What runs units in one thread: traces and fronts that units have in common, within its share of memory.

import { availableParallelism } from "node:os";
import { type Front, Fronts } from "./fronts.ts";
import type { UnitHost } from "./run-unit.ts";
import { SpareMemory } from "./spare-memory.ts";
import type { Stock } from "./stock.ts";
import { memoryShare, type ShelfOptions, TraceShelf } from "./traces/trace-shelf.ts";

/** For units one after the other. `fronts`: where it shares them with others. */
export function unitHost(tool: string, places: ShelfOptions, fronts?: Stock<Front>): UnitHost {
  const { memoryBytes = memoryShare(availableParallelism()) } = places;
  const half = memoryBytes / 2;
  const traces = new TraceShelf({ ...places, memoryBytes: half });
  const machine = new SpareMemory(half);
  return {
    tool,
    fronts: new Fronts(half, fronts),
    run: (sources, options) => machine.run(sources, options),
    open: (named) => traces.open(named),
  };
}
