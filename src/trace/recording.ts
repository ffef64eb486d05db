// One recording, whatever its format and packing, as a stream of rows with model times.
import { OP_FETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import { isArrow } from "./arrow-magic.ts";
import type { Columns } from "./column-map.ts";
import { detect, type FormatName } from "./formats.ts";
import type { Input } from "./input.ts";
import type { TimeRule } from "./metadata.ts";
import { contentOf } from "./packing.ts";
import type { ParserContext, RecordParser, TimeChoice } from "./parser.ts";
import { badOption, refusal, refuse } from "./refusal.ts";
import { type RawRows, RowBuffer } from "./rows.ts";
import { isZip, zipContent, zipMembers } from "./zip.ts";

export interface TimeOptions {
  /** Model time of one instruction, where fetches are recorded. Default 1. */
  readonly nsPerInstruction: number;
  /** Model time of one access, where they are not. Default 1. */
  readonly nsPerAccess: number;
}

export interface RecordingOptions extends TimeOptions {
  readonly format?: FormatName | undefined;
  readonly columns?: Columns | undefined;
  /** What to make times from, where the format's default is not wanted. */
  readonly time?: TimeRule["rule"] | undefined;
}

export interface Recording {
  readonly name: string;
  readonly format: FormatName;
  readonly sampled: boolean;
  /** What times are made from. Between instructions and accesses the first rows decide, where nobody said. */
  timeRule: TimeRule["rule"];
  /** Lines or records of every kind, and those among them that mean nothing to us; as far as has been read. */
  entries: number;
  skipped: number;
  rows(): AsyncIterable<RawRows>;
}

/** The recorded time that all recordings of an import count from. */
export interface Origin {
  ns?: bigint;
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

const HEAD_BYTES = 65536;

export async function openRecording(
  input: Input,
  context: Omit<ParserContext, "timeOf" | "recorded">,
  options: RecordingOptions,
  origin: Origin,
): Promise<Recording> {
  const { name } = input;
  const told: ParserContext = {
    ...context,
    timeOf: (n) => (n > 1 ? Math.floor((n - 1) * options.nsPerInstruction) : 0),
  };
  try {
    const chunks = await content(input);
    const head = await headOf(chunks, HEAD_BYTES);
    if (head.length === 0) throw new Error("its content is empty");
    // A format that was told may well begin as a stream of Arrow does.
    if (options.format === undefined && isArrow(head))
      throw new Error("is an Arrow trace already: it is replayed as it is, or packed (mpam trace pack)");
    const { format, sampled, parser: start } = detect(head, head.length < HEAD_BYTES, name, options);
    const parser = start(told);
    const choice = timeChoice(name, format, parser.times, options.time);
    if (choice === "recorded") told.recorded = recordedTimes(origin);
    const recording: Recording = {
      name,
      format,
      sampled,
      timeRule: choice === "fetches" ? "instructions" : choice,
      entries: 0,
      skipped: 0,
      async *rows() {
        const clock = new AccessClock(options.nsPerAccess);
        let first = true;
        for await (const rows of parsed(parser, chunks(), recording)) {
          // A recording that starts without a fetch has none: an instruction stands before its accesses.
          if (first && choice === "fetches" && !rows.op.includes(OP_FETCH)) {
            if (options.time === "instructions")
              throw badOption(
                `${name}: records no fetches, so its instructions cannot be counted; take --time accesses`,
              );
            recording.timeRule = "accesses";
          }
          first = false;
          if (recording.timeRule === "accesses") clock.stamp(rows);
          yield rows;
        }
      },
    };
    return recording;
  } catch (error) {
    throw refusal(error, { name, offset: 0, good: 0 });
  }
}

function timeChoice(
  name: string,
  format: FormatName,
  times: readonly TimeChoice[],
  asked: TimeRule["rule"] | undefined,
): TimeChoice {
  if (asked === undefined) return times[0] as TimeChoice;
  const found = times.find((one) => one === asked || (one === "fetches" && asked === "instructions"));
  if (found !== undefined) return found;
  const rules = new Set(times.map((one) => (one === "fetches" ? "instructions" : one)));
  const lacks = asked === "recorded" ? "no times are recorded in it" : "it does not count instructions";
  throw badOption(`${name}: --time ${asked}: ${lacks} (${format}); ${[...rules].join(" or ")} is possible`);
}

/** Recorded times as ns since the first one that any recording of the import has. */
function recordedTimes(origin: Origin): (ns: bigint) => number {
  let last: bigint | undefined;
  return (ns) => {
    origin.ns ??= ns;
    if (last !== undefined && ns < last)
      throw new Error(`time goes back from ${last} to ${ns} ns; sort the records by time, or take --time accesses`);
    last = ns;
    const since = Number(ns - origin.ns);
    if (!Number.isSafeInteger(since))
      throw new Error(
        `recorded times are ${ns - origin.ns} ns apart; 2^53 ns (104 days) can be replayed: take --time accesses`,
      );
    return since;
  };
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
  recording: Recording,
): AsyncIterable<RawRows> {
  const { name } = recording;
  const buffer = new RowBuffer();
  let offset = 0;
  const read = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      throw refusal(error, { name, offset, at: parser.place, good: parser.records });
    } finally {
      recording.entries = parser.entries;
      recording.skipped = parser.skipped;
    }
  };
  try {
    for await (const chunk of chunks) {
      read(() => parser.push(chunk, buffer));
      offset += chunk.length;
      if (!buffer.hasRoom) yield buffer.take();
    }
  } catch (error) {
    throw refusal(error, { name, offset, good: parser.records });
  }
  let missing: string | undefined;
  read(() => {
    missing = parser.end(buffer);
  });
  if (missing !== undefined) throw refuse({ name, offset, good: parser.records }, missing);
  if (parser.records === 0) {
    const seen = parser.skipped > 0 ? `${parser.skipped} lines or records of other kinds were skipped` : "it has none";
    throw refuse({ name, offset, good: 0 }, `no memory access found (${seen}); it was read as ${recording.format}`);
  }
  if (buffer.rows > 0) yield buffer.take();
}
