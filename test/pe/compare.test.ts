// The implementations of the processor side against the plain model: labels and limits exhaustively, accesses at random.

import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePlan, type Extent, sizeOf, type What } from "../helpers/pe-compare.ts";
import { profiles, steps } from "../helpers/pe-draw.ts";
import { labelPlan, limitPlan, type Plan, readPlan } from "../helpers/pe-plan.ts";
import { choiceProfiles, labelProfiles, limitProfiles, readProfiles } from "../helpers/pe-profiles.ts";
import { compareSequence } from "../helpers/pe-sequence.ts";
import type { PeProfile } from "../helpers/pe-subject.ts";
import { peImplementations } from "../helpers/pe-subjects.ts";
import { plainPe } from "../helpers/plain/pe/pe.ts";

/** Every combination of selectors with every set of values, for every profile: about an hour where the slice takes seconds. */
const FULL = process.env.MPAM_PE_FULL === "1";
const RUNS = Number(process.env.MPAM_PE_RUNS ?? 400);
const SEED = Number(process.env.MPAM_SEED ?? Math.floor(Math.random() * 2 ** 30));
const PATIENCE = FULL ? 24 * 3_600_000 : 300_000;

const others = peImplementations.filter((each) => each !== plainPe);
// With nobody to compare with it runs against itself.
const contestants = [plainPe, ...(others.length > 0 ? others : [plainPe])];
const names = contestants
  .slice(1)
  .map(({ name }) => name)
  .join(", ");
const counted = (count: number) => count.toLocaleString("en");

interface Comparison extends Extent {
  readonly what: What;
  readonly cpus: readonly PeProfile[];
  readonly planOf: (profile: PeProfile) => Plan;
}

async function compareAll({ what, cpus, planOf, ...extent }: Comparison): Promise<void> {
  const sizeOfAll = (each: Extent) => cpus.reduce((sum, cpu) => sum + sizeOf(what, cpu, planOf(cpu), each), 0);
  const sizes = `${counted(sizeOfAll(extent))} of ${counted(sizeOfAll({ full: true }))}`;
  console.info(`${names}: ${sizes} ${what}s of ${cpus.length} cpus`);
  let compared = 0;
  for (const cpu of cpus) compared += await comparePlan(what, cpu, planOf(cpu), contestants, extent);
  expect(compared).toBe(sizeOfAll(extent));
}

test("labels agree in every combination of selectors, on every cpu that there can be", { timeout: PATIENCE }, () =>
  compareAll({ what: "label", cpus: labelProfiles(FULL), planOf: labelPlan, full: FULL }),
);

test("labels agree for every class of values, under every choice that is left open", { timeout: PATIENCE }, () =>
  compareAll({ what: "label", cpus: choiceProfiles(FULL), planOf: labelPlan, full: FULL, turns: 4 }),
);

test("limits agree in every combination of who has one and who is capped", { timeout: PATIENCE }, () =>
  compareAll({ what: "limit", cpus: limitProfiles(), planOf: limitPlan, full: FULL, turns: 4 }),
);

test(
  "reads agree in every combination of what decides over all names, with each trap of a single one",
  { timeout: PATIENCE },
  () => compareAll({ what: "read", cpus: readProfiles(), planOf: readPlan, full: FULL, turns: 4 }),
);

test(`accesses agree, and labels and limits after each, whatever is drawn (seed ${SEED})`, { timeout: PATIENCE }, () =>
  fc.assert(
    fc.asyncProperty(profiles, steps, (profile, drawn) => compareSequence(profile, drawn, contestants)),
    { seed: SEED, numRuns: FULL ? RUNS * 100 : RUNS },
  ),
);
