// CSV with any columns: a column map says which is what. Separated by comma, tab or semicolon; cells may be quoted (RFC 4180), lines not.
import { type Label, OP_FETCH, OP_PREFETCH, OP_READ, OP_WRITE, type TraceRequester } from "../machine/index.ts";
import { type ColumnKey, type ColumnMap, type Columns, mapColumns } from "./column-map.ts";
import { deviceOf, labelOf, MOST_PARTID, MOST_PMG, spaceOf } from "./label.ts";
import { shorten, TextNumber } from "./numbers.ts";
import { nobody, type ParserContext, type TimeChoice } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";
import { MOST_LINE, TextParser } from "./text-parser.ts";

const QUOTE = 34;
const HASH = 35;
/** What an access takes where no column says it: the same as in Arrow files of users. */
const DEFAULT_BYTES = 64;

const OPS: { readonly [word: string]: number } = {
  0: OP_READ,
  r: OP_READ,
  read: OP_READ,
  l: OP_READ,
  ld: OP_READ,
  load: OP_READ,
  1: OP_WRITE,
  w: OP_WRITE,
  write: OP_WRITE,
  s: OP_WRITE,
  st: OP_WRITE,
  store: OP_WRITE,
  2: OP_FETCH,
  f: OP_FETCH,
  fetch: OP_FETCH,
  i: OP_FETCH,
  ifetch: OP_FETCH,
  3: OP_PREFETCH,
  p: OP_PREFETCH,
  prefetch: OP_PREFETCH,
};

const IDENTITY = [
  ...(["asid", "pid", "tid", "cpu", "el", "requester", "partid", "pmg", "space"] as const),
  ...(["device", "smmu", "sid", "ssid"] as const),
];
/** Cells of these may be empty: no device asks. */
const NONE = -1;

