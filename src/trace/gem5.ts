// gem5's packet trace: a magic number, then protobuf messages behind their lengths: one header, and packets.
import { OP_FETCH, OP_PREFETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import { nobody, type ParserContext, type RecordParser, type TimeChoice, unknownBytes } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";

const MAGIC = 0x356d6567;
/** No header or packet is longer; a length above it is damage. */
const MOST_MESSAGE = 1 << 20;
const INST_FETCH = 0x100;

/** Commands that ask memory for data or bring it, by gem5's numbers (enum MemCmd::Command, v20 and later): those below 30, where versions agree. */
const OPS: { readonly [cmd: number]: number } = {
  1: OP_READ,
  22: OP_READ,
  24: OP_READ,
  25: OP_READ,
  26: OP_READ,
  4: OP_WRITE,
  7: OP_WRITE,
  9: OP_WRITE,
  16: OP_WRITE,
  27: OP_WRITE,
  11: OP_PREFETCH,
  12: OP_PREFETCH,
  13: OP_PREFETCH,
};

export function isGem5(head: Uint8Array): boolean {
  return head.length >= 4 && new DataView(head.buffer, head.byteOffset).getUint32(0, true) === MAGIC;
}

/** A field of a protobuf message: a number in two halves, or where its bytes lie. */
class Field {
  number = 0;
  high = 0;
  low = 0;
  start = 0;
  end = 0;

  get value(): number {
    return this.high * 2 ** 32 + this.low;
  }

  get big(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  /** Reads a varint and returns where it ends; -1 when `end` comes first. */
  varint(bytes: Uint8Array, at: number, end: number): number {
    let high = 0;
    let low = 0;
    for (let i = 0; i < 10; i++) {
      if (at + i >= end) return -1;
      const byte = bytes[at + i] as number;
      const part = byte & 0x7f;
      if (i < 4) low |= part << (7 * i);
      else if (i === 4) {
        low |= part << 28;
        high |= part >>> 4;
      } else high |= part << (7 * i - 32);
      if (byte < 0x80) {
        if (i === 9 && byte > 1) break;
        this.high = high >>> 0;
        this.low = low >>> 0;
        return at + i + 1;
      }
    }
    throw new Error("damaged: a varint of more than 64 bits");
  }

  /** Reads one field of a message and returns where the next begins. */
  read(bytes: Uint8Array, at: number, end: number): number {
    const key = this.varint(bytes, at, end);
    if (key < 0) throw new Error("damaged: a message ends inside a field");
    const wire = this.low & 7;
    const number = Math.floor(this.value / 8);
    let next = key;
    if (wire === 0) next = this.varint(bytes, key, end);
    else if (wire === 1) next = key + 8;
    else if (wire === 5) next = key + 4;
    else if (wire === 2) {
      this.start = this.varint(bytes, key, end);
      next = this.start < 0 ? -1 : this.start + this.value;
      this.end = next;
    } else throw new Error(`damaged: field ${number} has wire type ${wire}`);
    if (next < 0 || next > end) throw new Error(`damaged: field ${number} reaches past its message`);
    this.number = number;
    return next;
  }
}

export class Gem5Parser implements RecordParser {
  readonly times: readonly TimeChoice[] = ["recorded", "accesses"];
  records = 0;
  entries = 0;
  skipped = 0;
  #rest = new Uint8Array(0);
  /** Byte of the message being read. */
  #offset = 0;
  #began = false;
  #field = new Field();
  #ticksPerSecond = 0n;
  #names = new Map<number, string>();
  #requesters = new Map<number, number>();

  constructor(private readonly context: ParserContext) {}

  get place(): string {
    return `byte ${this.#offset}`;
  }

  push(chunk: Uint8Array, out: RowBuffer): void {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    let at = 0;
    if (!this.#began && bytes.length >= 4) {
      if (!isGem5(bytes)) throw new Error("is no gem5 packet trace: it does not begin with 0x356d6567");
      this.#began = true;
      at = 4;
      this.#offset = 4;
    }
    while (this.#began) {
      const start = this.#field.varint(bytes, at, bytes.length);
      if (start < 0) break;
      const length = this.#field.value;
      if (length > MOST_MESSAGE)
        throw new Error(`damaged: a message of ${length} bytes; headers and packets have at most ${MOST_MESSAGE}`);
      if (start + length > bytes.length) break;
      if (this.entries++ === 0) this.#header(bytes, start, start + length);
      else this.#packet(bytes, start, start + length, out);
      this.#offset += start + length - at;
      at = start + length;
    }
    this.#rest = bytes.slice(at);
  }

  end(): string | undefined {
    return this.#rest.length > 0 ? "the file ends inside a message: it is truncated" : undefined;
  }

  /** obj_id, ver, tick_freq, id_strings {key, value}. */
  #header(bytes: Uint8Array, start: number, end: number): void {
    const field = this.#field;
    for (let at = start; at < end; ) {
      at = field.read(bytes, at, end);
      if (field.number === 3) this.#ticksPerSecond = field.big;
      else if (field.number === 4) this.#name(bytes, field.start, field.end);
    }
    if (this.context.recorded !== undefined && this.#ticksPerSecond === 0n)
      throw new Error("the header has no tick_freq, so ticks are no times; take --time accesses");
  }

  #name(bytes: Uint8Array, start: number, end: number): void {
    const field = this.#field;
    let key = 0;
    let value = "";
    for (let at = start; at < end; ) {
      at = field.read(bytes, at, end);
      if (field.number === 1) key = field.value;
      else if (field.number === 2) value = new TextDecoder().decode(bytes.subarray(field.start, field.end));
    }
    this.#names.set(key, value);
  }

  #packet(bytes: Uint8Array, start: number, end: number, out: RowBuffer): void {
    const field = this.#field;
    let tick = -1n;
    let cmd = -1;
    let high = -1;
    let low = 0;
    let size = -1;
    let flags = 0;
    let id = -1;
    for (let at = start; at < end; ) {
      at = field.read(bytes, at, end);
      const { number } = field;
      if (number === 1) tick = field.big;
      else if (number === 2) cmd = field.value;
      else if (number === 3) {
        high = field.high;
        low = field.low;
      } else if (number === 4) size = field.value;
      else if (number === 5) flags = field.low;
      else if (number === 6) id = field.value;
    }
    if (tick < 0n || cmd < 0) throw new Error("damaged: a packet without its tick or its command");
    const op = OPS[cmd];
    if (op === undefined || high < 0) {
      this.skipped++;
      return;
    }
    if (size > 0xffff) throw new Error(`a packet of ${size} bytes; at most 65535 fit an access`);
    const { recorded } = this.context;
    const time = recorded === undefined ? 0 : recorded((tick * 1_000_000_000n) / this.#ticksPerSecond);
    const kind = op === OP_READ && (flags & INST_FETCH) !== 0 ? OP_FETCH : op;
    out.push(time, high, low, size < 0 ? unknownBytes(low) : size, kind, this.#requester(id));
    this.records++;
  }

  /** A packet's id is a requester's where the header names it; other ids only number packets. */
  #requester(id: number): number {
    const key = this.#names.has(id) ? id : -1;
    let number = this.#requesters.get(key);
    if (number === undefined) {
      const pid = this.context.pid ?? this.context.fallbackPid;
      const comm = this.context.comm ?? (this.#names.get(key) as string);
      number = key < 0 ? nobody(this.context) : this.context.requester({ asid: pid, pid, tid: key, comm });
      this.#requesters.set(key, number);
    }
    return number;
  }
}
