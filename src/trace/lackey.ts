// Valgrind lackey's --trace-mem text: one access per line, between the tool's own `==pid==` lines and the program's output.
import { OP_FETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import type { ParserContext, RecordParser } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";

const NEWLINE = 10;
const SPACE = 32;
const COMMA = 44;
/** Longer lines are the program's, and their rest need not be kept. */
const MOST_LINE = 4096;

/** The value of a hexadecimal digit by its character, or -1. */
const HEX = Int8Array.from({ length: 256 }, (_, c) =>
  c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1,
);

export class LackeyParser implements RecordParser {
  records = 0;
  entries = 0;
  skipped = 0;
  #rest = new Uint8Array(MOST_LINE);
  #restLength = 0;
  #instructions = 0;
  #pid: number | undefined;
  #comm: string | undefined;
  #requester = -1;

  constructor(private readonly context: ParserContext) {}

  push(chunk: Uint8Array, out: RowBuffer): void {
    let start = 0;
    if (this.#restLength > 0) {
      const end = chunk.indexOf(NEWLINE);
      this.#keep(chunk.subarray(0, end < 0 ? chunk.length : end));
      if (end < 0) return;
      this.#line(this.#rest, 0, this.#restLength, out);
      this.#restLength = 0;
      start = end + 1;
    }
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#line(chunk, start, end, out);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** A last line without its newline counts if it is whole; a record cut short is a truncated file. */
  end(out: RowBuffer): string | undefined {
    if (this.#restLength === 0) return undefined;
    const before = this.records;
    const text = new TextDecoder().decode(this.#rest.subarray(0, this.#restLength));
    this.#line(this.#rest, 0, this.#restLength, out);
    this.#restLength = 0;
    const cut = this.records === before && /^(I | [LSM]) *[0-9a-fA-F]*,?$/.test(text);
    return cut ? `the last line is cut short (${JSON.stringify(text)})` : undefined;
  }

  #keep(bytes: Uint8Array): void {
    const room = bytes.subarray(0, MOST_LINE - this.#restLength);
    this.#rest.set(room, this.#restLength);
    this.#restLength += room.length;
  }

  #line(text: Uint8Array, start: number, lineEnd: number, out: RowBuffer): void {
    const end = lineEnd > start && text[lineEnd - 1] === 13 ? lineEnd - 1 : lineEnd;
    this.entries++;
    if (end === start) return;
    const fetch = text[start] === 73;
    const kind = text[start + (fetch ? 0 : 1)];
    const shaped =
      end - start >= 6 &&
      text[start + 2] === SPACE &&
      (fetch ? text[start + 1] === SPACE : text[start] === SPACE && (kind === 76 || kind === 83 || kind === 77));
    if (!shaped) {
      this.#other(text, start, end);
      return;
    }
    let high = 0;
    let low = 0;
    let at = start + 3;
    for (; at < end; at++) {
      const digit = HEX[text[at] as number] as number;
      if (digit < 0) break;
      high = ((high << 4) | (low >>> 28)) >>> 0;
      low = ((low << 4) | digit) >>> 0;
    }
    const digits = at - start - 3;
    let bytes = 0;
    const comma = at++;
    for (; at < end && bytes <= 0xffff; at++) {
      const digit = (text[at] as number) - 48;
      if (digit < 0 || digit > 9) break;
      bytes = bytes * 10 + digit;
    }
    if (
      digits === 0 ||
      digits > 16 ||
      text[comma] !== COMMA ||
      at !== end ||
      at === comma + 1 ||
      bytes === 0 ||
      bytes > 0xffff
    ) {
      this.#other(text, start, end);
      return;
    }
    const requester = this.#requester < 0 ? this.#known() : this.#requester;
    if (fetch) this.#instructions++;
    const time = this.context.timeOf(this.#instructions);
    if (kind === 77) {
      out.push(time, high, low, bytes, OP_READ, requester);
      out.push(time, high, low, bytes, OP_WRITE, requester);
      this.records += 2;
      return;
    }
    out.push(time, high, low, bytes, fetch ? OP_FETCH : kind === 76 ? OP_READ : OP_WRITE, requester);
    this.records++;
  }

  /** The tool's banner names process and command; everything else is the program's output. */
  #other(text: Uint8Array, start: number, end: number): void {
    if (text[start] === 61 && text[start + 1] === 61) {
      const line = new TextDecoder().decode(text.subarray(start, end));
      const banner = /^==(\d+)==(?: Command: (?:\S*\/)?(\S+))?/.exec(line);
      if (banner !== null) {
        this.#pid ??= Number(banner[1]);
        this.#comm ??= banner[2]?.slice(0, 15);
        return;
      }
    }
    this.skipped++;
  }

  #known(): number {
    const pid = this.context.pid ?? this.#pid ?? this.context.fallbackPid;
    const comm = this.context.comm ?? this.#comm;
    this.#requester = this.context.requester({ asid: pid, pid, tid: pid, ...(comm === undefined ? {} : { comm }) });
    return this.#requester;
  }
}
