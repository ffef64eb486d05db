// mpam sweep as a person runs it: here, interrupted, as jobs of an array.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { chosenUnits } from "../../src/cli/sweep/unit.ts";
import { mpam, startIn } from "../helpers/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "mpam-sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

let plans = 0;
/** A plan in a folder of its own. */
function planOf(more: string, n = "20k"): string {
  const path = join(folder, String(plans++), "plan.yaml");
  mkdirSync(join(path, ".."));
  const text = `
sweep: a test
traces:
  - name: pair
    files: ["synth:zipf,ws=1M,n=${n}", "synth:stream,ws=4M,n=${n}"]
    groups: [a=trace:1, b=trace:2]
platforms: [one-socket]
goals: [{ highest: hit rate, of: a }]
${more}`;
  writeFileSync(path, text);
  return path;
}
const SPLITS = "configurations: [{ name: cut, vary: [{ split: L3, between: [a, b] }] }]";

const storeOf = (plan: string, name = "s") => join(plan, "..", name);
const sweptOf = (store: string) => readFileSync(join(store, "sweep.json"), "utf8");
const unitsIn = (store: string) =>
  readdirSync(join(store, "units"), { recursive: true }).filter((name) => String(name).endsWith(".json"));

describe("mpam sweep", () => {
  test("runs every unit once; again it runs none, and says the same", async () => {
    const plan = planOf(SPLITS);
    const store = storeOf(plan);
    const first = await mpam("sweep", plan, "--store", store);
    expect(first).toMatchObject({ code: 0 });
    expect(first.out).toContain("15 configurations, 15 replays");
    expect(unitsIn(store)).toHaveLength(15);
    const text = sweptOf(store);
    const again = await mpam("sweep", plan, "--store", store, "--jobs", "1");
    expect(again.out).toBe(first.out);
    expect(sweptOf(store)).toBe(text);
  });

  test("finds results of another plan that asks for the same replays", async () => {
    const plan = planOf(SPLITS);
    const store = storeOf(plan);
    await mpam("sweep", plan, "--store", store);
    const some = planOf('configurations: [{ name: half, schemata: { a: "L3:0=ff", b: "L3:0=ff00" } }]');
    await mpam("sweep", some, "--store", store);
    expect(unitsIn(store)).toHaveLength(15);
  });

  test("reports units that cannot be run, and runs the others", async () => {
    const plan = planOf(`
configurations: [{ name: nothing }]
options: { do: ["@50% write b/schemata MB:0=50"] }`);
    writeFileSync(
      plan,
      readFileSync(plan, "utf8").replace(
        "traces:",
        'traces:\n  - { name: alone, files: ["synth:zipf,n=1k"], groups: [a=trace:1] }',
      ),
    );
    const store = storeOf(plan);
    const { code, out, err } = await mpam("sweep", plan, "--store", store);
    expect(code).toBe(1);
    expect(err).toContain("mpam: 1 unit cannot be run; the answer is of the others");
    expect(out).toContain("b/schemata");
    const [bad, good] = JSON.parse(sweptOf(store)).swept;
    expect(good.result.records).toBe(40_000);
    expect(bad.failed).toMatch(/b\/schemata.*ENOENT/);
    expect(bad.failed).not.toContain("\n");
  });

  /** Begun, and at least three units are there. */
  const begun = async (plan: string) => {
    const store = storeOf(plan);
    const running = startIn({}, "sweep", plan, "--store", store, "--jobs", "2");
    const has = () => {
      try {
        return unitsIn(store).length;
      } catch {
        return 0;
      }
    };
    while (has() < 3) await new Promise((later) => setTimeout(later, 5));
    return { running, store, has };
  };

  test("stops at Ctrl-C with what it has, and goes on from there", async () => {
    const plan = planOf(SPLITS, "300k");
    const { running, store, has } = await begun(plan);
    running.child.kill("SIGINT");
    const stopped = await running.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/mpam: stopped: \d+ of 15 units are known; the same command goes on from there/);
    const kept = has();
    expect(kept).toBeLessThan(15);
    expect((await mpam("sweep", plan, "--store", store)).code).toBe(0);
    await mpam("sweep", plan, "--store", storeOf(plan, "whole"));
    expect(sweptOf(store)).toBe(sweptOf(storeOf(plan, "whole")));
  });

  test("ends at once at a second Ctrl-C, or killed, and loses nothing that it had", async () => {
    const plan = planOf(SPLITS, "300k");
    for (const signals of [["SIGINT", "SIGINT"], ["SIGKILL"]] as const) {
      const { running, store, has } = await begun(plan);
      for (const signal of signals) running.child.kill(signal);
      await running.ended;
      expect(has()).toBeGreaterThanOrEqual(3);
      expect((await mpam("sweep", plan, "--store", store)).code).toBe(0);
      expect(unitsIn(store)).toHaveLength(15);
      await mpam("sweep", plan, "--store", storeOf(plan, "whole"));
      expect(sweptOf(store)).toBe(sweptOf(storeOf(plan, "whole")));
      rmSync(store, { recursive: true });
    }
  });

  test("comes to the same with another one on the same store at the same time", async () => {
    const plan = planOf(SPLITS, "100k");
    const store = storeOf(plan);
    const both = await Promise.all([1, 2].map(() => mpam("sweep", plan, "--store", store, "--jobs", "1")));
    const written = `wrote ${join(store, "sweep.json")}\n`;
    expect(both.map(({ code, err }) => ({ code, err }))).toEqual([1, 2].map(() => ({ code: 0, err: written })));
    const text = sweptOf(store);
    expect(unitsIn(store)).toHaveLength(15);
    await mpam("sweep", plan, "--store", storeOf(plan, "whole"));
    expect(text).toBe(sweptOf(storeOf(plan, "whole")));
  });

  test("says what is wrong with its words in one line", async () => {
    const plan = planOf(SPLITS);
    const lineOf = async (...words: string[]) => {
      const { code, err } = await mpam("sweep", ...words);
      expect(code).toBe(2);
      return err;
    };
    expect(await lineOf("nowhere.yaml")).toMatch(/^mpam: nowhere\.yaml.*\n$/);
    expect(await lineOf(plan, "--jobs", "0")).toBe("mpam: jobs '0': 1 to 1024 is allowed\n");
    expect(await lineOf(plan, "--report", "out.pdf")).toMatch(/^mpam: report out\.pdf: the name ends in \.html.*\n$/);
    expect(await lineOf(plan, "--dashboard")).toMatch(/^mpam: dashboard: .*--queue.*\n$/);
    expect(await lineOf(plan, "--queue", "redis://127.0.0.1:1", "--jobs", "2")).toMatch(/^mpam: jobs and queue: .*\n$/);
  });
});

