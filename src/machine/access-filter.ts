// Which register accesses somebody wants to see.

import type { MscInstance, Space } from "../platform/index.ts";
import { nearest } from "../written/index.ts";
import { type RegisterWord, registerWords } from "./registers.ts";
import { SPACE_NUMBERS } from "./spaces.ts";

/** Conditions that all have to hold; of a list, one entry has to. What is absent does not matter. */
export interface AccessFilter {
  /**
   * Names of registers, in any case, with * and ? as in a shell; `REGISTER.FIELD` for those that have the field. An array of
   * registers goes by its name or that of an element (MPAMCFG_CPBM, MPAMCFG_CPBM3), the upper half of one of 64 bits by
   * NAME_HI.
   */
  readonly register?: string | readonly string[];
  readonly msc?: number | readonly number[];
  readonly space?: Space | readonly Space[];
  readonly access?: "read" | "write";
  /** Who makes the access: "driver", "host", "cpu 3". */
  readonly by?: string | readonly string[];
}

/**
 * A filter from text: terms with commas between them. `read`, `write`, `msc:N`, `space:S`, `by:NAME`, and anything else is a
 * register or a field. Throws a RangeError for what is none of these.
 */
export function parseAccessFilter(text: string): AccessFilter {
  const register: string[] = [];
  const msc: number[] = [];
  const space: Space[] = [];
  const by: string[] = [];
  const access = new Set<"read" | "write">();
  for (const term of text.split(",").map((part) => part.trim())) {
    const [, key, value = ""] = /^([^:]*):(.*)$/.exec(term) ?? [];
    if (term === "") throw wrong(text, "a term is empty; * lets everything through");
    if (term === "read" || term === "write") access.add(term);
    else if (key === undefined) register.push(term);
    else if (key === "msc" && /^\d+$/.test(value)) msc.push(Number(value));
    else if (key === "space" && isSpace(value)) space.push(value);
    else if (key === "by" && value !== "") by.push(value);
    else throw wrong(term, "read, write, msc:N, space:ns|s|rt|rl, by:NAME, REGISTER or REGISTER.FIELD is allowed");
  }
  for (const pattern of register) matchingWords(pattern);
  const [only] = access.size === 1 ? access : [];
  return {
    ...(register.length > 0 ? { register } : {}),
    ...(msc.length > 0 ? { msc } : {}),
    ...(space.length > 0 ? { space } : {}),
    ...(by.length > 0 ? { by } : {}),
    ...(only ? { access: only } : {}),
  };
}

/** Fields that a filter names in a word; undefined where it names the whole word. */
export type Fields = ReadonlySet<string> | undefined;

/** A filter made ready to be asked at every access. */
export class Wanted {
  /** By offset; undefined: all words, those without a register too. */
  readonly #words: ReadonlyMap<number, Fields> | undefined;
  readonly #mscs: ReadonlySet<number> | undefined;
  readonly #spaces: ReadonlySet<Space> | undefined;
  readonly #by: ReadonlySet<string> | undefined;
  readonly access: "read" | "write" | undefined;

  /** Throws a RangeError for registers, fields and MSCs that do not exist, and for what is no filter. */
  constructor(filter: AccessFilter, mscs: readonly MscInstance[]) {
    checkFilter(filter);
    this.#words = wordsOf(listOf(filter.register));
    this.#mscs = setOf(filter.msc);
    this.#spaces = setOf(filter.space);
    this.#by = setOf(filter.by);
    this.access = filter.access;
    for (const msc of this.#mscs ?? []) {
      if (!mscs[msc]) throw wrong(`msc:${msc}`, `this machine has msc 0..${mscs.length - 1}`);
    }
  }

