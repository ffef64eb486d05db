// Valgrind lackey's --trace-mem text: one access per line, between the tool's own `==pid==` lines and the program's output.
import { OP_FETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import { TextNumber } from "./numbers.ts";
import type { ParserContext, TimeChoice } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";
import { TextParser } from "./text-parser.ts";

const SPACE = 32;
const COMMA = 44;

export class LackeyParser extends TextParser {
  readonly times: readonly TimeChoice[] = ["fetches", "accesses"];
  #number = new TextNumber();
  #instructions = 0;
  #pid: number | undefined;
  #comm: string | undefined;
  #requester = -1;

  constructor(private readonly context: ParserContext) {
    super();
  }

  /** A last line without its newline counts if it is whole; a record cut short is a truncated file. */
  override end(out: RowBuffer): string | undefined {
    const before = this.records;
    const text = this.rest;
    super.end(out);
    const cut = this.records === before && /^(I | [LSM]) *[0-9a-fA-F]*,?$/.test(text);
    return cut ? `the last line is cut short (${JSON.stringify(text)})` : undefined;
  }

  protected override line(text: Uint8Array, start: number, end: number, out: RowBuffer): void {
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
    const comma = text.indexOf(COMMA, start);
    const bytes = comma < 0 || comma >= end ? -1 : sizeOf(text, comma + 1, end);
    // What is no record is the program's output; what is one, with an address that cannot be, is damage.
    if (bytes < 0 || comma === start + 3 || this.#number.hex(text, start + 3, comma) !== comma) {
      this.#other(text, start, end);
      return;
    }
    const { high, low } = this.#number;
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

/** The size that fills the rest of a record, 1 to 65535; -1 when it is something else. */
function sizeOf(text: Uint8Array, start: number, end: number): number {
  let bytes = 0;
  for (let at = start; at < end; at++) {
    const digit = (text[at] as number) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    bytes = bytes * 10 + digit;
    if (bytes > 0xffff) return -1;
  }
  return bytes === 0 ? -1 : bytes;
}
