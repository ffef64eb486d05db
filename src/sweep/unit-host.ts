// What runs units in one thread: traces and fronts that units have in common, within its share of memory.

import { availableParallelism } from "node:os";
import { Fronts } from "./fronts.ts";
import type { UnitHost } from "./run-unit.ts";
import { memoryShare, type ShelfOptions, TraceShelf } from "./traces/trace-shelf.ts";

/** What the requests of one front may take at most, bytes. */
const MOST_FRONT = 2 ** 28;

/** For units one after the other. */
export function unitHost(tool: string, places: ShelfOptions): UnitHost {
  const { memoryBytes = memoryShare(availableParallelism()) } = places;
  const traces = new TraceShelf({ ...places, memoryBytes });
  const fronts = new Fronts({ bytes: Math.min(MOST_FRONT, memoryBytes / 4) });
  return { tool, fronts, open: (named) => traces.open(named) };
}
