// Which MPAM class stands behind which resctrl resource and event (resctrl-glue.md section 2): rules that must hold, and a
// preference where several classes pass them.

import type { Feature, MpamClass } from "../driver/index.ts";
import { type Oddities, odditiesOf } from "./compat.ts";
import type { ResctrlDriver } from "./needs.ts";
import { EVENTS, type EventName, type ResourceId } from "./resource.ts";
import {
  ask,
  className,
  type Finding,
  hasCounters,
  hasLimit,
  hasOccupancy,
  hasPortions,
  isCache,
  isL3OrNoCache,
  isOfLevel,
  l3HasId,
  limitHasBits,
  oneCounter,
  oneOccupancy,
  portionsFit,
  type Rule,
  servesAllCpus,
  sizeIsKnown,
  TOPOLOGY_RULES,
  TRAFFIC_RULES,
} from "./rules.ts";

/** What a class can become: schemas, then events. */
export const EXPORT_NAMES = ["L3", "L2", "MB", "llc_occupancy", "mbm_total_bytes"] as const;
export type ExportName = (typeof EXPORT_NAMES)[number];

interface Export {
  /** All must hold. The first `kinds` of them say what kind of class is meant at all. */
  readonly rules: readonly Rule[];
  readonly kinds: number;
  /** What it is made of. */
  readonly feature: Feature;
  readonly key: string;
  /** Of several classes that pass. */
  preference(odd: Oddities): Preference;
}

interface Preference {
  readonly asks: string;
  readonly section: string;
  /** Of two that pass the rules: does the one found later take the place? */
  replaces(later: MpamClass, earlier: MpamClass): boolean;
}

const lastWins = (): Preference => ({
  asks: "does no later class of this level pass too? (the last is taken)",
  section: "2.1",
  replaces: () => true,
});

/** So that an L3 (3) beats memory (255). */
const lowestLevel = (): Preference => ({
  asks: "does no class of a lower level pass too? (the lowest is taken, of equal ones the first)",
  section: "2.2",
  replaces: (later, earlier) => later.level < earlier.level,
});

const l3First = ({ keepsMemoryCounters }: Oddities): Preference =>
  keepsMemoryCounters
    ? {
        asks: "is no other class kept that passes too? (one that is found before the L3, or else of a lower level)",
        section: "2.3",
        replaces: (later, earlier) => later.level !== 3 && earlier.level >= later.level,
      }
    : {
        asks: "does no class of a lower level pass too? (the lowest is taken, and so the L3)",
        section: "2.3",
        replaces: (later, earlier) => earlier.level !== 3 && earlier.level >= later.level,
      };

function schemaOfLevel(level: 2 | 3): Export {
  const rules = [isCache("2.1"), isOfLevel(level), hasPortions, portionsFit, servesAllCpus("2.1")];
  return { rules, kinds: 2, feature: "cpor_part", key: "cpor", preference: lastWins };
}

const EXPORTS: { readonly [name in ExportName]: Export } = {
  L3: schemaOfLevel(3),
  L2: schemaOfLevel(2),
  MB: {
    rules: [
      isL3OrNoCache("2.2", "`mbw` at the L3 or at memory"),
      hasLimit,
      limitHasBits,
      servesAllCpus("2.2"),
      ...TOPOLOGY_RULES,
      ...TRAFFIC_RULES,
    ],
    kinds: 1,
    feature: "mbw_max",
    key: "mbw",
    preference: lowestLevel,
  },
  llc_occupancy: {
    rules: [
      isCache("2.3"),
      isL3OrNoCache("2.3", "`csu` at the L3"),
      l3HasId,
      servesAllCpus("2.3"),
      hasOccupancy,
      oneOccupancy,
      sizeIsKnown,
    ],
    kinds: 2,
    feature: "msmon_csu",
    key: "csu",
    preference: l3First,
  },
  mbm_total_bytes: {
    rules: [
      isL3OrNoCache("2.3", "`mbwu` at the L3 or at memory"),
      l3HasId,
      servesAllCpus("2.3"),
      hasCounters,
      oneCounter,
      ...TOPOLOGY_RULES,
      ...TRAFFIC_RULES,
    ],
    kinds: 1,
    feature: "msmon_mbwu",
    key: "mbwu",
    preference: l3First,
  },
};

/** The class that stands behind a resource or an event. */
export function pick(driver: ResctrlDriver, name: ExportName): MpamClass | undefined {
  const { rules, preference } = EXPORTS[name];
  const { replaces } = preference(odditiesOf(driver.compat));
  let best: MpamClass | undefined;
  for (const c of driver.classes) {
    if (!rules.every((rule) => rule.look(driver, c).holds)) continue;
    if (best === undefined || replaces(c, best)) best = c;
  }
  return best;
}

/** What stands behind what. */
export interface Picks {
  readonly resources: ReadonlyMap<ResourceId, MpamClass>;
  readonly events: ReadonlyMap<EventName, MpamClass>;
}

export function pickAll(driver: ResctrlDriver): Picks {
  const picked = <N extends ExportName>(names: readonly N[]) =>
    new Map(
      names.flatMap((name) => {
        const c = pick(driver, name);
        return c === undefined ? [] : [[name, c] as const];
      }),
    );
  return { resources: picked(["L3", "L2", "MB"]), events: picked(EVENTS) };
}

/** What became of one class as a candidate for one export. */
export interface Verdict {
  readonly export: ExportName;
  /** other: it passes every rule, and another class is preferred. wrong-kind: such classes are never meant. */
  readonly outcome: "exported" | "refused" | "other" | "wrong-kind";
  /** Of all rules in order; the preference is the last where it was asked. */
  readonly findings: readonly Finding[];
}

/** What a class has to have to be meant by an export. */
export function featureOf(name: ExportName): Feature {
  return EXPORTS[name].feature;
}

/** The same rules as `pick`, with what each found. */
export function judge(driver: ResctrlDriver, c: MpamClass, name: ExportName): Verdict {
  const { rules, kinds, key, preference } = EXPORTS[name];
  const findings = rules.map((rule) => ask(rule, driver, c));
  if (findings.some(({ holds }) => !holds)) {
    const wrongKind = findings.slice(0, kinds).some(({ holds }) => !holds);
    return { export: name, outcome: wrongKind ? "wrong-kind" : "refused", findings };
  }
  const { asks, section } = preference(odditiesOf(driver.compat));
  const taken = pick(driver, name) ?? c;
  const holds = taken === c;
  const preferred: Finding = {
    rule: "preferred",
    asks,
    section,
    holds,
    found: holds ? "none does" : `the ${className(taken)} passes too and is preferred`,
    change: holds ? "" : `no \`${key}\` at ${className(taken)}`,
  };
  return { export: name, outcome: holds ? "exported" : "other", findings: [...findings, preferred] };
}
