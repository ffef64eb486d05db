// Plans for tests: one that is right, and what expands it.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Expanded,
  type ExpandHost,
  expandPlan,
  type Plan,
  parsePlan,
  planFrom,
} from "../../../src/sweep/index.ts";
import { UsageError, WrittenError } from "../../../src/written/index.ts";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

export const BUNDLED = readdirSync(`${root}platforms`).map((name) => name.replace(/\.yaml$/, ""));

/** Two traces that need no file. */
export const PAIR = {
  name: "a pair",
  files: ["synth:zipf,ws=64K,n=1000", "synth:stream,ws=64K,n=1000"],
  groups: ["polite=trace:1", "greedy=trace:2"],
};

/** A plan that is right, but for what `more` says. */
export function planWith(more: Record<string, unknown> = {}): Plan {
  return planFrom({ traces: [PAIR], platforms: ["private-l2"], ...more }, `${root}plan.yaml`);
}

export const HOST: ExpandHost = {
  tool: "test 1",
  platformFile(name) {
    if (!BUNDLED.includes(name)) throw new UsageError(`platform '${name}': there is no such file`);
    return `${root}platforms/${name}.yaml`;
  },
};

export function expanded(more: Record<string, unknown> = {}, host: Partial<ExpandHost> = {}): Promise<Expanded> {
  return expandPlan(planWith(more), { ...HOST, ...host });
}

/** The lines of what was refused. */
export async function refusedBy(run: () => unknown): Promise<string[]> {
  try {
    await run();
  } catch (error) {
    if (error instanceof WrittenError) return error.message.split("\n");
    throw error;
  }
  return [];
}

/** Of a text, the lines that refuse it. */
export const refusals = (text: string) => refusedBy(() => parsePlan(text, "plan.yaml"));
