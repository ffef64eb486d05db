// What the keys of one MSC say about each other: what the architecture lets stand together (IHI 0099, MPAMF_*IDR).

import { at, type Path, type Report } from "../written/index.ts";
import { checkVersion } from "./check-version.ts";
import { strayControls } from "./fill.ts";
import { MSC_WINDOW_BYTES } from "./instances.ts";
import type { WrittenMsc } from "./schema.ts";
import type { MscDescription, RisDescription, Space } from "./types.ts";

export function checkMsc(
  msc: MscDescription,
  written: WrittenMsc,
  path: Path,
  kind: "cache" | "memory",
  report: Report,
): void {
  for (const key of ["base", "stride"] as const) {
    const value = msc[key] ?? 0;
    if (value % MSC_WINDOW_BYTES === 0) continue;
    const found = `${at([...path, key])} is 0x${value.toString(16)}`;
    report([...path, key], found, "a multiple of 64 KiB (0x1_0000) is allowed");
  }
  for (const name of strayControls(written)) {
    const found = `${at([...path, name])} stands beside ${at([...path, "ris"])}`;
    report([...path, name], found, "controls are allowed under msc itself, or in each entry of ris, not both");
  }
  if (msc.ris.length === 0) {
    report([...path, "ris"], `${at([...path, "ris"])} is an empty list`, "at least one resource instance is needed");
  }
  // The one instance of a short-form part has no entry of its own.
  const risPath = (index: number) => (written.ris ? [...path, "ris", index] : path);
  checkSpaces(msc, path, report);
  checkErrors(msc, path, report);
  checkPartids(msc, path, report);
  checkEvents(msc, path, report);
  checkVersion(msc, path, risPath, report);
  msc.ris.forEach((ris, index) => {
    const here = risPath(index);
    const first = msc.ris.findIndex((other) => other.ris === ris.ris);
    if (first < index) {
      report([...here, "ris"], `${at([...here, "ris"])} is ${ris.ris} again`, "each number is allowed once");
    }
    if (kind === "memory") checkIsMemory(ris, here, report);
    checkRisSpaces(ris, msc, here, report);
    checkCapacity(ris, here, report);
    checkBandwidth(ris, here, report);
    checkPriority(ris, here, report);
  });
}

/** A part of four spaces needs version 1.1 and has all four; Realm and Root come only together. */
function checkSpaces(msc: MscDescription, path: Path, report: Report): void {
  const { s, rt, rl } = msc.spaces;
  const four = rt ? "rt" : rl ? "rl" : undefined;
  if (four === undefined) return;
  if (!s || !rt || !rl) {
    const have = Object.keys(msc.spaces).join(", ");
    report(
      [...path, "spaces", four],
      `${at([...path, "spaces"])} has ${have}`,
      "ns; ns, s; or ns, s, rt, rl is allowed",
    );
  }
  if (msc.version !== "1.1") {
    const found = `${at([...path, "spaces", four])} stands with version ${msc.version}`;
    report([...path, "spaces", four], found, "Root and Realm are allowed with version 1.1");
  }
}

/** MPAMF_ESR has a field for the RIS only in its 64-bit form; an error MSI tells edges. */
function checkErrors(msc: MscDescription, path: Path, report: Report): void {
  if (msc.version === "1.0") return;
  const highest = Math.max(0, ...msc.ris.map(({ ris }) => ris));
  if (msc.esr === 32 && highest > 0) {
    const found = `${at([...path, "esr"])} is 32 beside resource instance ${highest}`;
    report([...path, "esr"], found, "64 or none is allowed with resource instances above 0");
  }
  if (!msc.errMsi) return;
  const errMsi = [...path, "errMsi"];
  const wants = [
    ...(msc.esr === "none" ? [{ has: "esr none", needs: "esr 32 or 64" }] : []),
    ...(msc.errorStyle === "edge" ? [] : [{ has: `errorStyle ${msc.errorStyle}`, needs: "errorStyle edge" }]),
  ];
  if (wants.length === 0) return;
  const found = `${at(errMsi)} is true with ${wants.map(({ has }) => has).join(" and ")}`;
  report(errMsi, found, `it needs ${wants.map(({ needs }) => needs).join(" and ")}`);
}

