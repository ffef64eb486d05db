// Why resctrl shows what it shows: for every class what it is exported as, or the rules that refused it; what it lost in
// merging; and what it has that no schema stands for.

import type { ClassPart, ClassType, DriverParts, Feature, MpamClass, Props } from "../driver/index.ts";
import { showCpus } from "../written/index.ts";
import { EXPORT_NAMES, type ExportName, featureOf, judge, type Verdict } from "./classes.ts";
import { bandwidthGranularity, MAX_BANDWIDTH_PERCENT, minBandwidth } from "./convert.ts";
import { amount, counterBits, type Loss, lossesOf, THINGS, type Thing } from "./lost.ts";
import type { ResctrlDriver } from "./needs.ts";
import { className } from "./rules.ts";
import { cacheOf, onlineCpus } from "./topology.ts";

/** What is looked at: a driver, and its parts. */
export interface ExplainedDriver extends ResctrlDriver {
  readonly parts: DriverParts;
}

export interface Explanation {
  readonly classes: readonly ClassExplanation[];
  /** What holds for the whole machine, one line each. */
  readonly remarks: readonly string[];
}

export interface ClassExplanation {
  /** L2, L3, memory, unknown. */
  readonly name: string;
  readonly type: ClassType;
  readonly level: number;
  readonly ids: readonly number[];
  readonly cpus: readonly number[];
  /** One for each that a class can become, in the same order for all. */
  readonly verdicts: readonly ExplainedVerdict[];
  readonly lost: readonly Loss[];
  /** Controls that work, and that no schema stands for; each with its width. They hold values that limit nothing. */
  readonly unused: readonly string[];
  /** Of the unknown class: its RIS, and what each has. */
  readonly unknown: readonly UnknownRis[];
}

export interface UnknownRis {
  readonly msc: number;
  readonly ris: number;
  /** Firmware names it, and says neither cache nor memory. */
  readonly described: boolean;
  readonly has: readonly string[];
}

export interface ExplainedVerdict extends Verdict {
  /** What it is exported as; empty where it is not. */
  readonly as: string;
  /** Ids in schemata lines and in mon_data. */
  readonly domains: readonly number[];
  /** The class, or a part of it, has what the export is made of. */
  readonly meant: boolean;
}

/** resctrl-glue.md section 17: controls that resctrl has no words for. */
const WITHOUT_SCHEMA: ReadonlySet<Feature> = new Set<Feature>([
  "cmax_cmax",
  "cmax_softlim",
  "cmax_cmin",
  "cmax_cassoc",
  "mbw_part",
  "mbw_min",
  "mbw_prop",
  "intpri_part",
  "dspri_part",
]);

export function explain(driver: ExplainedDriver): Explanation {
  const classes = driver.parts.classes.map((part) => explainClass(driver, part));
  return { classes, remarks: remarksOn(driver, classes) };
}

function explainClass(driver: ExplainedDriver, part: ClassPart): ClassExplanation {
  const c = part.class;
  const lost = lossesOf(part);
  return {
    name: className(c),
    type: c.type,
    level: c.level,
    ids: c.components.map(({ id }) => id),
    cpus: [...c.affinity].sort((a, b) => a - b),
    verdicts: EXPORT_NAMES.map((name) => withLosses(driver, judge(driver, c, name), part, lost)),
    lost,
    unused: c.type === "unknown" ? [] : unusedOf(c.props),
    unknown: c.type === "unknown" ? unknownRis(part) : [],
  };
}

function unusedOf(props: Props): string[] {
  const unused = THINGS.filter(({ feature }) => WITHOUT_SCHEMA.has(feature) && props.features.has(feature));
  return unused.map((thing) => showThing(thing, props));
}

function unknownRis({ components }: ClassPart): UnknownRis[] {
  const all = components.flatMap(({ vmscs }) => vmscs.flatMap(({ ris }) => ris));
  return all.map(({ msc, index, described, props }) => ({ msc, ris: index, described, has: thingsOf(props) }));
}

/** Controls and monitors with their widths: "CPBM (16 portions)". */
export function thingsOf(props: Readonly<Props>): string[] {
  return THINGS.filter(({ feature }) => props.features.has(feature)).map((thing) => showThing(thing, props));
}

function showThing(thing: Thing, props: Readonly<Props>): string {
  if (thing.width === undefined) return thing.what;
  const counter = thing.feature === "msmon_mbwu" ? ` of ${counterBits(props)} bits` : "";
  return `${thing.what} (${amount(thing, props)}${counter})`;
}

/** A rule that asks for what was lost in merging says so. */
function withLosses(
  driver: ExplainedDriver,
  verdict: Verdict,
  part: ClassPart,
  lost: readonly Loss[],
): ExplainedVerdict {
  const c = part.class;
  const findings = verdict.findings.map((finding) => {
    const loss = lost.find(
      ({ kind, features }) => kind === "lost" && finding.feature && features.includes(finding.feature),
    );
    if (finding.holds || loss === undefined) return finding;
    const parts = loss.parts.map(({ part, has }) => `${part}: ${has}`).join("; ");
    return { ...finding, found: `lost in merging (${parts})`, change: loss.change };
  });
  const exported = verdict.outcome === "exported";
  const feature = featureOf(verdict.export);
  return {
    ...verdict,
    findings,
    as: exported ? exportedAs(driver, verdict.export, part) : "",
    domains: exported ? domainsOf(driver, verdict.export, c) : [],
    meant: isMeant(verdict.export, c) && (c.props.features.has(feature) || wasLost(feature, lost)),
  };
}

