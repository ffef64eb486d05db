// Cpus as the MADT has them (linux-driver reference 8.8).

import { hex } from "./bytes.ts";
import { type Remarks, refuse } from "./remarks.ts";
import { type AcpiTable, entriesOf, isA } from "./table.ts";
import { GICC, GICC_ENABLED, GICC_ONLINE_CAPABLE, TABLES } from "./tables.ts";

export interface MadtCpu {
  readonly cpu: number;
  readonly uid: number;
  readonly mpidr: bigint;
  readonly at: number;
}

/** Aff3 and Aff2 to Aff0. */
const MPIDR_AFFINITY = 0xff_00ff_ffffn;

/** The cpus that there can be: the first stands for the one that boots, the others follow in the order of the table. */
export function cpusOf(madt: AcpiTable | undefined, remarks: Remarks): MadtCpu[] {
  if (madt === undefined) {
    remarks.say("no table APIC: no cpu is described");
    return [];
  }
  const { entries, trouble } = entriesOf(madt, TABLES.APIC);
  if (trouble) refuse("APIC", trouble);
  const cpus: MadtCpu[] = [];
  const taken = new Set<bigint>();
  for (const entry of entries) {
    const { at } = entry;
    const left = (what: string) => remarks.add("APIC", at, `${what}; the cpu is left out`);
    if (entry.trouble && entry.type === GICC.type) left(`${entry.trouble.what}; ${entry.trouble.right}`);
    if (!isA(entry, GICC)) continue;
    const { uid, flags, mpidr } = entry.values;
    if ((flags & (GICC_ENABLED | GICC_ONLINE_CAPABLE)) === 0) left(`GICC ${uid} is neither enabled nor online-capable`);
    else if ((mpidr & ~MPIDR_AFFINITY) !== 0n)
      left(`GICC ${uid}: MPIDR ${hex(mpidr)} has bits outside of its affinities`);
    else if (taken.has(mpidr)) left(`GICC ${uid}: MPIDR ${hex(mpidr)} is that of an earlier cpu`);
    else {
      taken.add(mpidr);
      cpus.push({ cpu: cpus.length, uid, mpidr, at });
    }
  }
  return cpus;
}
