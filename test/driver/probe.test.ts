// Probing: what is read in which order, and what the driver makes of it.

import { describe, expect, test } from "vitest";
import { Driver, type DriverOptions } from "../../src/driver/index.ts";
import {
  PROBE,
  PROBE_ALL_ZERO,
  PROBE_ESR_LOW,
  PROBE_EXT_CLEAR,
  PROBE_EXTD_ESR_OF_FIRST,
  PROBE_EXTD_ESR_OF_FIRST_LINUX_7_3,
  PROBE_HOLES,
  PROBE_UNKNOWN_NARROWING,
  PROBE_V10,
} from "../golden/driver-sequences.ts";
import {
  CACHE_RIS,
  EXT,
  type FakeMachine,
  idr,
  idrHigh,
  MEMORY_RIS,
  machineWith,
  type PartOptions,
} from "./machine.ts";

/** The driver on these parts, and each MSC's accesses up to the first write of MPAMF_ECR: probing is over then. */
async function probed(
  parts: readonly PartOptions[],
  prepare: (machine: FakeMachine) => void = () => {},
  options: Pick<DriverOptions, "compat"> = {},
) {
  const { machine, firmware } = machineWith(parts);
  prepare(machine);
  const driver = await Driver.probe(machine, { firmware, ...options });
  const probing = machine.pages.map(({ accesses }) => {
    const end = accesses.findIndex((access) => access.startsWith("W 0x0f0"));
    return accesses.slice(0, end);
  });
  return { driver, machine, probing };
}

/** Every control, both monitor types, and narrowing to 6 intPARTIDs. */
const FULL_RIS = {
  0: idr(24, 25, 26, 27, EXT, 30, 31),
  4: idrHigh(1),
  48: 40,
  56: 0xb000_0508, // SOFTLIM, CMIN, CASSOC; CASSOC_WD 5, CMAX_WD 8
  64: 0x0021_3c14, // BWPBM_WD 33; PROP, PBM, MAX, MIN; BWA_WD 20, of which 16 can be
  72: 0x0041_0033, // DSPRI 4 bits, 0 is high; INTPRI 3 bits, 0 is low
  80: 5,
  128: 0x0003_0000,
  136: 0x2000_0004,
  144: 0x5000_0009, // RWBW, long, 44 bits
};
const PORTIONS_RIS = { 0: idr(25, EXT), 4: idrHigh(1), 48: 40 };

