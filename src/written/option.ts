// What was given for an option, or why it cannot be.

import { nearest } from "./nearest.ts";

/** The command line or a file it names is wrong. */
export class UsageError extends Error {}

/** Options that were given; the others keep their defaults. */
export function given<T extends object>(options: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

export function choice<const T extends string>(
  name: string,
  text: string | undefined,
  allowed: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = allowed.find((one) => one === text);
  if (found !== undefined) return found;
  // The only one there is is named anyway.
  const meant = allowed.length > 1 ? nearest(text, allowed) : undefined;
  throw new UsageError(
    `${name} '${text}': ${meant === undefined ? "" : `did you mean ${meant}? `}${listed(allowed)} is allowed`,
  );
}

/** "a", "a or b", "a, b or c". */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

export function whole(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new UsageError(`${name} '${text}': a whole number is needed`);
  return value;
}

export function seedFrom(text: string): number {
  const seed = whole("seed", text);
  if (seed > 0xffff_ffff) throw new UsageError(`seed '${text}': a whole number from 0 to 4294967295 is needed`);
  return seed;
}

export function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new UsageError(`${name} '${text}': a number is needed`);
  return value;
}
