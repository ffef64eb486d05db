// The address rule (design section 8): pages numbered by first touch within each address space, or addresses as recorded.
import { ErrnoError } from "../errno/index.ts";
import type { TraceSpace } from "../machine/index.ts";

/** Pages numbered as they are first touched, or addresses as they were recorded. */
export type AddressRule = "dense" | "identity";

export const PAGE_SIZES: readonly number[] = [4096, 16384, 65536, 2 * 1024 * 1024];

/** Pages of one address space: what a Map or a Set holds at most. */
export const MOST_PAGES = 2 ** 24;

export function checkedPageBytes(pageBytes: number): number {
  if (PAGE_SIZES.includes(pageBytes)) return pageBytes;
  throw new ErrnoError("EINVAL", `page size ${pageBytes}: 4096, 16384, 65536 and 2097152 bytes are known`);
}

/** One address space under the rule. */
export class SpacePages {
  #numbers = new Map<number, number>();
  #shift: number;
  #lastKey = -1;
  #lastBase = 0;
  #reach = 0;

  constructor(
    readonly asid: number,
    private readonly rule: AddressRule,
    private readonly pageBytes: number,
  ) {
    this.#shift = 31 - Math.clz32(pageBytes);
  }

  /** The address after the rule; undefined when it does not fit 53 bits. */
  place(high: number, low: number, bytes: number): number | undefined {
    if (this.rule === "identity" && high > 0x1f_ffff) return undefined;
    const key = high * 2 ** (32 - this.#shift) + (low >>> this.#shift);
    if (key !== this.#lastKey) {
      let number = this.#numbers.get(key);
      if (number === undefined) {
        number = this.#numbers.size;
        if (number === MOST_PAGES) {
          throw new Error(
            `address space ${this.asid} has more than ${MOST_PAGES} pages of ${this.pageBytes} bytes; import with larger pages (--page-bytes), or take fewer records (--take)`,
          );
        }
        this.#numbers.set(key, number);
      }
      this.#lastKey = key;
      this.#lastBase = (this.rule === "dense" ? number : key) * this.pageBytes;
    }
    const within = low & (this.pageBytes - 1);
    // A record is placed by its first byte; where it crosses into the next page, the footprint must still hold its end.
    if (within + bytes > this.pageBytes && this.rule === "dense") {
      this.#reach = Math.max(this.#reach, Math.ceil((this.#lastBase + within + bytes) / this.pageBytes));
    }
    return this.#lastBase + within;
  }

  get pages(): number {
    return Math.max(this.#numbers.size, this.#reach);
  }
}

/** All spaces of a trace, in order of first appearance. */
export class Spaces {
  #byAsid = new Map<number, SpacePages>();

  constructor(
    private readonly rule: AddressRule,
    private readonly pageBytes: number,
  ) {}

  of(asid: number): SpacePages {
    let space = this.#byAsid.get(asid);
    if (space === undefined) {
      space = new SpacePages(asid, this.rule, this.pageBytes);
      this.#byAsid.set(asid, space);
    }
    return space;
  }

  list(): TraceSpace[] {
    return [...this.#byAsid.values()].map((space) => ({ asid: space.asid, pages: space.pages }));
  }
}
