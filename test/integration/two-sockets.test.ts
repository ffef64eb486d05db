// Software on a machine of several levels, sockets, slices and channels: what firmware tells, what the driver makes of it, and
// what resctrl shows. The MSCs are plain models.

import { beforeEach, describe, expect, test } from "vitest";
import { Driver, type MpamClass } from "../../src/driver/index.ts";
import { describe as describeFirmware } from "../../src/firmware/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { PlainMachine } from "../helpers/plain-machine.ts";
import { range, reads } from "../helpers/subject.ts";

const platform = await loadPlatform(new URL("../../platforms/two-sockets.yaml", import.meta.url));
const FIRST = range(0, 8);
const SECOND = range(8, 8);

/** MSCs by what they belong to: sixteen L2s, two L3s of four slices, two nodes of two channels. */
const L3 = [range(16, 4), range(20, 4)] as const;
const NODES = [range(24, 2), range(26, 2)] as const;

const PART_SEL = 0x0100;
const CPBM = 0x1000;
const MBW_MAX = 0x0208;

let machine: PlainMachine;

/** What a setting of a PARTID holds at each of some MSCs. */
function settings(mscs: readonly number[], partid: number, offset: number): number[] {
  return mscs.map((msc) => {
    machine.write32(msc, PART_SEL, partid);
    return machine.read32(msc, offset);
  });
}

beforeEach(() => {
  machine = new PlainMachine(platform);
});

test("firmware names each cache by level and id, each node, and what every MSC is part of", () => {
  const { cpus, caches, nodes, mscs } = describeFirmware(platform);
  expect(cpus.map(({ node }) => node)).toEqual([...FIRST.map(() => 0), ...SECOND.map(() => 1)]);
  expect(caches.map(({ level, id, cpus: of }) => [level, id, [...of]])).toEqual([
    ...range(0, 16).map((cpu) => [2, cpu + 2, [cpu]]),
    [3, 0, FIRST],
    [3, 1, SECOND],
  ]);
  expect(nodes).toEqual([
    { node: 0, cpus: new Set(FIRST), peak: { read: 51.2e9, write: 51.2e9 } },
    { node: 1, cpus: new Set(SECOND), peak: { read: 51.2e9, write: 51.2e9 } },
  ]);
  expect(mscs.map(({ id, resources }) => [id, ...resources])).toEqual([
    ...range(0, 16).map((cpu) => [cpu, { ris: 0, kind: "cache", id: cpu + 2 }]),
    ...L3.flatMap((slices, id) => slices.map((msc) => [msc, { ris: 0, kind: "cache", id }])),
    ...NODES.flatMap((channels, id) => channels.map((msc) => [msc, { ris: 0, kind: "memory", id }])),
  ]);
});

describe("the driver", () => {
  let driver: Driver<PlainMachine>;
  let classes: { readonly l2: MpamClass; readonly l3: MpamClass; readonly memory: MpamClass };

  beforeEach(async () => {
    driver = await Driver.probe(machine);
    const [l2, l3, memory] = driver.classes;
    classes = { l2: l2!, l3: l3!, memory: memory! };
  });

  test("finds a class of L2s, one of L3s and one of memory, a component for each cache and node, with its cpus", () => {
    const found = driver.classes.map(({ type, level, affinity, components }) => ({
      class: [type, level, affinity.size],
      components: components.map(({ id, affinity: of }) => [id, [...of]]),
    }));
    expect(found).toEqual([
      { class: ["cache", 2, 16], components: range(0, 16).map((cpu) => [cpu + 2, [cpu]]) },
      {
        class: ["cache", 3, 16],
        components: [
          [0, FIRST],
          [1, SECOND],
        ],
      },
      {
        class: ["memory", 255, 16],
        components: [
          [0, FIRST],
          [1, SECOND],
        ],
      },
    ]);
    expect(classes.l2.props).toMatchObject({ cpbmWd: 8, numCsuMon: 4, numMbwuMon: 4 });
    expect(classes.l3.props).toMatchObject({ cpbmWd: 16, bwaWd: 7, numCsuMon: 16, numMbwuMon: 16 });
    expect(classes.memory.props).toMatchObject({ bwaWd: 7, numMbwuMon: 8 });
    expect(driver.log.map(({ text }) => text)).toEqual(["MPAM enabled with 32 PARTIDs and 4 PMGs"]);
  });

  test("programs every slice of a component, and no other", async () => {
    await driver.apply(classes.l3.components[1]!, 5, { cpbm: 0x00f0, mbwMax: 0x7e00 });
    expect(settings(L3[1], 5, CPBM)).toEqual([0x00f0, 0x00f0, 0x00f0, 0x00f0]);
    expect(settings(L3[1], 5, MBW_MAX)).toEqual([0x7e00, 0x7e00, 0x7e00, 0x7e00]);
    expect(settings(L3[0], 5, CPBM)).toEqual([0xffff, 0xffff, 0xffff, 0xffff]);
    expect(settings(range(0, 16), 5, CPBM)).toEqual(range(0, 16).map(() => 0xff));
    await driver.apply(classes.memory.components[0]!, 5, { mbwMax: 0 });
    expect(settings(NODES[0], 5, MBW_MAX)).toEqual([0, 0]);
    expect(settings(NODES[1], 5, MBW_MAX)).toEqual([0xfe00, 0xfe00]);
    await driver.resetClass(classes.l3);
    expect(settings(L3[1], 5, CPBM)).toEqual([0xffff, 0xffff, 0xffff, 0xffff]);
  });

  test("adds up what the slices of a component hold and the channels of a node have moved", async () => {
    for (const msc of [...L3.flat(), ...NODES.flat()]) {
      machine.subjects[msc]!.setLabel(0, "all", { space: "ns", partid: 5, pmg: 1 });
    }
    const read = (c: MpamClass, at: number, type: "csu" | "mbwu") =>
      driver.readMonitor(c.components[at]!, { type, mon: 0, partid: 5, pmg: 1, matchPmg: true });
    // Bandwidth is counted from the first reading on.
    expect(await read(classes.memory, 1, "mbwu")).toBe(0n);
    expect(await read(classes.l3, 0, "mbwu")).toBe(0n);
    for (const [slice, msc] of L3[0].entries()) machine.subjects[msc]!.run(reads(range(0, 10 ** slice)));
    machine.subjects[L3[1][2]!]!.run(reads(range(0, 7)));
    for (const [channel, msc] of NODES[1].entries()) machine.subjects[msc]!.run(reads(range(0, 3 + channel)));
    expect(await read(classes.l3, 0, "csu")).toBe(1111n * 64n);
    expect(await read(classes.l3, 1, "csu")).toBe(7n * 64n);
    expect(await read(classes.l3, 0, "mbwu")).toBe(1111n * 64n);
    expect(await read(classes.memory, 1, "mbwu")).toBe(7n * 64n);
    expect(await read(classes.memory, 0, "mbwu")).toBe(0n);
  });

  test("is the same after it was saved", async () => {
    await driver.apply(classes.l3.components[1]!, 5, { cpbm: 1 });
    const saved = JSON.parse(JSON.stringify(driver.save()));
    const other = Object.assign(new PlainMachine(platform), { saved: () => saved });
    expect(JSON.parse(JSON.stringify((await Driver.restore(other)).save()))).toEqual(saved);
  });
});

