/** MPAMF_ESR and MPAMF_ECR of one bank: the latest error wins and leaves a mark that it overwrote one (IHI 0099, MPAMF_ESR). */

export const PARTID_SEL_RANGE = 1;
export const REQ_PARTID_RANGE = 2;
export const MSMONCFG_ID_RANGE = 3;
export const REQ_PMG_RANGE = 4;
export const MONITOR_RANGE = 5;
export const INTPARTID_RANGE = 6;
export const UNEXPECTED_INTERNAL = 7;
export const UNDEFINED_RIS_PART_SEL = 8;
export const RIS_NO_CONTROL = 9;
export const UNDEFINED_RIS_MON_SEL = 10;
export const RIS_NO_MONITOR = 11;

/** What an error leaves in ESR beside its code. What a code does not capture is 0. */
export interface Captured {
  readonly partidMon: number;
  readonly pmg?: number;
  readonly ris?: number;
}

export class ErrorSyndrome {
  #overwritten = false;
  #errcode = 0;
  #pmg = 0;
  #partidMon = 0;
  #ris = 0;
  interruptEnabled = false;

  /** @param exists whether the part has ESR and ECR @param hasRis whether errors tell an instance @param recorded hears of each error that is to interrupt */
  constructor(
    private readonly exists: boolean,
    private readonly hasRis: boolean,
    private readonly recorded: (record: number | undefined) => void,
  ) {}

  /** @param record the record of a run whose request is wrong; none for register accesses */
  record(errcode: number, captured: Captured, record?: number): void {
    if (!this.exists) return;
    if (this.#errcode !== 0) this.#overwritten = true;
    this.#errcode = errcode;
    this.#partidMon = captured.partidMon;
    this.#pmg = captured.pmg ?? 0;
    this.#ris = this.hasRis ? (captured.ris ?? 0) : 0;
    if (this.interruptEnabled) this.recorded(record);
  }

  /** Level style: as long as there is a code, whoever wrote it. */
  get asserted(): boolean {
    return this.interruptEnabled && this.#errcode !== 0;
  }

  readLow(): number {
    return ((this.#overwritten ? 0x8000_0000 : 0) | (this.#errcode << 24) | (this.#pmg << 16) | this.#partidMon) >>> 0;
  }

  writeLow(value: number): void {
    this.#overwritten = value >>> 31 === 1;
    this.#errcode = (value >>> 24) & 0xf;
    this.#pmg = (value >>> 16) & 0xff;
    this.#partidMon = value & 0xffff;
  }

  readHigh(): number {
    return this.#ris;
  }

  writeHigh(value: number): void {
    this.#ris = this.hasRis ? value & 0xf : 0;
  }
}