describe("the sequence", () => {
  test("a part of version 1.1 is read as Linux reads it, and a stale error is cleared high half first", async () => {
    const parts = [{ ris: [FULL_RIS, PORTIONS_RIS] }];
    const { probing, machine } = await probed(parts, ({ pages }) => pages[0]!.set(0xf8, 0x0100_0005));
    expect(probing[0]).toEqual(PROBE);
    expect(machine.pages[0]!.accesses[PROBE.length]).toBe("W 0x0f0 0x00000001");
  });

  test("a part of version 1.0 has one word of MPAMF_IDR and one RIS", async () => {
    const { probing } = await probed([{ aidr: 0x10, ris: [{ 0: idr(25), 48: 8 }] }]);
    expect(probing[0]).toEqual(PROBE_V10);
  });

  const stale = ({ pages }: FakeMachine): void => pages[0]!.set(0xf8, 0x0100_0005);
  const noMonitors = { 0: idr(25, EXT), 4: 0xc1, 48: 8 };
  const sequences = [
    [
      "MPAMF_IDR of one word in version 1.1",
      [{ 0: idr(25, 30), 48: 8, 128: 0x3_0000, 136: 4, 144: 4 }],
      stale,
      PROBE_EXT_CLEAR,
    ],
    ["an MPAMF_ESR of 32 bits beside two words of MPAMF_IDR", [{ ...noMonitors, 4: 0x80 }], stale, PROBE_ESR_LOW],
    [
      "RIS with a hole between them",
      [
        { 0: idr(25, EXT), 4: idrHigh(3), 48: 8 },
        { 0: idr(EXT), 4: idrHigh(3) },
        { 0: idr(26, EXT, 30), 4: idrHigh(3), 64: 0x807, 128: 0x2_0000, 144: 4 },
        { 0: idr(EXT, 30), 4: idrHigh(3), 128: 0x1_0000, 136: 4 },
      ],
      () => {},
      PROBE_HOLES,
    ],
    [
      "every feature, and none of it wide",
      [{ 0: idr(24, 25, 26, 27, EXT, 30, 31), 4: 0xc0, 128: 0x3_0000 }],
      () => {},
      PROBE_ALL_ZERO,
    ],
    [
      "two RIS of which the first has the high half of MPAMF_ESR",
      [
        { 0: idr(25, EXT), 4: idrHigh(1), 48: 8 },
        { 0: idr(25, EXT), 4: 0x0100_0081, 48: 8 },
      ],
      stale,
      PROBE_EXTD_ESR_OF_FIRST,
    ],
  ] as const;
  for (const [what, ris, prepare, expected] of sequences) {
    test(what, async () => {
      const { probing } = await probed([{ ris }], prepare);
      expect(probing[0]).toEqual(expected);
    });
  }

  test("as Linux 7.3: the last RIS says whether MPAMF_ESR has a high half", async () => {
    const { probing } = await probed([{ ris: sequences[4][1] }], stale, { compat: "linux-7.3" });
    expect(probing[0]).toEqual(PROBE_EXTD_ESR_OF_FIRST_LINUX_7_3);
  });

  test("narrowing of a RIS that firmware does not describe is not looked at", async () => {
    const ris = { 0: idr(25, EXT, 31), 4: 0xc0, 48: 8 };
    const { probing } = await probed([{ ris: [ris], firmware: { resources: [] } }]);
    expect(probing[0]).toEqual(PROBE_UNKNOWN_NARROWING);
  });

  test("an error without a high half is cleared without touching it", async () => {
    const parts = [{ aidr: 0x10, ris: [{ 0: idr(25), 48: 8 }] }];
    const { probing } = await probed(parts, ({ pages }) => pages[0]!.set(0xf8, 0x0100_0005));
    expect(probing[0]!.slice(-2)).toEqual(["R 0x0f8", "W 0x0f8 0x00000000"]);
  });

  test("a hole at the end of the RIS range does not hide the high half of MPAMF_ESR", async () => {
    const hole = { 0: idr(EXT), 4: 0x0100_0000 };
    const parts = [{ ris: [{ ...CACHE_RIS, 4: idrHigh(1) }, hole], firmware: { resources: [] } }];
    const { probing } = await probed(parts, ({ pages }) => pages[0]!.set(0xf8, 0x0100_0005));
    expect(probing[0]).toContain("W 0x0fc 0x00000000");
  });

  for (const aidr of [0x01, 0x10, 0x11, 0x1f, 0xff11]) {
    test(`MPAMF_AIDR 0x${aidr.toString(16)} is accepted`, async () => {
      const { driver } = await probed([{ aidr, ris: [CACHE_RIS] }]);
      expect(driver.enabled).toBe(true);
    });
  }

  for (const aidr of [0x00, 0x20, 0xf1]) {
    test(`MPAMF_AIDR 0x${aidr.toString(16)} is refused with EIO, and nothing else is read`, async () => {
      const { machine, firmware } = machineWith([{ aidr, ris: [CACHE_RIS] }]);
      await expect(Driver.probe(machine, { firmware })).rejects.toMatchObject({ code: "EIO" });
      expect(machine.pages[0]!.accesses).toEqual(["R 0x020"]);
      expect(machine.parts.has("driver")).toBe(false);
    });
  }
});

