// How software reaches MSC registers: one path for memory-mapped parts and for parts behind firmware messages.

import { ErrnoError } from "../errno/index.ts";
import type { Holding } from "./lock.ts";

/** What an access is made under. */
export interface Access {
  /** What is held, for buses with a lock of their own. Default: nothing. */
  readonly under?: Holding;
  /** Ends waiting for that lock. An access that has begun is not interrupted. */
  readonly signal?: AbortSignal;
}

/**
 * Accesses of one MSC. 32-bit only, as the driver makes them; the Non-secure page unless another is named at creation. EINVAL: no
 * aligned offset; ENXIO: nothing answers; EIO: what answers failed.
 */
export interface Bus {
  /** True where an access may wait (firmware messages): interrupt handlers cannot use such a bus. */
  readonly sleeps: boolean;
  /** One word at an offset of the page, a multiple of 4. */
  read32(offset: number, access?: Access): Promise<number>;
  /** The same for a write. */
  write32(offset: number, value: number, access?: Access): Promise<void>;
}

/** A load that is not aligned is a fault of the caller, not a read of something else. */
export function checkOffset(offset: number): void {
  if (Number.isInteger(offset) && offset >= 0 && offset % 4 === 0) return;
  throw new ErrnoError("EINVAL", `bus: register offset ${offset}; a multiple of 4 from 0 up is allowed`);
}
