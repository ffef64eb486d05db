// Channels of tables as mailboxes of a platform.

import type { FirmwareChannel, FirmwareMsc } from "../description.ts";
import type { Remarks } from "./remarks.ts";

export interface WrittenMailbox {
  readonly subspace: number;
  readonly base: number;
  readonly bytes: number;
  readonly latencyUsec: number;
  readonly interrupt: number;
}

/** Registers are where docs/firmware.md has them, whatever the tables say. */
export function mailboxesFrom(
  channels: readonly FirmwareChannel[],
  mscs: readonly FirmwareMsc[],
  remarks: Remarks,
): WrittenMailbox[] {
  const mailboxes = channels.map(({ subspace, base, bytes, latencyUsec, interrupt, doorbell, complete }) => {
    if (doorbell.address !== base + 0x1000 || complete.address !== base + 0x1008) {
      remarks.say(
        `subspace ${subspace}: its registers are not behind its memory; a platform has them at base + 0x1000`,
      );
    }
    return {
      subspace,
      base,
      bytes: Math.min(bytes - (bytes % 4), 4096),
      latencyUsec: Math.min(latencyUsec, 1_000_000),
      interrupt,
    };
  });
  const there = new Set(mailboxes.map(({ subspace }) => subspace));
  for (const subspace of new Set(mscs.flatMap((msc) => msc.subspace ?? []))) {
    if (there.has(subspace)) continue;
    remarks.say(
      `subspace ${subspace}: MSCs are behind it, and no table describes it; the platform needs a mailbox there`,
    );
  }
  return mailboxes;
}
