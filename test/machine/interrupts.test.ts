// Interrupts on their way out: wires, pulses and messages, and who hears of them.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import type { Machine, MscInterrupt } from "../../src/machine/index.ts";
import { coalesce, drain, type EventQueue } from "../../src/machine/interrupts.ts";
import { mscInstances } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { MBWU, MBWU_CTL, PART_SEL } from "./compare.ts";
import { platformOf, powerOn } from "./machines.ts";

const ECR = offsetOf("MPAMF_ECR");
const ESR = offsetOf("MPAMF_ESR");

interface Queued {
  readonly kind?: number;
  readonly msc?: number;
  readonly space?: number;
  readonly level?: number;
  readonly delivery?: number;
  readonly count?: number;
  readonly address?: bigint;
  readonly data?: number;
  readonly attributes?: number;
  readonly mpam?: number;
  readonly record?: bigint;
  readonly time?: bigint;
}

/** Hardware that has these events to tell. */
function queueOf(...queued: Queued[]): EventQueue {
  const at = (index: number): Queued => queued[index] ?? {};
  return {
    eventCount: () => queued.length,
    eventKind: (index) => at(index).kind ?? 0,
    eventMsc: (index) => at(index).msc ?? 0,
    eventSpace: (index) => at(index).space ?? 1,
    eventLevel: (index) => at(index).level ?? 1,
    eventDelivery: (index) => at(index).delivery ?? 0,
    eventRepeats: (index) => at(index).count ?? 1,
    eventAddress: (index) => at(index).address ?? 0n,
    eventData: (index) => at(index).data ?? 0,
    eventAttributes: (index) => at(index).attributes ?? 0,
    eventMpam: (index) => at(index).mpam ?? 0,
    eventRecord: (index) => at(index).record ?? 0n,
    eventTime: (index) => at(index).time ?? 0n,
    clearEvents: () => {
      queued.length = 0;
    },
  };
}

const mscs = mscInstances(platformOf());

describe("what the hardware queued becomes", () => {
  test("a wire that rises and falls", () => {
    const queue = queueOf({ level: 1 }, { level: 0, msc: 1, kind: 1, space: 0 });
    expect(drain(queue, mscs, 70)).toEqual([
      { kind: "error", msc: 0, space: "ns", line: 44, level: 1, delivery: "wire", count: 1, time: 70 },
      { kind: "overflow", msc: 1, space: "s", line: 47, level: 0, delivery: "wire", count: 1, time: 70 },
    ]);
    expect(drain(queue, mscs, 80)).toEqual([]);
  });

  test("pulses with how many there were", () => {
    expect(drain(queueOf({ delivery: 1, count: 9 }), mscs, 0)).toEqual([
      { kind: "error", msc: 0, space: "ns", line: 44, level: 1, delivery: "pulse", count: 9, time: 0 },
    ]);
  });

  test("a message, with the write that it makes taken apart", () => {
    const message = {
      kind: 1,
      delivery: 2,
      count: 2,
      space: 3,
      address: 0xf_ffff_ffff_fffcn,
      data: 0xffff_ffff,
      attributes: 0x3d00_0001,
      mpam: 0x00ab_1234,
    };
    expect(drain(queueOf(message), mscs, 5)).toEqual([
      {
        kind: "overflow",
        msc: 0,
        space: "rl",
        line: 45,
        level: 1,
        delivery: "msi",
        count: 2,
        time: 5,
        msi: {
          address: 0xf_ffff_ffff_fffc,
          data: 0xffff_ffff,
          memattr: 0xd,
          shareability: 3,
          partid: 0x1234,
          pmg: 0xab,
          space: "rl",
        },
      },
    ]);
  });

  test("something that a record of a replay raised, at its time", () => {
    const [event] = drain(queueOf({ delivery: 1, record: 13n }), mscs, 0, {
      base: 10,
      timeOf: (record) => record * 100,
    });
    expect(event).toMatchObject({ record: 2, time: 200 });
  });
});

