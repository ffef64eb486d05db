// Importing: recordings of other tools become one trace of ours.
import { ErrnoError } from "../errno/index.ts";
import {
  LINE_BYTES,
  OP_FETCH,
  OP_READ,
  OP_WRITE,
  type TraceBatch,
  type TraceRequester,
  type TraceSpace,
} from "../machine/index.ts";
import type { Columns } from "./column-map.ts";
import { checkedFormat, type FormatName } from "./formats.ts";
import { sha256 } from "./hash.ts";
import { type Input, inputOf, type TraceInput } from "./input.ts";
import { mergeRows } from "./merge.ts";
import { type Form, type SourceFile, type TimeRule, TOOL } from "./metadata.ts";
import { checkedNs } from "./open-trace.ts";
import { packInto, packingByName } from "./packing.ts";
import { type AddressRule, checkedPageBytes, Spaces } from "./pages.ts";
import { countedInputs, type OnProgress } from "./progress.ts";
import { type Origin, openRecording, type Recording } from "./recording.ts";
import { badOption } from "./refusal.ts";
import { RequesterTable } from "./requesters.ts";
import { BATCH_ROWS, type RawRows } from "./rows.ts";
import { type ByteSink, MemorySpool, type Spool } from "./sink.ts";

export interface ImportOptions {
  readonly form?: Form;
  readonly addresses?: AddressRule;
  readonly pageBytes?: number;
  readonly nsPerInstruction?: number;
  /** For recordings without fetches. */
  readonly nsPerAccess?: number;
  /** "drop": instruction fetches make time pass and are not written. */
  readonly fetches?: "keep" | "drop";
  /** Reads and writes to leave out at the start; times and page numbers begin after them. */
  readonly skip?: number;
  /** Reads and writes to take; default all. */
  readonly take?: number;
  /** "record": a thread on another cpu is another requester. Default: threads are, and the machine deals them to cpus. */
  readonly cpus?: "drop" | "record";
  /** Process number and command, instead of what the recording says. */
  readonly pid?: number;
  readonly comm?: string;
  /** Of the recordings, where their content and names do not tell it. */
  readonly format?: FormatName;
  /** What times are made from; without it the format decides (docs/trace-format.md). */
  readonly time?: TimeRule["rule"];
  /** For CSV: which column is what, by number from 0 or by name, as in { address: 2, "time:us": "when" }. */
  readonly columns?: Columns;
  /** For outputs whose name ends in .gz (1 to 9) or .br (0 to 11). */
  readonly quality?: number;
  /** Told of bytes that are read. */
  readonly onProgress?: OnProgress;
}

export interface ImportReport {
  readonly records: number;
  readonly spaces: readonly TraceSpace[];
  readonly requesters: readonly TraceRequester[];
  readonly sources: readonly SourceFile[];
  readonly timeRule: TimeRule;
  /** Lines and records of the sources that are no accesses, as far as they were read. */
  readonly skipped: number;
  /** Whether a source holds samples and not every access. */
  readonly sampled: boolean;
}

