/** The filter and control words that both types of monitor have, cut to the fields that exist (IHI 0099, MSMON_CFG_*_FLT and _CTL). */
import type { SubjectLabel, SubjectMonitorFeatures } from "../subject.ts";
import { bit, flag } from "./bits.ts";

export const EN = 31;
const CAPT_EVNT = 28;
export const CAPT_RESET = 27;
export const OFLOW_STATUS = 26;
export const OFLOW_INTR = 25;
export const OFLOW_FRZ = 24;
export const OFLOW_CAPT = 23;
export const SCLEN = 19;
export const CEVNT_OFLW = 18;
const MATCH_PMG = 17;
const MATCH_PARTID = 16;
export const OFLOW_STATUS_L = 15;
export const OFLOW_INTR_L = 14;
export const OFLOW_CAPT_L = 13;
const OFLOW_LNKG = 8;

/** The control fields of both types that depend on nothing but these features. */
export function commonFields(has: SubjectMonitorFeatures): number {
  let fields = flag(true, EN);
  if (has.capture) fields += 7 * 2 ** CAPT_EVNT;
  fields += flag(has.oflowCapt, OFLOW_CAPT);
  fields += flag(has.cevntOflw, CEVNT_OFLW);
  fields += flag(!has.noMatchPmg, MATCH_PMG);
  fields += flag(!has.noMatchPartid, MATCH_PARTID);
  if (has.oflowLnkg) fields += 7 * 2 ** OFLOW_LNKG;
  return fields;
}

export class MonitorWords {
  #flt = 0;
  #ctl = 0;

  /** @param flt the bits of the filter that exist @param ctl those of the control word beside the type */
  constructor(
    private readonly type: number,
    private readonly flt: number,
    private readonly ctl: number,
  ) {}

  readFlt(): number {
    return this.#flt;
  }

  writeFlt(value: number): void {
    this.#flt = (value & this.flt) >>> 0;
  }

  readCtl(): number {
    return this.#ctl + this.type;
  }

  writeCtl(value: number): void {
    this.#ctl = (value & this.ctl) >>> 0;
  }

  is(field: number): boolean {
    return bit(this.#ctl, field);
  }

  /** What hardware sets or clears; a field that does not exist stays 0. */
  put(field: number, value: boolean): void {
    const without = this.#ctl - flag(this.is(field), field);
    this.#ctl = ((without + flag(value, field)) & this.ctl) >>> 0;
  }

  /** The capture event that the monitor is sensitive to; 0 none. */
  get captureEvent(): number {
    return (this.#ctl >>> CAPT_EVNT) & 7;
  }

  /** The capture event that an overflow raises; 0 none. */
  get linkage(): number {
    return (this.#ctl >>> OFLOW_LNKG) & 7;
  }

  /** The space was compared before: a monitor sees its own bank's PARTIDs only. */
  accepts(label: Pick<SubjectLabel, "partid" | "pmg">): boolean {
    if (this.is(MATCH_PARTID) && label.partid !== (this.#flt & 0xffff)) return false;
    if (this.is(MATCH_PMG) && label.pmg !== ((this.#flt >>> 16) & 0xff)) return false;
    return true;
  }
}
