/** NRDY of a monitor: kept by hardware, left to software, or never set (docs/modelled.md, "Monitors"). */

export class NotReady {
  #stored = false;
  #readyAt = 0;

  /** @param now the clock, ns @param needs how long a change takes hardware, ns */
  constructor(
    private readonly mode: "hw" | "sw" | "none",
    private readonly now: () => number,
    private readonly needs: number,
  ) {}

  get value(): boolean {
    if (this.mode === "hw") return this.now() < this.#readyAt;
    return this.#stored;
  }

  /** Software writes the bit. */
  write(value: boolean): void {
    if (this.mode === "sw") this.#stored = value;
  }

  /** Something changed while the monitor is enabled. */
  disturb(): void {
    if (this.mode === "hw") this.#readyAt = this.now() + this.needs;
  }

  /** As a capture leaves it. */
  clear(): void {
    this.#stored = false;
    this.#readyAt = 0;
  }
}
