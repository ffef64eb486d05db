// Thousands of random operations by several callers, on emulated machines of many shapes: after each one the reply, last_cmd_status,
// every register and every label are what the plain model says.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPlatform, type Platform } from "../../src/index.ts";
import { type Action, actions, scripts } from "../helpers/plain/resctrl/actions.ts";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { PLATFORM_SHAPES, SMALL_SHAPES, withOddities } from "../helpers/plain/resctrl/shapes.ts";
import { firstDisagreement } from "../helpers/plain/resctrl/trial.ts";
import { platformOf, ResctrlMachine } from "../helpers/resctrl-machine.ts";

/** MPAM_RESCTRL_RUNS makes it longer, MPAM_RESCTRL_SEED repeats it. */
const RUNS = Number(process.env.MPAM_RESCTRL_RUNS ?? 6);
const SEED = process.env.MPAM_RESCTRL_SEED === undefined ? undefined : Number(process.env.MPAM_RESCTRL_SEED);
const LONGEST = 150;

function printed(script: readonly Action[]): string {
  return script.map(({ by, do: what, ...rest }) => `  ${by.uid}/${by.pid} ${what} ${JSON.stringify(rest)}`).join("\n");
}

async function agrees(shape: Shape, platform: () => Promise<Platform>): Promise<void> {
  const made = await platform();
  const script = scripts(shape, LONGEST);
  const property = fc.asyncProperty(script, async (drawn) => {
    const subject = await ResctrlMachine.mount(shape, made);
    const found = await firstDisagreement(subject, drawn);
    if (!found) return;
    const { script: done, what, ...values } = found;
    throw new Error(`after\n${printed(done)}\n${what}: ${JSON.stringify(values, undefined, 2)}`);
  });
  const parameters = { numRuns: RUNS, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false };
  await fc.assert(property, SEED === undefined ? parameters : { ...parameters, seed: SEED });
}

describe("a shape of platforms/", () => {
  test.each(Object.entries(PLATFORM_SHAPES))("%s", async (name, shape) => {
    const file = new URL(`../../platforms/${name}.yaml`, import.meta.url);
    await agrees(shape, () => loadPlatform(file));
  });
});

const SMALL = Object.entries(SMALL_SHAPES);

describe.each<[string, (shape: Shape) => Shape]>([
  ["as repaired", (shape) => shape],
  ["linux-7.3", withOddities],
])("%s, a machine of its own shape", (_, kept) => {
  test.each(SMALL)("%s", async (_name, shape) => {
    await agrees(kept(shape), () => platformOf(shape));
  });
});

test("every kind of action is drawn", () => {
  const drawn = fc.sample(actions(SMALL_SHAPES.small!), { numRuns: 2000, seed: 1 });
  const kinds = new Set(drawn.map((action) => action.do));
  expect([...kinds].sort()).toEqual(
    [
      "chmod",
      "chown",
      "cpu",
      "keep",
      "lookup",
      "mkdir",
      "pass",
      "read",
      "readKept",
      "readdir",
      "rename",
      "rmdir",
      "write",
      "writeKept",
    ].sort(),
  );
});
