// The comparison itself: it notices every one of many models of which one rule is wrong.

import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePlan } from "../helpers/pe-compare.ts";
import { type PeStep, profiles, steps } from "../helpers/pe-draw.ts";
import { accessMutants, labelMutants, limitMutants } from "../helpers/pe-mutants.ts";
import { labelPlan, limitPlan } from "../helpers/pe-plan.ts";
import { choiceProfiles, LABEL_CHOICES, limitProfiles, profileOf } from "../helpers/pe-profiles.ts";
import { compareSequence } from "../helpers/pe-sequence.ts";
import type { PeImplementation, PeProfile } from "../helpers/pe-subject.ts";
import { plainPe } from "../helpers/plain/pe/pe.ts";

/** Who has not been noticed yet, and what is done on a difference. */
function unnoticed(mutants: readonly PeImplementation[]) {
  const left = new Map(mutants.map((each) => [each.name, each]));
  expect(left.size).toBe(mutants.length);
  const told: string[] = [];
  const onDifference = (name: string, text: string) => {
    if (left.delete(name)) told.push(text);
  };
  return { left, told, onDifference, contestants: () => [plainPe, ...left.values()] };
}

test("a wrong rule of labels is noticed", async () => {
  const { left, onDifference, contestants } = unnoticed(labelMutants);
  const first = choiceProfiles(false)[0]!;
  // Of the cpus that there can be these have all that a rule asks for.
  const cpus = [
    ...[first, { ...first, unpredictable: LABEL_CHOICES[95]! }, { ...first, partidMax: 2, vpmrMax: 7 }],
    ...[profileOf({ sdeflt: true, sme: true }), profileOf({ version: "0.1", forceNs: "rw" })],
    profileOf({ rme: true, sdeflt: true, vpmrMax: "none" }),
  ];
  for (const profile of cpus) {
    await comparePlan("label", profile, labelPlan(profile), contestants(), { full: false, onDifference });
  }
  expect([...left.keys()]).toEqual([]);
});

test("a wrong rule of limits is noticed", async () => {
  const { left, onDifference, contestants } = unnoticed(limitMutants);
  for (const profile of limitProfiles()) {
    if (left.size === 0) break;
    await comparePlan("limit", profile, limitPlan(profile), contestants(), { full: false, turns: 4, onDifference });
  }
  expect([...left.keys()]).toEqual([]);
});

test("a wrong rule of any kind is noticed by accesses drawn at random", async () => {
  const { left, onDifference, contestants } = unnoticed(accessMutants);
  const drawn = fc.sample(fc.tuple(profiles, steps), { seed: 1, numRuns: 2000 });
  for (const [profile, each] of drawn) {
    if (left.size === 0) break;
    await compareSequence(profile, each, contestants(), onDifference);
  }
  expect([...left.keys()]).toEqual([]);
});

/** What a test that pasted the lines would do. */
async function paste(text: string, { create }: PeImplementation): Promise<void> {
  const AsyncFunction = (async () => {}).constructor as new (
    ...parts: string[]
  ) => (...given: unknown[]) => Promise<void>;
  await new AsyncFunction("create", "expect", text)(create, expect);
}

test("a difference is told in lines that show it when they are pasted", async () => {
  const labels = unnoticed(labelMutants);
  const cpu = choiceProfiles(false)[0]!;
  await comparePlan("label", cpu, labelPlan(cpu), labels.contestants(), {
    full: false,
    onDifference: labels.onDifference,
  });
  const accesses = unnoticed(accessMutants);
  const [[profile, each]] = fc.sample(fc.tuple(profiles, steps), { seed: 1, numRuns: 1 }) as [[PeProfile, PeStep[]]];
  await compareSequence(profile, each, accesses.contestants(), accesses.onDifference);
  const all = new Map([...labelMutants, ...accessMutants].map((mutant) => [mutant.name, mutant]));
  const told = [...labels.told, ...accesses.told].filter((text) => text.includes("differs"));
  expect(told.length).toBeGreaterThan(10);
  for (const text of told) {
    const name = /^\/\/ (.*) differs/.exec(text)![1]!;
    await paste(text, plainPe);
    await expect(paste(text, all.get(name)!), text).rejects.toThrow();
  }
});

test("what is drawn at random is made short", async () => {
  const mutant = accessMutants.find(({ name }) => name.startsWith("TRAPLOWER comes before"))!;
  const property = fc.asyncProperty(profiles, steps, (profile, drawn) =>
    compareSequence(profile, drawn, [plainPe, mutant]),
  );
  const { failed, counterexample } = await fc.check(property, { seed: 1, numRuns: 2000 });
  expect(failed).toBe(true);
  // NV2 redirects, and TRAPLOWER traps.
  expect(counterexample![1].length).toBeLessThanOrEqual(2);
});
