// Labels that come into use: many at once or one after the other, at ports that keep partitions for twice as many, and at once.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { range } from "../helpers/subject.ts";

const NS = 1;
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");
const CMAX = offsetOf("MPAMCFG_CMAX");
const HARDLIM = 0x8000_0000;
const [SLICE, CHANNEL] = [0, 1];
/** Where there is no cache. */
const ONLY_CHANNEL = 0;
const QUANTUM_NS = 1000;

/** One cache of 1,024 lines, or none, and one channel, with bandwidth limits in 128 steps, and so many labels in use at once. */
async function hardwareWith(owners: number, cached = true) {
  const mbw = { bwaWd: 7, winwdUsec: 1 };
  const platform = await loadPlatform({
    name: "arriving",
    cpus: 1,
    owners,
    processor: { partidMax: 400, pmgMax: 1 },
    caches: [{ level: 3, bytes: "64 KiB", ways: 16, msc: { base: 0x1_4100_0000, ccap: { cmaxWd: 8 }, mbw } }],
    memory: [{ bytes: "1 GiB", bytesPerSecond: "12.8 GB/s", msc: { base: 0x1_4200_0000, mbw } }],
  });
  return (await Machine.create(cached ? platform : { ...platform, caches: [] })).inside;
}

type Inside = Awaited<ReturnType<typeof hardwareWith>>;

/** Steps of its limit that PARTID n has here; 128 would be no limit. */
const stepsOf = (partid: number) => (partid % 127) + 1;

function limitAll({ hardware }: Inside, partids: number): void {
  for (const msc of [SLICE, CHANNEL]) {
    for (const partid of range(0, partids)) {
      hardware.write32(msc, PART_SEL, partid, NS);
      hardware.write32(msc, MBW_MAX, ((stepsOf(partid) - 1) << 9) >>> 0, NS);
    }
  }
  hardware.edge();
}

function label({ hardware }: Inside, requester: number, partid: number, pmg = 0): void {
  for (const op of range(0, 4)) expect(hardware.setLabel(requester, op, NS, partid, pmg)).toBe(true);
}

/** The limits that both ports have for some PARTIDs, in steps. */
function limitsOf({ hardware }: Inside, partids: readonly number[], pmg = 0): number[][] {
  const owners = partids.map((partid) => hardware.ownerOf(NS, partid, pmg));
  return [SLICE, CHANNEL].map((resource) => owners.map((owner) => hardware.limitSteps(resource, owner)));
}

function lines({ hardware, memory }: Inside, requester: number, count: number): void {
  new Uint32Array(memory.buffer, hardware.stagedLines(), count).set(range(0, count));
  new Uint16Array(memory.buffer, hardware.stagedRequesters(), count).fill(requester);
  new Uint8Array(memory.buffer, hardware.stagedMetas(), count).fill(63);
  expect(hardware.replay(count)).toBe(count);
}

