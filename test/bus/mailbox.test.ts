// MSCs behind messages: what is sent, what is believed, and what happens when it goes wrong. Numbers from linux-driver.md 12.

import { describe, expect, test } from "vitest";
import { Lock, MAILBOX_TIMEOUT_NS, Mailboxes, NOTHING_HELD } from "../../src/bus/index.ts";
import type { ErrnoError } from "../../src/errno/index.ts";
import { type FakeMailbox, FakePlatform, type MailboxOptions, plainPage } from "./platform.ts";

const MS = 1_000_000;

/** A platform with one mailbox, MSCs 3 and 4 behind it, and software's side of it. */
function mailboxWith(options: MailboxOptions = {}) {
  const platform = new FakePlatform();
  const pages = [plainPage(), plainPage()] as const;
  const mscs = new Map([
    [3, pages[0]],
    [4, pages[1]],
  ]);
  const mailbox = platform.addMailbox({ mscs, ...options });
  const failures: ErrnoError[] = [];
  const warnings: string[] = [];
  const make = () =>
    new Mailboxes(
      platform,
      { channels: platform.mailboxes.map(({ channel }) => channel) },
      {
        cpu: () => platform.cpu,
        onFailure: (failure) => failures.push(failure),
        warn: (text) => warnings.push(text),
      },
    );
  const mailboxes = make();
  const bus = (id: number) => mailboxes.bus({ id, subspace: mailbox.subspace });
  return { platform, mailbox, mailboxes, make, pages, bus, failures, warnings };
}

/** The messages after the one for the version, with as many words as they have. */
function sent(mailbox: FakeMailbox): number[][] {
  return mailbox.messages.slice(1).map((words) => words.slice(0, 2 + words[1]! / 4));
}

