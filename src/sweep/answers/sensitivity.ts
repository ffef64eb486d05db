// Which settings matter: how much a goal moves when one setting changes and the others stay.

import type { Candidate } from "./cases.ts";
import { type Family, groupedBy } from "./families.ts";
import { extent, mean } from "./numbers.ts";

export interface Sensitivity {
  readonly setting: string;
  /** How many values it takes. */
  readonly values: number;
  /** The mean of how far the goal moves from one value to the next, the other settings being equal; 0 where nothing differs in it alone. */
  readonly step: number;
  /** How far the means of the goal at its values lie apart. */
  readonly range: number;
}

export const EXPLAINED =
  "The thin bar is how far it moves, on the mean, when a setting goes from one value to the next and the others stay; the broad one how far the means at its values lie apart.";

/** What moves the goal most comes first. Configurations without a number are left out. */
export function sensitivityOf({ candidates, settings }: Family, goal: number): Sensitivity[] {
  const whole = candidates.flatMap((candidate) => {
    const value = candidate.goals[goal];
    return typeof value === "object" ? [{ candidate, value: value.mean }] : [];
  });
  const all = settings.map(({ name, values, placeOf }): Sensitivity => {
    const others = settings.filter((other) => other.name !== name);
    const rest = (candidate: Candidate) => others.map((other) => other.placeOf(candidate)).join(" ");
    const lines = groupedBy(whole, ({ candidate }) => rest(candidate));
    const steps = [...lines.values()].flatMap((line) => {
      const ordered = line.toSorted((a, b) => placeOf(a.candidate) - placeOf(b.candidate));
      return ordered.slice(1).map(({ value }, at) => Math.abs(value - (ordered[at]?.value ?? value)));
    });
    const levels = groupedBy(whole, ({ candidate }) => String(placeOf(candidate)));
    const [least, most] = extent([...levels.values()].map((level) => mean(level.map(({ value }) => value))));
    return {
      setting: name,
      values: values.length,
      step: steps.length === 0 ? 0 : mean(steps),
      range: levels.size === 0 ? 0 : most - least,
    };
  });
  return all.sort((a, b) => b.range - a.range || b.step - a.step);
}
