/** The identification registers of a bank, computed at each read (IHI 0099, MPAMF_* registers). */
import type { SubjectMonitorFeatures, SubjectRis, SubjectTranslation } from "../subject.ts";
import type { Bank } from "./bank.ts";
import { flag } from "./bits.ts";
import { OFFSET } from "./offsets.ts";
import { hasMonitors } from "./part.ts";
import type { Register } from "./register.ts";
import { wordsOf } from "./settings.ts";

export function identificationRegisters(bank: Bank): Register[] {
  const { config } = bank.part;
  const { instances } = bank;
  const registers: Register[] = [
    { offset: OFFSET.MPAMF_IDR, read: () => idrLow(bank) },
    { offset: OFFSET.MPAMF_IIDR, read: () => config.iidr },
    { offset: OFFSET.MPAMF_AIDR, read: () => ({ "1.0": 0x10, "1.1": 0x11, "0.1": 0x01 })[config.version] },
    { offset: OFFSET.MPAMF_IMPL_IDR, read: () => selected(bank)?.impl?.idr ?? 0 },
    { offset: OFFSET.MPAMF_CPOR_IDR, read: () => selected(bank)?.cpor?.cpbmWd ?? 0 },
    { offset: OFFSET.MPAMF_CCAP_IDR, read: () => ccapIdr(selected(bank)) },
    { offset: OFFSET.MPAMF_MBW_IDR, read: () => mbwIdr(selected(bank)) },
    { offset: OFFSET.MPAMF_PRI_IDR, read: () => priIdr(selected(bank)) },
    { offset: OFFSET.MPAMF_PARTID_NRW_IDR, read: () => config.partidNrw?.intPartidMax ?? 0 },
    { offset: OFFSET.MPAMF_IN_TL_IDR, read: () => translationIdr(config.inTl) },
    { offset: OFFSET.MPAMF_OUT_TL_IDR, read: () => translationIdr(config.outTl) },
  ];
  if (!bank.part.v10) registers.push({ offset: OFFSET.MPAMF_IDR + 4, read: () => idrHigh(bank) });
  if (bank.space === "s") registers.push({ offset: OFFSET.MPAMF_SIDR, read: () => limits(bank) });
  if (instances.some(hasMonitors)) {
    registers.push(
      { offset: OFFSET.MPAMF_MSMON_IDR, read: () => msmonIdr(bank) },
      { offset: OFFSET.MPAMF_CSUMON_IDR, read: () => csumonIdr(selected(bank)) },
      { offset: OFFSET.MPAMF_MBWUMON_IDR, read: () => mbwumonIdr(selected(bank)) },
    );
  }
  return registers;
}

/** Monitors too are described under PART_SEL.RIS and not MON_SEL.RIS. */
function selected(bank: Bank): SubjectRis | undefined {
  return bank.partSel.instance;
}

function limits({ limits: { partidMax, pmgMax } }: Bank): number {
  return pmgMax * 2 ** 16 + partidMax;
}

/** With an undefined RIS every HAS_ field is 0, and what software takes minima over stays (D6). */
function idrLow(bank: Bank): number {
  const { config, v10 } = bank.part;
  const ris = selected(bank);
  let value = limits(bank) + flag(!v10, 28);
  if (ris === undefined) return value;
  value += flag(ris.ccap !== undefined, 24);
  value += flag(ris.cpor !== undefined, 25);
  value += flag(ris.mbw !== undefined, 26);
  value += flag(ris.pri !== undefined, 27);
  value += flag(ris.impl !== undefined, 29);
  value += flag(hasMonitors(ris), 30);
  value += flag(config.partidNrw !== undefined, 31);
  return value;
}