describe("features", () => {
  test("each ID register gives what it says", async () => {
    const { driver } = await probed([{ ris: [FULL_RIS] }]);
    const { props } = driver.classes[0]!;
    expect(props).toEqual({
      features: new Set([
        ...["cmax_softlim", "cmax_cmax", "cmax_cmin", "cmax_cassoc", "cpor_part", "mbw_part", "mbw_max", "mbw_min"],
        ...["mbw_prop", "intpri_part", "intpri_part_0_low", "dspri_part", "msmon_csu", "msmon_csu_xcl", "msmon_mbwu"],
        ...["msmon_mbwu_rwbw", "msmon_mbwu_44counter", "partid_nrw"],
      ]),
      ...{ cpbmWd: 40, mbwPbmBits: 33, bwaWd: 16, cmaxWd: 8, cassocWd: 5, intpriWd: 3, dspriWd: 4 },
      ...{ numCsuMon: 4, numMbwuMon: 9 },
    });
  });

  test("a control of width 0 is none, and NO_CMAX means no CMAX", async () => {
    const ris = { 0: idr(24, 25, 26, EXT, 30), 4: idrHigh(0), 56: 0x4000_0008, 64: 0xc00, 128: 0x3_0000 };
    const { driver } = await probed([{ ris: [ris] }]);
    expect(driver.classes[0]!.props.features).toEqual(new Set());
  });

  for (const [mbwumon, feature] of [
    [0x0000_0001, "msmon_mbwu_31counter"],
    [0x2000_0001, "msmon_mbwu_31counter"],
    [0x4000_0001, "msmon_mbwu_44counter"],
    [0x6000_0001, "msmon_mbwu_63counter"],
  ] as const) {
    test(`MPAMF_MBWUMON_IDR 0x${mbwumon.toString(16)} is ${feature}`, async () => {
      const { driver } = await probed([{ ris: [{ ...MEMORY_RIS, 144: mbwumon }] }]);
      expect(driver.classes[0]!.props.features).toContain(feature);
    });
  }

  test("RIS that firmware does not describe are of the class unknown, which no narrowing narrows", async () => {
    const narrowed = { ...FULL_RIS, 80: 2 };
    const firmware = { resources: [{ ris: 1, kind: "cache", id: 1 }] } as const;
    const { driver } = await probed([{ ris: [narrowed, PORTIONS_RIS], firmware }]);
    expect(driver.classes.map(({ type, level }) => [type, level])).toEqual([
      ["cache", 3],
      ["unknown", 0],
    ]);
    expect(driver.partidMax).toBe(7);
    expect(driver.classes[1]!.props.features).not.toContain("partid_nrw");
  });

  test("a monitor that needs time firmware does not give is said to", async () => {
    const parts = [{ ris: [CACHE_RIS], firmware: { nrdyUsec: 0 } }];
    const { driver } = await probed(parts, ({ pages }) => {
      pages[0]!.monitorValue = (_ris, _mon, offset) => (offset === 0x840 ? 0x8000_0000 : undefined);
    });
    expect(driver.log.map(({ text }) => text)).toContainEqual(expect.stringContaining("need time to settle"));
  });
});

describe("limits", () => {
  test("PARTIDs and PMGs are those that the cpus, every MSC and every RIS have", async () => {
    const small = { ...CACHE_RIS, 0: ((CACHE_RIS[0]! & 0xff00_0000) | 0x0002_0005) >>> 0 };
    const { driver } = await probed([{ ris: [CACHE_RIS] }, { ris: [small] }]);
    expect([driver.partidMax, driver.pmgMax]).toEqual([5, 1]);
    const uneven = [
      { ...CACHE_RIS, 4: idrHigh(1) },
      { ...CACHE_RIS, 0: idr(EXT) & 0xff00_fffe, 4: idrHigh(1) },
    ];
    const { driver: least } = await probed([{ ris: uneven }]);
    expect([least.partidMax, least.pmgMax]).toEqual([6, 0]);
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
    Object.assign(machine.processor, { partidMax: 3, pmgMax: 0 });
    const poor = await Driver.probe(machine, { firmware });
    expect([poor.partidMax, poor.pmgMax]).toEqual([3, 0]);
  });

  test("PARTID narrowing leaves as many PARTIDs as there are intPARTIDs", async () => {
    const { driver } = await probed([{ ris: [FULL_RIS, PORTIONS_RIS] }]);
    expect(driver.partidMax).toBe(5);
  });
});