describe.each([
  ["polled", {}],
  ["with an interrupt", { interrupt: 77 }],
] as const)("an MSC behind a mailbox, %s", (_, options) => {
  test("is read and written by messages 4 and 5, which carry protocol 0x1a, a token, the MSC and the offset", async () => {
    const { mailbox, bus, pages, failures } = mailboxWith(options);
    pages[1].words.set(0x18, 0xfedc_ba98);
    await bus(3).write32(0x100, 0x8000_0007);
    expect(await bus(4).read32(0x18)).toBe(0xfedc_ba98);
    expect(pages[0].words.get(0x100)).toBe(0x8000_0007);
    const flags = "interrupt" in options ? 1 : 0;
    // flags, length, command, payload: 0x6800 is 0x1a << 10; tokens count from 0 in bits 27:18.
    expect(mailbox.messages[0]!.slice(0, 3)).toEqual([flags, 4, 0x6800]);
    expect(sent(mailbox)).toEqual([
      [flags, 20, 0x0004_6805, 3, 0, 0x100, 0x8000_0007],
      [flags, 16, 0x0008_6804, 4, 0, 0x18],
    ]);
    expect(failures).toEqual([]);
  });

  test("is asked for its protocol version once a channel, however many MSCs are behind it", async () => {
    const { mailbox, bus } = mailboxWith(options);
    await Promise.all([3, 4, 3, 4].map((id) => bus(id).read32(0)));
    expect(mailbox.messages.map((words) => words[2]! & 0xff)).toEqual([0, 4, 4, 4, 4]);
  });

  test("takes as long as firmware takes, in model time", async () => {
    const { platform, bus } = mailboxWith({ ...options, latencyUsec: 40 });
    await bus(3).read32(0);
    const before = platform.clock.now;
    for (let n = 0; n < 5; n++) await bus(3).read32(0);
    expect(platform.clock.now - before).toBe(5 * 40_000);
  });

  test("is left alone for as long as firmware wants between two messages", async () => {
    const { platform, bus } = mailboxWith({ ...options, latencyUsec: 10, turnaroundUsec: 30 });
    await bus(3).read32(0);
    await bus(3).read32(0);
    // Version, read, read: two pauses.
    expect(platform.clock.now).toBe(3 * 10_000 + 2 * 30_000);
  });

  test("has its channel used by one message at a time", async () => {
    const { bus, pages, failures } = mailboxWith(options);
    await Promise.all(
      Array.from({ length: 50 }, async (__, n) => {
        await bus(3 + (n % 2)).write32(0x1000 + 4 * n, n);
        expect(await bus(3 + (n % 2)).read32(0x1000 + 4 * n)).toBe(n);
      }),
    );
    expect([pages[0].words.size, pages[1].words.size, failures]).toEqual([25, 25, []]);
  });

  test("gets tokens that start again after 1024", async () => {
    const { mailbox, bus, failures } = mailboxWith({ ...options, latencyUsec: 0 });
    for (let n = 0; n < 1030; n++) await bus(3).read32(0);
    const tokens = mailbox.messages.map((words) => words[2]! >>> 18);
    expect(tokens).toEqual(Array.from({ length: 1031 }, (__, n) => n % 1024));
    expect(failures).toEqual([]);
  });

  test.each([
    [-1, "EOPNOTSUPP"],
    [-2, "EINVAL"],
    [-3, "EINVAL"],
    [-4, "ENOENT"],
    [-5, "ERANGE"],
    [-6, "EBUSY"],
    [-7, "EINVAL"],
    [-8, "EINVAL"],
    [-9, "EINVAL"],
    [-10, "EINVAL"],
    [-11, "EINVAL"],
    [-12, "EINVAL"],
    [1, "EINVAL"],
  ])("status %i is EIO because of %s, and the end of MPAM is asked for once", async (status, code) => {
    const { mailbox, bus, failures } = mailboxWith(options);
    await bus(3).read32(0);
    mailbox.fault.spoil = (words) => {
      words[2] = status;
    };
    const failed = await bus(3)
      .read32(0x18)
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "EIO", cause: { code } });
    expect(String(failed)).toContain("mailbox 0: reading 0x18 of MSC 3 failed");
    await expect(bus(4).write32(0x100, 1)).rejects.toMatchObject({ code: "EIO" });
    expect(failures).toEqual([failed]);
  });

  test("is not believed when the answer has the token of another message", async () => {
    const { mailbox, bus, failures } = mailboxWith(options);
    mailbox.fault.spoil = (words, message) => {
      if (message === 1) words[1] = (words[1]! ^ (1 << 18)) >>> 0;
    };
    await expect(bus(3).read32(0)).rejects.toMatchObject({ code: "EIO", cause: { code: "ETIMEDOUT" } });
    expect(failures).toHaveLength(1);
    // The next answer is the right one.
    await expect(bus(3).read32(0)).resolves.toBe(0);
  });

  test("that is silent fails after 100 ms of model time, and its callers do not wait one after the other", async () => {
    const { platform, mailbox, bus, failures } = mailboxWith(options);
    await bus(3).read32(0);
    mailbox.fault.delay = () => Number.POSITIVE_INFINITY;
    const before = platform.clock.now;
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => bus(3).read32(0)));
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "EIO", cause: { code: "ETIMEDOUT" } } });
    }
    expect(MAILBOX_TIMEOUT_NS).toBe(100 * MS);
    // One waits for its answer, the next for the channel; the others see that it is given up.
    expect(platform.clock.now - before).toBe(200 * MS);
    expect(failures).toHaveLength(1);
  });

  test("that answers too late is not believed, but used again", async () => {
    const { mailbox, bus, pages, failures } = mailboxWith(options);
    await bus(3).read32(0);
    pages[0].words.set(0x18, 1);
    pages[0].words.set(0x20, 2);
    mailbox.fault.delay = (message) => (message === 2 ? 150 * MS : 0);
    await expect(bus(3).read32(0x18)).rejects.toMatchObject({ code: "EIO" });
    expect(await bus(3).read32(0x20)).toBe(2);
    expect(failures).toHaveLength(1);
  });

  test("that was given up gets its time again once it has answered", async () => {
    const { platform, mailbox, bus } = mailboxWith(options);
    await bus(3).read32(0);
    mailbox.fault.delay = (message) => (message === 2 ? 250 * MS : message > 2 ? Number.POSITIVE_INFINITY : 0);
    const took = async (): Promise<number> => {
      const before = platform.clock.now;
      await expect(bus(3).read32(0)).rejects.toMatchObject({ code: "EIO" });
      return (platform.clock.now - before) / MS;
    };
    expect([await took(), await took(), await took()]).toEqual([100, 100, 0]);
    await platform.clock.sleep(60 * MS);
    expect([await took(), await took(), await took()]).toEqual([100, 100, 0]);
  });

  test("that has answered leaves nobody asleep: time stands still", async () => {
    const { platform, bus } = mailboxWith({ ...options, latencyUsec: 40 });
    await bus(3).read32(0);
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(platform.clock.now).toBe(80_000);
  });

  test("that never sets complete has not answered, whether an interrupt comes or not", async () => {
    const { platform, mailbox, bus, failures } = mailboxWith(options);
    await bus(3).read32(0);
    mailbox.fault.busy = () => true;
    const before = platform.clock.now;
    await expect(bus(3).read32(0)).rejects.toMatchObject({ code: "EIO", cause: { code: "ETIMEDOUT" } });
    expect(platform.clock.now - before).toBe(100 * MS);
    expect(failures).toHaveLength(1);
  });

  test("whose platform reports an error of the channel has not answered", async () => {
    const { mailbox, bus, failures } = mailboxWith(options);
    await bus(3).read32(0);
    mailbox.fault.spoil = () => {
      mailbox.error = 1;
    };
    await expect(bus(3).read32(0)).rejects.toMatchObject({ code: "EIO" });
    expect([mailbox.error, failures.length]).toEqual([0, 1]);
  });

  test("with a protocol of another major version is refused, and nobody is told: nothing was in use", async () => {
    const { mailbox, bus, failures } = mailboxWith(options);
    mailbox.version = 0x0002_0001;
    await expect(bus(3).read32(0)).rejects.toThrow("EINVAL: mailbox 0: protocol version 2.1; 1.x is known");
    expect(failures).toEqual([]);
    mailbox.version = 0x0001_0007;
    await expect(bus(3).read32(0)).resolves.toBe(0);
  });

  test("with less than 32 bytes of shared memory is refused before anything is sent", async () => {
    const { mailbox, bus, failures } = mailboxWith({ ...options, bytes: 28 });
    await expect(bus(3).read32(0)).rejects.toMatchObject({ code: "ENOMEM" });
    expect([mailbox.messages, mailbox.accesses, failures]).toEqual([[], [], []]);
    await expect(
      mailboxWith({ ...options, bytes: 32 })
        .bus(3)
        .read32(0),
    ).resolves.toBe(0);
  });

  test("with a signature that is not its own is used all the same, and remarked upon once", async () => {
    const { mailbox, bus, warnings } = mailboxWith(options);
    mailbox.memory.setUint32(0, 0x1234_5678, true);
    await bus(3).read32(0);
    await bus(4).read32(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("signature 0x12345678");
  });

  test.each([2, -4, 1.5, Number.NaN])("refuses offset %s and sends nothing", async (offset) => {
    const { mailbox, bus } = mailboxWith(options);
    await expect(bus(3).read32(offset)).rejects.toMatchObject({ code: "EINVAL" });
    await expect(bus(3).write32(offset, 1)).rejects.toMatchObject({ code: "EINVAL" });
    expect(mailbox.accesses).toEqual([]);
  });

  test("goes on after a snapshot with the next token, without asking for the version again", async () => {
    const { mailbox, mailboxes, make, bus } = mailboxWith(options);
    await bus(3).read32(0);
    const saved = JSON.parse(JSON.stringify(mailboxes.save()));
    mailboxes.close();
    const again = make();
    again.restore(saved);
    expect(again.save()).toEqual(saved);
    await again.bus({ id: 4, subspace: 0 }).read32(4);
    const words = mailbox.messages.at(-1)!;
    expect([mailbox.messages.length, words[2]]).toEqual([3, 0x0008_6804]);
  });

  test("does not tell of a second failure, though there was a snapshot in between", async () => {
    const { mailbox, mailboxes, make, bus, failures } = mailboxWith(options);
    mailbox.fault.spoil = (words) => {
      words[2] = -8;
    };
    await expect(bus(3).read32(0)).rejects.toMatchObject({ code: "EIO" });
    const saved = mailboxes.save();
    mailboxes.close();
    const again = make();
    again.restore(saved);
    await expect(again.bus({ id: 3, subspace: 0 }).read32(0)).rejects.toMatchObject({ code: "EIO" });
    expect(failures).toHaveLength(1);
  });

  test("uses no cpu that is not online: ENXIO is the cause", async () => {
    const { platform, mailbox, bus } = mailboxWith(options);
    await bus(3).read32(0);
    platform.cpu = undefined;
    mailbox.accesses.length = 0;
    await expect(bus(3).read32(0)).rejects.toMatchObject({ code: "EIO", cause: { code: "ENXIO" } });
    expect(mailbox.accesses).toEqual([]);
  });
});

