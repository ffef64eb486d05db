// Mailboxes broken on purpose, and MSCs that are gone behind them: the words that software finds (docs/firmware.md, "Faults").

import { beforeEach, expect, test } from "vitest";
import { type Fault, type InterruptEvent, Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { Channel, COMPLETE, command, mailboxMachine, POLLED, readMessage, SHARED, writeMessage } from "./mailboxes.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const ECR = offsetOf("MPAMF_ECR");

let machine: Machine;
let channel: Channel;
let heard: InterruptEvent[];

beforeEach(async () => {
  machine = await mailboxMachine();
  channel = new Channel(machine, SHARED);
  heard = [];
  machine.onInterrupt((event) => heard.push(event));
});

/** Sends, and polls for as many us; undefined where no answer has come. */
async function answer(message = readMessage(1, PART_SEL, 5), us = 100): Promise<number[] | undefined> {
  channel.send(message);
  for (let i = 0; i < us; i++) {
    await machine.clock.advance(1000);
    if (channel.load(COMPLETE) === 1) return channel.words(8, 4);
  }
  return undefined;
}

/** Length, command, status and value of a good answer. */
const GOOD = [12, command(4, 5), 0, 0];

async function took(): Promise<number> {
  const from = machine.clock.now;
  expect(await answer()).toEqual(GOOD);
  return machine.clock.now - from;
}

test("slow: the next answers come so much later, each of them right", async () => {
  const fault = machine.faults.add({ kind: "mailbox", subspace: 3, how: "slow", ns: 20_000, times: 2 });
  expect([await took(), await took(), await took()]).toEqual([27_000, 27_000, 7000]);
  expect([fault.fired, machine.faults.list]).toEqual([2, []]);
});

test("slow: two are as slow as both; one that is taken away is not", async () => {
  const first = machine.faults.add({ kind: "mailbox", subspace: 3, how: "slow", ns: 10_000 });
  machine.faults.add({ kind: "mailbox", subspace: 3, how: "slow", ns: 5000 });
  expect(await took()).toBe(22_000);
  first.remove();
  expect(await took()).toBe(12_000);
  expect(first.fired).toBe(1);
});

test("silent: no answer and no access, and the next message is answered", async () => {
  machine.faults.add({ kind: "mailbox", subspace: 3, how: "silent", times: 1 });
  expect(await answer(writeMessage(1, PART_SEL, 6))).toBeUndefined();
  expect(machine.read32(1, PART_SEL)).toBe(0);
  expect(await answer()).toEqual(GOOD);
});

test("silent without end: until it is taken away", async () => {
  const fault = machine.faults.add({ kind: "mailbox", subspace: 3, how: "silent" });
  for (let i = 0; i < 3; i++) expect(await answer()).toBeUndefined();
  expect(fault.fired).toBe(3);
  fault.remove();
  expect(await answer()).toEqual(GOOD);
});

test("corrupt: the token is another one, whatever it was", async () => {
  const fault = machine.faults.add({ kind: "mailbox", subspace: 3, how: "corrupt" });
  for (const token of [0, 5, 1023]) {
    const [length, echoed = 0, status] = (await answer(readMessage(1, PART_SEL, token))) ?? [];
    expect([length, status]).toEqual([12, 0]);
    expect((echoed >>> 18) & 1023).not.toBe(token);
    expect((echoed & ~(1023 << 18)) >>> 0).toBe(command(4));
  }
  expect(fault.fired).toBe(3);
});

test("corrupt, status: -8, though the access was made", async () => {
  machine.faults.add({ kind: "mailbox", subspace: 3, how: "corrupt", what: "status", times: 1 });
  expect((await answer(writeMessage(1, PART_SEL, 6)))?.[2]).toBe(0xffff_fff8);
  expect(machine.read32(1, PART_SEL)).toBe(6);
  expect(await answer()).toEqual([12, command(4, 5), 0, 6]);
});

test("corrupt, busy: the interrupt comes, and the channel stays firmware's", async () => {
  machine.faults.add({ kind: "mailbox", subspace: 3, how: "corrupt", what: "busy", times: 1 });
  expect(await answer({ ...readMessage(1, PART_SEL, 5), flags: 1 })).toBeUndefined();
  expect(heard).toMatchObject([{ kind: "mailbox", subspace: 3, line: 90, level: 1, time: 7000 }]);
});

test("one mailbox is not the other", async () => {
  machine.faults.add({ kind: "mailbox", subspace: 0, how: "silent" });
  expect(await answer()).toEqual(GOOD);
  channel = new Channel(machine, POLLED);
  expect(await answer(readMessage(3, PART_SEL))).toBeUndefined();
});

test.each(["ones", "zeros", "abort"] as const)(
  "an MSC that is gone (%s) is a hardware error to firmware",
  async (reads) => {
    const fault = machine.faults.add({ kind: "msc-gone", msc: 1, reads });
    expect((await answer())?.slice(0, 3)).toEqual([8, command(4, 5), 0xffff_fff7]);
    expect((await answer(writeMessage(1, PART_SEL, 6)))?.[2]).toBe(0xffff_fff7);
    expect(fault.fired).toBe(2);
    expect((await answer(readMessage(2, PART_SEL)))?.[2]).toBe(0);
    fault.remove();
    expect(await answer()).toEqual(GOOD);
  },
);

test("other faults act behind a mailbox as they do on a page", async () => {
  machine.faults.add({ kind: "write-lost", msc: 1, register: "MPAMCFG_PART_SEL" });
  machine.faults.add({ kind: "register-stuck", msc: 1, register: "MPAMF_ECR", value: 0xe0 });
  await answer(writeMessage(1, PART_SEL, 6));
  expect((await answer(readMessage(1, PART_SEL)))?.[3]).toBe(0);
  expect((await answer(readMessage(1, ECR)))?.[3]).toBe(0xe0);
});

test("a message under way when a snapshot is taken is late, lost or wrong all the same", async () => {
  machine.faults.add({ kind: "mailbox", subspace: 3, how: "slow", ns: 5000, times: 1 });
  machine.faults.add({ kind: "mailbox", subspace: 3, how: "corrupt", what: "status", times: 1 });
  channel.send(readMessage(1, PART_SEL, 5));
  await machine.clock.advance(9000);
  const again = await Machine.restore(machine.snapshot());
  expect(again.faults.list.map(({ fault }) => fault)).toEqual([
    { kind: "mailbox", subspace: 3, how: "corrupt", what: "status", times: 1 },
  ]);
  const restored = new Channel(again, SHARED);
  await again.clock.advance(2999);
  expect(restored.load(COMPLETE)).toBe(0);
  await again.clock.advance(1);
  expect([restored.load(COMPLETE), restored.load(16), again.faults.list.length]).toEqual([1, 0xffff_fff8, 0]);
});

test.each([
  [{ subspace: 1, how: "silent" }, /fault mailbox: subspace is 1; 0, 3 are allowed/],
  [{ subspace: 3 }, /there is no how; slow, silent, corrupt are allowed/],
  [{ subspace: 3, how: "slow" }, /there is no ns; a number of ns from 0 on is allowed/],
  [{ subspace: 3, how: "slow", ns: -1 }, /ns is -1; a number of ns from 0 on is allowed/],
  [{ subspace: 3, how: "silent", ns: 1 }, /ns is 1; none, but with how: slow, is allowed/],
  [{ subspace: 3, how: "silent", what: "token" }, /what is "token"; none, but with how: corrupt, is allowed/],
  [{ subspace: 3, how: "corrupt", what: "all" }, /what is "all"; token, status, busy are allowed/],
  [{ subspace: 3, how: "silent", times: 1.5 }, /times is 1.5; a whole number from 1 on is allowed/],
])("the mailbox fault %j is refused in a line", (keys, words) => {
  expect(() => machine.faults.add({ kind: "mailbox", ...keys } as Fault)).toThrow(words);
  expect(machine.faults.list).toEqual([]);
});
