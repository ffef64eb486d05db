// Mailboxes and model time: who waits for an answer waits as long as it takes, and the same at every run (design section 6).

import { describe, expect, test } from "vitest";
import type { Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { Channel, COMPLETE, mailboxMachine, POLLED, readMessage, SHARED, writeMessage } from "./mailboxes.ts";
import { FakeTrace, mixed, thread } from "./traces.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");

describe("software that waits", () => {
  test("for the interrupt or a timeout goes on when the answer comes, and time stands there", async () => {
    const machine = await mailboxMachine();
    const shared = new Channel(machine, SHARED);
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      expect(await shared.call(readMessage(1, CPBM), 100_000_000)).toBe("answered");
      times.push(machine.clock.now);
    }
    expect(times).toEqual([7000, 14000, 21000]);
    await machine.clock.settle();
    expect([machine.clock.now, machine.clock.sleeping]).toEqual([21000, false]);
  });

  test("for less than the latency times out at its time, and finds the answer later", async () => {
    const machine = await mailboxMachine();
    const shared = new Channel(machine, SHARED);
    expect(await shared.call(readMessage(1, CPBM), 6999)).toBe("timed out");
    expect([machine.clock.now, shared.load(COMPLETE)]).toEqual([6999, 0]);
    await machine.clock.sleep(1);
    expect([machine.clock.now, shared.load(COMPLETE), ...shared.words(16, 2)]).toEqual([7000, 1, 0, 0xffff]);
  });

  test("for just the latency is answered: the machine's own come first", async () => {
    const machine = await mailboxMachine();
    expect(await new Channel(machine, SHARED).call(readMessage(1, CPBM), 7000)).toBe("answered");
  });

  test("by polling sees the answer at the first look at or after its time", async () => {
    const machine = await mailboxMachine();
    const [shared, polled] = [new Channel(machine, SHARED), new Channel(machine, POLLED)];
    expect(await polled.ask(readMessage(3, PART_SEL))).toEqual([12, 0x6804, 0, 0, PART_SEL]);
    expect(machine.clock.now).toBe(2000);
    await machine.clock.advance(300);
    expect(await shared.ask(readMessage(1, CPBM))).toEqual([12, 0x6804, 0, 0xffff, CPBM]);
    expect(machine.clock.now).toBe(9300);
  });

  test("at two mailboxes at once is answered by each in its own time", async () => {
    const machine = await mailboxMachine();
    const [shared, polled] = [new Channel(machine, SHARED), new Channel(machine, POLLED)];
    const ended: [string, number][] = [];
    const end = (name: string) => () => void ended.push([name, machine.clock.now]);
    await Promise.all([
      shared.call(readMessage(1, CPBM), 1_000_000).then(end("shared")),
      polled.ask(readMessage(3, PART_SEL)).then(end("polled")),
    ]);
    expect(ended).toEqual([
      ["polled", 2000],
      ["shared", 7000],
    ]);
  });

  test("nobody waits: an answer that is due does not move time by itself", async () => {
    const machine = await mailboxMachine();
    const shared = new Channel(machine, SHARED);
    shared.send(readMessage(1, CPBM));
    for (let i = 0; i < 20; i++) await machine.clock.settle();
    expect([machine.clock.now, shared.load(COMPLETE)]).toEqual([0, 0]);
  });

  test("answers that are due at one time come in the order of the mailboxes, whoever rang first", async () => {
    const machine = await mailboxMachine();
    const [shared, polled] = [new Channel(machine, SHARED), new Channel(machine, POLLED)];
    const seen: number[] = [];
    machine.log("MPAMCFG_PART_SEL", ({ msc }) => seen.push(msc));
    shared.send(readMessage(1, PART_SEL));
    await machine.clock.advance(5000);
    polled.send(readMessage(3, PART_SEL));
    await machine.clock.advance(2000);
    expect([machine.clock.now, seen]).toEqual([7000, [3, 1]]);
  });
});

describe("during a replay", () => {
  /** Records every 5 ns for about 20 us, in batches of this size. */
  const trace = (batch: number) =>
    new FakeTrace("t", mixed(3, 8000, 1, 200, 5), { requesters: [thread(1)], batches: [batch] });

  interface Seen {
    readonly events: readonly unknown[];
    readonly now: number;
  }

  async function session(machine: Machine, timing: "open" | "closed", batch: number): Promise<Seen> {
    const shared = new Channel(machine, SHARED);
    const events: unknown[] = [];
    machine.onInterrupt(({ kind, level, time }) => events.push([kind, level, time]));
    const file = trace(batch);
    machine.addTasks(file);
    let done: Promise<unknown> = Promise.resolve();
    machine.clock.at(150, "software", () => {
      done = (async () => {
        for (const value of [0x00f0, 0x000f]) {
          events.push([await shared.call(writeMessage(1, CPBM, value), 1_000_000), machine.clock.now]);
        }
        await machine.clock.sleep(50);
        events.push(["woke", machine.clock.now, machine.read32(1, CPBM)]);
      })();
    });
    const { time } = await machine.replay([file], { timing });
    events.push(["replayed", time]);
    await done;
    return { events, now: machine.clock.now };
  }

  test("answers come at their own times on the trace's clock, and wake who waits there", async () => {
    const { events } = await session(await mailboxMachine(), "open", 64);
    expect(events.slice(0, -1)).toEqual([
      ["mailbox", 1, 7150],
      ["mailbox", 0, 7150],
      ["answered", 7150],
      ["mailbox", 1, 14150],
      ["mailbox", 0, 14150],
      ["answered", 14150],
      ["woke", 14200, 0x000f],
    ]);
    expect((events.at(-1) as [string, number])[1]).toBeGreaterThan(14200);
  });

  test("in closed timing they come at borders of quanta", async () => {
    const { events } = await session(await mailboxMachine({ quantumNs: 300 }), "closed", 64);
    // The timer at 150 fires at 300; 7,300 is in the quantum that ends at 7,500; 14,500 in that at 14,700.
    expect(events.slice(0, 7)).toEqual([
      ["mailbox", 1, 7500],
      ["mailbox", 0, 7500],
      ["answered", 7500],
      ["mailbox", 1, 14700],
      ["mailbox", 0, 14700],
      ["answered", 14700],
      ["woke", 15000, 0x000f],
    ]);
  });

  test.each(["open", "closed"] as const)(
    "in %s timing every run is the same, however the trace is cut",
    async (timing) => {
      const machines = await Promise.all([1, 64, 999, 64].map(() => mailboxMachine()));
      const seen = [];
      for (const [index, batch] of [1, 64, 999, 64].entries()) {
        seen.push(await session(machines[index] as Machine, timing, batch));
      }
      for (const one of seen) expect(one).toEqual(seen[0]);
      const [first, ...others] = machines.map((machine) => machine.export());
      for (const other of others) expect(other).toEqual(first);
    },
  );

  test("time goes no further than the trace: an answer after its end comes when somebody waits or advances", async () => {
    const machine = await mailboxMachine();
    const shared = new Channel(machine, SHARED);
    const file = new FakeTrace("short", mixed(3, 20, 1, 20, 5), { requesters: [thread(1)] });
    machine.addTasks(file);
    shared.send(readMessage(1, CPBM));
    const { time } = await machine.replay([file]);
    expect(time).toBeLessThan(7000);
    expect([machine.clock.now, shared.load(COMPLETE)]).toEqual([time, 0]);
    await machine.clock.sleep(10_000);
    expect([machine.clock.now, shared.load(COMPLETE)]).toEqual([time + 10_000, 1]);
  });
});
