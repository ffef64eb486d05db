// Registers of an SMMU on the bus (IHI 0070, 6.3; more.md 2.1), with offsets from the architecture.

import { describe, expect, test } from "vitest";
import { Machine } from "../../../src/machine/index.ts";
import { checkObject, type Space } from "../../../src/platform/index.ts";
import { ALL_STATES, BASE, REALM } from "./smmus.ts";

const QUANTUM = 1000;

async function machineWith(keys: object = {}): Promise<Machine> {
  return Machine.create(
    checkObject({
      name: "t",
      cpus: 2,
      processor: { partidMax: 63, pmgMax: 3 },
      quantumNs: QUANTUM,
      memory: [{ bytes: "1 MiB", bytesPerSecond: "1 GB/s" }],
      smmus: [{ base: BASE, partidMax: 20, pmgMax: 2, streams: [{ sid: 1, config: "bypass", partid: 5 }], ...keys }],
    }),
  );
}

const [IDR3, AIDR, CR0, CR0ACK, MPAMIDR, GMPAM, GBPMPAM] = [0x0c, 0x1c, 0x20, 0x24, 0x130, 0x138, 0x13c] as const;
const UPDATE = 0x8000_0000;

const load = (machine: Machine, offset: number, space: Space = "ns", base = BASE) =>
  machine.bus.load32(0, space, base + offset);
const store = (machine: Machine, offset: number, value: number, space: Space = "ns", base = BASE) =>
  machine.bus.store32(0, space, base + offset, value);

test("identification says MPAM, the maxima and the version", async () => {
  const machine = await machineWith();
  expect(load(machine, IDR3)).toBe(0x80);
  expect(load(machine, AIDR)).toBe(2);
  expect(load(machine, MPAMIDR)).toBe(0x0002_0014);
  expect(load(await machineWith({ pasidtt: true }), IDR3)).toBe(0x1_0080);
});

test("an SMMU without MPAM has none of its registers", async () => {
  const machine = await machineWith({ mpam: false, partidMax: 0, pmgMax: 0, streams: [] });
  expect(load(machine, IDR3)).toBe(0);
  for (const offset of [GMPAM, GBPMPAM]) {
    store(machine, offset, UPDATE | 3);
    await machine.clock.advance(QUANTUM);
    expect(load(machine, offset)).toBe(0);
  }
  expect(load(machine, MPAMIDR)).toBe(0);
});

test("what else is there reads 0 and ignores writes", async () => {
  const machine = await machineWith({ secure: { partidMax: 1, pmgMax: 0 } });
  const there = new Set<number>([IDR3, AIDR, CR0, CR0ACK, MPAMIDR, GMPAM, GBPMPAM]);
  for (let offset = 0; offset < 0x2_0000; offset += 4) {
    if (there.has(offset)) continue;
    store(machine, offset, 0xffff_ffff);
    expect(load(machine, offset)).toBe(0);
  }
  store(machine, MPAMIDR, 0);
  store(machine, IDR3, 0);
  expect(load(machine, MPAMIDR)).toBe(0x0002_0014);
  expect(load(machine, IDR3)).toBe(0x80);
  expect(() => machine.bus.load32(0, "ns", BASE + 0x2_0000)).toThrow(/nothing answers/);
  expect(() => machine.bus.read({ cpu: 0, space: "ns", address: BASE, bytes: 2 })).toThrow(/4 or 8 bytes/);
  expect(machine.bus.read({ cpu: 0, space: "ns", address: BASE + 0x130, bytes: 8 })).toBe(0x0002_0014n);
});

