// Below the cache: what crosses to the channel has the label of the outside, and breaks the channel's limits, not the cache's
// (docs/modelled.md, "Selectors and errors", "Narrowing, disabling, translation").

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkObject, type Platform } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { Bare } from "./hardware.ts";
import { runs } from "./traces.ts";

const CACHE = 0;
const CHANNEL = 1;
const [ECR, ESR] = [offsetOf("MPAMF_ECR"), offsetOf("MPAMF_ESR")];
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const OUT_TL = offsetOf("MPAMCFG_OUT_TL");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");
const EN = 0x8000_0000;
const MATCH_PARTID = 0x0001_0000;
const MATCH_PMG = 0x0002_0000;
const ENABLE = 0x8000_0000;

/** A cache of one set and two ways, and a channel whose MSC knows fewer PARTIDs. */
function platform(different: { channelMax?: number; owners?: number; outTl?: object }): Platform {
  const { channelMax = 63, owners = 255, outTl } = different;
  const ns = (partidMax: number) => ({ ns: { partidMax, pmgMax: 3 } });
  const mbwu = { monitors: 8, counter: 31 };
  return checkObject(
    {
      name: "below",
      cpus: 1,
      processor: { partidMax: 63, pmgMax: 3 },
      owners,
      caches: [
        {
          level: 3,
          bytes: 128,
          ways: 2,
          msc: { base: 0x4000_0000, spaces: ns(63), ris: [{ ris: 0, mbwu }], ...(outTl && { outTl }) },
        },
      ],
      memory: [
        {
          bytes: 2 ** 30,
          bytesPerSecond: 1e10,
          msc: { base: 0x4001_0000, spaces: ns(channelMax), ris: [{ ris: 0, mbwu }] },
        },
      ],
    },
    "below",
  );
}

const read = (line: number, requester = 0) => ({ line, requester, op: 0, bytes: 64 });
const write = (line: number, requester = 0) => ({ line, requester, op: 1, bytes: 64 });
const all = [0, 1, 2, 3];

function label(bare: Bare, requester: number, partid: number, pmg = 0): void {
  for (const op of all) expect(bare.label(requester, op, partid, pmg)).toBe(true);
}

/** A monitor of each MSC for a PARTID. */
function watch(bare: Bare, msc: number, mon: number, partid: number, pmg?: number): void {
  bare.write(msc, MON_SEL, mon);
  bare.write(msc, FLT, (partid | ((pmg ?? 0) << 16)) >>> 0);
  bare.write(msc, CTL, (EN | MATCH_PARTID | (pmg === undefined ? 0 : MATCH_PMG)) >>> 0);
}

function counted(bare: Bare, msc: number, mon: number): number {
  bare.write(msc, MON_SEL, mon);
  return bare.read(msc, MBWU);
}

function events(bare: Bare): unknown[] {
  const { hardware } = bare;
  const found = Array.from({ length: hardware.eventCount() }, (_, i) => ({
    msc: hardware.eventMsc(i),
    level: hardware.eventLevel(i),
    record: Number(hardware.eventRecord(i)),
  }));
  hardware.clearEvents();
  return found;
}

describe("a PARTID that only the channel does not know", () => {
  test("is an error at the channel, and only when the request gets there", async () => {
    const bare = await Bare.powerOn("plain", platform({ channelMax: 7 }));
    label(bare, 0, 20, 1);
    bare.write(CHANNEL, ECR, 1);
    bare.write(CACHE, ECR, 1);
    bare.hardware.edge();
    bare.run([read(1)]);
    expect(bare.read(CHANNEL, ESR)).toBe(0x0201_0014);
    expect(events(bare)).toEqual([{ msc: CHANNEL, level: 1, record: 1 }]);
    bare.write(CHANNEL, ESR, 0);
    expect(events(bare)).toEqual([{ msc: CHANNEL, level: 0, record: 1 }]);
    // Hits stay in the cache; the sixth record is the next that misses.
    bare.run([read(1), read(1), read(1), read(1), read(3), read(3)]);
    expect(events(bare)).toEqual([{ msc: CHANNEL, level: 1, record: 6 }]);
    expect(bare.read(CHANNEL, ESR)).toBe(0x0201_0014);
    expect(bare.read(CACHE, ESR)).toBe(0);
  });

  test("is recorded for each request, the latest last, and one that fits changes nothing", async () => {
    const bare = await Bare.powerOn("plain", platform({ channelMax: 7 }));
    label(bare, 0, 20);
    label(bare, 1, 21);
    label(bare, 2, 7);
    bare.hardware.edge();
    bare.run([read(1, 0), read(2, 1), read(3, 2)]);
    expect(bare.read(CHANNEL, ESR)).toBe(0x8200_0015);
    expect(events(bare)).toEqual([]);
  });

  test("is an error of a write-back too, under the label of the line", async () => {
    const bare = await Bare.powerOn("plain", platform({ channelMax: 7 }));
    label(bare, 0, 20);
    label(bare, 1, 1);
    bare.hardware.edge();
    bare.run([write(1, 0), read(2, 1)]);
    bare.write(CHANNEL, ESR, 0);
    bare.run([read(3, 1)]);
    expect(bare.read(CHANNEL, ESR)).toBe(0x0200_0014);
  });
});