describe("a message", () => {
  test("is written, handed over and rung for in this order, and polled for", async () => {
    const { mailbox, bus } = mailboxWith();
    await bus(3).read32(0);
    mailbox.accesses.length = 0;
    await bus(3).write32(0x100, 9);
    expect(mailbox.accesses).toEqual([
      ...["R 0x1008", "W 0x4 0", "W 0x8 20", "W 0xc 550917"],
      ...["W 0x10 3", "W 0x14 0", "W 0x18 256", "W 0x1c 9"],
      ...["R 0x1010", "W 0x1010 0", "R 0x1000", "W 0x1000 1"],
      ...["R 0x1008", "R 0x1020", "R 0xc", "R 0x10"],
    ]);
  });

  test("is acknowledged in the interrupt handler, before anything is believed", async () => {
    const { mailbox, bus } = mailboxWith({ interrupt: 77 });
    await bus(3).read32(0);
    mailbox.accesses.length = 0;
    await bus(3).read32(0x100);
    const rung = mailbox.accesses.indexOf("W 0x1000 1");
    expect(mailbox.accesses.slice(rung + 1)).toEqual([
      ...["R 0x1018", "W 0x1018 1", "R 0x1008", "R 0x1020"],
      ...["R 0xc", "R 0x10", "R 0x14"],
    ]);
    expect(mailbox.level).toBe(0);
  });

  test("whose interrupt does not come is given up, though the answer lies there", async () => {
    const { mailbox, bus } = mailboxWith({ interrupt: 77 });
    await bus(3).read32(0);
    mailbox.fault.mute = () => true;
    await expect(bus(3).read32(0)).rejects.toThrow("complete is set, but no interrupt came within 100 ms");
  });

  test("is not taken for answered by the interrupt of somebody else on the line", async () => {
    const { platform, bus, pages } = mailboxWith({ interrupt: 77, latencyUsec: 50 });
    pages[0].words.set(0x18, 5);
    await bus(3).read32(0);
    for (const at of [10, 20, 30]) platform.clock.at(platform.clock.now + at * 1000, () => platform.raise(77, 1));
    const before = platform.clock.now;
    expect(await bus(3).read32(0x18)).toBe(5);
    expect(platform.clock.now - before).toBe(50_000);
  });

  test("finds an interrupt that was left raised lowered, so that its own is heard of", async () => {
    const { mailbox, bus } = mailboxWith({ interrupt: 77 });
    mailbox.level = 1;
    await expect(bus(3).read32(0)).resolves.toBe(0);
  });
});

