// A region of interest: a piece of a replay of several traces, cut where all of them stand at its two ends.
import { ErrnoError } from "../errno/index.ts";
import { slice } from "./compose.ts";
import { cutAll } from "./positions.ts";
import type { MarkedSource, Position } from "./trace.ts";

/** What the traces do from one point of their replay to another; the first becomes the time 0. EINVAL where that is nothing. */
export async function regionOf(
  sources: readonly MarkedSource[],
  from: Position | undefined,
  to: Position | undefined,
): Promise<readonly MarkedSource[]> {
  const start = from && (await cutAll(sources, from));
  const end = to && (await cutAll(sources, to));
  const cuts = sources.map((source, i) => ({
    source,
    first: start?.rows[i] ?? 0,
    end: end?.rows[i] ?? source.records,
  }));
  if (!cuts.some(({ first, end }) => end > first)) {
    throw new ErrnoError("EINVAL", "the region of interest holds no record: its end comes after its beginning");
  }
  return cuts.map(({ source, first, end }) => slice(source, first, Math.max(first, end), -(start?.ns ?? 0)));
}
