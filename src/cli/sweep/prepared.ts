// What every word of mpam sweep begins with: the plan as units, and the folder of their results.

import { basename, resolve } from "node:path";
import { describeTrace, type Expanded, expandPlan, loadPlan, Store } from "../../sweep/index.ts";
import { platformFile } from "../named-platform.ts";
import { tool } from "../tool.ts";

export interface PlanFlags {
  readonly store?: string;
  readonly approximate?: boolean;
  readonly cache?: string;
}

export interface Prepared {
  readonly expanded: Expanded;
  readonly store: Store;
  /** Of the answer, beside the results. */
  readonly folder: string;
  readonly tool: string;
}

export async function prepared(path: string, { store, approximate = false, cache }: PlanFlags): Promise<Prepared> {
  const plan = await loadPlan(path);
  const made = tool();
  const expanded = await expandPlan(plan, {
    tool: made,
    approximate,
    platformFile,
    describeTrace: (argument) => describeTrace(argument, cache === undefined ? {} : { cacheFolder: cache }),
  });
  const folder = resolve(store ?? `${basename(path).replace(/\.(ya?ml|json)$/, "")}.sweep`);
  return { expanded, store: new Store(`${folder}/units`), folder, tool: made };
}
