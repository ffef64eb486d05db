// What a program of the shell gets and answers, and how it reads its options.

import { errnoText } from "../errno-text.ts";
import { type Files, Refused } from "../files.ts";

export interface Process {
  readonly name: string;
  readonly args: readonly string[];
  /** What comes in through a pipe or a redirection. */
  readonly input: string;
  readonly files: Files;
  /** Characters of a line of the terminal; undefined where the output goes elsewhere. */
  readonly columns: number | undefined;
  readonly signal: AbortSignal;
  /** From a name as typed to an absolute path. */
  path(name: string): string;
  out(text: string): Promise<void>;
  complain(text: string): Promise<void>;
}

/** Answers the exit status. Errors other than refusals are mistakes of ours. */
export type Program = (process: Process) => Promise<number>;

export function wordsOf(error: unknown): string {
  if (error instanceof Refused) return errnoText(error.code);
  throw error;
}

export interface Options {
  /** Letter by letter: "" for those without a value. */
  readonly given: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/** Thrown for options that a program does not have; its text is complete. */
export class BadUsage extends Error {}

/** Options as getopt reads them. @param letters those allowed, as in getopt: "n:" has a value. */
export function optionsOf({ name, args }: Pick<Process, "name" | "args">, letters: string): Options {
  const given = new Map<string, string>();
  const operands: string[] = [];
  const hint = `\nTry '${name} --help' for more information.`;
  for (let n = 0; n < args.length; n++) {
    const arg = args[n] as string;
    if (arg === "--") return { given, operands: [...operands, ...args.slice(n + 1)] };
    if (arg.startsWith("--")) throw new BadUsage(`${name}: unrecognized option '${arg}'${hint}`);
    if (!arg.startsWith("-") || arg === "-") {
      operands.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at);
      const place = letter === ":" ? -1 : letters.indexOf(letter);
      if (place < 0) throw new BadUsage(`${name}: invalid option -- '${letter}'${hint}`);
      if (letters.charAt(place + 1) !== ":") given.set(letter, "");
      else {
        const value = arg.slice(at + 1) || args[++n];
        if (value === undefined) throw new BadUsage(`${name}: option requires an argument -- '${letter}'${hint}`);
        given.set(letter, value);
        break;
      }
    }
  }
  return { given, operands };
}

/** As programs name files: in quotes that a shell would understand. */
export function quoted(name: string): string {
  if (!name.includes("'")) return `'${name}'`;
  return /["$`\\!]/.test(name) ? `'${name.replaceAll("'", "'\\''")}'` : `"${name}"`;
}

/** Lines without their newlines; a last newline begins no line. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
