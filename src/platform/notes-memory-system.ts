// What a platform says of caches, ports and controls that has no effect where it stands.

import { type CacheGroup, cacheGroups, cachesOfCpus } from "./topology.ts";
import type { MscDescription, Platform, Space } from "./types.ts";

/** One line each. */
export function memorySystemNotes(platform: Platform): string[] {
  const notes: string[] = [];
  for (const group of cacheGroups(platform)) {
    notes.push(...cacheNotes(group, platform));
    const { msc } = group.caches[0];
    if (msc) notes.push(...bandwidthNotes(group.name, msc));
  }
  for (const { node, msc } of platform.memory) if (msc) notes.push(...bandwidthNotes(`memory ${node}`, msc));
  if (platform.numa === "fill" && platform.memory.length === 1) {
    notes.push("numa: fill fills one node after the other, and there is one");
  }
  return notes;
}

function cacheNotes({ name, caches }: CacheGroup, platform: Platform): string[] {
  const notes: string[] = [];
  const [cache] = caches;
  const ways = cachesOfCpus(platform);
  const isOf = (index: number | undefined) => caches.some((one) => one === platform.caches[index ?? -1]);
  const enters = ways.some(([first]) => isOf(first));
  const above = ways.some((way) => way.slice(1).some(isOf));
  if (cache.inclusive && !above) notes.push(`${name}: inclusive holds what caches above hold, and there are none`);
  if (cache.relabelOnWriteHit && !enters) {
    notes.push(`${name}: relabelOnWriteHit acts on writes of records, and they come to a lower level first`);
  }
  if (cache.bytesPerSecond !== undefined && !cache.msc?.ris.some(({ mbw }) => mbw)) {
    notes.push(`${name}: bytesPerSecond acts where the msc has mbw`);
  }
  return notes;
}

/** A port goes by one resource instance of each space. */
function bandwidthNotes(where: string, msc: MscDescription): string[] {
  const notes: string[] = [];
  for (const control of ["mbw", "pri"] as const) {
    for (const space of Object.keys(msc.spaces) as Space[]) {
      const having = msc.ris.filter((ris) => ris[control] && (ris.spaces ?? [space]).includes(space));
      const [first, ...others] = having.map(({ ris }) => ris).sort((a, b) => a - b);
      if (others.length === 0) continue;
      const bank = Object.keys(msc.spaces).length === 1 ? "" : ` in space ${space}`;
      notes.push(`${where}: ${control} of RIS ${first} acts${bank}; that of RIS ${others.join(", ")} is stored only`);
    }
  }
  return notes;
}
