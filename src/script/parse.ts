// A script as people write it, read in full before anything runs: lines, or everything that is wrong with them.

import { nearest, type Problem, WrittenError } from "../written/index.ts";
import type { Action, ScriptLine, ScriptTime } from "./line.ts";
import { olderForm } from "./older-form.ts";
import { Refusal, type Refuse, refuseAt } from "./refuse.ts";
import { readTime, TIMES } from "./time.ts";
import { VERBS } from "./verbs/all.ts";
import { Words } from "./words.ts";

/** Throws a WrittenError with a line for each problem. */
export function parseScript(text: string, file: string): ScriptLine[] {
  const lines: ScriptLine[] = [];
  const problems: Problem[] = [];
  let at: ScriptTime = { ns: 0 };
  for (const [index, written] of text.split("\n").entries()) {
    if (/^\s*(#|$)/.test(written)) continue;
    try {
      const line = readLine(written, file, index + 1, at);
      at = line.at;
      lines.push(line);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(error.problem);
    }
  }
  if (problems.length > 0) throw new WrittenError(file, problems);
  return lines;
}

function readLine(written: string, file: string, line: number, before: ScriptTime): ScriptLine {
  const refuse = refuseAt(line);
  const words = new Words(written, refuse);
  const older = olderForm(words.left);
  if (older !== undefined) throw refuse(words.column, "this is the older form of a line", `now it is: ${older}`);
  const place = { file, line, column: words.column };
  const at = words.peek().startsWith("@") ? readAt(words, refuse) : before;
  const text = words.left;
  return { place, at, text, action: readAction(words, refuse) };
}

function readAt(words: Words, refuse: Refuse): ScriptTime {
  const [column, word] = [words.column, words.word(TIMES)];
  const at = readTime(word.slice(1));
  if (at === undefined) throw refuse(column, `'${word}' is no time`, `${TIMES} are allowed`);
  return at;
}

function readAction(words: Words, refuse: Refuse): Action {
  const [column, word] = [words.column, words.word(`${[...VERBS.keys()].join(", ")} are allowed`)];
  const verb = VERBS.get(word);
  if (verb === undefined) {
    const meant = nearest(word, [...VERBS.keys()]);
    const allowed = `${meant ? `did you mean ${meant}? ` : ""}${[...VERBS.keys()].join(", ")} are allowed`;
    throw refuse(column, `there is no '${word}'`, allowed);
  }
  return verb.read(words, refuse, (rest) => readAction(rest, refuse));
}
