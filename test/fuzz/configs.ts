/** Random parts: every key of a subject's configuration, and small sizes so that errors and overflows happen. */
import type { Space, SubjectConfig, SubjectLimits, SubjectRis, SubjectTranslation } from "../helpers/subject.ts";
import { possibleErrata } from "./legal.ts";
import type { Random } from "./random.ts";

/** An object without the keys that are undefined or false; what is absent has its default. */
function kept<T>(drawn: Record<string, unknown>): T {
  return Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined && value !== false)) as T;
}

function limits(r: Random): SubjectLimits {
  return { partidMax: r.pick([0, 1, 2, 3, 3, 4, 5, 7, 7, 12, 31, 40]), pmgMax: r.pick([0, 1, 1, 3, 3, 5]) };
}

function banks(r: Random, version: SubjectConfig["version"]): SubjectConfig["spaces"] {
  switch (r.below(version === "1.1" ? 4 : 2)) {
    case 0:
      return { ns: limits(r) };
    case 1:
      return { ns: limits(r), s: limits(r) };
    default:
      return { ns: limits(r), s: limits(r), rt: limits(r), rl: limits(r) };
  }
}

const RIS_NUMBERS = [[0], [0], [0], [1], [15], [0, 1], [0, 1], [0, 2], [1, 3], [0, 1, 2], [0, 7, 15]] as const;

function cpor(r: Random): SubjectRis["cpor"] {
  const cpbmWd = r.once(4) ? r.pick([31, 32, 33, 64, 80, 255, 512, 1000, 1024, 2048, 32768]) : r.between(1, 20);
  return { cpbmWd };
}

function ccap(r: Random, v10: boolean): SubjectRis["ccap"] {
  const cmaxWd = r.between(1, 16);
  if (v10) return { cmaxWd };
  const noCmax = r.once(6);
  const cmin = r.once(2);
  return kept({
    cmaxWd,
    noCmax,
    cmaxSoftlim: !noCmax && r.once(2),
    cmin,
    // Without CMAX one of the others has to be there.
    cassocWd: r.once(2) || (noCmax && !cmin) ? r.between(1, 16) : undefined,
  });
}

function mbw(r: Random): SubjectRis["mbw"] {
  // One of the four has to be there, and the last alone needs no fraction.
  const [max, min, prop] = [!r.once(6), r.once(2), r.once(2)];
  const fraction = max || min || prop;
  const drawn = kept<NonNullable<SubjectRis["mbw"]>>({
    bwaWd: fraction ? r.between(1, 16) : r.below(3),
    maxLim: max ? r.pick([undefined, "both", "soft", "hard"]) : undefined,
    min,
    prop,
    bwpbmWd: !fraction || r.once(2) ? r.pick([1, 2, 7, 16, 31, 32, 33, 100, 4096]) : undefined,
    windwr: r.once(2),
    winwdUsec: r.once(2) ? r.pick([0, 1, 100, 1000, 2.5, 0.00390625, 65535, 65535.99609375]) : undefined,
  });
  return max ? drawn : { ...drawn, max };
}

function pri(r: Random): SubjectRis["pri"] {
  const halves = r.between(1, 3);
  const internal = (halves & 1) !== 0;
  const downstream = (halves & 2) !== 0;
  return kept({
    intpriWd: internal ? r.between(1, 16) : undefined,
    intpri0IsLow: internal && r.once(2),
    dspriWd: downstream ? r.between(1, 16) : undefined,
    dspri0IsLow: downstream && r.once(2),
  });
}

/** 33 monitors and more have a second word of overflow summaries. */
function monitors(r: Random): number {
  return r.once(16) ? r.between(31, 40) : r.between(1, 4);
}

function monitorFeatures(r: Random, v10: boolean): Record<string, unknown> {
  return {
    capture: r.once(2),
    oflowLnkg: !v10 && r.once(2),
    ofsr: !v10 && r.once(2),
    cevntOflw: !v10 && r.once(2),
    oflowCapt: !v10 && r.once(2),
    noMatchPartid: !v10 && r.once(8),
    noMatchPmg: !v10 && r.once(8),
    nrdy: r.pick([undefined, "hw", "sw", "none"]),
  };
}

function csu(r: Random, v10: boolean): SubjectRis["csu"] {
  return kept({ monitors: monitors(r), csuRo: r.once(4), xcl: !v10 && r.once(2), ...monitorFeatures(r, v10) });
}

function mbwu(r: Random, v10: boolean): SubjectRis["mbwu"] {
  return kept({
    monitors: monitors(r),
    counter: v10 ? 31 : r.pick([31, 44, 44, 63]),
    rwbw: !v10 && r.once(2),
    scale: r.once(2) ? r.pick([1, 2, 3, 6, 6, 7, 10, 31]) : undefined,
    ...monitorFeatures(r, v10),
  });
}

