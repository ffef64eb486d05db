// DMA on a machine with resctrl: what nobody has labelled is counted in the default group, what somebody has in no group that is not
// given its PARTID, and partitions hold for it as for anybody.

import { expect, test } from "vitest";
import { Driver, SmmuLabels } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine, type TraceRequester } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { FakeTrace, generator, type Row, thread } from "../machine/traces.ts";

const IO = new URL("../../platforms/io.yaml", import.meta.url);

const device = (name: string, asid: number): TraceRequester => ({ asid, pid: 0, tid: 0, device: name });

/** A thread, and DMA: 20,000 records each, of 1,000 lines of their own; only the DMA writes. */
function traffic(name: string): FakeTrace {
  const random = generator(7);
  const rows: Row[] = Array.from({ length: 40_000 }, (_, time) => {
    return { time, address: random(1000) * 64, bytes: 64, op: time % 2, requester: time % 2 };
  });
  return new FakeTrace("traffic", rows, { requesters: [thread(1), device(name, 9)] });
}

async function session(file: FakeTrace) {
  const machine = await Machine.create(await loadPlatform(IO));
  machine.addTasks(file);
  const driver = await Driver.probe(machine, { smmus: true });
  const resctrl = await Resctrl.mount(driver);
  await resctrl.mkdir("web");
  await resctrl.writeFile("web/tasks", "1\n");
  const occupancy = async (group: string) =>
    Number(await resctrl.readFile(`${group}/mon_data/mon_L3_00/llc_occupancy`));
  return { machine, driver, resctrl, occupancy };
}

test("the least of cpus, MSCs and the SMMU is what resctrl has", async () => {
  const { driver, resctrl } = await session(traffic("nic-rx"));
  expect([driver.partidMax, driver.pmgMax]).toEqual([31, 1]);
  expect(await resctrl.readFile("info/L3/num_closids")).toBe("32\n");
});

test("DMA that nobody has labelled and that enters memory is of PARTID 0, and of no task", async () => {
  const file = traffic("accelerator");
  const { machine, resctrl, occupancy } = await session(file);
  await machine.replay([file]);
  expect(machine.processor.tasks.map(({ tid }) => tid)).toEqual([1]);
  expect((await resctrl.readFile("tasks")).trim()).toBe("");
  // The accelerator enters memory: nothing of it is in the L3, and all of it is counted under PARTID 0.
  expect(await occupancy("")).toBe(0);
  expect(await occupancy("web")).toBe(64_000);
  const zero = machine.statistics().find(({ partid, pmg }) => partid === 0 && pmg === 0);
  expect(zero?.bytesWritten).toBe(20_000 * 64);
});

test("DMA through the L3 that nobody has labelled is in the counters of the default group, then of whose label it is given", async () => {
  const file = traffic("nic-rx");
  const { machine, driver, resctrl, occupancy } = await session(file);
  const moved = async (group: string) => Number(await resctrl.readFile(`${group}/mon_data/mon_L3_00/mbm_total_bytes`));
  expect([await moved(""), await moved("web")]).toEqual([0, 0]);
  const smmu = machine.smmus[0]!;
  const labels = new SmmuLabels(machine, driver.firmware.smmus[0]!, smmu);
  // As Linux 7.3 leaves it: no S1MPAM, and PARTID 0.
  smmu.stream(0x10).write(1, smmu.stream(0x10).read(1) & ~(1n << 26n));
  labels.setLabel(0x10, { partid: 0, pmg: 0 });
  await machine.replay([file], { until: 20_000 });
  expect(await occupancy("web")).toBe(64_000);
  expect(await occupancy("")).toBe(64_000);
  // Each line once: they all stay.
  expect([await moved(""), await moved("web")]).toEqual([64_000, 64_000]);
  // From here on it is of the group web: PARTID 1.
  labels.setLabel(0x10, { partid: 1, pmg: 0 });
  await machine.resume([file]);
  const carried = [...machine.devices.labels.values()];
  expect(carried).toEqual([{ space: "ns", partid: 1, pmg: 0 }]);
  const both = (await occupancy("web")) + (await occupancy(""));
  expect(both).toBe(128_000);
});

test("portions hold for DMA: what may fill one of sixteen has no more than that", async () => {
  const random = generator(3);
  const rows: Row[] = Array.from({ length: 60_000 }, (_, time) => {
    return { time, address: random(60_000) * 64, bytes: 64, op: 1, requester: 0 };
  });
  const file = new FakeTrace("nic", rows, { requesters: [device("nic-rx", 1)] });
  const held = async (schemata: string | undefined) => {
    const machine = await Machine.create(await loadPlatform(IO));
    const driver = await Driver.probe(machine, { smmus: true });
    const resctrl = await Resctrl.mount(driver);
    await resctrl.mkdir("dma");
    // Its PARTID is 1, which is what the stream of the NIC has.
    if (schemata) await resctrl.writeFile("dma/schemata", schemata);
    await machine.replay([file]);
    return Number(await resctrl.readFile("dma/mon_data/mon_L3_00/llc_occupancy"));
  };
  expect(await held("L3:0=1\n")).toBeLessThanOrEqual(2 ** 22 / 16);
  expect(await held(undefined)).toBeGreaterThan(2 ** 21);
});
