// The agent on a machine in memory, in model time: npx vitest run. Each run sees the same counts.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withMachine, withMount } from "mpam-emulator/testing";
import { expect, test as plain } from "vitest";
import { look } from "./agent.mjs";

const house = dirname(fileURLToPath(import.meta.resolve("mpam-emulator/package.json")));
const platform = join(house, "platforms/private-l2.yaml");
const traces = ["polite", "greedy"].map((name) => join(house, `examples/traces/${name}.arrow.br`));
const wanted = { group: "polite", bytes: 700 * 1024 };

const test = plain.extend(withMachine(platform));

/** Two programs at once, each in a group of its own. */
async function together(emulated, options) {
  const [polite, greedy] = await emulated.open(...traces);
  await emulated.group("polite", polite);
  await emulated.group("greedy", greedy);
  await emulated.play([polite, greedy], options);
  return emulated.bytes("polite", "mbm_total_bytes");
}

test("without the agent the polite one reads its lines from memory again and again", async ({ emulated }) => {
  expect(await together(emulated, {})).toBeGreaterThan(5e6);
});

test("the agent confines the greedy one, and the polite one keeps its lines", async ({ emulated }) => {
  const said = [];
  const step = async () => said.push(...(await look(emulated.resctrl, wanted)));
  expect(await together(emulated, { everyNs: 200_000, step })).toBeLessThan(2e6);
  expect(said).toHaveLength(1);
  expect(await emulated.schemata("greedy")).toMatchObject({ L3: { 0: "f" } });
  expect(await emulated.schemata("polite")).toMatchObject({ L3: { 0: "ffff" } });
});

test("nothing is moved while there is nobody else", async ({ emulated }) => {
  await emulated.resctrl.mkdir("polite");
  expect(await look(emulated.resctrl, wanted)).toEqual([]);
});

plain.extend(withMount(platform))("the same files are at a directory", async ({ mounted }) => {
  const { readFile } = await import("node:fs/promises");
  expect(await readFile(join(mounted.directory, "schemata"), "utf8")).toContain("L3:0=ffff");
});
