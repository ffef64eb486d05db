// How software reaches MSC registers: one path for memory-mapped parts and for parts behind firmware messages.

/** Accesses of one MSC. 32-bit only, as the driver makes them; the Non-secure page unless another is named at creation. */
export interface Bus {
  /** True where an access may wait (firmware messages): interrupt handlers cannot use such a bus. */
  readonly sleeps: boolean;
  read32(offset: number): Promise<number>;
  write32(offset: number, value: number): Promise<void>;
}
