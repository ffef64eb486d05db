// The Pareto front: what nothing else beats. One thing beats another that is as good in every goal and better in one.

import type { Goal } from "../plan/plan.ts";

export type Want = Goal["want"];

/**
 * The places of those that nothing beats, in their order; what is equal in all goals is there together. Each of `points` has a finite
 * number for each of `wants`.
 */
export function frontOf(points: readonly (readonly number[])[], wants: readonly Want[]): number[] {
  const costs = points.map((point) => point.map((value, goal) => (wants[goal] === "highest" ? -value : value)));
  const costOf = (place: number) => costs[place] as readonly number[];
  // In this order nothing beats what stands before it.
  const order = points.map((_, place) => place).sort((a, b) => compare(costOf(a), costOf(b)) || a - b);
  const front: number[] = [];
  for (const place of order) {
    if (!front.some((other) => beats(costOf(other), costOf(place)))) front.push(place);
  }
  return front.sort((a, b) => a - b);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const goal = a.findIndex((cost, index) => cost !== b[index]);
  return goal < 0 ? 0 : (a[goal] as number) - (b[goal] as number);
}

/** Whether `a`, which differs from `b` or not, is nowhere worse and somewhere better. */
function beats(a: readonly number[], b: readonly number[]): boolean {
  return a.every((cost, goal) => cost <= (b[goal] as number)) && a.some((cost, goal) => cost < (b[goal] as number));
}
