// An erratum has two halves: what the part does wrong, and what the driver does about it. Together traffic and counts are right; with
// one of them alone they are not. The part has it by `errata`, the driver knows it by `iidr` (and the SoC): docs/modelled.md, "Errata".

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject, type Erratum } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { FakeTrace, type Row, thread } from "../machine/traces.ts";

const T241 = { iidr: 0x2410_036b, socId: 0x036b_0241 } as const;
const CMN_650 = { iidr: 0x0000_043b, socId: 0 } as const;
/** Parts of somebody else, which the driver takes at their word. */
const OTHER = { iidr: 0x0000_0000, socId: 0 } as const;

const NS = 1;
const MBW_MIN = offsetOf("MPAMCFG_MBW_MIN");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");

interface Halves {
  /** What the part does wrong. */
  readonly errata: readonly Erratum[];
  /** What the driver takes it for. */
  readonly iidr: number;
  readonly socId: number;
}

interface Running {
  readonly machine: Machine;
  readonly driver: Driver;
  readonly fs: Resctrl;
}

/** One thread: `count` reads of a line each, all at once, from line `first` on. */
function reads(count: number, first = 0): FakeTrace {
  const rows: Row[] = Array.from({ length: count }, (_, at) => ({
    ...{ time: 0, address: (first + at) * 64, bytes: 64, op: 0, requester: 0 },
  }));
  return new FakeTrace(`${count} from ${first}`, rows, { requesters: [thread(1000)] });
}

async function booted(platform: object, socId: number): Promise<Pick<Running, "machine" | "driver">> {
  const processor = { partidMax: 3, pmgMax: 1, outstanding: 64 };
  const machine = await Machine.create(
    checkObject({ name: "halves", cpus: 2, socId, processor, ...platform }, "halves"),
  );
  return { machine, driver: await Driver.probe(machine) };
}

/** With a group "web" of PARTID 1. */
async function running(platform: object, socId: number): Promise<Running> {
  const { machine, driver } = await booted(platform, socId);
  const fs = await Resctrl.mount(driver);
  await fs.mkdir("web");
  return { machine, driver, fs };
}

/** The thread of a trace is of group "web". */
async function inWeb({ machine, fs }: Running, trace: FakeTrace): Promise<FakeTrace> {
  for (const { tid } of machine.addTasks(trace)) await fs.writeFile("web/tasks", `${tid}\n`);
  return trace;
}

