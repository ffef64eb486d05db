// What version 1.0 does not have (IHI 0099, the register pages; register reference, section 2).

import { at, type Path, type Report } from "../written/index.ts";
import type { MonitorFeatures, MscDescription, RisDescription } from "./types.ts";

const MSC_FLAGS = ["errMsi", "noHwOflwIntr", "oflwMsi", "oflowSr", "defaultPartid"] as const;
const MSC_PARTS = ["endis", "inTl", "outTl"] as const;
const MONITOR_FLAGS = ["oflowLnkg", "ofsr", "cevntOflw", "oflowCapt", "noMatchPartid", "noMatchPmg"] as const;

/** `risPath`: where the keys of a resource instance stand. */
export function checkVersion(msc: MscDescription, path: Path, risPath: (index: number) => Path, report: Report): void {
  if (msc.version !== "1.0") return;
  const refuse: Refuse = (key, what, allowed) => report(key, `${at(key)} ${what} with version 1.0`, allowed);
  if (msc.esr !== 32) refuse([...path, "esr"], `is ${msc.esr}`, "32 is allowed there");
  for (const key of MSC_FLAGS) if (msc[key]) refuse([...path, key], "is true", "false is allowed there");
  for (const key of MSC_PARTS) if (msc[key]) refuse([...path, key], "stands", "it is allowed with version 0.1 or 1.1");
  if (msc.tlMonitoring !== "between") {
    refuse([...path, "tlMonitoring"], `is ${msc.tlMonitoring}`, "between is allowed there");
  }
  msc.ris.forEach((ris, index) => {
    checkRis(ris, risPath(index), refuse);
  });
}

type Refuse = (key: Path, what: string, allowed: string) => void;

function checkRis(ris: RisDescription, path: Path, refuse: Refuse): void {
  const { impl, ccap, csu, mbwu } = ris;
  if (ris.ris > 0) refuse([...path, "ris"], `is ${ris.ris}`, "only resource instance 0 is allowed there");
  const flags = (part: string, set: { readonly [flag: string]: boolean }) => {
    for (const [flag, on] of Object.entries(set)) {
      if (on) refuse([...path, part, flag], "is true", "false is allowed there");
    }
  };
  if (impl) flags("impl", { noPart: impl.noPart, noMsmon: impl.noMsmon });
  if (ccap) {
    flags("ccap", { noCmax: ccap.noCmax, cmaxSoftlim: ccap.cmaxSoftlim, cmin: ccap.cmin });
    if (ccap.cassocWd !== undefined) {
      refuse([...path, "ccap", "cassocWd"], `is ${ccap.cassocWd}`, "it is allowed with version 0.1 or 1.1");
    }
  }
  if (csu) flags("csu", { ...monitorFlags(csu), xcl: csu.xcl });
  if (mbwu) {
    flags("mbwu", { ...monitorFlags(mbwu), rwbw: mbwu.rwbw });
    if (mbwu.counter !== 31) {
      refuse([...path, "mbwu", "counter"], `is ${mbwu.counter}`, "a counter of 31 bits is allowed there");
    }
  }
}

function monitorFlags(monitors: MonitorFeatures): { [flag: string]: boolean } {
  return Object.fromEntries(MONITOR_FLAGS.map((flag) => [flag, monitors[flag]]));
}
