// Recordings in records of one size, cut into records whatever chunks they come in.
import type { RecordParser, TimeChoice } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";

export abstract class FixedParser implements RecordParser {
  records = 0;
  /** Records of every kind so far, the one being read among them. */
  entries = 0;
  skipped = 0;
  abstract readonly times: readonly TimeChoice[];
  #rest: Uint8Array;
  #restLength = 0;

  constructor(private readonly recordBytes: number) {
    this.#rest = new Uint8Array(recordBytes);
  }

  get place(): string {
    return `byte ${Math.max(0, this.entries - 1) * this.recordBytes}`;
  }

  protected abstract record(view: DataView, at: number, out: RowBuffer): void;

  push(chunk: Uint8Array, out: RowBuffer): void {
    const { recordBytes } = this;
    let at = 0;
    if (this.#restLength > 0) {
      at = Math.min(recordBytes - this.#restLength, chunk.length);
      this.#rest.set(chunk.subarray(0, at), this.#restLength);
      this.#restLength += at;
      if (this.#restLength < recordBytes) return;
      this.entries++;
      this.record(new DataView(this.#rest.buffer), 0, out);
      this.#restLength = 0;
    }
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (; at + recordBytes <= chunk.length; at += recordBytes) {
      this.entries++;
      this.record(view, at, out);
    }
    this.#rest.set(chunk.subarray(at));
    this.#restLength = chunk.length - at;
  }

  end(_out: RowBuffer): string | undefined {
    return this.#restLength > 0 ? `the file ends inside a ${this.recordBytes}-byte record: it is truncated` : undefined;
  }
}
