// The session that a browser and Node have to agree on: caches of cpus, a sliced one behind them, labels, traffic made on the fly.

import { loadPlatform, Machine, openTrace } from "../../src/index.ts";

export const WORKERS = [1, 2, 4, 8] as const;

const CPUS = 4;
const RECORDS = 300_000;
const TRAFFIC = `synth:mix,of=zipf:3+stream:1,ws=4M,n=${RECORDS},threads=${CPUS},write=30%`;

/** How a session went with so many workers asked for. */
export interface Outcome {
  readonly asked: number;
  /** Those that the machine had. */
  readonly workers: number;
  /** Records that workers ran together. */
  readonly together: number;
  /** SHA-256 of what the machine exports at the end, hex. */
  readonly hash: string;
}

/** A machine of `workers` threads with its traffic; `replay` runs that up to a model time, or to its end. */
export async function sessionOf(workers: number) {
  const platform = await loadPlatform({
    name: "browser",
    cpus: CPUS,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [
      { level: 2, per: "cpu", bytes: "64 KiB", ways: 8 },
      { level: 3, bytes: "1 MiB", ways: 16, slices: 4, msc: { base: "0x1_4100_0000", cpor: { cpbmWd: 16 } } },
    ],
    memory: [{ bytes: "1 GiB", bytesPerSecond: "25.6 GB/s" }],
  });
  const machine = await Machine.create(platform, { workers });
  const trace = await openTrace(TRAFFIC);
  for (const { tid } of machine.addTasks(trace)) {
    machine.processor.setTaskLabel(tid, { partidD: tid, partidI: tid, pmgD: tid % 2, pmgI: tid % 2 });
  }
  return { machine, trace };
}

/**
 * Replays half, lets another machine go on from a snapshot, and closes both. The hash is the same for any number of workers.
 */
export async function runSession(asked: number): Promise<Outcome> {
  const { machine, trace } = await sessionOf(asked);
  await machine.replay([trace], { until: RECORDS / CPUS / 2 });
  const other = await Machine.restore(machine.snapshot(), { workers: machine.workers });
  await other.resume([trace]);
  const { workers } = other;
  const together = Number(other.inside.hardware.recordsBy(3));
  const hash = await hashOf(JSON.stringify(other.export()));
  await machine.close();
  await other.close();
  return { asked, workers, together, hash };
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
