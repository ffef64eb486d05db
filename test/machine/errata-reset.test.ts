// An MSC that loses its registers: everything that software can see or set is as at power-on, and nothing else changes.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf, wordOf } from "../golden/registers.ts";
import { cacheConfig, type MscSubject, type Space, type SubjectConfig } from "../helpers/subject.ts";
import { decoded, resetDifferences, spacesOf } from "../helpers/words.ts";
import { Bare, type Build } from "./hardware.ts";
import { FakeTrace } from "./traces.ts";

const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");
const ECR = offsetOf("MPAMF_ECR");
const ESR = offsetOf("MPAMF_ESR");
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const SPACES: { readonly [space in Space]: number } = { s: 0, ns: 1, rt: 2, rl: 3 };

const MONITORS = { monitors: 4, capture: true, ofsr: true, cevntOflw: true, oflowCapt: true, oflowLnkg: true } as const;

/** Parts that between them have everything. */
const CONFIGS: readonly (readonly [string, SubjectConfig])[] = [
  [
    "translation, enables, defaults, messages and four spaces",
    cacheConfig({
      spaces: {
        ns: { partidMax: 31, pmgMax: 3 },
        s: { partidMax: 15, pmgMax: 1 },
        rt: { partidMax: 7, pmgMax: 1 },
        rl: { partidMax: 7, pmgMax: 1 },
      },
      endis: { nfu: "poison" },
      inTl: { partidMax: 20, direct: true, baseMask: true },
      outTl: { partidMax: 20, direct: true, baseMask: true },
      defaultPartid: true,
      errorStyle: "edge",
      errMsi: true,
      oflwMsi: true,
      oflowSr: true,
      localCaptEvnt: true,
      captEvents: [1, 2],
      resetFill: 0x1234_5678,
      nrdyUsec: 5,
      ris: [
        {
          ris: 0,
          cpor: { cpbmWd: 40 },
          ccap: { cmaxWd: 8, cmaxSoftlim: true, cmin: true, cassocWd: 4 },
          mbw: { bwaWd: 8, min: true, prop: true, bwpbmWd: 40, windwr: true },
          pri: { intpriWd: 4, dspriWd: 4 },
          csu: { ...MONITORS, xcl: true },
          mbwu: { ...MONITORS, counter: 63, rwbw: true, scale: 3 },
        },
        { ris: 2, mbwu: { ...MONITORS, counter: 44, nrdy: "hw" }, csu: { monitors: 2, nrdy: "sw" } },
      ],
    }),
  ],
  ["narrowing and level interrupts", cacheConfig({ partidNrw: { intPartidMax: 7 } })],
];

function platformFor(config: SubjectConfig) {
  const { kind: _, sets = 1, ways = 1, processor, ...features } = config;
  const cache = { level: 3, id: 0, bytes: sets * ways * 64, ways, msc: { ...features, base: 0x4000_0000 } };
  return checkObject(
    { name: "lost", cpus: 1, processor, caches: [cache], memory: [{ bytes: "1 GiB", bytesPerSecond: 1e9 }] },
    "lost",
  );
}

/** What the walk over all words needs of a subject. */
function pageOf(bare: Bare): MscSubject {
  return {
    read32: (offset: number, space: Space = "ns") => bare.hardware.read32(0, offset, SPACES[space]),
    write32: (offset: number, value: number, space: Space = "ns") =>
      bare.hardware.write32(0, offset, value, SPACES[space]),
  } as MscSubject;
}

describe.each(CONFIGS)("an MSC with %s that loses its registers", (_, config) => {
  test.each(["plain", "shared"] satisfies Build[])("has them all as at power-on, in the %s build", async (build) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            space: fc.constantFrom(...spacesOf(config)),
            offset: fc.constantFrom(...decoded(config, "ns")),
            value: fc.oneof(
              fc.nat({ max: 0xffff_ffff }),
              fc.nat({ max: 40 }),
              fc.constantFrom(0x0001_0003, 0x0200_0001),
            ),
          }),
          { minLength: 1500, maxLength: 3000 },
        ),
        async (writes) => {
          const bare = await Bare.powerOn(build, platformFor(config));
          const page = pageOf(bare);
          for (const { offset, value, space } of writes) page.write32(offset, value, space);
          bare.hardware.clearEvents();
          bare.hardware.resetMsc(0);
          bare.hardware.clearEvents();
          for (const space of spacesOf(config)) expect(resetDifferences(page, config, space)).toEqual([]);
        },
      ),
      { numRuns: 6 },
    );
  });
});