/** The separator of a line: the one it has most of. */
export function separatorOf(line: string): string {
  const count = (one: string) => line.split(one).length;
  return [",", "\t", ";"].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/** Cells of one line as text, for the first one. */
export function cellsOf(line: string): string[] {
  const cells = new Cells(separatorOf(line));
  const text = new TextEncoder().encode(line);
  cells.split(text, 0, text.length);
  return Array.from({ length: cells.count }, (_, i) => cells.text(text, i));
}

/** Where the cells of a line lie, without their quotes and the blanks around them. */
class Cells {
  count = 0;
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  readonly #separator: number;

  constructor(separator: string) {
    this.#separator = separator.charCodeAt(0);
  }

  split(text: Uint8Array, start: number, end: number): void {
    this.count = 0;
    let at = start;
    for (;;) {
      while (at < end && text[at] === 32) at++;
      let from = at;
      let to: number;
      if (text[at] === QUOTE && at < end) {
        from = ++at;
        for (;;) {
          while (at < end && text[at] !== QUOTE) at++;
          if (at === end) throw new Error("a quoted cell does not end in this line");
          if (at + 1 === end || text[at + 1] !== QUOTE) break;
          at += 2;
        }
        to = at++;
        while (at < end && text[at] === 32) at++;
        if (at < end && text[at] !== this.#separator) throw new Error("a quoted cell goes on behind its quote");
      } else {
        while (at < end && text[at] !== this.#separator) at++;
        to = at;
        while (to > from && text[to - 1] === 32) to--;
      }
      this.#add(from, to);
      if (at >= end) return;
      at++;
    }
  }

  text(text: Uint8Array, cell: number): string {
    return new TextDecoder().decode(text.subarray(this.starts[cell], this.ends[cell])).replaceAll('""', '"');
  }

  #add(start: number, end: number): void {
    if (this.count === this.starts.length) {
      const starts = new Int32Array(2 * this.count);
      const ends = new Int32Array(2 * this.count);
      starts.set(this.starts);
      ends.set(this.ends);
      this.starts = starts;
      this.ends = ends;
    }
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
  }
}

export class CsvParser extends TextParser {
  readonly times: readonly TimeChoice[];
  readonly #map: ColumnMap;
  readonly #cells: Cells;
  readonly #identity: readonly ColumnKey[];
  #header: boolean;
  #number = new TextNumber();
  #ops = new Map<string, number>();
  #instructions = 0;
  /** The identity of the row before, as numbers, and who that is. */
  #last: number[] = [];
  #requester = -1;
  readonly #devices: string[] = [];

  /** `first`: the first line that is neither blank nor a comment. */
  constructor(
    private readonly context: ParserContext,
    first: string,
    columns: Columns | undefined,
  ) {
    super();
    this.#cells = new Cells(separatorOf(first));
    this.#map = mapColumns(columns, cellsOf(first));
    this.#header = this.#map.header;
    this.#identity = IDENTITY.filter((key) => this.#map.at[key] >= 0);
    this.times = this.#map.at.time >= 0 ? ["recorded", "fetches", "accesses"] : ["fetches", "accesses"];
  }

  protected override line(text: Uint8Array, start: number, end: number, out: RowBuffer): void {
    if (end === start) return;
    // A byte order mark stands before the first line of what some tools write.
    const from = this.entries === 1 && text[start] === 0xef && text[start + 1] === 0xbb ? start + 3 : start;
    if (text[from] === HASH) {
      this.skipped++;
      return;
    }
    if (this.#header) {
      this.#header = false;
      return;
    }
    if (end - start >= MOST_LINE) throw new Error(`a line of ${MOST_LINE} bytes or more is too long`);
    const { at } = this.#map;
    this.#cells.split(text, from, end);
    const op = at.op < 0 ? OP_READ : this.#op(text, at.op);
    if (op === OP_FETCH) this.#instructions++;
    const bytes = at.bytes < 0 ? DEFAULT_BYTES : this.#whole(text, "bytes", 0xffff);
    const requester = this.#who(text);
    const time = this.context.recorded === undefined ? this.context.timeOf(this.#instructions) : this.#time(text);
    this.#address(text);
    out.push(time, this.#number.high, this.#number.low, bytes, op, requester);
    this.records++;
  }

  #address(text: Uint8Array): void {
    const { starts, ends } = this.#cells;
    const cell = this.#cell("address");
    const start = starts[cell] as number;
    const end = ends[cell] as number;
    const prefixed = end - start > 2 && text[start] === 48 && ((text[start + 1] as number) | 32) === 120;
    const past =
      this.#map.hexAddress && !prefixed ? this.#number.hex(text, start, end) : this.#number.either(text, start, end);
    if (past !== end || start === end)
      throw this.#bad(
        text,
        cell,
        "address",
        "a whole number is needed, with 0x or as address:hex where it is hexadecimal",
      );
  }

  #time(text: Uint8Array): number {
    const cell = this.#cell("time");
    const cellEnd = this.#cells.ends[cell] as number;
    const start = this.#cells.starts[cell] as number;
    let at = this.#number.decimal(text, start, cellEnd);
    const { high, low } = this.#number;
    const unit = this.#map.nsPerTime;
    let ns = ((BigInt(high) << 32n) | BigInt(low)) * unit;
    if (at > start && at < cellEnd && text[at] === 46) {
      // Nine digits are ns of a second; further ones say nothing here.
      const digits = at + 1;
      const kept = Math.min(cellEnd, digits + 9);
      at = this.#number.decimal(text, digits, kept);
      ns += (BigInt(this.#number.value) * unit) / 10n ** BigInt(at - digits);
      while (at < cellEnd && (text[at] as number) >= 48 && (text[at] as number) <= 57) at++;
    }
    if (at !== cellEnd || start === cellEnd)
      throw this.#bad(text, cell, "time", "a number that is not negative is needed");
    return (this.context.recorded as (ns: bigint) => number)(ns);
  }

  #op(text: Uint8Array, cell: number): number {
    if (cell >= this.#cells.count) this.#cell("op");
    const word = this.#cells.text(text, cell);
    let op = this.#ops.get(word);
    if (op === undefined) {
      const found = Object.hasOwn(OPS, word.toLowerCase()) ? OPS[word.toLowerCase()] : undefined;
      if (found === undefined)
        throw this.#bad(text, cell, "op", "read, write, fetch or prefetch is needed, as r, w, f, p or 0 to 3");
      op = found;
      this.#ops.set(word, op);
    }
    return op;
  }

  #whole(text: Uint8Array, key: ColumnKey, most: number): number {
    const cell = this.#cell(key);
    const start = this.#cells.starts[cell] as number;
    const end = this.#cells.ends[cell] as number;
    const past = this.#number.either(text, start, end);
    if (past !== end || start === end || this.#number.value > most)
      throw this.#bad(text, cell, key, `a whole number from 0 to ${most} is needed`);
    return this.#number.value;
  }

  #who(text: Uint8Array): number {
    if (this.#identity.length === 0) {
      if (this.#requester < 0) this.#requester = nobody(this.context);
      return this.#requester;
    }
    let same = this.#requester >= 0;
    for (const [i, key] of this.#identity.entries()) {
      const value = this.#part(text, key);
      if (this.#last[i] !== value) same = false;
      this.#last[i] = value;
    }
    if (!same) this.#requester = this.context.requester(this.#identify(text));
    return this.#requester;
  }

  #part(text: Uint8Array, key: ColumnKey): number {
    if (key === "partid") return this.#whole(text, key, MOST_PARTID);
    if (key === "pmg") return this.#whole(text, key, MOST_PMG);
    if (key === "device") return this.#device(text);
    if (key === "smmu" || key === "sid" || key === "ssid") {
      const cell = this.#cell(key);
      const empty = this.#cells.starts[cell] === this.#cells.ends[cell];
      return empty ? NONE : this.#whole(text, key, 0xffffffff);
    }
    if (key !== "space") return this.#whole(text, key, 0xffffffff);
    const cell = this.#cell(key);
    const space = spaceOf(this.#cells.text(text, cell));
    if (space === undefined) throw this.#bad(text, cell, key, "s, ns, rt, rl or 0 to 3 is needed");
    return space;
  }

  /** Its place among the names that have come so far. */
  #device(text: Uint8Array): number {
    const name = this.#cells.text(text, this.#cell("device"));
    if (name === "") return NONE;
    const known = this.#devices.indexOf(name);
    return known >= 0 ? known : this.#devices.push(name) - 1;
  }

  #identify(text: Uint8Array): Omit<TraceRequester, "source"> {
    const part = (key: (typeof IDENTITY)[number]): number | undefined => {
      const i = this.#identity.indexOf(key);
      return i < 0 || this.#last[i] === NONE ? undefined : this.#last[i];
    };
    const pid = this.context.pid ?? part("pid") ?? part("asid") ?? this.context.fallbackPid;
    const comm = this.context.comm ?? (this.#map.at.comm < 0 ? undefined : this.#cells.text(text, this.#cell("comm")));
    const cpu = part("cpu");
    const el = part("el");
    const label: Label | undefined = labelOf(part("space"), part("partid"), part("pmg"));
    return {
      asid: part("asid") ?? pid,
      pid,
      tid: part("tid") ?? part("requester") ?? pid,
      ...(cpu === undefined ? {} : { cpu }),
      ...(el === undefined ? {} : { el }),
      ...(comm === undefined ? {} : { comm }),
      ...(label === undefined ? {} : { label }),
      ...deviceOf(this.#devices[part("device") ?? NONE], part("smmu"), part("sid"), part("ssid")),
    };
  }

  /** The column's cell in this line. */
  #cell(key: ColumnKey): number {
    const cell = this.#map.at[key];
    if (cell >= this.#cells.count)
      throw new Error(`has ${this.#cells.count} columns, and ${key} is column ${cell} (they count from 0)`);
    return cell;
  }

  #bad(text: Uint8Array, cell: number, key: ColumnKey, needed: string): Error {
    return new Error(`${key} is ${JSON.stringify(shorten(this.#cells.text(text, cell)))}; ${needed}`);
  }
}
