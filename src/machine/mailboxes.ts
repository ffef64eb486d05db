// The mailboxes of a machine, and the firmware behind them (docs/firmware.md, "Mailboxes").

import type { MscInstance, Platform } from "../platform/index.ts";
import type { Clock } from "./clock.ts";
import type { MailboxInterrupt } from "./interrupts.ts";
import { areMailboxStates, Mailbox, type MailboxHost, type MailboxInterference } from "./mailbox.ts";
import type { Pages } from "./pages.ts";

export interface MailboxesHost {
  readonly platform: Platform;
  readonly mscs: readonly MscInstance[];
  readonly clock: Clock;
  readonly pages: Pick<Pages, "read32" | "write32">;
  readonly faults: {
    readonly mailboxes: MailboxInterference;
    /** Throws EIO where an MSC does not answer. */
    checkAnswers(msc: number): void;
  };
  /** Runs `work`; who listens to what it does is told afterwards. */
  quietly(work: () => void): void;
  raise(event: MailboxInterrupt): void;
}

/** In file order. Throws a TypeError for states of other mailboxes. */
export function openMailboxes(host: MailboxesHost, states: unknown): Mailbox[] {
  const { platform, mscs, clock, pages, faults } = host;
  const { mailboxes } = platform;
  if (states !== undefined && !areMailboxStates(states, mailboxes)) {
    throw new TypeError(`these are not the mailboxes of ${platform.name}`);
  }
  const channel: MailboxHost = {
    clock,
    interference: faults.mailboxes,
    access: (subspace) => ({
      reaches: (msc) => mscs[msc]?.description.mailbox === subspace,
      read32(msc, offset) {
        faults.checkAnswers(msc);
        return pages.read32(msc, offset, "ns", "firmware");
      },
      write32(msc, offset, value) {
        faults.checkAnswers(msc);
        pages.write32(msc, offset, value, "ns", "firmware");
      },
    }),
    quietly: (work) => host.quietly(work),
    interrupt: (event) => host.raise(event),
  };
  return mailboxes.map((one, index) => new Mailbox(one, index, channel, states?.[index]));
}
