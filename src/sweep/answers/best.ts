// Which of a front to write, and as which lines. Where goals compete there is no single answer: the knee is one that gives up little
// of each, and the extremes stand beside it.

import type { Candidate } from "./cases.ts";
import { extent } from "./numbers.ts";
import type { Want } from "./pareto.ts";

/** Sums of logarithms that differ by less are equal: nobody's logarithm is exact. */
const EQUAL = 1e-9;

/**
 * The place of the knee: each goal counts by how many times worse it is than the best of the front, and the knee has the least product
 * of those. So one thing is before another when what it gains in some goals is more, in times, than what it loses in the others, and
 * it does not matter how far the front goes. Of several the first. With one goal that is the best. No value is below 0; where one is
 * 0, of which nothing is a number of times, the largest of the front is added to all values of that goal.
 */
export function kneeOf(points: readonly (readonly number[])[], wants: readonly Want[]): number {
  const costs = wants.map((want, goal) => {
    const [least, most] = extent(points.map((point) => point[goal] as number));
    if (least === most) return () => 0;
    const added = least > 0 ? 0 : most;
    const sign = want === "highest" ? -1 : 1;
    return (value: number) => sign * Math.log(value + added);
  });
  const sums = points.map((point) => costs.reduce((sum, cost, goal) => sum + cost(point[goal] as number), 0));
  const [least] = extent(sums);
  return sums.findIndex((sum) => sum <= least + EQUAL);
}

/** The place of the best in one goal; of several the one that is best in the next goals, then the first. */
export function extremeOf(points: readonly (readonly number[])[], wants: readonly Want[], goal: number): number {
  const order = [goal, ...wants.map((_, other) => other).filter((other) => other !== goal)];
  const better = (a: readonly number[], b: readonly number[]) => {
    const by = order.find((one) => a[one] !== b[one]);
    if (by === undefined) return false;
    return wants[by] === "highest" ? (a[by] as number) > (b[by] as number) : (a[by] as number) < (b[by] as number);
  };
  return points.reduce((best, point, place) => (better(point, points[best] as readonly number[]) ? place : best), 0);
}

/** What to paste into a shell; nothing where nothing was set. Values are those that the files showed at the end, where they did. */
export function linesOf({ swept }: Candidate): string[] {
  const [first] = swept;
  if (!first) return [];
  const shown = swept.find(({ result }) => result)?.result?.schemata ?? {};
  return Object.entries(first.schemata).flatMap(([group, lines]) => {
    const path = group === "/" ? "/sys/fs/resctrl/schemata" : `/sys/fs/resctrl/${group}/schemata`;
    return written(lines, Object.hasOwn(shown, group) ? shown[group] : undefined).map(
      (line) => `echo ${quoted(line)} > ${shellWord(path)}`,
    );
  });
}

/** Lines of a schemata file as maps from domains to values, the later over the earlier. */
export function domainsOf(lines: readonly string[]): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const line of lines) {
    const [, resource, rest] = /^\s*([^:]+?)\s*:(.*)$/s.exec(line) ?? [];
    if (resource === undefined || rest === undefined) continue;
    const domains = found.get(resource) ?? new Map<string, string>();
    found.set(resource, domains);
    for (const part of rest.split(";")) {
      const [domain = "", value] = part.split("=").map((one) => one.trim());
      if (value !== undefined) domains.set(domain, value);
    }
  }
  return found;
}

/** The lines that were written, with the values that came of it. */
function written(lines: readonly string[], text: string | undefined): string[] {
  const shown = domainsOf((text ?? "").split("\n"));
  return [...domainsOf(lines)].flatMap(([resource, domains]) => {
    const all = [...domains].map(([domain, value]) => `${domain}=${shown.get(resource)?.get(domain) ?? value}`);
    return all.length === 0 ? [] : [`${resource}:${all.join(";")}`];
  });
}

const isPlain = (text: string) => /^[\w./:;=,@%+-]*$/.test(text);
const single = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const quoted = (text: string) => (isPlain(text) ? `"${text}"` : single(text));
const shellWord = (text: string) => (/^[\w./:=,@%+-]+$/.test(text) ? text : single(text));
