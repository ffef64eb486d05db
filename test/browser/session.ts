// The session that a browser and Node have to agree on: caches of cpus, a sliced one behind them, labels, and traffic that is
// made on the fly, lies in bytes, and comes out of a compressed Blob.

import { loadPlatform, Machine, openTrace } from "../../src/index.ts";
import { type Form, MemorySink, packTrace } from "../../src/trace/index.ts";

export const WORKERS = [1, 2, 4, 8] as const;

const CPUS = 4;
const RECORDS = 200_000;
const traffic = (seed: number) =>
  `synth:mix,of=zipf:3+stream:1,ws=4M,n=${RECORDS},threads=${CPUS},write=30%,seed=${seed}`;

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

/** The bytes of a trace file. */
async function fileOf(trace: string, form: Form): Promise<Uint8Array<ArrayBuffer>> {
  const sink = new MemorySink();
  await packTrace(await openTrace(trace), sink, { form });
  return sink.bytes() as Uint8Array<ArrayBuffer>;
}

function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Blob> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
}

/** A machine of `workers` threads, and its traffic. */
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
  const traces = [
    await openTrace(traffic(1)),
    await openTrace(await fileOf(traffic(2), "packed")),
    await openTrace(await gzip(await fileOf(traffic(3), "columns"))),
  ];
  for (const { tid } of traces.flatMap((trace) => machine.addTasks(trace))) {
    const partid = tid % 8;
    machine.processor.setTaskLabel(tid, { partidD: partid, partidI: partid, pmgD: tid % 2, pmgI: tid % 2 });
  }
  return { machine, traces };
}

/**
 * Replays half, lets another machine go on from a snapshot, and closes both. The hash is the same for any number of workers.
 */
export async function runSession(asked: number): Promise<Outcome> {
  const { machine, traces } = await sessionOf(asked);
  await machine.replay(traces, { until: RECORDS / CPUS / 2 });
  const other = await Machine.restore(machine.snapshot(), { workers: machine.workers });
  await other.resume(traces);
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
