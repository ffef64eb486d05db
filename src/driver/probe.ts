// Asking an MSC what it is: the reads and writes of linux-driver.md 2.2 to 2.4, in that order and no others.

import {
  AIDR_ARCH_MAJOR_REV,
  AIDR_ARCH_MINOR_REV,
  CCAP_IDR_CASSOC_WD,
  CCAP_IDR_CMAX_WD,
  CCAP_IDR_HAS_CASSOC,
  CCAP_IDR_HAS_CMAX_SOFTLIM,
  CCAP_IDR_HAS_CMIN,
  CCAP_IDR_NO_CMAX,
  CPOR_IDR_CPBM_WD,
  CSUMON_IDR_HAS_XCL,
  CSUMON_IDR_NUM_MON,
  fieldGet,
  IDR_EXT,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_MBW_PART,
  IDR_HAS_MSMON,
  IDR_HAS_PARTID_NRW,
  IDR_HAS_PRI_PART,
  IDR_HI_HAS_EXTD_ESR,
  IDR_HI_RIS_MAX,
  IDR_PARTID_MAX,
  IDR_PMG_MAX,
  MAX_LIM_HARD,
  MBW_IDR_BWA_WD,
  MBW_IDR_BWPBM_WD,
  MBW_IDR_HAS_MAX,
  MBW_IDR_HAS_MIN,
  MBW_IDR_HAS_PBM,
  MBW_IDR_HAS_PROP,
  MBW_IDR_MAX_LIM,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_HAS_RWBW,
  MBWUMON_IDR_LWD,
  MBWUMON_IDR_NUM_MON,
  MPAMF_CCAP_IDR,
  MPAMF_CPOR_IDR,
  MPAMF_CSUMON_IDR,
  MPAMF_IDR,
  MPAMF_IIDR,
  MPAMF_MBW_IDR,
  MPAMF_MBWUMON_IDR,
  MPAMF_MSMON_IDR,
  MPAMF_PARTID_NRW_IDR,
  MPAMF_PRI_IDR,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
  PARTID_NRW_IDR_INTPARTID_MAX,
  PRI_IDR_DSPRI_0_IS_LOW,
  PRI_IDR_DSPRI_WD,
  PRI_IDR_HAS_DSPRI,
  PRI_IDR_HAS_INTPRI,
  PRI_IDR_INTPRI_0_IS_LOW,
  PRI_IDR_INTPRI_WD,
} from "../../assembly/regs/index.ts";
import { type Holding, NOTHING_HELD } from "../bus/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { type Ris, type Tree, UNDESCRIBED } from "./classes.ts";
import type { Msc, PartRegs, Registers } from "./msc.ts";
import type { Log } from "./needs.ts";
import { type NrdyBehaviour, tryNrdy } from "./nrdy.ts";
import { emptyProps } from "./props.ts";
import { quirksOf } from "./quirks.ts";
import type { Feature, Props } from "./types.ts";

/** MPAMF_IDR as two words; the high one is 0 where EXT says there is none. */
interface Idr {
  readonly low: number;
  readonly high: number;
}

/** Fills in the facts of `msc` and the props of its RIS. RIS that firmware does not describe join the tree as unknown. */
export async function probeMsc(msc: Msc, tree: Tree, log: Log, signal?: AbortSignal): Promise<void> {
  const probe = async (holding: Holding): Promise<void> => {
    if (msc.facts.probed) return;
    await checkVersion(msc, holding);
    const facts = msc.facts;
    const { idr, iidr } = await msc.withPartAsFound(
      async (regs) => ({ idr: await readIdr(regs), iidr: await regs.read32(MPAMF_IIDR) }),
      holding,
    );
    facts.iidr = iidr;
    facts.quirks = quirksOf(iidr, msc.shadow);
    facts.risMax = fieldGet(IDR_HI_RIS_MAX, idr.high);
    facts.partidMax = fieldGet(IDR_PARTID_MAX, idr.low);
    facts.pmgMax = fieldGet(IDR_PMG_MAX, idr.low);
    for (let index = 0; index <= facts.risMax; index++) {
      const ofRis = await msc.withPart(index, 0, readIdr, holding);
      facts.partidMax = Math.min(facts.partidMax, fieldGet(IDR_PARTID_MAX, ofRis.low));
      facts.pmgMax = Math.min(facts.pmgMax, fieldGet(IDR_PMG_MAX, ofRis.low));
      // Linux 7.3 believes the last RIS; a hole at the end of the range would hide the high half of MPAMF_ESR.
      const extended = (ofRis.high & IDR_HI_HAS_EXTD_ESR) !== 0;
      facts.hasExtdEsr = extended || (facts.hasExtdEsr && !msc.odd.lastRisHasExtdEsr);
      const ris = tree.ris(msc, index) ?? tree.add(msc, index, UNDESCRIBED);
      await msc.withPart(index, 0, (regs) => probeFeatures(regs, ofRis, ris, log), holding);
    }
    await msc.clearEsr(holding);
    facts.probed = true;
  };
  await msc.probeLock.run(NOTHING_HELD, probe, signal);
}

