// Reading, setting and resetting controls (resctrl-glue.md section 9).

import type { PartConfig } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { Arch } from "./arch.ts";
import { partidRead, partidsWritten } from "./cdp.ts";
import { mbwMaxToPercent, percentToMbwMax } from "./convert.ts";
import { CONFIG_TYPES, type ConfigType, type CtrlDomain, defaultControl, type Resource } from "./resource.ts";
import { cacheOf } from "./topology.ts";

/** The mask or the percentage in force; the default where nothing was ever set, or MPAM is disabled. */
export function getConfig(arch: Arch, r: Resource, d: CtrlDomain, closid: number, type: ConfigType): number {
  const partid = partidRead(arch, r, closid, type);
  if (!arch.driver.enabled || !r.allocCapable || partid > arch.driver.partidMax) return defaultControl(r);
  const { cpbm, mbwMax } = arch.driver.stored(d.component, partid);
  if (r.format === "bitmap") return cpbm ?? defaultControl(r);
  return mbwMax === undefined ? defaultControl(r) : mbwMaxToPercent(mbwMax, d.component.class.props.bwaWd);
}

/** Where CDP is hidden, both PARTIDs of the closid; the first error ends it. */
export async function updateOne(
  arch: Arch,
  r: Resource,
  d: CtrlDomain,
  closid: number,
  type: ConfigType,
  value: number,
): Promise<void> {
  if (!arch.driver.enabled) throw new ErrnoError("EINVAL", `${r.name}: MPAM is disabled`);
  if (!r.allocCapable || partidRead(arch, r, closid, type) > arch.driver.partidMax) {
    throw new ErrnoError("EINVAL", `${r.name}: closid ${closid} has no control here`);
  }
  const { bwaWd } = d.component.class.props;
  const change: PartConfig =
    r.format === "bitmap" ? { cpbm: value } : { mbwMax: percentToMbwMax(value, bwaWd, arch.odd.bandwidthWraps) };
  for (const partid of partidsWritten(arch, r, closid, type)) {
    // From a copy of what is stored: an L3's masks and its bandwidth limit live in one configuration.
    await arch.driver.apply(d.component, partid, { ...arch.driver.stored(d.component, partid), ...change });
  }
}

/** Applies what is staged, domain by domain. The first error ends it; earlier domains stay changed. */
export async function updateDomains(arch: Arch, r: Resource, closid: number): Promise<void> {
  if (!arch.driver.enabled) throw new ErrnoError("EINVAL", `${r.name}: MPAM is disabled`);
  // All that there were: when MPAM ends meanwhile the list is empty, and those that are left are refused.
  for (const d of [...r.ctrlDomains]) {
    for (const type of CONFIG_TYPES) {
      const value = d.staged.get(type);
      if (value !== undefined) await updateOne(arch, r, d, closid, type, value);
    }
  }
}

/** Resets the whole class, with whatever other resource lives in it. */
export async function resetAllCtrls(arch: Arch, r: Resource): Promise<void> {
  const c = arch.slots.get(r.rid)?.class;
  if (arch.driver.enabled && c !== undefined) await arch.driver.resetClass(c);
}

/** The value a parsed percentage is staged as. 7.3 rounds up to a step here, and again when it is converted. */
export function preconvertBw({ membw: { bwGran, roundsUp = false } }: Resource, percent: number): number {
  return roundsUp && bwGran > 0 ? Math.ceil(percent / bwGran) * bwGran : percent;
}

/** Size of the cache behind a domain, bytes; 0 where firmware does not say. */
export function cacheBytes(arch: Arch, r: Resource, d: CtrlDomain): number {
  const [cpu] = d.cpus;
  return (cpu !== undefined && cacheOf(arch.driver, cpu, r.rid === "L2" ? 2 : 3)?.bytes) || 0;
}