test("pulses and messages alike are one event to a host that looks once; wires and others are not", () => {
  const one = (different: Partial<MscInterrupt>): MscInterrupt => ({
    kind: "error",
    msc: 0,
    space: "ns",
    line: 44,
    level: 1,
    delivery: "pulse",
    count: 1,
    time: 1,
    ...different,
  });
  const wires = [one({ delivery: "wire" }), one({ delivery: "wire", level: 0 }), one({ delivery: "wire" })];
  const others = [one({ space: "s" }), one({ msc: 1 }), one({ kind: "overflow" })];
  expect(coalesce([one({}), ...wires, one({ count: 3, time: 2 }), ...others])).toEqual([
    one({ count: 4 }),
    ...wires,
    ...others,
  ]);
});

describe("handlers", () => {
  test("all hear all events in one order, also of those that one of them raises meanwhile", async () => {
    const machine = await powerOn();
    const heard: string[] = [];
    machine.write32(0, ECR, 1);
    machine.write32(1, ECR, 1);
    machine.onInterrupt(({ msc, level }) => {
      heard.push(`first ${msc} ${level}`);
      if (msc === 0 && level === 1) machine.write32(1, PART_SEL, 99);
    });
    machine.onInterrupt(({ msc, level }) => heard.push(`second ${msc} ${level}`));
    machine.write32(0, PART_SEL, 99);
    expect(heard).toEqual(["first 0 1", "second 0 1", "first 1 1", "second 1 1"]);
  });

  test("one that throws keeps nobody from hearing, and whoever made the access is told", async () => {
    const machine = await powerOn();
    let heard = 0;
    machine.write32(0, ECR, 1);
    machine.onInterrupt(() => {
      throw new Error("broken");
    });
    machine.onInterrupt(() => heard++);
    expect(() => machine.write32(0, PART_SEL, 99)).toThrow("broken");
    expect(() => machine.write32(0, ESR, 0)).toThrow("broken");
    expect(heard).toBe(2);
  });
});

describe("an error that arrives as", () => {
  /** From now on the hardware calls every interrupt by this number. */
  function deliver(machine: Machine, delivery: number): void {
    (machine.inside.hardware as { eventDelivery(index: number): number }).eventDelivery = () => delivery;
  }

  test.each([
    ["a wire", 0],
    ["a pulse", 1],
    ["a message", 2],
  ])("%s ends the driver's use of MPAM", async (_, delivery) => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    deliver(machine, delivery);
    machine.write32(0, PART_SEL, 99);
    await driver.whenIdle();
    expect(driver.enabled).toBe(false);
    expect(driver.disableReason).toMatch(/MSC 0 reports error 1 PARTID_SEL_Range, partid 99/);
    expect(machine.read32(0, ECR)).toBe(0);
  });
});

describe("a capture event from outside", () => {
  test("reaches the hardware, and what it raises is heard", async () => {
    const machine = await powerOn();
    const captured: unknown[] = [];
    const heard: unknown[] = [];
    const { hardware } = machine.inside;
    const real = hardware.write32;
    const value = (msc: number, event: number) => {
      captured.push([msc, event]);
      real(msc, ECR, 1, 1);
      real(msc, PART_SEL, 99, 1);
    };
    Object.defineProperty(hardware, "capture", { value });
    machine.onInterrupt(({ kind, msc, level }) => heard.push([kind, msc, level]));
    machine.capture(1, 6);
    expect(captured).toEqual([[1, 6]]);
    expect(heard).toEqual([["error", 1, 1]]);
  });

  test("that the MSC does not have changes nothing", async () => {
    const machine = await powerOn();
    machine.write32(0, MBWU_CTL, 0x8000_0000);
    machine.write32(0, MBWU, 77);
    for (const event of [1, 2, 3, 4, 5, 6]) machine.capture(0, event);
    expect([machine.read32(0, MBWU), machine.read32(0, ESR)]).toEqual([77, 0]);
  });

  test.each([0, 7, -1, 1.5, Number.NaN])("is one of six: %s is refused", async (event) => {
    const machine = await powerOn();
    expect(() => machine.capture(0, event)).toThrow(RangeError);
  });

  test("of an MSC that is not there is refused", async () => {
    const machine = await powerOn();
    expect(() => machine.capture(2, 1)).toThrow(/there is no msc 2/);
  });
});