describe("T241-MPAM-6, counters of units of 64 bytes", () => {
  const BYTES = "web/mon_data/mon_L3_00/mbm_total_bytes";
  const HALVES: readonly [string, Halves, (bytes: number) => number][] = [
    ["both halves: bytes", { ...T241, errata: ["T241-MPAM-6"] }, (bytes) => bytes],
    ["a part that counts bytes: 64 times as many", { ...T241, errata: [] }, (bytes) => bytes * 64],
    ["a driver that does not know it: units", { ...OTHER, errata: ["T241-MPAM-6"] }, (bytes) => bytes / 64],
    ["neither: bytes", { ...OTHER, errata: [] }, (bytes) => bytes],
  ];

  function counting({ errata, iidr }: Halves, counter: 31 | 44 | 63, different: object = {}): object {
    const monitors = { cpor: { cpbmWd: 16 }, mbwu: { monitors: 4, counter } };
    const msc = { base: 0x1_0000_0000, iidr, errata, ...monitors, ...different };
    return {
      caches: [{ level: 3, bytes: "1 MiB", ways: 16, msc }],
      memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
    };
  }

  describe.each([31, 44, 63] as const)("of %i bits", (counter) => {
    test.each(HALVES)("%s", async (_, halves, shown) => {
      const web = await running(counting(halves, counter), halves.socId);
      await web.machine.replay([await inWeb(web, reads(100))]);
      expect(await web.fs.readFile(BYTES)).toBe(`${shown(100 * 64)}\n`);
      await web.machine.replay([await inWeb(web, reads(23, 1000))]);
      expect(await web.fs.readFile(BYTES)).toBe(`${shown(123 * 64)}\n`);
    });
  });

  // 2^31 units are 128 GiB, 2^31 bytes are 2 GiB. The counter is put before its end, as after long traffic, and 16 lines follow.
  test.each([
    ["both halves", HALVES[0]![1], 2 ** 31 - 6, 2 ** 31 * 64 + 10 * 64],
    ["a part that counts bytes", HALVES[1]![1], 2 ** 31 - 24, (2 ** 31 + 1000) * 64],
    ["a driver that does not know it", HALVES[2]![1], 2 ** 31 - 6, 2 ** 31 + 10],
    ["neither", HALVES[3]![1], 2 ** 31 - 24, 2 ** 31 + 1000],
  ])("what an overflow adds: %s", async (_, halves, before, bytes) => {
    const web = await running(counting(halves, 31), halves.socId);
    expect(await web.fs.readFile(BYTES)).toBe("0\n");
    // The monitor that was read last is selected.
    web.machine.write32(0, offsetOf("MSMON_MBWU"), before);
    await web.machine.replay([await inWeb(web, reads(16))]);
    expect(await web.fs.readFile(BYTES)).toBe(`${bytes}\n`);
  });

  test.each([
    ["both halves", HALVES[0]![1], 100 * 64],
    ["a driver that does not know it", HALVES[2]![1], 100],
  ])("a count survives a part that loses its registers: %s", async (_, halves, shown) => {
    const platform = counting(halves, 44, { power: "lost", cpus: [1] });
    const { machine, driver } = await booted(platform, halves.socId);
    const request = { type: "mbwu", mon: 0, partid: 0, pmg: 0, matchPmg: true } as const;
    const l3 = driver.classes[0]!.components[0]!;
    expect(await driver.readMonitor(l3, request)).toBe(0n);
    await machine.replay([reads(100)]);
    expect(await driver.readMonitor(l3, request)).toBe(BigInt(shown));
    await machine.cpu(1).offline();
    expect(machine.read32(0, offsetOf("MSMON_MBWU_L"))).toBe(0);
    await machine.cpu(1).online();
    expect(await driver.readMonitor(l3, request)).toBe(BigInt(shown));
    await machine.replay([reads(100, 1000)]);
    expect(await driver.readMonitor(l3, request)).toBe(2n * BigInt(shown));
  });
});

/** One channel of 640 bytes a quantum of a microsecond, ten lines, behind an L3 of which nothing is read twice. */
function limited({ errata, iidr, socId }: Halves): Promise<Running> {
  const msc = { base: 0x1_0000_0000, iidr, errata, mbw: { bwaWd: 8, min: true } };
  const platform = {
    quantumNs: 1000,
    caches: [{ level: 3, bytes: "4 KiB", ways: 4 }],
    memory: [{ bytes: "1 GiB", bytesPerSecond: 640e6, msc }],
  };
  return running(platform, socId);
}

/** Lines that group "web" gets in a hundred quanta, and those of a thread of the default group, when both always want more. */
async function served(web: Running, who: "alone" | "both"): Promise<number[]> {
  const { machine } = web;
  const traces = [await inWeb(web, reads(3000))];
  if (who === "both") traces.push(reads(3001));
  await machine.replay(traces, { timing: "closed", until: 100_000 });
  return traces.map((_, at) => {
    const label = machine.statistics().find(({ partid }) => partid === 1 - at);
    return (label?.bytesRead ?? 0) / 64;
  });
}

/** MBW_MAX and MBW_MIN of a PARTID as they act, and as they read back. */
function settings({ machine }: Running, partid: number): { acting: number[]; read: number[] } {
  machine.write32(0, offsetOf("MPAMCFG_PART_SEL"), partid);
  return {
    acting: [MBW_MAX, MBW_MIN].map((offset) => machine.inside.hardware.readSetting(0, NS, 0, partid, offset)),
    read: [MBW_MAX, MBW_MIN].map((offset) => machine.read32(0, offset)),
  };
}

