// Recordings in lines of text, cut into lines whatever chunks they come in.
import type { RecordParser, TimeChoice } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";

const NEWLINE = 10;
const RETURN = 13;
/** A longer line is cut here; no record of any format is that long. */
export const MOST_LINE = 65536;

export abstract class TextParser implements RecordParser {
  records = 0;
  /** Lines so far, the one being read among them. */
  entries = 0;
  skipped = 0;
  abstract readonly times: readonly TimeChoice[];
  #rest = new Uint8Array(0);
  #restLength = 0;

  get place(): string {
    return `line ${Math.max(1, this.entries)}`;
  }

  /** One line, without its end; `text` is only valid during the call. */
  protected abstract line(text: Uint8Array, start: number, end: number, out: RowBuffer): void;

  push(chunk: Uint8Array, out: RowBuffer): void {
    let start = 0;
    if (this.#restLength > 0) {
      const end = chunk.indexOf(NEWLINE);
      this.#keep(chunk.subarray(0, end < 0 ? chunk.length : end));
      if (end < 0) return;
      this.#take(this.#rest, 0, this.#restLength, out);
      this.#restLength = 0;
      start = end + 1;
    }
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#take(chunk, start, end, out);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** A last line without its newline is a line. */
  end(out: RowBuffer): string | undefined {
    if (this.#restLength > 0) this.#take(this.#rest, 0, this.#restLength, out);
    this.#restLength = 0;
    return undefined;
  }

  /** What came after the last newline so far. */
  protected get rest(): string {
    return new TextDecoder().decode(this.#rest.subarray(0, this.#restLength));
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#rest.length === 0) this.#rest = new Uint8Array(MOST_LINE);
    const room = bytes.subarray(0, MOST_LINE - this.#restLength);
    this.#rest.set(room, this.#restLength);
    this.#restLength += room.length;
  }

  #take(text: Uint8Array, start: number, end: number, out: RowBuffer): void {
    this.entries++;
    this.line(text, start, end > start && text[end - 1] === RETURN ? end - 1 : end, out);
  }
}

/** The first position from `at` on that is neither space nor tab. */
export function pastBlanks(text: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && (text[next] === 32 || text[next] === 9)) next++;
  return next;
}

/** The first position from `at` on that is space or tab, or `end`. */
export function pastWord(text: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && text[next] !== 32 && text[next] !== 9) next++;
  return next;
}
