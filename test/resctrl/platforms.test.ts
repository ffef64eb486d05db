// Every bundled platform that resctrl has a use for: its cpus go and come, and its domains are what they were.

import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import {
  type Arch,
  configCntr,
  enableCdp,
  getConfig,
  getResource,
  offlineCpu,
  onlineCpu,
  RESOURCE_IDS,
  setupArch,
  updateOne,
} from "../../src/resctrl/index.ts";
import { outcome, shown } from "./machine.ts";

const files = readdirSync("platforms").filter((name) => name.endsWith(".yaml"));

function domains(arch: Arch) {
  return RESOURCE_IDS.map((rid) => {
    const { ctrlDomains, monDomains } = getResource(arch, rid);
    return [rid, shown(ctrlDomains), shown(monDomains)];
  });
}

/** What is set for closid 1, of every resource in every domain. */
function settings(arch: Arch) {
  return RESOURCE_IDS.map((rid) => {
    const r = getResource(arch, rid);
    return r.ctrlDomains.map((d) => getConfig(arch, r, d, 1, "none"));
  });
}

test.each(files)("%s", async (file) => {
  const machine = await Machine.create(await loadPlatform(`platforms/${file}`));
  const driver = await Driver.probe(machine);
  const arch = await outcome(setupArch(driver));
  if (typeof arch === "string") {
    expect([file, arch, driver.state.phase]).toEqual(["android.yaml", "EOPNOTSUPP", "disabled"]);
    return;
  }
  machine.onCpu(({ cpu, online }) => (online ? onlineCpu(arch, cpu) : offlineCpu(arch, cpu)));
  for (const rid of RESOURCE_IDS) {
    const r = getResource(arch, rid);
    for (const d of r.ctrlDomains) await updateOne(arch, r, d, 1, "none", r.format === "bitmap" ? 1 : 50);
  }
  const [before, set] = [domains(arch), settings(arch)];
  const l3 = getResource(arch, "L3");
  const cpus = machine.processor.cpus.map(({ cpu }) => cpu);
  for (const cpu of cpus.slice(1).reverse()) await machine.cpu(cpu).offline();
  for (const [, ctrl, mon] of domains(arch)) {
    for (const one of [ctrl, mon]) expect((one as string[]).join()).toMatch(/^(\d+ \[0\])?$/);
  }
  for (const cpu of cpus.slice(1)) await machine.cpu(cpu).online();
  expect(domains(arch)).toEqual(before);
  expect(settings(arch)).toEqual(set);

  enableCdp(arch, { cdp: true, expert: true });
  expect(l3.mon.numCntrs).toBe(Math.floor(arch.assignedCounters.length / 2));
  for (const d of l3.monDomains) {
    if (l3.mon.numCntrs > 0) await configCntr(arch, d, "mbm_total_bytes", 0, 1, l3.mon.numCntrs - 1, true);
  }
  await driver.whenIdle();
  // Nothing of this was an error for any MSC.
  expect(driver.state).toEqual({ phase: "enabled" });
});
