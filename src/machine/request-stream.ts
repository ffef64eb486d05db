// Requests that came to the last level of caches in a replay, kept in memory: another machine takes them there in place of its traces,
// as often as one likes. What is before the last level has then run once for all.

import { ErrnoError } from "../errno/index.ts";
import { frontOf } from "../platform/index.ts";
import type { Border, Crossing, OpenCrossing } from "./crossing.ts";
import { TO_MEMORY } from "./power-on.ts";
import { RequestFeed } from "./request-feed.ts";

/** Requests of a chunk, but for the last one. */
export const CHUNK_REQUESTS = 65536;

/** Some consecutive requests. */
export interface RequestChunk {
  readonly length: number;
  /** Line numbers. */
  readonly lines: Uint32Array;
  /** The requesters that stand for their senders (requesterOf). */
  readonly requesters: Uint16Array;
  /** What each is (assembly/model/border.ts). */
  readonly metas: Uint8Array;
  /** Model time of the first, and of each what comes to it, ns. */
  readonly baseNs: number;
  readonly times: Uint32Array | Float64Array;
}

/** A label, and where its requests go. */
export interface Sender {
  /** As the hardware has it. */
  readonly label: number;
  /** A cache of the platform by index, or undefined for memory. */
  readonly cache: number | undefined;
  /** The request that it comes with. */
  readonly first: number;
}

/** A stream as plain data, which threads can send each other. */
export interface RequestStreamData {
  /** What the platform has before its last level (frontOf). */
  readonly front: string;
  readonly seed: number | undefined;
  /** Hashes of the traces. */
  readonly traces: readonly string[];
  /** When the replay began, and when its last record ran, model time in ns. */
  readonly startNs: number;
  readonly endNs: number | undefined;
  /** When it was told to end, after its start. */
  readonly untilNs: number | undefined;
  /** Records that ran, and whether those are all. */
  readonly records: number;
  readonly finished: boolean;
  readonly senders: readonly Sender[];
  readonly chunks: readonly RequestChunk[];
}

/** What came to the last level of caches in a replay, as a RequestRecorder has kept it. */
export class RequestStream implements Crossing {
  readonly reserve = 0;
  /** How many there are. */
  readonly length: number;
  /** What they take in memory. */
  readonly bytes: number;

  /** @param data What `data` of another stream holds. */
  constructor(readonly data: RequestStreamData) {
    this.length = data.chunks.reduce((sum, { length }) => sum + length, 0);
    this.bytes = data.chunks.reduce((sum, chunk) => sum + bytesOf(chunk), 0);
  }

  /** Records that the replay ran which they are from. */
  get records(): number {
    return this.data.records;
  }

  /** Called by a replay. EINVAL for another platform, other traces or another end than it was recorded with. */
  open(border: Border): OpenCrossing {
    const { data } = this;
    const { hardware } = border;
    const until = border.until === undefined ? undefined : border.until - border.startNs;
    check(frontOf(border.platform) === data.front, "on a platform that is another one before its last level of caches");
    check(border.seed === data.seed, `with ${data.seed === undefined ? "no seed" : `seed ${data.seed}`}`);
    check(sameTraces(border, data), "from other traces");
    check(
      until === data.untilNs,
      data.untilNs === undefined ? "to the end" : `until ${data.untilNs} ns after the start`,
    );
    const feed = new RequestFeed(this, border, cachesOf(border));
    hardware.setCrossing(2);
    return {
      feed,
      run: (n) => feed.run(n),
      end: (finished) => {
        feed.forget();
        hardware.setCrossing(0);
        return finished === undefined ? {} : { records: data.records, finished: data.finished };
      },
    };
  }
}

export function bytesOf({ lines, requesters, metas, times }: Omit<RequestChunk, "length" | "baseNs">): number {
  return [lines, requesters, metas, times].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function check(fits: boolean, how: string): void {
  if (!fits) throw new ErrnoError("EINVAL", `the requests were recorded ${how}`);
}

function sameTraces({ sources }: Border, { traces }: RequestStreamData): boolean {
  return sources.length === traces.length && sources.every(({ hash }, i) => hash === traces[i]);
}

/** The resource of the first slice of a cache by its index; of memory. */
function cachesOf({ resources }: Border): (cache: number | undefined) => number {
  return (cache) => (cache === undefined ? TO_MEMORY : (resources.caches[cache] as number));
}
