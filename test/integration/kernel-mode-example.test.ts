// examples/kernel-mode.mjs, run small: which way each policy trades (more.md section 5.1), not by how much.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

interface Spread {
  readonly hits: number;
  readonly mean: number;
  readonly deviation: number;
  readonly worst: number;
}

interface Scene {
  readonly after: Spread;
  readonly call: Spread;
  readonly other: Spread;
  readonly held: { readonly default: number; readonly web: number; readonly kernel: number };
  readonly costs: { readonly switches: number; readonly mpam0: number; readonly mpam1: number; readonly isbs: number };
}

interface Figures {
  readonly inversion: { readonly heldNs: number; readonly waitedNs: number; readonly ownNs: number };
  readonly bypass: { readonly share: number; readonly neighbourNs: number };
  readonly quiet: Scene;
  readonly busy: Scene;
  readonly roomy: Scene;
}

const EXAMPLE = fileURLToPath(new URL("../../examples/kernel-mode.mjs", import.meta.url));

const run = async (...options: string[]) => (await promisify(execFile)(process.execPath, [EXAMPLE, ...options])).stdout;

let out = "";
let inherit: Figures;
let byDefault: Figures;
let oneGroup: Figures;
let perGroup: Figures;
beforeAll(async () => {
  out = await run("--short", "--json");
  const all = JSON.parse(out) as Record<string, Figures>;
  [inherit, byDefault, oneGroup, perGroup] = ["inherit", "default", "one group", "per group"].map(
    (policy) => all[policy],
  ) as [Figures, Figures, Figures, Figures];
});

describe("a lock that a task with little bandwidth holds", () => {
  test("is held for longer than its holder would need without a limit where kernel work inherits that, and another waits for it", () => {
    expect(inherit.inversion.heldNs).toBeGreaterThan(5 * inherit.inversion.ownNs);
    expect(inherit.inversion.waitedNs).toBeGreaterThan(5 * byDefault.inversion.waitedNs);
  });

  test("is held as long as by a task without a limit in the default group, and in between in a group with more", () => {
    expect(byDefault.inversion.heldNs).toBe(byDefault.inversion.ownNs);
    for (const { inversion } of [oneGroup, perGroup]) {
      expect(inversion.heldNs).toBeGreaterThan(byDefault.inversion.heldNs);
      expect(inversion.heldNs).toBeLessThan(inherit.inversion.heldNs);
    }
  });
});

test("the price is bandwidth past the limit of 5 %: all that there is in the default group, what its group may have elsewhere", () => {
  expect(inherit.bypass.share).toBeLessThanOrEqual(0.05);
  for (const { bypass } of [oneGroup, perGroup]) {
    expect(bypass.share).toBeGreaterThan(0.05);
    expect(bypass.share).toBeLessThanOrEqual(0.3);
  }
  expect(byDefault.bypass.share).toBeGreaterThan(0.3);
  expect(byDefault.bypass.neighbourNs).toBeGreaterThan(inherit.bypass.neighbourNs);
});

describe("in a small cache", () => {
  test("kernel work that inherits takes the place of its task's data, whoever else runs", () => {
    expect(inherit.quiet.after.hits).toBeLessThan(byDefault.quiet.after.hits);
    expect(inherit.quiet.after.deviation).toBeGreaterThan(byDefault.quiet.after.deviation);
    expect(inherit.busy.call).toEqual(inherit.quiet.call);
    expect(inherit.busy.after).toEqual(inherit.quiet.after);
  });

  test("in the default group it meets that group's programs: they lose lines to it, and calls take longer or shorter as those do", () => {
    expect(byDefault.quiet.other.mean).toBeGreaterThan(inherit.quiet.other.mean);
    expect(byDefault.quiet.held.default).toBeGreaterThan(inherit.quiet.held.default);
    expect(byDefault.busy.call.mean).toBeGreaterThan(byDefault.quiet.call.mean);
    expect(byDefault.busy.call.deviation).toBeGreaterThan(inherit.busy.call.deviation);
    expect(byDefault.busy.call.worst).toBeGreaterThan(inherit.busy.call.worst);
  });

  test("with room for both inheriting keeps calls as short as they can be, and the default group does not", () => {
    expect(inherit.roomy.call.worst).toBe(4);
    expect(inherit.roomy.after.worst).toBe(4);
    expect(byDefault.roomy.call).toEqual(byDefault.busy.call);
  });

  test("a group of its own keeps kernel work from both", () => {
    for (const scene of [oneGroup.quiet, oneGroup.busy]) {
      expect([scene.call.worst, scene.after.worst]).toEqual([4, 4]);
      expect(scene.held.kernel).toBeGreaterThan(0);
    }
  });
});

test("one label for all kernel work saves a register and a barrier of each switch", () => {
  for (const { quiet } of [inherit, perGroup]) {
    const { switches } = quiet.costs;
    expect(quiet.costs).toEqual({ switches, mpam0: switches, mpam1: switches, isbs: switches });
    expect(switches).toBeGreaterThan(5);
  }
  for (const { quiet } of [byDefault, oneGroup]) {
    const { switches } = quiet.costs;
    expect(quiet.costs).toEqual({ switches, mpam0: switches, mpam1: 0, isbs: 0 });
  }
});

test("the figures are the same every time, and are printed as tables", async () => {
  expect(await run("--short", "--json")).toBe(out);
  expect(await run("--short")).toMatch(/^kernel mode +held +waited +web itself$/m);
});
