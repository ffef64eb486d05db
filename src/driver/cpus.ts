// Which cpus are online, and which of them makes an access to an MSC ("touch MSC", linux-driver.md 4).

import type { FirmwareMsc } from "../firmware/index.ts";

export class OnlineCpus {
  readonly #online: Set<number>;
  /** Who touches which MSC; found anew when a cpu comes or goes. */
  readonly #touching = new Map<FirmwareMsc, number | undefined>();

  constructor(online: Iterable<number>) {
    this.#online = new Set(online);
  }

  /** In ascending order. */
  get list(): readonly number[] {
    return [...this.#online].sort((a, b) => a - b);
  }

  has(cpu: number): boolean {
    return this.#online.has(cpu);
  }

  add(cpu: number): void {
    this.#online.add(cpu);
    this.#touching.clear();
  }

  delete(cpu: number): void {
    this.#online.delete(cpu);
    this.#touching.clear();
  }

  reaches(msc: FirmwareMsc): boolean {
    return this.touch(msc) !== undefined;
  }

  /** The first online cpu that reaches the MSC; undefined when there is none. */
  touch(msc: FirmwareMsc): number | undefined {
    let cpu = this.#touching.get(msc);
    if (cpu === undefined && !this.#touching.has(msc)) {
      cpu = this.list.find((one) => msc.cpus.has(one));
      this.#touching.set(msc, cpu);
    }
    return cpu;
  }
}

/** "cpu 3", "cpus 1, 2". */
export function listed(cpus: Iterable<number>): string {
  const all = [...cpus].sort((a, b) => a - b);
  return `${all.length === 1 ? "cpu" : "cpus"} ${all.join(", ")}`;
}
