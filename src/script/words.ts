// The words of a line, and its last one, which is all the rest. Quoted text may hold any byte.

import type { Refuse } from "./refuse.ts";

const SIMPLE: { readonly [letter in string]?: number } = { n: 10, t: 9, "0": 0, "\\": 92, '"': 34 };
const ESCAPES = '\\n, \\t, \\0, \\\\, \\" and \\xHH are allowed';

export interface Text {
  readonly bytes: Uint8Array;
  readonly quoted: boolean;
}

/** Reads one line from left to right. */
export class Words {
  #at: number;
  readonly #encoder = new TextEncoder();

  /** `at`: where to begin. */
  constructor(
    readonly line: string,
    private readonly refuse: Refuse,
    at = 0,
  ) {
    this.#at = at;
    this.#skip();
  }

  /** Where the next word begins. */
  get column(): number {
    return this.#at + 1;
  }

  get done(): boolean {
    return this.#at >= this.line.length;
  }

  /** What is left, without blanks at its end. */
  get left(): string {
    return this.line.slice(this.#at).trimEnd();
  }

  /** The next word as it stands, without taking it. */
  peek(): string {
    return /^\S*/.exec(this.line.slice(this.#at))?.[0] ?? "";
  }

  /** The next word, up to a blank. `wanted` says what it should be where there is none. */
  word(wanted: string): string {
    if (this.done) throw this.refuse(this.column, "the line ends here", wanted);
    const word = this.peek();
    this.#at += word.length;
    this.#skip();
    return word;
  }

  /** A path: a word, or quoted text. */
  path(wanted: string): string {
    if (this.line[this.#at] !== '"') return this.word(wanted);
    const bytes = this.#quoted();
    this.#skip();
    return new TextDecoder().decode(bytes);
  }

  /** All that is left, or a quoted text, behind which nothing may stand. */
  rest(): Text {
    if (this.line[this.#at] !== '"') {
      const bytes = this.#encoder.encode(this.left);
      this.#at = this.line.length;
      return { bytes, quoted: false };
    }
    const bytes = this.#quoted();
    this.end();
    return { bytes, quoted: true };
  }

  /** Refuses what still stands there. */
  end(): void {
    this.#skip();
    if (!this.done) throw this.refuse(this.column, `'${this.left}' is too much`, "the line ends before it");
  }

  #skip(): void {
    while (/\s/.test(this.line[this.#at] ?? "")) this.#at++;
  }

  #quoted(): Uint8Array {
    const bytes: number[] = [];
    const opened = this.column;
    for (this.#at++; ; ) {
      const piece = /^[^"\\]+/.exec(this.line.slice(this.#at))?.[0] ?? "";
      for (const byte of this.#encoder.encode(piece)) bytes.push(byte);
      this.#at += piece.length;
      if (this.done) throw this.refuse(opened, "a quoted text has no end", 'it ends with "');
      if (this.line[this.#at++] === '"') return Uint8Array.from(bytes);
      bytes.push(this.#escaped());
    }
  }

  /** What stands behind a backslash. */
  #escaped(): number {
    const letter = this.line[this.#at] ?? "";
    const simple = SIMPLE[letter];
    const hex = /^x([0-9a-f]{2})/i.exec(this.line.slice(this.#at))?.[1];
    if (simple === undefined && hex === undefined) {
      throw this.refuse(this.#at, `\\${letter} is no character`, ESCAPES);
    }
    this.#at += hex === undefined ? 1 : 3;
    return simple ?? Number.parseInt(hex as string, 16);
  }
}
