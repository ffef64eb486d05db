import { expect, test } from "vitest";
import { Driver, Machine, Resctrl } from "../../src/index.ts";
import { settingsOf } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

const booted = async (name: string) => {
  const platform = await loadPlatform(`platforms/${name}.yaml`);
  const machine = await Machine.create(platform);
  return { platform, machine, resctrl: await Resctrl.mount(await Driver.probe(machine)) };
};

test("what is written to schemata stands in the registers of the group's PARTID, and nowhere else", async () => {
  const { platform, machine, resctrl } = await booted("one-socket");
  await resctrl.mkdir("web");
  await resctrl.writeFile("web/schemata", "L3:0=f\n");
  await resctrl.writeFile("web/schemata", "MB:0=50\n");
  // 50 % of 7 bits is 64/128, of which one step is taken for the value itself: 63, at the top of 16 bits.
  expect(settingsOf(machine, platform)).toEqual([
    {
      msc: 0,
      name: "L3 0",
      ris: 0,
      partids: [0, ...Array.from({ length: 14 }, (_, i) => i + 2)],
      registers: { CPBM: "0xffff", CMAX: "0xff00" },
    },
    { msc: 0, name: "L3 0", ris: 0, partids: [1], registers: { CPBM: "0xf", CMAX: "0xff00" } },
    {
      msc: 1,
      name: "node 0",
      ris: 0,
      partids: [0, ...Array.from({ length: 14 }, (_, i) => i + 2)],
      registers: { MBW_MAX: "0xfe00" },
    },
    { msc: 1, name: "node 0", ris: 0, partids: [1], registers: { MBW_MAX: "0x7e00" } },
  ]);
});

test("the selection stays, and no MSC of the largest machine finds anything wrong with being looked at", async () => {
  const { platform, machine } = await booted("everything");
  const errors: unknown[] = [];
  machine.onInterrupt((event) => void errors.push(event));
  const selected = machine.mscs.map(({ msc }) => machine.read32(msc, 0x100));
  const found = settingsOf(machine, platform);
  expect(machine.mscs.map(({ msc }) => machine.read32(msc, 0x100))).toEqual(selected);
  expect(machine.mscs.map(({ msc }) => machine.read32(msc, 0xf8))).toEqual(machine.mscs.map(() => 0));
  expect(errors).toEqual([]);
  expect(new Set(found.map(({ ris }) => ris)).size).toBeGreaterThan(1);
});
