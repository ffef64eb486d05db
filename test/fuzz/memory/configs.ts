/** Random memory systems: every key of their configuration, and sizes so small that everybody is in everybody's way. */
import type { MemoryCache, MemoryConfig, MemoryMsc, MemoryNode, MemoryRis } from "../../helpers/memory-subject.ts";
import type { Space } from "../../helpers/subject.ts";
import { possibleErrata } from "../legal.ts";
import type { Random } from "../random.ts";

/** An object without the keys that are undefined or false; what is absent has its default. */
function kept<T>(drawn: Record<string, unknown>): T {
  return Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined && value !== false)) as T;
}

/** True n times in 100. */
function often(r: Random, n: number): boolean {
  return r.below(100) < n;
}

function subset<T>(r: Random, all: readonly T[]): T[] {
  const chosen = all.filter(() => r.once(2));
  return chosen.length > 0 ? chosen : [r.pick(all)];
}

type Version = MemoryMsc["version"];

function ccap(r: Random, v10: boolean): MemoryRis["ccap"] {
  const cmaxWd = r.pick([1, 2, 3, 4, 8, 16]);
  if (v10) return { cmaxWd };
  const noCmax = r.once(8);
  const cmin = r.once(2);
  return kept({
    cmaxWd,
    noCmax,
    cmaxSoftlim: !noCmax && !r.once(3),
    cmin,
    cassocWd: r.once(2) || (noCmax && !cmin) ? r.pick([1, 2, 3, 8, 16]) : undefined,
  });
}

function mbw(r: Random, quantumNs: number): MemoryRis["mbw"] {
  const [max, min, prop] = [!r.once(5), r.once(2), r.once(2)];
  const fraction = max || min || prop;
  // A few quanta, in 256ths of a microsecond.
  const window = Math.floor((r.pick([1, 2, 3, 4, 7]) * quantumNs * 256) / 1000) + r.below(3);
  const drawn = kept<NonNullable<MemoryRis["mbw"]>>({
    bwaWd: fraction ? r.pick([1, 2, 3, 4, 8, 16]) : r.below(3),
    maxLim: max ? r.pick([undefined, "both", "both", "soft", "hard", "hard"]) : undefined,
    min,
    prop,
    bwpbmWd: !fraction || r.once(2) ? r.pick([1, 2, 3, 4, 5, 8, 33]) : undefined,
    windwr: r.once(2),
    winwdUsec: r.once(4) ? undefined : window / 256,
    window: r.pick([undefined, "paced", "fixed", "fixed"]),
  });
  return max ? drawn : { ...drawn, max };
}

function pri(r: Random): MemoryRis["pri"] {
  const halves = r.between(1, 3);
  const internal = (halves & 1) !== 0;
  const downstream = (halves & 2) !== 0;
  return kept({
    intpriWd: internal ? r.between(1, 3) : undefined,
    intpri0IsLow: internal && r.once(2),
    dspriWd: downstream ? r.between(1, 3) : undefined,
    dspri0IsLow: downstream && r.once(2),
  });
}

