// ChampSim's instruction records, one file per core: input_instr of 64 bytes, and cloudsuite_instr of 96 bytes with an ASID.
import { OP_FETCH, OP_READ, OP_WRITE } from "../machine/index.ts";
import { FixedParser } from "./fixed-parser.ts";
import { nobody, type ParserContext, type TimeChoice, unknownBytes } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";

interface Layout {
  readonly bytes: number;
  /** Where the memory operands start: destinations first, then sources. */
  readonly destinations: number;
  readonly sources: number;
  readonly end: number;
  /** Where the ASID is, two bytes. */
  readonly asid?: number;
}

export const INPUT_INSTR: Layout = { bytes: 64, destinations: 16, sources: 32, end: 64 };
export const CLOUDSUITE_INSTR: Layout = { bytes: 96, destinations: 24, sources: 56, end: 88, asid: 88 };

const IS_BRANCH = 8;
const TAKEN = 9;
/** Instructions have no size in these records; most take four bytes. */
const INSTRUCTION_BYTES = 4;

/** Code goes on near where it was, but for calls into libraries. */
const NEAR = 2 ** 24;

/** Whether every whole record of the head could be one: flags that are flags, and an ip that is mostly near the one before. */
export function looksLikeChampSim(head: Uint8Array, layout: Layout): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let records = 0;
  let near = 0;
  let last = 0;
  for (let at = 0; at + layout.bytes <= head.length; at += layout.bytes) {
    const ip = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    if (ip === 0 || (head[at + IS_BRANCH] as number) > 1 || (head[at + TAKEN] as number) > 1) return false;
    if (records > 0 && Math.abs(ip - last) < NEAR) near++;
    last = ip;
    records++;
  }
  return records > 0 && near >= (records - 1) / 2;
}

/** The space of a file's own, for records without an ASID: past every ASID of 16 bits. */
const OWN_SPACE = 0x10000;

export class ChampSimParser extends FixedParser {
  readonly times: readonly TimeChoice[] = ["fetches", "accesses"];
  #requester = -1;
  #asid = -1;

  constructor(
    private readonly context: ParserContext,
    private readonly layout: Layout,
  ) {
    super(layout.bytes);
  }

  /** The instruction is fetched, then loads, then stores. An operand of 0 is none. */
  protected override record(view: DataView, at: number, out: RowBuffer): void {
    const { destinations, sources, end, asid } = this.layout;
    const flag = view.getUint8(at + IS_BRANCH) | view.getUint8(at + TAKEN);
    if (flag > 1) {
      const other = this.layout === INPUT_INSTR ? "cloudsuite" : "champsim";
      throw new Error(`a branch flag is ${flag}; 0 or 1 is right: perhaps these are records of --format ${other}`);
    }
    const requester = asid === undefined ? this.#self() : this.#space(view.getUint16(at + asid, true));
    const time = this.context.timeOf(this.entries);
    const ip = view.getUint32(at, true);
    const ipHigh = view.getUint32(at + 4, true);
    out.push(time, ipHigh, ip, Math.min(INSTRUCTION_BYTES, 64 - (ip & 63)), OP_FETCH, requester);
    this.records++;
    for (let operand = sources; operand < end; operand += 8) this.#access(view, at + operand, OP_READ, time, out);
    for (let operand = destinations; operand < sources; operand += 8)
      this.#access(view, at + operand, OP_WRITE, time, out);
  }

  #access(view: DataView, at: number, op: number, time: number, out: RowBuffer): void {
    const low = view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    if (low === 0 && high === 0) return;
    out.push(time, high, low, unknownBytes(low), op, this.#requester);
    this.records++;
  }

  #self(): number {
    if (this.#requester < 0) this.#requester = nobody(this.context);
    return this.#requester;
  }

  #space(asid: number): number {
    if (asid !== this.#asid) {
      this.#asid = asid;
      const pid = this.context.pid ?? this.context.fallbackPid;
      this.#requester = this.context.requester({
        // 0 and all ones say that there is none.
        asid: asid === 0 || asid === 0xffff ? OWN_SPACE + pid : asid,
        pid,
        tid: pid,
        ...(this.context.comm === undefined ? {} : { comm: this.context.comm }),
      });
    }
    return this.#requester;
  }
}
