// What a journal tells, done by the plain model in the same order.

import type { Answered, JournalEntry } from "../../src/fuse/journal.ts";
import { PlainResctrl } from "../helpers/plain/resctrl/model.ts";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";

export interface Disagreement {
  readonly number: number;
  readonly entry: JournalEntry;
  readonly expected: Answered;
}

/** The model after all of it, and the first entry on which it does not agree. */
export function replayed(
  shape: Shape,
  entries: readonly JournalEntry[],
): { readonly model: PlainResctrl; readonly wrong: Disagreement | undefined } {
  const model = new PlainResctrl(shape);
  for (const [number, entry] of entries.entries()) {
    const expected = model.apply(entry, entry.caller, entry.at, entry.handle);
    if (!agrees(entry, expected)) return { model, wrong: { number, entry, expected } };
  }
  return { model, wrong: undefined };
}

function agrees(entry: JournalEntry, { errno, handle, reply }: Answered): boolean {
  if (entry.op === "write" && entry.errno !== errno) return isLeftOpen(entry.path, entry.data, entry.errno, errno);
  if (entry.op === "open" && entry.handle !== handle) return false;
  return entry.errno === errno && entry.reply === reply;
}

/** What is wrong with a set of cpus that is none at all, the parser says in its own way. */
function isLeftOpen(path: string, data: string, ...errnos: (string | undefined)[]): boolean {
  if (!/\/cpus(_list)?$/.test(path) || /^[0-9a-f,-]*\n?$/i.test(data)) return false;
  return errnos.every((errno) => errno !== undefined && ["EINVAL", "EOVERFLOW", "ERANGE"].includes(errno));
}
