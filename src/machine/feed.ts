// One trace on its way in: its columns are read ahead of need, two slabs in turns, and handed to the hardware's intake as it
// asks for them.

import {
  type FeedPosition,
  type Filler,
  type Intake,
  type Piece,
  type Placement,
  RECORDS,
  type Slab,
} from "./columns-in.ts";
import { CutRows } from "./cut-rows.ts";
import { RawColumns } from "./raw-columns.ts";
import type { RowSource } from "./source.ts";

/** Rows of a batch that may be taken: all of them. */
const ALL_ROWS = 0xffff_ffff;

type Filled = { readonly pieces: readonly Piece[] } | { readonly error: unknown };

interface Filling {
  readonly slab: Slab;
  readonly result: Promise<Filled>;
}

export interface FeedHost {
  readonly intake: Intake;
  readonly memory: WebAssembly.Memory;
  readonly startNs: number;
}

export class Feed {
  ended = false;
  /** What the trace threw in place of its next records. */
  failure: { readonly error: unknown } | undefined;

  #filler: Filler | undefined;
  #filled: Filling[] = [];
  #slab: Slab | undefined;
  #pieces: Piece[] = [];
  /** The piece that the intake has. */
  #piece: Piece | undefined;
  /** Records of the first row that are to be passed over before anything else. */
  #skip = 0;
  /** Where the feed stood when nothing of it was staged, and how many records it had given by then. */
  #mark: FeedPosition & { readonly taken: number };

  constructor(
    private readonly host: FeedHost,
    /** As the intake numbers it. */
    readonly number: number,
    private readonly source: RowSource,
    private readonly placement: Placement,
    private readonly slabs: readonly [Slab, Slab],
    /** Whether the intake knows who asks in this trace. */
    private readonly known: boolean,
    private readonly at: FeedPosition = { row: 0, records: 0 },
  ) {
    this.#mark = { ...at, taken: 0 };
  }

  /** What has been staged and has not run comes again when the feed is made anew from here. */
  get position(): FeedPosition {
    const { intake } = this.host;
    const waiting = intake.waitingOf(this.number);
    if (waiting === 0) return this.#here();
    const { row, records, taken } = this.#mark;
    return { row, records: records + ((intake.feedTaken(this.number) - taken) >>> 0) - waiting };
  }

  /** Nothing of it is staged. */
  mark(): void {
    this.#mark = { ...this.#here(), taken: this.host.intake.feedTaken(this.number) };
  }

  #here(): FeedPosition {
    const { intake } = this.host;
    if (!this.#piece || this.#skip > 0) return this.at;
    const { form, from, length, to } = this.#piece;
    if (form !== RECORDS || !to) return { row: intake.feedRow(this.number), records: intake.feedPart(this.number) };
    const next = intake.feedNext(this.number);
    return next === length ? to : { row: from.row, records: from.records + next };
  }

  /** Makes sure that the next record is at hand, or that the trace has ended, or says why it cannot be: `failure`. */
  async ready(): Promise<void> {
    const { intake } = this.host;
    while (intake.isDry(this.number) && !this.ended && !this.failure) {
      try {
        await this.#next();
      } catch (error) {
        this.failure = { error };
      }
      if (this.#skip > 0) this.#skip = intake.skipRecords(this.number, this.#skip);
    }
  }

  async #next(): Promise<void> {
    const { intake } = this.host;
    if (!this.#filler) this.#open();
    if (intake.isRefused(this.number)) await this.#goOnGenerally();
    let piece = this.#pieces.shift();
    if (!piece) {
      if (this.#slab) this.#fill(this.#slab);
      const next = this.#filled.shift() as Filling;
      const filled = await next.result;
      this.#slab = next.slab;
      if ("error" in filled) throw filled.error;
      this.#pieces = [...filled.pieces];
      piece = this.#pieces.shift();
    }
    if (piece) this.#give(piece);
    else {
      this.ended = true;
      intake.endFeed(this.number);
    }
  }

  #open(): void {
    const { source, placement, host, at } = this;
    const raw = this.known ? source.raw?.(at.row) : undefined;
    // Under a seed only packed rows can be moved about page by page: plain ones may reach into the next.
    if (raw && (raw.form === "packed" || !placement.pages.some((permuted) => permuted))) {
      this.#filler = new RawColumns(raw, placement, host.memory, at);
      this.#skip = at.records;
    } else this.#filler = this.#general(at);
    for (const slab of this.slabs) this.#fill(slab);
  }

  #general(at: FeedPosition): Filler {
    return new CutRows(this.source, this.placement, this.host.startNs, this.host.memory, at);
  }

  /** Reads on into a slab, after what is being read. */
  #fill(slab: Slab): void {
    const filler = this.#filler as Filler;
    const before = this.#filled.at(-1)?.result ?? Promise.resolve();
    const result = before.then(async (): Promise<Filled> => {
      try {
        return { pieces: await filler.fill(slab) };
      } catch (error) {
        return { error };
      }
    });
    this.#filled.push({ slab, result });
  }

  #give(piece: Piece): void {
    const { intake } = this.host;
    const { form, length, columns, from, begin } = piece;
    this.#piece = piece;
    if (form === RECORDS) intake.beginRows(this.number, from.row, 0, 0, 0, ALL_ROWS);
    else if (begin) intake.beginRows(this.number, from.row, begin.time, begin.laterNs, begin.skip, begin.rows);
    const [lines = 0, requesters = 0, metas = 0, times = 0, bytes = 0] = columns;
    intake.giveColumns(this.number, form, length, lines, requesters, metas, times, bytes);
  }

  /** A row that the intake cannot take, and all after it, go the general way, which says what is wrong with it. */
  async #goOnGenerally(): Promise<void> {
    const { intake } = this.host;
    const at = this.#here();
    await this.close();
    intake.dropColumns(this.number);
    this.#pieces = [];
    this.#slab = undefined;
    this.#filler = this.#general(at);
    for (const slab of this.slabs) this.#fill(slab);
  }

  /** Ends when nothing is written into the hardware's memory any more. */
  async close(): Promise<void> {
    await Promise.all(this.#filled.splice(0).map(({ result }) => result));
    await this.#filler?.close();
  }
}
