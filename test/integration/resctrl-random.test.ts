// Thousands of random operations by several callers, on emulated machines of many shapes: after each one the reply, last_cmd_status,
// every register and every label are what the plain model says.

import { describe, expect, test } from "vitest";
import { loadPlatform, type Platform } from "../../src/index.ts";
import { type Action, randomActions } from "../helpers/plain/resctrl/actions.ts";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { PLATFORM_SHAPES, SMALL_SHAPES, withOddities } from "../helpers/plain/resctrl/shapes.ts";
import { firstDisagreement, shortened } from "../helpers/plain/resctrl/trial.ts";
import { platformOf, ResctrlMachine } from "../helpers/resctrl-machine.ts";

/** MPAM_RESCTRL_RUNS makes it longer; MPAM_RESCTRL_SEED and one run repeat a failure. */
const RUNS = Number(process.env.MPAM_RESCTRL_RUNS ?? 3);
const SEED = Number(process.env.MPAM_RESCTRL_SEED ?? Math.floor(Math.random() * 2 ** 30));
const LENGTH = 150;

function printed(script: readonly Action[]): string {
  return script.map(({ by, do: what, ...rest }) => `  ${by.uid}/${by.pid} ${what} ${JSON.stringify(rest)}`).join("\n");
}

async function agrees(shape: Shape, platform: () => Promise<Platform>): Promise<void> {
  const made = await platform();
  const fails = async (script: readonly Action[]) => firstDisagreement(await ResctrlMachine.mount(shape, made), script);
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const script = randomActions(shape, seed, LENGTH);
    if (!(await fails(script))) continue;
    const { script: done = [], what, ...values } = (await shortened(script, fails)) ?? {};
    expect.unreachable(`seed ${seed}, after\n${printed(done)}\n${what}: ${JSON.stringify(values)}`);
  }
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
  const kinds = new Set(randomActions(SMALL_SHAPES.small!, SEED, 2000).map((action) => action.do));
  const there = ["chmod", "chown", "cpu", "keep", "lookup", "mkdir", "pass", "read", "readKept", "readdir"];
  expect([...kinds].sort()).toEqual([...there, "rename", "rmdir", "write", "writeKept"]);
});