describe("classes and components", () => {
  test("slices of one cache are one component, caches of one level one class, sorted whatever firmware's order", async () => {
    const cache = (id: number) => [{ ris: 0, kind: "cache" as const, id }];
    const memory = (id: number) => [{ ris: 0, kind: "memory" as const, id }];
    const { driver } = await probed([
      { ris: [MEMORY_RIS], firmware: { resources: memory(1), nrdyUsec: 3 } },
      { ris: [CACHE_RIS], firmware: { resources: cache(2) } },
      { ris: [CACHE_RIS], firmware: { resources: cache(1), nrdyUsec: 50 } },
      { ris: [CACHE_RIS], firmware: { resources: cache(1) } },
      { ris: [CACHE_RIS], firmware: { resources: cache(7) } },
    ]);
    const shape = driver.classes.map(({ type, level, nrdyUsec, affinity, components }) => ({
      ...{ type, level, nrdyUsec, affinity: [...affinity].sort() },
      components: components.map((one) => [one.id, [...one.affinity]]),
    }));
    expect(shape).toEqual([
      { type: "cache", level: 2, nrdyUsec: 10, affinity: [0], components: [[7, [0]]] },
      {
        ...{ type: "cache", level: 3, nrdyUsec: 50, affinity: [0, 1, 2, 3] },
        components: [
          [1, [0, 1]],
          [2, [2, 3]],
        ],
      },
      { type: "memory", level: 255, nrdyUsec: 3, affinity: [2, 3], components: [[1, [2, 3]]] },
    ]);
  });

  test("a component's cpus are those that reach its MSC", async () => {
    const firmware = { cpus: new Set([1, 2]), errorInterrupt: 0 };
    const { driver } = await probed([{ ris: [CACHE_RIS], firmware }]);
    expect([...driver.classes[0]!.affinity]).toEqual([1]);
  });
});

describe("firmware that Linux would refuse", () => {
  const cases = [
    ["no MSC", [], "EINVAL", "no MSC"],
    ["an MSC no cpu reaches", [{ cpus: new Set<number>() }], "EINVAL", "no cpu"],
    ["an MSC behind a channel that is not there", [{ interface: "pcc", subspace: 2 }], "ENODEV", "PCC subspace 2"],
    ["a shared error interrupt that not every cpu can serve", [{ cpus: new Set([0, 1]) }], "EINVAL", "shared"],
    ["two MSCs of one id", [{}, { id: 0 }], "EINVAL", "twice"],
    ["a cache that is not there", [{ resources: [{ ris: 0, kind: "cache", id: 9 }] }], "ENOENT", "cache 9"],
    ["RIS 16", [{ resources: [{ ris: 16, kind: "memory", id: 0 }] }], "EINVAL", "RIS 16"],
    [
      "one RIS described twice",
      [{ resources: [0, 1].map((id) => ({ ris: 0, kind: "memory", id })) }],
      "EBUSY",
      "RIS 0 twice",
    ],
  ] as const;
  for (const [what, mscs, code, says] of cases) {
    test(`${what}: ${code}, and no register is touched`, async () => {
      const parts = mscs.map((firmware) => ({ ris: [CACHE_RIS], firmware }) as PartOptions);
      const { machine, firmware } = machineWith(parts);
      const refused = Driver.probe(machine, { firmware });
      await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
      for (const page of machine.pages) expect(page.accesses).toEqual([]);
    });
  }

  test("a private error interrupt may be one that not every cpu can serve", async () => {
    const { driver } = await probed([{ ris: [CACHE_RIS], firmware: { cpus: new Set([0, 1]), errorInterrupt: 23 } }]);
    expect(driver.enabled).toBe(true);
  });
});
