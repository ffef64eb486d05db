// Ramulator 2's two trace texts: loads and stores, and SimpleO3's bubbles with the addresses of a load and a write-back.
import { OP_READ, OP_WRITE } from "../machine/index.ts";
import { shorten, TextNumber } from "./numbers.ts";
import { nobody, type ParserContext, type TimeChoice, unknownBytes } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";
import { pastBlanks, pastWord, TextParser } from "./text-parser.ts";

function bad(text: Uint8Array, start: number, end: number, what: string): Error {
  const shown = JSON.stringify(shorten(new TextDecoder().decode(text.subarray(start, Math.min(end, start + 200)))));
  return new Error(`${shown} is no ${what}`);
}

/** `LD addr` and `ST addr`, decimal, or hexadecimal behind 0x. */
export class LoadStoreParser extends TextParser {
  readonly times: readonly TimeChoice[] = ["accesses"];
  #number = new TextNumber();
  #requester: number;

  constructor(context: ParserContext) {
    super();
    this.#requester = nobody(context);
  }

  protected override line(text: Uint8Array, start: number, end: number, out: RowBuffer): void {
    const at = pastBlanks(text, start, end);
    if (at === end) return;
    const load = text[at] === 76 && text[at + 1] === 68;
    const store = text[at] === 83 && text[at + 1] === 84;
    const address = pastBlanks(text, at + 2, end);
    const past = (load || store) && address > at + 2 ? this.#number.either(text, address, end) : address;
    if (past === address || pastBlanks(text, past, end) !== end)
      throw bad(text, at, end, 'load or store: "LD" or "ST" and an address are needed ("LD 0x1f40")');
    const { high, low } = this.#number;
    out.push(0, high, low, unknownBytes(low), load ? OP_READ : OP_WRITE, this.#requester);
    this.records++;
  }
}

/** `bubbles load [store]`, decimal: instructions without memory, then one that loads; the store leaves with it. */
export class SimpleO3Parser extends TextParser {
  readonly times: readonly TimeChoice[] = ["instructions", "accesses"];
  #bubbles = new TextNumber();
  #load = new TextNumber();
  #store = new TextNumber();
  #instructions = 0;
  #requester: number;

  constructor(private readonly context: ParserContext) {
    super();
    this.#requester = nobody(context);
  }

  protected override line(text: Uint8Array, start: number, end: number, out: RowBuffer): void {
    const at = pastBlanks(text, start, end);
    if (at === end) return;
    const load = pastBlanks(text, this.#word(this.#bubbles, text, at, end, at), end);
    const store = pastBlanks(text, this.#word(this.#load, text, load, end, at), end);
    const rest = store === end ? end : pastBlanks(text, this.#word(this.#store, text, store, end, at), end);
    if (rest !== end) throw this.#bad(text, at, end);
    this.#instructions += this.#bubbles.value + 1;
    if (!Number.isSafeInteger(this.#instructions)) throw new Error("the instructions so far are more than 2^53");
    this.#access(this.#load, OP_READ, out);
    if (store !== end) this.#access(this.#store, OP_WRITE, out);
  }

  #word(to: TextNumber, text: Uint8Array, start: number, end: number, lineStart: number): number {
    const past = to.decimal(text, start, end);
    if (past === start || past !== pastWord(text, past, end)) throw this.#bad(text, lineStart, end);
    return past;
  }

  #access({ high, low }: TextNumber, op: number, out: RowBuffer): void {
    out.push(this.context.timeOf(this.#instructions), high, low, unknownBytes(low), op, this.#requester);
    this.records++;
  }

  #bad(text: Uint8Array, start: number, end: number): Error {
    return bad(
      text,
      start,
      end,
      'SimpleO3 record: "bubbles load [store]" in decimal is needed ("3 20734016 20846400")',
    );
  }
}
