// A plan that has been expanded, for people: what it would run.

import { count, plural, table } from "../../written/index.ts";
import type { Expanded } from "./expand.ts";
import type { Asked } from "./make-units.ts";

const MOST_ROWS = 40;
const MOST_NOTES = 20;

/** What `--dry-run` prints, without a newline at the end. */
export function describePlan({ plan, units, asked, notes, platforms, workloads }: Expanded): string {
  const first = new Map<string, Asked>();
  for (const one of asked) if (!first.has(keyOf(one))) first.set(keyOf(one), one);
  const all = [...first.values()];
  const seeds = new Set(asked.map(({ place }) => place.seed).filter((seed) => seed !== undefined));
  const factors = [
    plural(workloads.length, "workload"),
    plural(platforms.length, "platform"),
    plural(all.length, "configuration"),
    ...(seeds.size > 0 ? [plural(seeds.size, "seed")] : []),
    ...(plan.layouts.length > 0 ? [plural(plan.layouts.length, "layout")] : []),
    ...(plan.parts > 1 ? [plural(plan.parts, "part")] : []),
  ];
  const same = asked.reduce((sum, one) => sum + one.units.length, 0) - units.length;
  const again = same > 0 ? `, and ${count(same)} more that would do the same as one of these` : "";
  const told = notes.slice(0, MOST_NOTES).map((note) => `- ${note}`);
  const shown = all.slice(0, MOST_ROWS);
  const settings = [...new Set(shown.flatMap(({ place }) => Object.keys(place.settings)))];
  const rows = shown.map(({ place, schemata }) => [
    place.configuration,
    ...settings.map((setting) => String(place.settings[setting] ?? "")),
    linesOf(schemata),
  ]);
  const where = platforms.length > 1 ? `schemata on ${all[0]?.place.platform}` : "schemata";
  return [
    `${plan.title}: ${factors.join(" x ")}`,
    `${plural(units.length, "unit")} to run${again}`,
    ...told,
    ...(notes.length > told.length ? [`- and ${plural(notes.length - told.length, "note")} more`] : []),
    "",
    ...tableOf(["configuration", ...settings, where], rows),
    ...(all.length > shown.length ? [`and ${plural(all.length - shown.length, "configuration")} more`] : []),
  ].join("\n");
}

/** Numbers to the right, and lines of schemata to the left: those are read from their beginning. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const [last = "", ...before] = [head.at(-1), ...head.slice(0, -1)];
  const left = table(
    before as string[],
    rows.map((row) => row.slice(0, -1)),
  ).split("\n");
  const width = Math.max(...left.map((line) => line.length));
  return left.map((line, i) => `${line.padEnd(width)}  ${i === 0 ? last : (rows[i - 1]?.at(-1) ?? "")}`.trimEnd());
}

function linesOf(schemata: Asked["schemata"]): string {
  const groups = Object.entries(schemata).map(([group, lines]) => `${group} ${lines.map(short).join(" ")}`);
  return groups.length === 0 ? "-" : groups.join(", ");
}

/** Of many domains the first, as the others mostly say the same. */
function short(line: string): string {
  const items = line.split(";");
  return items.length > 2 ? `${items[0]};...` : line;
}

function keyOf({ place }: Asked): string {
  return JSON.stringify([place.configuration, place.settings]);
}
