// Bytes as lines, whatever they come in; a line that is too long is told of and left out.

const NEWLINE = 10;
const RETURN = 13;

/** Of one line, without its end. */
export const LINE_BYTES = 65_536;

const TOO_LONG = Symbol("too long");

/** A line, or that one was longer than it may be. */
export type Line = string | typeof TOO_LONG;

export function isTooLong(line: Line): line is typeof TOO_LONG {
  return line === TOO_LONG;
}

export class Lines {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(private readonly most: number = LINE_BYTES) {}

  /** The lines that have come to their ends. A last one without an end waits. */
  *of(data: Uint8Array): Generator<Line> {
    let from = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, from)) {
      this.#keep(data.subarray(from, end));
      from = end + 1;
      yield this.#take();
    }
    this.#keep(data.subarray(from));
  }

  /** What is too long is counted, and not kept. */
  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (part.length === 0) return;
    // A return before the newline is no part of the line, and may still be one byte too many here.
    if (this.#bytes > this.most + 1) this.#parts = [];
    else this.#parts.push(Uint8Array.from(part));
  }

  #take(): Line {
    const [bytes, parts] = [this.#bytes, this.#parts];
    this.#bytes = 0;
    this.#parts = [];
    if (bytes > this.most + 1) return TOO_LONG;
    const whole = Buffer.concat(parts);
    const text = whole.at(-1) === RETURN ? whole.subarray(0, -1) : whole;
    return text.length > this.most ? TOO_LONG : text.toString("latin1");
  }
}