/** One trace from one or more recordings: threads of one program, merged by (time, file, row). A path may name a directory. */
export async function importTrace(
  inputs: TraceInput | readonly TraceInput[],
  output: string | ByteSink,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const told = checked(options);
  const given = await expand(Array.isArray(inputs) ? (inputs as readonly TraceInput[]) : [inputs as TraceInput]);
  const files = countedInputs(given, options.onProgress);
  const table = new RequesterTable();
  const recordings: Recording[] = [];
  const origin: Origin = {};
  for (const [index, input] of files.entries()) recordings.push(await record(input, index, table, told, origin));
  const recorded = recordings.filter((recording) => recording.timeRule === "recorded");
  if (recorded.length > 0 && recorded.length < recordings.length) {
    const other = recordings.find((recording) => recording.timeRule !== "recorded");
    throw badOption(
      `${recorded[0]?.name} has recorded times and ${other?.name} counts ${other?.timeRule}: they have no common clock; take --time accesses`,
    );
  }
  const spool = await spoolFor(output);
  try {
    const rows = new Selected(mergeRows(recordings.map((recording) => recording.rows())), told, table);
    const records = await rows.into(spool);
    if (records === 0)
      throw badOption(`skip ${told.skip} leaves nothing: the recording has ${rows.seen} reads and writes`);
    const sources: SourceFile[] = [];
    for (const [index, input] of files.entries()) {
      const { entries: records, format } = recordings[index] as Recording;
      sources.push({ name: input.name, bytes: input.size, sha256: await sha256(input), records, format });
    }
    const timeRule: TimeRule =
      recorded.length > 0
        ? { rule: "recorded" }
        : recordings.every((recording) => recording.timeRule === "accesses")
          ? { rule: "accesses", nsPerAccess: told.nsPerAccess }
          : { rule: "instructions", nsPerInstruction: told.nsPerInstruction };
    const sampled = recordings.some((recording) => recording.sampled);
    const spaces = rows.spaces.list();
    const { writeTrace } = await import("./arrow-write.ts");
    await writeTrace(
      {
        form: told.form,
        addressRule: told.addresses,
        addressSeed: 0,
        pageBytes: told.pageBytes,
        spaces,
        timeRule,
        sources,
        tool: TOOL,
        requesters: rows.requesters,
        sampled,
      },
      spool.batches(),
      await sinkFor(output, told.quality),
    );
    const skipped = recordings.reduce((n, recording) => n + recording.skipped, 0);
    return { records, spaces, requesters: rows.requesters, sources, timeRule, skipped, sampled };
  } finally {
    await spool.discard();
  }
}

type Open = "pid" | "comm" | "quality" | "format" | "time" | "columns" | "onProgress";
type Told = Required<Omit<ImportOptions, Open>> & Pick<ImportOptions, Open>;

function checked(options: ImportOptions): Told {
  const count = (name: string, value: number): number => {
    if (value >= 0 && (Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY)) return value;
    throw badOption(`${name} is ${value}; a whole number of reads and writes is needed`);
  };
  return {
    ...options,
    ...(options.format === undefined ? {} : { format: checkedFormat(options.format) }),
    form: options.form ?? "columns",
    addresses: options.addresses ?? "dense",
    pageBytes: checkedPageBytes(options.pageBytes ?? 4096),
    nsPerInstruction: checkedNs("nsPerInstruction", options.nsPerInstruction),
    nsPerAccess: checkedNs("nsPerAccess", options.nsPerAccess),
    fetches: options.fetches ?? "keep",
    skip: count("skip", options.skip ?? 0),
    take: count("take", options.take ?? Number.POSITIVE_INFINITY),
    cpus: options.cpus ?? "drop",
  };
}

async function expand(inputs: readonly TraceInput[]): Promise<Input[]> {
  const all: Input[] = [];
  for (const input of inputs) {
    if (typeof input !== "string") all.push(await inputOf(input));
    else {
      const { expandPath } = await import("./node-files.ts");
      for (const path of await expandPath(input)) all.push(await inputOf(path));
    }
  }
  if (all.length === 0) throw badOption("there is nothing to import");
  return all;
}

function record(input: Input, index: number, table: RequesterTable, told: Told, origin: Origin): Promise<Recording> {
  const source = input.name;
  return openRecording(
    input,
    {
      requester: (who) => table.number({ ...who, source }),
      fallbackPid: index + 1,
      addresses: told.addresses,
      cpus: told.cpus,
      ...(told.pid === undefined ? {} : { pid: told.pid }),
      ...(told.comm === undefined ? {} : { comm: told.comm }),
    },
    told,
    origin,
  );
}

export async function spoolFor(output: string | ByteSink): Promise<Spool> {
  if (typeof output !== "string") return new MemorySpool();
  const { fileSpool } = await import("./node-files.ts");
  return fileSpool(output);
}

export async function sinkFor(output: string | ByteSink, quality?: number): Promise<ByteSink> {
  if (typeof output !== "string") return output;
  const { fileSink } = await import("./node-files.ts");
  const packing = packingByName(output);
  const sink = await fileSink(output);
  return packing === undefined ? sink : packInto(sink, packing, quality);
}

