// node dist/mount/random.js [--count N] [--seed N] [--shape NAME]: random operations of four processes on a real mount, and the
// plain model after them. Prints what it has done; ends with 1 when anything differs, leaks or hangs.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startMount } from "../../src/fuse/index.ts";
import { whyNoMount } from "../helpers/fuse/mountable.ts";
import { SMALL_SHAPES } from "../helpers/plain/resctrl/shapes.ts";
import { trial } from "./trial.ts";

const { values } = parseArgs({
  options: { count: { type: "string" }, seed: { type: "string" }, shape: { type: "string" } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 20));
const count = Number(values.count ?? 10_000);
const why = whyNoMount();
if (why !== undefined) console.log(`mount: NOT RUN, because ${why}`);
else process.exitCode = (await all()) ? 0 : 1;

/** Half of the operations by several users, half by one who changes permission bits. */
async function all(): Promise<boolean> {
  const names = Object.keys(SMALL_SHAPES);
  const chosen = [0, 1].map((half) => values.shape ?? names[(seed + half) % names.length] ?? "small");
  let good = true;
  for (const [half, shape] of chosen.entries()) {
    const kind = half === 0 ? "users" : "bits";
    const programs = dirname(fileURLToPath(import.meta.url));
    const began = performance.now();
    const { operations, wrong } = await trial({ shape, kind, seed, count: Math.ceil(count / 2), startMount, programs });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      `mount: seed ${seed}, shape "${shape}", ${kind}: ${operations} operations in the journal, ${seconds} s`,
    );
    if (wrong !== undefined) console.log(wrong);
    good &&= wrong === undefined;
  }
  return good;
}
