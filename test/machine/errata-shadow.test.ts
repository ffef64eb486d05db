// T241-MPAM-1: bandwidth settings that act when the shadow registers of their chip have been read and scrubbed
// (docs/modelled.md, "Errata").

import { describe, expect, test } from "vitest";
import { type BusAccess, Machine, type RegisterAccess } from "../../src/machine/index.ts";
import { checkObject, type Erratum } from "../../src/platform/index.ts";
import { offsetOf, wordOf } from "../golden/registers.ts";
import { FakeTrace, type Row, thread } from "./traces.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MBW_MIN = offsetOf("MPAMCFG_MBW_MIN");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");
const ESR = offsetOf("MPAMF_ESR");

const WINDOW = 0x1900_0000;
/** A chip is 16 TiB of addresses; its number is in bits 44:43. */
const CHIP_1 = 2 ** 43;
const WINDOW_1 = 2 ** 44 + WINDOW;
const PAGE = 0x1_0000_0000;

const HARD = 0x8000_0000;
/** 64 of 256 parts, hard; and how it reads in a shadow word beside a MIN that nobody has written. */
const QUARTER = (HARD | 0x3f00) >>> 0;
const SHOWN = 0xff00_3f00n;
const RESET = 0xff00_ff00n;

const MBW = { bwaWd: 8, min: true, winwdUsec: 1 };

interface Shape {
  readonly errata?: readonly Erratum[];
  readonly second?: number;
  readonly msc?: object;
}

/** A node of 640 bytes a quantum, and another behind an MSC at `second`. */
function powerOn({ errata = ["T241-MPAM-1"], second = PAGE + 0x10000, msc = {} }: Shape = {}): Promise<Machine> {
  const node = (base: number) => ({
    ...{ bytes: "1 MiB", bytesPerSecond: 640e6 },
    msc: { base, errata, cpus: [0], mbw: MBW, ...msc },
  });
  const platform = checkObject(
    {
      name: "T241",
      cpus: 2,
      numa: "fill",
      processor: { partidMax: 7, pmgMax: 1, outstanding: 16 },
      memory: [
        { node: 0, cpus: [0], ...node(PAGE) },
        { node: 1, cpus: [1], ...node(second) },
      ],
    },
    "T241",
  );
  return Machine.create(platform);
}

const at = (address: number, different: Partial<BusAccess> = {}): BusAccess => ({
  ...{ cpu: 0, space: "ns", address, bytes: 8 },
  ...different,
});

const place = (slice: number, partid: number) => 0x36_0048 + slice * 0x1_0000 + partid * 8;

function shown(machine: Machine, slice: number, partid: number, window = WINDOW): bigint {
  return machine.bus.read(at(window + place(slice, partid)));
}

const all = (machine: Machine, partid: number, window = WINDOW): bigint[] =>
  Array.from({ length: 12 }, (_, slice) => shown(machine, slice, partid, window));

/** As software does: all slices again and again, until they agree; how many rounds that took. */
function readUntilEqual(machine: Machine, partid: number, window = WINDOW): number {
  for (let round = 1; round <= 1000; round++) if (new Set(all(machine, partid, window)).size === 1) return round;
  throw new Error("they never agree");
}

function scrub(machine: Machine, window = WINDOW): void {
  machine.bus.write({ ...at(window + 0x1b_0000), value: 0n });
  machine.bus.write({ ...at(window + 0x1c_0000), value: 0n });
}

function select(machine: Machine, partid: number, ris = 0, msc = 0): void {
  machine.write32(msc, PART_SEL, wordOf("MPAMCFG_PART_SEL", { PARTID_SEL: partid, RIS: ris }));
}

const TRACE = new FakeTrace(
  "lines",
  Array.from({ length: 250 }, (_, i): Row => ({ time: 0, address: i * 64, bytes: 64, op: 0, requester: 0 })),
  { requesters: [thread(1, { cpu: 0 })] },
);

