// Thousands of random operations by several callers, on emulated machines of many shapes: after each one the reply, last_cmd_status,
// every register and every label are what the plain model says.

import { describe, expect, test } from "vitest";
import { loadPlatform, type Platform } from "../../src/index.ts";
import { type Action, randomActions } from "../helpers/plain/resctrl/actions.ts";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { PLATFORM_SHAPES, SMALL_SHAPES, withOddities } from "../helpers/plain/resctrl/shapes.ts";
import { firstDisagreement, shortened } from "../helpers/plain/resctrl/trial.ts";
import { platformOf, ResctrlMachine } from "../helpers/resctrl-machine.ts";

/** MPAM_RESCTRL_RUNS makes it longer; MPAM_SEED and one run repeat a failure. */
const RUNS = Number(process.env.MPAM_RESCTRL_RUNS ?? 1);
const SEED = Number(process.env.MPAM_SEED ?? Math.floor(Math.random() * 2 ** 30));
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

test("linux-7.3: a monitor group that goes to another control group keeps its RMID", async () => {
  const shape = withOddities(SMALL_SHAPES.debug!);
  const { resctrl } = await ResctrlMachine.mount(shape, await platformOf(shape));
  for (const path of ["mon_groups/m", "a", "a/mon_groups/n"]) await resctrl.mkdir(path);
  const own = await resctrl.readFile("mon_groups/m/mon_hw_id");
  // It is that of n already.
  expect(await resctrl.readFile("a/mon_groups/n/mon_hw_id")).toBe(own);
  await resctrl.rename("mon_groups/m", "a/mon_groups/m");
  expect(await resctrl.readFile("a/mon_groups/m/mon_hw_id")).toBe(own);
});

test("every kind of action is drawn", () => {
  const kinds = new Set(randomActions(SMALL_SHAPES.small!, SEED, 2000).map((action) => action.do));
  const there = ["chmod", "chown", "cpu", "keep", "lookup", "mkdir", "pass", "read", "readKept", "readdir"];
  expect([...kinds].sort()).toEqual([...there, "rename", "rmdir", "write", "writeKept"]);
});
