// What may go wrong with messages: the interface by which faults reach a mailbox (docs/firmware.md, "Faults").

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Clock, type MailboxInterrupt } from "../../src/machine/index.ts";
import { Mailbox, type MailboxInterference } from "../../src/machine/mailbox.ts";
import { ACKNOWLEDGE, COMPLETE, DOORBELL, ERROR, readMessage, type Sent, UPDATE, writeMessage } from "./mailboxes.ts";

const NO_INTERFERENCE: MailboxInterference = {
  delayNs: () => 0,
  drop: () => false,
  spoil: (_, answer) => answer,
};

interface Bench {
  readonly clock: Clock;
  readonly mailbox: Mailbox;
  readonly heard: MailboxInterrupt[];
  readonly accesses: unknown[];
  send(message: Sent): void;
  /** Complete, length, command, status and value. */
  found(): number[];
}

/** A mailbox of 5 us by itself, in front of MSC 4; its registers hold 100 + offset, but for those that do not answer. */
function bench(different: Partial<MailboxInterference> = {}): Bench {
  const clock = new Clock(() => undefined);
  const heard: MailboxInterrupt[] = [];
  const accesses: unknown[] = [];
  const gone = (offset: number) => {
    if (offset === 0x40) throw new ErrnoError("EIO", "msc 4 does not answer");
  };
  const mailbox = new Mailbox({ subspace: 9, base: 0x1_0000, bytes: 64, latencyUsec: 5, interrupt: 33 }, 0, {
    clock,
    interference: { ...NO_INTERFERENCE, ...different },
    access: (subspace) => ({
      reaches: (msc) => subspace === 9 && msc === 4,
      read32: (msc, offset) => {
        gone(offset);
        accesses.push(["read", msc, offset]);
        return 100 + offset;
      },
      write32: (msc, offset, value) => {
        gone(offset);
        accesses.push(["write", msc, offset, value]);
      },
    }),
    quietly: (work) => work(),
    interrupt: (event) => void heard.push(event),
  });
  return {
    clock,
    mailbox,
    heard,
    accesses,
    send({ length, words }) {
      for (const [index, word] of [1, length, ...words].entries()) mailbox.store(4 + 4 * index, 4, word);
      mailbox.store(UPDATE, 4, 0);
      mailbox.store(DOORBELL, 4, 1);
    },
    found: () => [COMPLETE, 8, 12, 16, 20].map((offset) => mailbox.load(offset, 4)),
  };
}

const ANSWERED = [1, 12, 0x6804, 0, 108];
const UNANSWERED = [0, 16, 0x6804, 4, 0];

test("nothing goes wrong by itself", async () => {
  const { clock, heard, accesses, send, found } = bench();
  send(readMessage(4, 8));
  await clock.advance(4999);
  expect([found(), heard, accesses]).toEqual([UNANSWERED, [], []]);
  await clock.advance(1);
  expect([found(), heard.length, accesses]).toEqual([ANSWERED, 1, [["read", 4, 8]]]);
});

describe("an answer may", () => {
  test("take longer, asked once for each message that starts", async () => {
    const delays = [2500, 0, 1];
    const asked: number[] = [];
    const { clock, mailbox, send, found } = bench({
      delayNs: (subspace) => {
        asked.push(subspace);
        return delays[asked.length - 1] ?? 0;
      },
    });
    for (const ns of [7500, 5000, 5001]) {
      send(readMessage(4, 8));
      mailbox.store(DOORBELL, 4, 1);
      await clock.advance(ns - 1);
      expect(found()).toEqual(UNANSWERED);
      await clock.advance(1);
      expect(found()).toEqual(ANSWERED);
    }
    // A message that does not start is none.
    mailbox.store(DOORBELL, 4, 1);
    expect([asked, mailbox.load(ERROR, 4)]).toEqual([[9, 9, 9], 1]);
  });

  test("never come, and no access is made; the next message is another one", async () => {
    let lost = 0;
    const { clock, heard, accesses, mailbox, send, found } = bench({
      drop: (subspace) => subspace === 9 && lost++ < 1,
    });
    send(writeMessage(4, 8, 77));
    await clock.advance(1_000_000);
    expect([found(), heard, accesses]).toEqual([[0, 20, 0x6805, 4, 0], [], []]);
    mailbox.store(DOORBELL, 4, 1);
    await clock.advance(5000);
    expect([found().slice(0, 4), heard.length, accesses]).toEqual([[1, 8, 0x6805, 0], 1, [["write", 4, 8, 77]]]);
    expect(lost).toBe(2);
  });

  test("carry another token", async () => {
    const { clock, send, found } = bench({
      spoil: (_, answer) => ({ ...answer, command: (answer.command ^ (1 << 18)) >>> 0 }),
    });
    send(readMessage(4, 8, 5));
    await clock.advance(5000);
    expect(found()).toEqual([1, 12, 0x0010_6804, 0, 108]);
  });

  test("say something else, though the access has been made", async () => {
    const { clock, accesses, send, found } = bench({ spoil: (_, answer) => ({ ...answer, words: [-8] }) });
    send(writeMessage(4, 8, 77));
    await clock.advance(5000);
    expect(found().slice(0, 4)).toEqual([1, 8, 0x6805, 0xffff_fff8]);
    expect(accesses).toEqual([["write", 4, 8, 77]]);
  });

  test("leave the channel with firmware, though the interrupt comes", async () => {
    const { clock, heard, mailbox, send, found } = bench({ spoil: (_, answer) => ({ ...answer, complete: false }) });
    send(readMessage(4, 8));
    await clock.advance(5000);
    expect([found(), heard.map(({ level }) => level)]).toEqual([[0, ...ANSWERED.slice(1)], [1]]);
    mailbox.store(ACKNOWLEDGE, 4, 1);
    expect(heard.map(({ level, line, subspace }) => [level, line, subspace])).toEqual([
      [1, 33, 9],
      [0, 33, 9],
    ]);
  });

  test("be spoiled by what it says", async () => {
    const seen: unknown[] = [];
    const { clock, send } = bench({
      spoil: (subspace, answer) => {
        seen.push([subspace, answer]);
        return answer;
      },
    });
    send(readMessage(5, 8, 1));
    await clock.advance(5000);
    expect(seen).toEqual([[9, { command: 0x0004_6804, words: [-4], complete: true }]]);
  });
});

test("an MSC that does not answer firmware is a hardware error, of reads and of writes", async () => {
  const { clock, heard, send, found } = bench();
  send(readMessage(4, 0x40));
  await clock.advance(5000);
  expect(found().slice(0, 4)).toEqual([1, 8, 0x6804, 0xffff_fff7]);
  send(writeMessage(4, 0x40, 1));
  await clock.advance(5000);
  expect(found().slice(0, 4)).toEqual([1, 8, 0x6805, 0xffff_fff7]);
  expect(heard).toHaveLength(1);
});
