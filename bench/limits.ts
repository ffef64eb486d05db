// What can this machine do at best? The measure by which a reader judges every rate beside it.
import { CTwin } from "./c-twin.ts";
import { MIN_REPETITIONS, median, type Row, spread } from "./harness.ts";
import type { Question } from "./question.ts";

const SEQUENTIAL_BYTES = 128 << 20;
const LOADS = 16 << 20;
const DRAM_BYTES = 512 << 20;

/** Host bytes of one simulated set. */
const SET_BYTES = 64;
const CACHE_BYTES_PER_SET = 64 * 16;

export const limits: Question = {
  name: "limits",
  asks: "sequential reads, and independent random loads at the simulated footprint and in memory",
  async run(options) {
    const footprint = ((options.cacheMiB << 20) / CACHE_BYTES_PER_SET) * SET_BYTES;
    const near = await CTwin.start("limits", [String(footprint), String(LOADS)]);
    const far = await CTwin.start("limits", [String(DRAM_BYTES), String(LOADS)]);
    if (!near || !far) {
      options.note("limits: no gcc, so the limit probes are absent");
      return [];
    }
    const sequential: number[] = [];
    const nearRates: number[] = [];
    const farRates: number[] = [];
    for (let turn = 0; turn < Math.max(options.repetitions, MIN_REPETITIONS); turn++) {
      sequential.push(SEQUENTIAL_BYTES / (await near.run("sequential")).nanoseconds);
      nearRates.push((LOADS / (await near.run("random")).nanoseconds) * 1000);
      farRates.push((LOADS / (await far.run("random")).nanoseconds) * 1000);
    }
    near.close();
    far.close();
    return [
      probe("memory", "sequential read", sequential, "GB/s"),
      probe(`${footprint / 1024} KiB`, "independent random loads", nearRates, "M/s"),
      probe("memory", "independent random loads", farRates, "M/s"),
    ];
  },
};

function probe(where: string, contestant: string, rates: number[], unit: Row["unit"]): Row {
  const rate = median(rates);
  return { bench: "limits", case: where, contestant, rate, unit, ratio: null, spread: spread(rates), checksum: "" };
}
