// The plan in examples/sweeps, run as its comment says, against counts that were made without this project.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { readSweep } from "../../src/sweep/index.ts";
import { mpam } from "../helpers/command-line.ts";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mpam-example-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the example says of the join and the sort what its comment says", { timeout: 60_000 }, async () => {
  const plan = join(examples, "sweeps/who-gets-the-cache.yaml");
  const { code, out } = await mpam("sweep", plan, "--store", folder);
  expect(code).toBe(0);
  const { swept } = readSweep(readFileSync(join(folder, "sweep.json"), "utf8"), "sweep.json");
  const misses = (name: string, portions?: number) => {
    const one = swept.find(
      ({ place: { platform, configuration, settings } }) =>
        platform === "one-socket" && configuration === name && settings["L3 of sort"] === portions,
    );
    return ["join", "sort"].map((name) => one?.result?.groups.find(({ group }) => group === name)?.misses);
  };
  // examples/traces/README.md: sharing all ways, and the sort kept to 2 of 16.
  expect(misses("nothing set")).toEqual([62_332, 91_870]);
  expect(misses("fence", 2)).toEqual([13_132, 94_065]);
  // With enough portions of its own the join misses each of its 11,684 lines once.
  expect(misses("cut in two", 1)[0]).toBe(11_684);

  const [join3, sort3] = misses("cut in two", 3) as [number, number];
  expect(sort3).toBeLessThanOrEqual(1.02 * 91_870);
  // The join misses its lines once and few of them again.
  expect(join3).toBeGreaterThan(11_684);
  expect(join3).toBeLessThan(1.02 * 11_684);
  // Nobody within the limit has a lower product.
  const within = swept.flatMap(({ place: { platform, configuration, settings } }) => {
    const [a = 0, b = 0] = misses(configuration, settings["L3 of sort"] as number | undefined);
    return platform === "one-socket" && b <= 1.02 * 91_870 ? [a * b] : [];
  });
  expect(Math.min(...within)).toBe(join3 * sort3);
  const count = (n: number) => n.toLocaleString("en");
  expect(out).toMatch(new RegExp(`\\* cut in two: L3 of sort 3 +${count(join3)} +${count(sort3)}\\n`));
  expect(out).toContain(
    'Best: cut in two: L3 of sort 3\n  echo "L3:0=fff8" > /sys/fs/resctrl/join/schemata\n  echo "L3:0=7" > /sys/fs/resctrl/sort/schemata\n',
  );
  const comment = readFileSync(plan, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("#"))
    .map((line) => line.slice(2))
    .join(" ");
  const [join0 = 0, sort0 = 0] = misses("nothing set") as number[];
  expect(comment).toContain(
    `who then misses ${count(join3)} times in place of ${count(join0)}, while the sort misses ${count(sort3)} times in place of ${count(sort0)}.`,
  );
});
