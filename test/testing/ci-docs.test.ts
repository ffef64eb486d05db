// docs/ci.md: what it gives others to copy. Workflows and container are tried on the packed package, by .ci/recipes.mjs.

import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { TestMachine } from "../../src/testing/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/ci.md"), "utf8");
const read = (name: string) => readFileSync(join(root, "examples/ci", name), "utf8");

test("the test for node:test runs as it stands", async () => {
  const [block] = /import test from "node:test";[\s\S]*?(?=^```$)/m.exec(page) ?? [];
  const folder = join(root, "dist/ci-docs");
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, "platforms/one-socket.yaml"), join(folder, "platform.yaml"));
  writeFileSync(join(folder, "ci.test.mjs"), block ?? "");
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { stdout } = await promisify(execFile)(process.execPath, ["--test", "ci.test.mjs"], { cwd: folder, env });
  expect(stdout).toMatch(/pass 1/);
});

test("everything the page says of a machine for a test is there", () => {
  const [table] = /^\| `emulated` \|[\s\S]*?\n\n/m.exec(page) ?? [];
  const names = [...(table ?? "").matchAll(/^\| `(\w+)\(/gm)].map(([, name]) => name ?? "");
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !(name in TestMachine.prototype))).toEqual([]);
});

test("files that the page leads to are there", () => {
  const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? "");
  expect(links.filter((link) => !existsSync(join(root, "docs", link)))).toEqual([]);
});

test("the workflows are YAML of the kind that their services read, and name platforms that there are", () => {
  const { jobs } = parse(read("github-workflow.yml")) as {
    jobs: Record<string, { strategy: { matrix: { platform: string[] } }; steps: { run?: string; uses?: string }[] }>;
  };
  const { strategy, steps } = Object.values(jobs)[0] ?? { strategy: { matrix: { platform: [] } }, steps: [] };
  expect(steps.every(({ run, uses }) => (run === undefined) !== (uses === undefined))).toBe(true);
  expect(strategy.matrix.platform.length).toBeGreaterThan(0);
  for (const name of strategy.matrix.platform) expect(existsSync(join(root, `platforms/${name}.yaml`))).toBe(true);
  const { resctrl } = parse(read("gitlab-ci.yml")) as { resctrl: { script: unknown[] } };
  expect(resctrl.script.every((line) => typeof line === "string")).toBe(true);
});
