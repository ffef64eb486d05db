// A trace in an Arrow file or stream, as the machine's TraceSource. Opening reads it through once: what is promised here has been seen.
import type { Schema } from "apache-arrow";
import type { RawRows, TraceBatch, TracePart, TraceRequester, TraceSpace } from "../machine/index.ts";
import { type Footer, MessageReader, readFooter, SchemaInFooter } from "./arrow-messages.ts";
import { hashed } from "./hash.ts";
import { bytesInput, collect, type Input } from "./input.ts";
import { decodeMarkers, decodeMetadata, type TraceMetadata } from "./metadata.ts";
import { contentOf } from "./packing.ts";
import { type AddressRule, MOST_PAGES, Spaces } from "./pages.ts";
import { RawIndex } from "./raw-index.ts";
import type { TimeOptions } from "./recording.ts";
import { type Place, refusal } from "./refusal.ts";
import { mergedParts, RequesterParts } from "./requester-parts.ts";
import { RequesterTable } from "./requesters.ts";
import { type DecoderState, freshState, RowDecoder } from "./row-decoder.ts";
import { BATCH_ROWS } from "./rows.ts";
import type { Marker, Trace } from "./trace.ts";

export interface ReadOptions extends TimeOptions {
  /** For files without our metadata: what to do with their addresses. */
  readonly addresses: AddressRule;
  readonly pageBytes: number;
}

/** Where a record batch starts, and what the decoder knew there. */
interface Block {
  readonly offset: number;
  readonly state: Readonly<DecoderState>;
}

/** A batch every so many rows is remembered: small batches need no entry each. */
const BLOCK_ROWS = BATCH_ROWS;

export class ArrowTrace implements Trace {
  hash = "";
  records = 0;
  requesters: readonly TraceRequester[] = [];
  spaces: readonly TraceSpace[] = [];
  addressRule: AddressRule = "identity";
  pageBytes = 4096;
  /** Undefined for files that are not ours. */
  metadata: TraceMetadata | undefined;
  markers: readonly Marker[] = [];
  #schema: Schema | undefined;
  #blocks: Block[] = [];
  #isFile = false;
  #table = new RequesterTable();
  #index: RawIndex | undefined;
  /** Where the file holds each requester by itself. */
  #apart: RequesterParts | undefined;
  #content: (from?: number) => AsyncIterable<Uint8Array>;

  private constructor(
    readonly name: string,
    content: (from?: number) => AsyncIterable<Uint8Array>,
    private readonly options: ReadOptions,
    /** Where reading can start at any byte. */
    private readonly whole: Input | undefined,
  ) {
    this.#content = content;
  }

  static async open(input: Input, options: ReadOptions): Promise<ArrowTrace> {
    const content = await contentOf(input);
    const seekable = content.packing === undefined;
    const trace = new ArrowTrace(
      input.name,
      seekable ? (from) => input.chunks(from) : () => content.chunks(),
      options,
      seekable ? input : undefined,
    );
    // The file is read through once, for its rows and for its hash.
    const whole = await hashed(input);
    try {
      await trace.#scan(content.chunks(whole.chunks()));
      trace.hash = await whole.digest();
    } catch (error) {
      if (!(error instanceof SchemaInFooter)) throw error;
      // Without a whole schema in front there is no streaming: the footer must be seen first.
      const readable = seekable ? input : bytesInput(input.name, await collect(content.chunks()));
      const again = new ArrowTrace(input.name, (from) => readable.chunks(from), options, readable);
      const footer = await footerOf(readable);
      await again.#scan(readable.chunks(footer.offset), footer);
      again.hash = await whole.digest();
      return again;
    } finally {
      await whole.close();
    }
    return trace;
  }

