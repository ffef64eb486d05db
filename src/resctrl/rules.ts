// The rules by which a class becomes a resource or an event of resctrl, one question each (resctrl-glue.md section 2). Choosing
// asks whether they hold; explaining shows what they found and what would make them hold. Both ask the same rules.

import type { Feature, MpamClass } from "../driver/index.ts";
import { showCpus } from "../written/index.ts";
import type { ResctrlDriver } from "./needs.ts";
import { cacheOf, missingCpus, onlineCpus, possibleCpus, sameCpus } from "./topology.ts";

/** What a rule found at one class. */
export interface Finding {
  readonly rule: string;
  readonly asks: string;
  readonly holds: boolean;
  readonly found: string;
  /** What would make it hold: keys of the platform file, tables of firmware. Empty where it holds. */
  readonly change: string;
  /** Of resctrl-glue.md; docs/explain.md has the rules under the same numbers. */
  readonly section: string;
  /** The feature of the class that it is about. */
  readonly feature?: Feature;
}

export interface Rule {
  readonly name: string;
  readonly asks: string;
  readonly section: string;
  /** The feature of the class that it is about. */
  readonly feature?: Feature;
  look(driver: ResctrlDriver, c: MpamClass): Look;
}

type Look =
  | { readonly holds: true; readonly found: string }
  | { readonly holds: false; readonly found: string; readonly change: string };

const yes = (found: string): Look => ({ holds: true, found });
const no = (found: string, change: string): Look => ({ holds: false, found, change });

export function ask(rule: Rule, driver: ResctrlDriver, c: MpamClass): Finding {
  const { name, asks, section, feature } = rule;
  return { rule: name, asks, section, change: "", ...(feature && { feature }), ...rule.look(driver, c) };
}

/** resctrl masks are 32 bits wide, and nothing is scaled. */
const MAX_CBM_BITS = 32;

export function className(c: MpamClass): string {
  return c.type === "cache" ? `L${c.level}` : c.type;
}

/** An instance of a class, in words. */
export function partName(c: MpamClass, id: number): string {
  if (c.type === "memory") return `node ${id}`;
  return c.type === "cache" ? `L${c.level} ${id}` : `unknown ${id}`;
}

const DESCRIBE =
  "firmware that says what it controls, a processor cache or a memory node (a resource node of the MPAM table; `firmware: acpi` or `dt`)";

function kindOf(c: MpamClass): string {
  if (c.type === "unknown") return "firmware does not say what it controls";
  return c.type === "cache" ? `a cache of level ${c.level}` : "memory";
}

const notOfThisKind = (c: MpamClass, instead: string): string => (c.type === "unknown" ? DESCRIBE : instead);

export const isCache = (section: string): Rule => ({
  name: "cache",
  asks: "is it a cache?",
  section,
  look: (_, c) => (c.type === "cache" ? yes(kindOf(c)) : no(kindOf(c), notOfThisKind(c, "an `msc` at a cache"))),
});

export const isOfLevel = (level: number): Rule => ({
  name: "level",
  asks: `is its level ${level}?`,
  section: "2.1",
  look: (_, c) =>
    c.level === level
      ? yes(`of level ${level}`)
      : no(`of level ${c.level}`, notOfThisKind(c, `an \`msc\` at a cache with \`level: ${level}\``)),
});

export const isL3OrNoCache = (section: string, instead: string): Rule => ({
  name: "l3-or-memory",
  asks: "is it an L3, or no cache?",
  section,
  look: (_, c) => (c.type !== "cache" || c.level === 3 ? yes(kindOf(c)) : no(kindOf(c), instead)),
});

type Width = Exclude<keyof MpamClass["props"], "features">;

interface Wanted {
  readonly name: string;
  readonly asks: string;
  readonly section: string;
  readonly feature: Feature;
  readonly width: Width;
  readonly unit: string;
  readonly key: string;
}

