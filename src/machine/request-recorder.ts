// Recording what comes to the last level of caches: records run one by one before it, and nothing runs behind it.

import { ErrnoError } from "../errno/index.ts";
import { frontOf } from "../platform/index.ts";
import type { Border, Crossing, OpenCrossing } from "./crossing.ts";
import type { Machine } from "./machine.ts";
import { REQUESTERS } from "./power-on.ts";
import type { ReplayOptions } from "./replay.ts";
import { requesterOf } from "./request-feed.ts";
import { bytesOf, CHUNK_REQUESTS, type RequestChunk, RequestStream, type Sender } from "./request-stream.ts";
import type { TraceSource } from "./source.ts";

/** A request as the hardware hands it over: line u32, record u32, owner u16, entry u16, what it is u32. */
const HANDED_BYTES = 16;
const HANDED = 65536;

/** As an entry: memory. */
const MEMORY = 0xffff;

/** How requests are kept. */
export interface RequestRecorderOptions {
  /** What they may take in memory; 256 MiB. */
  readonly bytes?: number;
  /** Keep them in memory that threads share, so that sending them to another thread copies nothing. */
  readonly shared?: boolean;
}

/** Given to a replay in open timing (`ReplayOptions.requests`) it keeps what comes to the last level of caches, where nothing runs. */
export class RequestRecorder implements Crossing {
  readonly reserve = HANDED * HANDED_BYTES;
  /** What was recorded; undefined before the replay has ended, and where it failed. */
  stream: RequestStream | undefined;

  constructor(private readonly options: RequestRecorderOptions = {}) {}

  /** Called by a replay. That ends with ENOMEM when the requests take more than they may. */
  open(border: Border): OpenCrossing {
    const { hardware, sources, startNs, until } = border;
    const columns = new Columns(border, this.options);
    this.stream = undefined;
    let [records, endNs]: [number, number | undefined] = [0, undefined];
    hardware.handOverAt(hardware.intakeEnd() - this.reserve, HANDED);
    hardware.setCrossing(1);
    return {
      run: (n, timeOf) => {
        const ran = columns.run(n, timeOf);
        records += ran;
        if (ran > 0) endNs = timeOf(ran - 1);
        return ran;
      },
      end: (finished) => {
        hardware.setCrossing(0);
        if (finished === undefined) return {};
        this.stream = new RequestStream({
          front: frontOf(border.platform),
          seed: border.seed,
          traces: sources.map(({ hash }) => hash),
          startNs,
          endNs,
          untilNs: until === undefined ? undefined : until - startNs,
          records,
          finished,
          ...columns.end(),
        });
        return {};
      },
    };
  }
}

/** Columns that grow, chunk by chunk. */
class Columns {
  readonly #senders: Sender[] = [];
  /** By owner and entry, as they are handed over. */
  readonly #numbers = new Map<number, number>();
  readonly #chunks: RequestChunk[] = [];
  #bytes = 0;
  #length = 0;
  /** The chunk that is being filled. */
  readonly #lines = new Uint32Array(CHUNK_REQUESTS);
  readonly #requesters = new Uint16Array(CHUNK_REQUESTS);
  readonly #metas = new Uint8Array(CHUNK_REQUESTS);
  readonly #times = new Float64Array(CHUNK_REQUESTS);

  constructor(
    private readonly border: Border,
    private readonly options: RequestRecorderOptions,
  ) {}

  /** Runs staged records, as many as the hardware would run at once. */
  run(n: number, timeOf: (index: number) => number | undefined): number {
    const { hardware } = this.border;
    const [lines, requesters, metas] = [hardware.stagedLines(), hardware.stagedRequesters(), hardware.stagedMetas()];
    let done = 0;
    while (done < n) {
      const before = Number(hardware.records() & 0xffff_ffffn);
      const ran = hardware.replayFrom(lines + 4 * done, requesters + 2 * done, metas + done, n - done);
      const from = done;
      this.#take((record) => timeOf(from + ((record - before) >>> 0)) as number);
      done += ran;
      if (ran === 0 || hardware.stopped()) break;
    }
    return done;
  }

