// What the cpus have, as a kernel finds out at boot: the least of all of them, and what comes later must not have less
// (linux-driver.md 10.2, more.md 6).

import { fieldGet } from "../../assembly/regs/field.ts";
import {
  MPAM_HI_MPAMEN,
  MPAMIDR_HAS_HCR,
  MPAMIDR_HI_PMG_MAX,
  MPAMIDR_PARTID_MAX,
  MPAMIDR_VPMR_MAX,
  PFR0_EL3,
  PFR0_HI_MPAM,
  PFR1_MPAM_FRAC,
  PFR1_SME,
} from "../../assembly/regs/pe.ts";
import { ID_AA64PFR0_EL1, ID_AA64PFR1_EL1, MPAM1_EL1, MPAMIDR_EL1 } from "../../assembly/regs/pe-encodings.ts";
import { ErrnoError } from "../errno/index.ts";
import { nameCpus } from "../written/index.ts";
import type { Overrides } from "./command-line.ts";
import type { KernelRegisters } from "./registers.ts";

/** Takes lines of the kernel's log. */
export type KernelLog = (level: "error" | "warning" | "info", text: string) => void;

/** What one cpu says of itself, after what the command line overrides. */
export interface CpuId {
  /** ID_AA64PFR0_EL1.MPAM and ID_AA64PFR1_EL1.MPAM_frac. */
  readonly mpam: number;
  readonly frac: number;
  /** It has MPAM, and the command line says that it has not. */
  readonly hidden: boolean;
  /** Of MPAMIDR_EL1; 0 where the fields above say that there is none. */
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly vpmrMax: number;
  readonly hasHcr: boolean;
  readonly hasSme: boolean;
}

/** What the system has: decided once, when the cpus that boot are up. */
export type Features = CpuId & {
  /** Why the kernel uses no MPAM; undefined where it does. */
  readonly without: string | undefined;
  /** Cpus that differ where they should not. */
  readonly tainted: boolean;
};

export function saysMpam({ mpam, frac }: Pick<CpuId, "mpam" | "frac">): boolean {
  return mpam > 0 || frac > 0;
}

const low = (value: bigint): number => Number(value & 0xffff_ffffn);
const high = (value: bigint): number => Number((value >> 32n) & 0xffff_ffffn);

/** MPAMIDR_EL1 is read only where the ID fields say that it is there: the command line can keep the kernel from it. */
export function readId(registers: KernelRegisters, cpu: number, el: number, overrides: Overrides): CpuId {
  const pfr1 = low(registers.read(cpu, ID_AA64PFR1_EL1, el));
  const its = {
    mpam: fieldGet(PFR0_HI_MPAM, high(registers.read(cpu, ID_AA64PFR0_EL1, el))),
    frac: fieldGet(PFR1_MPAM_FRAC, pfr1),
  };
  const left = { mpam: Math.min(overrides.mpam, its.mpam), frac: Math.min(overrides.frac, its.frac) };
  const fields = { ...left, hidden: saysMpam(its) && !saysMpam(left), hasSme: fieldGet(PFR1_SME, pfr1) > 0 };
  if (!saysMpam(fields)) return { ...fields, partidMax: 0, pmgMax: 0, vpmrMax: 0, hasHcr: false };
  const idr = registers.read(cpu, MPAMIDR_EL1, el);
  return {
    ...fields,
    partidMax: fieldGet(MPAMIDR_PARTID_MAX, low(idr)),
    pmgMax: fieldGet(MPAMIDR_HI_PMG_MAX, high(idr)),
    vpmrMax: fieldGet(MPAMIDR_VPMR_MAX, low(idr)),
    hasHcr: fieldGet(MPAMIDR_HAS_HCR, low(idr)) === 1,
  };
}

/** Fields whose difference is a fault of the platform; of the others the least is taken without a word. */
const STRICT = [
  ["mpam", "ID_AA64PFR0_EL1.MPAM"],
  ["frac", "ID_AA64PFR1_EL1.MPAM_frac"],
  ["hasHcr", "MPAMIDR_EL1.HAS_HCR"],
] as const;