/** Whether 250 lines of a PARTID take as long as a quarter of the channel needs for them; without a limit it is 25 quanta. */
async function isLimited(machine: Machine, partid: number): Promise<boolean> {
  machine.addTasks(TRACE);
  machine.processor.setTaskLabel(1, { partidD: partid, partidI: partid, pmgD: 0, pmgI: 0 });
  const from = machine.clock.now;
  const { time } = await machine.replay([TRACE], { timing: "closed" });
  expect(time - from < 30_000 || time - from > 90_000).toBe(true);
  return time - from > 90_000;
}

describe("a setting of MBW_MAX", () => {
  test("reads back, and does not act until it has been read in all slices and scrubbed", async () => {
    const machine = await powerOn();
    select(machine, 1);
    machine.write32(0, MBW_MAX, QUARTER);
    expect(machine.read32(0, MBW_MAX)).toBe(QUARTER);
    expect(await isLimited(machine, 1)).toBe(false);
    scrub(machine);
    expect(await isLimited(machine, 1)).toBe(false);
    expect(readUntilEqual(machine, 1)).toBe(12);
    expect(await isLimited(machine, 1)).toBe(false);
    scrub(machine);
    expect(await isLimited(machine, 1)).toBe(true);
    // What acted before goes on.
    machine.write32(0, MBW_MAX, 0xffff);
    expect(machine.read32(0, MBW_MAX)).toBe(0xff00);
    expect(await isLimited(machine, 1)).toBe(true);
    readUntilEqual(machine, 1);
    scrub(machine);
    expect(await isLimited(machine, 1)).toBe(false);
  });

  test("acts at once on a part without the erratum", async () => {
    const machine = await powerOn({ errata: [] });
    select(machine, 1);
    machine.write32(0, MBW_MAX, QUARTER);
    expect(await isLimited(machine, 1)).toBe(true);
  });

  test("keeps the bits that there are", async () => {
    const machine = await powerOn();
    machine.write32(0, MBW_MAX, 0xffff_ffff);
    machine.write32(0, MBW_MIN, 0xffff_ffff);
    expect([machine.read32(0, MBW_MAX), machine.read32(0, MBW_MIN)]).toEqual([0x8000_ff00, 0xff00]);
  });

  test("acts at once in the Secure bank", async () => {
    const limits = { partidMax: 7, pmgMax: 1 };
    const machine = await powerOn({ msc: { spaces: { ns: limits, s: limits } } });
    machine.write32(0, MBW_MAX, QUARTER, "s");
    expect(machine.inside.hardware.readSetting(0, 0, 0, 0, MBW_MAX)).toBe(QUARTER);
    expect([machine.read32(0, MBW_MAX, "s"), machine.read32(0, MBW_MAX)]).toEqual([QUARTER, 0xff00]);
  });

  test.each([
    [7, 0],
    [8, 1],
  ])("under PARTID %i of seven is an error or not, as on any part", async (partid, code) => {
    for (const errata of [["T241-MPAM-1"], []] as const) {
      const machine = await powerOn({ errata });
      select(machine, partid);
      machine.write32(0, ESR, 0);
      machine.write32(0, PART_SEL, partid);
      machine.write32(0, MBW_MAX, QUARTER);
      expect((machine.read32(0, ESR) >>> 24) & 15).toBe(code);
      expect(machine.read32(0, ESR) >>> 31).toBe(0);
      expect(machine.read32(0, MBW_MAX)).toBe(code === 0 ? QUARTER : 0);
    }
  });
});

