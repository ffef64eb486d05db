// Record batches of any accepted file turned into rows of the machine's interface: ours, packed, or a user's own columns.
import type { Schema } from "apache-arrow";
import { OP_FETCH, OP_READ, OP_WRITE, type TraceBatch, type TraceRequester } from "../machine/index.ts";
import { checkColumns, copyInts, type IntColumn, readColumns } from "./arrow-columns.ts";
import type { BatchMessage } from "./arrow-messages.ts";
import { deviceOf, labelOf, MOST_PARTID, MOST_PMG, MOST_SPACE } from "./label.ts";
import type { TraceMetadata } from "./metadata.ts";
import { PACKED_COLUMNS, unpackRows } from "./packed.ts";
import type { Spaces } from "./pages.ts";
import type { TimeOptions } from "./recording.ts";
import type { RequesterTable } from "./requesters.ts";

const IDENTITY_COLUMNS = [
  ...(["asid", "pid", "tid", "cpu", "el", "requester", "space", "partid", "pmg"] as const),
  ...(["smmu", "sid", "ssid"] as const),
];
/** All ones: rows of threads beside rows of streams. */
const NO_STREAM = 0xffff_ffff;
const PLAIN_COLUMNS = ["time", "address", "bytes", "op", ...IDENTITY_COLUMNS];
/** What each may be at most; the others are whole numbers of 32 bits. */
const MOST: { readonly [column: string]: number } = { space: MOST_SPACE, partid: MOST_PARTID, pmg: MOST_PMG };
const MOST_TIME = Number.MAX_SAFE_INTEGER;
const DEFAULT_BYTES = 64;

const given = (value: number | undefined) => (value === NO_STREAM ? undefined : value);

/** What a user's file leaves open, decided once for the file. */
export interface DecoderState {
  /** Row number of the next row, as the trace counts them. */
  row: number;
  time: number;
  accesses: number;
  instructions: number;
  /** How a file without times gets them; decided by the first batch. */
  derived: "instructions" | "accesses" | undefined;
}

export function freshState(): DecoderState {
  return { row: 0, time: 0, accesses: 0, instructions: 0, derived: undefined };
}

export class RowDecoder {
  readonly packed: boolean;
  /** Whether times come from the file; otherwise a batch can only be decoded after all before it. */
  readonly timed: boolean;
  #names: Set<string>;

