// The values of an axis on one platform, each with the lines that it means.

import { type Path, plural } from "../../written/index.ts";
import type { Place, Schemata } from "../unit.ts";
import type { Asking } from "./configurations.ts";
import type { Axis, Range } from "./plan.ts";
import type { TreeResource } from "./platform-tree.ts";

/** One value of an axis. */
export interface Setting {
  readonly settings: Place["settings"];
  readonly schemata: Schemata;
  /** Where the lines of a group stand in the plan. */
  readonly path: (group: string) => Path;
  /** Of a number that the platform may round: where its value shows, and what it is called. */
  readonly number?: { readonly name: string; readonly group: string; readonly resource: string };
}

/** None where something was refused. */
export function settingsOf(axis: Axis, path: Path, asking: Asking): readonly Setting[] {
  if (axis.kind === "choice") {
    return axis.choices.map(({ name, schemata }) => ({
      settings: { [axis.name]: name },
      schemata,
      path: (group) => [...path, "of", name, group],
    }));
  }
  const { name: platform, tree, telling } = asking;
  const resource = tree.resource(axis.resource);
  const place = [...path, axis.kind];
  const refuse = (found: string, allowed: string) => {
    telling.refuse(place, `${axis.kind}: ${axis.resource} cannot be varied on ${platform}: it ${found}`, allowed);
    return [];
  };
  const others = tree.resources.map(({ name }) => name).join(", ");
  if (!resource) return refuse(`has no ${axis.resource}`, `it has ${others || "nothing to be divided"}`);
  if (axis.kind === "value") {
    const { numbers } = resource;
    if (!numbers) return refuse("has portions of it and no number", `portions: ${resource.name} is allowed`);
    const name = `${resource.name} of ${axis.of}`;
    const values = stepped(axis.range, numbers.least, numbers.most, Math.max(10, numbers.step));
    return within(values, numbers.least, numbers.most, resource.name, place, asking).map((value) => ({
      settings: { [name]: value },
      schemata: { [axis.of]: [`${resource.name}:*=${value}`] },
      path: () => place,
      number: { name, group: axis.of, resource: resource.name },
    }));
  }
  const { portions } = resource;
  if (!portions) return refuse("takes a number of it and has no portions", `value: ${resource.name} is allowed`);
  const { count: all, least } = portions;
  if (axis.kind === "portions") {
    const values = stepped(axis.range, least, all, 1);
    return within(values, least, all, `portions of ${resource.name}`, place, asking).map((many) => ({
      settings: { [`${resource.name} of ${axis.of}`]: many },
      schemata: { [axis.of]: [maskLine(resource, axis.from === "low" ? 0 : all - many, many)] },
      path: () => place,
    }));
  }
  if (all < 2 * least) return refuse(`has ${plural(all, "portion")} of it`, `two groups need ${2 * least}`);
  const [first, second] = axis.between;
  return numbersFrom(least, all - least, 1).map((many) => ({
    settings: { [`${resource.name} of ${first}`]: many },
    schemata: { [first]: [maskLine(resource, 0, many)], [second]: [maskLine(resource, many, all - many)] },
    path: () => place,
  }));
}

function maskLine({ name }: TreeResource, lowest: number, bits: number): string {
  return `${name}:*=${((2 ** bits - 1) * 2 ** lowest).toString(16)}`;
}

function numbersFrom(min: number, max: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.floor((max - min) / step) + 1) }, (_, i) => min + i * step);
}

/** Without a beginning the first is a whole number of steps: 10, 20, 30 and not 1, 11, 21. */
function stepped(range: Range, least: number, most: number, otherwise: number): readonly number[] {
  if ("values" in range) return range.values;
  const { min, max, step = otherwise } = range;
  return numbersFrom(min ?? Math.ceil(least / step) * step, max ?? most, step);
}

/** Without those that the platform does not have, which is told. */
function within(
  values: readonly number[],
  least: number,
  most: number,
  what: string,
  path: Path,
  { name, telling }: Asking,
): number[] {
  const kept = values.filter((value) => value >= least && value <= most);
  const left = values.filter((value) => value < least || value > most);
  const has = `${name} takes ${least} to ${most} ${what}`;
  if (kept.length === 0) {
    telling.refuse(
      path,
      `no value of ${path.at(-1)} is possible on ${name}`,
      `${least} to ${most} ${what} are allowed there`,
    );
  } else if (left.length > 0) {
    const which = left.length > 8 ? plural(left.length, "value") : left.join(", ");
    telling.note(`${has}: ${which} ${left.length === 1 ? "is" : "are"} left out`);
  }
  return kept;
}