describe("T241-MPAM-4, the minimum acts where the maximum should", () => {
  // MB=50 is MBW_MAX 0x7f00. The driver's MBW_MIN is 0x0ccb less, 0x7235, of which 0x72 stays: as a limit 115 of 256 parts.
  const both: Halves = { ...T241, errata: ["T241-MPAM-4"] };

  // 640 bytes times (MIN + 1) / 256 times a hundred quanta, in whole lines.
  test.each([
    // 256 parts: 0xff00 - 0x0ccb is 0xf235, 243 of 256, 607.5 bytes a quantum.
    [100, 0xf200, 949],
    [50, 0x7200, 449],
    // 26 parts: 0x1900 - 0x0ccb is 0x0c35, 13 of 256, 32.5 bytes.
    [10, 0x0c00, 50],
    // 3 parts: 0x0200 is less than what is taken away, and the least step stays, 2 of 256, 5 bytes.
    [1, 0x0100, 7],
  ])("both halves: %i percent is a limit, five percent below", async (percent, min, lines) => {
    const web = await limited(both);
    await web.fs.writeFile("web/schemata", `MB:0=${percent}\n`);
    expect(settings(web, 1).acting[1]).toBe(min);
    expect(await served(web, "alone")).toEqual([lines]);
  });

  test("both halves: what one does not get another does", async () => {
    const web = await limited(both);
    await web.fs.writeFile("web/schemata", "MB:0=50\n");
    // As a minimum 0x72 is 114 parts of 256: 285 bytes of 640 a quantum. The other has the rest, as its minimum is more than that.
    expect(await served(web, "both")).toEqual([445, 554]);
  });

  test("a part that goes by MBW_MAX: alone, a soft limit is none; beside others it has its minimum and no more", async () => {
    const halves: Halves = { ...T241, errata: [] };
    const web = await limited(halves);
    await web.fs.writeFile("web/schemata", "MB:0=50\n");
    expect(await served(web, "alone")).toEqual([1000]);
    const again = await limited(halves);
    await again.fs.writeFile("web/schemata", "MB:0=50\n");
    expect(await served(again, "both")).toEqual([445, 554]);
  });

  test("neither: half is half", async () => {
    const web = await limited({ ...OTHER, errata: [] });
    await web.fs.writeFile("web/schemata", "MB:0=50\n");
    expect(await served(web, "both")).toEqual([500, 500]);
  });

  test.each([100, 50])("a driver that does not know it: %i percent is next to nothing", async (percent) => {
    const web = await limited({ ...OTHER, errata: ["T241-MPAM-4"] });
    await web.fs.writeFile("web/schemata", `MB:0=${percent}\n`);
    // MBW_MIN is 0, which leaves a step: 2.5 bytes a quantum.
    expect(settings(web, 1).acting[1]).toBe(0);
    expect(await served(web, "alone")).toEqual([3]);
  });

  test("who knows it keeps MBW_MIN to itself", async () => {
    const features = async (halves: Halves) => (await limited(halves)).driver.classes[0]!.props.features;
    expect(await features(both)).not.toContain("mbw_min");
    expect(await features({ ...OTHER, errata: ["T241-MPAM-4"] })).toContain("mbw_min");
  });
});

describe("T241-MPAM-1, settings that wait until they are scrubbed", () => {
  const both: Halves = { ...T241, errata: ["T241-MPAM-1", "T241-MPAM-4"] };
  /** What the driver writes for 50 percent, and what there is at power-on. */
  const HALF = [0x7f00, 0x7200];
  const ALL = [0xff00, 0xff00];

  async function halved(halves: Halves): Promise<Running> {
    const web = await limited(halves);
    await web.fs.writeFile("web/schemata", "MB:0=50\n");
    return web;
  }

  test("both halves: they act", async () => {
    const web = await halved(both);
    expect(web.driver.parts.mscs[0]!.quirks).toContain("scrub_shadow_regs");
    expect(settings(web, 1)).toEqual({ acting: HALF, read: HALF });
    expect(await served(web, "alone")).toEqual([449]);
  });

  test("both halves: so does what is taken back", async () => {
    const web = await halved(both);
    await web.fs.writeFile("web/schemata", "MB:0=100\n");
    expect(settings(web, 1).acting).toEqual([0xff00, 0xf200]);
    expect(await served(web, "alone")).toEqual([949]);
  });

  test("both halves, and MBW_MAX acts as it should: beside others it has its minimum", async () => {
    const web = await halved({ ...T241, errata: ["T241-MPAM-1"] });
    expect(await served(web, "both")).toEqual([445, 554]);
  });

  test.each([
    ["takes it for another chip", { ...both, socId: 0x036b_0242 }],
    ["takes it for another part", { ...both, iidr: 0x2411_036b }],
  ])("a driver that %s does not notice that they wait", async (_, halves) => {
    const web = await halved(halves);
    const { acting, read } = settings(web, 1);
    expect([acting, read[0]]).toEqual([ALL, HALF[0]]);
    expect(await web.fs.readFile("web/schemata")).toBe("MB:0=50\n");
    expect(web.driver.log.filter(({ level }) => level !== "info")).toEqual([]);
    // All ones limit nothing.
    expect(await served(web, "alone")).toEqual([1000]);
  });

  test("a part whose settings act at once has no such window: the driver sees that, and nothing is different", async () => {
    const web = await halved({ ...T241, errata: ["T241-MPAM-4"] });
    expect(web.driver.parts.mscs[0]!.quirks).toEqual(expect.not.arrayContaining(["scrub_shadow_regs"]));
    expect(web.driver.log.filter(({ level }) => level !== "info")).toEqual([]);
    expect(settings(web, 1)).toEqual({ acting: HALF, read: HALF });
    expect(await served(web, "alone")).toEqual([449]);
  });
});