  wants(msc: number, offset: number, space: Space, access: "read" | "write", by: string): boolean {
    return (
      (this.access === undefined || this.access === access) &&
      (this.#mscs?.has(msc) ?? true) &&
      (this.#words?.has(offset) ?? true) &&
      (this.#spaces?.has(space) ?? true) &&
      (this.#by?.has(by) ?? true)
    );
  }

  fields(offset: number): Fields {
    return this.#words?.get(offset);
  }
}

/** What each key of a filter may hold, one or a list of it. */
const CONDITIONS: { readonly [key in keyof AccessFilter]-?: readonly [(one: unknown) => boolean, string] } = {
  register: [isText, "the name of a register or a list of names is allowed"],
  msc: [Number.isInteger, "the number of an msc or a list of numbers is allowed"],
  space: [isSpace, "ns, s, rt, rl or a list of them is allowed"],
  access: [(one) => one === "read" || one === "write", "read or write is allowed; absent is both"],
  by: [isText, "a name such as driver or a list of names is allowed"],
};

/** As an object a filter is held to what its text may say. */
function checkFilter(filter: AccessFilter): void {
  if (typeof filter !== "object" || filter === null || Array.isArray(filter)) {
    throw wrong(show(filter), "a text or an object with conditions is allowed");
  }
  for (const [key, value] of Object.entries(filter)) {
    if (!Object.hasOwn(CONDITIONS, key)) {
      throw wrong(key, `there is no such condition; ${Object.keys(CONDITIONS).join(", ")} are allowed`);
    }
    const [fits, allowed] = CONDITIONS[key as keyof AccessFilter];
    const list = Array.isArray(value) && key !== "access" ? value : [value];
    if (value !== undefined && !list.every(fits)) throw wrong(`${key}: ${show(value)}`, allowed);
  }
}

function isText(one: unknown): boolean {
  return typeof one === "string" && one !== "";
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function wordsOf(patterns: readonly string[] | undefined): ReadonlyMap<number, Fields> | undefined {
  if (patterns === undefined || patterns.includes("*")) return undefined;
  const words = new Map<number, Fields>();
  for (const pattern of patterns) {
    for (const [offset, fields] of matchingWords(pattern)) {
      const known = words.get(offset);
      const whole = fields === undefined || (words.has(offset) && known === undefined);
      words.set(offset, whole ? undefined : new Set([...(known ?? []), ...fields]));
    }
  }
  return words;
}

/** Offsets of the words that a name or a pattern stands for; none where no register has it. */
export function wordsNamed(pattern: string): number[] {
  return named(pattern).map(({ offset }) => offset);
}

function named(pattern: string): RegisterWord[] {
  const name = glob(pattern);
  return [...registerWords().values()].filter((word) => name.test(word.name) || name.test(word.register.name));
}

function matchingWords(pattern: string): [number, Fields][] {
  const [register = "", field, ...rest] = pattern.split(".");
  const words = named(register);
  if (words.length === 0 || rest.length > 0) throw wrong(pattern, `no register has that name${meant(register)}`);
  if (field === undefined) return words.map((word) => [word.offset, undefined]);
  const found = words.flatMap((word): [number, Fields][] => {
    const fields = fieldsOf(word, glob(field));
    return fields.size > 0 ? [[word.offset, fields]] : [];
  });
  if (found.length > 0) return found;
  const there = [...new Set(words.flatMap((word) => Object.keys(word.fields)))];
  throw wrong(pattern, `no field has that name there${words.length === 1 ? `: ${there.join(", ")}` : ""}`);
}

function meant(register: string): string {
  const names = [...registerWords().values()].map((word) => word.register.name);
  const near = nearest(register, [...new Set(names)]);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function fieldsOf(word: RegisterWord, name: RegExp): ReadonlySet<string> {
  return new Set(Object.keys(word.fields).filter((field) => name.test(field)));
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[^\w*?]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "i");
}

function isSpace(text: unknown): text is Space {
  return typeof text === "string" && Object.hasOwn(SPACE_NUMBERS, text);
}

function listOf<T>(one: T | readonly T[] | undefined): readonly T[] | undefined {
  return one === undefined ? undefined : ([one].flat() as T[]);
}

function setOf<T>(one: T | readonly T[] | undefined): ReadonlySet<T> | undefined {
  const list = listOf(one);
  return list && new Set(list);
}

function wrong(term: string, why: string): RangeError {
  return new RangeError(`register filter '${term}': ${why}`);
}