describe("a shadow word", () => {
  test("shows what was written, in slice n after n reads of the word from before", async () => {
    const machine = await powerOn();
    expect(all(machine, 3)).toEqual(Array(12).fill(RESET));
    select(machine, 3);
    machine.write32(0, MBW_MAX, QUARTER);
    for (const slice of [0, 1, 5, 11]) {
      for (let read = 0; read < slice; read++) expect(shown(machine, slice, 3)).toBe(RESET);
      expect(shown(machine, slice, 3)).toBe(SHOWN);
      expect(shown(machine, slice, 3)).toBe(SHOWN);
    }
    expect(shown(machine, 5, 2)).toBe(RESET);
    // The word from before is the one before this write.
    machine.write32(0, MBW_MIN, 0x1200);
    expect(shown(machine, 1, 3)).toBe(SHOWN);
    expect(shown(machine, 1, 3)).toBe(0x1200_3f00n);
  });

  test("may be read by halves; the upper one is 0 and does not count", async () => {
    const machine = await powerOn();
    select(machine, 3);
    machine.write32(0, MBW_MAX, QUARTER);
    const half = (offset: number) => machine.bus.read(at(WINDOW + place(2, 3) + offset, { bytes: 4 }));
    expect([half(4), half(4), half(4)]).toEqual([0n, 0n, 0n]);
    expect([half(0), half(0), half(0)]).toEqual([RESET, RESET, SHOWN]);
    expect(machine.bus.load32(1, "ns", WINDOW + place(2, 3))).toBe(Number(SHOWN));
  });

  test("is of the RIS and the MSC of the chip that was written last", async () => {
    const machine = await powerOn({
      msc: {
        mbw: undefined,
        ris: [
          { ris: 0, mbw: MBW },
          { ris: 2, mbw: { ...MBW, bwaWd: 4 } },
        ],
      },
    });
    select(machine, 1, 0);
    machine.write32(0, MBW_MAX, 0x3f00);
    expect(shown(machine, 0, 1)).toBe(0xff00_3f00n);
    select(machine, 1, 2);
    machine.write32(0, MBW_MAX, 0x3f00);
    expect(shown(machine, 0, 1)).toBe(0xf000_3000n);
    expect(shown(machine, 1, 1)).toBe(0xff00_3f00n);
    select(machine, 1, 0, 1);
    machine.write32(1, MBW_MIN, 0x0100);
    expect(shown(machine, 0, 1)).toBe(0x0100_ff00n);
    // Each setting reads back as it was written.
    select(machine, 1, 0);
    expect(machine.read32(0, MBW_MAX)).toBe(0x3f00);
    select(machine, 1, 2);
    expect(machine.read32(0, MBW_MAX)).toBe(0x3000);
  });

  test("of a PARTID that is not there is 0, and so is the rest of the window, which keeps nothing", async () => {
    const machine = await powerOn();
    const places = [place(0, 8), place(11, 8), place(12, 0), 0, 0x36_0040, 0x1b_0000, 0x1c_0008, 0x7f_fff8];
    for (const offset of places) {
      machine.bus.write({ ...at(WINDOW + offset), value: 0xffff_ffff_ffff_ffffn });
      expect(machine.bus.read(at(WINDOW + offset))).toBe(0n);
    }
    machine.bus.write({ ...at(WINDOW + place(4, 1)), value: 5n });
    expect(shown(machine, 4, 1)).toBe(RESET);
  });

  test("is open to every cpu, Non-secure, by 4 or 8 bytes", async () => {
    const machine = await powerOn();
    const code = (words: RegExp, name: string) =>
      expect.objectContaining({ code: name, message: expect.stringMatching(words) });
    expect(machine.bus.read(at(WINDOW + place(0, 0), { cpu: 1 }))).toBe(RESET);
    const read = (different: Partial<BusAccess>) => () => machine.bus.read(at(WINDOW + place(0, 0), different));
    expect(read({ space: "s" })).toThrow(code(/in space s/, "ENXIO"));
    expect(read({ bytes: 2 })).toThrow(code(/by 4 or 8 bytes/, "EINVAL"));
    expect(read({ address: WINDOW + place(0, 0) + 4 })).toThrow(code(/aligned/, "EINVAL"));
    await machine.cpu(1).offline();
    expect(read({ cpu: 1 })).toThrow(code(/cpu 1 is offline/, "ENXIO"));
    expect(() => machine.bus.read(at(WINDOW + 2 ** 23))).toThrow(code(/nothing answers/, "ENXIO"));
  });
});

