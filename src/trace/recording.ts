// One recording, whatever its format and packing, as a stream of rows with model times.
import { ErrnoError } from "../errno/index.ts";
import { OP_FETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import { DrmemtraceParser, isDrmemtrace } from "./drmemtrace.ts";
import type { Input } from "./input.ts";
import { LackeyParser } from "./lackey.ts";
import { contentOf } from "./packing.ts";
import type { ParserContext, RecordParser } from "./parser.ts";
import { refusal, refuse } from "./refusal.ts";
import { type RawRows, RowBuffer } from "./rows.ts";
import { isZip, zipContent, zipMembers } from "./zip.ts";

export interface TimeOptions {
  /** Model time of one instruction, where fetches are recorded. Default 1. */
  readonly nsPerInstruction: number;
  /** Model time of one access, where they are not. Default 1. */
  readonly nsPerAccess: number;
}

export interface Recording {
  readonly name: string;
  readonly format: "lackey" | "drmemtrace";
  /** What times were made from; known once rows have come. */
  timeRule: "instructions" | "accesses";
  /** Lines or records of every kind, and those among them that mean nothing to us; as far as has been read. */
  entries: number;
  skipped: number;
  rows(): AsyncIterable<RawRows>;
}

async function* archived(input: Input): AsyncIterable<Uint8Array> {
  const members = await zipMembers(input);
  if (members.length === 0) throw refuse({ name: input.name, offset: 0, good: 0 }, "the zip archive is empty");
  for (const member of members) yield* zipContent(input, member);
}

async function content(input: Input): Promise<() => AsyncIterable<Uint8Array>> {
  const head = await input.read(0, 8);
  if (head.length === 0) throw refuse({ name: input.name, offset: 0, good: 0 }, "the file is empty");
  if (isZip(head)) return () => archived(input);
  if (head[0] === 0x04 && head[1] === 0x22 && head[2] === 0x4d && head[3] === 0x18) {
    throw new ErrnoError(
      "EINVAL",
      `${input.name}: is packed with lz4, which is not read; unpack it, or pack it with gzip`,
    );
  }
  return (await contentOf(input)).chunks;
}

/** The first bytes of the content; how much is there when that is less. */
async function headOf(chunks: () => AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const head = new Uint8Array(length);
  let have = 0;
  for await (const chunk of chunks()) {
    const part = chunk.subarray(0, length - have);
    head.set(part, have);
    have += part.length;
    if (have === length) break;
  }
  return head.subarray(0, have);
}

export async function openRecording(
  input: Input,
  context: Omit<ParserContext, "timeOf">,
  times: TimeOptions,
): Promise<Recording> {
  let head: Uint8Array;
  let chunks: () => AsyncIterable<Uint8Array>;
  try {
    chunks = await content(input);
    head = await headOf(chunks, 12);
  } catch (error) {
    throw refusal(error, { name: input.name, offset: 0, good: 0 });
  }
  const format = isDrmemtrace(head) ? "drmemtrace" : "lackey";
  const told: ParserContext = {
    ...context,
    timeOf: (n) => (n > 1 ? Math.floor((n - 1) * times.nsPerInstruction) : 0),
  };
  const recording: Recording = {
    name: input.name,
    format,
    timeRule: "instructions",
    entries: 0,
    skipped: 0,
    async *rows() {
      const parser: RecordParser = format === "lackey" ? new LackeyParser(told) : new DrmemtraceParser(told);
      const clock = new AccessClock(times.nsPerAccess);
      let first = true;
      for await (const rows of parsed(parser, chunks(), input.name, recording)) {
        // A recording that starts without a fetch has none: lackey and drmemtrace put an instruction before its accesses.
        if (first) recording.timeRule = rows.op.includes(OP_FETCH) ? "instructions" : "accesses";
        first = false;
        if (recording.timeRule === "accesses") clock.stamp(rows);
        yield rows;
      }
    },
  };
  return recording;
}

/** Times for recordings without fetches: a fixed step per read or write. */
class AccessClock {
  #accesses = 0;

  constructor(private readonly nsPerAccess: number) {}

  stamp(rows: RawRows): void {
    for (let row = 0; row < rows.rows; row++) {
      rows.time[row] = Math.floor(this.#accesses * this.nsPerAccess);
      if (rows.op[row] === OP_READ || rows.op[row] === OP_WRITE) this.#accesses++;
    }
  }
}

async function* parsed(
  parser: RecordParser,
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  recording: Recording,
): AsyncIterable<RawRows> {
  const buffer = new RowBuffer();
  let offset = 0;
  try {
    for await (const chunk of chunks) {
      parser.push(chunk, buffer);
      offset += chunk.length;
      recording.entries = parser.entries;
      recording.skipped = parser.skipped;
      if (!buffer.hasRoom) yield buffer.take();
    }
  } catch (error) {
    throw refusal(error, { name, offset, good: parser.records });
  }
  const missing = parser.end(buffer);
  recording.entries = parser.entries;
  recording.skipped = parser.skipped;
  if (missing !== undefined) throw refuse({ name, offset, good: parser.records }, missing);
  if (parser.records === 0) {
    const seen = parser.skipped > 0 ? `${parser.skipped} lines or records of other kinds were skipped` : "it has none";
    throw refuse(
      { name, offset, good: 0 },
      `no memory access found (${seen}); lackey --trace-mem text and drmemtrace files are read`,
    );
  }
  if (buffer.rows > 0) yield buffer.take();
}
