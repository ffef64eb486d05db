// The physical address map: windows in which something answers, and who may reach them.

import { ErrnoError } from "../errno/index.ts";
import type { Space } from "../platform/index.ts";
import type { Caller } from "./pages.ts";

/** Sizes of accesses. */
export type AccessBytes = 1 | 2 | 4 | 8;

/** A load or a store of a cpu. */
export interface BusAccess {
  readonly cpu: number;
  readonly space: Space;
  readonly address: number;
  readonly bytes: AccessBytes;
  /** Who makes it, for those who watch; the cpu, unless it is named. */
  readonly by?: string;
}

/** What answers in a range of addresses. Offsets are from `start`, and multiples of the bytes of the access. */
export interface BusWindow {
  /** A multiple of 64 KiB. */
  readonly start: number;
  /** Below 2 GiB. */
  readonly bytes: number;
  /** Throws EINVAL for a size that is not taken there, ENXIO for a space or a cpu that it is not open to. */
  admit(offset: number, bytes: AccessBytes, space: Space, cpu: number): void;
  /** A word, or less of it, that was admitted. 8 bytes are two words, low first (registers.md 1.3). */
  load(offset: number, bytes: 1 | 2 | 4, space: Space, by: Caller): number;
  /** As `load`. */
  store(offset: number, bytes: 1 | 2 | 4, value: number, space: Space, by: Caller): void;
}

/** Which cpus there are, and which of them make accesses. */
interface BusCpus {
  readonly length: number;
  isOnline(cpu: number): boolean;
}

/** Found where no window is: no address lies in it. */
const NOWHERE = { start: Number.NaN, bytes: 0 } as BusWindow;

/**
 * Accesses by physical address. Throws EINVAL for another size or a misaligned address, ENXIO where nothing answers: an address,
 * a space or a cpu that a window is not open to, or a cpu that is offline.
 */
export class PhysicalBus {
  /** By address. */
  readonly #windows: readonly BusWindow[];
  readonly #starts: Float64Array;
  /** Accesses often stay where the last one was. */
  #last: BusWindow = NOWHERE;
  #caller: { readonly by: string; readonly cpu: number } = { by: "", cpu: 0 };

  /** @param windows None lies over another: the check of the platform sees to that. */
  constructor(
    windows: readonly BusWindow[],
    private readonly cpus: BusCpus,
  ) {
    this.#windows = windows.toSorted((a, b) => a.start - b.start);
    this.#starts = Float64Array.from(this.#windows, ({ start }) => start);
  }

  /** A load, unsigned. */
  read({ cpu, space, address, bytes, by }: BusAccess): bigint {
    const window = this.#open(cpu, space, address, bytes);
    const offset = address - window.start;
    const caller = by === undefined ? cpu : this.#named(by, cpu);
    if (bytes !== 8) return BigInt(window.load(offset, bytes, space, caller));
    const low = BigInt(window.load(offset, 4, space, caller));
    return low | (BigInt(window.load(offset + 4, 4, space, caller)) << 32n);
  }

  /** A store; bits of `value` past its size are cut. */
  write({ cpu, space, address, bytes, by, value }: BusAccess & { readonly value: bigint }): void {
    const window = this.#open(cpu, space, address, bytes);
    const offset = address - window.start;
    const narrow = bytes === 8 ? 4 : bytes;
    const caller = by === undefined ? cpu : this.#named(by, cpu);
    window.store(offset, narrow, Number(BigInt.asUintN(8 * narrow, value)), space, caller);
    if (bytes === 8) window.store(offset + 4, 4, Number(BigInt.asUintN(32, value >> 32n)), space, caller);
  }

  /** A word, unsigned. `by` as in BusAccess. */
  load32(cpu: number, space: Space, address: number, by?: string): number {
    const window = this.#open(cpu, space, address, 4);
    return window.load(address - window.start, 4, space, by === undefined ? cpu : this.#named(by, cpu));
  }

  /** A store of a word; bits past 32 are cut. */
  store32(cpu: number, space: Space, address: number, value: number, by?: string): void {
    const window = this.#open(cpu, space, address, 4);
    window.store(address - window.start, 4, value >>> 0, space, by === undefined ? cpu : this.#named(by, cpu));
  }

  #open(cpu: number, space: Space, address: number, bytes: AccessBytes): BusWindow {
    const window = this.#find(address);
    // Windows are aligned as no access is: the alignment of the offset is that of the address.
    const offset = (address - window.start) | 0;
    const isAligned = window.start + offset === address && (offset & (bytes - 1)) === 0;
    if (!isAligned || !isSize(bytes) || !this.cpus.isOnline(cpu)) throw this.#refusal(cpu, space, address, bytes);
    window.admit(offset, bytes, space, cpu);
    return window;
  }

  #refusal(cpu: number, space: Space, address: number, bytes: number): ErrnoError {
    if (!isSize(bytes) || address % bytes !== 0) {
      return new ErrnoError("EINVAL", `${bytes} bytes at ${hex(address)}: 1, 2, 4 or 8 bytes, naturally aligned`);
    }
    if (this.cpus.isOnline(cpu)) return nothing(address, space);
    const there = Number.isInteger(cpu) && cpu >= 0 && cpu < this.cpus.length;
    return new ErrnoError("ENXIO", there ? `cpu ${cpu} is offline` : `there is no cpu ${cpu}`);
  }

  #find(address: number): BusWindow {
    const last = this.#last;
    if (address >= last.start && address < last.start + last.bytes) return last;
    const starts = this.#starts;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) <= address) low = middle + 1;
      else high = middle;
    }
    const window = this.#windows[low - 1];
    if (!window || address >= window.start + window.bytes) return NOWHERE;
    this.#last = window;
    return window;
  }

  /** One object for accesses that follow each other. */
  #named(by: string, cpu: number): Caller {
    if (this.#caller.by !== by || this.#caller.cpu !== cpu) this.#caller = { by, cpu };
    return this.#caller;
  }
}

function isSize(bytes: number): bytes is AccessBytes {
  return bytes === 4 || bytes === 8 || bytes === 1 || bytes === 2;
}

export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}

/** For windows, of an access in a space that they do not know. */
export function nothing(address: number, space: Space): ErrnoError {
  return new ErrnoError("ENXIO", `nothing answers at ${hex(address)} in space ${space}`);
}
