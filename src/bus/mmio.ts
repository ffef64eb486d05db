// Accesses that reach a register page at once, as loads and stores do.

import { ErrnoError } from "../errno/index.ts";
import type { Bus } from "./bus.ts";

/** The address spaces a register page exists in: Non-secure, Secure, Root, Realm. */
export type BusSpace = "ns" | "s" | "rt" | "rl";

/** What this bus asks of a machine: one aligned 32-bit access of the MSC with that number. `by`: who makes it, for logs. */
export interface RegisterPort {
  read32(msc: number, offset: number, space: BusSpace, by?: string): number;
  write32(msc: number, offset: number, value: number, space: BusSpace, by?: string): void;
}

/** One MSC of a machine. An access has taken effect before the promise is handed out; values are unsigned. */
export class MmioBus implements Bus {
  readonly sleeps = false;

  constructor(
    private readonly port: RegisterPort,
    readonly msc: number,
    readonly space: BusSpace = "ns",
    /** What a log of accesses calls whoever uses this bus. */
    readonly by = "driver",
  ) {}

  async read32(offset: number): Promise<number> {
    checkOffset(offset);
    return this.port.read32(this.msc, offset, this.space, this.by) >>> 0;
  }

  async write32(offset: number, value: number): Promise<void> {
    checkOffset(offset);
    this.port.write32(this.msc, offset, value >>> 0, this.space, this.by);
  }
}

/** A load that is not aligned is a fault of the caller, not a read of something else. */
function checkOffset(offset: number): void {
  if (Number.isInteger(offset) && offset >= 0 && offset % 4 === 0) return;
  throw new ErrnoError("EINVAL", `bus: register offset ${offset}; a multiple of 4 from 0 up is allowed`);
}
