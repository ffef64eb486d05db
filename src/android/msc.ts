// The one MSC: what the architecture module asks and sets at probe, and the settings of a PARTID (more.md 4.2). Accesses are
// never interleaved: nothing here waits.

import {
  CCAP_IDR_CMAX_WD,
  CMAX_CMAX,
  CPOR_IDR_CPBM_WD,
  ECR_INTEN,
  fieldGet,
  fractionMask,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_PRI_PART,
  IDR_HI_HAS_RIS,
  IDR_PARTID_MAX,
  MPAMCFG_CMAX,
  MPAMCFG_CPBM,
  MPAMCFG_PART_SEL,
  MPAMF_CCAP_IDR,
  MPAMF_CPOR_IDR,
  MPAMF_ECR,
  MPAMF_IDR,
  PART_SEL_PARTID,
  PART_SEL_RIS,
} from "../../assembly/regs/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { Bits } from "../tree/index.ts";
import type { Oddities } from "./compat.ts";
import type { Log } from "./needs.ts";
import type { Port } from "./port.ts";

/** What the registers said at probe. */
export interface MscFacts {
  readonly partids: number;
  readonly hasRis: boolean;
  /** Portions; absent without CPOR. */
  readonly cpbmNbits?: number;
  /** Bits of CMAX; absent without CCAP. */
  readonly cmaxNbits?: number;
  /** How far a value has to go down to where this part has its bits; 0 as the architecture has it. */
  readonly cmaxShift: number;
}

export class Msc {
  constructor(
    readonly facts: MscFacts,
    private readonly port: Port,
    private readonly odd: Oddities,
  ) {}

  /**
   * EOPNOTSUPP for a part with priorities, or with neither portions nor a maximum capacity; ENXIO where nothing answers.
   * @param partidsOfCpus What the cpus can send.
   */
  static probe(port: Port, partidsOfCpus: number, log: Log, odd: Oddities): Msc {
    const idr = port.read64(MPAMF_IDR);
    const low = Number(idr & 0xffff_ffffn);
    const hasCpor = (low & IDR_HAS_CPOR_PART) !== 0;
    const hasCcap = (low & IDR_HAS_CCAP_PART) !== 0;
    if (!hasCpor && !hasCcap) throw new ErrnoError("EOPNOTSUPP", "neither portions nor a maximum capacity to set");
    if (low & IDR_HAS_PRI_PART)
      throw new ErrnoError("EOPNOTSUPP", "priority partitioning is present but not supported");
    const hasRis = (Number(idr >> 32n) & IDR_HI_HAS_RIS) !== 0;
    if (hasRis) log("warning", "more than one resource instance: only RIS 0 is used");
    port.write32(MPAMF_ECR, port.read32(MPAMF_ECR) & ~ECR_INTEN);
    const counts = {
      partids: fieldGet(IDR_PARTID_MAX, low) + 1,
      hasRis,
      ...(hasCpor ? { cpbmNbits: fieldGet(CPOR_IDR_CPBM_WD, port.read32(MPAMF_CPOR_IDR)) } : {}),
      ...(hasCcap ? { cmaxNbits: fieldGet(CCAP_IDR_CMAX_WD, port.read32(MPAMF_CCAP_IDR)) } : {}),
      cmaxShift: 0,
    };
    const cmaxShift = new Msc(counts, port, odd).#findCmaxShift(log);
    const msc = new Msc({ ...counts, cmaxShift }, port, odd);
    msc.#reset(partidsOfCpus);
    return msc;
  }

  /** The implemented bits belong on top; some parts have them at the bottom. */
  #findCmaxShift(log: Log): number {
    const { cmaxNbits } = this.facts;
    if (cmaxNbits === undefined || cmaxNbits >= 16) return 0;
    this.#select(0);
    this.port.write32(MPAMCFG_CMAX, CMAX_CMAX);
    const below = CMAX_CMAX & ~topBits(cmaxNbits);
    if ((this.port.read32(MPAMCFG_CMAX) & below) === 0) return 0;
    log("warning", "CMAX has its low bits implemented, contrary to the architecture: values are shifted");
    return 16 - cmaxNbits;
  }

  #reset(partidsOfCpus: number): void {
    const { partids, cpbmNbits, cmaxNbits } = this.facts;
    const ones = this.odd.onesForPartids ? partidsOfCpus : (cpbmNbits ?? 0);
    const all = Array.from({ length: cpbmNbits ?? 0 }, (_, bit) => bit < ones);
    const count = this.odd.resetsPartidsOfCpus ? partidsOfCpus : partids;
    for (let partid = 0; partid < count; partid++) {
      if (cpbmNbits !== undefined) this.setPortions(partid, all);
      if (cmaxNbits !== undefined) this.setCmax(partid, topBits(cmaxNbits));
    }
  }

  /** The portions that a PARTID may fill, as the hardware has them now. */
  portions(partid: number): Bits {
    const { cpbmNbits = 0 } = this.facts;
    this.#select(partid);
    const step = this.odd.readsFarApart ? 32 : 4;
    const words = Array.from({ length: Math.ceil(cpbmNbits / 32) }, (_, word) =>
      this.port.read32(MPAMCFG_CPBM + step * word),
    );
    return Array.from({ length: cpbmNbits }, (_, bit) => (((words[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1);
  }

  setPortions(partid: number, bits: Bits): void {
    this.#select(partid);
    let below = 0;
    for (let word = 0; 32 * word < bits.length; word++) {
      const own = wordOf(bits, word);
      below = (below | own) >>> 0;
      this.port.write32(MPAMCFG_CPBM + 4 * word, this.odd.mixesWords ? below : own);
    }
  }

  /** The most capacity a PARTID may have, as a fraction of 16 bits. */
  cmax(partid: number): number {
    this.#select(partid);
    return ((this.port.read32(MPAMCFG_CMAX) & CMAX_CMAX) << this.facts.cmaxShift) & CMAX_CMAX;
  }

  setCmax(partid: number, fraction: number): void {
    this.#select(partid);
    this.port.write32(MPAMCFG_CMAX, fraction >>> this.facts.cmaxShift);
  }

  /** Read, changed and written: other fields stay. */
  #select(partid: number): void {
    const fields = this.facts.hasRis ? PART_SEL_PARTID | PART_SEL_RIS : PART_SEL_PARTID;
    const other = this.port.read32(MPAMCFG_PART_SEL) & ~fields;
    this.port.write32(MPAMCFG_PART_SEL, (other | partid) >>> 0);
  }
}

function wordOf(bits: Bits, word: number): number {
  let value = 0;
  for (let bit = 0; bit < 32; bit++) if (bits[32 * word + bit]) value |= 1 << bit;
  return value >>> 0;
}

function topBits(width: number): number {
  return width === 0 ? 0 : fractionMask(Math.min(16, width));
}
