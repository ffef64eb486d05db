// The line of progress: on a terminal, as wide as it is, and gone at the end; nowhere else.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { progressText } from "../../src/cli/output.ts";
import { COMMAND, mpam } from "../helpers/command-line.ts";
import { sayNotRun } from "../helpers/not-run.ts";

test.each([
  [[1, 100, 2, "replaying", "records"], "replaying   1 %  0.0 M records/s"],
  [[20e6, 80e6, 2, "replaying", "records"], "replaying  25 %  10.0 M records/s, 6 s left"],
  [[20e6, 80e6, 100, "importing", "bytes"], "importing  25 %  0.2 MB/s, 5 min left"],
  [[2e6, 80e6, 200, "replaying", "records"], "replaying   2 %  0.0 M records/s, 2 h 10 min left"],
  [[80e6, 80e6, 8, "packing", "records"], "packing 100 %  10.0 M records/s"],
  [[5e6, Number.POSITIVE_INFINITY, 1, "replaying", "records"], "replaying  5.0 M records/s"],
  [[0, 0, 0, "counting", "records"], "counting  0.0 M records/s"],
] as const)("%j is '%s'", ([done, total, seconds, what, unit], text) => {
  expect(progressText(done, total, seconds, what, unit)).toBe(text);
});

const folder = mkdtempSync(join(tmpdir(), "mpam-progress-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** util-linux's script gives a command a terminal. */
const noTerminal = spawnSync("script", ["--version"]).error ? "there is no script (util-linux)" : undefined;
sayNotRun("progress on a terminal", noTerminal);

/** What reaches the terminal of a command whose standard output goes elsewhere. */
function onTerminal(columns: number, ...args: string[]): string {
  const line = [process.execPath, COMMAND, ...args].map((word) => `'${word}'`).join(" ");
  const { stdout, status } = spawnSync("script", ["-qec", `stty cols ${columns}; ${line} > /dev/null`, "/dev/null"], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  return stdout;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what takes the line away
const NEW_LINE = /\r\x1b\[K|\r?\n/;
const SYNTH = "synth:zipf,ws=16M,n=600k";

test.skipIf(noTerminal !== undefined).each([
  ["replaying", ["replay", SYNTH]],
  ["packing", ["trace", "pack", SYNTH, join(folder, "packed.arrow")]],
  ["counting", ["trace", "info", SYNTH]],
  [
    "importing",
    [
      "trace",
      "import",
      new URL("../../examples/traces/threadsig", import.meta.url).pathname,
      "-o",
      join(folder, "a.arrow"),
    ],
  ],
  ["running", ["bundle", "make", "-o", join(folder, "a.mpam"), "--replay", SYNTH]],
])("%s is shown with a rate, and taken away", (what, args) => {
  const said = onTerminal(80, ...args);
  expect(said).toMatch(new RegExp(`${what} +\\d+ %  \\d+\\.\\d (M records|MB)/s`));
  // What stays on the screen: what follows the last time that the line was taken away.
  expect(said.slice(said.lastIndexOf("\x1b[K") + 3)).not.toContain("%");
});

test.skipIf(noTerminal !== undefined)("on a narrow terminal no line is as wide as it", () => {
  const lines = onTerminal(24, "replay", SYNTH, "--json").split(NEW_LINE);
  const shown = onTerminal(24, "trace", "info", SYNTH)
    .split(NEW_LINE)
    .filter((line) => line.startsWith("counting"));
  expect(lines.join("")).toBe("");
  expect(shown.length).toBeGreaterThan(0);
  for (const line of shown) expect(line.length).toBeLessThan(24);
});

test.skipIf(noTerminal !== undefined)("--quiet is silent", () => {
  expect(onTerminal(80, "replay", SYNTH, "--quiet")).toBe("");
});

test("without a terminal there is none", async () => {
  const { err } = await mpam("replay", SYNTH);
  expect(err).toMatch(/^[\d.]+ M records\/s here\n$/);
  expect((await mpam("trace", "info", SYNTH)).err).toBe("");
});