describe("labels that come into use", () => {
  test.each(["at one edge", "an edge each"])("%s have each the limits of their PARTIDs at every port", async (how) => {
    const inside = await hardwareWith(600);
    limitAll(inside, 300);
    // Two labels of a PARTID share what it may have.
    for (const requester of range(0, 600)) {
      label(inside, requester, requester % 300, Math.floor(requester / 300));
      expect(inside.hardware.pending()).toBe(requester > 0);
      if (how === "an edge each") inside.hardware.edge();
    }
    inside.hardware.edge();
    expect(inside.hardware.pending()).toBe(false);
    const wanted = range(0, 300).map(stepsOf);
    for (const pmg of [0, 1]) expect(limitsOf(inside, range(0, 300), pmg)).toEqual([wanted, wanted]);
  });

  test("take the place of partitions that nobody goes by any more, when a port has no other", async () => {
    const inside = await hardwareWith(7);
    limitAll(inside, 400);
    // Three stay, two change again and again and pass by one more; 7 labels make places for 22 partitions.
    for (const requester of range(0, 3)) label(inside, requester, 390 + requester);
    for (const partid of range(1, 380)) {
      label(inside, 3 + (partid % 2), partid);
      inside.hardware.edge();
      const inUse = [390, 391, 392, partid, ...(partid > 1 ? [partid - 1] : [])];
      const wanted = inUse.map(stepsOf);
      expect(limitsOf(inside, inUse)).toEqual([wanted, wanted]);
    }
  });

  test("are held to their limits by the next record, edge or not", async () => {
    const inside = await hardwareWith(16);
    const { hardware } = inside;
    hardware.write32(SLICE, PART_SEL, 5, NS);
    // (3 + 1) / 256 of 1,024 lines.
    hardware.write32(SLICE, CMAX, 0x0300, NS);
    hardware.edge();
    label(inside, 1, 5);
    lines(inside, 1, 200);
    expect(hardware.linesHeld(SLICE, hardware.ownerOf(NS, 5, 0))).toBe(16);
  });

  test("wait at ports from the next quantum on, edge or not", async () => {
    const inside = await hardwareWith(16, false);
    limitToALine(inside, [5]);
    label(inside, 1, 5);
    expect(heldOf(inside, [1])).toBe(7);
  });

  test("and go again share what waits with the other labels of their PARTID, and with nobody else", async () => {
    const requesters = range(1, 6);
    const labels = fc.array(fc.record({ partid: fc.integer({ min: 1, max: 40 }), pmg: fc.nat(1) }), {
      minLength: requesters.length,
      maxLength: requesters.length,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(labels, { minLength: 8, maxLength: 16 }), async (steps) => {
        // Two more than are in use: one for nobody, one for a label that another has not left yet. Places for 24 partitions.
        const inside = await hardwareWith(requesters.length + 2, false);
        const { hardware } = inside;
        limitToALine(inside, range(0, 41));
        for (const step of steps) {
          // All leave before any comes: every label may be new.
          for (const requester of requesters) label(inside, requester, 0);
          for (const [i, { partid, pmg }] of step.entries()) label(inside, requesters[i] as number, partid, pmg);
          const held = heldOf(inside, requesters);
          const waiting = new Map<number, number>();
          for (const { partid, pmg } of step) {
            const bytes = Number(hardware.bytesWaiting(ONLY_CHANNEL, hardware.ownerOf(NS, partid, pmg)));
            expect(waiting.get(partid) ?? bytes).toBe(bytes);
            waiting.set(partid, bytes);
          }
          expect([...waiting.values()].reduce((sum, bytes) => sum + bytes, 0)).toBe(64 * held);
          // Of each PARTID one line has gone.
          expect(held).toBe(8 * requesters.length - waiting.size);
          hardware.runQuanta(hardware.quantum() * BigInt(QUANTUM_NS) + 100n * BigInt(QUANTUM_NS));
          expect(hardware.heldRequests()).toBe(0);
        }
      }),
      { numRuns: 12 },
    );
  });
});

/** 1 / 128 of 12,800 bytes a quantum at the channel, hard: a line and a half, of which one fits. */
function limitToALine({ hardware }: Inside, partids: readonly number[]): void {
  for (const partid of partids) {
    hardware.write32(ONLY_CHANNEL, PART_SEL, partid, NS);
    hardware.write32(ONLY_CHANNEL, MBW_MAX, HARDLIM, NS);
  }
  hardware.edge();
}

/** Requests held after a quantum in which each requester reads eight lines. */
function heldOf({ hardware }: Inside, requesters: readonly number[]): number {
  hardware.closeStreams();
  for (const requester of requesters) {
    const stream = hardware.openStream(requester);
    for (const line of range(0, 8)) hardware.append(stream, line, 63, 0n);
    hardware.endStream(stream);
  }
  expect(hardware.runQuanta((hardware.quantum() + 1n) * BigInt(QUANTUM_NS))).toBe(0);
  return hardware.heldRequests();
}
