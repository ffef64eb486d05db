/** A cache storage usage monitor: how much the lines of a PARTID and PMG hold now (IHI 0099, MSMON_CSU). It cannot overflow by itself. */
import type { SubjectLabel, SubjectRis } from "../subject.ts";
import { bit, flag } from "./bits.ts";
import { CEVNT_OFLW, commonFields, EN, MonitorWords, OFLOW_CAPT, OFLOW_FRZ, OFLOW_STATUS } from "./monitor-words.ts";
import { NotReady } from "./not-ready.ts";
import type { Part } from "./part.ts";
import { CaptureRegister, type Reading, readingOf } from "./value-word.ts";

const TYPE = 0x43;
const XCL = 31;

/** Bytes now held by lines whose owner, as monitors see it, is accepted. */
export type Measure = (accepts: (owner: SubjectLabel, dirty: boolean) => boolean) => number;

export class CsuMonitor {
  readonly words: MonitorWords;
  readonly captured = new CaptureRegister(31);
  readonly #notReady: NotReady;
  /** What VALUE reads while nothing is measured. */
  #held = 0n;
  #frozen = false;

  constructor(
    private readonly has: NonNullable<SubjectRis["csu"]>,
    private readonly part: Part,
    private readonly measure: Measure,
    now: () => number,
  ) {
    const flt = 0x00ff_ffff + flag(has.xcl, XCL);
    // An interrupt cannot come, and CAPT_RESET may be RAZ/WI: what is measured does not start anew.
    const ctl = commonFields(has) + flag(has.cevntOflw, OFLOW_STATUS) + flag(has.cevntOflw, OFLOW_FRZ);
    this.words = new MonitorWords(TYPE, flt, ctl);
    this.#notReady = new NotReady(has.nrdy ?? "hw", now, part.nrdyNs);
  }

  get overflowed(): boolean {
    return this.words.is(OFLOW_STATUS);
  }

  writeFlt(value: number): void {
    this.words.writeFlt(value);
    this.#disturbed();
  }

  writeCtl(value: number): void {
    // What was measured last is kept, and it was measured with the old filter.
    this.#held = this.#value();
    this.words.writeCtl(value);
    if (this.part.config.unfreeze === "value-or-frz" && !bit(value, OFLOW_FRZ)) this.#frozen = false;
    this.#disturbed();
  }

  read(): Reading {
    return { value: this.#value(), nrdy: this.#notReady.value || this.#neverReady };
  }

  write(word: number): void {
    if (this.has.csuRo === true) return;
    const { value, nrdy } = readingOf(word);
    this.#held = value;
    this.#frozen = false;
    if (clearsStatus(this.part, this.has)) this.words.put(OFLOW_STATUS, false);
    this.#notReady.write(nrdy);
    this.#disturbed();
  }

  /** A capture event that the monitor is sensitive to. */
  capture(): void {
    if (!this.words.is(CEVNT_OFLW)) {
      this.#copy();
      return;
    }
    this.words.put(OFLOW_STATUS, true);
    if (this.words.is(OFLOW_FRZ)) {
      this.#held = this.#value();
      this.#frozen = true;
    }
    if (this.words.is(OFLOW_CAPT)) this.#copy();
  }

  /** CMN-650-3642720. */
  get #neverReady(): boolean {
    return this.part.suffers("CMN-650-3642720") && (this.has.nrdy ?? "hw") === "hw" && this.words.is(EN);
  }

  #copy(): void {
    this.captured.set(this.read());
    this.#notReady.clear();
  }

  #value(): bigint {
    if (!this.words.is(EN) || this.#frozen) return this.#held;
    const dirtyOnly = bit(this.words.readFlt(), XCL);
    const bytes = this.measure((owner, dirty) => this.words.accepts(owner) && (dirty || !dirtyOnly));
    return BigInt.asUintN(31, BigInt(bytes));
  }

  #disturbed(): void {
    if (this.words.is(EN)) this.#notReady.disturb();
  }
}

/** Whether writing a value clears the overflow status of its window (D15). */
export function clearsStatus(part: Part, has: { readonly cevntOflw?: boolean; readonly oflowLnkg?: boolean }): boolean {
  return part.config.valueClearsStatus !== "conditional" || has.cevntOflw === true || has.oflowLnkg === true;
}
