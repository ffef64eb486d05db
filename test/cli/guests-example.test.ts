// docs/guests.md shows real output: this runs the example and compares.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const EXAMPLE = new URL("../../examples/guests.mjs", import.meta.url).pathname;

test("what docs/guests.md shows of the example is what it prints", { timeout: 60_000 }, async () => {
  const text = await readFile(new URL("../../docs/guests.md", import.meta.url), "utf8");
  const shown = /<!-- guests -->\n```\n([\s\S]*?)```\n<!-- \/guests -->/.exec(text)?.[1];
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE]);
  expect(shown).toBe(stdout);
});
