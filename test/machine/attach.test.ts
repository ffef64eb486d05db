// Several instances on one memory: attaching changes nothing, and all builds lay out the same bytes (design section 5).

import { describe, expect, test } from "vitest";
import { onMemory } from "../../src/machine/wasm.ts";
import { offsetOf } from "../golden/registers.ts";
import { Bare, type Build, memoryFor, moduleOf } from "./hardware.ts";
import { platformOf, powerOn, tag } from "./machines.ts";
import { FakeTrace, mixed, naive, thread } from "./traces.ts";

const BUILDS: readonly { readonly build: Build }[] = [{ build: "plain" }, { build: "shared" }, { build: "scalar" }];

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const CMAX = offsetOf("MPAMCFG_CMAX");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const CSU_FLT = offsetOf("MSMON_CFG_CSU_FLT");
const CSU_CTL = offsetOf("MSMON_CFG_CSU_CTL");
const CSU = offsetOf("MSMON_CSU");
const MBWU_FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const MBWU_CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");

const EN = 0x8000_0000;
const MATCH_PARTID = 0x0001_0000;

const RECORDS = naive([new FakeTrace("t", mixed(7, 6000, 3, 300), { requesters: [1, 2, 3].map((n) => thread(n)) })]);

/** Controls, monitors, labels and traffic: something in every part of the memory. */
function drive(bare: Bare): void {
  for (const partid of [1, 2, 3]) {
    for (const op of [0, 1, 2, 3]) expect(bare.label(partid - 1, op, partid, op === 2 ? 1 : 0)).toBe(true);
    bare.write(0, PART_SEL, partid);
    bare.write(0, CPBM, 0xf0f0 >>> partid);
    bare.write(0, CMAX, 0x4000 * partid);
    bare.write(0, MON_SEL, partid);
    bare.write(0, CSU_FLT, partid);
    bare.write(0, CSU_CTL, EN + MATCH_PARTID);
    bare.write(0, MBWU_FLT, partid);
    bare.write(0, MBWU_CTL, EN + MATCH_PARTID);
  }
  bare.hardware.edge();
  bare.hardware.fit(4096);
  bare.hardware.setNow(5_000n);
  expect(bare.run(RECORDS)).toBe(RECORDS.length);
  // An error, with its interrupt in the queue.
  bare.write(0, offsetOf("MPAMF_ECR"), 1);
  bare.write(0, PART_SEL, 999);
}

/** All words of both pages under the present selections. Reading some of them is an error that is recorded. */
function registers(read: (msc: number, offset: number) => number): number[] {
  const words = Array.from({ length: 0x1100 / 4 }, (_, i) => i * 4);
  return [0, 1].flatMap((msc) => words.map((offset) => read(msc, offset)));
}

describe.each(BUILDS)("on a $build memory", ({ build }) => {
  test("a second instance changes no byte of a running machine, and sees the same registers", async () => {
    const first = await Bare.powerOn(build, platformOf());
    drive(first);
    const before = first.image();
    const second = await onMemory(moduleOf(build), first.memory);
    expect(second.attach()).toBeGreaterThan(0);
    expect(Buffer.compare(first.image(), before)).toBe(0);
    expect(second.records()).toBe(BigInt(RECORDS.length));
    expect(second.eventCount()).toBe(first.hardware.eventCount());

    for (const partid of [1, 2, 3]) {
      first.write(0, MON_SEL, partid);
      const values = [CSU, MBWU].map((offset) => first.read(0, offset));
      for (const value of values) expect(value).toBeGreaterThan(0);
      expect([CSU, MBWU].map((offset) => second.read32(0, offset, 1))).toEqual(values);
    }
    expect(registers((msc, offset) => second.read32(msc, offset, 1))).toEqual(registers((m, o) => first.read(m, o)));
  });

  test("what one instance writes and runs, the other goes on from", async () => {
    const alone = await Bare.powerOn(build, platformOf());
    drive(alone);
    alone.run(RECORDS);
    const first = await Bare.powerOn(build, platformOf());
    drive(first);
    const second = await onMemory(moduleOf(build), first.memory);
    second.replay(RECORDS.length); // what the first has staged
    expect(Buffer.compare(first.image(), alone.image())).toBe(0);
  });

  test("there is no machine in an empty memory, and looking for one leaves it empty", async () => {
    const memory = memoryFor(build);
    const hardware = await onMemory(moduleOf(build), memory);
    expect(hardware.attach()).toBe(0);
    expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
  });

  test("there is no machine yet in a memory that is still being laid out", async () => {
    const memory = memoryFor(build);
    const hardware = await onMemory(moduleOf(build), memory);
    hardware.init(4, 16, 0);
    expect(hardware.attach()).toBe(0);
    hardware.configure(6, 64, 0, 1000n, 1, 1, 0);
    hardware.addNode(1, 64n, 1n, 0);
    hardware.seal();
    expect(hardware.attach()).toBeGreaterThan(0);
  });
});

test("plain and shared memory hold the same bytes after the same layout and the same traffic", async () => {
  const [plain, shared] = await Promise.all(BUILDS.map(({ build }) => Bare.powerOn(build, platformOf())));
  if (!plain || !shared) throw new Error("two builds");
  expect(shared.top).toBe(plain.top);
  expect(Buffer.compare(shared.image(), plain.image())).toBe(0);
  for (const bare of [plain, shared]) {
    drive(bare);
    bare.hardware.setWide(true);
    bare.run(RECORDS);
    bare.hardware.setWide(false);
    bare.run(RECORDS.slice(0, 100));
  }
  expect(Buffer.compare(shared.image(), plain.image())).toBe(0);
});

test("an instance attached to a Machine's memory changes no byte of its snapshot", async () => {
  const machine = await powerOn();
  const trace = new FakeTrace("t", mixed(3, 500, 1, 100));
  machine.addTasks(trace);
  machine.processor.setTaskLabel(1, tag(3));
  await machine.replay([trace]);
  const before = machine.snapshot();
  const second = await onMemory(moduleOf("plain"), machine.inside.memory);
  expect(second.attach()).toBeGreaterThan(0);
  expect(Buffer.compare(machine.snapshot(), before)).toBe(0);
});
