// DynamoRIO drmemtrace in its final form: packed 12-byte records {u16 type, u16 size, u64 address or value}, one thread per file.
import { OP_FETCH, OP_PREFETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import { FixedParser } from "./fixed-parser.ts";
import type { ParserContext, TimeChoice } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";

export const RECORD_BYTES = 12;

const READ = 0;
const WRITE = 1;
const INSTR_FIRST = 10;
const INSTR_LAST = 16;
const BUNDLE = 17;
const FLUSH_LAST = 21;
const THREAD = 22;
const THREAD_EXIT = 23;
const PID = 24;
const HEADER = 25;
const FOOTER = 26;
const MARKER = 28;
const MARKER_TIMESTAMP = 2;
const MARKER_CPU = 3;

/** The first record of a thread's file is a header with a small version number. */
export function isDrmemtrace(head: Uint8Array): boolean {
  if (head.length < RECORD_BYTES) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return view.getUint16(0, true) === HEADER && view.getUint32(8, true) === 0 && view.getUint32(4, true) < 256;
}

export class DrmemtraceParser extends FixedParser {
  readonly times: readonly TimeChoice[] = ["fetches", "accesses", "recorded"];
  #instructions = 0;
  #stamp: number | undefined;
  #pid: number | undefined;
  #tid: number | undefined;
  #cpu: number | undefined;
  #requester = -1;
  #ended = false;
  /** Where the next instruction of a bundle lies: after the one before. */
  #nextHigh = 0;
  #nextLow = 0;

  constructor(private readonly context: ParserContext) {
    super(RECORD_BYTES);
  }

  override end(out: RowBuffer): string | undefined {
    const missing = super.end(out);
    if (missing !== undefined || this.#ended) return missing;
    return "the file ends without a footer record (type 26): it is truncated";
  }

  protected override record(view: DataView, at: number, out: RowBuffer): void {
    const type = view.getUint16(at, true);
    const size = view.getUint16(at + 2, true);
    const low = view.getUint32(at + 4, true);
    const high = view.getUint32(at + 8, true);
    this.#ended = false;
    if (type <= INSTR_LAST) {
      let op = type === READ ? OP_READ : type === WRITE ? OP_WRITE : OP_PREFETCH;
      if (type >= INSTR_FIRST) {
        op = OP_FETCH;
        this.#instructions++;
        this.#follow(high, low, size);
      }
      out.push(this.#now(), high, low, size, op, this.#who());
      this.records++;
    } else if (type === BUNDLE) this.#bundle(view, at + 4, size, out);
    else if (type === THREAD) this.#change(() => (this.#tid = low));
    else if (type === PID) this.#change(() => (this.#pid = low));
    else if (type === MARKER && size === MARKER_TIMESTAMP) this.#timestamp(high, low);
    else if (type === MARKER && size === MARKER_CPU && this.context.cpus === "record") {
      this.#change(() => (this.#cpu = low & 0xfff));
    } else if (type === FOOTER) this.#ended = true;
    else if (type > FLUSH_LAST && type !== THREAD_EXIT && type !== HEADER && type !== MARKER) this.skipped++;
  }

  /** Microseconds since 1601, which hold for the records up to the next stamp. */
  #timestamp(high: number, low: number): void {
    const { recorded } = this.context;
    if (recorded !== undefined) this.#stamp = recorded(((BigInt(high) << 32n) | BigInt(low)) * 1000n);
  }

  #now(): number {
    if (this.context.recorded === undefined) return this.context.timeOf(this.#instructions);
    if (this.#stamp === undefined)
      throw new Error("an access before the first timestamp marker has no recorded time; take --time instructions");
    return this.#stamp;
  }

  /** Up to eight more instructions, one length byte each, that follow the one before. */
  #bundle(view: DataView, at: number, count: number, out: RowBuffer): void {
    for (let i = 0; i < Math.min(count, 8); i++) {
      const bytes = view.getUint8(at + i);
      this.#instructions++;
      out.push(this.#now(), this.#nextHigh, this.#nextLow, bytes, OP_FETCH, this.#who());
      this.records++;
      this.#follow(this.#nextHigh, this.#nextLow, bytes);
    }
  }

  #follow(high: number, low: number, bytes: number): void {
    const sum = low + bytes;
    this.#nextLow = sum >>> 0;
    this.#nextHigh = sum > 0xffffffff ? (high + 1) >>> 0 : high;
  }

  #change(set: () => void): void {
    set();
    this.#requester = -1;
  }

  #who(): number {
    if (this.#requester < 0) {
      const pid = this.context.pid ?? this.#pid ?? this.context.fallbackPid;
      this.#requester = this.context.requester({
        asid: pid,
        pid,
        tid: this.#tid ?? pid,
        ...(this.#cpu === undefined ? {} : { cpu: this.#cpu }),
        ...(this.context.comm === undefined ? {} : { comm: this.context.comm }),
      });
    }
    return this.#requester;
  }
}