/** Nobody asks why an L2 is no L3 schema: it has its own. */
function isMeant(name: ExportName, { level }: MpamClass): boolean {
  return !((name === "L2" && level === 3) || (name === "L3" && level === 2));
}

function wasLost(feature: Feature, lost: readonly Loss[]): boolean {
  return lost.some(({ kind, features }) => kind === "lost" && features.includes(feature));
}

/** As domains.ts names them: a cache by its id, what is measured behind the L3s by theirs. */
function domainsOf(driver: ExplainedDriver, name: ExportName, c: MpamClass): number[] {
  if (name === "L2" || name === "L3") return c.components.map(({ id }) => id);
  const online = onlineCpus(driver).filter((cpu) => c.affinity.has(cpu));
  return [...new Set(online.flatMap((cpu) => cacheOf(driver, cpu, 3)?.id ?? []))].sort((a, b) => a - b);
}

function exportedAs(driver: ExplainedDriver, name: ExportName, part: ClassPart): string {
  const { props } = part.class;
  switch (name) {
    case "L3":
    case "L2":
      return `${props.cpbmWd} portions, masks 1 to ${fullMask(props)}`;
    case "MB": {
      const least = `${minBandwidth(props.bwaWd)} to ${MAX_BANDWIDTH_PERCENT} percent`;
      return `${least}, ${2 ** props.bwaWd} steps of ${bandwidthGranularity(props.bwaWd)} percent or less, ${showLimits(hardLimits(part))}`;
    }
    case "llc_occupancy":
      return `${props.numCsuMon} ${plural(props.numCsuMon, "monitor")} that groups take turns at`;
    case "mbm_total_bytes": {
      const groups = (driver.partidMax + 1) * (driver.pmgMax + 1);
      const few = props.numMbwuMon < groups ? `, fewer than the ${groups} groups there can be` : "";
      return `${props.numMbwuMon} ${plural(props.numMbwuMon, "counter")} of ${counterBits(props)} bits to assign${few}`;
    }
  }
}

/** MSCs whose limits of bandwidth are hard, though the driver asks for soft ones. */
interface HardLimits {
  readonly mscs: readonly number[];
  /** No part of the class has soft ones. */
  readonly everywhere: boolean;
}

function hardLimits({ components }: ClassPart): HardLimits {
  const all = components.flatMap(({ vmscs }) => vmscs.flatMap(({ ris }) => ris));
  const limiting = all.filter(({ props }) => props.features.has("mbw_max"));
  const hard = limiting.filter(({ hardOnly }) => hardOnly);
  return {
    mscs: [...new Set(hard.map(({ msc }) => msc))],
    everywhere: hard.length > 0 && hard.length === limiting.length,
  };
}

function showLimits({ mscs, everywhere }: HardLimits): string {
  if (everywhere) return "hard";
  return mscs.length === 0 ? "soft" : `soft, hard at MSC ${showCpus(mscs)}`;
}

function remarkOnLimits({ mscs, everywhere }: HardLimits): string {
  if (everywhere) {
    return "MB is a hard limit here: the driver never sets MPAMCFG_MBW_MAX.HARDLIM, but these parts have hard limits only (MPAMF_MBW_IDR.MAX_LIM; `mbw.maxLim: hard`), and a group that is over its limit waits even while nobody else wants the bandwidth.";
  }
  const some = mscs.length === 0 ? "" : ` but at MSC ${showCpus(mscs)}`;
  return `MB is a soft limit${some}: the driver never sets MPAMCFG_MBW_MAX.HARDLIM, and a group that is over its limit goes on while nobody else wants the bandwidth. Parts without soft limits hold it back all the same: \`mbw.maxLim: hard\`, and T241-MPAM-4, which acts by MBW_MIN.`;
}

function fullMask({ cpbmWd }: Props): string {
  return (2 ** cpbmWd - 1).toString(16);
}

export function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

function remarksOn(driver: ExplainedDriver, classes: readonly ClassExplanation[]): string[] {
  const exported = (name: ExportName) =>
    classes.find(({ verdicts }) => verdicts.some((one) => one.export === name && one.outcome === "exported"));
  const remarks: string[] = [];
  if (!EXPORT_NAMES.some(exported)) {
    remarks.push("Nothing can be allocated or monitored: mounting resctrl fails with EOPNOTSUPP.");
  }
  const limited = driver.parts.classes.find((_, index) => classes[index] === exported("MB"));
  if (limited) remarks.push(remarkOnLimits(hardLimits(limited)));
  const monitored = exported("llc_occupancy") ?? exported("mbm_total_bytes");
  if (monitored && !exported("L3")) {
    const standsIn = monitored.name === "L3" ? "" : `; mon_data names it, and ${monitored.name} stands in for it`;
    remarks.push(`There is no L3 schema: the L3 can be monitored and not allocated${standsIn}.`);
  }
  const counted = exported("mbm_total_bytes");
  if (counted) {
    remarks.push("mbm_local_bytes is never there: an MSC cannot tell local from remote traffic.");
  }
  const cpu = onlineCpus(driver)[0];
  if (monitored === undefined && cpu !== undefined && cacheOf(driver, cpu, 3) === undefined) {
    remarks.push("There is no mon_data: monitoring hangs on the L3, and this machine has none that firmware names.");
  }
  return remarks;
}
