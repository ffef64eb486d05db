// From a word of the line to the arguments it stands for: braces, ~, variables, splitting, patterns, in the order of bash.

import { type Files, MOUNT } from "./files.ts";
import { hasPattern, pathsFor } from "./patterns.ts";
import { SyntaxProblem, type Unit, type Word } from "./words.ts";

type Char = Extract<Unit, { char: string }>;

export interface Surroundings {
  readonly files: Files;
  readonly directory: string;
  variable(name: string): string;
}

/** More words than anybody types. */
const MOST_WORDS = 4096;

/** Throws a SyntaxProblem for braces that stand for too much. */
export async function expand(words: readonly Word[], around: Surroundings): Promise<string[]> {
  const found: string[] = [];
  for (const word of words) {
    for (const units of braces(word.units)) {
      for (const field of fields(units, word.hasQuotes, around)) found.push(...(await paths(field, around)));
    }
  }
  return found;
}

/** Without splitting and patterns: what is assigned to a variable. */
export function expandWhole(word: Word, around: Surroundings): string {
  return textOf(valued(tilde(word.units), around).flat());
}

async function paths(field: readonly Char[], around: Surroundings): Promise<string[]> {
  const found = hasPattern(field) ? await pathsFor(field, around.files, around.directory) : [];
  return found.length > 0 ? found : [textOf(field)];
}

function textOf(chars: readonly Char[]): string {
  return chars.map(({ char }) => char).join("");
}

function isChar(unit: Unit | undefined, char: string): boolean {
  return unit !== undefined && "char" in unit && !unit.quoted && unit.char === char;
}

function tilde(units: readonly Unit[]): readonly Unit[] {
  if (!isChar(units[0], "~") || (units[1] !== undefined && !isChar(units[1], "/"))) return units;
  return [...charsOf(MOUNT, true), ...units.slice(1)];
}

function charsOf(text: string, quoted: boolean): Char[] {
  return [...text].map((char) => ({ char, quoted }));
}

/** Units one by one, each variable as what it holds. */
function valued(units: readonly Unit[], around: Surroundings): Char[][] {
  return units.map((unit) => ("char" in unit ? [unit] : charsOf(around.variable(unit.variable), unit.quoted)));
}

/** A word falls apart where an unquoted variable holds blanks. */
function fields(units: readonly Unit[], hasQuotes: boolean, around: Surroundings): Char[][] {
  const whole = tilde(units);
  const found: Char[][] = [];
  let field: Char[] | undefined = hasQuotes ? [] : undefined;
  for (const [n, chars] of valued(whole, around).entries()) {
    const splits = "variable" in (whole[n] as Unit) && !whole[n]?.quoted;
    for (const one of chars) {
      if (splits && /[ \t\n]/.test(one.char)) {
        if (field && field.length > 0) found.push(field);
        if (field?.length !== 0) field = undefined;
      } else {
        field ??= [];
        field.push(one);
      }
    }
  }
  if (field) found.push(field);
  return found;
}

/** a{b,c}d and {1..3}. */
function braces(units: readonly Unit[], room = MOST_WORDS): (readonly Unit[])[] {
  for (const [open, unit] of units.entries()) {
    if (!isChar(unit, "{") || isVariableBrace(units, open)) continue;
    const inside = alternatives(units, open);
    if (!inside) continue;
    const before = units.slice(0, open);
    const rests = braces(units.slice(inside.close + 1), room);
    const found = inside.parts
      .flatMap((part) => braces(part, room))
      .flatMap((middle) => rests.map((rest) => [...before, ...middle, ...rest]));
    if (found.length > room) throw new SyntaxProblem(`braces stand for more than ${room} words`);
    return found;
  }
  return [units];
}

/** $ before a brace: no alternatives. */
function isVariableBrace(units: readonly Unit[], open: number): boolean {
  return isChar(units[open - 1], "$");
}

function alternatives(units: readonly Unit[], open: number): { close: number; parts: (readonly Unit[])[] } | undefined {
  const parts: Unit[][] = [[]];
  let depth = 0;
  for (let n = open + 1; n < units.length; n++) {
    const unit = units[n] as Unit;
    if (isChar(unit, "}") && depth === 0) {
      if (parts.length > 1) return { close: n, parts };
      const range = rangeOf(parts[0] as Unit[]);
      return range && { close: n, parts: range };
    }
    if (isChar(unit, "{")) depth++;
    if (isChar(unit, "}")) depth--;
    if (isChar(unit, ",") && depth === 0) parts.push([]);
    else parts.at(-1)?.push(unit);
  }
  return undefined;
}

/** 1..3 and a..c. */
function rangeOf(units: readonly Unit[]): Unit[][] | undefined {
  if (units.some((unit) => !("char" in unit) || unit.quoted)) return undefined;
  const text = textOf(units as Char[]);
  const numbers = /^(-?\d{1,6})\.\.(-?\d{1,6})$/.exec(text);
  const letters = /^([a-zA-Z])\.\.([a-zA-Z])$/.exec(text);
  if (numbers) {
    const [from, to] = [numbers[1] as string, numbers[2] as string];
    const padded = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0;
    return counted(Number(from), Number(to)).map((n) => charsOf(pad(n, padded), false));
  }
  if (!letters) return undefined;
  const [from = 0, to = 0] = [letters[1], letters[2]].map((letter) => letter?.charCodeAt(0));
  return counted(from, to).map((code) => charsOf(String.fromCharCode(code), false));
}

function pad(n: number, width: number): string {
  const digits = String(Math.abs(n)).padStart(n < 0 ? width - 1 : width, "0");
  return n < 0 ? `-${digits}` : digits;
}

function counted(from: number, to: number): number[] {
  const length = Math.abs(to - from) + 1;
  if (length > MOST_WORDS) throw new SyntaxProblem(`braces stand for more than ${MOST_WORDS} words`);
  return Array.from({ length }, (_, n) => from + Math.sign(to - from) * n);
}