function checkPartids(msc: MscDescription, path: Path, report: Report): void {
  if (!msc.partidNrw) return;
  const { intPartidMax } = msc.partidNrw;
  const largest = Math.max(...Object.values(msc.spaces).map(({ partidMax }) => partidMax));
  if (intPartidMax > largest) {
    const here = [...path, "partidNrw", "intPartidMax"];
    report(here, `${at(here)} is ${intPartidMax}`, `at most ${largest}, the largest partidMax, is allowed`);
  }
  if (msc.endis && msc.endis.nfu !== "none") {
    const here = [...path, "endis", "nfu"];
    report(here, `${at(here)} is ${msc.endis.nfu} with partidNrw`, "none is allowed there");
  }
}

function checkEvents(msc: MscDescription, path: Path, report: Report): void {
  const monitors = msc.ris.flatMap(({ csu, mbwu }) => [csu ?? [], mbwu ?? []].flat());
  if (msc.localCaptEvnt && monitors.length === 0) {
    const local = [...path, "localCaptEvnt"];
    report(local, `${at(local)} is true without monitors`, "csu or mbwu is needed");
  }
  const here = [...path, "captEvents"];
  if (msc.captEvents.length > 0 && !monitors.some(({ capture, oflowLnkg }) => capture || oflowLnkg)) {
    report(here, `${at(here)} is ${msc.captEvents.join(", ")}`, "monitors with capture or oflowLnkg are needed");
  }
  msc.captEvents.forEach((event, index) => {
    if (msc.captEvents.indexOf(event) === index) return;
    report([...here, index], `${at([...here, index])} is ${event} again`, "each event is allowed once");
  });
}

function checkIsMemory(ris: RisDescription, path: Path, report: Report): void {
  for (const name of ["cpor", "ccap", "csu"] as const) {
    if (!ris[name]) continue;
    const found = `${at([...path, name])} is a control of caches`;
    report([...path, name], found, "mbw, pri and mbwu are allowed at memory");
  }
}

function checkRisSpaces(ris: RisDescription, msc: MscDescription, path: Path, report: Report): void {
  if (!ris.spaces) return;
  const here = [...path, "spaces"];
  const banks = Object.keys(msc.spaces) as Space[];
  if (ris.spaces.length === 0) {
    report(here, `${at(here)} is an empty list`, `at least one of ${banks.join(", ")} is needed`);
  }
  ris.spaces.forEach((space, index) => {
    const one = [...here, index];
    if (!banks.includes(space)) {
      report(one, `${at(one)} is ${space}, which the msc does not serve`, `${banks.join(", ")} is allowed here`);
    } else if (ris.spaces?.indexOf(space) !== index) {
      report(one, `${at(one)} is ${space} again`, "each space is allowed once");
    }
  });
}

function checkCapacity({ ccap }: RisDescription, path: Path, report: Report): void {
  if (!ccap?.noCmax) return;
  const here = [...path, "ccap"];
  if (ccap.cmaxSoftlim) {
    report([...here, "cmaxSoftlim"], `${at(here)}.cmaxSoftlim is true with noCmax`, "false is allowed there");
  }
  if (!ccap.cmin && ccap.cassocWd === undefined) {
    report([...here, "noCmax"], `${at(here)}.noCmax is true and nothing is left`, "cmin or cassocWd is needed with it");
  }
}

function checkBandwidth({ mbw }: RisDescription, path: Path, report: Report): void {
  if (!mbw) return;
  const here = [...path, "mbw"];
  const fractions = mbw.max || mbw.min || mbw.prop;
  if (!fractions && mbw.bwpbmWd === undefined) {
    report(here, `${at(here)} has neither max nor min, prop or bwpbmWd`, "at least one is needed");
  } else if (!mbw.max && mbw.maxLim !== "both") {
    const maxLim = [...here, "maxLim"];
    report(maxLim, `${at(maxLim)} is ${mbw.maxLim} without max`, "max is needed with it");
  }
  if (fractions && mbw.bwaWd === 0) {
    const bwaWd = [...here, "bwaWd"];
    report(bwaWd, `${at(bwaWd)} is 0`, "a number of fraction bits, 1 to 16, is allowed with max, min or prop");
  }
}

function checkPriority({ pri }: RisDescription, path: Path, report: Report): void {
  if (!pri) return;
  const here = [...path, "pri"];
  if (pri.intpriWd === undefined && pri.dspriWd === undefined) {
    report(here, `${at(here)} has neither intpriWd nor dspriWd`, "at least one is needed");
  }
  for (const half of ["intpri", "dspri"] as const) {
    if (!pri[`${half}0IsLow`] || pri[`${half}Wd`] !== undefined) continue;
    const low = [...here, `${half}0IsLow`];
    report(low, `${at(low)} is true without ${half}Wd`, "false is allowed there");
  }
}