describe("jobs of an array", () => {
  test("come together to the same bytes as one sweep, whoever runs which, some twice", async () => {
    const plan = planOf(SPLITS);
    await mpam("sweep", plan, "--store", storeOf(plan));
    const store = storeOf(plan, "array");
    const parts = ["0", "1-3", "0/2", "1/2", "14"];
    const ended = await Promise.all(
      parts.map((index) => mpam("sweep", "unit", "--plan", plan, "--store", store, "--index", index)),
    );
    expect(ended.map(({ code }) => code)).toEqual(parts.map(() => 0));
    const merged = await mpam("sweep", "merge", "--plan", plan, "--store", store);
    expect(merged.code).toBe(0);
    expect(sweptOf(store)).toBe(sweptOf(storeOf(plan)));
  });

  test("merged before all have run, the answer is of those that have, and the rest is said", async () => {
    const plan = planOf(SPLITS);
    const store = storeOf(plan);
    await mpam("sweep", "unit", "--plan", plan, "--store", store, "--index", "0-9");
    const { code, err } = await mpam("sweep", "merge", "--plan", plan, "--store", store);
    expect(code).toBe(1);
    expect(err).toContain("5 units have no result");
  });
});

describe("which units a job takes", () => {
  const units = Array.from({ length: 10 }, (_, i) => i);

  test("are a number, a range, a list or a share; all shares together are all units", () => {
    expect(chosenUnits("7", units)).toEqual([7]);
    expect(chosenUnits("2-4", units)).toEqual([2, 3, 4]);
    expect(chosenUnits("9,0-1,1", units)).toEqual([9, 0, 1]);
    const shares = [0, 1, 2].flatMap((i) => chosenUnits(`${i}/3`, units));
    expect(shares.sort()).toEqual(units);
    expect(chosenUnits("10/40", units)).toEqual([]);
  });

  test.each([
    ["10", "the plan has 10 units, 0 to 9"],
    ["3-2", "a number, a range"],
    ["", "a number, a range"],
    ["x", "a number, a range"],
    ["-1", "a number, a range"],
    ["0-99999999999", "the plan has 10 units, 0 to 9"],
    ["3/3", "the shares of 3 are 0/3 to 2/3"],
    ["0/0", "the shares of 0"],
  ])("'%s' is refused in one line", (text, why) => {
    expect(() => chosenUnits(text, units)).toThrow(why);
  });
});
