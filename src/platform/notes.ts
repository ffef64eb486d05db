// What a platform file says that is allowed, and yet has less effect than a reader may expect.

import { cacheSets, PORTIONS_WITH_EFFECT } from "./estimate.ts";
import { memorySystemNotes } from "./notes-memory-system.ts";
import { cacheGroups } from "./topology.ts";
import type { MscDescription, Platform } from "./types.ts";

/** One line each; none for most platforms. */
export function platformNotes(platform: Platform): string[] {
  const notes: string[] = [];
  for (const { name, caches } of cacheGroups(platform)) {
    const [cache] = caches;
    if (cache.msc) notes.push(...mscNotes(name, cache.msc));
    for (const ris of cache.msc?.ris ?? []) {
      if (!ris.cpor) continue;
      const { cpbmWd } = ris.cpor;
      const cells = cache.ways * cacheSets(cache);
      if (cpbmWd > PORTIONS_WITH_EFFECT) {
        notes.push(`${name}: cpbmWd ${cpbmWd} is stored in full; only ${PORTIONS_WITH_EFFECT} portions act on traffic`);
      } else if (cpbmWd > cells) {
        const where = cache.slices === 1 ? "" : " of a slice";
        notes.push(`${name}: cpbmWd ${cpbmWd} is more than its ${cells} lines${where}, so some portions hold none`);
      }
    }
  }
  for (const memory of platform.memory) {
    if (memory.msc) notes.push(...mscNotes(`memory ${memory.node}`, memory.msc));
  }
  return [...notes, ...memorySystemNotes(platform)];
}

/** Fields that exist and have nothing to act on, and parts that do nothing. */
function mscNotes(where: string, msc: MscDescription): string[] {
  const notes: string[] = [...risNotes(where, msc)];
  for (const name of ["inTl", "outTl"] as const) {
    const { direct = true, baseMask } = msc[name] ?? {};
    if (!direct && !baseMask) notes.push(`${where}: ${name} has neither direct nor baseMask, and changes no PARTID`);
  }
  if (msc.tlMonitoring !== "between" && !msc.inTl && !msc.outTl) {
    notes.push(
      `${where}: tlMonitoring is ${msc.tlMonitoring}, and without inTl or outTl there is but one PARTID to compare`,
    );
  }
  if (!msc.ris.some(({ csu, mbwu }) => csu || mbwu)) {
    for (const key of ["noHwOflwIntr", "oflwMsi", "oflowSr"] as const) {
      if (msc[key]) notes.push(`${where}: ${key} shows nowhere, for there are no monitors`);
    }
  }
  for (const ris of msc.ris) {
    for (const type of ["csu", "mbwu"] as const) {
      const one = ris[type];
      if (!one) continue;
      const named = `${where}: ${type} of RIS ${ris.ris}`;
      if (one.oflowLnkg && msc.captEvents.length === 0) {
        notes.push(`${named} has oflowLnkg, and captEvents has no event that it could raise`);
      }
      if (one.cevntOflw && !one.capture) {
        notes.push(`${named} has cevntOflw, and without capture there is no event that it could wait for`);
      }
      if (one.oflowCapt && !one.capture) {
        notes.push(`${named} has oflowCapt, and without capture there is no register that it could copy to`);
      }
    }
  }
  return notes;
}

function risNotes(where: string, { ris }: MscDescription): string[] {
  const empty = ris.filter(({ ris: _, spaces: __, ...controls }) => Object.keys(controls).length === 0);
  const nothing = "has neither a control nor a monitor";
  const notes = empty.map((one) => `${where}: RIS ${one.ris} ${nothing}`);
  const told = empty.length === ris.length ? [`${where}: its msc ${nothing}`] : notes;
  const [only, ...others] = ris;
  if (only && others.length === 0 && only.ris > 0) {
    told.push(
      `${where}: RIS ${only.ris} stands alone, where the architecture expects two or more of a part with HAS_RIS`,
    );
  }
  return told;
}