describe("CMN-650-3642720, monitors that never say they are ready", () => {
  const OCCUPANCY = "web/mon_data/mon_L3_00/llc_occupancy";
  const NRDY_NS = 10_000;
  const both: Halves = { ...CMN_650, errata: ["CMN-650-3642720"] };

  function monitored({ errata, iidr, socId }: Halves, nrdyUsec = NRDY_NS / 1000): Promise<Running> {
    const msc = { base: 0x1_0000_0000, iidr, errata, nrdyUsec, cpor: { cpbmWd: 16 }, csu: { monitors: 1, nrdy: "hw" } };
    const platform = {
      caches: [{ level: 3, bytes: "1 MiB", ways: 16, msc }],
      memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
    };
    return running(platform, socId);
  }

  /** What a file says, and how long that took. */
  async function read({ machine, fs }: Running): Promise<[string, number]> {
    const before = machine.clock.now;
    const text = await fs.readFile(OCCUPANCY);
    return [text, machine.clock.now - before];
  }

  test("both halves: what is held, each time after the time that firmware says", async () => {
    const running = await monitored(both);
    await running.machine.replay([await inWeb(running, reads(100))]);
    for (const _ of [1, 2, 3]) expect(await read(running)).toEqual(["6400\n", NRDY_NS]);
    await running.machine.replay([await inWeb(running, reads(20, 500))]);
    expect(await read(running)).toEqual(["7680\n", NRDY_NS]);
    expect(running.driver.log.filter(({ level }) => level !== "info")).toEqual([]);
  });

  test("both halves, where firmware says no time: at once, and the log has that it should", async () => {
    const running = await monitored(both, 0);
    await running.machine.replay([await inWeb(running, reads(100))]);
    expect(await read(running)).toEqual(["6400\n", 0]);
    expect(running.driver.log.map(({ level }) => level)).toEqual(["warning", "info"]);
  });

  test("a part that says when it is ready: waited for once; but if it never is, it is believed all the same", async () => {
    const running = await monitored({ ...CMN_650, errata: [] });
    await running.machine.replay([await inWeb(running, reads(100))]);
    expect(await read(running)).toEqual(["6400\n", NRDY_NS]);
    expect(await read(running)).toEqual(["6400\n", 0]);
    running.machine.faults.add({ kind: "nrdy-stuck", msc: 0 });
    expect(await read(running)).toEqual(["6400\n", NRDY_NS]);
  });

  test("a driver that does not know it: no number, however often it is asked", async () => {
    const running = await monitored({ ...OTHER, errata: ["CMN-650-3642720"] });
    await running.machine.replay([await inWeb(running, reads(100))]);
    for (const _ of [1, 2, 3]) expect(await read(running)).toEqual(["Unavailable\n", NRDY_NS]);
    // Though it is there.
    expect(running.machine.read32(0, offsetOf("MSMON_CSU"))).toBe(0x8000_0000 + 6400);
    expect(running.driver.enabled).toBe(true);
  });

  test("neither: waited for once, and what never is ready has no number", async () => {
    const running = await monitored({ ...OTHER, errata: [] });
    await running.machine.replay([await inWeb(running, reads(100))]);
    expect(await read(running)).toEqual(["6400\n", NRDY_NS]);
    expect(await read(running)).toEqual(["6400\n", 0]);
    running.machine.faults.add({ kind: "nrdy-stuck", msc: 0 });
    expect(await read(running)).toEqual(["Unavailable\n", NRDY_NS]);
  });
});
