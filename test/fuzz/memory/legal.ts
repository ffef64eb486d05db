/** Which memory systems there can be: the rules of docs/platform-format.md. */
import type { MemoryConfig } from "../../helpers/memory-subject.ts";
import { isLegal } from "../legal.ts";
import { mscsOf } from "./questions.ts";

const PROCESSOR = { partidMax: 0xffff, pmgMax: 0xff };

export function hasLegalMscs(config: MemoryConfig): boolean {
  return mscsOf(config).every(({ kind, msc }) => isLegal({ kind, iidr: 0, processor: PROCESSOR, ...msc }));
}

export function isLegalMemory(config: MemoryConfig): boolean {
  const { cpus, lineBytes, pageBytes, quantumNs, outstanding, caches, nodes, requesters } = config;
  if (![cpus, quantumNs, outstanding].every((one) => Number.isInteger(one) && one >= 1)) return false;
  if (pageBytes % lineBytes !== 0 || requesters.some((cpu) => cpu >= cpus)) return false;
  for (const { cpus: mine, level, sets, ways, slices, mbwu, msc } of caches) {
    if (mine.length === 0 || mine.some((cpu) => cpu >= cpus)) return false;
    if (level < 1 || level > 4 || ways < 1 || ways > 64 || slices < 1 || slices > 64 || (sets & (sets - 1)) !== 0)
      return false;
    // One cache of a level for a cpu; and whoever shares this one shares all below.
    const others = caches.filter((one) => one.level >= level && one.cpus.some((cpu) => mine.includes(cpu)));
    if (others.filter((one) => one.level === level).length > 1) return false;
    if (others.some((one) => mine.some((cpu) => !one.cpus.includes(cpu)))) return false;
    const enters = mine.every((cpu) => !caches.some((one) => one.level < level && one.cpus.includes(cpu)));
    if (mbwu === "upstream" && !(enters && msc?.ris.some((one) => one.mbwu))) return false;
  }
  if (nodes.length === 0) return false;
  for (const { bytes, channels, bytesPerSecond } of nodes) {
    if (bytes < 2 ** 20 || bytes % pageBytes !== 0 || channels < 1 || !(bytesPerSecond >= 1 && bytesPerSecond <= 10e12))
      return false;
  }
  return hasLegalMscs(config);
}
