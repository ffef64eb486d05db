/** The intPARTID under which a request's PARTID finds its settings (IHI 0099, MPAMCFG_INTPARTID). */

const INTERNAL = 0x1_0000;

export class Narrowing {
  readonly #written = new Map<number, number>();

  constructor(readonly intPartidMax: number) {}

  intPartid(partid: number): number {
    return this.#written.get(partid) ?? 0;
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
