// Where the caches are, and which cpus there are: what the choice of classes is asked about (resctrl-glue.md 2.4, 2.5).

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

/** Cpus that the class does not serve. */
export function missingCpus(driver: ResctrlDriver, c: MpamClass): number[] {
  return [...possibleCpus(driver)].filter((cpu) => !c.affinity.has(cpu));
}

export function cacheOf(driver: ResctrlDriver, cpu: number, level: number): FirmwareCache | undefined {
  return driver.firmware.caches.find((cache) => cache.level === level && cache.cpus.has(cpu));
}
