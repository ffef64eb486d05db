// Every platform under platforms/, as probe and explain show it.

import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type Enabled, explainMachine, textOf as explainText } from "../../src/cli/explain.ts";
import { type Found, findings } from "../../src/cli/found.ts";
import { textOf as probeText } from "../../src/cli/probe.ts";
import { Driver } from "../../src/driver/index.ts";
import { describe as describeFirmware } from "../../src/firmware/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { showCpus } from "../../src/written/index.ts";
import { FEATURES } from "../golden/driver-features.ts";
import { EXPECTED, type ExpectedClass } from "./expected-platforms.ts";

const FOLDER = new URL("../../platforms/", import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

interface Looked {
  readonly found: Found;
  readonly explained: Enabled;
}

async function look(file: string): Promise<Looked> {
  const platform = await loadPlatform(new URL(file, FOLDER).pathname);
  const machine = await Machine.create(platform);
  const driver = await Driver.probe(machine);
  const explained = await explainMachine(await Machine.create(platform), platform.name, describeFirmware(platform));
  if (!explained.enabled) throw new Error(explained.reason);
  return { found: findings(driver, platform, machine.mscs), explained };
}

describe.each(files)("%s", (file) => {
  const expected = EXPECTED[file.replace(".yaml", "")];

  test("has expectations, its own name, and a paragraph on what it is for", async () => {
    expect(expected).toBeDefined();
    const text = await readFile(new URL(file, FOLDER), "utf8");
    expect(text.split("\n\n")[0]?.split("\n").length).toBeGreaterThanOrEqual(2);
    expect(text.split("\n").findIndex((line) => !line.startsWith("#"))).toBeGreaterThanOrEqual(2);
    expect(text).toContain(`\nname: ${file.replace(".yaml", "")}\n`);
  });

  test("is found and exported as the file and the rules say", async () => {
    if (expected === undefined) throw new Error(`${file} has no expectations`);
    const { found, explained } = await look(file);
    expect([found.partids, found.pmgs]).toEqual([expected.partids, expected.pmgs]);
    expect([explained.partids, explained.pmgs]).toEqual([expected.partids, expected.pmgs]);

    const [mscs, cpus] = expected.partidsFrom;
    const named = (msc: number) => `MSC ${msc} (${expected.mscs[msc]})`;
    expect(found.limits.partid).toEqual({
      max: expected.partids - 1,
      cpus,
      mscs: (mscs === "all" ? expected.mscs.map((_, msc) => msc) : mscs).map(named),
      smmus: [],
    });
    expect(found.mscs.map(({ name }) => name)).toEqual(expected.mscs);
    for (const [msc, page] of Object.entries(expected.pages)) {
      expect(found.mscs[Number(msc)]?.address, `MSC ${msc}`).toBe(page);
    }
    for (const msc of found.mscs) {
      expect(msc).toMatchObject({ version: "1.1", iidr: expected.iidr ?? 0, errata: expected.errata ?? [] });
    }
    checkClasses(found, explained, expected.classes);
    expect(explained.remarks.map((remark) => expected.remarks.find((one) => remark.startsWith(one)))).toEqual(
      expected.remarks,
    );
    checkTexts(found, explained, expected.text);
  });
});

function checkClasses(found: Found, explained: Enabled, expected: { readonly [name: string]: ExpectedClass }): void {
  expect(found.classes.map(({ name }) => name)).toEqual(Object.keys(expected));
  expect(explained.classes.map(({ name }) => name)).toEqual(Object.keys(expected));
  for (const [index, [name, one]] of Object.entries(expected).entries()) {
    const probed = found.classes[index];
    const made = explained.classes[index];
    if (probed === undefined || made === undefined) throw new Error(`no class ${name}`);
    expect(showCpus(probed.components.map(({ id }) => id))).toBe(one.ids);
    expect(showCpus(probed.cpus)).toBe(one.cpus);
    const undescribed = made.unknown.flatMap(({ has }) => has);
    expect(made.type === "unknown" ? undescribed : probed.has, name).toEqual(one.has);
    // An unknown class is not gone into: nothing is exported.
    const shown = made.verdicts.filter(({ outcome, meant }) => outcome !== "wrong-kind" || meant);
    const exports = shown.map(({ export: what, outcome, as, findings }) => [
      what,
      outcome === "exported" ? as : findings.filter(({ holds }) => !holds).map(({ rule }) => rule),
    ]);
    if (made.type === "unknown") expect(made.verdicts.some(({ outcome }) => outcome === "exported")).toBe(false);
    else expect(Object.fromEntries(exports), name).toEqual(one.exports);
    expect(made.unused, name).toEqual(one.unused ?? []);
    const lost = made.lost.map(
      ({ kind, what, parts }) => `${kind} ${what}: ${parts.map(({ part, has }) => `${part}: ${has}`).join("; ")}`,
    );
    expect(lost, name).toEqual(one.lost ?? []);
  }
}

/** Texts are for terminals: 100 columns where there is none. */
function checkTexts(found: Found, explained: Enabled, lines: readonly string[]): void {
  const probed = probeText(found).split("\n");
  const made = explainText(explained).split("\n");
  expect([...probed, ...made].filter((line) => line.length > 100)).toEqual([]);
  for (const line of lines) expect(probed).toContain(line);
  for (const one of explained.classes) {
    for (const { export: name, outcome, as, findings } of one.verdicts) {
      if (outcome === "exported") expect(made.join(" ").replace(/ +/g, " ")).toContain(`${name}: ${as};`);
      const [refusal] = findings.filter(({ holds }) => !holds);
      if (outcome === "refused" && one.type !== "unknown") {
        expect(made.some((line) => line.startsWith(`      ${refusal?.rule} (${refusal?.section}):`))).toBe(true);
      }
    }
  }
}

test("everything.yaml has every feature that a driver looks for, and every width of counter", async () => {
  const { found } = await look("everything.yaml");
  const all = found.mscs.flatMap(({ ris }) => ris.flatMap(({ features }) => features));
  expect([...new Set(all)].sort()).toEqual([...FEATURES].sort());
});