function has({ name, asks, section, feature, width, unit, key }: Wanted): Rule {
  return {
    name,
    asks,
    section,
    feature,
    look: (_, { props }) =>
      props.features.has(feature) ? yes(`${props[width]} ${unit}`) : no("none", `${key} in every MSC of the class`),
  };
}

export const hasPortions = has({
  name: "portions",
  asks: "has it cache portions (CPBM)?",
  section: "2.1",
  feature: "cpor_part",
  width: "cpbmWd",
  unit: "portions",
  key: "`cpor`, with one `cpbmWd`,",
});

export const portionsFit: Rule = {
  name: "portions-fit",
  asks: `are there ${MAX_CBM_BITS} portions at most, the bits of a resctrl mask?`,
  section: "2.1",
  look: (_, { props: { cpbmWd } }) =>
    cpbmWd <= MAX_CBM_BITS
      ? yes(`${cpbmWd} portions`)
      : no(`${cpbmWd} portions`, `\`cpor.cpbmWd\` of ${MAX_CBM_BITS} or less`),
};

export const hasLimit = has({
  name: "limit",
  asks: "has it MBW_MAX?",
  section: "2.2",
  feature: "mbw_max",
  width: "bwaWd",
  unit: "bits",
  key: "`mbw` with `max`",
});

export const limitHasBits: Rule = {
  name: "limit-bits",
  asks: "has MBW_MAX any bits?",
  section: "2.2",
  look: (_, { props: { features, bwaWd } }) =>
    !features.has("mbw_max") || bwaWd !== 0 ? yes(`${bwaWd} bits`) : no("0 bits", "`mbw.bwaWd` of 1 to 16"),
};

export const hasOccupancy = has({
  name: "monitors",
  asks: "has it monitors of cache storage (CSU)?",
  section: "2.3",
  feature: "msmon_csu",
  width: "numCsuMon",
  unit: "monitors",
  key: "`csu`",
});

export const hasCounters = has({
  name: "monitors",
  asks: "has it monitors of bandwidth (MBWU)?",
  section: "2.3",
  feature: "msmon_mbwu",
  width: "numMbwuMon",
  unit: "monitors",
  key: "`mbwu`",
});

function atLeastOne(feature: Feature, count: "numCsuMon" | "numMbwuMon", key: string): Rule {
  return {
    name: "monitor-count",
    asks: "is there one at least?",
    section: "2.3",
    look: (_, { props }) =>
      !props.features.has(feature) || props[count] >= 1
        ? yes(`${props[count]} monitors`)
        : no("0 monitors", `\`${key}.monitors\` of 1 or more in every MSC of the class`),
  };
}

export const oneOccupancy = atLeastOne("msmon_csu", "numCsuMon", "csu");
export const oneCounter = atLeastOne("msmon_mbwu", "numMbwuMon", "mbwu");

/** A partial cache, as of one cluster of two, is refused: every cpu there can be must have one. */
export const servesAllCpus = (section: string): Rule => ({
  name: "every-cpu",
  asks: "does it serve every cpu there can be?",
  section,
  look: (driver, c) => {
    const all = possibleCpus(driver);
    if (sameCpus(c.affinity, all)) return yes(`cpus ${showCpus(all)}`);
    const missing = missingCpus(driver, c);
    const serves = c.affinity.size === 0 ? "no cpu" : `cpus ${showCpus(c.affinity)}`;
    return no(`${serves} of ${showCpus(all)}`, reachMissing(driver, c, missing));
  },
});

/** Why cpus are not among those of a class: three causes, each with its own remedy. */
function reachMissing(driver: ResctrlDriver, c: MpamClass, missing: readonly number[]): string {
  if (c.type === "unknown") return DESCRIBE;
  const causes = new Map<string, number[]>();
  for (const cpu of missing) {
    const cause = whyMissing(driver, c, cpu);
    causes.set(cause, [...(causes.get(cause) ?? []), cpu]);
  }
  return [...causes].map(([cause, cpus]) => cause.replace("CPUS", `cpus ${showCpus(cpus)}`)).join("; ");
}

