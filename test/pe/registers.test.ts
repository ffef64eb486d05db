// System registers of a cpu, through the Machine.

import { expect, test } from "vitest";
import { Machine, SystemRegisters } from "../../src/machine/index.ts";
import { type PeDescription, processorOfCpus } from "../../src/platform/index.ts";
import { machineOf, platformOf } from "./hardware.ts";

test("a label written to MPAM0_EL1 and MPAM1_EL1 is what EL0 and EL1 send", async () => {
  const { registers } = (await machineOf({ partidMax: 63, pmgMax: 3 })).cpu(0);
  registers.write("MPAM0_EL1", 0x0201_0005_0004n, { el: 1 });
  registers.write("MPAM1_EL1", 0x0001_0007_0006n, { el: 1 });
  expect(registers.label({ el: 0 })).toMatchObject({ space: "ns", partid: 5, pmg: 2, flawed: false });
  expect(registers.label({ el: 0, kind: "fetch" })).toMatchObject({ space: "ns", partid: 4, pmg: 1 });
  expect(registers.label({ el: 1 })).toMatchObject({ partid: 7, pmg: 0 });
  expect(registers.label({ el: 1, kind: "fetch" })).toMatchObject({ partid: 6, pmg: 1 });
  expect(registers.peek("MPAM1_EL1")).toBe(0x8000_0001_0007_0006n);
});

test("labels are filled from the registers of the requester's cpu, and a rehearsal leaves nothing behind", async () => {
  const machine = await machineOf({ partidMax: 63, pmgMax: 3 }, 2);
  const { hardware } = machine.inside;
  const { registers } = machine.cpu(1);
  registers.poke("MPAM0_EL1", 0x0201_0005_0004n);
  const labels = () => [0, 1, 2, 3].map((op) => hardware.labelOf(9, op));
  expect(hardware.fillLabels(9, 1, 0, 0xffff_ffff)).toBe(true);
  const [data, fetch] = [0x0102_0005, 0x0101_0004];
  expect(labels()).toEqual([data, data, fetch, data]);
  hardware.savePe(1);
  registers.poke("MPAM0_EL1", 0x0009_0008n);
  hardware.fillLabels(9, 1, 0, 0xffff_ffff);
  expect(labels()).toEqual([0x0100_0009, 0x0100_0009, 0x0100_0008, 0x0100_0009]);
  hardware.restorePe(1);
  expect(registers.peek("MPAM0_EL1")).toBe(0x0201_0005_0004n);
  expect(machine.cpu(0).registers.peek("MPAM0_EL1")).toBe(0n);
});

test("a snapshot has the registers of every cpu", async () => {
  const profile = { partidMax: 63, pmgMax: 3, rme: true };
  const machine = await machineOf(profile, 3);
  machine.cpu(2).registers.poke("MPAM0_EL1", 0x0201_0005_0004n);
  machine.cpu(1).registers.write("SCR_EL3", 0x4000_0000_0000_0001n, { el: 3 });
  const again = await Machine.restore(machine.snapshot());
  expect(again.cpu(2).registers.label({ el: 0 })).toMatchObject({ space: "ns", partid: 5, pmg: 2 });
  expect(again.cpu(1).registers.label({ el: 1 })).toMatchObject({ space: "rl" });
  expect(again.cpu(0).registers.peek("MPAM0_EL1")).toBe(0n);
});

test("looking at registers and labels, and trying a switch, leaves no byte behind", async () => {
  const machine = await machineOf({ partidMax: 63, pmgMax: 3, sme: true });
  const { hardware } = machine.inside;
  const { registers } = machine.cpu(0);
  const look = () => {
    registers.read("MPAM0_EL1", { el: 1 });
    registers.read("MPAM0_EL1", { el: 0 });
    registers.peek("MPAM1_EL1");
    registers.label({ el: 0, kind: "streaming" });
    registers.limit({ el: 0 });
    hardware.savePe(0);
    hardware.accessRegister(0, 1, 0xc529, true, 0x9_0009n);
    hardware.accessed();
    hardware.fillLabels(1, 0, 0, 0xffff_ffff);
    hardware.restorePe(0);
    hardware.fillLabels(1, 0, 0, 0xffff_ffff);
  };
  registers.poke("MPAM0_EL1", 0x0201_0005_0004n);
  look();
  // The label that was tried has an owner now.
  const before = machine.snapshot();
  look();
  expect(Buffer.compare(machine.snapshot(), before)).toBe(0);
  expect(hardware.labelOf(1, 0)).toBe(0x0102_0005);
});

test("labels do not change by themselves when registers are written: requesters keep theirs until they are filled", async () => {
  const machine = await machineOf({ partidMax: 63, pmgMax: 3 });
  const { hardware } = machine.inside;
  hardware.fillLabels(1, 0, 0, 0xffff_ffff);
  machine.cpu(0).registers.poke("MPAM0_EL1", 0x5_0004n);
  expect(hardware.labelOf(1, 0)).toBe(0x0100_0000);
});

test("a write that has been made is told, and no other", async () => {
  const { inside } = await machineOf({ partidMax: 63, pmgMax: 3 });
  const told: number[] = [];
  const [description] = processorOfCpus(platformOf({ partidMax: 63, pmgMax: 3 }));
  const tell = (cpu: number) => void told.push(cpu);
  const watch = { before() {}, written: tell, reset: tell };
  const registers = new SystemRegisters(inside.hardware, 0, description as PeDescription, watch);
  registers.read("MPAM0_EL1", { el: 1 });
  registers.write("MPAM0_EL1", 1n, { el: 0 });
  registers.peek("MPAM0_EL1");
  registers.label({ el: 0 });
  expect(told).toEqual([]);
  registers.write("MPAM0_EL1", 1n, { el: 1 });
  registers.poke("MPAM0_EL1", 1n);
  registers.reset();
  registers.boot();
  expect(told).toEqual([0, 0, 0, 0]);
});

test("what every object has is no register and no kind of request", async () => {
  const { registers } = (await machineOf({ partidMax: 63, pmgMax: 3 })).cpu(0);
  expect(() => registers.read("toString" as "MPAM0_EL1", { el: 1 })).toThrow(
    /^toString is no system register known here/,
  );
  expect(() => registers.has("constructor" as "MPAM0_EL1")).toThrow(RangeError);
  expect(() => registers.label({ el: 0, kind: "toString" as "data" })).toThrow(/^kind is toString; data, fetch/);
});
