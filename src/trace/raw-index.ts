// Where the rows of a file of ours lie: for each record batch the place of each column, its first row and the time before it.
// Looking a file through for that checks its rows, without making others of them.
import { DataType, type Int, type Schema } from "apache-arrow";
import {
  ESCAPE_STEP,
  RAW_WIDTHS,
  type RawBatch,
  type RawForm,
  type RawRows,
  type TraceRequester,
} from "../machine/index.ts";
import { columnPlaces } from "./arrow-columns.ts";
import type { BatchMessage } from "./arrow-messages.ts";
import type { Reader } from "./input.ts";
import type { TraceMetadata } from "./metadata.ts";
import { PACKED_COLUMNS } from "./packed.ts";

/** Batches of an index at most; files of more and smaller ones are read the general way. */
const MOST_BATCHES = 65536;
const MOST_TIME = Number.MAX_SAFE_INTEGER;
/** A file on another kind of machine would have to be turned round first. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Names in the order of RAW_WIDTHS. */
const NAMES: { readonly [form in RawForm]: readonly string[] } = {
  packed: PACKED_COLUMNS,
  columns: ["address", "requester", "op", "time", "bytes"],
};

interface IndexedBatch {
  readonly length: number;
  readonly columns: readonly number[];
  readonly row: number;
  readonly rows: number;
  readonly time: number;
}

export class RawIndex {
  readonly #batches: IndexedBatch[] = [];
  #whole = true;
  /** Bytes of each requester's address space. */
  readonly #limits: Float64Array;

  private constructor(
    private readonly form: RawForm,
    private readonly schema: Schema,
    metadata: TraceMetadata,
    requesters: readonly TraceRequester[],
    /** The one that all rows have to be of, or any. */
    private readonly only: number | undefined,
  ) {
    const dense = metadata.addressRule === "dense";
    const pages = new Map(metadata.spaces.map((space) => [space.asid, space.pages]));
    this.#limits = Float64Array.from(requesters, ({ asid }) =>
      dense ? (pages.get(asid) ?? 0) * metadata.pageBytes : Number.POSITIVE_INFINITY,
    );
  }

  /** For a file whose columns are written as we write them. */
  static of(
    schema: Schema,
    metadata: TraceMetadata | undefined,
    requesters: readonly TraceRequester[],
    only?: number,
  ): RawIndex | undefined {
    if (metadata === undefined || !LITTLE_ENDIAN) return undefined;
    const names = NAMES[metadata.form];
    const fits = names.every((name, i) => {
      const type = schema.fields.find((field) => field.name === name)?.type;
      if (!DataType.isInt(type)) return false;
      const { bitWidth, isSigned } = type as Int;
      return !isSigned && bitWidth === 8 * (RAW_WIDTHS[metadata.form][i] as number);
    });
    return fits ? new RawIndex(metadata.form, schema, metadata, requesters, only) : undefined;
  }

  /** Who asks in the first row of a batch; undefined where that cannot be seen in place. */
  static requesterOf(schema: Schema, { header, body }: BatchMessage): number | undefined {
    const place = columnPlaces(schema, header, new Set(["requester"]))?.get("requester");
    return columnView(body, place, Math.min(1, header.length), 2)?.[0];
  }

  /**
   * Takes the next batch in, whose first row is `row` after a row at `time`: its rows, and the time of the last. Undefined
   * for one that has to be looked at the general way, which says what is wrong with it.
   */
  see(
    { header, body, bodyOffset }: BatchMessage,
    row: number,
    time: number,
  ): { rows: number; time: number } | undefined {
    const places = columnPlaces(this.schema, header, new Set(NAMES[this.form]));
    const offsets = NAMES[this.form].map((name) => places?.get(name)?.offset ?? Number.NaN);
    const views = NAMES[this.form].map((name, i) =>
      columnView(body, places?.get(name), header.length, RAW_WIDTHS[this.form][i] as number),
    );
    if (views.some((view) => view === undefined)) {
      this.#whole = false;
      return undefined;
    }
    const columns = views as readonly View[];
    const seen = this.form === "packed" ? this.#packed(columns, time) : this.#plain(columns, time);
    if (seen === undefined || this.#batches.length === MOST_BATCHES) this.#whole = false;
    if (seen && this.#whole) {
      const { length } = header;
      this.#batches.push({ length, columns: offsets.map((at) => bodyOffset + at), row, rows: seen.rows, time });
    }
    return seen;
  }

  #packed(columns: readonly View[], before: number) {
    const [line, requester, , step] = columns as readonly [Uint32Array, Uint16Array, Uint8Array, Uint32Array];
    const lines = this.#limits.map((bytes) => bytes / 64);
    const known = lines.length;
    const { only } = this;
    let time = before;
    let escapes = 0;
    for (let i = 0; i < line.length; i++) {
      const gap = step[i] as number;
      if (only !== undefined && requester[i] !== only) return undefined;
      if (gap === ESCAPE_STEP) {
        time += (line[i] as number) * ESCAPE_STEP;
        escapes++;
        continue;
      }
      time += gap;
      const who = requester[i] as number;
      if (who >= known || (line[i] as number) >= (lines[who] as number)) return undefined;
    }
    return time > MOST_TIME ? undefined : { rows: line.length - escapes, time };
  }

  #plain(columns: readonly View[], before: number) {
    const [address, requester, op, time, bytes] = columns as readonly [
      ...[Uint32Array, Uint16Array, Uint8Array, Uint32Array, Uint16Array],
    ];
    const limits = this.#limits;
    const known = limits.length;
    let last = before;
    for (let i = 0; i < op.length; i++) {
      const at = (address[2 * i + 1] as number) * 2 ** 32 + (address[2 * i] as number);
      const now = (time[2 * i + 1] as number) * 2 ** 32 + (time[2 * i] as number);
      const who = requester[i] as number;
      const end = at + Math.max(1, bytes[i] as number);
      if (who >= known || end > (limits[who] as number) || end > MOST_TIME) return undefined;
      if (now < last || now > MOST_TIME || (op[i] as number) > 3) return undefined;
      last = now;
    }
    return { rows: op.length, time: last };
  }

  /** Rows from `from` on; undefined where not all batches are indexed. */
  rows(from: number, reader: Reader): RawRows | undefined {
    if (!this.#whole) return undefined;
    const batches = this.#batches;
    const first = batches.findLastIndex(({ row }) => row <= from);
    return {
      form: this.form,
      batches: (function* (): Iterable<RawBatch> {
        for (let i = Math.max(0, first); i < batches.length; i++) {
          const { length, columns, row, rows, time } = batches[i] as IndexedBatch;
          const skip = Math.min(rows, Math.max(0, from - row));
          yield { length, columns, time, laterNs: 0, skip, rows: rows - skip };
        }
      })(),
      read: (offset, into) => reader.read(offset, into),
      close: () => reader.close(),
    };
  }
}

type View = Uint8Array | Uint16Array | Uint32Array;

/** 64-bit columns come as pairs of words, low first. Undefined where they cannot be looked at in place. */
function columnView(
  body: Uint8Array,
  place: { readonly offset: number; readonly length: number } | undefined,
  rows: number,
  width: number,
): View | undefined {
  if (place === undefined || place.length < rows * width || place.offset + rows * width > body.length) return undefined;
  const at = body.byteOffset + place.offset;
  if (at % Math.min(4, width) !== 0) return undefined;
  if (width === 1) return new Uint8Array(body.buffer, at, rows);
  if (width === 2) return new Uint16Array(body.buffer, at, rows);
  return new Uint32Array(body.buffer, at, (rows * width) / 4);
}