const MSC = { version: "1.1", errorInterrupt: 3, overflowInterrupt: 4, cpor: { cpbmWd: 4 } } as const;

function twoMscs(): Promise<Machine> {
  return Machine.create(
    checkObject(
      {
        name: "two",
        cpus: 1,
        processor: { partidMax: 3, pmgMax: 1 },
        quantumNs: 100,
        caches: [
          {
            ...{ level: 3, bytes: 256 * 64, ways: 4 },
            msc: { ...MSC, base: 0x4000_0000, csu: { monitors: 1 }, mbwu: { monitors: 2, counter: 31 } },
          },
        ],
        memory: [
          { bytes: "1 GiB", bytesPerSecond: 1e9, msc: { base: 0x5000_0000, mbwu: { monitors: 1, counter: 63 } } },
        ],
      },
      "two",
    ),
  );
}

const reads = (name: string, first: number, count: number) =>
  new FakeTrace(
    name,
    Array.from({ length: count }, (_, i) => ({ time: i, address: (first + i) * 64, bytes: 64, op: 0, requester: 0 })),
    { addressRule: "identity" },
  );

test("wires that it holds up are released, and a monitor that was armed raises nothing more", async () => {
  const machine = await twoMscs();
  const heard: string[] = [];
  machine.onInterrupt(({ kind, msc, level }) => heard.push(`${kind} ${msc} ${level}`));
  machine.write32(0, ECR, 1);
  machine.write32(0, PART_SEL, 100);
  for (const mon of [0, 1]) {
    machine.write32(0, MON_SEL, mon);
    machine.write32(0, CTL, wordOf("MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_INTR: 1, OFLOW_STATUS: mon }));
  }
  machine.write32(0, MON_SEL, 0);
  machine.write32(0, MBWU, 0x7fff_ff00);
  machine.inside.hardware.resetMsc(0);
  // Interrupts of the loss itself wait for the next look, as those of any call.
  machine.read32(0, ESR);
  expect(heard).toEqual(["error 0 1", "overflow 0 1", "overflow 0 0", "error 0 0"]);
  await machine.replay([reads("on", 0, 200)]);
  expect(heard.length).toBe(4);
  expect(machine.read32(0, MBWU)).toBe(0);
});

test("settings let go of traffic from the next edge; lines keep their labels, and other MSCs their registers", async () => {
  const machine = await twoMscs();
  machine.write32(0, CPBM, 0b0001);
  machine.write32(1, CTL, wordOf("MSMON_CFG_MBWU_CTL", { EN: 1 }));
  await machine.replay([reads("confined", 0, 256)]);
  const held = () => machine.statistics()[0]?.bytesHeld;
  expect(held()).toBe(64 * 64);
  machine.inside.hardware.resetMsc(0);
  expect(held()).toBe(64 * 64);
  expect(machine.read32(1, MBWU)).toBe(256 * 64);
  await machine.replay([reads("free", 256, 256)]);
  expect(held()).toBe(256 * 64);
  expect(machine.read32(1, MBWU)).toBe(512 * 64);
});

test("a monitor set up anew counts from where it is set up", async () => {
  const machine = await twoMscs();
  const enable = () => machine.write32(0, CTL, wordOf("MSMON_CFG_MBWU_CTL", { EN: 1 }));
  enable();
  await machine.replay([reads("before", 0, 100)]);
  expect(machine.read32(0, MBWU)).toBe(6400);
  machine.inside.hardware.resetMsc(0);
  await machine.replay([reads("unseen", 1000, 50)]);
  enable();
  await machine.replay([reads("after", 2000, 7)]);
  expect(machine.read32(0, MBWU)).toBe(7 * 64);
});

test("an MSC that there is not is nothing to lose", async () => {
  const machine = await twoMscs();
  const before = machine.snapshot();
  machine.inside.hardware.resetMsc(7);
  expect(Buffer.compare(machine.snapshot(), before)).toBe(0);
});
