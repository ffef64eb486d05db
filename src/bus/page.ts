// Accesses that name an MSC by its number, for software that sits beside the machine: no address map, and no cpu is asked.

import { type Bus, checkOffset } from "./bus.ts";
import type { BusSpace } from "./mmio.ts";

/** What this bus asks of a machine: one aligned 32-bit access of the MSC with that number. `by`: who makes it, for logs. */
export interface RegisterPort {
  read32(msc: number, offset: number, space: BusSpace, by?: string): number;
  write32(msc: number, offset: number, value: number, space: BusSpace, by?: string): void;
}

/** One MSC of a machine. An access has taken effect before the promise is handed out; values are unsigned. */
export class PageBus implements Bus {
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
