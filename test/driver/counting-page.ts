// A register page whose monitors count what a test sends past them, and hold what it says they hold.

import type { PlainRis, Request } from "../helpers/plain-driver.ts";
import { FakePage, type PageOptions } from "./page.ts";

interface Sent {
  readonly partid: number;
  readonly pmg: number;
  readonly write: boolean;
  /** A multiple of 64. */
  readonly bytes: bigint;
}

interface Line {
  readonly partid: number;
  readonly pmg: number;
  readonly dirty: boolean;
  readonly bytes: bigint;
}

const EN = 0x8000_0000;
const NRDY = 0x8000_0000;
const MATCH_PMG = 0x0002_0000;

export class CountingPage extends FakePage {
  readonly #held = new Map<number, readonly Line[]>();
  /** By RIS, monitor and type: how many of the next readings are not ready. */
  readonly #notReady = new Map<string, number>();
  #lowSeen = false;

  constructor(
    options: PageOptions,
    private readonly counter: 31 | 44 | 63,
    private readonly unit: bigint,
  ) {
    super(options);
    this.monitorValue = (ris, mon, offset) => this.#value(ris, mon, offset);
  }

  /** Every enabled monitor that is sensitive to it counts it, and wraps. */
  send({ ris, mbwu }: PlainRis, { partid, pmg, write, bytes }: Sent): void {
    for (let mon = 0; mon < (mbwu?.monitors ?? 0); mon++) {
      const [ctl, flt] = [this.monitor(ris, mon, 0x828) ?? 0, this.monitor(ris, mon, 0x820) ?? 0];
      const [label, rwbw] = [(flt >>> 16) & 0xff, flt >>> 30];
      const other = (flt & 0xffff) !== partid || ((ctl & MATCH_PMG) !== 0 && label !== pmg);
      if ((ctl & EN) === 0 || other || (mbwu?.rwbw && rwbw !== 0 && (rwbw === 1) !== write)) continue;
      const sum = this.#count(ris, mon) + bytes / this.unit;
      this.#setCount(ris, mon, BigInt.asUintN(this.counter, sum));
      const status = this.counter === 31 ? 0x0400_0000 : 0x8000;
      if (sum >> BigInt(this.counter) > 0n) this.setMonitor(ris, mon, 0x828, (ctl | status) >>> 0);
    }
  }

  hold(ris: number, lines: readonly Line[]): void {
    this.#held.set(ris, lines);
  }

  delay(ris: number, type: Request["type"], mon: number, reads: number): void {
    this.#notReady.set(`${type} ${ris} ${mon}`, reads);
  }

  #count(ris: number, mon: number): bigint {
    if (this.counter === 31) return BigInt(this.monitor(ris, mon, 0x860) ?? 0);
    return (BigInt(this.monitor(ris, mon, 0x884) ?? 0) << 32n) | BigInt(this.monitor(ris, mon, 0x880) ?? 0);
  }

  #setCount(ris: number, mon: number, value: bigint): void {
    if (this.counter === 31) this.setMonitor(ris, mon, 0x860, Number(value));
    else {
      this.setMonitor(ris, mon, 0x880, Number(BigInt.asUintN(32, value)));
      this.setMonitor(ris, mon, 0x884, Number(value >> 32n));
    }
  }

  #value(ris: number, mon: number, offset: number): number | undefined {
    if (offset === 0x840) return (this.#occupancy(ris, mon) | this.#nrdy(`csu ${ris} ${mon}`, true)) >>> 0;
    // A long value is read high, low, high: it is one reading that ends with the second high word.
    if (offset === 0x880) this.#lowSeen = true;
    if (offset !== (this.counter === 31 ? 0x860 : 0x884)) return undefined;
    const ends = this.counter === 31 || this.#lowSeen;
    this.#lowSeen = false;
    return ((this.monitor(ris, mon, offset) ?? 0) | this.#nrdy(`mbwu ${ris} ${mon}`, ends)) >>> 0;
  }

  #occupancy(ris: number, mon: number): number {
    const [ctl, flt] = [this.monitor(ris, mon, 0x818) ?? 0, this.monitor(ris, mon, 0x810) ?? 0];
    const seen = (this.#held.get(ris) ?? []).filter(
      ({ partid, pmg, dirty }) =>
        partid === (flt & 0xffff) &&
        ((ctl & MATCH_PMG) === 0 || pmg === ((flt >>> 16) & 0xff)) &&
        (dirty || flt >>> 31 === 0),
    );
    return Number(seen.reduce((sum, { bytes }) => sum + bytes, 0n));
  }

  #nrdy(which: string, ends: boolean): number {
    const left = this.#notReady.get(which) ?? 0;
    if (left === 0) return 0;
    if (ends) this.#notReady.set(which, left - 1);
    return NRDY;
  }
}
