// Where the L3s are: the questions about caches and nodes on which the choice of classes depends (resctrl-glue.md 2.4, 2.5).

import type { MpamClass } from "../driver/index.ts";
import type { FirmwareCache } from "../firmware/index.ts";
import type { ResctrlDriver } from "./needs.ts";

export function sameCpus(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && [...a].every((cpu) => b.has(cpu));
}

/** Every cpu the machine can ever have, online or not. */
export function possibleCpus(driver: ResctrlDriver): ReadonlySet<number> {
  return new Set(driver.machine.processor.cpus.map(({ cpu }) => cpu));
}

export function onlineCpus(driver: ResctrlDriver): number[] {
  return driver.machine.processor.cpus.filter(({ online }) => online).map(({ cpu }) => cpu);
}

export function cacheOf(driver: ResctrlDriver, cpu: number, level: number): FirmwareCache | undefined {
  return driver.firmware.caches.find((cache) => cache.level === level && cache.cpus.has(cpu));
}

/** Each component serves exactly the cpus of one L3. A memory node without cpus spoils the whole class. */
export function topologyMatchesL3(driver: ResctrlDriver, c: MpamClass): boolean {
  const online = onlineCpus(driver);
  return c.components.every((component) => {
    const cpu = online.find((candidate) => component.affinity.has(candidate));
    if (cpu === undefined) return false;
    const l3 = cacheOf(driver, cpu, 3);
    return l3 !== undefined && sameCpus(l3.cpus, component.affinity);
  });
}

/** What the class carries is what leaves the L3: the L3 itself, or the memory of a machine with one L3 and one node. */
export function trafficMatchesL3(driver: ResctrlDriver, c: MpamClass): boolean {
  if (c.type === "cache") return c.level === 3;
  if (c.type !== "memory") return false;
  const cpu = onlineCpus(driver).find((candidate) => c.affinity.has(candidate));
  if (cpu === undefined) return false;
  const l3 = cacheOf(driver, cpu, 3);
  if (l3 === undefined || !sameCpus(l3.cpus, possibleCpus(driver))) return false;
  return cacheOf(driver, cpu, 4) === undefined && driver.firmware.nodes.length <= 1;
}