describe("resctrl", () => {
  const group = async () => {
    const resctrl = await Resctrl.mount(await Driver.probe(machine));
    await resctrl.mkdir("web");
    return resctrl;
  };

  test("has a line for the L2s, for the L3s and for bandwidth, which is that of the L3s", async () => {
    const resctrl = await group();
    const lines = (await resctrl.readFile("schemata")).split("\n").map((line) => line.trim());
    expect(new Set(lines)).toEqual(
      new Set([
        "L3:0=ffff;1=ffff",
        `L2:${range(2, 16)
          .map((id) => `${id}=ff`)
          .join(";")}`,
        "MB:0=100;1=100",
        "",
      ]),
    );
  });

  test("writes a domain to all slices of its cache", async () => {
    const resctrl = await group();
    await resctrl.writeFile("web/schemata", "L3:1=f\nMB:0=50\nL2:5=1;14=c0\n");
    expect([settings(L3[0], 1, CPBM), settings(L3[1], 1, CPBM)]).toEqual([
      range(0, 4).map(() => 0xffff),
      [15, 15, 15, 15],
    ]);
    // 50 % of 128 steps is step 64: 63 in seven bits.
    expect([settings(L3[0], 1, MBW_MAX), settings(L3[1], 1, MBW_MAX)]).toEqual([
      range(0, 4).map(() => 63 << 9),
      range(0, 4).map(() => 0xfe00),
    ]);
    expect(settings(NODES.flat(), 1, MBW_MAX)).toEqual(range(0, 4).map(() => 0xfe00));
    expect(settings(range(0, 16), 1, CPBM)).toEqual(range(0, 16).map((cpu) => ({ 3: 1, 12: 0xc0 })[cpu] ?? 0xff));
  });

  test("monitors the L3 of each socket", async () => {
    const resctrl = await group();
    expect((await resctrl.readdir("web/mon_data")).sort()).toEqual(["mon_L3_00", "mon_L3_01"]);
    L3[1].forEach((msc, slice) => {
      machine.subjects[msc]!.setLabel(0, "all", { space: "ns", partid: 1, pmg: 0 });
      machine.subjects[msc]!.run(reads(range(0, 10 ** slice)));
    });
    const read = (file: string) => resctrl.readFile(`web/mon_data/${file}`);
    expect(await read("mon_L3_01/llc_occupancy")).toBe(`${1111 * 64}\n`);
    expect(await read("mon_L3_00/llc_occupancy")).toBe("0\n");
    expect(await read("mon_L3_01/mbm_total_bytes")).toBe(`${1111 * 64}\n`);
  });

  test("tells the size of a whole cache, and of a portion of it", async () => {
    const resctrl = await group();
    expect(await resctrl.readFile("info/L3/cbm_mask")).toBe("ffff\n");
    expect(await resctrl.readFile("info/L2/cbm_mask")).toBe("ff\n");
    await resctrl.writeFile("web/schemata", "L3:1=1\n");
    expect(await resctrl.readFile("web/size")).toContain(`L3:0=${8 * 2 ** 20};1=${2 ** 19}`);
  });
});
