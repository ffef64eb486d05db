// What one operation takes of the processor, by `perf stat`: the contestants of a race run alone, one after the other.
import { spawn, spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { type Contestant, closeAll, type RaceOptions, WARM_UP_TURNS } from "./harness.ts";

const EVENTS = ["cycles", "instructions", "branch-misses"] as const;
const SECONDS = 3;

/** Of one operation in user mode. */
export interface Counted {
  readonly bench: string;
  readonly case: string;
  readonly contestant: string;
  readonly cycles: number;
  readonly instructions: number;
  readonly branchMisses: number;
}

export function hasPerf(): boolean {
  return spawnSync("perf", ["--version"]).status === 0;
}

export async function count(options: RaceOptions): Promise<Counted[]> {
  const counted: Counted[] = [];
  try {
    for (const contestant of options.contestants) {
      const [cycles = 0, instructions = 0, branchMisses = 0] = await countOne(contestant, options.operations);
      const { bench, case: where } = options;
      counted.push({ bench, case: where, contestant: contestant.name, cycles, instructions, branchMisses });
    }
  } finally {
    await closeAll(options.contestants);
  }
  return counted;
}

/** Events per operation: those of a second over the operations of a second, as turns and the counting end apart. */
async function countOne(contestant: Contestant, usual: number): Promise<number[]> {
  for (let turn = 0; turn < WARM_UP_TURNS; turn++) await contestant.run();
  const counting = perfStat(contestant.pid ?? process.pid);
  let ended = false;
  void counting.finally(() => {
    ended = true;
  });
  let operations = 0;
  const start = performance.now();
  while (!ended) {
    await contestant.run();
    operations += contestant.operations ?? usual;
    // The end of the counting is heard between turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const perSecond = operations / ((performance.now() - start) / 1000);
  return (await counting).map((events) => events / SECONDS / perSecond);
}

function perfStat(pid: number): Promise<number[]> {
  const names = EVENTS.map((event) => `${event}:u`).join(",");
  const perf = spawn("perf", ["stat", "-x", ",", "-e", names, "-p", String(pid), "--", "sleep", String(SECONDS)]);
  let text = "";
  perf.stderr.on("data", (part) => {
    text += String(part);
  });
  return new Promise((resolve, reject) => {
    perf.on("error", reject);
    perf.on("close", () => {
      const values = EVENTS.map((event) => {
        const line = text.split("\n").find((one) => one.includes(`${event}:u`)) ?? "";
        return Number.parseFloat(line);
      });
      if (values.every(Number.isFinite)) resolve(values);
      else reject(new Error(`perf stat could not count: ${text.trim()}`));
    });
  });
}
