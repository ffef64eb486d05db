/** Which PARTIDs of a bank are enabled (IHI 0099, MPAMCFG_EN, _DIS and _EN_FLAGS: three views of one state). */
import { bit } from "./bits.ts";

export class Enables {
  readonly #disabled = new Set<number>();
  /** What traffic goes by: as it was at the last edge. */
  #inForce: ReadonlySet<number> = new Set();

  constructor(private readonly partidMax: number) {}

  isEnabled(partid: number): boolean {
    return !this.#disabled.has(partid);
  }

  edge(): void {
    this.#inForce = new Set(this.#disabled);
  }

  /** What traffic goes by. */
  lets(partid: number): boolean {
    return !this.#inForce.has(partid);
  }

  set(partid: number, enabled: boolean): void {
    if (enabled) this.#disabled.delete(partid);
    else this.#disabled.add(partid);
  }

  /** The flags of the 32 PARTIDs around one. Those above the largest do not exist. */
  readFlags(around: number): number {
    let flags = 0;
    for (const [position, partid] of this.#neighbours(around)) if (this.isEnabled(partid)) flags += 2 ** position;
    return flags;
  }

  writeFlags(around: number, flags: number): void {
    for (const [position, partid] of this.#neighbours(around)) this.set(partid, bit(flags, position));
  }

  #neighbours(around: number): [number, number][] {
    const first = around - (around % 32);
    return Array.from({ length: 32 }, (_, position): [number, number] => [position, first + position]).filter(
      ([, partid]) => partid <= this.partidMax,
    );
  }
}
