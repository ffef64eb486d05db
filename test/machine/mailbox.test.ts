// Mailboxes: what software finds in the channel to firmware (docs/firmware.md; linux-driver.md 12.1, 12.2).

import { describe, expect, test } from "vitest";
import type { InterruptEvent, Machine, RegisterAccess } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import {
  ACKNOWLEDGE,
  Channel,
  COMPLETE,
  command,
  DOORBELL,
  ERROR,
  mailboxMachine,
  POLLED,
  readMessage,
  type Sent,
  SHARED,
  UPDATE,
  writeMessage,
} from "./mailboxes.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const ECR = offsetOf("MPAMF_ECR");
const ESR = offsetOf("MPAMF_ESR");

const refused = (code: string, words: RegExp): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(words) }) as Error;

async function both(): Promise<{ machine: Machine; shared: Channel; polled: Channel }> {
  const machine = await mailboxMachine();
  return { machine, shared: new Channel(machine, SHARED), polled: new Channel(machine, POLLED) };
}

describe("at power-on", () => {
  test("shared memory holds the signature with the number of the subspace, and zeros", async () => {
    const { shared, polled } = await both();
    expect(shared.words(0, 64)).toEqual([0x5043_4303, ...Array.from({ length: 63 }, () => 0)]);
    expect(polled.words(0, 8)).toEqual([0x5043_4300, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("the channel is software's, nothing has gone wrong, and what can only be written reads 0", async () => {
    const { shared } = await both();
    expect([DOORBELL, COMPLETE, UPDATE, ACKNOWLEDGE, ERROR].map((at) => shared.load(at))).toEqual([0, 1, 1, 0, 0]);
  });
});

describe("a message", () => {
  test("is read by firmware when the latency is over, and not before", async () => {
    const { machine, shared } = await both();
    machine.write32(1, PART_SEL, 3);
    // Token 5, protocol 0x1A, MSC read: 5 << 18 | 0x1a << 10 | 4.
    shared.send({ length: 16, words: [0x0014_6804, 1, 0, PART_SEL] });
    await machine.clock.advance(6999);
    expect([shared.load(COMPLETE), shared.words(8, 4)]).toEqual([0, [16, 0x0014_6804, 1, 0]]);
    await machine.clock.advance(1);
    expect([shared.load(COMPLETE), shared.words(8, 4)]).toEqual([1, [12, 0x0014_6804, 0, 3]]);
  });

  test("of a write is made as any access, by firmware, of the Non-secure page", async () => {
    const { machine, shared } = await both();
    const seen: RegisterAccess[] = [];
    machine.log("*", (access) => seen.push(access));
    await shared.ask(writeMessage(2, CPBM, 0xabcd));
    await shared.ask(readMessage(2, CPBM));
    expect(machine.read32(2, CPBM)).toBe(0xabcd);
    expect(machine.read32(1, CPBM)).toBe(0xffff);
    expect(
      seen.slice(0, 2).map(({ by, cpu, msc, space, access, value }) => [by, cpu, msc, space, access, value]),
    ).toEqual([
      ["firmware", undefined, 2, "ns", "write", 0xabcd],
      ["firmware", undefined, 2, "ns", "read", 0xabcd],
    ]);
    expect(seen.map(({ time }) => time).slice(0, 2)).toEqual([7000, 14000]);
  });

  test("goes to the MSCs of its own mailbox: the same number elsewhere is not found", async () => {
    const { machine, polled } = await both();
    machine.write32(3, PART_SEL, 9);
    expect((await polled.ask(readMessage(3, PART_SEL))).slice(2, 4)).toEqual([0, 9]);
    expect((await polled.ask(readMessage(1, PART_SEL)))[2]).toBe(0xffff_fffc);
  });

  test("is taken as it lies there when firmware reads it", async () => {
    const { machine, shared } = await both();
    machine.write32(1, PART_SEL, 11);
    machine.write32(2, PART_SEL, 12);
    shared.send(readMessage(1, PART_SEL));
    await machine.clock.advance(3000);
    shared.store(16, 2);
    await machine.clock.advance(4000);
    expect(shared.words(16, 2)).toEqual([0, 12]);
  });
});

/** Status as shared memory has it. */
const NOT_SUPPORTED = 0xffff_ffff;
const INVALID = 0xffff_fffe;
const NOT_FOUND = 0xffff_fffc;
const OUT_OF_RANGE = 0xffff_fffb;
const PROTOCOL_ERROR = 0xffff_fff6;

describe("firmware answers", () => {
  const cases: readonly [string, Sent, readonly number[]][] = [
    ["version: 1.0", { length: 4, words: [command(0)] }, [0, 0x0001_0000]],
    ["a read: the word", readMessage(1, CPBM), [0, 0xffff]],
    ["a read where no register lies: 0", readMessage(1, 0xfffc), [0, 0]],
    ["a write: success", writeMessage(1, CPBM, 0xf), [0]],
    ["another protocol: not supported", { length: 4, words: [command(0, 0, { protocol: 0x1b })] }, [NOT_SUPPORTED]],
    ["protocol 0: not supported", { length: 4, words: [command(0, 0, { protocol: 0 })] }, [NOT_SUPPORTED]],
    ...[1, 2, 3, 6, 255].map((id): [string, Sent, number[]] => [
      `message ${id}: not supported`,
      { length: 4, words: [command(id)] },
      [NOT_SUPPORTED],
    ]),
    ...[1, 2, 3].map((type): [string, Sent, number[]] => [
      `type ${type}: protocol error`,
      { length: 4, words: [command(0, 0, { type })] },
      [PROTOCOL_ERROR],
    ]),
    ["a version of another length: protocol error", { length: 8, words: [command(0)] }, [PROTOCOL_ERROR]],
    ["a read of another length: protocol error", { ...readMessage(1, 0), length: 20 }, [PROTOCOL_ERROR]],
    ["a write of another length: protocol error", { ...writeMessage(1, 0, 0), length: 16 }, [PROTOCOL_ERROR]],
    ["a length without the command word: protocol error", { ...readMessage(1, 0), length: 12 }, [PROTOCOL_ERROR]],
    ["length 0: protocol error", { ...readMessage(1, 0), length: 0 }, [PROTOCOL_ERROR]],
    ["more than there is: protocol error", { ...readMessage(1, 0), length: 0xffff_fff0 }, [PROTOCOL_ERROR]],
    ["an MSC that is not there: not found", readMessage(4, 0), [NOT_FOUND]],
    ["MSC 0xffffffff: not found", readMessage(0xffff_ffff, 0), [NOT_FOUND]],
    ["an MSC with a page of its own: not found", readMessage(0, 0), [NOT_FOUND]],
    ["an MSC behind another mailbox: not found", writeMessage(3, 0, 0), [NOT_FOUND]],
    ["flags: invalid", { length: 16, words: [command(4), 1, 1, 0] }, [INVALID]],
    ["the highest flag: invalid", { length: 20, words: [command(5), 1, 0x8000_0000, 0, 0] }, [INVALID]],
    ["an offset between words: out of range", readMessage(1, 2), [OUT_OF_RANGE]],
    ["an offset past the page: out of range", readMessage(1, 0x1_0000), [OUT_OF_RANGE]],
    ["an offset far past it: out of range", writeMessage(1, 0xffff_fffc, 0), [OUT_OF_RANGE]],
    // The first that applies.
    ["all of it wrong: the id first", { length: 7, words: [command(3, 0, { type: 1 }), 9, 9, 9] }, [NOT_SUPPORTED]],
    ["then type and length", { length: 7, words: [command(4), 9, 9, 9] }, [PROTOCOL_ERROR]],
    ["then the MSC", { length: 16, words: [command(4), 9, 9, 9] }, [NOT_FOUND]],
    ["then flags", { length: 16, words: [command(4), 1, 9, 9] }, [INVALID]],
    ["then the offset", { length: 16, words: [command(4), 1, 0, 9] }, [OUT_OF_RANGE]],
  ];

  test.each(cases)("%s", async (_, message, answer) => {
    const { machine, shared } = await both();
    const errors: unknown[] = [];
    machine.onInterrupt((event) => errors.push(event));
    const before = [...message.words, 0, 0, 0, 0, 0].slice(1, 5);
    const after = await shared.ask(message);
    // Length of command word and answer; the command echoed; what stood behind the answer stands there still.
    expect(after).toEqual(
      [4 + 4 * answer.length, message.words[0], ...answer, ...before.slice(answer.length)].slice(0, 5),
    );
    expect(errors).toEqual([]);
  });

  test("bits 31:28 of the command word, which are zero, and any token are echoed", async () => {
    const { shared } = await both();
    const word = (command(0, 1023) | 0xf000_0000) >>> 0;
    expect(await shared.ask({ length: 4, words: [word] })).toEqual([12, word, 0, 0x0001_0000, 0]);
  });

  test("what is refused touches no register", async () => {
    const { machine, shared } = await both();
    const seen: unknown[] = [];
    machine.log("*", (access) => seen.push(access));
    for (const [, message, answer] of cases) if (answer[0] !== 0) await shared.ask(message);
    expect(seen).toEqual([]);
  });

  test("the largest message fits the smallest mailbox", async () => {
    const { machine, polled } = await both();
    expect(await polled.ask(writeMessage(3, PART_SEL, 13))).toEqual([8, command(5), 0, 0, PART_SEL]);
    expect(machine.read32(3, PART_SEL)).toBe(13);
  });
});

describe("the registers", () => {
  test("the doorbell rung while the channel is software's starts nothing and sets error, until software clears it", async () => {
    const { machine, shared } = await both();
    shared.store(8, 4);
    shared.store(12, command(0));
    shared.store(DOORBELL, 1);
    await machine.clock.advance(100_000);
    expect([shared.load(ERROR), shared.load(8)]).toEqual([1, 4]);
    shared.store(ERROR, 0xffff_fffe);
    expect(shared.load(ERROR)).toBe(0);
    shared.store(ERROR, 3);
    expect(shared.load(ERROR)).toBe(1);
  });

  test("only bit 0 rings", async () => {
    const { machine, shared } = await both();
    shared.store(8, 4);
    shared.store(12, command(0));
    shared.store(UPDATE, 0xffff_fffe);
    shared.store(DOORBELL, 0xffff_fffe);
    await machine.clock.advance(100_000);
    expect([shared.load(COMPLETE), shared.load(8)]).toEqual([0, 4]);
    shared.store(DOORBELL, 3);
    await machine.clock.advance(7000);
    expect([shared.load(COMPLETE), shared.load(8)]).toEqual([1, 12]);
  });

  test("complete cannot be written, and update reads as it does", async () => {
    const { shared } = await both();
    shared.store(COMPLETE, 0);
    expect([shared.load(COMPLETE), shared.load(UPDATE)]).toEqual([1, 1]);
    shared.store(UPDATE, 0xfffe);
    expect([shared.load(COMPLETE), shared.load(UPDATE)]).toEqual([0, 0]);
    shared.store(COMPLETE, 1);
    expect(shared.load(COMPLETE)).toBe(0);
    shared.store(UPDATE, 0xffff_ffff);
    expect([shared.load(COMPLETE), shared.load(UPDATE)]).toEqual([1, 1]);
  });

  test("ringing while a message is under way is ignored: it is answered once, at its time", async () => {
    const { machine, shared } = await both();
    let accesses = 0;
    machine.log("MPAMCFG_PART_SEL", () => accesses++);
    shared.send(readMessage(1, PART_SEL));
    await machine.clock.advance(4000);
    shared.store(DOORBELL, 1);
    shared.store(UPDATE, 1);
    shared.store(DOORBELL, 1);
    await machine.clock.advance(3000);
    expect([shared.load(COMPLETE), shared.load(ERROR), accesses]).toEqual([1, 0, 1]);
    await machine.clock.advance(20_000);
    expect(accesses).toBe(1);
  });

  test("between them and past them words read 0 and take nothing", async () => {
    const { shared } = await both();
    for (const offset of [0x1004, 0x100c, 0x1024, 0x2000, 0xfffc]) {
      shared.store(offset, 0xffff_ffff);
      expect(shared.load(offset)).toBe(0);
    }
    expect([DOORBELL, COMPLETE, UPDATE, ACKNOWLEDGE, ERROR].map((at) => shared.load(at))).toEqual([0, 1, 1, 0, 0]);
  });

  test("are read by 4 bytes", async () => {
    const { machine } = await both();
    for (const bytes of [1, 2, 8] as const) {
      const access = { cpu: 0, space: "ns", address: SHARED + COMPLETE, bytes } as const;
      const words = new RegExp(`^EINVAL: ${bytes} bytes at 0x200001008: registers of a mailbox are read by 4 bytes`);
      expect(() => machine.bus.read(access)).toThrow(refused("EINVAL", words));
      expect(() => machine.bus.write({ ...access, value: 0n })).toThrow(refused("EINVAL", words));
    }
  });
});

describe("shared memory", () => {
  test("is read and written by 1, 2, 4 and 8 bytes, little endian", async () => {
    const { machine } = await both();
    const at = (offset: number, bytes: 1 | 2 | 4 | 8) =>
      ({ cpu: 3, space: "ns", address: SHARED + offset, bytes }) as const;
    machine.bus.write({ ...at(16, 8), value: 0x0123_4567_89ab_cdefn });
    expect([16, 17, 18, 19, 20, 21, 22, 23].map((offset) => machine.bus.read(at(offset, 1)))).toEqual([
      0xefn,
      0xcdn,
      0xabn,
      0x89n,
      0x67n,
      0x45n,
      0x23n,
      0x01n,
    ]);
    expect([16, 18, 20, 22].map((offset) => machine.bus.read(at(offset, 2)))).toEqual([
      0xcdefn,
      0x89abn,
      0x4567n,
      0x0123n,
    ]);
    expect(machine.bus.read(at(20, 4))).toBe(0x0123_4567n);
    machine.bus.write({ ...at(17, 1), value: 0xfff_11n });
    machine.bus.write({ ...at(18, 2), value: 0xfff_2233n });
    machine.bus.write({ ...at(20, 4), value: 0xfff_4455_6677n });
    expect(machine.bus.read(at(16, 8))).toBe(0x4455_6677_2233_11efn);
  });

  test("ends where the platform says: beyond, reads are 0 and writes are ignored, of a wide access too", async () => {
    const { machine, polled } = await both();
    const address = POLLED + 32;
    for (const bytes of [1, 2, 4, 8] as const) {
      machine.bus.write({ cpu: 0, space: "ns", address, bytes, value: 0x1111_1111_1111_1111n });
      expect(machine.bus.read({ cpu: 0, space: "ns", address, bytes })).toBe(0n);
    }
    polled.store(28, 7);
    expect(machine.bus.read({ cpu: 0, space: "ns", address: POLLED + 24, bytes: 8 })).toBe(0x7_0000_0000n);
  });

  test("answers every cpu, in the Non-secure space only", async () => {
    const { machine } = await both();
    for (const cpu of [0, 1, 2, 3]) expect(machine.bus.load32(cpu, "ns", SHARED)).toBe(0x5043_4303);
    for (const space of ["s", "rt", "rl"] as const) {
      const words = new RegExp(`nothing answers at 0x200000000 in space ${space}`);
      expect(() => machine.bus.load32(0, space, SHARED)).toThrow(refused("ENXIO", words));
      expect(() => machine.bus.store32(0, space, SHARED, 1)).toThrow(refused("ENXIO", words));
    }
    expect(() => machine.bus.load32(4, "ns", SHARED)).toThrow(refused("ENXIO", /there is no cpu 4/));
  });
});

describe("the completion interrupt", () => {
  const raised = { kind: "mailbox", subspace: 3, line: 90, level: 1, delivery: "wire", count: 1, time: 7000 };

  async function listening(): Promise<{ machine: Machine; shared: Channel; polled: Channel; heard: InterruptEvent[] }> {
    const heard: InterruptEvent[] = [];
    const all = await both();
    all.machine.onInterrupt((event) => heard.push(event));
    return { ...all, heard };
  }

  test("is raised when the message asked for it, and lowered when it is acknowledged", async () => {
    const { machine, shared, heard } = await listening();
    shared.send({ ...readMessage(1, CPBM), flags: 1 });
    await machine.clock.advance(6999);
    expect(heard).toEqual([]);
    await machine.clock.advance(1);
    expect(heard).toEqual([raised]);
    await machine.clock.advance(500);
    shared.store(ACKNOWLEDGE, 0xffff_fffe);
    expect(heard).toHaveLength(1);
    shared.store(ACKNOWLEDGE, 1);
    expect(heard).toEqual([raised, { ...raised, level: 0, time: 7500 }]);
    shared.store(ACKNOWLEDGE, 1);
    expect(heard).toHaveLength(2);
  });

  test("finds the answer there and the channel complete, and may send the next message", async () => {
    const { machine, shared, heard } = await listening();
    const found: number[][] = [];
    machine.onInterrupt((event) => {
      if (event.level === 0) return;
      shared.store(ACKNOWLEDGE, 1);
      found.push([machine.clock.now, shared.load(COMPLETE), ...shared.words(16, 2)]);
      if (found.length < 3) shared.send({ ...readMessage(found.length, CPBM), flags: 1 });
    });
    machine.write32(1, CPBM, 0x11);
    machine.write32(2, CPBM, 0x22);
    shared.send({ ...readMessage(0, CPBM), flags: 1 });
    await machine.clock.advance(100_000);
    expect(found).toEqual([
      [7000, 1, NOT_FOUND, 0],
      [14000, 1, 0, 0x11],
      [21000, 1, 0, 0x22],
    ]);
    expect(heard.map(({ level, time }) => [level, time])).toEqual([
      [1, 7000],
      [0, 7000],
      [1, 14000],
      [0, 14000],
      [1, 21000],
      [0, 21000],
    ]);
  });

  test("is not raised for who polls, nor by a mailbox that has none", async () => {
    const { machine, shared, polled, heard } = await listening();
    shared.send({ ...readMessage(1, CPBM), flags: 0xffff_fffe });
    polled.send({ ...readMessage(3, CPBM), flags: 1 });
    await machine.clock.advance(10_000);
    expect([shared.load(COMPLETE), polled.load(COMPLETE), heard]).toEqual([1, 1, []]);
  });

  test("that nobody acknowledged stays raised: the next answer changes nothing", async () => {
    const { machine, shared, heard } = await listening();
    for (let i = 0; i < 2; i++) {
      shared.send({ ...readMessage(1, CPBM), flags: 1 });
      await machine.clock.advance(7000);
    }
    expect(heard).toEqual([raised]);
    shared.store(ACKNOWLEDGE, 1);
    shared.send({ ...readMessage(1, CPBM), flags: 1 });
    await machine.clock.advance(7000);
    expect(heard.map(({ level, time }) => [level, time])).toEqual([
      [1, 7000],
      [0, 14000],
      [1, 21000],
    ]);
  });

  test("comes after the interrupt of an error that the access made, whose handlers find the answer there", async () => {
    const { machine, shared, heard } = await listening();
    const complete: number[] = [];
    machine.onInterrupt(() => complete.push(shared.load(COMPLETE)));
    machine.write32(1, ECR, 1);
    // PARTID 99 of 15: PARTID_SEL_Range.
    shared.send({ ...writeMessage(1, PART_SEL, 99), flags: 1 });
    await machine.clock.advance(7000);
    expect(heard.map(({ kind, msc, level, time }) => [kind, msc, level, time])).toEqual([
      ["error", 1, 1, 7000],
      ["mailbox", undefined, 1, 7000],
    ]);
    expect([complete, shared.load(16), machine.read32(1, ESR) >>> 24]).toEqual([[1, 1], 0, 1]);
  });

  test("and the answer come even when handlers throw, who are told on by the clock", async () => {
    const { machine, shared, heard } = await listening();
    machine.write32(1, ECR, 1);
    machine.onInterrupt(({ kind }) => {
      throw new Error(`handler of ${kind}`);
    });
    machine.log("MPAMCFG_PART_SEL", () => {
      throw new Error("handler of the log");
    });
    shared.send({ ...writeMessage(1, PART_SEL, 99), flags: 1 });
    await expect(machine.clock.advance(7000)).rejects.toThrow(/^handler of/);
    expect([shared.load(COMPLETE), ...shared.words(8, 3), heard.length]).toEqual([1, 8, command(5), 0, 2]);
    expect(await machine.clock.advance(7000)).toBe(undefined);
  });
});
