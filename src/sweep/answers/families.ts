// Configurations that differ in their settings alone: what varies in them, and through which values.

import type { Candidate } from "./cases.ts";

export interface Setting {
  /** Several where they always change together. */
  readonly name: string;
  /** Numbers from small to large; others as they come in the plan. */
  readonly values: readonly string[];
  /** The values as numbers, where all of them are. */
  readonly numbers?: readonly number[];
  /** The place of a configuration's value. */
  placeOf(candidate: Candidate): number;
}

export interface Family {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  /** Those with more than one value. */
  readonly settings: readonly Setting[];
}

/** Those with any setting that varies. A plan names its families; where each configuration has a name of its own, their settings say what belongs together. */
export function familiesOf(candidates: readonly Candidate[]): Family[] {
  const named = groupedBy(candidates, ({ configuration }) => configuration);
  const kindOf = ({ settings }: Candidate) => Object.keys(settings).join(", ");
  const parts = [...named.values()].filter((all) => all.length > 1);
  const others = [...named.values()].filter((all) => all.length === 1).flat();
  const all = [
    ...parts.flatMap((part) =>
      [...groupedBy(part, kindOf).values()].map((same) => [same[0]?.configuration, same] as const),
    ),
    ...[...groupedBy(others, kindOf)].map(([kind, same]) => [kind, same] as const),
  ];
  return all.flatMap(([name = "", own]) => {
    const settings = settingsOf(own);
    return settings.length === 0 ? [] : [{ name, candidates: own, settings }];
  });
}

function settingsOf(candidates: readonly Candidate[]): Setting[] {
  const names = Object.keys(candidates[0]?.settings ?? {});
  const varied = names.filter((name) => new Set(candidates.map(({ settings }) => settings[name])).size > 1);
  // Two are one where each value of either comes with one value of the other.
  const columns = groupedBy(varied, (name) => {
    const seen = new Map<number | string | undefined, number>();
    return candidates
      .map(({ settings }) => {
        const place = seen.get(settings[name]) ?? seen.size;
        seen.set(settings[name], place);
        return place;
      })
      .join(" ");
  });
  return [...columns.values()].map((same) => {
    const [first = ""] = same;
    const values = [...new Set(candidates.map(({ settings }) => settings[first] as number | string))];
    const numbers = values.filter((value) => typeof value === "number").sort((a, b) => a - b);
    const ordered: readonly (number | string)[] = numbers.length === values.length ? numbers : values;
    const places = new Map(ordered.map((value, place) => [value, place]));
    return {
      name: same.join(", "),
      values: ordered.map(String),
      ...(numbers.length === values.length ? { numbers } : {}),
      placeOf: ({ settings }) => places.get(settings[first] as number | string) ?? 0,
    };
  });
}

export function groupedBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const same = found.get(key);
    if (same) same.push(one);
    else found.set(key, [one]);
  }
  return found;
}