describe("egress translation at the cache", () => {
  const outTl = { partidMax: 63, direct: true };

  test("gives the channel the PARTID of the outside, on fills and on write-backs", async () => {
    const bare = await Bare.powerOn("plain", platform({ outTl }));
    bare.write(CACHE, PART_SEL, 5);
    bare.write(CACHE, OUT_TL, ENABLE | 9);
    label(bare, 0, 5, 2);
    watch(bare, CACHE, 0, 5);
    watch(bare, CACHE, 1, 9);
    watch(bare, CHANNEL, 0, 5);
    watch(bare, CHANNEL, 1, 9, 2);
    bare.hardware.edge();
    bare.run([write(1), write(2), write(3)]);
    // Three fills, and one line written back.
    expect([counted(bare, CACHE, 0), counted(bare, CACHE, 1)]).toEqual([256, 0]);
    expect([counted(bare, CHANNEL, 0), counted(bare, CHANNEL, 1)]).toEqual([0, 256]);
    bare.write(CACHE, OUT_TL, 9);
    bare.run([write(4)]);
    expect([counted(bare, CHANNEL, 0), counted(bare, CHANNEL, 1)]).toEqual([0, 384]);
    bare.hardware.edge();
    bare.run([write(5)]);
    expect([counted(bare, CHANNEL, 0), counted(bare, CHANNEL, 1)]).toEqual([128, 384]);
  });

  test("into a PARTID that the channel does not know is an error there", async () => {
    const bare = await Bare.powerOn("plain", platform({ outTl, channelMax: 7 }));
    bare.write(CACHE, PART_SEL, 5);
    bare.write(CACHE, OUT_TL, ENABLE | 9);
    label(bare, 0, 5, 2);
    bare.hardware.edge();
    bare.run([read(1)]);
    expect(bare.read(CHANNEL, ESR)).toBe(0x0202_0009);
  });

  test("counts the same with hardly a label to spare as with plenty", async () => {
    const step = fc.record({
      partid: fc.integer({ min: 1, max: 30 }),
      pmg: fc.nat({ max: 3 }),
      to: fc.integer({ min: 31, max: 63 }),
      records: fc.array(fc.record({ line: fc.nat({ max: 3 }), op: fc.nat({ max: 1 }) }), { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const machines = [
          await Bare.powerOn("plain", platform({ outTl, owners: 10 })),
          await Bare.powerOn("plain", platform({ outTl, owners: 2048 })),
        ];
        const seen = machines.map((bare) => {
          for (let mon = 0; mon < 4; mon++) {
            watch(bare, CACHE, mon, steps[mon]?.partid ?? 1);
            watch(bare, CHANNEL, mon, steps[mon]?.to ?? 40);
          }
          return steps.map(({ partid, pmg, to, records }) => {
            bare.write(CACHE, PART_SEL, partid);
            bare.write(CACHE, OUT_TL, ENABLE | to);
            label(bare, 0, partid, pmg);
            bare.hardware.edge();
            bare.run(records.map(({ line, op }) => ({ line, op, requester: 0, bytes: 64 })));
            const { hardware } = bare;
            const lines = [0, 1].map((way) => {
              const line = Number(hardware.lineAt(0, 0, way));
              return line < 0 ? null : [line, hardware.ownerLabel(hardware.lineOwner(0, 0, way))];
            });
            const monitors = [0, 1, 2, 3].map((mon) => [counted(bare, CACHE, mon), counted(bare, CHANNEL, mon)]);
            return { lines, monitors };
          });
        });
        expect(seen[0]).toEqual(seen[1]);
      }),
      runs(60),
    );
  });
});

describe("accesses that nothing checks", () => {
  test("of any MSC, space, offset and value do not trap the module", async () => {
    const bare = await Bare.powerOn("plain", platform({ outTl: { partidMax: 63, direct: true, baseMask: true } }));
    const { hardware, memory } = bare;
    const word = fc.nat({ max: 0xffff_ffff });
    const offset = fc.oneof(fc.nat({ max: 0x3300 }), word);
    const access = fc.record({
      msc: fc.oneof(fc.nat({ max: 2 }), word),
      offset,
      value: word,
      space: fc.oneof(fc.nat({ max: 3 }), word),
    });
    fc.assert(
      fc.property(fc.array(access, { maxLength: 40 }), (accesses) => {
        const buffer = new Uint32Array(memory.buffer, hardware.operations(), accesses.length * 4);
        for (const [i, one] of accesses.entries()) {
          hardware.write32(one.msc, one.offset, one.value, one.space);
          hardware.read32(one.msc, one.offset, one.space);
          buffer.set([one.value, one.offset, one.msc, one.space], i * 4);
        }
        hardware.batch(accesses.length);
        hardware.capture(accesses.length, accesses.length);
        hardware.clearEvents();
        expect(hardware.attach()).toBeGreaterThan(0);
      }),
      runs(2000),
    );
  });
});