/** The rows that are kept, under the address rule. Requesters of rows left out do not appear. */
class Selected {
  readonly spaces: Spaces;
  readonly requesters: TraceRequester[] = [];
  /** Reads and writes seen. */
  seen = 0;
  #numbers = new Map<number, number>();
  #rows = 0;
  #written = 0;
  #time = new Float64Array(BATCH_ROWS);
  #address = new Float64Array(BATCH_ROWS);
  #bytes = new Uint16Array(BATCH_ROWS);
  #op = new Uint8Array(BATCH_ROWS);
  #requester = new Uint16Array(BATCH_ROWS);
  /** Time of the first row, which recorded times may have before their origin. */
  #start = Number.NaN;

  constructor(
    private readonly from: AsyncIterable<RawRows>,
    private readonly told: Told,
    private readonly table: RequesterTable,
  ) {
    this.spaces = new Spaces(told.addresses, told.pageBytes);
  }

  /** Puts all of them aside and returns how many there are. */
  async into(spool: Spool): Promise<number> {
    try {
      return await this.#all(spool);
    } catch (error) {
      const { source } = this.requesters.at(-1) ?? {};
      throw error instanceof ErrnoError ? error : badOption(`${source ?? "the trace"}: ${(error as Error).message}`);
    }
  }

  async #all(spool: Spool): Promise<number> {
    const { skip, take, fetches } = this.told;
    all: for await (const rows of this.from) {
      for (let i = 0; i < rows.rows; i++) {
        const op = rows.op[i] as number;
        const data = op === OP_READ || op === OP_WRITE;
        if (data) this.seen++;
        if (this.seen - (data ? 1 : 0) < skip) continue;
        if (data && this.seen - skip > take) break all;
        if (Number.isNaN(this.#start)) this.#start = rows.time[i] as number;
        if (op === OP_FETCH && fetches === "drop") continue;
        // A record takes two rows at most here: at a line border, in the packed form.
        if (this.#rows + 2 > BATCH_ROWS) await spool.append(this.#take());
        this.#add(rows, i);
        if (data && this.seen - skip === take) break all;
      }
    }
    if (this.#rows > 0) await spool.append(this.#take());
    return this.#written;
  }

  #add(rows: RawRows, i: number): void {
    const raw = rows.requester[i] as number;
    const number = this.#numbers.get(raw) ?? this.#number(raw);
    const time = (rows.time[i] as number) - this.#start;
    const low = rows.low[i] as number;
    const high = rows.high[i] as number;
    const bytes = rows.bytes[i] as number;
    const op = rows.op[i] as number;
    const within = LINE_BYTES - (low & (LINE_BYTES - 1));
    // Split before the address rule: the second line may lie in another page.
    if (this.told.form === "packed" && bytes > within) {
      this.#put(time, high, low, within, op, number);
      const next = low + within;
      this.#put(time, next > 0xffffffff ? (high + 1) >>> 0 : high, next >>> 0, bytes - within, op, number);
    } else this.#put(time, high, low, bytes, op, number);
  }

  #put(time: number, high: number, low: number, bytes: number, op: number, requester: number): void {
    const space = this.spaces.of(this.requesters[requester]?.asid ?? 0);
    const address = space.place(high, low, bytes);
    if (address === undefined) {
      const hex = ((BigInt(high) << 32n) | BigInt(low)).toString(16);
      const { source } = this.requesters[requester] as TraceRequester;
      throw badOption(
        `${source ?? "the trace"}: address 0x${hex} is above 2^53 and cannot be kept as recorded; import with dense pages`,
      );
    }
    const row = this.#rows++;
    this.#time[row] = time;
    this.#address[row] = address;
    this.#bytes[row] = bytes;
    this.#op[row] = op;
    this.#requester[row] = requester;
  }

  #number(raw: number): number {
    this.requesters.push(this.table.list[raw] as TraceRequester);
    this.#numbers.set(raw, this.requesters.length - 1);
    return this.requesters.length - 1;
  }

  #take(): TraceBatch {
    const rows = this.#rows;
    this.#rows = 0;
    this.#written += rows;
    return {
      rows,
      time: this.#time.slice(0, rows),
      address: this.#address.slice(0, rows),
      bytes: this.#bytes.slice(0, rows),
      op: this.#op.slice(0, rows),
      requester: this.#requester.slice(0, rows),
    };
  }
}
