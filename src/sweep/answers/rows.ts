// Results in long form, for notebooks: a row for each replay, group and level of caches. What belongs to the replay stands in each of
// its rows. A replay without a result has one row.

import type { GroupResult } from "../result.ts";
import type { Sweep, Swept } from "../sweep.ts";
import { measure, nameOfMeasure, type Result } from "./measures.ts";

export interface SweepColumn {
  readonly name: string;
  readonly kind: "numbers" | "words";
  readonly values: readonly (string | number | null)[];
}

interface Row {
  readonly swept: Swept;
  readonly group?: GroupResult;
  readonly level?: GroupResult["levels"][number];
}

type Cell = string | number | null | undefined;

/** Columns whose values are the same in all rows of a replay come first. */
export function columnsOf(sweep: Sweep): SweepColumn[] {
  const rows = sweep.swept.flatMap(rowsOf);
  const column = (name: string, kind: SweepColumn["kind"], of: (row: Row) => Cell): SweepColumn => ({
    name,
    kind,
    values: rows.map((row) => of(row) ?? null),
  });
  const settings = [...new Set(sweep.swept.flatMap(({ place }) => Object.keys(place.settings)))];
  const goals = [...new Map(sweep.goals.map((goal) => [nameOfMeasure(goal), goal]))];
  return [
    column("workload", "words", ({ swept }) => swept.place.workload),
    column("platform", "words", ({ swept }) => swept.place.platform),
    column("configuration", "words", ({ swept }) => swept.place.configuration),
    column("seed", "numbers", ({ swept }) => swept.place.seed),
    column("layout", "numbers", ({ swept }) => swept.place.layout),
    ...settings.map((name) => {
      const of = ({ swept: { place } }: Row): Cell =>
        Object.hasOwn(place.settings, name) ? place.settings[name] : undefined;
      const isNumber = rows.every((row) => typeof (of(row) ?? 0) === "number");
      const value = (row: Row) => (isNumber ? of(row) : textOf(of(row)));
      return column(`setting: ${name}`, isNumber ? "numbers" : "words", value);
    }),
    column("status", "words", ({ swept }) => statusOf(swept)),
    column("message", "words", ({ swept }) => swept.failed ?? swept.lost),
    column("records", "numbers", ({ swept }) => swept.result?.records),
    column("ns", "numbers", ({ swept }) => swept.result?.ns),
    ...goals.map(([name, goal]) => {
      const known = new Map<Result, number | null>();
      return column(`goal: ${name}`, "numbers", ({ swept: { result } }) => {
        if (!result) return null;
        const value = known.get(result);
        if (value !== undefined) return value;
        const found = measure(goal, result);
        known.set(result, "value" in found ? found.value : null);
        return known.get(result);
      });
    }),
    column("group", "words", ({ group }) => group?.group),
    column("llc_occupancy", "numbers", ({ group }) => numberOf(group?.llcOccupancy)),
    column("mbm_total_bytes", "numbers", ({ group }) => numberOf(group?.mbmTotalBytes)),
    column("requests", "numbers", ({ group }) => group?.latency?.count),
    column("latency_mean_ns", "numbers", ({ group }) => group?.latency?.meanNs),
    column("latency_held_ns", "numbers", ({ group }) => group?.latency?.heldNs),
    column("schemata", "words", ({ swept: { result }, group }) =>
      group && result && Object.hasOwn(result.schemata, group.group) ? linesOf(result.schemata[group.group]) : null,
    ),
    column("level", "numbers", ({ level }) => level?.level),
    column("accesses", "numbers", ({ level }) => level?.accesses),
    column("misses", "numbers", ({ level }) => level?.misses),
  ];
}

function rowsOf(swept: Swept): Row[] {
  const { result } = swept;
  if (!result || result.groups.length === 0) return [{ swept }];
  return result.groups.flatMap((group): Row[] =>
    group.levels.length === 0 ? [{ swept, group }] : group.levels.map((level) => ({ swept, group, level })),
  );
}

function statusOf({ result, failed, approximate }: Swept): string {
  if (result) return approximate ? "approximate" : "exact";
  return failed === undefined ? "lost" : "failed";
}

const textOf = (value: Cell) => (value === undefined || value === null ? null : String(value));
const numberOf = (text: string | undefined) => (text !== undefined && /^\d+$/.test(text) ? Number(text) : null);
/** Without the spaces that files have before each line. */
const linesOf = (text: string | undefined) =>
  (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
