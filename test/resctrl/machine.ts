// What the tests of the hooks share: an arch on a driver without hardware, and what it holds.

import type { ErrnoError } from "../../src/errno/index.ts";
import {
  type Arch,
  type CtrlDomain,
  getResource,
  type MonDomain,
  type Resource,
  type ResourceId,
  setupArch,
} from "../../src/resctrl/index.ts";
import { type FakeDriver, type FakeShape, fakeDriver } from "../fs/fakes.ts";

export async function archOf(shape: FakeShape = {}): Promise<{ arch: Arch; driver: FakeDriver }> {
  const driver = fakeDriver(shape);
  return { arch: await setupArch(driver), driver };
}

/** A resource with one of its control domains, by place in the list. */
export function control(arch: Arch, rid: ResourceId, at = 0): [Resource, CtrlDomain] {
  const r = getResource(arch, rid);
  return [r, r.ctrlDomains[at]!];
}

export function monitored(arch: Arch, at = 0): MonDomain {
  return getResource(arch, "L3").monDomains[at]!;
}

/** What a promise came to: its value, or the code of its refusal. */
export async function outcome<T>(body: Promise<T>): Promise<T | string> {
  return body.catch(({ code }: ErrnoError) => code);
}

/** "1 [0 2]": ids of domains with their cpus. */
export function shown(domains: readonly { readonly id: number; readonly cpus: ReadonlySet<number> }[]): string[] {
  return domains.map(({ id, cpus }) => `${id} [${[...cpus].sort((a, b) => a - b).join(" ")}]`);
}

/** Everything that CDP changes. */
export function held(arch: Arch, driver: FakeDriver) {
  const l3 = getResource(arch, "L3");
  const { processor } = driver.machine;
  return {
    on: arch.cdpEnabled,
    split: [...arch.slots].flatMap(([rid, { cdpEnabled }]) => (cdpEnabled ? [rid] : [])),
    mb: getResource(arch, "MB").allocCapable,
    numRmid: l3.mon.numRmid,
    numCntrs: l3.mon.numCntrs,
    tasks: processor.tasks.map(({ label }) => ({ ...label })),
    cpus: processor.cpuDefaults.map((label) => ({ ...label })),
    global: processor.globalDefault,
  };
}
