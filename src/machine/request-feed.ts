// A stream of requests on its way into the hardware: columns are copied to where records are staged, whole records at a time.

import { ErrnoError } from "../errno/index.ts";
import type { Border, RecordFeed } from "./crossing.ts";
import { REQUESTERS } from "./power-on.ts";
import { CHUNK_REQUESTS, type RequestChunk, type RequestStream, type Sender } from "./request-stream.ts";
import { unpackLabel } from "./spaces.ts";

// Of what a request is (assembly/model/border.ts).
const ASKED = 2 << 6;
const MORE = 1;

/** Of `ownerLabel`: a number that carries no label. */
const NO_LABEL = 0xffff_ffff;

export class RequestFeed implements RecordFeed {
  readonly positions = [];
  readonly total: number;
  /** Senders that the hardware knows. */
  #known = 0;
  /** The next request, and those that are staged. */
  #next = 0;
  #first = 0;
  #staged = 0;
  /** Time still has to come to where the last record ran. */
  #ends: boolean;

  constructor(
    private readonly stream: RequestStream,
    private readonly border: Border,
    private readonly resourceOf: (cache: number | undefined) => number,
  ) {
    this.total = stream.length;
    this.#ends = stream.data.endNs !== undefined;
    const { senders } = stream.data;
    if (senders.length > REQUESTERS - border.requesterCount) {
      throw new ErrnoError(
        "EINVAL",
        `requests of ${senders.length} labels: too many beside ${border.requesterCount} requesters`,
      );
    }
  }

  async nextTime(): Promise<number> {
    if (this.#next < this.total) return this.#timeAt(this.#next);
    return this.#ends ? this.#here(this.stream.data.endNs as number) : Number.POSITIVE_INFINITY;
  }

  /** At the end one that is no request: where the last record ran. */
  async stage(before: number, most: number): Promise<number> {
    this.#first = this.#next;
    this.#staged = 0;
    if (this.#next === this.total) return this.#ends ? 1 : 0;
    const last = Math.min(this.#next + most, this.total);
    const end = this.#wholeRecords(this.#before(before, last));
    this.#copy(end);
    this.#meet(end);
    this.#staged = end - this.#first;
    return this.#staged;
  }

  run(n: number): number {
    return this.#staged === 0 ? n : this.border.hardware.replay(n);
  }

  ran(count: number): void {
    if (this.#staged > 0) this.#next += count;
    else if (count > 0) this.#ends = false;
  }

  timeOf(index: number): number | undefined {
    if (index >= 0 && index < this.#staged) return this.#timeAt(this.#first + index);
    return index === 0 && this.#first === this.total ? this.#here(this.stream.data.endNs as number) : undefined;
  }

  async close(): Promise<void> {}

  /** The hardware's requesters stand for nobody. */
  forget(): void {
    while (this.#known > 0) this.border.hardware.forgetSender(requesterOf(--this.#known));
  }

  #chunk(index: number): RequestChunk {
    return this.stream.data.chunks[Math.floor(index / CHUNK_REQUESTS)] as RequestChunk;
  }

  #timeAt(index: number): number {
    const { baseNs, times } = this.#chunk(index);
    return this.#here(baseNs + (times[index % CHUNK_REQUESTS] as number));
  }

  /** A model time of the recorded replay in this one. */
  #here(ns: number): number {
    const { startNs } = this.stream.data;
    return startNs === this.border.startNs ? ns : this.border.startNs + (ns - startNs);
  }

  /** The first request up to `end` that is not before a time. */
  #before(before: number, end: number): number {
    let [least, most] = [this.#next, end];
    if (this.#timeAt(end - 1) < before) return end;
    while (least < most) {
      const middle = (least + most) >>> 1;
      if (this.#timeAt(middle) < before) least = middle + 1;
      else most = middle;
    }
    return least;
  }

  /** Near `end`: what comes there is of another record. */
  #wholeRecords(end: number): number {
    let whole = end;
    while (whole > this.#next && this.#isFollowed(whole - 1)) whole--;
    if (whole > this.#next || end === this.#next) return whole;
    for (whole = end; this.#isFollowed(whole - 1); ) whole++;
    return whole;
  }

  #isFollowed(index: number): boolean {
    const meta = this.#chunk(index).metas[index % CHUNK_REQUESTS] as number;
    return meta >= ASKED && (meta & MORE) !== 0;
  }

  #copy(end: number): void {
    const { hardware, memory } = this.border;
    const count = end - this.#next;
    const lines = new Uint32Array(memory.buffer, hardware.stagedLines(), count);
    const requesters = new Uint16Array(memory.buffer, hardware.stagedRequesters(), count);
    const metas = new Uint8Array(memory.buffer, hardware.stagedMetas(), count);
    for (let index = this.#next; index < end; ) {
      const chunk = this.#chunk(index);
      const from = index % CHUNK_REQUESTS;
      const to = Math.min(chunk.length, from + end - index);
      lines.set(chunk.lines.subarray(from, to), index - this.#next);
      requesters.set(chunk.requesters.subarray(from, to), index - this.#next);
      metas.set(chunk.metas.subarray(from, to), index - this.#next);
      index += to - from;
    }
  }

  /** Labels come into use with their first requests, as in a replay of records. */
  #meet(end: number): void {
    const { senders } = this.stream.data;
    for (let sender = senders[this.#known]; sender && sender.first < end; sender = senders[this.#known]) {
      this.#enter(sender);
      this.#known++;
    }
  }

  #enter({ label, cache }: Sender): void {
    const { hardware } = this.border;
    const owners = Array.from({ length: hardware.ownerCount() }, (_, owner) => hardware.ownerLabel(owner));
    if (label === NO_LABEL || !owners.includes(label)) {
      const { space, partid, pmg, el } = unpackLabel(label);
      const name = `${space} ${partid}:${pmg}${el === undefined ? "" : ` at EL${el}`}`;
      throw new ErrnoError(
        "EINVAL",
        `requests have the label ${name}, and nobody has it here: groups must be as in the recording`,
      );
    }
    hardware.setSender(requesterOf(this.#known), label, this.resourceOf(cache));
  }
}

/** A sender as a requester: those of traces are numbered from below. */
export function requesterOf(sender: number): number {
  return REQUESTERS - 1 - sender;
}