function monitorFeatures(r: Random, v10: boolean): Record<string, unknown> {
  return {
    monitors: r.between(1, 3),
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

function instance(
  r: Random,
  kind: "cache" | "memory",
  ris: number,
  { v10, spaces, frame }: { v10: boolean; spaces: readonly Space[]; frame: Frame },
): MemoryRis {
  const cache = kind === "cache";
  const drawn = kept<MemoryRis>({
    ris,
    spaces: spaces.length > 1 && r.once(6) ? subset(r, spaces) : undefined,
    cpor: cache && often(r, 60) ? { cpbmWd: r.pick([1, 2, 3, 4, 6, 8, 8, 13, 33]) } : undefined,
    ccap: cache && often(r, 70) ? ccap(r, v10 || frame.roomy) : undefined,
    mbw: often(r, cache ? 35 : 75) ? mbw(r, frame.quantumNs) : undefined,
    pri: often(r, 40) ? pri(r) : undefined,
    csu:
      cache && often(r, 60)
        ? kept({ csuRo: r.once(4), xcl: !v10 && r.once(2), ...monitorFeatures(r, v10) })
        : undefined,
    mbwu: often(r, 70)
      ? kept({
          counter: v10 ? 31 : r.pick([31, 44, 44, 63]),
          rwbw: !v10 && r.once(2),
          scale: r.once(4) ? r.pick([1, 3, 6, 10]) : undefined,
          ...monitorFeatures(r, v10),
        })
      : undefined,
  });
  return Object.keys(drawn).length > (drawn.spaces ? 2 : 1) ? drawn : { ...drawn, mbwu: { monitors: 2, counter: 31 } };
}

function banks(r: Random, version: Version, roomy: boolean): MemoryMsc["spaces"] {
  const limits = () => (roomy ? ROOMY : { partidMax: r.pick([1, 3, 3, 3, 5]), pmgMax: r.pick([0, 1, 1]) });
  switch (r.below(version === "1.1" ? 6 : 5)) {
    case 0:
    case 1:
      return { ns: limits(), s: limits() };
    case 5:
      return { ns: limits(), s: limits(), rt: limits(), rl: limits() };
    default:
      return { ns: limits() };
  }
}

function translation(r: Random, roomy: boolean): MemoryMsc["inTl"] {
  return kept({ partidMax: roomy ? ROOMY.partidMax : r.pick([1, 3, 3, 5]), direct: !r.once(4), baseMask: r.once(2) });
}

function drawMsc(r: Random, kind: "cache" | "memory", frame: Frame): MemoryMsc {
  const version = r.pick<Version>(["1.1", "1.1", "1.1", "1.1", "1.1", "1.1", "0.1", "1.0"]);
  const v10 = version === "1.0";
  const spaces = banks(r, version, frame.roomy);
  const all = (Object.keys(spaces) as Space[]).filter((space) => spaces[space]);
  const numbers = v10 ? [0] : r.pick([[0], [0], [0], [1], [0, 1], [0, 1], [0, 2]]);
  const ris = numbers.map((number) => instance(r, kind, number, { v10, spaces: all, frame }));
  const hasMonitors = ris.some((one) => one.csu || one.mbwu);
  const hasEvents = ris.some(({ csu, mbwu }) => [csu, mbwu].some((one) => one?.capture || one?.oflowLnkg));
  const edge = r.once(2);
  const narrow = r.once(4);
  const [inTl, outTl] = [r.once(5), r.once(3)].map((has) => (has && !v10 ? translation(r, frame.roomy) : undefined));
  return kept({
    version,
    nrdyUsec: r.pick([0, 0, 1, 2]),
    spaces,
    ris,
    errorStyle: edge ? "edge" : undefined,
    errMsi: !v10 && edge && r.once(2),
    noHwOflwIntr: !v10 && hasMonitors && r.once(6),
    oflwMsi: !v10 && hasMonitors && r.once(3),
    oflowSr: !v10 && hasMonitors && r.once(2),
    localCaptEvnt: hasMonitors && r.once(3),
    captEvents: hasEvents && r.once(2) ? [1, 3] : undefined,
    partidNrw: narrow ? { intPartidMax: r.between(0, 1) } : undefined,
    endis: !v10 && r.once(2) ? { nfu: narrow ? "none" : r.pick(["none", "keep", "poison"]) } : undefined,
    inTl,
    outTl,
    tlMonitoring: inTl || outTl ? r.pick([undefined, "between", "before", "after"]) : undefined,
    defaultPartid: !v10 && r.once(4),
    resetFill: r.once(6) ? r.pick([0, 0xffff_ffff, r.word()]) : undefined,
    scaleRounding: r.pick([undefined, "nearest", "floor"]),
  });
}

/** How many bytes a quantum, as a rate. */
function rate(r: Random, lineBytes: number, quantumNs: number): number {
  const bytes = r.once(4) ? r.between(20, 6 * lineBytes) : lineBytes * r.pick([1, 1, 2, 3, 4, 6]);
  return Math.ceil((bytes * 1e9) / quantumNs) + (r.once(4) ? r.below(1e6) : 0);
}

interface Frame {
  readonly lineBytes: number;
  readonly quantumNs: number;
  /** Whether slices may hold all that is above them, or relabel: both keep records off the fast ways. */
  readonly odd: boolean;
  /** Whether every label is within the limits of every MSC, and caches have no limits but CMAX: what fast ways and threads need. */
  readonly roomy: boolean;
}

/** Labels are below these (generate.ts). */
const ROOMY = { partidMax: 9, pmgMax: 3 };

function drawCache(r: Random, level: number, cpus: readonly number[], frame: Frame): MemoryCache {
  const large = level > 1;
  return {
    level,
    cpus,
    sets: r.pick(large ? [1, 2, 2, 4, 8] : [1, 1, 2, 2, 4]),
    ways: r.pick(large ? [2, 3, 4, 4, 7, 8, 12, 16, 17, 20, 35] : [1, 2, 2, 3, 4]),
    slices: r.pick(large ? [1, 1, 2, 3, 4] : [1, 1, 1, 2]),
    policy: r.pick(["lru", "lru", "plru", "nru", "random"] as const),
    inclusive: frame.odd && !r.once(3),
    relabelOnWriteHit: frame.odd && r.once(2),
    mbwu: "downstream",
    latencyNs: r.pick([0, 1, 5, 20]),
    ...kept<Pick<MemoryCache, "bytesPerSecond" | "msc">>({
      bytesPerSecond: r.once(3) ? undefined : rate(r, frame.lineBytes, frame.quantumNs),
      msc: often(r, 70) ? drawMsc(r, "cache", frame) : undefined,
    }),
  };
}

/** Who shares what: private caches of some cpus, then shared ones; whoever shares a level shares all below it. */
function drawCaches(r: Random, cpus: number, frame: Frame): MemoryCache[] {
  const all = Array.from({ length: cpus }, (_, cpu) => cpu);
  const levels = r.pick([
    [],
    [3],
    [3],
    [1, 3],
    [1, 3],
    [2, 3],
    [1, 2],
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ]);
  // From the highest level up to the cpus: groups become smaller.
  let groups: readonly number[][] = [r.once(6) ? subset(r, all) : all];
  const caches: MemoryCache[] = [];
  for (const level of levels.toReversed()) {
    const lowest = level === levels[0];
    if (level !== levels.at(-1)) groups = groups.flatMap((group) => split(r, group, lowest));
    for (const group of groups) {
      // Some cpus may have nothing at this level.
      if (group.length > 0 && !(groups.length > 1 && r.once(8))) caches.unshift(drawCache(r, level, group, frame));
    }
  }
  return caches.map((cache) => {
    const entering = cache.cpus.every(
      (cpu) => !caches.some((one) => one.level < cache.level && one.cpus.includes(cpu)),
    );
    const monitored = cache.msc?.ris.some(({ mbwu }) => mbwu !== undefined);
    return entering && monitored && r.once(3) ? { ...cache, mbwu: "upstream" } : cache;
  });
}

function split(r: Random, group: readonly number[], alone: boolean): number[][] {
  if (alone && !r.once(3)) return group.map((cpu) => [cpu]);
  const at = r.below(group.length + 1);
  return [group.slice(0, at), group.slice(at)].filter((one) => one.length > 0);
}

function drawNode(r: Random, frame: Frame): MemoryNode {
  return {
    bytes: 2 ** 20 * r.between(1, 3),
    channels: r.pick([1, 1, 2]),
    bytesPerSecond: rate(r, frame.lineBytes, frame.quantumNs),
    latencyNs: r.pick([0, 50, 100]),
    ...kept<Pick<MemoryNode, "msc">>({ msc: often(r, 75) ? drawMsc(r, "memory", frame) : undefined }),
  };
}

/** Some parts have defects. Drawn last: what else is drawn does not depend on it. */
function withErrata<T extends { readonly msc?: MemoryMsc }>(r: Random, one: T): T {
  const possible = one.msc === undefined ? [] : possibleErrata(one.msc.ris);
  return possible.length > 0 && r.once(6) ? { ...one, msc: { ...one.msc, errata: subset(r, possible) } } : one;
}

export function drawMemory(r: Random): MemoryConfig {
  const cpus = r.between(1, 4);
  const roomy = r.once(3);
  const sizes = {
    lineBytes: r.pick([32, 64, 64, 64, 128, 256] as const),
    quantumNs: r.pick([50, 100, 1000, 1000, 1024]),
  };
  const frame = { ...sizes, roomy, odd: !(roomy || r.once(4)) };
  const caches = drawCaches(r, cpus, frame);
  const drawn: MemoryConfig = {
    cpus,
    ...sizes,
    pageBytes: r.pick([4096, 4096, 16384]),
    outstanding: r.pick([1, 2, 3, 4, 8, 16]),
    seed: r.word(),
    numa: r.pick(["interleave", "fill"] as const),
    // The order of the file is nearly always that of the levels.
    caches: r.once(6) ? caches.toReversed() : caches,
    nodes: Array.from({ length: r.between(1, 2) }, () => drawNode(r, frame)),
    requesters: Array.from({ length: r.between(1, 6) }, () => r.below(cpus)),
  };
  return {
    ...drawn,
    caches: drawn.caches.map((one) => withErrata(r, one)),
    nodes: drawn.nodes.map((one) => withErrata(r, one)),
  };
}
