/** MPAMF_ESR and MPAMF_ECR of one bank: the latest error wins and leaves a mark that it overwrote one (IHI 0099, MPAMF_ESR). */

export const PARTID_SEL_RANGE = 1;
export const REQ_PARTID_RANGE = 2;
export const MSMONCFG_ID_RANGE = 3;
export const REQ_PMG_RANGE = 4;
export const MONITOR_RANGE = 5;
export const UNDEFINED_RIS_PART_SEL = 8;
export const RIS_NO_CONTROL = 9;
export const UNDEFINED_RIS_MON_SEL = 10;
export const RIS_NO_MONITOR = 11;

export class ErrorSyndrome {
  overwritten = false;
  errcode = 0;
  pmg = 0;
  partidMon = 0;
  ris = 0;
  interruptEnabled = false;
  readonly #hasRis: boolean;

  constructor(hasRis: boolean) {
    this.#hasRis = hasRis;
  }

  record(errcode: number, captured: { partidMon: number; pmg?: number; ris?: number }): void {
    if (this.errcode !== 0) this.overwritten = true;
    this.errcode = errcode;
    this.partidMon = captured.partidMon;
    this.pmg = captured.pmg ?? 0;
    this.ris = this.#hasRis ? (captured.ris ?? 0) : 0;
  }

  /** Level style: as long as there is a code, whoever wrote it. */
  get asserted(): boolean {
    return this.interruptEnabled && this.errcode !== 0;
  }

  readLow(): number {
    return ((this.overwritten ? 0x8000_0000 : 0) | (this.errcode << 24) | (this.pmg << 16) | this.partidMon) >>> 0;
  }

  writeLow(value: number): void {
    this.overwritten = value >>> 31 === 1;
    this.errcode = (value >>> 24) & 0xf;
    this.pmg = (value >>> 16) & 0xff;
    this.partidMon = value & 0xffff;
  }

  readHigh(): number {
    return this.ris;
  }

  writeHigh(value: number): void {
    this.ris = this.#hasRis ? value & 0xf : 0;
  }
}
