// The keys and values that a file may have, as valibot schemas whose messages say what is allowed.

import * as v from "valibot";
import { choiceForm, type JsonForm, numberForm, sizeForm } from "./json-forms.ts";
import { nearest } from "./nearest.ts";
import { readNumber, readSize } from "./quantity.ts";

/**
 * A value read by `read`; the text says what is allowed, and stands in every message about this key. `form`: the same in JSON
 * Schema, which may let more through and nothing less.
 */
export function value<T>(allowed: string, read: (value: unknown) => T | undefined, form: JsonForm = {}) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const result = read(dataset.value);
      if (result !== undefined) return result;
      addIssue({ message: allowed });
      return NEVER;
    }),
    v.description(allowed),
    v.metadata(form),
  );
}

export function inRange(read: (value: unknown) => number | undefined, min: number, max: number) {
  return (input: unknown) => {
    const number = read(input);
    return number !== undefined && Number.isInteger(number) && number >= min && number <= max ? number : undefined;
  };
}

export function integer(min: number, max: number, what = "") {
  return value(
    `${what || "a whole number"}, ${min} to ${max}, is allowed`,
    inRange(readNumber, min, max),
    numberForm(min, max),
  );
}

export function size(min: number, max: number, what: string) {
  return value(`${what} is allowed`, inRange(readSize, min, max), sizeForm(min, max));
}

export function oneOf<const T extends string | number>(values: readonly T[], allowed: string) {
  return value(allowed, (input) => values.find((item) => item === input), choiceForm(...values));
}

export function map<const E extends v.ObjectEntries>(entries: E) {
  const keys = Object.keys(entries);
  const isMap = (input: unknown) => typeof input === "object" && input !== null && !Array.isArray(input);
  const allowed = `a map with the keys ${keys.join(", ")} is allowed`;
  return v.pipe(
    v.unknown(),
    v.check(isMap, allowed),
    v.strictObject(entries, (issue) => {
      if (issue.expected === "never") {
        const meant = nearest(String(issue.input), keys);
        return `${meant ? `did you mean ${meant}? ` : ""}the keys ${keys.join(", ")} are allowed`;
      }
      const missing = entries[JSON.parse(issue.expected ?? '""')];
      return (missing && v.getDescription(missing)) ?? "it is needed";
    }),
    v.description(allowed),
  );
}

/** Names that objects have things of their own under. */
const TAKEN = ["__proto__", "prototype", "constructor"];

/** A map whose keys are names of the writer's own. */
export function mapOf<const S extends v.GenericSchema>(item: S, allowed: string) {
  const isMap = (input: unknown) => typeof input === "object" && input !== null && !Array.isArray(input);
  const isFree = (input: unknown) => !TAKEN.some((name) => Object.hasOwn(input as object, name));
  return v.pipe(
    v.unknown(),
    v.check(isMap, allowed),
    v.check((input) => !isMap(input) || isFree(input), `${TAKEN.join(", ")} are no names; ${allowed}`),
    v.record(v.string(), item),
    v.description(allowed),
  );
}

export function list<const S extends v.GenericSchema>(item: S) {
  const allowed = "a list (lines that start with '- ') is allowed";
  return v.pipe(v.array(item, allowed), v.description(allowed));
}
