// Which cpus are online, and which of them makes an access to an MSC ("touch MSC", linux-driver.md 4).

import type { FirmwareMsc } from "../firmware/index.ts";

export class OnlineCpus {
  #online: readonly number[];
  /** Who touches which MSC; found anew when a cpu comes or goes. */
  readonly #touching = new Map<FirmwareMsc, number | undefined>();

  constructor(online: Iterable<number>) {
    this.#online = [...online].sort((a, b) => a - b);
  }

  /** In ascending order. */
  get list(): readonly number[] {
    return this.#online;
  }

  add(cpu: number): void {
    this.#change([...this.#online.filter((one) => one !== cpu), cpu].sort((a, b) => a - b));
  }

  delete(cpu: number): void {
    this.#change(this.#online.filter((one) => one !== cpu));
  }

  reaches(msc: FirmwareMsc): boolean {
    return this.touch(msc) !== undefined;
  }

  /** The first online cpu that reaches the MSC; undefined when there is none. */
  touch(msc: FirmwareMsc): number | undefined {
    let cpu = this.#touching.get(msc);
    if (cpu === undefined && !this.#touching.has(msc)) {
      cpu = this.#online.find((one) => msc.cpus.has(one));
      this.#touching.set(msc, cpu);
    }
    return cpu;
  }

  #change(online: readonly number[]): void {
    this.#online = online;
    this.#touching.clear();
  }
}