/** The least of what cpus have. */
export function sanitise(ids: ReadonlyMap<number, CpuId>, log: KernelLog): CpuId & { readonly tainted: boolean } {
  const all = [...ids];
  const [boot, first] = all[0] as [number, CpuId];
  let tainted = false;
  // Who has no MPAMIDR_EL1 was named for that already, and says nothing of its fields.
  const say = all.filter(([, id]) => saysMpam(id));
  for (const [key, name] of STRICT) {
    const compared = key === "hasHcr" ? say : all;
    const [reference, value] = compared[0] ? [compared[0][0], compared[0][1][key]] : [boot, first[key]];
    for (const [cpu, id] of compared) {
      if (id[key] === value) continue;
      tainted = true;
      log(
        "warning",
        `cpu ${cpu} has ${name} = ${Number(id[key])}, and cpu ${reference} ${Number(value)}: the least counts, and the kernel is tainted`,
      );
    }
  }
  const least = (key: "mpam" | "frac" | "partidMax" | "pmgMax" | "vpmrMax") =>
    Math.min(...all.map(([, id]) => id[key]));
  return {
    mpam: least("mpam"),
    frac: least("frac"),
    partidMax: least("partidMax"),
    pmgMax: least("pmgMax"),
    vpmrMax: least("vpmrMax"),
    hidden: all.some(([, id]) => id.hidden),
    hasHcr: all.every(([, id]) => id.hasHcr),
    hasSme: all.every(([, id]) => id.hasSme),
    tainted,
  };
}

/** Why the system has no MPAM; undefined where it has. `cpu` is the one that finds out. */
export function whyWithout(
  system: CpuId,
  ids: ReadonlyMap<number, CpuId>,
  overrides: Overrides,
  registers: KernelRegisters,
  cpu: number,
  el: number,
): string | undefined {
  if (!saysMpam(system)) {
    if (overrides.mpam === 0 && overrides.frac === 0) return "arm64.nompam is on the command line";
    const none = [...ids].filter(([, id]) => !saysMpam(id)).map(([one]) => one);
    const hidden = none.filter((one) => ids.get(one)?.hidden);
    if (hidden.length > 0) return `the command line hides the MPAM of ${nameCpus(hidden)}`;
    if (none.length === ids.size) return "the cpus have no MPAM";
    if (none.length === 0) return "the cpus have versions of MPAM that have nothing in common";
    return `${nameCpus(none)} ${none.length === 1 ? "has" : "have"} no MPAM, and all need it`;
  }
  if (high(registers.read(cpu, MPAM1_EL1, el)) & MPAM_HI_MPAMEN) return undefined;
  const found = `MPAM1_EL1.MPAMEN is 0 on cpu ${cpu}`;
  if (fieldGet(PFR0_EL3, low(registers.read(cpu, ID_AA64PFR0_EL1, el))) > 0) {
    return `firmware has not enabled it: ${found}`;
  }
  // Without EL3 it is that of MPAM2_EL2, which setting EL2 up has written without it.
  return `nobody has enabled it: ${found}, which has no EL3 with firmware that would`;
}

/** A cpu that comes after features are final. Throws EIO, in the kernel's words, for one that has less: it is parked. */
export function verifyLate(cpu: number, id: CpuId, system: Features, log: KernelLog): void {
  // MPAM_frac is not compared, and larger maxima are fine.
  const conflict =
    id.mpam !== system.mpam
      ? "MPAM version mismatch"
      : id.hasHcr !== system.hasHcr
        ? "Missing MPAM HCR"
        : id.partidMax < system.partidMax || id.pmgMax < system.pmgMax
          ? "MPAM PARTID/PMG max values are mismatched"
          : system.hasSme && !id.hasSme
            ? "Missing SME"
            : undefined;
  if (conflict === undefined) return;
  const text = `CPU${cpu}: ${conflict}`;
  log("error", `${text}; the cpu is parked`);
  throw new ErrnoError(
    "EIO",
    `cpu ${cpu} does not come online: ${conflict} (it has ${said(id)}, the system ${said(system)})`,
    {
      status: text,
    },
  );
}

function said({ mpam, partidMax, pmgMax, hasHcr }: CpuId): string {
  return `ID_AA64PFR0_EL1.MPAM ${mpam}, PARTID_MAX ${partidMax}, PMG_MAX ${pmgMax}, HAS_HCR ${Number(hasHcr)}`;
}
