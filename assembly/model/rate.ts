// A number of bytes a second, in quanta: F(n) of docs/modelled.md, "Bandwidth".

import { root } from "../root";

const NS_PER_SECOND: u64 = 1_000_000_000;

@unmanaged
export class Rate {
  bytesPerSecond: u64;
  /** Bytes of a quantum, and the rest in 10^-9 bytes. */
  whole: u64;
  rest: u64;

  setRate(bytesPerSecond: u64): void {
    const r = root();
    this.bytesPerSecond = bytesPerSecond;
    // bytesPerSecond * quantumNs = whole * 10^9 + rest, without going past 64 bits.
    const seconds = r.quantumNs / NS_PER_SECOND;
    const ns = r.quantumNs % NS_PER_SECOND;
    const high = (bytesPerSecond / NS_PER_SECOND) * ns;
    const low = (bytesPerSecond % NS_PER_SECOND) * ns;
    this.whole = bytesPerSecond * seconds + high + low / NS_PER_SECOND;
    this.rest = low % NS_PER_SECOND;
  }

  /** Bytes in `n` quanta. */
  bytesIn(n: u64): u64 {
    // n * rest in two steps: the product may need more than 64 bits.
    const parts = (n / NS_PER_SECOND) * this.rest + ((n % NS_PER_SECOND) * this.rest) / NS_PER_SECOND;
    return n * this.whole + parts;
  }
}
