// The configurations of a family on one platform: all combinations of its axes, as lines that its tree takes.

import { count, type Path, plural } from "../../written/index.ts";
import type { Place, Schemata } from "../unit.ts";
import type { Axis, Family, Range } from "./plan.ts";
import type { Effect, PlatformTree, TreeResource } from "./platform-tree.ts";
import { MOST_UNITS } from "./schema.ts";

export interface Configuration {
  /** Of the family. */
  readonly name: string;
  readonly settings: Place["settings"];
  readonly schemata: Schemata;
  /** What it says, the same for configurations that come out the same. */
  readonly key: string;
}

/** What there is to tell while configurations are made. */
export interface Telling {
  /** A problem at a place of the plan. */
  refuse(path: Path, found: string, allowed: string): void;
  note(line: string): void;
}

/** One value of an axis. */
interface Setting {
  readonly settings: Place["settings"];
  readonly schemata: Schemata;
  /** Where it stands in the plan. */
  readonly path: (group: string) => Path;
}

/** None where something was refused. */
export async function configurationsOf(
  family: Family,
  path: Path,
  tree: PlatformTree,
  platform: string,
  telling: Telling,
): Promise<Configuration[]> {
  const base: Setting = {
    settings: {},
    schemata: family.schemata,
    path: (group) => [...path, "schemata", group],
  };
  const axes: (readonly Setting[])[] = [];
  for (const [k, axis] of family.vary.entries()) {
    axes.push(settingsOf(axis, [...path, "vary", k], tree, platform, telling));
  }
  const taken = new Map<Setting, Taken>();
  for (const setting of [base, ...axes.flat()]) {
    const effects = await takenBy(setting, tree, platform, telling);
    if (effects !== undefined) taken.set(setting, effects);
  }
  if (taken.size < 1 + axes.flat().length || axes.some((axis) => axis.length === 0)) return [];
  const many = axes.reduce((product, axis) => product * axis.length, 1);
  if (many > MOST_UNITS) {
    telling.refuse(
      path,
      `makes ${count(many)} configurations on ${platform}`,
      `up to ${count(MOST_UNITS)} are allowed`,
    );
    return [];
  }
  const order = tree.resources.map(({ name }) => name);
  const all = new Map<string, Configuration>();
  for (const settings of combinations(axes)) {
    const schemata = merged(
      [base, ...settings].map((one) => taken.get(one) as Taken),
      order,
    );
    const key = keyOf(schemata);
    if (all.has(key)) continue;
    all.set(key, {
      name: family.name,
      settings: Object.assign({}, ...settings.map((one) => one.settings)),
      schemata,
      key,
    });
  }
  if (all.size < many) {
    const left = `${plural(many - all.size, "combination comes", "combinations come")} out as others do`;
    telling.note(
      `${family.name} on ${platform}: ${left}, so ${plural(all.size, "configuration is", "configurations are")} run`,
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

/** By group, then resource, then domain. */
type Taken = ReadonlyMap<string, Effect>;

async function takenBy(
  setting: Setting,
  tree: PlatformTree,
  platform: string,
  telling: Telling,
): Promise<Taken | undefined> {
  const taken = new Map<string, Map<string, Map<string, string>>>();
  let refused = false;
  for (const [group, lines] of Object.entries(setting.schemata)) {
    for (const line of lines) {
      const effect = await tree.take(line);
      if (typeof effect === "string") {
        refused = true;
        const there = tree.resources.map(
          ({ name, domains }) =>
            `${name}:${domains.length > 4 ? `${domains[0]} to ${domains.at(-1)}` : domains.join(", ")}`,
        );
        telling.refuse(
          setting.path(group),
          `'${line}' of ${group} is refused by ${platform}: ${effect}`,
          `it has ${there.join(", ")}`,
        );
        continue;
      }
      const of = taken.get(group) ?? new Map<string, Map<string, string>>();
      taken.set(group, of);
      for (const [resource, domains] of effect) of.set(resource, new Map([...(of.get(resource) ?? []), ...domains]));
    }
  }
  return refused ? undefined : taken;
}

/** Lines as the file shows them, those that come later over those before; groups and resources in one order. */
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

function keyOf(schemata: Schemata): string {
  return JSON.stringify(Object.entries(schemata));
}

/** None where something was refused. */
function settingsOf(
  axis: Axis,
  path: Path,
  tree: PlatformTree,
  platform: string,
  telling: Telling,
): readonly Setting[] {
  if (axis.kind === "choice") {
    return axis.choices.map(({ name, schemata }) => ({
      settings: { [axis.name]: name },
      schemata,
      path: (group) => [...path, "of", name, group],
    }));
  }
  const resource = tree.resource(axis.resource);
  const key = [...path, axis.kind];
  const refuse = (found: string, allowed: string) => {
    telling.refuse(key, `is ${axis.resource}: ${platform} ${found}`, allowed);
    return [];
  };
  if (!resource) return refuse("has none", `it has ${tree.resources.map(({ name }) => name).join(", ")}`);
  const setting = (settings: Place["settings"], schemata: Schemata): Setting => ({
    settings,
    schemata,
    path: () => key,
  });
  if (axis.kind === "value") {
    if (!resource.numbers) return refuse("has portions of it and no number", `portions: ${axis.resource} is allowed`);
    return numbersOf(axis.range, resource.numbers, axis, platform, telling, key).map((value) =>
      setting({ [`${axis.resource} of ${axis.of}`]: value }, { [axis.of]: [`${axis.resource}:*=${value}`] }),
    );
  }
  if (!resource.portions) return refuse("has no portions of it", `value: ${axis.resource} is allowed`);
  const { count: all, least } = resource.portions;
  if (axis.kind === "split") {
    if (all < 2 * least)
      return refuse(`has ${plural(all, "portion")} of it, which cannot be cut in two`, "a cache with more is needed");
    const [first, second] = axis.between;
    return from(least, all - least, 1).map((k) =>
      setting(
        { [`${axis.resource} of ${first}`]: k },
        { [first]: [maskLine(resource, 0, k)], [second]: [maskLine(resource, k, all - k)] },
      ),
    );
  }
  return numbersOf(axis.range, { least, most: all, step: 1 }, axis, platform, telling, key).map((k) =>
    setting(
      { [`${axis.resource} of ${axis.of}`]: k },
      { [axis.of]: [maskLine(resource, axis.from === "low" ? 0 : all - k, k)] },
    ),
  );
}

function maskLine({ name }: TreeResource, low: number, bits: number): string {
  return `${name}:*=${((2 ** bits - 1) * 2 ** low).toString(16)}`;
}

const from = (min: number, max: number, step: number): number[] =>
  Array.from({ length: Math.max(0, Math.floor((max - min) / step) + 1) }, (_, i) => min + i * step);

/** Those within the bounds of the platform; it is told which are not. */
function numbersOf(
  range: Range,
  bounds: { readonly least: number; readonly most: number; readonly step: number },
  { kind, resource }: { readonly kind: string; readonly resource: string },
  platform: string,
  telling: Telling,
  path: Path,
): number[] {
  const { least, most } = bounds;
  const values = "values" in range ? range.values : stepped(range, bounds, kind === "value" ? 10 : 1);
  const within = values.filter((value) => value >= least && value <= most);
  const left = values.filter((value) => !within.includes(value));
  const has = `${platform} takes ${least} to ${most} of ${resource}`;
  if (within.length === 0)
    telling.refuse(path, `has no value that is possible: ${has}`, `values from ${least} to ${most} are allowed`);
  else if (left.length > 0)
    telling.note(
      `${has}, so ${left.length > 8 ? plural(left.length, "value is", "values are") : `${left.join(", ")} ${left.length === 1 ? "is" : "are"}`} left out`,
    );
  return within;
}

/** Without a beginning it is a whole number of steps. */
function stepped(
  { min, max, step: wanted }: { readonly min?: number; readonly max?: number; readonly step?: number },
  { least, most, step: fewest }: { readonly least: number; readonly most: number; readonly step: number },
  otherwise: number,
): number[] {
  const step = wanted ?? Math.max(otherwise, fewest);
  const first = min ?? Math.ceil(least / step) * step;
  return from(first, max ?? most, step);
}
