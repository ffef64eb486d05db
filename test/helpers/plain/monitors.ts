/** The two kinds of monitor: CSU measures what a cache holds, MBWU counts what passes (IHI 0099, MSMON registers). */
import type { SubjectLabel } from "../subject.ts";

/** What one record made pass the point where MBWU monitors sit. */
export interface Crossing {
  readonly label: SubjectLabel;
  readonly write: boolean;
  readonly bytes: number;
}

const MBWU_TYPE = 0x42;
const CSU_TYPE = 0x43;

/** The filter that both kinds share. The space was compared before: a monitor sees its own bank's PARTIDs only. */
class Filter {
  partid = 0;
  pmg = 0;
  matchPartid = false;
  matchPmg = false;

  accepts(label: SubjectLabel): boolean {
    if (this.matchPartid && label.partid !== this.partid) return false;
    if (this.matchPmg && label.pmg !== this.pmg) return false;
    return true;
  }

  readFlt(): number {
    return (this.pmg << 16) | this.partid;
  }

  writeFlt(value: number): void {
    this.pmg = (value >>> 16) & 0xff;
    this.partid = value & 0xffff;
  }

  readCtl(): number {
    return (this.matchPmg ? 1 << 17 : 0) | (this.matchPartid ? 1 << 16 : 0);
  }

  writeCtl(value: number): void {
    this.matchPmg = bit(value, 17);
    this.matchPartid = bit(value, 16);
  }
}

/** A cache storage usage monitor. Overflow cannot happen, so its fields are RAZ/WI. */
export class CsuMonitor {
  readonly #filter = new Filter();
  #enabled = false;
  /** What VALUE reads while the monitor is off. */
  #held = 0;
  #readyAt = 0;

  /** @param measure bytes now held by lines whose label is accepted @param now the clock, ns @param nrdyNs time a change needs */
  constructor(
    private readonly measure: (accepts: (label: SubjectLabel) => boolean) => number,
    private readonly now: () => number,
    private readonly nrdyNs: number,
  ) {}

  readFlt(): number {
    return this.#filter.readFlt();
  }

  writeFlt(value: number): void {
    this.#filter.writeFlt(value);
    this.#disturbed();
  }

