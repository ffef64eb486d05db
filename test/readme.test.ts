// The README shows real output: this runs the command and compares.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const COMMAND = new URL("../dist/esm/cli.js", import.meta.url).pathname;

test("what the README shows of `npm start` is what it prints", { timeout: 60_000 }, async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const shown = /<!-- demo -->\n```\n([\s\S]*?)```\n<!-- \/demo -->/.exec(readme)?.[1];
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, "demo", "--quiet"]);
  expect(stdout).toContain("schemata");
  expect(shown).toBe(stdout);
});

test("`npm start` in a fresh clone builds each module of the hardware that the package takes in", async () => {
  const house = async (file: string) => readFile(new URL(`../${file}`, import.meta.url), "utf8");
  const { scripts } = JSON.parse(await house("package.json"));
  const { targets } = JSON.parse(await house("asconfig.json"));
  const taken = [...(await house("src/inline.ts")).matchAll(/"\.\.\/(build\/\S+\.wasm)"/g)].map(([, file]) => file);
  expect(taken.length).toBeGreaterThan(1);
  for (const file of taken) {
    const target = Object.keys(targets).find((name) => targets[name].outFile === file);
    expect(scripts.prestart).toContain(`asc --target ${target} `);
  }
});