test("default settings have no word, and act after the next scrubbing", async () => {
  const machine = await powerOn({ msc: { defaultPartid: true } });
  machine.write32(0, PART_SEL, wordOf("MPAMCFG_PART_SEL", { DEFAULT_PARTID: 1 }));
  machine.write32(0, MBW_MAX, QUARTER);
  expect([machine.read32(0, MBW_MAX), shown(machine, 0, 8)]).toEqual([QUARTER, 0n]);
  expect(machine.inside.hardware.readSetting(0, 1, 0, 8, MBW_MAX)).toBe(0xff00);
  scrub(machine);
  expect(machine.inside.hardware.readSetting(0, 1, 0, 8, MBW_MAX)).toBe(QUARTER);
  expect(shown(machine, 0, 8)).toBe(0n);
});

describe("scrubbing", () => {
  const acts = (machine: Machine, partid: number) =>
    machine.inside.hardware.readSetting(0, 1, 0, partid, MBW_MAX) === QUARTER;

  async function ready(partid = 1): Promise<Machine> {
    const machine = await powerOn();
    select(machine, partid);
    machine.write32(0, MBW_MAX, QUARTER);
    readUntilEqual(machine, partid);
    return machine;
  }

  const write = (machine: Machine, offset: number, value: bigint, bytes: 4 | 8 = 8) =>
    machine.bus.write({ ...at(WINDOW + offset, { bytes }), value });

  test("is of both words, in any order, by 4 or 8 bytes, with 0", async () => {
    const machine = await ready();
    write(machine, 0x1c_0000, 0n);
    write(machine, 0x1c_0000, 0n);
    expect(acts(machine, 1)).toBe(false);
    write(machine, 0x1b_0000, 1n);
    write(machine, 0x1b_0000, 1n << 32n);
    write(machine, 0x1b_0004, 0n, 4);
    expect(acts(machine, 1)).toBe(false);
    write(machine, 0x1b_0000, 0n, 4);
    expect(acts(machine, 1)).toBe(true);
  });

  test("begins anew each time", async () => {
    const machine = await ready();
    scrub(machine);
    machine.write32(0, MBW_MAX, 0x1200);
    readUntilEqual(machine, 1);
    write(machine, 0x1c_0000, 0n);
    expect(acts(machine, 1)).toBe(true);
    write(machine, 0x1b_0000, 0n);
    expect(acts(machine, 1)).toBe(false);
  });

  test("lets go of the PARTIDs whose words all show the new value, and of no others", async () => {
    const machine = await ready(1);
    select(machine, 2);
    machine.write32(0, MBW_MAX, QUARTER);
    for (let round = 0; round < 11; round++) all(machine, 2);
    select(machine, 3);
    machine.write32(0, MBW_MAX, QUARTER);
    for (let round = 0; round < 10; round++) all(machine, 3);
    scrub(machine);
    expect([1, 2, 3].map((partid) => acts(machine, partid))).toEqual([true, true, false]);
    all(machine, 3);
    scrub(machine);
    expect(acts(machine, 3)).toBe(true);
  });

  test("a word that does not change agrees from the start", async () => {
    const machine = await powerOn();
    select(machine, 1);
    // HARDLIM is not in the word.
    machine.write32(0, MBW_MAX, (HARD | 0xff00) >>> 0);
    scrub(machine);
    expect(machine.inside.hardware.readSetting(0, 1, 0, 1, MBW_MAX)).toBe((HARD | 0xff00) >>> 0);
  });

  test("is not seen in the selector, not even in a bad one", async () => {
    const machine = await ready();
    for (const selector of [4, 100]) {
      machine.write32(0, PART_SEL, selector);
      machine.write32(0, ESR, 0);
      scrub(machine);
      expect([machine.read32(0, PART_SEL), machine.read32(0, ESR)]).toEqual([selector, 0]);
    }
    expect(acts(machine, 1)).toBe(true);
    select(machine, 4);
    expect(machine.read32(0, MBW_MAX)).toBe(0xff00);
  });

  test("is a chip's own", async () => {
    const machine = await powerOn({ second: CHIP_1 + PAGE });
    for (const msc of [0, 1]) {
      select(machine, 1, 0, msc);
      machine.write32(msc, MBW_MAX, QUARTER);
    }
    const acting = () => [0, 1].map((msc) => machine.inside.hardware.readSetting(msc, 1, 0, 1, MBW_MAX) === QUARTER);
    readUntilEqual(machine, 1);
    readUntilEqual(machine, 1, WINDOW_1);
    scrub(machine, WINDOW_1);
    expect(acting()).toEqual([false, true]);
    scrub(machine);
    expect(acting()).toEqual([true, true]);
  });
});

