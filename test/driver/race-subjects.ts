// What racing tasks race on: fake pages behind a bus that answers late and out of turn, and behind mailboxes with several MSCs each.

import { type Bus, Lock, type LockName, Mailboxes } from "../../src/bus/index.ts";
import type { FirmwareMsc } from "../../src/firmware/index.ts";
import { mix } from "../../src/random/index.ts";
import { FakePlatform } from "../bus/platform.ts";
import type { FakePage } from "./page.ts";

/** The same numbers for the same seed. */
export type Dice = (below: number) => number;

export function dice(seed: number): Dice {
  let state = mix(seed);
  return (below) => {
    state = mix(state + 1);
    return state % below;
  };
}

/** Locks of the kernel's kind, but for one that everybody gets at once. */
export function locksWithout(missing: LockName | undefined): (name: LockName, owner: string) => Lock {
  return (name, owner) => new Lock(name, owner, name !== missing);
}

export interface Subject {
  readonly name: string;
  /** The locks it uses, but for probe. */
  readonly locks: readonly LockName[];
  /** How to reach the MSCs of these pages. `failed` is told what a bus says has failed for good. */
  reach(
    pages: readonly FakePage[],
    roll: Dice,
    missing: LockName | undefined,
    failed: (text: string) => void,
  ): (msc: Pick<FirmwareMsc, "id">) => Bus;
}

/** Every access takes effect after some turns, and is reported after some more. */
const DELAYED: Subject = {
  name: "a bus that is late",
  locks: ["cfg", "part_sel", "mon_sel"],
  reach: (pages, roll) => {
    const turns = async (): Promise<void> => {
      for (let left = roll(6); left > 0; left--) await undefined;
    };
    return ({ id }) => {
      const page = pages[id]!;
      return {
        sleeps: true,
        read32: async (offset) => {
          await turns();
          const value = page.read32(offset);
          await turns();
          return value;
        },
        write32: async (offset, value) => {
          await turns();
          page.write32(offset, value);
          await turns();
        },
      };
    };
  },
};

/** MSCs two by two behind a mailbox, every other mailbox with an interrupt; each message takes a time of its own. */
const MAILBOXES: Subject = {
  name: "mailboxes",
  locks: ["cfg", "part_sel", "mon_sel", "mailbox"],
  reach: (pages, roll, missing, failed) => {
    const platform = new FakePlatform();
    for (let first = 0; first < pages.length; first += 2) {
      const subspace = first / 2;
      const mailbox = platform.addMailbox({
        subspace,
        base: 0x9000_0000 + subspace * 0x1_0000,
        interrupt: subspace % 2 === 0 ? 60 + subspace : 0,
        mscs: new Map(pages.slice(first, first + 2).map((page, at) => [first + at, page])),
      });
      mailbox.fault.delay = () => roll(8) * 1000;
    }
    const mailboxes = new Mailboxes(
      platform,
      { channels: platform.mailboxes.map(({ channel }) => channel) },
      { cpu: () => 0, onFailure: ({ message }) => failed(message), lock: locksWithout(missing) },
    );
    return ({ id }) => mailboxes.bus({ id, subspace: id >> 1 });
  },
};

export const SUBJECTS: readonly Subject[] = [DELAYED, MAILBOXES];
