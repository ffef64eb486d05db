// Which MSCs have their power from the cpus that reach them (docs/firmware.md, "Cpus that come and go").

import type { MscInstance } from "../platform/index.ts";

export class Power {
  constructor(
    private readonly mscs: readonly MscInstance[],
    private readonly isOnline: (cpu: number) => boolean,
  ) {}

  isOn(msc: number): boolean {
    const description = this.mscs[msc]?.description;
    return description?.power !== "lost" || description.cpus.some(this.isOnline);
  }

  /** MSCs that a cpu, perhaps among others, keeps on. */
  from(cpu: number): number[] {
    const fed = this.mscs.filter(({ description: { power, cpus } }) => power === "lost" && cpus.includes(cpu));
    return fed.map(({ msc }) => msc);
  }
}
