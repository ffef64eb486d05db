// A diff for people: values with their units, and the whole as text for a terminal.

import { count, showSize, table, time } from "../written/index.ts";
import type { CounterDiff, CounterUnit, RunDiff } from "./diff.ts";
import { isEmpty } from "./diff.ts";
import { plain } from "./markup.ts";

export interface CounterWords {
  readonly a: string;
  readonly b: string;
  readonly difference: string;
  readonly relative: string;
}

export function wordsOf({ unit, a, b, difference, relative }: CounterDiff): CounterWords {
  return {
    a: a === null ? "-" : said(a, unit),
    b: b === null ? "-" : said(b, unit),
    difference: difference === null ? "-" : signed(difference, unit),
    relative: relative === null ? "-" : `${relative < 0 ? "-" : "+"}${percents(100 * Math.abs(relative))} %`,
  };
}

/** Never 0.0 for what is not nothing. */
const percents = (value: number) => (value < 0.1 ? value.toPrecision(1) : value.toFixed(1));

function said(value: number, unit: CounterUnit): string {
  if (unit === "share") return `${(100 * value).toFixed(2)} %`;
  if (unit === "ns") return time(Number(value.toFixed(1)));
  if (unit === "bytes") return showSize(value);
  return count(value);
}

/** Of shares in points. */
function signed(value: number, unit: CounterUnit): string {
  const size = Math.abs(value);
  const text = unit === "share" ? `${(100 * size).toFixed(2)} points` : said(size, unit);
  return `${value < 0 ? "-" : "+"}${text}`;
}

export function describeDiff(diff: RunDiff): string {
  if (isEmpty(diff)) return `no differences between ${diff.a} and ${diff.b}`;
  const rows = (counters: readonly CounterDiff[]) =>
    counters.map((one) => {
      const { a, b, difference, relative } = wordsOf(one);
      return [`  ${one.counter}`, a, b, difference, relative];
    });
  const sections = [
    { name: "the run", counters: diff.run },
    ...diff.groups.map(({ group, counters }) => ({ name: group, counters })),
  ].filter(({ counters }) => counters.length > 0);
  const counters = sections.flatMap(({ name, counters }) => [[name], ...rows(counters)]);
  const configuration = diff.configuration.map(({ what, a, b }) => `  ${what}: ${a || "-"} | ${b || "-"}`);
  const text = [
    ...diff.warnings,
    ...(configuration.length > 0 ? [`configured in another way: ${diff.a} | ${diff.b}`, ...configuration] : []),
    ...(counters.length > 0 ? ["", table(["", diff.a, diff.b, "difference", ""], counters)] : []),
  ].join("\n");
  // Names come from files, and a terminal obeys what it is sent.
  return plain(text).trimStart();
}
