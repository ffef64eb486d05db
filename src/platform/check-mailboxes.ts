// How MSCs are reached: by a page of their own, or through a mailbox that there is.

import { at, type Path, type Report } from "../written/index.ts";
import { MAILBOX_WINDOW_BYTES } from "./address-map.ts";
import type { MscDescription, Platform } from "./types.ts";

export function checkMailboxes({ mailboxes }: Platform, report: Report): void {
  mailboxes.forEach(({ subspace, base, bytes }, index) => {
    const path = ["mailboxes", index];
    const first = mailboxes.findIndex((other) => other.subspace === subspace);
    if (first < index) {
      report([...path, "subspace"], `${at([...path, "subspace"])} is ${subspace} again`, "each number is allowed once");
    }
    if (base % MAILBOX_WINDOW_BYTES !== 0) {
      const found = `${at([...path, "base"])} is 0x${base.toString(16)}`;
      report([...path, "base"], found, "a multiple of 64 KiB (0x1_0000) is allowed");
    }
    if (bytes % 4 !== 0) {
      report([...path, "bytes"], `${at([...path, "bytes"])} is ${bytes}`, "a multiple of 4 is allowed");
    }
  });
}

/** One of the two ways: checked with the MSC. */
export function checkReached(msc: MscDescription, platform: Platform, path: Path, report: Report): void {
  const { base, mailbox } = msc;
  if (base === undefined && mailbox === undefined) {
    report([...path, "base"], `${at(path)} has neither base nor mailbox`, "one of them is needed");
  } else if (base !== undefined && mailbox !== undefined) {
    report([...path, "mailbox"], `${at([...path, "mailbox"])} stands beside base`, "one of them is allowed");
  } else if (mailbox !== undefined && !platform.mailboxes.some(({ subspace }) => subspace === mailbox)) {
    const there = platform.mailboxes.map(({ subspace }) => subspace).join(", ") || "none";
    report(
      [...path, "mailbox"],
      `${at([...path, "mailbox"])} is ${mailbox}`,
      `a subspace of mailboxes (${there}) is allowed`,
    );
  } else if (mailbox !== undefined && platform.firmware !== "acpi") {
    report(
      [...path, "mailbox"],
      `${at([...path, "mailbox"])} stands with firmware: ${platform.firmware}`,
      "acpi is allowed",
    );
  }
}
