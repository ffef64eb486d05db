// A plan that has been expanded, for people: what it would run.

import { count, plural, table } from "../../written/index.ts";
import type { Expanded } from "./expand.ts";
import type { Asked } from "./make-units.ts";

const MOST_ROWS = 40;

/** Lines without a newline at the end. */
export function describePlan({ plan, units, asked, notes, platforms, workloads }: Expanded): string {
  const configurations = new Map(asked.map((one) => [keyOf(one), one]));
  const seeds = new Set(asked.map(({ place }) => place.seed).filter((seed) => seed !== undefined));
  const factors = [
    plural(workloads.length, "workload"),
    plural(platforms.length, "platform"),
    plural(configurations.size, "configuration"),
    ...(seeds.size > 0 ? [plural(seeds.size, "seed")] : []),
    ...(plan.layouts.length > 0 ? [plural(plan.layouts.length, "layout")] : []),
    ...(plan.parts > 1 ? [plural(plan.parts, "part")] : []),
  ];
  const wanted = asked.reduce((sum, one) => sum + one.units.length, 0);
  const same = wanted - units.length;
  const settings = [...new Set([...configurations.values()].flatMap(({ place }) => Object.keys(place.settings)))];
  const rows = [...configurations.values()].slice(0, MOST_ROWS).map(({ place, schemata }) => [
    place.configuration,
    ...settings.map((setting) => String(place.settings[setting] ?? "")),
    Object.entries(schemata)
      .map(([group, lines]) => `${group} ${lines.join(" ")}`)
      .join("  ") || "-",
  ]);
  const more = configurations.size - rows.length;
  return [
    plan.title,
    `${factors.join(" x ")}: ${plural(units.length, "unit")}${same > 0 ? ` (${count(same)} more would be the same ones again)` : ""}`,
    ...notes.map((note) => `note: ${note}`),
    "",
    table(["configuration", ...settings, "schemata"], rows),
    ...(more > 0 ? [`and ${count(more)} more`] : []),
  ].join("\n");
}

function keyOf({ place, schemata }: Asked): string {
  return JSON.stringify([place.configuration, place.settings, schemata]);
}
