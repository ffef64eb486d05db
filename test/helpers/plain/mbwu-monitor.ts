/** A memory bandwidth usage monitor: counts what passes, in a window of 31 bits and perhaps a long one (IHI 0099, MSMON_MBWU and _L). */
import type { SubjectLabel, SubjectRis } from "../subject.ts";
import { bit, flag } from "./bits.ts";
import { clearsStatus } from "./csu-monitor.ts";
import {
  CAPT_RESET,
  CEVNT_OFLW,
  commonFields,
  EN,
  MonitorWords,
  OFLOW_CAPT,
  OFLOW_CAPT_L,
  OFLOW_FRZ,
  OFLOW_INTR,
  OFLOW_INTR_L,
  OFLOW_STATUS,
  OFLOW_STATUS_L,
  SCLEN,
} from "./monitor-words.ts";
import { NotReady } from "./not-ready.ts";
import type { Part } from "./part.ts";
import { CaptureRegister, type Reading, readingOf, withHighWord, withLowWord } from "./value-word.ts";

/** What one record made pass the point where MBWU monitors sit. */
export interface Crossing {
  readonly label: SubjectLabel;
  readonly write: boolean;
  readonly bytes: number;
}

const TYPE = 0x42;
const RWBW = 30;
/** T241-MPAM-6: units of 64 bytes. */
const UNIT_BITS = 6;

/** One of the two numbers. Both count the same filter, and each is written for itself. */
interface Window {
  readonly bits: number;
  readonly status: number;
  readonly intr: number;
  readonly capt: number;
  readonly notReady: NotReady;
  readonly captured: CaptureRegister;
  bytes: bigint;
  frozen: boolean;
}

export class MbwuMonitor {
  readonly words: MonitorWords;
  readonly #short: Window;
  readonly #long: Window | undefined;
  readonly #windows: readonly Window[];
  readonly #scale: number;
  /** How many bits of the bytes are less than what is counted in. */
  readonly #unitBits: number;

