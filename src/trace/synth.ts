// A trace made while it is read, in the memory of one batch: the same bytes from any row on, on every machine.
import {
  OP_READ,
  OP_WRITE,
  type TraceBatch,
  type TraceRequester,
  type TraceSource,
  type TraceSpace,
} from "../machine/index.ts";
import { type Pattern, patternOf, Turns } from "./synth-patterns.ts";
import { parseSynth, type SynthSpec } from "./synth-spec.ts";
import type { Trace } from "./trace.ts";

const PAGE_BYTES = 4096;
/** Rows of a batch: so few that others on the thread do not wait long while they are drawn. */
const DRAWN_ROWS = 8192;
/** Counts up when the same specification begins to mean other records. */
const METHOD = 1;

class SynthTrace implements Trace {
  readonly metadata = undefined;
  readonly synthetic = true;
  readonly hash: string;
  readonly records: number;
  readonly addressRule = "dense";
  readonly pageBytes = PAGE_BYTES;
  readonly spaces: readonly TraceSpace[];
  readonly requesters: readonly TraceRequester[];
  readonly #patterns: readonly Pattern[];
  readonly #turns: Turns;
  readonly #kernel: Pattern | undefined;

  constructor(
    readonly name: string,
    private readonly spec: SynthSpec,
  ) {
    const { pid, tid, comm, device, ws, n, threads, seed, parts } = spec;
    this.hash = `synth ${METHOD} ${JSON.stringify(spec)}`;
    this.records = n;
    this.spaces = [{ asid: pid, pages: Math.ceil(ws / PAGE_BYTES) }];
    const { el, kernel } = spec;
    const at = (level: number | undefined) =>
      Array.from({ length: threads }, (_, i) => ({
        ...{ asid: pid, pid, tid: tid + i, comm },
        ...(level === undefined ? {} : { el: level }),
        ...(device === undefined ? {} : { device }),
      }));
    this.requesters = kernel ? [...at(0), ...at(1)] : at(el);
    this.#patterns = parts.map((part, i) => patternOf(part, i, spec));
    this.#kernel = kernel && patternOf(kernel, parts.length, spec);
    this.#turns = new Turns(
      parts.map((part) => part.weight),
      seed,
    );
  }

  async *batches(from = 0): AsyncIterable<TraceBatch> {
    for (let row = from; row < this.records; row += DRAWN_ROWS) {
      yield this.#batch(row, Math.min(DRAWN_ROWS, this.records - row));
    }
  }

  /** Threads take turns: row r is access floor(r / threads) of thread r mod threads. */
  #batch(first: number, rows: number): TraceBatch {
    const { threads, gap, start } = this.spec;
    const { every, records } = this.spec.kernel ?? { every: 1, records: 0 };
    const lap = every + records;
    const batch = {
      rows,
      time: new Float64Array(rows),
      address: new Float64Array(rows),
      bytes: new Uint16Array(rows),
      op: new Uint8Array(rows),
      requester: new Uint16Array(rows),
    };
    let thread = first % threads;
    let k = Math.floor(first / threads);
    for (let i = 0; i < rows; i++) {
      // A thread's own accesses, then those of the kernel for it.
      const [laps, within] = [Math.floor(k / lap), k % lap];
      const calls = within >= every;
      const turn = laps * every + within;
      const pattern = (calls ? this.#kernel : this.#patterns[this.#turns.part(turn)]) as Pattern;
      const count = calls ? laps * records + within - every : this.#turns.count(turn);
      batch.time[i] = Math.floor(start + k * gap);
      batch.address[i] = pattern.address(count, thread);
      batch.bytes[i] = pattern.bytes;
      batch.op[i] = pattern.writes(count, thread) ? OP_WRITE : OP_READ;
      batch.requester[i] = calls ? threads + thread : thread;
      if (++thread === threads) {
        thread = 0;
        k++;
      }
    }
    return batch;
  }
}

/** The trace that a text such as `synth:zipf,ws=8M,n=20M` stands for. Throws EINVAL. */
export function synthTrace(text: string): Trace & TraceSource {
  return new SynthTrace(text, parseSynth(text));
}