function idrHigh(bank: Bank): number {
  const { config, esr, hasRis, risMax } = bank.part;
  const ris = selected(bank);
  let value = risMax * 2 ** 24;
  value += flag(config.spaces.rt !== undefined || config.spaces.rl !== undefined, 9);
  if (ris === undefined) return value;
  value += flag(hasRis, 0);
  value += flag(ris.impl?.noPart, 4);
  value += flag(ris.impl?.noMsmon, 5);
  value += flag(esr === 64, 6);
  value += flag(esr !== "none", 7);
  value += flag(config.errMsi, 8);
  value += flag(config.endis !== undefined, 10);
  value += flag(config.endis !== undefined && config.endis.nfu !== "none", 11);
  value += flag(config.inTl !== undefined, 12);
  value += flag(config.outTl !== undefined, 13);
  value += flag(config.defaultPartid, 14);
  return value;
}

function ccapIdr(ris: SubjectRis | undefined): number {
  const ccap = ris?.ccap;
  if (ccap === undefined) return 0;
  let value = ccap.cmaxWd + (ccap.cassocWd ?? 0) * 2 ** 8;
  value += flag(ccap.cassocWd !== undefined, 28);
  value += flag(ccap.cmin, 29);
  value += flag(ccap.noCmax, 30);
  value += flag(ccap.cmaxSoftlim, 31);
  return value;
}

function mbwIdr(ris: SubjectRis | undefined): number {
  const mbw = ris?.mbw;
  if (ris === undefined || mbw === undefined) return 0;
  const hasMax = wordsOf(ris, "mbwMax") > 0;
  let value = mbw.bwaWd + (mbw.bwpbmWd ?? 0) * 2 ** 16;
  if (hasMax) value += { both: 0, soft: 1, hard: 2 }[mbw.maxLim ?? "both"] * 2 ** 8;
  value += flag(mbw.min, 10);
  value += flag(hasMax, 11);
  value += flag(mbw.bwpbmWd !== undefined, 12);
  value += flag(mbw.prop, 13);
  value += flag(mbw.windwr, 14);
  return value;
}

function priIdr(ris: SubjectRis | undefined): number {
  const { intpriWd, intpri0IsLow, dspriWd, dspri0IsLow } = ris?.pri ?? {};
  let value = 0;
  if (intpriWd !== undefined) value += intpriWd * 2 ** 4 + flag(intpri0IsLow, 1) + flag(true, 0);
  if (dspriWd !== undefined) value += dspriWd * 2 ** 20 + flag(dspri0IsLow, 17) + flag(true, 16);
  return value;
}

function msmonIdr(bank: Bank): number {
  const { config, tlMonitoring } = bank.part;
  const ris = selected(bank);
  if (ris === undefined || !hasMonitors(ris)) return 0;
  let value = { between: 0, before: 1, after: 2 }[tlMonitoring] * 2 ** 26;
  value += flag(ris.csu !== undefined, 16);
  value += flag(ris.mbwu !== undefined, 17);
  value += flag(config.oflowSr, 28);
  value += flag(config.oflwMsi, 29);
  value += flag(config.noHwOflwIntr, 30);
  value += flag(config.localCaptEvnt, 31);
  return value;
}

function featuresOf(has: SubjectMonitorFeatures): number {
  let value = flag(has.noMatchPmg, 22);
  value += flag(has.noMatchPartid, 23);
  value += flag(has.oflowCapt, 24);
  value += flag(has.cevntOflw, 25);
  value += flag(has.ofsr, 26);
  value += flag(has.oflowLnkg, 27);
  value += flag(has.capture, 31);
  return value;
}

function csumonIdr(ris: SubjectRis | undefined): number {
  const csu = ris?.csu;
  if (csu === undefined) return 0;
  return csu.monitors + featuresOf(csu) + flag(csu.xcl, 29) + flag(csu.csuRo, 30);
}

function mbwumonIdr(ris: SubjectRis | undefined): number {
  const mbwu = ris?.mbwu;
  if (mbwu === undefined) return 0;
  let value = mbwu.monitors + featuresOf(mbwu) + (mbwu.scale ?? 0) * 2 ** 16;
  value += flag(mbwu.rwbw, 28);
  value += flag(mbwu.counter === 63, 29);
  value += flag(mbwu.counter !== 31, 30);
  return value;
}

function translationIdr(has: SubjectTranslation | undefined): number {
  if (has === undefined) return 0;
  return has.partidMax + flag(has.baseMask, 30) + flag(has.direct, 31);
}
