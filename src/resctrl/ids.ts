// closid and rmid above, PARTID and PMG below: the only place that says both (resctrl-glue.md section 5).

import type { Arch } from "./arch.ts";
import type { ConfigType, Resource } from "./resource.ts";

/** System-wide, the same for every resource. */
export function getNumClosid(arch: Arch, _r: Resource): number {
  return arch.driver.partidMax + 1;
}

/** RMIDs are not unique: the pair (closid, rmid) is, and its index is what lists and tables are made of. */
export function systemNumRmidIdx(arch: Arch): number {
  return (arch.driver.pmgMax + 1) * (arch.driver.partidMax + 1);
}

export function rmidIdxEncode(arch: Arch, closid: number, rmid: number): number {
  return closid * (arch.driver.pmgMax + 1) + rmid;
}

export function rmidIdxDecode(arch: Arch, idx: number): { closid: number; rmid: number } {
  const perClosid = arch.driver.pmgMax + 1;
  return { closid: Math.floor(idx / perClosid), rmid: idx % perClosid };
}

/** The PARTID of a closid, or of one half of it under CDP: data even, code odd. */
export function configIndex(closid: number, type: ConfigType): number {
  if (type === "none") return closid;
  return type === "data" ? closid * 2 : closid * 2 + 1;
}
