// expect: what a file reads, or with which errno a line is refused.

import { type ErrnoCode, ErrnoError, NUMBERS } from "../../errno/index.ts";
import { nearest } from "../../written/index.ts";
import { diff } from "../diff.ts";
import type { Action, Outcome, ScriptTarget } from "../line.ts";
import type { Verb } from "./verb.ts";

const CODES = Object.keys(NUMBERS);

export const expect: Verb = {
  usage: "expect PATH TEXT, or expect ERRNO LINE",
  read(words, refuse, parse) {
    const [column, first] = [words.column, words.peek()];
    if (!/^E[A-Z0-9]{2,}$/.test(first)) {
      const path = words.path(this.usage);
      const { bytes, quoted } = words.rest();
      return { changes: false, run: (target) => reads(target, path, textOf(bytes, quoted)) };
    }
    words.word(this.usage);
    if (!Object.hasOwn(NUMBERS, first)) {
      const meant = nearest(first, CODES);
      throw refuse(column, `${first} is no errno`, `${meant ? `did you mean ${meant}? ` : ""}${CODES.join(", ")} are`);
    }
    const action = parse(words);
    return {
      changes: false,
      ...(action.check ? { check: action.check.bind(action) } : {}),
      run: (target) => refuses(target, action, first as ErrnoCode),
    };
  },
};

function textOf(bytes: Uint8Array, quoted: boolean): string {
  const text = new TextDecoder().decode(bytes);
  return quoted ? text : `${text}\n`;
}

async function reads({ tree }: ScriptTarget, path: string, expected: string): Promise<Outcome> {
  const text = await tree.readFile(path).catch((error: unknown) => {
    if (error instanceof ErrnoError) return error;
    throw error;
  });
  if (text === expected) return { met: true };
  if (typeof text === "string") return { met: false, diff: diff(expected, text) };
  return { met: false, diff: `${diff(expected, "")}\n! ${text.message}` };
}

async function refuses(target: ScriptTarget, action: Action, code: ErrnoCode): Promise<Outcome> {
  const found = await action.run(target).then(
    () => "it succeeded",
    (error: unknown) => {
      if (error instanceof ErrnoError) return error.code === code ? undefined : error.message;
      throw error;
    },
  );
  return found === undefined ? { met: true } : { met: false, diff: `-${code}\n+${found}` };
}
