// How long does the command line take to get going? Whole processes, beside a Node that does nothing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { NODE, REPLAY } from "./goals.ts";
import { type Contestant, race } from "./harness.ts";
import type { Question } from "./question.ts";
import { packageRoot } from "./root.ts";

const COMMAND = join(packageRoot(), "dist/esm/cli.js");
const SMALL = "synth:zipf,n=1000";

export const startup: Question = {
  name: "startup",
  asks: "a whole run of the command on a small trace against a Node that does nothing (S1)",
  async run({ repetitions }) {
    const folder = mkdtempSync(join(tmpdir(), "mpam-bench-"));
    try {
      const trace = join(folder, "small.arrow");
      runToEnd([COMMAND, "trace", "pack", SMALL, trace]);
      const contestants = [
        whole(NODE, ["-e", "0"]),
        whole("mpam --version", [COMMAND, "--version"]),
        whole("mpam probe", [COMMAND, "probe"]),
        whole(REPLAY, [COMMAND, "replay", trace]),
      ];
      const rows = await race({ bench: "startup", case: "small trace", operations: 1, contestants, repetitions });
      return rows.map((row) => ({ ...row, rate: row.rate * 1e6, unit: "runs/s" }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** There is nothing to add up: every run ends well, or the race does. */
function whole(name: string, args: readonly string[]): Contestant {
  return {
    name,
    run() {
      const start = performance.now();
      runToEnd(args);
      return { nanoseconds: (performance.now() - start) * 1e6, checksum: "exit 0" };
    },
  };
}

function runToEnd(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(`node ${args.join(" ")}: exit code ${status}: ${stderr}`);
}