test("batches, the bus and those who watch see the same", async () => {
  const machine = await powerOn();
  const seen: RegisterAccess[] = [];
  const stop = machine.log("MPAMCFG_MBW_MAX", (access) => seen.push(access));
  const batch = machine.batch();
  batch.write32(0, PART_SEL, 2);
  batch.write32(0, MBW_MAX, QUARTER);
  const read = batch.read32(0, MBW_MAX);
  batch.run();
  expect(batch.value(read)).toBe(QUARTER);
  expect(seen).toMatchObject([
    { access: "write", value: QUARTER, old: 0xff00, now: QUARTER },
    { access: "read", value: QUARTER },
  ]);
  stop();
  expect(batch.run().value(read)).toBe(QUARTER);
  expect(machine.bus.read(at(PAGE + MBW_MAX, { bytes: 4 }))).toBe(BigInt(QUARTER));
  expect(machine.inside.hardware.readSetting(0, 1, 0, 2, MBW_MAX)).toBe(0xff00);
});

test("what waits, what slices show and half a scrubbing are part of a snapshot", async () => {
  const machine = await powerOn();
  select(machine, 1);
  machine.write32(0, MBW_MAX, QUARTER);
  for (let round = 0; round < 11; round++) all(machine, 1);
  machine.bus.write({ ...at(WINDOW + 0x1b_0000), value: 0n });
  const again = await Machine.restore(machine.snapshot());
  expect(Buffer.compare(again.snapshot(), machine.snapshot())).toBe(0);
  expect([again.read32(0, MBW_MAX), shown(again, 11, 1)]).toEqual([QUARTER, SHOWN]);
  again.bus.write({ ...at(WINDOW + 0x1c_0000), value: 0n });
  expect(await isLimited(again, 1)).toBe(true);
});

test("what waits is lost with the registers", async () => {
  const machine = await powerOn({ msc: { power: "lost" } });
  select(machine, 1);
  machine.write32(0, MBW_MAX, QUARTER);
  await machine.cpu(0).offline();
  await machine.cpu(0).online();
  select(machine, 1);
  expect([machine.read32(0, MBW_MAX), shown(machine, 0, 1)]).toEqual([0xff00, RESET]);
  scrub(machine);
  expect(await isLimited(machine, 1)).toBe(false);
});

test("with T241-MPAM-4 what is let go of MBW_MIN limits", async () => {
  const machine = await powerOn({ errata: ["T241-MPAM-1", "T241-MPAM-4"] });
  select(machine, 1);
  machine.write32(0, MBW_MIN, 0x3f00);
  expect(await isLimited(machine, 1)).toBe(false);
  readUntilEqual(machine, 1);
  scrub(machine);
  expect(await isLimited(machine, 1)).toBe(true);
});