describe("channels", () => {
  test("listen to their own lines, and to none once they are closed", async () => {
    const { platform, mailbox, mailboxes, bus } = mailboxWith({ interrupt: 77 });
    await bus(3).read32(0);
    mailbox.accesses.length = 0;
    platform.raise(78, 1);
    platform.raise(77, 0);
    expect(mailbox.accesses).toEqual([]);
    platform.raise(77, 1);
    expect(mailbox.accesses).not.toEqual([]);
    expect(platform.handlers.size).toBe(1);
    mailboxes.close();
    expect(platform.handlers.size).toBe(0);
  });

  test("with registers where nothing answers fail the message, not whoever raises the interrupt", async () => {
    const { platform, mailbox, failures } = mailboxWith({ interrupt: 77 });
    const { acknowledge, ...channel } = mailbox.channel;
    const astray = { ...acknowledge!, address: 0x1000 };
    const mailboxes = new Mailboxes(
      platform,
      {
        channels: [
          { ...channel, acknowledge: channel.doorbell },
          { ...channel, subspace: 1, acknowledge: astray },
        ],
      },
      { cpu: () => 0, onFailure: (failure) => failures.push(failure) },
    );
    // Its interrupt is not acknowledged before the first message: that channel is known.
    const known = { readyAt: 0, abandoned: false, connected: true, failed: false };
    mailboxes.restore({ token: 0, channels: [{ ...known, subspace: 1 }] });
    const before = platform.clock.now;
    const failed = mailboxes.bus({ id: 3, subspace: 1 }).read32(0);
    await expect(failed).rejects.toThrow("nothing answers at 0x1000");
    expect(platform.clock.now - before).toBe(5000);
    expect(failures).toHaveLength(1);
  });

  test("that are idle and cannot be acknowledged are remarked upon once, whoever raises their line", () => {
    const { platform, mailbox, failures } = mailboxWith({ interrupt: 77 });
    const astray = { ...mailbox.channel.acknowledge!, address: 0x1000 };
    const remarks: string[] = [];
    const mailboxes = new Mailboxes(
      platform,
      { channels: [{ ...mailbox.channel, acknowledge: astray }] },
      { cpu: () => 0, onFailure: (failure) => failures.push(failure), warn: (text) => remarks.push(text) },
    );
    mailboxes.bus({ id: 3, subspace: 0 });
    for (const level of [1, 0, 1]) platform.raise(77, level);
    expect(remarks).toEqual([expect.stringMatching(/^mailbox 0: interrupt cannot be acknowledged: .*0x1000/)]);
    expect(failures).toEqual([]);
  });

  test("that firmware does not describe are ENODEV, and nobody is told", async () => {
    const { mailboxes, failures } = mailboxWith();
    const bus = mailboxes.bus({ id: 1, subspace: 9 });
    await expect(bus.read32(0)).rejects.toMatchObject({ code: "ENODEV" });
    await expect(bus.write32(0, 1)).rejects.toMatchObject({ code: "ENODEV" });
    expect(failures).toEqual([]);
  });

  test("share one count of tokens, and do not wait for each other", async () => {
    const platform = new FakePlatform();
    for (const subspace of [0, 1]) {
      const mscs = new Map([[subspace, plainPage()]]);
      platform.addMailbox({ subspace, base: 0x9000_0000 + subspace * 0x1_0000, latencyUsec: 30, mscs, interrupt: 5 });
    }
    const mailboxes = new Mailboxes(
      platform,
      { channels: platform.mailboxes.map(({ channel }) => channel) },
      { cpu: () => 0, onFailure: () => {} },
    );
    await Promise.all([0, 1].map((id) => mailboxes.bus({ id, subspace: id }).read32(0)));
    expect(platform.clock.now).toBe(60_000);
    const tokens = platform.mailboxes.flatMap(({ messages }) => messages.map((words) => words[2]! >>> 18));
    expect(tokens.sort()).toEqual([0, 1, 2, 3]);
  });

  test("are waited for in the order of locks: mailbox last", async () => {
    const { bus } = mailboxWith();
    await new Lock("mon_sel", "MSC 3").run(NOTHING_HELD, async (under) => bus(3).read32(0, { under }));
    const other = new Lock("mailbox", "subspace 1").run(NOTHING_HELD, async (under) => bus(3).read32(0, { under }));
    await expect(other).rejects.toThrow("the order is probe, cfg, part_sel, mon_sel, mailbox");
  });

  test("can be waited for until a signal, and a message that is under way is not interrupted by one", async () => {
    const { platform, mailbox, bus, failures } = mailboxWith({ interrupt: 77, latencyUsec: 50 });
    await bus(3).read32(0);
    const aborter = new AbortController();
    const first = bus(3).write32(0x100, 1, { signal: aborter.signal });
    const second = bus(3).write32(0x104, 2, { signal: aborter.signal });
    const third = bus(4).write32(0x108, 3);
    // By then the first has been sent.
    platform.clock.at(platform.clock.now + 10_000, () => aborter.abort(new Error("enough")));
    await expect(second).rejects.toThrow("enough");
    await expect(Promise.all([first, third])).resolves.toHaveLength(2);
    expect(sent(mailbox).map((words) => words[5])).toEqual([0, 0x100, 0x108]);
    expect(failures).toEqual([]);
  });
});