function whyMissing(driver: ResctrlDriver, c: MpamClass, cpu: number): string {
  const node = driver.firmware.nodes.find(({ cpus }) => cpus.has(cpu));
  const id = c.type === "cache" ? cacheOf(driver, cpu, c.level)?.id : node?.node;
  if (id === undefined) {
    return c.type === "cache"
      ? `a cache of level ${c.level}, with an \`msc\`, for CPUS (\`caches\`; PPTT)`
      : "a memory node for CPUS (`memory[].cpus`; SRAT)";
  }
  const name = partName(c, id);
  if (c.components.every((component) => component.id !== id)) return `an \`msc\` at ${name}`;
  return `CPUS among those that reach the MSC of ${name} (\`msc.cpus\`; the linked device of the MPAM table)`;
}

// Topology matches L3 (2.4): each rule looks at every component, and passes over those that an earlier rule refuses.

type ComponentLook = (
  driver: ResctrlDriver,
  c: MpamClass,
  component: MpamClass["components"][number],
) => Look | undefined;

function ofEachComponent(name: string, asks: string, look: ComponentLook): Rule {
  return {
    name,
    asks,
    section: "2.4",
    look: (driver, c) => {
      const looks = c.components.flatMap((component) => look(driver, c, component) ?? []);
      const refused = looks.find(({ holds }) => !holds);
      if (refused !== undefined) return refused;
      if (looks.length === 0) return yes("not asked: refused already");
      return yes(looks.length === 1 ? (looks[0] as Look).found : `${looks.length} of ${c.components.length} do`);
    },
  };
}

const hasOwnCpus = ofEachComponent("own-cpus", "has each part cpus?", (_, c, { id, affinity }) => {
  const name = partName(c, id);
  if (affinity.size !== 0) return yes(`${name}: cpus ${showCpus(affinity)}`);
  if (c.type === "unknown") return no("no cpus", DESCRIBE);
  const change = `cpus for ${name} that reach its MSC (${c.type === "memory" ? "`memory[].cpus`; SRAT" : "`msc.cpus`"}), or no \`msc\` there`;
  return no(`${name} has none`, change);
});

const isOnline = ofEachComponent("online", "is a cpu of each part online?", (driver, c, { id, affinity }) => {
  if (affinity.size === 0) return undefined;
  const cpu = onlineCpus(driver).find((one) => affinity.has(one));
  if (cpu !== undefined) return yes(`${partName(c, id)}: cpu ${cpu}`);
  const cpus = showCpus(affinity);
  return no(`${partName(c, id)}: of cpus ${cpus} none is`, `one of cpus ${cpus} online when resctrl is set up`);
});

const hasL3 = ofEachComponent("known-l3", "is the L3 of each part known?", (driver, c, { id, affinity }) => {
  const cpu = onlineCpus(driver).find((one) => affinity.has(one));
  if (cpu === undefined) return undefined;
  const l3 = cacheOf(driver, cpu, 3);
  if (l3 !== undefined) return yes(`${partName(c, id)}: L3 ${l3.id}`);
  return no(`${partName(c, id)}: cpu ${cpu} has none`, `a cache of level 3 for cpu ${cpu} (\`caches\`; PPTT)`);
});

const servesCpusOfL3 = ofEachComponent(
  "cpus-of-l3",
  "are the cpus of each part those of one L3?",
  (driver, c, { id, affinity }) => {
    const cpu = onlineCpus(driver).find((one) => affinity.has(one));
    const l3 = cpu === undefined ? undefined : cacheOf(driver, cpu, 3);
    if (l3 === undefined) return undefined;
    const name = partName(c, id);
    if (sameCpus(l3.cpus, affinity)) return yes(`${name}: cpus ${showCpus(affinity)}, as L3 ${l3.id}`);
    const found = `${name} serves cpus ${showCpus(affinity)}, L3 ${l3.id} cpus ${showCpus(l3.cpus)}`;
    const keys =
      c.type === "memory" ? "`memory[].cpus` (SRAT) as `cpus` of the L3 (PPTT)" : "`msc.cpus` with all of them";
    return no(found, keys);
  },
);

