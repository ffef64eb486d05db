// When a line runs: @1.5ms, @0, @50%, @end, @end+1s.

import { readDuration, readPercent } from "../written/index.ts";
import type { ScriptTime } from "./line.ts";

export const TIMES = "a time such as @1.5ms or @0, a share of the run such as @50%, @end or @end+1s";

/** Without its @. Undefined for what is no time. */
export function readTime(text: string): ScriptTime | undefined {
  const end = /^end(?:\+(.+))?$/.exec(text);
  if (end) {
    const afterEnd = end[1] === undefined ? 0 : durationOf(end[1]);
    return afterEnd === undefined ? undefined : { afterEnd };
  }
  const share = readPercent(text);
  if (share !== undefined) return { share };
  const ns = durationOf(text);
  return ns === undefined ? undefined : { ns };
}

function durationOf(text: string): number | undefined {
  const ns = /^0+$/.test(text) ? 0 : readDuration(text);
  // A fraction of a second in binary may lie just below the nanoseconds that were meant.
  return ns !== undefined && ns <= Number.MAX_SAFE_INTEGER ? Math.floor(ns + 1e-3) : undefined;
}

const UNITS = [
  ["s", 1e9],
  ["ms", 1e6],
  ["us", 1e3],
] as const;

/** As a script would say it, exactly: 1.5ms. */
export function showTime(ns: number): string {
  if (ns === 0) return "0";
  for (const [unit, length] of UNITS) {
    if (ns < length) continue;
    // Whole numbers below 2^53 have their digits exactly.
    const digits = String(ns).padStart(10, "0");
    const places = String(length).length - 1;
    const fraction = digits.slice(-places).replace(/0+$/, "");
    const whole = Number(digits.slice(0, -places));
    return `${whole}${fraction === "" ? "" : `.${fraction}`}${unit}`;
  }
  return `${ns}ns`;
}
