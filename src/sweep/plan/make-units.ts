// The units of a plan: each workload on each platform under each configuration, with each seed and layout, in parts where that was
// asked for.

import { at, count, given } from "../../written/index.ts";
import type { Swept } from "../sweep.ts";
import { type Part, type Place, type Replaying, setsNothing, type Unit, type Work } from "../unit.ts";
import type { Booted } from "./booted.ts";
import type { Configuration } from "./configurations.ts";
import type { ExpandHost, NamedWorkload, PlacedWorkload } from "./inputs.ts";
import { frozen, nameOf } from "./name.ts";
import type { Plan } from "./plan.ts";
import { MOST_UNITS } from "./schema.ts";
import { splitOf } from "./split.ts";
import type { Telling } from "./telling.ts";

/** A replay that the plan asks for. Several may ask for the same units. */
export type Asked = Pick<Swept, "place" | "units" | "schemata" | "approximate">;

interface Units {
  /** Each name once, at its first place. */
  readonly units: readonly Unit[];
  /** Everything that was asked for, in the order of the plan. */
  readonly asked: readonly Asked[];
}

/** A workload on a platform. */
interface Block {
  /** By its place in the plan. */
  readonly workload: number;
  readonly booted: Booted;
  readonly configurations: readonly Configuration[];
  /** Undefined: the platform's own. */
  readonly seeds: readonly (number | undefined)[];
  /** Undefined: the whole. */
  readonly parts: readonly (Part | undefined)[];
}

type Parts = ReadonlyMap<Booted, Block["parts"]>;

export function makeUnits(
  { layouts }: Plan,
  host: ExpandHost,
  replaying: Omit<Replaying, "group">,
  workloads: readonly NamedWorkload[],
  blocks: readonly Block[],
): Units {
  const units = new Map<string, Unit>();
  const asked: Asked[] = [];
  const add = (place: Place, whole: Work, parts: Block["parts"]) => {
    const names = parts.map((part) => {
      const work = part === undefined ? whole : { ...whole, part };
      const name = nameOf(work, host.tool);
      if (!units.has(name)) units.set(name, { name, place, work });
      return name;
    });
    const { schemata } = whole;
    asked.push({ place, units: names, schemata, ...(parts[0]?.approximate ? { approximate: true } : {}) });
  };
  for (const { workload: index, booted, configurations, seeds, parts } of blocks) {
    const { workload, traces } = workloads[index] as NamedWorkload;
    for (const seed of seeds) {
      const platform = seed === undefined ? booted.platform : frozen({ ...booted.platform, seed });
      for (const layout of layouts.length > 0 ? layouts : [undefined]) {
        const repeated = given<Pick<Place, "seed" | "layout">>({ seed, layout });
        for (const { name, settings, schemata } of configurations) {
          const place = {
            workload: workload.name,
            platform: booted.name,
            configuration: name,
            settings,
            ...repeated,
          };
          const work = {
            traces,
            platform,
            replaying: { ...replaying, group: workload.group },
            schemata,
            ...given<Pick<Work, "layout">>({ layout }),
          };
          add(place, work, parts);
        }
      }
    }
  }
  return { units: [...units.values()], asked };
}

/** What is to be replayed, and how often; refused where that is too much. */
export function blocksOf(
  plan: Plan,
  workloads: readonly PlacedWorkload[],
  platforms: readonly Booted[],
  parts: Parts,
  telling: Telling,
): Block[] {
  const drawsLots = ({ platform }: Booted) => platform.caches.some(({ policy }) => policy === "random");
  const same = platforms.filter((booted) => !drawsLots(booted)).map(({ name }) => name);
  if (plan.seeds.length > 0 && same.length > 0) {
    telling.note(`no cache of ${same.join(", ")} has random replacement, so replays there run once whatever the seeds`);
  }
  const blocks = workloads.flatMap((one, workload) =>
    platforms.map((booted) => ({
      workload,
      booted,
      configurations: configurationsFor(plan, one, booted, telling),
      seeds: plan.seeds.length > 0 && drawsLots(booted) ? plan.seeds : [undefined],
      parts: parts.get(booted) ?? [],
    })),
  );
  checkUnset(plan, blocks, workloads, telling);
  const many = blocks.reduce(
    (sum, one) =>
      sum + one.configurations.length * one.seeds.length * Math.max(plan.layouts.length, 1) * one.parts.length,
    0,
  );
  if (many > MOST_UNITS) {
    const allowed = `up to ${count(MOST_UNITS)} are allowed`;
    telling.refuse(["configurations"], `the plan makes ${count(many)} replays`, allowed);
  }
  return blocks;
}

/** Limits that are a part of what is measured with nothing set need that to be run too. */
function checkUnset(
  { goals }: Plan,
  blocks: readonly Block[],
  workloads: readonly PlacedWorkload[],
  telling: Telling,
): void {
  for (const [i, { limit }] of goals.entries()) {
    if (limit?.percentOfUnset === undefined) continue;
    const lacks = blocks.find(({ configurations }) => !configurations.some(({ schemata }) => setsNothing(schemata)));
    if (!lacks) continue;
    const where = `${workloads[lacks.workload]?.workload.name} on ${lacks.booted.name}`;
    telling.refuse(
      ["goals", i, limit.is],
      `${at(["goals", i, limit.is])} is a part of what is measured with nothing set, and no configuration of ${where} sets nothing`,
      "among the configurations - name: nothing set is needed",
    );
  }
}

/** Those that name no group which the workload lacks. */
function configurationsFor(
  plan: Plan,
  { workload, groups }: PlacedWorkload,
  booted: Booted,
  telling: Telling,
): readonly Configuration[] {
  const there = new Set(["/", ...groups]);
  return booted.configurations.flatMap((family, i) => {
    const named = new Set(family.flatMap(({ schemata }) => Object.keys(schemata)));
    const missing = [...named].filter((group) => !there.has(group));
    if (missing.length === 0) return family;
    const name = plan.families[i]?.name;
    telling.note(`${name} is not run with ${workload.name}, which has no group ${missing.join(", ")}`);
    return [];
  });
}

/** Into what the replays on each platform are split; refused where they cannot be. */
export function partsOf(
  { parts }: Plan,
  host: ExpandHost,
  replaying: Omit<Replaying, "group">,
  platforms: readonly Booted[],
  telling: Telling,
): Parts {
  const found = new Map<Booted, Block["parts"]>();
  for (const booted of platforms) {
    const split = splitOf({ replaying: { ...replaying, group: [] } }, booted.platform, parts);
    const all = (more: Pick<Part, "approximate">): Part[] =>
      Array.from({ length: parts }, (_, index) => ({ index, of: parts, ...more }));
    if (!("refused" in split)) found.set(booted, parts === 1 ? [undefined] : all({}));
    else if (host.approximate && !split.never) {
      found.set(booted, all({ approximate: true }));
      telling.note(`parts on ${booted.name} are approximate: ${split.refused}`);
    } else {
      const why = `parts is ${parts}, and no replay on ${booted.name} can be split so: ${split.refused}`;
      telling.refuse(["parts"], why, `without parts it can be run${split.never ? "" : ", or with --approximate"}`);
    }
  }
  return found;
}
