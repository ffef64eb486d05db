// libCacheSim's oracleGeneral records of 24 bytes: u32 time in s, u64 object id, u32 size, i64 next access.
import { OP_READ } from "../machine/index.ts";
import { FixedParser } from "./fixed-parser.ts";
import { nobody, type ParserContext, type TimeChoice } from "./parser.ts";
import type { RowBuffer } from "./rows.ts";

export const ORACLE_BYTES = 24;

const LINE_BITS = 6;
/** What a Map holds at most. */
const MOST_OBJECTS = 2 ** 24;

/** Whether every whole record of the head could be one: times that do not go back, next accesses that lie ahead. */
export function looksLikeOracleGeneral(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let last = 0;
  let index = 0;
  for (let at = 0; at + ORACLE_BYTES <= head.length; at += ORACLE_BYTES) {
    const time = view.getUint32(at, true);
    const next = view.getBigInt64(at + 16, true);
    if (time < last || view.getUint32(at + 12, true) === 0) return false;
    if (next >= 0n ? next <= BigInt(index) : next < -2n) return false;
    last = time;
    index++;
  }
  return index > 0;
}

/**
 * An object is one line: with dense pages the n-th object seen is the n-th line, else its line number is its id. Its size is passed
 * over, because these are requests to caches of objects and not accesses to memory.
 */
export class OracleGeneralParser extends FixedParser {
  readonly times: readonly TimeChoice[] = ["accesses", "recorded"];
  #requester: number;
  #objects = new Map<number | bigint, number>();

  constructor(private readonly context: ParserContext) {
    super(ORACLE_BYTES);
    this.#requester = nobody(context);
  }

  protected override record(view: DataView, at: number, out: RowBuffer): void {
    const { recorded, addresses } = this.context;
    const time = recorded === undefined ? 0 : recorded(BigInt(view.getUint32(at, true)) * 1_000_000_000n);
    const idLow = view.getUint32(at + 4, true);
    const idHigh = view.getUint32(at + 8, true);
    if (addresses === "dense") {
      const byte = this.#object(idHigh, idLow) * 64;
      out.push(time, Math.floor(byte / 2 ** 32), byte >>> 0, 64, OP_READ, this.#requester);
    } else {
      if (idHigh >>> (32 - LINE_BITS) !== 0) {
        const id = (BigInt(idHigh) << 32n) | BigInt(idLow);
        throw new Error(`object ${id} times 64 is no 64-bit address; import with dense pages`);
      }
      const high = (idHigh << LINE_BITS) | (idLow >>> (32 - LINE_BITS));
      out.push(time, high >>> 0, (idLow << LINE_BITS) >>> 0, 64, OP_READ, this.#requester);
    }
    this.records++;
  }

  #object(high: number, low: number): number {
    // A double holds ids of 53 bits exactly, and is the faster key.
    const id = high <= 0x1f_ffff ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);
    let number = this.#objects.get(id);
    if (number === undefined) {
      number = this.#objects.size;
      if (number === MOST_OBJECTS)
        throw new Error(`more than ${MOST_OBJECTS} objects cannot be numbered; take fewer records (--take)`);
      this.#objects.set(id, number);
    }
    return number;
  }
}