function instance(
  r: Random,
  kind: SubjectConfig["kind"],
  ris: number,
  v10: boolean,
  all: readonly Space[],
): SubjectRis {
  const cache = kind === "cache";
  for (;;) {
    const drawn = kept<SubjectRis>({
      ris,
      spaces: all.length > 1 && r.once(6) ? subset(r, all) : undefined,
      impl: r.once(6) ? kept({ idr: r.word(), noPart: !v10 && r.once(2), noMsmon: !v10 && r.once(2) }) : undefined,
      cpor: cache && r.once(2) ? cpor(r) : undefined,
      ccap: cache && r.once(2) ? ccap(r, v10) : undefined,
      mbw: r.once(cache ? 4 : 2) ? mbw(r) : undefined,
      pri: r.once(4) ? pri(r) : undefined,
      csu: cache && r.once(2) ? csu(r, v10) : undefined,
      mbwu: !r.once(3) ? mbwu(r, v10) : undefined,
    });
    const { ris: _ris, spaces: _spaces, ...parts } = drawn;
    if (Object.keys(parts).length > 0) return drawn;
  }
}

/** At least one, in the order given. */
function subset<T>(r: Random, all: readonly T[]): T[] {
  const chosen = all.filter(() => r.once(2));
  return chosen.length > 0 ? chosen : [r.pick(all)];
}

function translation(r: Random): SubjectTranslation {
  return kept({ partidMax: r.pick([0, 1, 3, 7, 7, 15, 40]), direct: !r.once(4), baseMask: r.once(2) });
}

/** A part of an MSC and its limits of a processor, all of it legal (see legal.ts). */
export function drawConfig(r: Random): SubjectConfig {
  const version = r.pick(["1.1", "1.1", "1.1", "1.1", "1.1", "1.1", "0.1", "1.0"] as const);
  const v10 = version === "1.0";
  const kind = r.once(4) ? "memory" : "cache";
  const spaces = banks(r, version);
  const all = (Object.keys(spaces) as Space[]).filter((space) => spaces[space] !== undefined);
  const ris = (v10 ? [0] : r.pick(RIS_NUMBERS)).map((number) => instance(r, kind, number, v10, all));
  const hasMonitors = ris.some((one) => one.csu || one.mbwu);
  const hasEvents = ris.some(({ csu, mbwu }) => [csu, mbwu].some((one) => one?.capture || one?.oflowLnkg));
  const hasRis = ris.some((one) => one.ris > 0);
  const esr = v10
    ? r.pick([undefined, 32])
    : r.pick(hasRis ? [undefined, undefined, 64, "none"] : [undefined, 64, 64, 32, "none"]);
  const edge = r.once(2);
  const narrow = r.once(4);
  const [inTl, outTl] = v10
    ? [undefined, undefined]
    : [r.once(4), r.once(4)].map((has) => (has ? translation(r) : undefined));
  const possible = possibleErrata(ris);
  const largest = Math.max(...all.map((space) => spaces[space]?.partidMax ?? 0));
  return kept({
    kind,
    ...(kind === "cache" ? { sets: r.pick([1, 2, 4, 4, 8, 16]), ways: r.between(1, 16) } : {}),
    version,
    iidr: r.word(),
    nrdyUsec: r.pick([0, 0, 1, 10, 1000]),
    spaces,
    ris,
    processor: { partidMax: r.pick([15, 63, 63]), pmgMax: r.pick([3, 7]) },
    esr,
    errorStyle: edge ? "edge" : r.pick([undefined, "level"]),
    errMsi: !v10 && edge && esr !== "none" && r.once(2),
    noHwOflwIntr: !v10 && hasMonitors && r.once(4),
    oflwMsi: !v10 && hasMonitors && r.once(2),
    oflowSr: !v10 && hasMonitors && r.once(2),
    localCaptEvnt: hasMonitors && r.once(2),
    captEvents: !hasEvents || r.once(4) ? undefined : subset(r, [1, 2, 3, 4, 5, 6]),
    partidNrw: narrow ? { intPartidMax: r.between(0, Math.min(6, largest)) } : undefined,
    endis: !v10 && r.once(3) ? { nfu: narrow ? "none" : r.pick(["none", "keep", "poison"]) } : undefined,
    inTl,
    outTl,
    tlMonitoring: inTl || outTl ? r.pick([undefined, "between", "before", "after"]) : undefined,
    defaultPartid: !v10 && r.once(4),
    selectorCheck: r.pick([undefined, "acs", "reject", "lazy"]),
    resetFill: r.once(3) ? r.pick([0, 0xffff_ffff, r.word()]) : undefined,
    valueClearsStatus: r.pick([undefined, "always", "conditional"]),
    unfreeze: r.pick([undefined, "value", "value-or-frz"]),
    scaleRounding: r.pick([undefined, "nearest", "floor"]),
    errata: possible.length > 0 && r.once(4) ? subset(r, possible) : undefined,
  });
}