  #take(timeOf: (record: number) => number): void {
    const { hardware, memory } = this.border;
    const count = hardware.takeHanded();
    const at = hardware.intakeEnd() - HANDED * HANDED_BYTES;
    const words = new Uint32Array(memory.buffer, at, (count * HANDED_BYTES) / 4);
    let [record, time] = [-1, 0];
    for (let i = 0; i < words.length; i += 4) {
      const next = words[i + 1] as number;
      if (next !== record) [record, time] = [next, timeOf(next)];
      const place = this.#length++ % CHUNK_REQUESTS;
      const who = words[i + 2] as number;
      this.#lines[place] = words[i] as number;
      this.#requesters[place] = this.#numbers.get(who) ?? this.#meet(who);
      this.#metas[place] = words[i + 3] as number;
      this.#times[place] = time;
      if (place === CHUNK_REQUESTS - 1) this.#keep(CHUNK_REQUESTS);
    }
  }

  #meet(who: number): number {
    const { hardware, resources, requesterCount } = this.border;
    const [owner, entry] = [who & 0xffff, who >>> 16];
    const cache = entry === MEMORY ? undefined : resources.caches.indexOf(entry);
    const number = requesterOf(this.#senders.length);
    if (this.#senders.length === REQUESTERS - requesterCount) {
      throw new ErrnoError(
        "ENOSPC",
        `requests of more than ${this.#senders.length} labels beside ${requesterCount} requesters`,
      );
    }
    this.#senders.push({ label: hardware.ownerLabel(owner), cache, first: this.#length - 1 });
    this.#numbers.set(who, number);
    return number;
  }

  /** Puts the chunk that is filled behind the others. */
  #keep(length: number): void {
    const { baseNs, times } = packed(this.#times.subarray(0, length));
    const chunk = {
      length,
      lines: this.#copy(this.#lines, length),
      requesters: this.#copy(this.#requesters, length),
      metas: this.#copy(this.#metas, length),
      baseNs,
      times: this.#copy(times, length),
    };
    this.#chunks.push(chunk);
    this.#bytes += bytesOf(chunk);
    const { bytes = 2 ** 28 } = this.options;
    if (this.#bytes > bytes) {
      throw new ErrnoError(
        "ENOMEM",
        `the first ${this.#length} requests to the last level take more than ${bytes} bytes`,
      );
    }
  }

  #copy<T extends Uint32Array | Uint16Array | Uint8Array | Float64Array>(column: T, length: number): T {
    const bytes = length * column.BYTES_PER_ELEMENT;
    const buffer = this.options.shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
    const copy = new (column.constructor as new (buffer: ArrayBufferLike) => T)(buffer);
    copy.set(column.subarray(0, length) as never);
    return copy;
  }

  end(): { readonly senders: readonly Sender[]; readonly chunks: readonly RequestChunk[] } {
    if (this.#length % CHUNK_REQUESTS > 0) this.#keep(this.#length % CHUNK_REQUESTS);
    return { senders: this.#senders, chunks: this.#chunks };
  }
}

/** Times as whole ns after the first that fit a word, which nearly all do; else as they are. */
function packed(times: Float64Array): Pick<RequestChunk, "baseNs" | "times"> {
  const baseNs = times[0] as number;
  const steps = Uint32Array.from(times, (time) => time - baseNs);
  const isSame = times.every((time, i) => baseNs + (steps[i] as number) === time);
  return isSame ? { baseNs, times: steps } : { baseNs: 0, times };
}

/**
 * Replays traces before the last level of caches and keeps what comes there. Undefined where that takes more memory than it may:
 * then each replay has to be whole.
 */
export async function recordRequests(
  machine: Pick<Machine, "replay">,
  sources: readonly TraceSource[],
  options: ReplayOptions & RequestRecorderOptions = {},
): Promise<RequestStream | undefined> {
  const recorder = new RequestRecorder(options);
  try {
    await machine.replay(sources, { ...options, requests: recorder });
  } catch (error) {
    if (error instanceof ErrnoError && error.code === "ENOMEM") return undefined;
    throw error;
  }
  return recorder.stream;
}