async function checkVersion(msc: Msc, under: Holding): Promise<void> {
  const aidr = await msc.readAidr(under);
  msc.facts.aidr = aidr;
  const major = fieldGet(AIDR_ARCH_MAJOR_REV, aidr);
  const minor = fieldGet(AIDR_ARCH_MINOR_REV, aidr);
  if (major > 1 || (major === 0 && minor === 0)) {
    throw new ErrnoError("EIO", `${msc}: MPAMF_AIDR says version ${major}.${minor}; known are 0.1 and 1.x`);
  }
}

async function readIdr(regs: Registers): Promise<Idr> {
  const low = await regs.read32(MPAMF_IDR);
  return { low, high: (low & IDR_EXT) !== 0 ? await regs.read32(MPAMF_IDR + 4) : 0 };
}

async function probeFeatures(regs: PartRegs, idr: Idr, ris: Ris, log: Log): Promise<void> {
  const props = emptyProps();
  const has = (mask: number): boolean => (idr.low & mask) !== 0;
  if (has(IDR_HAS_CCAP_PART)) readCapacity(props, await regs.read32(MPAMF_CCAP_IDR));
  if (has(IDR_HAS_CPOR_PART)) {
    props.cpbmWd = fieldGet(CPOR_IDR_CPBM_WD, await regs.read32(MPAMF_CPOR_IDR));
    add(props, "cpor_part", props.cpbmWd !== 0);
  }
  if (has(IDR_HAS_MBW_PART)) {
    const mbw = await regs.read32(MPAMF_MBW_IDR);
    readBandwidth(props, mbw);
    ris.hardOnly = props.features.has("mbw_max") && fieldGet(MBW_IDR_MAX_LIM, mbw) === MAX_LIM_HARD;
  }
  if (has(IDR_HAS_PRI_PART)) readPriority(props, await regs.read32(MPAMF_PRI_IDR));
  if (has(IDR_HAS_MSMON)) await probeMonitors(regs, props, ris, log);
  if (has(IDR_HAS_PARTID_NRW) && ris.vmsc.component.class.type !== "unknown") {
    add(props, "partid_nrw", true);
    const facts = ris.msc.facts;
    const most = fieldGet(PARTID_NRW_IDR_INTPARTID_MAX, await regs.read32(MPAMF_PARTID_NRW_IDR));
    facts.partidMax = Math.min(facts.partidMax, most);
  }
  ris.props = props;
}

function readCapacity(props: Props, ccap: number): void {
  props.cmaxWd = fieldGet(CCAP_IDR_CMAX_WD, ccap);
  if (props.cmaxWd !== 0) {
    add(props, "cmax_softlim", (ccap & CCAP_IDR_HAS_CMAX_SOFTLIM) !== 0);
    add(props, "cmax_cmax", (ccap & CCAP_IDR_NO_CMAX) === 0);
    add(props, "cmax_cmin", (ccap & CCAP_IDR_HAS_CMIN) !== 0);
  }
  props.cassocWd = fieldGet(CCAP_IDR_CASSOC_WD, ccap);
  add(props, "cmax_cassoc", props.cassocWd !== 0 && (ccap & CCAP_IDR_HAS_CASSOC) !== 0);
}