  async *batches(from = 0): AsyncIterable<TraceBatch> {
    if (this.parts) {
      yield* mergedParts(this.parts, from);
      return;
    }
    let block: Block = { offset: 0, state: freshState() };
    if (this.#blocks.length === 0) return;
    if (this.whole) for (const one of this.#blocks) if (one.state.row <= from) block = one;
    const decoder = this.#decoder({ ...block.state });
    const start =
      block.offset > 0 ? { offset: block.offset, file: this.#isFile, schema: this.#schema as Schema } : undefined;
    const reader = new MessageReader(this.#content(block.offset), start);
    for await (const batch of this.#read(reader, decoder, this.#schema)) {
      const skip = Math.max(0, from - (decoder.state.row - batch.rows));
      for (let at = skip; at < batch.rows; at += BATCH_ROWS)
        yield slice(batch, at, Math.min(batch.rows, at + BATCH_ROWS));
    }
  }

  get parts(): readonly TracePart[] | undefined {
    const { whole } = this;
    return whole && this.#apart?.list(this.name, this.requesters, () => whole.reader());
  }

  raw(from = 0): RawRows | undefined {
    return this.whole && this.#index?.rows(from, this.whole.reader());
  }

  #decoder(state: DecoderState): RowDecoder {
    if (this.metadata === undefined && this.addressRule === "dense")
      this.#spaces ??= new Spaces("dense", this.pageBytes);
    return new RowDecoder(this.#schema as Schema, this.metadata, this.#table, this.#spaces, this.options, state);
  }

  #spaces: Spaces | undefined;

  async *#read(reader: MessageReader, decoder: RowDecoder, schema: Schema | undefined): AsyncIterable<TraceBatch> {
    try {
      if (schema !== undefined) await reader.open(schema);
      for (let next = await reader.next(); next !== undefined; next = await reader.next()) {
        yield await decoder.decode(next);
      }
    } catch (error) {
      throw refusal(error, this.#place(reader, decoder.state.row));
    } finally {
      await reader.close();
    }
  }

  #place(reader: MessageReader, good: number): Place {
    return { name: this.name, offset: reader.place, good };
  }

  async #scan(chunks: AsyncIterable<Uint8Array>, footer?: Footer): Promise<void> {
    const reader = new MessageReader(chunks, footer && { ...footer, file: true });
    let decoder: RowDecoder | undefined;
    const check = new FootprintCheck(this.options.pageBytes);
    try {
      this.#schema = await reader.open();
      this.#isFile = reader.isFile;
      this.metadata = decodeMetadata(this.#schema.metadata);
      this.markers = decodeMarkers(this.#schema.metadata);
      this.addressRule = this.metadata?.addressRule ?? this.options.addresses;
      this.pageBytes = this.metadata?.pageBytes ?? this.options.pageBytes;
      for (const who of this.metadata?.requesters ?? []) this.#table.list.push(who);
      decoder = this.#decoder(freshState());
      if (this.metadata?.order === "requester") {
        if (!this.whole)
          throw new Error("holds its records requester by requester: unpack it, to be read where they lie");
        this.#apart = new RequesterParts(this.#schema, this.metadata);
      } else this.#index = RawIndex.of(this.#schema, this.metadata, this.#table.list);
      for (;;) {
        const state = { ...decoder.state };
        const message = await reader.next();
        if (message === undefined) break;
        const last = this.#blocks.at(-1);
        if (last === undefined || state.row - last.state.row >= BLOCK_ROWS)
          this.#blocks.push({ offset: message.offset, state });
        const seen = this.#apart?.see(message) ?? this.#index?.see(message, state.row, state.time);
        if (seen) {
          decoder.state.row += seen.rows;
          decoder.state.time = seen.time;
          continue;
        }
        if (this.#apart) decoder.state.time = this.#apart.timeBefore(message);
        const batch = await decoder.decode(message);
        check.see(batch, this.#table.list, this.metadata, state.row);
        if (this.#apart && batch.rows > 0)
          throw new Error(`row ${state.row}: a record batch that is not, uncompressed, of one requester`);
      }
      const lost = this.markers.find(({ record }) => record > (decoder?.state.row ?? 0));
      if (lost) throw new Error(`marker ${lost.name} stands at record ${lost.record} of ${decoder.state.row}`);
    } catch (error) {
      if (error instanceof SchemaInFooter) throw error;
      throw refusal(error, this.#place(reader, decoder?.state.row ?? 0));
    } finally {
      await reader.close();
    }
    this.records = decoder.state.row;
    this.requesters = this.#table.list;
    this.spaces = this.metadata?.spaces ?? this.#spaces?.list() ?? check.spaces(this.requesters);
  }
}

async function footerOf(whole: Input): Promise<Footer> {
  try {
    return readFooter(await whole.read(Math.max(0, whole.size - 64 * 1024 * 1024), whole.size), whole.size);
  } catch (error) {
    throw refusal(error, { name: whole.name, offset: whole.size, good: 0 });
  }
}

function slice(batch: TraceBatch, start: number, end: number): TraceBatch {
  if (start === 0 && end === batch.rows) return batch;
  return {
    rows: end - start,
    time: batch.time.subarray(start, end),
    address: batch.address.subarray(start, end),
    bytes: batch.bytes.subarray(start, end),
    op: batch.op.subarray(start, end),
    requester: batch.requester.subarray(start, end),
  };
}

/** What a first reading learns of addresses: that ours stay within their footprint, and how many pages a user's touch. */
class FootprintCheck {
  #pages = new Map<number, Set<number>>();

  constructor(private readonly pageBytes: number) {}

  see(
    batch: TraceBatch,
    requesters: readonly TraceRequester[],
    metadata: TraceMetadata | undefined,
    row: number,
  ): void {
    if (metadata === undefined) {
      for (let i = 0; i < batch.rows; i++) {
        const asid = requesters[batch.requester[i] as number]?.asid ?? 0;
        let pages = this.#pages.get(asid);
        if (pages === undefined) {
          pages = new Set();
          this.#pages.set(asid, pages);
        }
        pages.add(Math.floor((batch.address[i] as number) / this.pageBytes));
        if (pages.size === MOST_PAGES)
          throw new Error(`row ${row + i}: address space ${asid} has ${MOST_PAGES} pages; open it with larger ones`);
      }
      return;
    }
    if (metadata.addressRule !== "dense") return;
    const pages = new Map(metadata.spaces.map((space) => [space.asid, space.pages]));
    const limits = requesters.map((who) => (pages.get(who.asid) as number) * metadata.pageBytes);
    for (let i = 0; i < batch.rows; i++) {
      const end = (batch.address[i] as number) + Math.max(1, batch.bytes[i] as number);
      const limit = limits[batch.requester[i] as number] as number;
      if (end > limit)
        throw new Error(`row ${row + i}: bytes up to ${end} are used, and the footprint in the metadata is ${limit}`);
    }
  }

  spaces(requesters: readonly TraceRequester[]): TraceSpace[] {
    const asids = [...new Set(requesters.map((who) => who.asid))];
    return asids.map((asid) => ({ asid, pages: this.#pages.get(asid)?.size ?? 0 }));
  }
}