  constructor(
    private readonly has: NonNullable<SubjectRis["mbwu"]>,
    private readonly part: Part,
    now: () => number,
  ) {
    this.#scale = has.scale ?? 0;
    this.#unitBits = part.suffers("T241-MPAM-6") ? UNIT_BITS : 0;
    const hasLong = has.counter !== 31;
    let ctl = commonFields(has) + flag(true, OFLOW_STATUS) + flag(true, OFLOW_FRZ);
    ctl += flag(has.capture, CAPT_RESET);
    ctl += flag(part.hasOverflowInterrupt, OFLOW_INTR);
    ctl += flag(this.#scale > 0, SCLEN);
    ctl += flag(hasLong, OFLOW_STATUS_L);
    ctl += flag(hasLong && part.hasOverflowInterrupt, OFLOW_INTR_L);
    ctl += flag(hasLong && has.oflowCapt, OFLOW_CAPT_L);
    this.words = new MonitorWords(TYPE, 0x00ff_ffff + (has.rwbw ? 3 * 2 ** RWBW : 0), ctl);

    const notReady = (): NotReady => new NotReady(has.nrdy ?? "sw", now, part.nrdyNs);
    this.#short = {
      bits: 31,
      status: OFLOW_STATUS,
      intr: OFLOW_INTR,
      capt: OFLOW_CAPT,
      notReady: notReady(),
      captured: new CaptureRegister(31),
      bytes: 0n,
      frozen: false,
    };
    if (hasLong) {
      this.#long = {
        bits: has.counter,
        status: OFLOW_STATUS_L,
        intr: OFLOW_INTR_L,
        capt: OFLOW_CAPT_L,
        // Hardware is ready with both windows or with none; software has a bit for each.
        notReady: has.nrdy === "hw" ? this.#short.notReady : notReady(),
        captured: new CaptureRegister(has.counter),
        bytes: 0n,
        frozen: false,
      };
    }
    this.#windows = this.#long === undefined ? [this.#short] : [this.#short, this.#long];
  }

  get overflowed(): boolean {
    return this.#windows.some(({ status }) => this.words.is(status));
  }

  /** Whether the monitor holds a wired interrupt up. */
  get asserted(): boolean {
    return this.#windows.some(({ status, intr }) => this.words.is(status) && this.words.is(intr));
  }

  /**
   * All that one record made pass is one step: counted together, and looked at once for overflow. Returns how many overflows are to
   * interrupt: those that found their status 0 and their interrupt enabled.
   */
  count(crossings: readonly Crossing[]): number {
    if (!this.words.is(EN)) return 0;
    let bytes = 0n;
    for (const { label, write, bytes: passed } of crossings) {
      if (this.words.accepts(label) && this.#acceptsDirection(write)) bytes += BigInt(passed);
    }
    const wrapped = this.#windows.filter((window) => this.#add(window, bytes));
    if (wrapped.length > 0 && this.words.is(OFLOW_FRZ)) this.#freeze();
    let raised = 0;
    for (const window of wrapped) {
      if (!this.words.is(window.status) && this.words.is(window.intr)) raised += 1;
      this.words.put(window.status, true);
      if (this.words.is(window.capt)) this.#copy([window]);
    }
    return raised;
  }

  /** A capture event that the monitor is sensitive to. */
  capture(): void {
    const windows = this.#windows;
    if (!this.words.is(CEVNT_OFLW)) {
      this.#copy(windows);
      return;
    }
    for (const { status } of windows) this.words.put(status, true);
    if (this.words.is(OFLOW_FRZ)) this.#freeze();
    this.#copy(windows.filter(({ capt }) => this.words.is(capt)));
  }

  writeFlt(value: number): void {
    this.words.writeFlt(value);
    this.#disturbed();
  }

  writeCtl(value: number): void {
    const wasScaled = this.words.is(SCLEN);
    this.words.writeCtl(value);
    if (wasScaled && !this.words.is(SCLEN)) this.#short.bytes = BigInt.asUintN(31, this.#short.bytes);
    if (this.part.config.unfreeze === "value-or-frz" && !bit(value, OFLOW_FRZ)) {
      for (const window of this.#windows) window.frozen = false;
    }
    this.#disturbed();
  }

  read(): Reading {
    return this.#reading(this.#short);
  }

  write(word: number): void {
    this.#write(this.#short, readingOf(word));
  }

  readLong(): Reading {
    return this.#long === undefined ? { value: 0n, nrdy: false } : this.#reading(this.#long);
  }

  writeLongLow(word: number): void {
    if (this.#long !== undefined) this.#write(this.#long, withLowWord(this.#reading(this.#long), word));
  }

  writeLongHigh(word: number): void {
    if (this.#long !== undefined) this.#write(this.#long, withHighWord(this.#reading(this.#long), word));
  }

  get captured(): CaptureRegister {
    return this.#short.captured;
  }

  get capturedLong(): CaptureRegister | undefined {
    return this.#long?.captured;
  }

  /** RWBW: 00 both directions, 01 writes, 10 reads, 11 reserved and here nothing. */
  #acceptsDirection(write: boolean): boolean {
    const rwbw = this.words.readFlt() >>> RWBW;
    if (rwbw === 0) return true;
    return rwbw === (write ? 1 : 2);
  }

  /** True when the number wrapped. */
  #add(window: Window, bytes: bigint): boolean {
    if (window.frozen) return false;
    const sum = window.bytes + bytes;
    window.bytes = BigInt.asUintN(window.bits + this.#shift(window), sum);
    return window.bytes !== sum;
  }

  #freeze(): void {
    for (const window of this.#windows) window.frozen = true;
  }

  #copy(windows: readonly Window[]): void {
    if (this.has.capture !== true) return;
    for (const window of windows) window.captured.set(this.#reading(window));
    for (const window of windows) {
      window.notReady.clear();
      if (this.words.is(CAPT_RESET)) window.bytes = 0n;
    }
  }

  /** How far the bytes are shifted right to be shown. A part that counts units has no scale. */
  #shift(window: Window): number {
    return this.#unitBits + this.#rounded(window);
  }

  /** By how much of that the number shown is rounded. */
  #rounded(window: Window): number {
    return window === this.#short && this.words.is(SCLEN) ? this.#scale : 0;
  }

  #reading(window: Window): Reading {
    const shift = this.#shift(window);
    const half = this.#rounded(window) > 0 && this.part.config.scaleRounding !== "floor" ? 1n << BigInt(shift - 1) : 0n;
    const shown = (window.bytes + half) >> BigInt(shift);
    const largest = (1n << BigInt(window.bits)) - 1n;
    return { value: shown > largest ? largest : shown, nrdy: window.notReady.value };
  }

  #write(window: Window, { value, nrdy }: Reading): void {
    window.bytes = BigInt.asUintN(window.bits, value) << BigInt(this.#shift(window));
    window.frozen = false;
    if (clearsStatus(this.part, this.has)) this.words.put(window.status, false);
    window.notReady.write(nrdy);
    this.#disturbed();
  }

  #disturbed(): void {
    if (this.words.is(EN)) for (const { notReady } of this.#windows) notReady.disturb();
  }
}
