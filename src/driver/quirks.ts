// Parts that do not do what their ID registers say (linux-driver.md 2.5), found by their exact MPAMF_IIDR.

import { fractionMask } from "../../assembly/regs/index.ts";
import type { ShadowRegisters } from "./shadow.ts";

/** What an MSC does otherwise than the architecture has it, and the driver knows how to live with. */
export type Quirk =
  /** T241-MPAM-1: settings act when shadow registers outside the page have been seen and cleared. */
  | "scrub_shadow_regs"
  /** T241-MPAM-4: MBW_MIN must never be 0 and follows MBW_MAX; the class loses mbw_min. */
  | "force_mbw_min"
  /** T241-MPAM-6: MBWU counts in units of 64 bytes. */
  | "mbwu_times_64"
  /** CMN-650 erratum 3642720: NRDY of a CSU monitor may stay 1; after the firmware time it is ignored. */
  | "ignore_csu_nrdy";

const T241 = 0x2410_036b;
const CMN_650 = 0x0000_043b;

interface Row {
  readonly iidr: number;
  readonly quirk: Quirk;
  /** The row counts only where this holds. */
  readonly when?: (shadow: ShadowRegisters | undefined) => boolean;
}

const TABLE: readonly Row[] = [
  { iidr: T241, quirk: "scrub_shadow_regs", when: (shadow) => shadow?.answer === true },
  { iidr: T241, quirk: "force_mbw_min" },
  { iidr: T241, quirk: "mbwu_times_64" },
  { iidr: CMN_650, quirk: "ignore_csu_nrdy" },
];

export function quirksOf(iidr: number, shadow?: ShadowRegisters): ReadonlySet<Quirk> {
  const rows = TABLE.filter((row) => row.iidr === iidr && (row.when?.(shadow) ?? true));
  return new Set(rows.map((row) => row.quirk));
}

/** Five percent of the 16-bit fraction, less one: how far below MBW_MAX the forced MBW_MIN lies. */
const FIVE_PERCENT = Math.floor((5 * 0xffff) / 100) - 1;

/** MBW_MIN under T241-MPAM-4, for the MBW_MAX that is being programmed. */
export function forcedMbwMin(bwaWd: number, mbwMax: number | undefined): number {
  const smallestStep = (1 << (16 - bwaWd)) & 0xffff;
  const max = mbwMax ?? fractionMask(bwaWd);
  return Math.max(max > FIVE_PERCENT ? max - FIVE_PERCENT : 0, smallestStep);
}
