import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { whyNoMount } from "../helpers/fuse/mountable.ts";
import { BUILT, ROOT } from "../helpers/fuse/mounts.ts";
import { sayNotRun } from "../helpers/not-run.ts";
import { trial } from "./trial.ts";

const why = whyNoMount();

sayNotRun("random operations on a real mount", why);

describe.skipIf(why !== undefined)("four processes at once on a real mount", () => {
  test.each([
    ["small", "users"],
    ["with L2s", "bits"],
    ["cdp on L3", "users"],
  ] as const)("of shape %s, %s: the plain model gives every reply again, and nothing is lost", async (shape, kind) => {
    const { startMount } = await import(BUILT);
    const programs = join(ROOT, "dist/mount");
    const { operations, wrong } = await trial({ shape, kind, seed: 7, count: 400, startMount, programs });
    expect(wrong).toBeUndefined();
    expect(operations).toBeGreaterThan(400);
  });
});
