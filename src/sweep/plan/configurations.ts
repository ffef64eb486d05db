// The configurations of a family on one platform: all combinations of its axes, as lines that its tree takes.

import { count, type Path, plural } from "../../written/index.ts";
import type { Place, Schemata } from "../unit.ts";
import { type Setting, settingsOf } from "./axis-settings.ts";
import type { Family } from "./plan.ts";
import type { Effect, PlatformTree } from "./platform-tree.ts";
import { MOST_UNITS } from "./schema.ts";
import type { Telling } from "./telling.ts";

export interface Configuration {
  /** Of the family. */
  readonly name: string;
  readonly settings: Place["settings"];
  /** As files show it. */
  readonly schemata: Schemata;
}

/** A platform that is asked. */
export interface Asking {
  readonly name: string;
  readonly tree: PlatformTree;
  readonly telling: Telling;
}

/** What a setting comes to, by group. */
type Taken = ReadonlyMap<string, Effect>;

/**
 * None where something was refused; of those that come out the same the first. `before`: how many configurations the platform has
 * already.
 */
export async function configurationsOf(
  family: Family,
  path: Path,
  asking: Asking,
  before: number,
): Promise<Configuration[]> {
  const base: Setting = { settings: {}, schemata: family.schemata, path: (group) => [...path, "schemata", group] };
  const axes = family.vary.map((axis, k) => settingsOf(axis, [...path, "vary", k], asking));
  const taken = new Map<Setting, Taken>();
  for (const setting of [base, ...axes.flat()]) {
    const effects = await takenBy(setting, asking);
    if (effects) taken.set(setting, effects);
  }
  if (taken.size < 1 + axes.flat().length || axes.some((axis) => axis.length === 0)) return [];
  const many = axes.reduce((product, axis) => product * axis.length, 1);
  if (before + many > MOST_UNITS) {
    const brings = `${family.name} brings ${asking.name} to ${count(before + many)} configurations`;
    asking.telling.refuse(path, brings, `up to ${count(MOST_UNITS)} are allowed`);
    return [];
  }
  const order = asking.tree.resources.map(({ name }) => name);
  const all = new Map<string, Configuration>();
  for (const settings of combinations(axes)) {
    const effects = [base, ...settings].map((one) => taken.get(one) as Taken);
    const schemata = merged(effects, order);
    const key = JSON.stringify(Object.entries(schemata));
    if (all.has(key)) continue;
    const shown = settings.map((one, i) => shownSettings(one, effects[i + 1] as Taken));
    all.set(key, { name: family.name, settings: Object.assign({}, ...shown), schemata });
  }
  const same = many - all.size;
  if (same > 0) {
    asking.telling.note(
      `${family.name} on ${asking.name}: ${plural(same, "combination comes", "combinations come")} out as another does, which leaves ${count(all.size)}`,
    );
  }
  return [...all.values()];
}

function* combinations(axes: readonly (readonly Setting[])[]): Generator<readonly Setting[]> {
  const [first, ...rest] = axes;
  if (!first) {
    yield [];
    return;
  }
  for (const one of first) for (const others of combinations(rest)) yield [one, ...others];
}

/** Undefined where a line was refused. */
async function takenBy({ schemata, path }: Setting, { name, tree, telling }: Asking): Promise<Taken | undefined> {
  const taken = new Map<string, Map<string, ReadonlyMap<string, string>>>();
  let refused = false;
  for (const [group, lines] of Object.entries(schemata)) {
    const of = new Map<string, ReadonlyMap<string, string>>();
    taken.set(group, of);
    for (const line of lines) {
      const effect = await tree.take(line);
      if (typeof effect === "string") {
        refused = true;
        const has = tree.resources.map((one) => `${one.name} with ${domainsOf(one.domains)}`).join(", ");
        telling.refuse(path(group), `'${line}' of ${group} is refused by ${name}: ${effect}`, `it has ${has}`);
      } else {
        for (const [resource, domains] of effect) of.set(resource, new Map([...(of.get(resource) ?? []), ...domains]));
      }
    }
  }
  return refused ? undefined : taken;
}

function domainsOf(ids: readonly string[]): string {
  if (ids.length === 1) return `domain ${ids[0]}`;
  return `domains ${ids.length > 4 ? `${ids.slice(0, 2).join(", ")} to ${ids.at(-1)}` : ids.join(", ")}`;
}

/** Those that come later over those before; groups and resources in one order. Files show all lines so, and take them so. */
function merged(all: readonly Taken[], order: readonly string[]): Schemata {
  const groups = [...new Set(all.flatMap((one) => [...one.keys()]))].sort();
  return Object.fromEntries(
    groups.map((group) => {
      const lines = order.flatMap((resource) => {
        const values = new Map(all.flatMap((one) => [...(one.get(group)?.get(resource) ?? [])]));
        const items = [...values].sort(([a], [b]) => Number(a) - Number(b)).map(([id, value]) => `${id}=${value}`);
        return items.length === 0 ? [] : [`${resource}:${items.join(";")}`];
      });
      return [group, lines];
    }),
  );
}

/** A number as the platform has it, where it has rounded what was asked for. */
function shownSettings({ settings, number }: Setting, taken: Taken): Place["settings"] {
  if (!number) return settings;
  const [value] = taken.get(number.group)?.get(number.resource)?.values() ?? [];
  return value === undefined ? settings : { [number.name]: Number(value) };
}
