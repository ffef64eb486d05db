/** The intPARTID under which a request's PARTID finds its settings (IHI 0099, MPAMCFG_INTPARTID). */

const INTERNAL = 0x1_0000;

export class Narrowing {
  readonly #written = new Map<number, number>();
  /** What traffic goes by: as it was written at the last edge. */
  #inForce: ReadonlyMap<number, number> = new Map();

  constructor(readonly intPartidMax: number) {}

  edge(): void {
    this.#inForce = new Map(this.#written);
  }

  intPartid(partid: number): number {
    return this.#inForce.get(partid) ?? 0;
  }

  /** INTERNAL reads 1 once the PARTID has been mapped (D8). */
  read(partid: number): number {
    const mapped = this.#written.get(partid);
    return mapped === undefined ? 0 : INTERNAL + mapped;
  }

  /** False, and nothing changed, when the value is refused. */
  write(partid: number, value: number): boolean {
    const intPartid = value & 0xffff;
    if ((value & INTERNAL) === 0 || intPartid > this.intPartidMax) return false;
    this.#written.set(partid, intPartid);
    return true;
  }
}
