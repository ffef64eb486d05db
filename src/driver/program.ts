// Writing the configuration of one PARTID into one RIS (linux-driver.md 5.1, 5.2). What is not configured gets its
// reset value, every time.

import {
  CMAX_CMAX,
  fieldPrep,
  INTPARTID_INTERNAL,
  MBW_MAX_MAX,
  MPAMCFG_CASSOC,
  MPAMCFG_CMAX,
  MPAMCFG_CMIN,
  MPAMCFG_CPBM,
  MPAMCFG_INTPARTID,
  MPAMCFG_MBW_MAX,
  MPAMCFG_MBW_MIN,
  MPAMCFG_MBW_PBM,
  MPAMCFG_MBW_PROP,
  MPAMCFG_PRI,
  PRI_DSPRI,
  PRI_INTPRI,
} from "../../assembly/regs/index.ts";
import type { Holding } from "../bus/index.ts";
import type { Ris } from "./classes.ts";
import { type Oddities, REPAIRED } from "./compat.ts";
import type { PartRegs, Registers } from "./msc.ts";
import { forcedMbwMin } from "./quirks.ts";
import type { PartConfig, Props } from "./types.ts";

/** What a 16-bit fraction is reset to when it is an upper limit; the part keeps the bits it implements. */
const FRACTION_MAX = 0xffff;

/** Each control is written when the RIS itself has it, whatever its class has in common. */
export function program(ris: Ris, partid: number, config: PartConfig, under: Holding): Promise<void> {
  return ris.msc.withPart(ris.index, partid, (regs) => programSelected(regs, ris, partid, config), under);
}

async function programSelected(regs: PartRegs, ris: Ris, partid: number, config: PartConfig): Promise<void> {
  const props = ris.props;
  const has = props.features;
  const { odd, facts, shadow } = ris.msc;
  if (has.has("partid_nrw")) {
    // Every reqPARTID gets the intPARTID of its own number; partid_max was cut to what there is.
    await regs.write32(MPAMCFG_INTPARTID, INTPARTID_INTERNAL | partid);
    await regs.selectInternal();
  }
  if (has.has("cpor_part")) await writeBitmap(regs, MPAMCFG_CPBM, props.cpbmWd, config.cpbm, odd);
  if (has.has("mbw_part")) await writeBitmap(regs, MPAMCFG_MBW_PBM, props.mbwPbmBits, config.mbwPbm, odd);
  if (has.has("mbw_min")) {
    const forced = facts.quirks.has("force_mbw_min");
    await regs.write32(MPAMCFG_MBW_MIN, forced ? forcedMbwMin(props.bwaWd, config.mbwMax) : 0);
  }
  // HARDLIM stays 0: Linux sets soft limits only.
  if (has.has("mbw_max")) await regs.write32(MPAMCFG_MBW_MAX, config.mbwMax ?? MBW_MAX_MAX);
  if (has.has("mbw_prop")) await regs.write32(MPAMCFG_MBW_PROP, 0);
  if (has.has("cmax_cmax")) await regs.write32(MPAMCFG_CMAX, CMAX_CMAX);
  if (has.has("cmax_cmin")) await regs.write32(MPAMCFG_CMIN, 0);
  if (has.has("cmax_cassoc")) await regs.write32(MPAMCFG_CASSOC, FRACTION_MAX);
  if (has.has("intpri_part") || has.has("dspri_part")) await regs.write32(MPAMCFG_PRI, highestPriority(props));
  if (facts.quirks.has("scrub_shadow_regs")) shadow?.scrub(partid);
}

/**
 * Writes all words of a bitmap of `width` bits; absent `value`: every bit. A number reaches 53 bits, those past it are 0.
 * Linux 7.3 writes the first word of a configured bitmap only, and leaves what stood in the others.
 */
export async function writeBitmap(
  regs: Registers,
  offset: number,
  width: number,
  value?: number,
  odd: Pick<Oddities, "firstWordOnly"> = REPAIRED,
): Promise<void> {
  if (value !== undefined && odd.firstWordOnly) return regs.write32(offset, value);
  for (let first = 0; first < width; first += 32) {
    const implemented = width - first >= 32 ? 0xffff_ffff : 2 ** (width - first) - 1;
    const word = value === undefined ? implemented : Math.floor(value / 2 ** first) & implemented;
    await regs.write32(offset + first / 8, word >>> 0);
  }
}

function highestPriority(props: Props): number {
  const { features, intpriWd, dspriWd } = props;
  const internal = features.has("intpri_part") && features.has("intpri_part_0_low") ? 2 ** intpriWd - 1 : 0;
  const downstream = features.has("dspri_part") && features.has("dspri_part_0_low") ? 2 ** dspriWd - 1 : 0;
  return (fieldPrep(PRI_INTPRI, internal) | fieldPrep(PRI_DSPRI, downstream)) >>> 0;
}
