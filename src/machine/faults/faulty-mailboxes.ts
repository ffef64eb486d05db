// Mailboxes under faults: answers that are late, lost or wrong.

import { fieldGet, fieldPrep } from "../../../assembly/regs/index.ts";
import type { MailboxAnswer, MailboxInterference } from "../mailbox.ts";
import { type InForce, ofKind } from "./in-force.ts";
import type { MailboxFault } from "./types.ts";

const TOKEN = 0x0ffc_0000;
const GENERIC_ERROR = -8;

export class FaultyMailboxes implements MailboxInterference {
  #faults: readonly InForce<MailboxFault>[] = [];

  follow(faults: readonly InForce[]): void {
    this.#faults = ofKind(faults, "mailbox");
  }

  delayNs(subspace: number): number {
    let ns = 0;
    for (const one of this.#of(subspace, "slow")) {
      ns += one.fault.ns ?? 0;
      one.act();
    }
    return ns;
  }

  /** Of several the first: a message is lost once. */
  drop(subspace: number): boolean {
    const [first] = this.#of(subspace, "silent");
    first?.act();
    return first !== undefined;
  }

  spoil(subspace: number, answer: MailboxAnswer): MailboxAnswer {
    let spoilt = answer;
    for (const one of this.#of(subspace, "corrupt")) {
      spoilt = spoil(spoilt, one.fault.what ?? "token");
      one.act();
    }
    return spoilt;
  }

  #of(subspace: number, how: MailboxFault["how"]): InForce<MailboxFault>[] {
    return this.#faults.filter(({ fault }) => fault.subspace === subspace && fault.how === how);
  }
}

function spoil(answer: MailboxAnswer, what: NonNullable<MailboxFault["what"]>): MailboxAnswer {
  if (what === "busy") return { ...answer, complete: false };
  if (what === "status") return { ...answer, words: [GENERIC_ERROR, ...answer.words.slice(1)] };
  const { command } = answer;
  const token = fieldPrep(TOKEN, fieldGet(TOKEN, command) + 1);
  return { ...answer, command: ((command & ~TOKEN) | token) >>> 0 };
}
