// A Machine with one level of cache, whole or in slices, or none, before one memory channel. It has the labels and limits of
// a cache case, under as many PARTIDs as are asked for.
import { CMAX_CMAX, MPAMCFG_CMAX, MPAMCFG_CPBM, MPAMCFG_PART_SEL, partSel } from "../assembly/regs/index.ts";
import { Machine } from "../src/machine/index.ts";
import { SPACE_NUMBERS } from "../src/machine/spaces.ts";
import { checkObject } from "../src/platform/index.ts";
import { checksumText, hashAdd64, mix } from "./mixer.ts";
import { type CacheCase, LINE_BYTES, PMGS, PORTIONS, requestersOf } from "./workload.ts";

const CMAX_WD = 16;

export interface LevelShape {
  /** 0: records come to the channel. */
  readonly slices: number;
  /** PARTIDs with settings; those of the case are spread over them. */
  readonly partids: number;
  readonly scratchBytes?: number;
}

export async function openLevel(c: CacheCase, { slices, partids, scratchBytes = 0 }: LevelShape): Promise<Machine> {
  const msc = { base: 0x1000_0000, cpor: { cpbmWd: PORTIONS }, ccap: { cmaxWd: CMAX_WD } };
  const bytes = c.sets * c.ways * LINE_BYTES;
  const caches = slices === 0 ? [] : [{ level: 3, bytes, ways: c.ways, policy: c.policy, slices, msc }];
  const processor = { partidMax: partids - 1, pmgMax: PMGS - 1 };
  const memory = [{ bytes: 2 ** 32, bytesPerSecond: 1e11 }];
  const description = { name: "bench", cpus: 1, processor, memoryLimit: 2 ** 31, caches, memory };
  const machine = await Machine.create(checkObject(description), { scratchBytes });
  const spread = partids / c.partitions.length;
  for (const msc of machine.mscs.keys()) {
    const lines = (c.sets * c.ways) / slices;
    for (let partid = 0; partid < partids; partid++) {
      const { portions, limit } = c.partitions[Math.floor(partid / spread)] ?? { portions: 0, limit: 0 };
      const share = limit / (c.sets * c.ways);
      machine.write32(msc, MPAMCFG_PART_SEL, partSel(0, partid));
      machine.write32(msc, MPAMCFG_CPBM, portions);
      machine.write32(
        msc,
        MPAMCFG_CMAX,
        share === 1 ? CMAX_CMAX : Math.floor(share * lines * (2 ** CMAX_WD / lines)) - 1,
      );
    }
  }
  return machine;
}

/** Of requester `requester`, where the case's PARTIDs are spread over `partids`. */
export function labelOf(c: CacheCase, partids: number, requester: number): { partid: number; pmg: number } {
  const { length } = c.partitions;
  return { partid: (requester % length) * (partids / length), pmg: Math.floor(requester / length) };
}

/** Labels the requesters of columns, and brings all settings into effect. */
export function labelColumns(machine: Machine, c: CacheCase, partids: number): void {
  const { hardware } = machine.inside;
  for (let requester = 0; requester < requestersOf(c); requester++) {
    const { partid, pmg } = labelOf(c, partids, requester);
    for (let op = 0; op < 4; op++) {
      if (!hardware.setLabel(requester, op, SPACE_NUMBERS.ns, partid, pmg)) throw new Error("no room for a label");
    }
  }
  hardware.edge();
}

/** Over what every label of the case did and has. */
export function levelChecksum(machine: Machine, c: CacheCase, partids: number): string {
  const statistics = machine.statistics();
  let h = mix(0);
  for (let requester = 0; requester < requestersOf(c); requester++) {
    const { partid, pmg } = labelOf(c, partids, requester);
    const found = statistics.find((label) => label.partid === partid && label.pmg === pmg);
    if (!found) throw new Error(`the machine has no label ${partid}.${pmg}`);
    for (const count of [found.accesses, found.misses, found.bytesHeld, found.bytesRead, found.bytesWritten]) {
      h = hashAdd64(h, count);
    }
  }
  return checksumText(h);
}