  readCtl(): number {
    return ((this.#enabled ? 0x8000_0000 : 0) | this.#filter.readCtl() | CSU_TYPE) >>> 0;
  }

  writeCtl(value: number): void {
    // What was measured last is kept, and it was measured with the old filter.
    if (this.#enabled && !bit(value, 31)) this.#held = this.#measured();
    this.#enabled = bit(value, 31);
    this.#filter.writeCtl(value);
    this.#disturbed();
  }

  readValue(): number {
    const nrdy = this.now() < this.#readyAt ? 0x8000_0000 : 0;
    return (nrdy | (this.#enabled ? this.#measured() : this.#held)) >>> 0;
  }

  writeValue(value: number): void {
    this.#held = value & 0x7fff_ffff;
    this.#disturbed();
  }

  #measured(): number {
    return this.measure((label) => this.#filter.accepts(label)) & 0x7fff_ffff;
  }

  #disturbed(): void {
    if (this.#enabled) this.#readyAt = this.now() + this.nrdyNs;
  }
}

/** One number of an MBWU monitor: MSMON_MBWU or MSMON_MBWU_L. Both count the same filter, and each is written for itself. */
class Counter {
  value = 0n;
  nrdy = false;
  status = false;
  interrupt = false;
  frozen = false;

  constructor(readonly bits: number) {}

  get asserted(): boolean {
    return this.status && this.interrupt;
  }

  /** True when the number wrapped. */
  add(bytes: number): boolean {
    if (this.frozen) return false;
    const sum = this.value + BigInt(bytes);
    this.value = BigInt.asUintN(this.bits, sum);
    const wrapped = sum !== this.value;
    if (wrapped) this.status = true;
    return wrapped;
  }

  write(value: bigint, nrdy: boolean): void {
    this.value = BigInt.asUintN(this.bits, value);
    this.nrdy = nrdy;
    this.status = false;
    this.frozen = false;
  }
}

/** A memory bandwidth usage monitor. */
export class MbwuMonitor {
  readonly #filter = new Filter();
  #rwbw = 0;
  #enabled = false;
  #freezes = false;
  readonly #short = new Counter(31);
  readonly #long: Counter | undefined;

  constructor(
    counter: 31 | 44 | 63,
    private readonly hasRwbw: boolean,
  ) {
    this.#long = counter === 31 ? undefined : new Counter(counter);
  }

  /** All that one record made pass is one step: counted together, and looked at once for overflow. */
  count(crossings: readonly Crossing[]): void {
    if (!this.#enabled) return;
    let bytes = 0;
    for (const crossing of crossings) {
      if (this.#filter.accepts(crossing.label) && this.#acceptsDirection(crossing.write)) bytes += crossing.bytes;
    }
    const views = this.#long === undefined ? [this.#short] : [this.#short, this.#long];
    const wrapped = views.map((view) => view.add(bytes));
    if (this.#freezes && wrapped.includes(true)) for (const view of views) view.frozen = true;
  }

  /** RWBW: 00 both directions, 01 writes, 10 reads, 11 reserved and here nothing. */
  #acceptsDirection(write: boolean): boolean {
    if (this.#rwbw === 0) return true;
    return this.#rwbw === (write ? 1 : 2);
  }

  /** Wired interrupt: held up until the status is cleared. */
  get asserted(): boolean {
    return this.#short.asserted || this.#long?.asserted === true;
  }

  readFlt(): number {
    return ((this.#rwbw << 30) | this.#filter.readFlt()) >>> 0;
  }

  writeFlt(value: number): void {
    this.#filter.writeFlt(value);
    this.#rwbw = this.hasRwbw ? value >>> 30 : 0;
  }

  readCtl(): number {
    let value = this.#filter.readCtl() | MBWU_TYPE;
    if (this.#enabled) value |= 1 << 31;
    if (this.#short.status) value |= 1 << 26;
    if (this.#short.interrupt) value |= 1 << 25;
    if (this.#freezes) value |= 1 << 24;
    if (this.#long?.status) value |= 1 << 15;
    if (this.#long?.interrupt) value |= 1 << 14;
    return value >>> 0;
  }

  writeCtl(value: number): void {
    this.#filter.writeCtl(value);
    this.#enabled = bit(value, 31);
    this.#short.status = bit(value, 26);
    this.#short.interrupt = bit(value, 25);
    this.#freezes = bit(value, 24);
    if (this.#long !== undefined) {
      this.#long.status = bit(value, 15);
      this.#long.interrupt = bit(value, 14);
    }
  }

  readShort(): number {
    return Number(this.#short.value) + (this.#short.nrdy ? 0x8000_0000 : 0);
  }

  writeShort(value: number): void {
    this.#short.write(BigInt(value & 0x7fff_ffff), bit(value, 31));
  }

  /** Words of MSMON_MBWU_L; without a long counter they do not exist and read 0. */
  readLongLow(): number {
    return this.#long === undefined ? 0 : Number(this.#long.value & 0xffff_ffffn);
  }

  readLongHigh(): number {
    return this.#long === undefined ? 0 : Number(this.#long.value >> 32n) + (this.#long.nrdy ? 0x8000_0000 : 0);
  }

  writeLongLow(value: number): void {
    this.#long?.write(((this.#long.value >> 32n) << 32n) | BigInt(value >>> 0), this.#long.nrdy);
  }

  writeLongHigh(value: number): void {
    const high = BigInt(value & 0x7fff_ffff) << 32n;
    this.#long?.write(high | (this.#long.value & 0xffff_ffffn), bit(value, 31));
  }
}

function bit(value: number, position: number): boolean {
  return ((value >>> position) & 1) === 1;
}
