/** Which configurations a part can have: the consistency rules of IHI 0099 and of docs/modelled.md, "What a part has". */
import type { Space, SubjectConfig, SubjectErratum, SubjectMonitorFeatures, SubjectRis } from "../helpers/subject.ts";

function within(value: number | undefined, first: number, last: number): boolean {
  return value === undefined || (Number.isInteger(value) && value >= first && value <= last);
}

/** Version 1.0 has none of these. */
function newMonitorFeatures(one: SubjectMonitorFeatures): boolean {
  return Boolean(one.oflowLnkg || one.ofsr || one.cevntOflw || one.oflowCapt || one.noMatchPartid || one.noMatchPmg);
}

/** Microseconds and 256ths. */
function isWindow(usec = 1000): boolean {
  return within(usec * 256, 0, 0xff_ffff);
}

function legalMbw({
  bwaWd,
  max = true,
  maxLim,
  min,
  prop,
  bwpbmWd,
  winwdUsec,
}: NonNullable<SubjectRis["mbw"]>): boolean {
  const fraction = max || min || prop;
  if (!fraction && bwpbmWd === undefined) return false;
  if (!within(bwaWd, fraction ? 1 : 0, 16) || !within(bwpbmWd, 1, 4096) || !isWindow(winwdUsec)) return false;
  return max || maxLim === undefined;
}

function legalRis(one: SubjectRis, { kind, version, spaces }: SubjectConfig): boolean {
  const { ris, impl, cpor, ccap, mbw, pri, csu, mbwu } = one;
  if (!within(ris, 0, 15)) return false;
  if (!(impl || cpor || ccap || mbw || pri || csu || mbwu)) return false;
  if (one.spaces && (one.spaces.length === 0 || one.spaces.some((space) => !spaces[space]))) return false;
  if (kind === "memory" && (cpor || ccap || csu)) return false;
  if (cpor && !within(cpor.cpbmWd, 1, 32768)) return false;
  if (ccap && (!within(ccap.cmaxWd, 1, 16) || !within(ccap.cassocWd, 1, 16))) return false;
  if (ccap?.noCmax && (ccap.cmaxSoftlim || !(ccap.cmin || ccap.cassocWd))) return false;
  if (mbw && !legalMbw(mbw)) return false;
  if (pri) {
    if (pri.intpriWd === undefined && pri.dspriWd === undefined) return false;
    if (!within(pri.intpriWd, 1, 16) || !within(pri.dspriWd, 1, 16)) return false;
    if (pri.intpri0IsLow && pri.intpriWd === undefined) return false;
    if (pri.dspri0IsLow && pri.dspriWd === undefined) return false;
  }
  if (csu && !within(csu.monitors, 1, 65535)) return false;
  if (mbwu && (!within(mbwu.monitors, 1, 65535) || !within(mbwu.scale, 0, 31))) return false;
  if (mbwu && ![31, 44, 63].includes(mbwu.counter)) return false;
  if (version !== "1.0") return true;
  if (ris > 0 || impl?.noPart || impl?.noMsmon) return false;
  if (ccap && (ccap.noCmax || ccap.cmaxSoftlim || ccap.cmin || ccap.cassocWd !== undefined)) return false;
  if (csu && (csu.xcl || newMonitorFeatures(csu))) return false;
  return !(mbwu && (mbwu.counter !== 31 || mbwu.rwbw || newMonitorFeatures(mbwu)));
}

/** The defects that a part can have by itself: what they are about has to be there. T241-MPAM-1 is one of the way to its registers. */
export function possibleErrata(ris: readonly SubjectRis[]): SubjectErratum[] {
  const possible: SubjectErratum[] = [];
  if (ris.some(({ mbw }) => mbw && mbw.max !== false && mbw.min)) possible.push("T241-MPAM-4");
  if (ris.some(({ mbwu }) => mbwu) && ris.every(({ mbwu }) => (mbwu?.scale ?? 0) === 0)) possible.push("T241-MPAM-6");
  if (ris.some(({ csu }) => csu && (csu.nrdy ?? "hw") === "hw")) possible.push("CMN-650-3642720");
  return possible;
}

export function isLegal(config: SubjectConfig): boolean {
  const { kind, version, spaces, ris, sets = 1, ways = 1, esr, partidNrw, endis, inTl, outTl } = config;
  const banks = (Object.keys(spaces) as Space[]).filter((space) => spaces[space]).sort();
  const four = banks.length === 4;
  if (!["ns", "ns,s", "ns,rl,rt,s"].includes(banks.join()) || (four && version !== "1.1")) return false;
  if (banks.some((space) => !within(spaces[space]?.partidMax, 0, 65535) || !within(spaces[space]?.pmgMax, 0, 255))) {
    return false;
  }
  if (kind === "cache" && (!within(ways, 1, 16) || !within(sets, 1, 65536) || (sets & (sets - 1)) !== 0)) return false;
  if (![config.nrdyUsec, config.iidr, config.resetFill].every((word) => within(word, 0, 0xffff_ffff))) return false;
  if (ris.length === 0 || new Set(ris.map((one) => one.ris)).size !== ris.length) return false;
  if (!ris.every((one) => legalRis(one, config))) return false;
  const possible = possibleErrata(ris);
  if (config.errata?.some((erratum) => !possible.includes(erratum))) return false;
  const hasRis = ris.some((one) => one.ris > 0);
  const hasMonitors = ris.some((one) => one.csu || one.mbwu);
  if (hasRis && esr === 32) return false;
  if (config.errMsi && (esr === "none" || config.errorStyle !== "edge")) return false;
  const { noHwOflwIntr, oflwMsi, oflowSr, localCaptEvnt, tlMonitoring, captEvents = [] } = config;
  if (!hasMonitors && (noHwOflwIntr || oflwMsi || oflowSr || localCaptEvnt)) return false;
  if (tlMonitoring !== undefined && !inTl && !outTl) return false;
  const hasEvents = ris.some(({ csu, mbwu }) => [csu, mbwu].some((one) => one?.capture || one?.oflowLnkg));
  if (captEvents.length > 0 && !hasEvents) return false;
  if (captEvents.some((event) => !within(event, 1, 6))) return false;
  if (partidNrw && (!within(partidNrw.intPartidMax, 0, 65535) || (endis && endis.nfu !== "none"))) return false;
  if (partidNrw && banks.every((space) => partidNrw.intPartidMax > (spaces[space]?.partidMax ?? 0))) return false;
  if (!within(inTl?.partidMax, 0, 65535) || !within(outTl?.partidMax, 0, 65535)) return false;
  if (version !== "1.0") return true;
  return !(
    (esr !== undefined && esr !== 32) ||
    config.errMsi ||
    noHwOflwIntr ||
    oflwMsi ||
    oflowSr ||
    endis ||
    inTl ||
    outTl ||
    config.defaultPartid
  );
}
