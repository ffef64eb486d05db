// T241-MPAM-1: registers outside the page that show what a chip has really taken in, and have to be seen and cleared
// before a new setting acts (linux-driver.md 2.5).

import type { CpuChoice, WidePort } from "../bus/index.ts";
import { ErrnoError } from "../errno/index.ts";

/** SMCCC SoC ID, version, of the only SoC that has them. */
export const T241_SOC_ID = 0x036b_0241;

const WORDS = 0x36_0048;
const SLICES = 12;
const SLICE_BYTES = 0x1_0000;
const ATTEMPTS = 1000;
const CLEARED = [0x1b_0000, 0x1c_0000] as const;

/** Where the window of the chip lies that a page belongs to. */
export function shadowWindow(page: number): number {
  const chip = Math.floor(page / 2 ** 43) % 4;
  return chip * 2 ** 44 + 0x1900_0000;
}

export class ShadowRegisters {
  /**
   * @param touch Names the cpu that makes the accesses.
   * @param warn Told each time that slices do not agree.
   */
  constructor(
    private readonly bus: WidePort,
    private readonly touch: CpuChoice,
    private readonly window: number,
    private readonly warn: (text: string) => void,
  ) {}

  /** Whether there is such a window: a platform may have the SoC's name and nothing there. */
  get answer(): boolean {
    try {
      this.#word(0, 0);
      return true;
    } catch (error) {
      if (error instanceof ErrnoError) return false;
      throw error;
    }
  }

  /** After each programming of `partid`. Gives up waiting for slices that do not agree. */
  scrub(partid: number): void {
    if (!this.#agree(partid)) {
      this.warn(`shadow registers at 0x${this.window.toString(16)} do not agree about PARTID ${partid}`);
    }
    for (const offset of CLEARED) this.bus.write({ ...this.#at(offset), value: 0n });
  }

  #agree(partid: number): boolean {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // All twelve each time: those that lag catch up by being read.
      const words = Array.from({ length: SLICES }, (_, slice) => this.#word(slice, partid));
      if (words.every((word) => word === words[0])) return true;
    }
    return false;
  }

  #word(slice: number, partid: number): bigint {
    return this.bus.read(this.#at(WORDS + slice * SLICE_BYTES + partid * 8));
  }

  #at(offset: number) {
    const cpu = this.touch();
    if (cpu === undefined) throw new ErrnoError("ENXIO", "shadow registers: no cpu that reaches them is online");
    return { cpu, space: "ns", address: this.window + offset, bytes: 8 } as const;
  }
}
