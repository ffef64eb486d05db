// The same accesses and the same traffic in Node and in C: what is read, what is raised and what is left are the same.
// Builds the program in C, some seconds of work, where there is a compiler and wasm2c.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPlatform } from "../../src/platform/index.ts";
import { sayNotRun } from "../helpers/not-run.ts";
import { drawScript } from "./draw.ts";
import { InNode } from "./in-node.ts";
import { buildProgram, type Program, whyNot } from "./program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BOARDS = ["one-socket", "four-spaces", "everything"] as const;
const SEED = Number(process.env.MPAM_SEED ?? 1);
const RUNS = Number(process.env.MPAM_C_RUNS ?? 3);

const why = whyNot();
sayNotRun("C against Node", why);

describe.skipIf(why !== undefined)("C against Node", () => {
  let program: Program;
  beforeAll(() => {
    program = buildProgram();
  }, 120_000);
  afterAll(() => program?.remove());

  for (const board of BOARDS) {
    test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
      `a program in C sees what one in Node sees: ${board}, seed %i`,
      async (seed) => {
        const platform = await loadPlatform(`${ROOT}/platforms/${board}.yaml`);
        const script = drawScript(platform, seed);
        const inNode = await (await InNode.of(platform)).run(script);
        const { stdout, stderr, status } = spawnSync(program.path, [board], {
          input: script.map((line) => line.join(" ")).join("\n"),
          encoding: "utf8",
          maxBuffer: 2 ** 28,
        });
        expect([status, stderr]).toEqual([0, ""]);
        expect(canonical(stdout)).toEqual(canonical(inNode));
      },
      60_000,
    );
  }
});

/**
 * Lines of the output. Labels have other numbers in the two machines, so that counts have no order; ages are told apart by
 * their order alone, newest first, as Node has it.
 */
function canonical(text: string): string[] {
  const lines = text.trimEnd().split("\n");
  const all: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const kind = (lines[at] as string)[0];
    let end = at + 1;
    while ((kind === "z" || kind === "x") && lines[end]?.[0] === kind) end++;
    const run = lines.slice(at, end);
    if (kind === "z") run.sort();
    all.push(
      ...(kind === "x"
        ? run
            .map(waysOf)
            .sort(byAge)
            .map(([, line]) => line)
        : run),
    );
    at = end;
  }
  return all;
}

/** Of C: resource, set, way, line, label as a word, age with dirty in bit 7. Node has said them in order, with the label apart. */
function waysOf(text: string): [key: readonly number[], line: string] {
  const words = text.split(" ").slice(1).map(Number);
  const [resource, set, way, line, label, age] = words as [number, number, number, number, number, number];
  if (words.length !== 6) return [[resource, set, 0], text];
  const shown = [resource, set, way, line, (label >>> 24) & 3, label & 0xffff, (label >>> 16) & 0xff, age >>> 7];
  return [[resource, set, age & 0x7f], `x ${shown.join(" ")}`];
}

function byAge([a]: readonly [readonly number[], string], [b]: readonly [readonly number[], string]): number {
  for (const [i, one] of a.entries()) if (one !== b[i]) return one - (b[i] as number);
  return 0;
}
