// What an MSC reports in MPAMF_ESR, in words. Linux has one answer to every code: stop using MPAM.

import { ESR_ERRCODE, ESR_HI_RIS, ESR_PARTID_MON, ESR_PMG, fieldGet } from "../../assembly/regs/index.ts";
import type { Msc } from "./msc.ts";

/** Names as Linux prints them, by ERRCODE (linux-driver.md 7.4). */
const NAMES = [
  "No error",
  "PARTID_SEL_Range",
  "Req_PARTID_Range",
  "MSMONCFG_ID_RANGE",
  "Req_PMG_Range",
  "Monitor_Range",
  "intPARTID_Range",
  "Unexpected_INTERNAL",
  "Undefined_RIS_PART_SEL",
  "RIS_No_Control",
  "Undefined_RIS_MON_SEL",
  "RIS_No_Monitor",
] as const;

export interface MscError {
  readonly code: number;
  readonly name: string;
  /** PARTID or monitor index. */
  readonly partid: number;
  readonly pmg: number;
  readonly ris: number;
}

export function errorName(code: number): string {
  return NAMES[code] ?? "Reserved";
}

/** Reads the error an MSC has recorded; undefined when it has none, as on a line it shares with others. */
export async function readError(msc: Msc): Promise<MscError | undefined> {
  const low = await msc.readEsr();
  const high = msc.facts.hasExtdEsr ? await msc.readEsrHigh() : 0;
  const code = fieldGet(ESR_ERRCODE, low);
  if (code === 0) return undefined;
  return {
    code,
    name: errorName(code),
    partid: fieldGet(ESR_PARTID_MON, low),
    pmg: fieldGet(ESR_PMG, low),
    ris: fieldGet(ESR_HI_RIS, high),
  };
}
