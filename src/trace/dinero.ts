// Dinero's din text: a label and a hexadecimal address a line; what follows them is left alone.
import { OP_FETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import { pastPrefix, shorten, TextNumber } from "./numbers.ts";
import { nobody, type ParserContext, type TimeChoice, unknownBytes } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";
import { pastBlanks, pastWord, TextParser } from "./text-parser.ts";

const OPS = [OP_READ, OP_WRITE, OP_FETCH];
/** Labels 3 (escape) and 4 (flush) are no accesses. */
const LAST_LABEL = 4;

export class DineroParser extends TextParser {
  readonly times: readonly TimeChoice[] = ["fetches", "accesses"];
  #number = new TextNumber();
  #instructions = 0;
  #requester: number;

  constructor(private readonly context: ParserContext) {
    super();
    this.#requester = nobody(context);
  }

  protected override line(text: Uint8Array, start: number, end: number, out: RowBuffer): void {
    const at = pastBlanks(text, start, end);
    if (at === end) return;
    const label = (text[at] as number) - 48;
    const first = pastPrefix(text, pastBlanks(text, at + 1, end), end);
    const past = label >= 0 && label <= LAST_LABEL && first > at + 1 ? this.#number.hex(text, first, end) : first;
    if (past === first || past !== pastWord(text, past, end)) throw this.#bad(text, at, end);
    const op = OPS[label];
    if (op === undefined) {
      this.skipped++;
      return;
    }
    if (op === OP_FETCH) this.#instructions++;
    const { high, low } = this.#number;
    out.push(this.context.timeOf(this.#instructions), high, low, unknownBytes(low), op, this.#requester);
    this.records++;
  }

  #bad(text: Uint8Array, at: number, end: number): Error {
    const shown = JSON.stringify(shorten(new TextDecoder().decode(text.subarray(at, Math.min(end, at + 200)))));
    return new Error(`${shown} is no din record: a label 0 to 4 and a hexadecimal address are needed ("2 40001c")`);
  }
}