export const TOPOLOGY_RULES: readonly Rule[] = [hasOwnCpus, isOnline, hasL3, servesCpusOfL3];

// Traffic matches L3 (2.5). An L3 passes the first and has nothing to do with the others.

const AT_L3 = "the same at the L3 (`mbw`, `mbwu` of its `msc`), or";

const seesL3Traffic: Rule = {
  name: "l3-traffic",
  asks: "is it an L3, or memory behind one?",
  section: "2.5",
  look: (_, c) =>
    c.type === "memory" || (c.type === "cache" && c.level === 3)
      ? yes(kindOf(c))
      : no(kindOf(c), notOfThisKind(c, "the same at the L3 or at memory")),
};

function ofMemory(name: string, asks: string, look: (driver: ResctrlDriver, cpu: number) => Look): Rule {
  return {
    name,
    asks,
    section: "2.5",
    look: (driver, c) => {
      if (c.type !== "memory") return yes("not asked: no memory");
      const cpu = onlineCpus(driver).find((one) => c.affinity.has(one));
      return cpu === undefined ? no("no cpu of it is online", "one of its cpus online") : look(driver, cpu);
    },
  };
}

const oneL3 = ofMemory("one-l3", "is one L3 before it, of all cpus?", (driver, cpu) => {
  const l3 = cacheOf(driver, cpu, 3);
  if (l3 === undefined) return no(`cpu ${cpu} has no L3`, "a cache of level 3 for all cpus (`caches`; PPTT)");
  const all = possibleCpus(driver);
  const found = `L3 ${l3.id} of cpus ${showCpus(l3.cpus)}`;
  return sameCpus(l3.cpus, all) ? yes(found) : no(`${found}, not ${showCpus(all)}`, `${AT_L3} one L3 for all cpus`);
});

const noL4 = ofMemory("no-l4", "is there no L4 between?", (driver, cpu) => {
  const l4 = cacheOf(driver, cpu, 4);
  return l4 === undefined ? yes("none") : no(`L4 ${l4.id}`, `${AT_L3} no cache of level 4 (\`caches\`; PPTT)`);
});

const oneNode = ofMemory("one-node", "is there one memory node at most?", (driver) => {
  const nodes = driver.firmware.nodes.map(({ node }) => node);
  const found = `${nodes.length === 1 ? "node" : "nodes"} ${showCpus(nodes)}`;
  return nodes.length <= 1 ? yes(found) : no(found, `${AT_L3} one entry in \`memory\` (SRAT)`);
});

export const TRAFFIC_RULES: readonly Rule[] = [seesL3Traffic, oneL3, noL4, oneNode];

/** Monitoring hangs on the L3 resource, whatever is monitored. */
export const l3HasId: Rule = {
  name: "l3-id",
  asks: "has the first online cpu an L3 that firmware names?",
  section: "3",
  look: (driver) => {
    const cpu = onlineCpus(driver)[0];
    const l3 = cpu === undefined ? undefined : cacheOf(driver, cpu, 3);
    if (l3 !== undefined) return yes(`cpu ${cpu}: L3 ${l3.id}`);
    return no(cpu === undefined ? "no cpu is online" : `cpu ${cpu} has none`, "a cache of level 3 (`caches`; PPTT)");
  },
};

/** How soon an RMID may be used again goes by the size of the cache (section 12). */
export const sizeIsKnown: Rule = {
  name: "size",
  asks: "is its size known?",
  section: "12",
  look: (driver, c) => {
    const bytes = monitoredBytes(driver, c);
    return bytes > 0 ? yes(`${bytes} bytes`) : no("no size", "a size for it (`bytes`; PPTT cache with a size)");
  },
};

/** Bytes of the cache of the first online cpu at the level of the class; 0: not known. */
export function monitoredBytes(driver: ResctrlDriver, c: MpamClass): number {
  const cpu = onlineCpus(driver)[0];
  return cpu === undefined ? 0 : (cacheOf(driver, cpu, c.level)?.bytes ?? 0);
}
