// What a session writes down, the plain model reads again: it agrees with what was answered, and finds what is changed in it.

import { expect, test } from "vitest";
import type { Answered, Asked, JournalEntry } from "../../src/fuse/journal.ts";
import type { Caller } from "../../src/tree/caller.ts";
import { type Action, randomActions } from "../helpers/plain/resctrl/actions.ts";
import { PlainResctrl } from "../helpers/plain/resctrl/model.ts";
import { replayJournal } from "../helpers/plain/resctrl/replay-journal.ts";
import { SMALL_SHAPES } from "../helpers/plain/resctrl/shapes.ts";
import { firstDisagreement } from "../helpers/plain/resctrl/trial.ts";
import { ResctrlMachine } from "../helpers/resctrl-machine.ts";

const shape = SMALL_SHAPES.small!;
const SEED = Number(process.env.MPAM_SEED ?? Math.floor(Math.random() * 2 ** 30));

/** A machine that writes down what it is asked. Handles and cpus have their own ways. */
async function journalOf(script: readonly Action[]): Promise<JournalEntry[]> {
  const machine = await ResctrlMachine.mount(shape);
  const entries: JournalEntry[] = [];
  const written = {
    shape,
    get now() {
      return machine.now;
    },
    async apply(asked: Asked, caller: Caller): Promise<Answered> {
      const at = machine.now;
      const answered = await machine.apply(asked, caller);
      const { uid, gid, pid = 0 } = caller;
      entries.push({ ...asked, ...answered, caller: { uid, gid, pid }, at });
      return answered;
    },
    cpu: () => Promise.resolve(),
    pass: (ns: number) => machine.pass(ns),
    registers: (components: Iterable<string>) => machine.registers(components),
    labels: () => machine.labels(),
  };
  await firstDisagreement(written, script);
  return entries;
}

const withoutCpus = randomActions(shape, SEED, 400).filter(({ do: what }) => what !== "cpu");
const text = (entries: readonly JournalEntry[]) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");

test(`a journal of many operations is read again without a difference (seed ${SEED})`, async () => {
  const entries = await journalOf(withoutCpus);
  expect(entries.length).toBeGreaterThan(300);
  expect(replayJournal(text(entries), shape)).toBeUndefined();
});

test(`an answer that is changed is found where it stands (seed ${SEED})`, async () => {
  const entries = await journalOf(withoutCpus);
  const at = entries.findLastIndex(({ op, errno }) => op === "read" && errno === undefined);
  const changed = entries.map((entry, i) => (i === at ? { ...entry, reply: `${entry.reply}x` } : entry));
  expect(replayJournal(text(changed), shape)).toMatchObject({
    line: at + 1,
    entry: { reply: `${entries[at]!.reply}x` },
  });
  const refused = entries.map((entry, i) => (i === at ? { ...entry, errno: "EIO" as const } : entry));
  expect(replayJournal(text(refused), shape)).toMatchObject({ line: at + 1, entry: { errno: "EIO" } });
});

test("what counters say is any number while traces run", () => {
  const by = { caller: { uid: 0, gid: 0, pid: 100 }, at: 0 };
  const path = "/mon_data/mon_L3_00/llc_occupancy";
  const model = new PlainResctrl(shape);
  expect(model.apply({ op: "open", path, access: "r" }, by.caller, 0)).toEqual({ handle: 1 });
  const journal = text([
    { op: "open", path, access: "r", handle: 7, ...by },
    { op: "read", path, handle: 7, reply: "8192\n", ...by },
  ]);
  expect(replayJournal(journal, shape)).toMatchObject({ line: 2, expected: { reply: "0\n" } });
  expect(replayJournal(journal, shape, { traffic: true })).toBeUndefined();
  expect(() => replayJournal("{}}", shape)).toThrow("journal, line 1");
});
