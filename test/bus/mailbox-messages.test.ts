// What software writes into shared memory, and what it makes of what it finds there, byte by byte.

import { describe, expect, test } from "vitest";
import { Mailboxes } from "../../src/bus/index.ts";
import {
  bytesOf,
  MAILBOX_MESSAGES,
  MAILBOX_OTHER_MESSAGES,
  MAILBOX_POSITIVE_STATUS,
  MAILBOX_STATUSES,
  MAILBOX_VERSION_2,
  MAILBOX_WRONG_TOKEN,
} from "../golden/mailbox-messages.ts";
import { FakePlatform, plainPage } from "./platform.ts";

/** Software whose next message has this token, on a channel that it knows already or not. */
function mailboxAt(token: number, options: { subspace?: number; polled?: boolean; connected?: boolean } = {}) {
  const { subspace = 3, polled = false, connected = true } = options;
  const platform = new FakePlatform();
  const mscs = new Map([0, 7, 0x1_0002].map((msc) => [msc, plainPage()]));
  mscs.get(7)!.words.set(0x20, 0x11);
  mscs.get(0)!.words.set(0xfffc, 0xdead_beef);
  const mailbox = platform.addMailbox({ subspace, mscs, interrupt: polled ? 0 : 70 });
  const failures: unknown[] = [];
  const mailboxes = new Mailboxes(
    platform,
    { channels: [mailbox.channel] },
    { cpu: () => 0, onFailure: (failure) => failures.push(failure) },
  );
  const channel = { subspace, readyAt: 0, abandoned: false, connected, failed: false };
  mailboxes.restore({ token, channels: [channel] });
  return { mailbox, mscs, failures, bus: (id: number) => mailboxes.bus({ id, subspace }) };
}

function message(start: string): { readonly request: Uint8Array; readonly answer: Uint8Array } {
  const found = [...MAILBOX_MESSAGES, ...MAILBOX_OTHER_MESSAGES].find(({ what }) => what.startsWith(start));
  if (found === undefined) throw new Error(`no message ${start}`);
  return { request: bytesOf(found.request), answer: bytesOf(found.answer) };
}

describe("software writes", () => {
  test("a question for the version before the first access", async () => {
    const { mailbox, bus } = mailboxAt(0, { connected: false });
    await bus(7).read32(0x20);
    expect(mailbox.rung[0]).toEqual(message("version").request);
  });

  test("a read, and takes the value of the answer", async () => {
    const { mailbox, bus } = mailboxAt(0x155);
    const { request, answer } = message("read: MSC 7");
    expect(await bus(7).read32(0x20)).toBe(0x11);
    expect(mailbox.rung).toEqual([request]);
    expect(new Uint8Array(mailbox.memory.buffer.slice(0, 32))).toEqual(answer);
  });

  test("a read that it will look for, where there is no interrupt", async () => {
    const { mailbox, bus } = mailboxAt(1, { subspace: 0, polled: true });
    expect(await bus(0).read32(0xfffc)).toBe(0xdead_beef);
    expect(mailbox.rung).toEqual([message("read: MSC 0").request]);
  });

  test("a write with the largest token, and one to an MSC with a large number", async () => {
    const one = mailboxAt(0x3ff);
    await one.bus(7).write32(0x100, 0x0100_0005);
    expect(one.mailbox.rung).toEqual([message("write: MSC 7").request]);
    expect(one.mscs.get(7)!.words.get(0x100)).toBe(0x0100_0005);
    const other = mailboxAt(2, { subspace: 255 });
    await other.bus(0x1_0002).write32(0x840, 0);
    expect(other.mailbox.rung).toEqual([message("write: MSC 0x1_0002").request]);
  });
});

describe("software reads", () => {
  /** A read of MPAMF_AIDR of MSC 7 by token 6 that is answered with these bytes. */
  function answered(bytes: string) {
    const at = mailboxAt(6);
    at.mailbox.fault.bytes = () => bytesOf(bytes);
    return { ...at, reading: at.bus(7).read32(0x20) };
  }

  test.each(MAILBOX_STATUSES)("status $status, $meaning, as $errno", async ({ errno, answer }) => {
    const { reading, failures } = answered(answer);
    if (errno === undefined) expect(await reading).toBe(0x11);
    else await expect(reading).rejects.toMatchObject({ code: "EIO", cause: { code: errno } });
    expect(failures).toHaveLength(errno === undefined ? 0 : 1);
  });

  test("a status above 0 as a failure, though Linux does not", async () => {
    const { reading, failures } = answered(MAILBOX_POSITIVE_STATUS);
    await expect(reading).rejects.toMatchObject({ code: "EIO" });
    expect(failures).toHaveLength(1);
  });

  test("the token of another message as no answer to its own", async () => {
    const { reading, failures } = answered(MAILBOX_WRONG_TOKEN);
    await expect(reading).rejects.toMatchObject({ code: "EIO", cause: { code: "ETIMEDOUT" } });
    expect(failures).toHaveLength(1);
  });

  test("another major version as a channel that it cannot use", async () => {
    const { mailbox, bus, failures } = mailboxAt(6, { connected: false });
    mailbox.fault.bytes = () => bytesOf(MAILBOX_VERSION_2);
    await expect(bus(7).read32(0x20)).rejects.toMatchObject({ code: "EINVAL" });
    expect(failures).toEqual([]);
  });
});
