// The units of a plan: each workload on each platform under each configuration, with each seed and layout, in parts where that was
// asked for.

import type { Platform } from "../../platform/index.ts";
import { count } from "../../written/index.ts";
import type { Swept } from "../sweep.ts";
import type { Part, Place, Replaying, Unit, Work } from "../unit.ts";
import type { Booted } from "./booted.ts";
import type { Configuration } from "./configurations.ts";
import type { ExpandHost, NamedWorkload } from "./inputs.ts";
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

/** None where there would be too many, or some cannot be split: that is told. */
export function makeUnits(
  plan: Plan,
  host: ExpandHost,
  replaying: Omit<Replaying, "group">,
  workloads: readonly NamedWorkload[],
  platforms: readonly Booted[],
  telling: Telling,
): Units {
  const units = new Map<string, Unit>();
  const asked: Asked[] = [];
  const same = platforms.filter((booted) => !drawsLots(booted)).map(({ name }) => name);
  if (plan.seeds.length > 0 && same.length > 0) {
    telling.note(`no cache of ${same.join(", ")} has random replacement, so replays there run once whatever the seeds`);
  }
  const blocks = workloads.flatMap((workload) => platforms.map((booted) => blockOf(plan, workload, booted, telling)));
  const parts = new Map(platforms.map((booted) => [booted, partsOn(plan, host, replaying, booted, telling)]));
  const many = blocks.reduce((sum, one) => sum + one.replays * (parts.get(one.booted)?.length ?? 1), 0);
  if (many > MOST_UNITS) {
    telling.refuse(
      ["configurations"],
      `the plan makes ${count(many)} replays`,
      `up to ${count(MOST_UNITS)} are allowed`,
    );
  }
  if (many > MOST_UNITS || [...parts.values()].includes(undefined)) return { units: [], asked };
  for (const { workload, booted, configurations, seeds } of blocks) {
    for (const seed of seeds) {
      const platform = seed === undefined ? booted.platform : frozen({ ...booted.platform, seed });
      for (const layout of plan.layouts.length > 0 ? plan.layouts : [undefined]) {
        for (const { name, settings, schemata } of configurations) {
          const place: Place = {
            workload: workload.workload.name,
            platform: booted.name,
            configuration: name,
            settings,
            ...(seed === undefined ? {} : { seed }),
            ...(layout === undefined ? {} : { layout }),
          };
          const names: string[] = [];
          const of = parts.get(booted) ?? [];
          for (const part of of) {
            const work: Work = {
              traces: workload.traces,
              platform,
              replaying: { ...replaying, group: workload.workload.group },
              schemata,
              ...(layout === undefined ? {} : { layout }),
              ...(part === undefined ? {} : { part }),
            };
            const unit = { name: nameOf(work, host.tool), place, work };
            if (!units.has(unit.name)) units.set(unit.name, unit);
            names.push(unit.name);
          }
          asked.push({ place, units: names, schemata, ...(of[0]?.approximate ? { approximate: true } : {}) });
        }
      }
    }
  }
  return { units: [...units.values()], asked };
}

interface Block {
  readonly workload: NamedWorkload;
  readonly booted: Booted;
  readonly configurations: readonly Configuration[];
  /** Undefined: the platform's own. */
  readonly seeds: readonly (number | undefined)[];
  readonly replays: number;
}

function blockOf(plan: Plan, workload: NamedWorkload, booted: Booted, telling: Telling): Block {
  const { name } = workload.workload;
  const groups = new Set(["/", ...workload.groups]);
  const configurations = booted.configurations.flatMap((family, i) => {
    const missing = new Set(
      family.flatMap(({ schemata }) => Object.keys(schemata).filter((group) => !groups.has(group))),
    );
    if (missing.size === 0) return family;
    telling.note(`${plan.families[i]?.name} is not run with ${name}, which has no group ${[...missing].join(", ")}`);
    return [];
  });
  const seeds = plan.seeds.length > 0 && drawsLots(booted) ? plan.seeds : [undefined];
  return {
    workload,
    booted,
    configurations,
    seeds,
    replays: configurations.length * seeds.length * Math.max(plan.layouts.length, 1),
  };
}

const drawsLots = ({ platform }: Booted) => platform.caches.some(({ policy }) => policy === "random");

/** Undefined where a replay cannot be split. */
function partsOn(
  plan: Plan,
  host: ExpandHost,
  replaying: Omit<Replaying, "group">,
  { name, platform }: { readonly name: string; readonly platform: Platform },
  telling: Telling,
): readonly (Part | undefined)[] | undefined {
  const { parts } = plan;
  if (parts === 1) return [undefined];
  const split = splitOf({ replaying: { ...replaying, group: [] } }, platform, parts);
  const all = (more: Pick<Part, "approximate">): Part[] =>
    Array.from({ length: parts }, (_, index) => ({ index, of: parts, ...more }));
  if (!("refused" in split)) return all({});
  if (host.approximate && !split.never) {
    telling.note(`parts on ${name} are approximate: ${split.refused}`);
    return all({ approximate: true });
  }
  telling.refuse(
    ["parts"],
    `parts is ${parts}, and no replay on ${name} can be split so: ${split.refused}`,
    split.never ? "without parts it can be run" : "without parts it can be run, or with --approximate",
  );
  return undefined;
}
