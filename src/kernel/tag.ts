// Tags: the label that a kernel gives a task, and the 64-bit image of it that goes into MPAM0_EL1 (linux-driver.md 10.1, 10.3).

import { MPAM_HI_PMG_D, MPAM_PARTID_D } from "../../assembly/regs/pe.ts";
import { ErrnoError } from "../errno/index.ts";

/** PARTID and PMG of data and of instruction accesses, as MPAM0_EL1 holds them. */
export interface TaskLabel {
  readonly partidD: number;
  readonly partidI: number;
  readonly pmgD: number;
  readonly pmgI: number;
}

/** The largest that a cpu can put on a request. */
export interface LabelLimits {
  readonly partidMax: number;
  readonly pmgMax: number;
}

export const NO_LABEL: TaskLabel = { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 };

/** What MPAMSM_EL1 takes of an image: PMG_D and PARTID_D. */
export const DATA_HALF = (BigInt(MPAM_HI_PMG_D) << 32n) | BigInt(MPAM_PARTID_D);

/** PMG_D [47:40], PMG_I [39:32], PARTID_D [31:16], PARTID_I [15:0]. */
export function imageOf({ partidD, partidI, pmgD, pmgI }: TaskLabel): bigint {
  return (BigInt((pmgD << 8) | pmgI) << 32n) | BigInt(((partidD << 16) | partidI) >>> 0);
}

export function sameLabel(a: TaskLabel, b: TaskLabel): boolean {
  return a.partidD === b.partidD && a.partidI === b.partidI && a.pmgD === b.pmgD && a.pmgI === b.pmgI;
}

/** A label that a cpu cannot put on a request is refused: EINVAL. */
export function checkLabel(label: TaskLabel, { partidMax, pmgMax }: LabelLimits): void {
  const limits = { partidD: partidMax, partidI: partidMax, pmgD: pmgMax, pmgI: pmgMax };
  for (const [field, max] of Object.entries(limits) as [keyof TaskLabel, number][]) {
    const value = label[field];
    if (Number.isInteger(value) && value >= 0 && value <= max) continue;
    throw new ErrnoError("EINVAL", `${field} is ${value}: a cpu here can send 0..${max}`);
  }
}
