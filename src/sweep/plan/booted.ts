// A platform of a plan, booted once: what it has to be divided, and the configurations that its tree takes.

import { messageOf } from "../../errno/index.ts";
import type { Platform } from "../../platform/index.ts";
import type { Booting } from "../../session/index.ts";
import { given, type Path } from "../../written/index.ts";
import type { SweptPlatform } from "../sweep.ts";
import { nameOfRule } from "./check.ts";
import { type Configuration, configurationsOf } from "./configurations.ts";
import type { NamedPlatform } from "./inputs.ts";
import type { Plan } from "./plan.ts";
import { PlatformTree } from "./platform-tree.ts";
import type { Telling } from "./telling.ts";

export interface Booted {
  readonly name: string;
  readonly platform: Platform;
  readonly described: SweptPlatform;
  /** Of each family, by its place. */
  readonly configurations: readonly (readonly Configuration[])[];
}

/** Undefined where it does not boot. */
export async function bootedOf(
  plan: Plan,
  { name, platform }: NamedPlatform,
  path: Path,
  telling: Telling,
): Promise<Booted | undefined> {
  const { compat, commandLine } = plan.replaying;
  let tree: PlatformTree;
  try {
    tree = await PlatformTree.boot(platform, given<Booting>({ compat, commandLine }));
  } catch (error) {
    telling.refuse(path, `${name} cannot be used: ${messageOf(error)}`, "a platform that resctrl can use is needed");
    return undefined;
  }
  try {
    for (const [i, { group }] of plan.workloads.entries()) {
      const refused = await tree.refusedGroups([...new Set(group.map(nameOfRule))]);
      if (refused !== undefined) {
        telling.refuse(
          ["traces", i, "groups"],
          `${name} does not make the groups of traces[${i}]: ${refused}`,
          "fewer or other groups are needed",
        );
      }
    }
    checkLevels(plan, name, platform, telling);
    const configurations: (readonly Configuration[])[] = [];
    for (const [i, family] of plan.families.entries()) {
      const before = configurations.reduce((sum, one) => sum + one.length, 0);
      configurations.push(await configurationsOf(family, ["configurations", i], { name, tree, telling }, before));
    }
    return { name, platform, configurations, described: describedBy(name, platform, tree) };
  } finally {
    await tree.close();
  }
}

function checkLevels({ goals }: Plan, name: string, { caches }: Platform, telling: Telling): void {
  const levels = [...new Set(caches.map(({ level }) => level))].sort();
  for (const [i, { level }] of goals.entries()) {
    if (level === undefined || levels.includes(level)) continue;
    const there = levels.length === 0 ? "no caches" : levels.map((one) => `L${one}`).join(", ");
    telling.refuse(["goals", i, "at"], `goals[${i}].at is L${level}, which ${name} has not`, `it has ${there}`);
  }
}

function describedBy(name: string, platform: Platform, tree: PlatformTree): SweptPlatform {
  const portions: Record<string, { count: number; bytes: number; level: number }> = {};
  for (const { name: resource, portions: found } of tree.resources) {
    const level = Number(/^L(\d)/.exec(resource)?.[1]);
    const cache = platform.caches.find((one) => one.level === level);
    if (found && cache) portions[resource] = { count: found.count, bytes: cache.bytes, level };
  }
  return { name, description: platform.description, portions };
}