function readBandwidth(props: Props, mbw: number): void {
  props.mbwPbmBits = fieldGet(MBW_IDR_BWPBM_WD, mbw);
  add(props, "mbw_part", props.mbwPbmBits !== 0 && (mbw & MBW_IDR_HAS_PBM) !== 0);
  props.bwaWd = Math.min(fieldGet(MBW_IDR_BWA_WD, mbw), 16);
  if (props.bwaWd === 0) return;
  add(props, "mbw_max", (mbw & MBW_IDR_HAS_MAX) !== 0);
  add(props, "mbw_min", (mbw & MBW_IDR_HAS_MIN) !== 0);
  add(props, "mbw_prop", (mbw & MBW_IDR_HAS_PROP) !== 0);
}

function readPriority(props: Props, pri: number): void {
  props.intpriWd = fieldGet(PRI_IDR_INTPRI_WD, pri);
  if (props.intpriWd !== 0 && (pri & PRI_IDR_HAS_INTPRI) !== 0) {
    add(props, "intpri_part", true);
    add(props, "intpri_part_0_low", (pri & PRI_IDR_INTPRI_0_IS_LOW) !== 0);
  }
  props.dspriWd = fieldGet(PRI_IDR_DSPRI_WD, pri);
  if (props.dspriWd !== 0 && (pri & PRI_IDR_HAS_DSPRI) !== 0) {
    add(props, "dspri_part", true);
    add(props, "dspri_part_0_low", (pri & PRI_IDR_DSPRI_0_IS_LOW) !== 0);
  }
}

async function probeMonitors(regs: PartRegs, props: Props, ris: Ris, log: Log): Promise<void> {
  const msc = ris.msc;
  const msmon = await regs.read32(MPAMF_MSMON_IDR);
  msc.facts.nrdyUsec = msc.firmware.nrdyUsec ?? 0;
  if ((msmon & MSMON_IDR_MSMON_CSU) !== 0) {
    const csumon = await regs.read32(MPAMF_CSUMON_IDR);
    props.numCsuMon = fieldGet(CSUMON_IDR_NUM_MON, csumon);
    if (props.numCsuMon !== 0) {
      add(props, "msmon_csu", true);
      add(props, "msmon_csu_xcl", (csumon & CSUMON_IDR_HAS_XCL) !== 0);
      const nrdy = await tryNrdy(msc, ris.index, regs.holding);
      reportNrdy(ris, nrdy, log);
    }
  }
  if ((msmon & MSMON_IDR_MSMON_MBWU) !== 0) {
    const mbwumon = await regs.read32(MPAMF_MBWUMON_IDR);
    props.numMbwuMon = fieldGet(MBWUMON_IDR_NUM_MON, mbwumon);
    if (props.numMbwuMon !== 0) {
      add(props, "msmon_mbwu", true);
      add(props, "msmon_mbwu_rwbw", (mbwumon & MBWUMON_IDR_HAS_RWBW) !== 0);
      props.features.add(counterFeature(mbwumon));
    }
  }
}

/** Linux 7.3 wants a time, if only 0, for any NRDY that hardware manages; a monitor that is always ready needs none. */
function reportNrdy({ msc, index }: Ris, { canSet, canClear }: NrdyBehaviour, log: Log): void {
  const { nrdyUsec } = msc.firmware;
  if (msc.odd.nrdyWantsTime) {
    if (nrdyUsec !== undefined || (canSet && canClear)) return;
    msc.remark("nrdy", "error", "hardware manages NRDY, and firmware does not say how long it takes");
  } else if (!canClear && (nrdyUsec ?? 0) === 0) {
    log("warning", `${msc}: monitors of RIS ${index} need time to settle, and firmware does not say how long`);
  }
}

function counterFeature(mbwumon: number): Feature {
  if ((mbwumon & MBWUMON_IDR_HAS_LONG) === 0) return "msmon_mbwu_31counter";
  return (mbwumon & MBWUMON_IDR_LWD) !== 0 ? "msmon_mbwu_63counter" : "msmon_mbwu_44counter";
}

function add(props: Props, feature: Feature, present: boolean): void {
  if (present) props.features.add(feature);
}
