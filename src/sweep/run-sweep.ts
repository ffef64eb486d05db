// A sweep from its plan to its results: what is known is not run again, what has been run is kept at once.

import type { Engine } from "./engine.ts";
import { merge } from "./merge.ts";
import type { Expanded } from "./plan/expand.ts";
import type { Store } from "./store.ts";
import type { Sweep } from "./sweep.ts";

/** How far a sweep has come, in units. */
export interface SweepProgress {
  readonly total: number;
  /** That were there when it began. */
  readonly known: number;
  /** That have been run since. */
  readonly run: number;
  /** Of all that have ended: those that cannot be run, and those that nobody found out about. */
  readonly failed: number;
  readonly lost: number;
}

export interface RunSweepOptions {
  readonly store: Store;
  readonly engine: Engine;
  readonly tool: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SweepProgress) => void;
  readonly onNote?: (line: string) => void;
}

/** Rejects when `signal` fires: what has ended until then is kept, and the same call goes on from there. */
export async function runSweep(expanded: Expanded, options: RunSweepOptions): Promise<Sweep> {
  const { store, engine, tool, signal, onProgress, onNote } = options;
  const { units } = expanded;
  await store.sweepOut();
  const known = new Set<string>();
  const lost = new Map<string, string>();
  let [failed, run] = [0, 0];
  for (const { name } of units) {
    const text = await store.read(name);
    if (text === undefined) continue;
    known.add(name);
    if (isFailure(text)) failed++;
  }
  const tell = () => onProgress?.({ total: units.length, known: known.size, run, failed, lost: lost.size });
  tell();
  const left = units.filter(({ name }) => !known.has(name));
  if (left.length > 0) {
    await engine.run(left, {
      async ended(one) {
        if ("text" in one) {
          await store.write(one.unit.name, one.text);
          if (isFailure(one.text)) failed++;
        } else lost.set(one.unit.name, one.lost);
        run++;
        tell();
      },
      ...(onNote ? { note: onNote } : {}),
      ...(signal ? { signal } : {}),
    });
  }
  return mergeFrom(expanded, tool, store, lost);
}

/** From what the store has. */
export function mergeFrom(
  expanded: Expanded,
  tool: string,
  store: Store,
  lost: ReadonlyMap<string, string> = new Map(),
): Promise<Sweep> {
  return merge(expanded, tool, { result: (name) => store.read(name), lost: (name) => lost.get(name) });
}

function isFailure(text: string): boolean {
  return "failed" in JSON.parse(text);
}
