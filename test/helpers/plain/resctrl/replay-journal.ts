// A journal of a mounted tree, read again by the plain model: the first entry on which they disagree.

import type { Answered, JournalEntry } from "../../../../src/fuse/journal.ts";
import { isParsersOwn } from "./left-open.ts";
import { PlainResctrl } from "./model.ts";
import type { Shape } from "./shape.ts";

export interface JournalOptions {
  /** Traces run meanwhile: what counters say is any number, and limbo ends when it ends. */
  readonly traffic?: boolean;
}

/** Between two operations a cpu has come or gone. */
export interface CpuEntry {
  readonly op: "cpu";
  readonly cpu: number;
  readonly online: boolean;
  /** Model time, ns. */
  readonly at: number;
}

export interface JournalDisagreement {
  /** From 1. */
  readonly line: number;
  readonly entry: JournalEntry;
  readonly expected: Answered;
}

/** `journal`: a line of JSON for each operation. Throws a SyntaxError that names the line for what is none. */
export function replayJournal(
  journal: string,
  shape: Shape,
  options: JournalOptions = {},
): JournalDisagreement | undefined {
  const model = new PlainResctrl(shape);
  return firstOf(journal, model, options);
}

/** The same, and what registers, labels and ids must be at the end. */
export function replayedJournal(
  journal: string,
  shape: Shape,
  options: JournalOptions = {},
): { readonly disagreement: JournalDisagreement | undefined; readonly model: PlainResctrl } {
  const model = new PlainResctrl(shape);
  return { disagreement: firstOf(journal, model, options), model };
}

function firstOf(
  journal: string,
  model: PlainResctrl,
  { traffic = false }: JournalOptions,
): JournalDisagreement | undefined {
  for (const [at, text] of journal.split("\n").entries()) {
    if (text === "") continue;
    const entry = parsed(text, at + 1);
    if (entry.op === "cpu") {
      model.cpu(entry.cpu, entry.online, entry.at);
      continue;
    }
    const { caller, at: now, errno, reply } = entry;
    const expected = model.apply(entry, caller, now, entry.handle);
    if (expected.errno !== errno && !isParsersOwn(entry, expected, entry)) return { line: at + 1, entry, expected };
    if (errno === undefined && !sameReply(expected.reply, reply, traffic)) return { line: at + 1, entry, expected };
  }
  return undefined;
}

function parsed(text: string, line: number): JournalEntry | CpuEntry {
  try {
    return JSON.parse(text) as JournalEntry | CpuEntry;
  } catch (error) {
    throw new SyntaxError(`journal, line ${line}: ${String(error)}`);
  }
}

function sameReply(expected: string | undefined, found: string | undefined, traffic: boolean): boolean {
  if (expected === found || (expected ?? "") === (found ?? "")) return true;
  const isNumber = /^\d+\n$/;
  return traffic && isNumber.test(expected ?? "") && isNumber.test(found ?? "");
}
