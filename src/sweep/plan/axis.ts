// An axis from its keys: which of four things it is, and what belongs to that.

import { count, nearest, type Path } from "../../written/index.ts";
import type { Axis, Range } from "./plan.ts";
import type { Refuse } from "./refuse.ts";
import { MOST_UNITS, type WrittenAxis } from "./schema.ts";

const KINDS = {
  split: ["between"],
  portions: ["of", "values", "from", "to", "step", "at"],
  value: ["of", "values", "from", "to", "step"],
  choice: ["of"],
} as const satisfies { readonly [kind in Axis["kind"]]: readonly (keyof WrittenAxis)[] };

const NAMES = Object.keys(KINDS) as Axis["kind"][];

/** Undefined where something was refused. */
export function axisOf(written: WrittenAxis, path: Path, refuse: Refuse): Axis | undefined {
  const kinds = NAMES.filter((kind) => written[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const has = kind === undefined ? `none of ${NAMES.join(", ")}` : kinds.join(" and ");
    return refuse(path, `has ${has}`, "one of them is allowed", "key");
  }
  const keys: readonly string[] = KINDS[kind];
  const alien = Object.keys(written).filter((key) => key !== kind && !keys.includes(key));
  for (const key of alien)
    refuse([...path, key], `stands beside ${kind}`, `${keys.join(", ")} are allowed there`, "key");
  const missing = keys.filter((key) => (key === "between" || key === "of") && !(key in written));
  for (const key of missing) {
    refuse(
      path,
      `has no ${key}`,
      kind === "choice" ? "a map of names with schemata is needed" : "a group is needed",
      "key",
    );
  }
  if (alien.length + missing.length > 0) return undefined;
  const resource = written[kind] as string;
  if (kind === "split") {
    const between = written.between as readonly [string, string];
    if (between[0] === between[1])
      return refuse([...path, "between"], `has ${between[0]} twice`, "two groups are allowed");
    return { kind, resource, between };
  }
  const { of } = written;
  if (kind === "choice") {
    if (typeof of !== "object") return refuse([...path, "of"], "is no map", "a map of names with schemata is allowed");
    const choices = Object.entries(of).map(([name, schemata]) => ({ name, schemata }));
    if (choices.length === 0) return refuse([...path, "of"], "is empty", "a map of names with schemata is allowed");
    return { kind, name: resource, choices };
  }
  if (typeof of !== "string") return refuse([...path, "of"], "is a map", "a group is allowed");
  const range = rangeOf(written, path, refuse);
  if (range === undefined || kind === "value") return range && { kind: "value", resource, of, range };
  const { at: from = "low" } = written;
  if (from === "low" || from === "high") return { kind, resource, of, range, from };
  const meant = nearest(from, ["low", "high"]);
  return refuse([...path, "at"], `is ${from}`, `${meant ? `did you mean ${meant}? ` : ""}low or high is allowed`);
}

function rangeOf({ values, from, to, step }: WrittenAxis, path: Path, refuse: Refuse): Range | undefined {
  if (values !== undefined) {
    const key = (["from", "to", "step"] as const).find((one) => ({ from, to, step })[one] !== undefined);
    if (key !== undefined) return refuse([...path, key], "stands beside values", "one of both is allowed", "key");
    return { values };
  }
  if (from !== undefined && to !== undefined && from > to) {
    return refuse([...path, "to"], `is ${to}`, `from is ${from}, so ${from} or more is allowed`);
  }
  const range = {
    ...(from === undefined ? {} : { min: from }),
    ...(to === undefined ? {} : { max: to }),
    ...(step === undefined ? {} : { step }),
  };
  const many = valuesOfRange(range);
  if (many <= MOST_UNITS) return range;
  return refuse([...path, "to"], `makes ${count(many)} values`, `up to ${count(MOST_UNITS)} are allowed`);
}

/** How many values it has for certain; a platform may have bounds of its own. */
export function valuesIn(axis: Axis): number {
  if (axis.kind === "split") return 1;
  return axis.kind === "choice" ? axis.choices.length : valuesOfRange(axis.range);
}

function valuesOfRange(range: Range): number {
  if ("values" in range) return range.values.length;
  const { min, max, step } = range;
  return min === undefined || max === undefined ? 1 : Math.floor((max - min) / (step ?? 10)) + 1;
}
