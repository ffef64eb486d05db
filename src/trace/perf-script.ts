// Samples of memory accesses as `perf script -F comm,pid,tid,cpu,time,event,addr,phys_addr,data_src,weight` prints them: perf mem, Arm SPE.
import { OP_FETCH, OP_PREFETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import { TextNumber } from "./numbers.ts";
import { type ParserContext, type TimeChoice, unknownBytes } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";
import { TextParser } from "./text-parser.ts";

/** Longer lines are none of perf's. */
const MOST_SAMPLE = 2048;

interface Sample {
  readonly comm: string;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number | undefined;
  readonly ns: bigint;
  readonly event: string;
  /** Hexadecimal. */
  readonly address: string;
  readonly rest: string;
}

/**
 * `comm pid/tid [cpu] seconds.fraction: [period] event: address ...`. The time stands out; what is before it is read from its end,
 * because a comm may hold spaces.
 */
export function readSample(line: string): Sample | undefined {
  const time = /\s(\d{1,12})\.(\d{9}|\d{6}):\s/.exec(line);
  if (time === null) return undefined;
  const before = line.slice(0, time.index).trim().split(/\s+/);
  const cpu = /^\[(\d{1,6})\]$/.exec(before.at(-1) as string);
  if (cpu !== null) before.pop();
  const ids = /^(\d{1,10})(?:\/(\d{1,10}))?$/.exec(before.pop() ?? "");
  const after = /^\s*(?:\d+\s+)?(\S+):\s+([0-9a-fA-F]+)(?=\s|$)/.exec(line.slice(time.index + time[0].length));
  if (ids === null || after === null) return undefined;
  const pid = Number(ids[1]);
  return {
    comm: before.join(" "),
    pid,
    tid: ids[2] === undefined ? pid : Number(ids[2]),
    cpu: cpu === null ? undefined : Number(cpu[1]),
    ns: BigInt(time[1] as string) * 1_000_000_000n + BigInt((time[2] as string).padEnd(9, "0")),
    event: after[1] as string,
    address: after[2] as string,
    rest: line.slice(time.index + time[0].length + after[0].length),
  };
}

/** The data source says what the sample is; without one the event's name does. */
function opOf(sample: Sample): number {
  const source = /\|OP ([^|]*)/.exec(sample.rest)?.[1] ?? "N/A";
  const word = source.startsWith("N/A") ? sample.event : source;
  if (/store|write/i.test(word)) return OP_WRITE;
  if (/pfetch|prefetch/i.test(word)) return OP_PREFETCH;
  return /^exec/i.test(word) ? OP_FETCH : OP_READ;
}

export class PerfScriptParser extends TextParser {
  readonly times: readonly TimeChoice[] = ["recorded", "accesses"];
  #number = new TextNumber();
  #last = "";
  #lastEvent = "";

  constructor(private readonly context: ParserContext) {
    super();
  }

  protected override line(text: Uint8Array, start: number, end: number, out: RowBuffer): void {
    if (end === start) return;
    const line = end - start > MOST_SAMPLE ? "" : new TextDecoder().decode(text.subarray(start, end));
    const sample = line.startsWith("#") ? undefined : readSample(line);
    if (sample === undefined) {
      this.skipped++;
      return;
    }
    const digits = new TextEncoder().encode(sample.address);
    this.#number.hex(digits, 0, digits.length);
    const { high, low } = this.#number;
    // Arm SPE prints an access once for each event it stands under.
    const same = `${sample.tid} ${sample.cpu} ${sample.ns} ${sample.address}`;
    const again = same === this.#last && sample.event !== this.#lastEvent;
    if (!again) {
      this.#last = same;
      this.#lastEvent = sample.event;
    }
    // perf prints 0 for a sample without a data address.
    if (again || (high === 0 && low === 0)) {
      this.skipped++;
      return;
    }
    const { recorded } = this.context;
    const time = recorded === undefined ? 0 : recorded(sample.ns);
    out.push(time, high, low, unknownBytes(low), opOf(sample), this.#who(sample));
    this.records++;
  }

  #who(sample: Sample): number {
    const pid = this.context.pid ?? sample.pid;
    return this.context.requester({
      asid: pid,
      pid,
      tid: sample.tid,
      ...(this.context.cpus === "record" && sample.cpu !== undefined ? { cpu: sample.cpu } : {}),
      comm: this.context.comm ?? sample.comm,
    });
  }
}