  constructor(
    private readonly schema: Schema,
    private readonly metadata: TraceMetadata | undefined,
    private readonly requesters: RequesterTable,
    /** Set where a user's addresses get the dense rule on reading. */
    private readonly spaces: Spaces | undefined,
    private readonly times: TimeOptions,
    readonly state: DecoderState,
  ) {
    this.packed = metadata?.form === "packed";
    const wanted: readonly string[] = this.packed ? PACKED_COLUMNS : PLAIN_COLUMNS;
    this.#names = checkColumns(schema, wanted);
    const needed: readonly string[] = this.packed ? PACKED_COLUMNS : ["address"];
    const lacking = needed.filter((name) => !this.#names.has(name));
    if (lacking.length > 0) {
      const have = schema.fields.map((field) => field.name).join(", ");
      throw new Error(`has no column ${lacking.join(", ")}; its columns are: ${have || "none"}`);
    }
    this.timed = this.packed || this.#names.has("time");
  }

  async decode(message: BatchMessage): Promise<TraceBatch> {
    const columns = await readColumns(this.schema, message.header, message.body, this.#names);
    const batch = this.packed
      ? this.#unpack(columns, message.header.length)
      : this.#plain(columns, message.header.length);
    this.#check(batch);
    this.state.row += batch.rows;
    return batch;
  }

  #unpack(columns: ReadonlyMap<string, IntColumn>, rows: number): TraceBatch {
    const line = new Uint32Array(rows);
    const requester = new Uint16Array(rows);
    const sizeOp = new Uint8Array(rows);
    const step = new Uint32Array(rows);
    this.#copy(columns, "line", line, 0xffffffff);
    this.#copy(columns, "requester", requester, 0xffff);
    this.#copy(columns, "size_op", sizeOp, 0xff);
    this.#copy(columns, "step", step, 0xffffffff);
    const { batch, time } = unpackRows({ rows, line, requester, sizeOp, step }, this.state.time);
    if (time > MOST_TIME) throw new Error(`row ${this.state.row}: times go past ${MOST_TIME} ns`);
    this.#nextTime = time;
    return batch;
  }

  /** The time after a packed batch: escapes at its end count for the next one. */
  #nextTime: number | undefined;

  #plain(columns: ReadonlyMap<string, IntColumn>, rows: number): TraceBatch {
    const batch = {
      rows,
      time: new Float64Array(rows),
      address: new Float64Array(rows),
      bytes: new Uint16Array(rows),
      op: new Uint8Array(rows),
      requester: new Uint16Array(rows),
    };
    if (!this.#copy(columns, "bytes", batch.bytes, 0xffff)) batch.bytes.fill(DEFAULT_BYTES);
    if (!this.#copy(columns, "op", batch.op, 3)) batch.op.fill(OP_READ);
    if (!this.#copy(columns, "time", batch.time, MOST_TIME)) this.#deriveTimes(batch.op, batch.time);
    if (this.metadata !== undefined) this.#copy(columns, "requester", batch.requester, 0xffff);
    else this.#identify(columns, batch.requester);
    if (this.spaces === undefined) this.#copy(columns, "address", batch.address, Number.MAX_SAFE_INTEGER);
    else this.#placeAddresses(columns.get("address") as IntColumn, batch);
    return batch;
  }

  #copy(
    columns: ReadonlyMap<string, IntColumn>,
    name: string,
    to: Float64Array | Uint32Array | Uint16Array | Uint8Array,
    most: number,
  ): boolean {
    const column = columns.get(name);
    if (column === undefined) return false;
    copyInts(column, 0, to.length, to, most, (row, value) => {
      throw new Error(`row ${this.state.row + row}: ${name} is ${value}; 0 to ${most} fit`);
    });
    return true;
  }

  #deriveTimes(op: Uint8Array, time: Float64Array): void {
    const { state, times } = this;
    if (op.length > 0) state.derived ??= op.includes(OP_FETCH) ? "instructions" : "accesses";
    for (let i = 0; i < op.length; i++) {
      if (state.derived === "instructions") {
        if (op[i] === OP_FETCH) state.instructions++;
        time[i] = Math.floor(Math.max(0, state.instructions - 1) * times.nsPerInstruction);
      } else {
        time[i] = Math.floor(state.accesses * times.nsPerAccess);
        if (op[i] === OP_READ || op[i] === OP_WRITE) state.accesses++;
      }
    }
  }

  /** Whatever tells rows of a user's file apart makes requesters. A number alone is a thread of one process. */
  #identify(columns: ReadonlyMap<string, IntColumn>, requester: Uint16Array): void {
    const rows = requester.length;
    const parts = IDENTITY_COLUMNS.map((name) => {
      if (!columns.has(name)) return undefined;
      const values = new Uint32Array(rows);
      this.#copy(columns, name, values, MOST[name] ?? 0xffffffff);
      return values;
    });
    const [asid, pid, tid, cpu, el, number, space, partid, pmg, smmu, sid, ssid] = parts;
    if (partid === undefined && (space ?? pmg) !== undefined)
      throw new Error("columns space and pmg are parts of a label; column partid is missing");
    let last = -1;
    for (let i = 0; i < rows; i++) {
      if (i > 0 && parts.every((values) => values === undefined || values[i] === values[i - 1])) {
        requester[i] = last;
        continue;
      }
      const process = pid?.[i] ?? asid?.[i] ?? 0;
      const label = labelOf(space?.[i], partid?.[i], pmg?.[i]);
      const who: TraceRequester = {
        asid: asid?.[i] ?? process,
        pid: process,
        tid: tid?.[i] ?? number?.[i] ?? process,
        ...(cpu === undefined ? {} : { cpu: cpu[i] as number }),
        ...(el === undefined ? {} : { el: el[i] as number }),
        ...(label === undefined ? {} : { label }),
        ...deviceOf(undefined, given(smmu?.[i]), given(sid?.[i]), given(ssid?.[i])),
      };
      last = this.requesters.number(who);
      requester[i] = last;
    }
  }

  #placeAddresses(column: IntColumn, batch: Omit<TraceBatch, "rows">): void {
    const rows = batch.time.length;
    const { words, wide } = column;
    for (let i = 0; i < rows; i++) {
      const low = (wide ? words[2 * i] : words[i]) as number;
      const high = wide ? (words[2 * i + 1] as number) : 0;
      if (!wide && low < 0) throw new Error(`row ${this.state.row + i}: address is ${low}; addresses are not negative`);
      const who = this.requesters.list[batch.requester[i] as number];
      batch.address[i] = this.spaces?.of(who?.asid ?? 0).place(high, low >>> 0, batch.bytes[i] as number) as number;
    }
  }

  /** Times that never decrease, requesters that the table has. */
  #check(batch: TraceBatch): void {
    const known = this.requesters.list.length;
    let last = this.state.time;
    for (let i = 0; i < batch.rows; i++) {
      const time = batch.time[i] as number;
      if (time < last)
        throw new Error(
          `row ${this.state.row + i}: time goes back from ${last} to ${time} ns; rows must be sorted by time`,
        );
      last = time;
      if ((batch.requester[i] as number) >= known) {
        throw new Error(
          `row ${this.state.row + i}: requester ${batch.requester[i]} is not among the ${known} of the table`,
        );
      }
    }
    this.state.time = this.#nextTime ?? last;
    this.#nextTime = undefined;
  }
}