describe.each([
  ["GMPAM", GMPAM, "ste-fetch"],
  ["GBPMPAM", GBPMPAM, "ats-translated"],
] as const)("%s", (_, offset, kind) => {
  const label = (machine: Machine) => {
    const found = machine.smmus[0]?.label(1, { kind });
    return found && "partid" in found ? [found.partid, found.pmg] : undefined;
  };

  test("is written with Update, reads back at once, and acts when Update is 0 again", async () => {
    const machine = await machineWith();
    expect(load(machine, offset)).toBe(0);
    store(machine, offset, UPDATE | 0x0001_0007);
    expect(load(machine, offset)).toBe(UPDATE + 0x0001_0007);
    expect(label(machine)).toEqual([0, 0]);
    await machine.clock.advance(QUANTUM - 1);
    expect(load(machine, offset)).toBe(UPDATE + 0x0001_0007);
    await machine.clock.advance(1);
    expect(load(machine, offset)).toBe(0x0001_0007);
    expect(label(machine)).toEqual([7, 1]);
  });

  test("ignores writes without Update, and all while Update is 1", async () => {
    const machine = await machineWith();
    store(machine, offset, 7);
    expect(load(machine, offset)).toBe(0);
    store(machine, offset, UPDATE | 7);
    store(machine, offset, UPDATE | 8);
    store(machine, offset, 9);
    expect(load(machine, offset)).toBe(UPDATE + 7);
    await machine.clock.advance(QUANTUM);
    expect(load(machine, offset)).toBe(7);
    expect(label(machine)).toEqual([7, 0]);
  });

  test("has no bits above those of the maxima, and what is above a maximum all the same is 0", async () => {
    const machine = await machineWith();
    store(machine, offset, 0xffff_ffff);
    // 20 takes five bits, 2 takes two.
    expect(load(machine, offset)).toBe(UPDATE + 0x0003_001f);
    await machine.clock.advance(QUANTUM);
    expect(machine.smmus[0]?.label(1, { kind })).toMatchObject({ partid: 0, pmg: 0, flawed: true });
  });

  test("has a Secure copy that others do not see", async () => {
    const machine = await machineWith(ALL_STATES);
    store(machine, 0x8000 + offset, UPDATE | 0x0100_0005, "ns");
    store(machine, 0x8000 + offset, UPDATE | 0x0100_0005, "rl");
    expect(load(machine, 0x8000 + offset, "s")).toBe(0);
    store(machine, 0x8000 + offset, UPDATE | 0x0100_0005, "s");
    await machine.clock.advance(QUANTUM);
    expect(load(machine, 0x8000 + offset, "s")).toBe(0x0100_0005);
    expect(load(machine, 0x8000 + offset, "rt")).toBe(0x0100_0005);
    expect(load(machine, 0x8000 + offset, "ns")).toBe(0);
    expect(load(machine, offset, "s")).toBe(0);
  });
});

test("the Secure and the Realm state say what they have", async () => {
  const machine = await machineWith(ALL_STATES);
  expect(load(machine, 0x8000 + MPAMIDR, "s")).toBe(0x0201_000f);
  expect(load(machine, 0x8000 + MPAMIDR, "ns")).toBe(0);
  // SMMU_S_IDR1.SECURE_IMPL
  expect(load(machine, 0x8004, "s")).toBe(0x8000_0000);
  expect(load(machine, MPAMIDR, "rl", REALM)).toBe(0x0202_0014);
  expect(load(machine, MPAMIDR, "ns", REALM)).toBe(0);
  store(machine, GBPMPAM, UPDATE | 1, "rl", REALM);
  expect(load(machine, GBPMPAM, "rl", REALM)).toBe(0);
  store(machine, GMPAM, UPDATE | 0x0100_0001, "rl", REALM);
  await machine.clock.advance(QUANTUM);
  expect(machine.smmus[0]?.label(1, { space: "rl", kind: "queue" })).toMatchObject({ space: "ns", partid: 1 });
});

test("CR0 is acknowledged when it acts, field by field, and a field under way keeps what it was given", async () => {
  const machine = await machineWith();
  const [smmu] = machine.smmus;
  expect([load(machine, CR0), load(machine, CR0ACK)]).toEqual([1, 1]);
  store(machine, CR0, 0xffff_fffe);
  expect([load(machine, CR0), load(machine, CR0ACK)]).toEqual([0x10, 1]);
  store(machine, CR0, 0x01);
  expect(load(machine, CR0)).toBe(0x10);
  expect(smmu?.label(1)).toMatchObject({ from: "STE" });
  await machine.clock.advance(QUANTUM);
  expect(load(machine, CR0ACK)).toBe(0x10);
  expect(smmu?.label(1)).toMatchObject({ from: "GBPMPAM" });
  store(machine, CR0, 0x11);
  await machine.clock.advance(QUANTUM);
  expect(smmu?.label(1)).toMatchObject({ from: "STE" });
  expect(smmu?.label(1, { kind: "ats-translated" })).toMatchObject({ from: "STE" });
});

test("states are switched on and off by themselves", async () => {
  const machine = await machineWith({
    ...ALL_STATES,
    streams: ["ns", "s"].map((space) => ({ sid: 1, space, config: "bypass", partid: 5 })),
  });
  store(machine, 0x8000 + CR0, 0, "s");
  await machine.clock.advance(QUANTUM);
  expect(machine.smmus[0]?.label(1)).toMatchObject({ from: "STE" });
  expect(machine.smmus[0]?.label(1, { space: "s" })).toMatchObject({ from: "GBPMPAM", space: "s" });
});
