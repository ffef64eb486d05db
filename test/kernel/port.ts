// A cpu's registers as far as a kernel knows them, which write down who did what. They hold what is written, and label nothing.

import {
  HCR_EL2,
  ID_AA64PFR0_EL1,
  ID_AA64PFR1_EL1,
  MPAM0_EL1,
  MPAM1_EL1,
  MPAM2_EL2,
  MPAMHCR_EL2,
  MPAMIDR_EL1,
  MPAMSM_EL1,
} from "../../assembly/regs/pe-encodings.ts";
import type { RegisterAccess, RegisterPort } from "../../src/kernel/index.ts";

const NAMES: { readonly [encoding: number]: string } = {
  [HCR_EL2]: "HCR_EL2",
  [ID_AA64PFR0_EL1]: "ID_AA64PFR0_EL1",
  [ID_AA64PFR1_EL1]: "ID_AA64PFR1_EL1",
  [MPAM0_EL1]: "MPAM0_EL1",
  [MPAM1_EL1]: "MPAM1_EL1",
  [MPAM2_EL2]: "MPAM2_EL2",
  [MPAMHCR_EL2]: "MPAMHCR_EL2",
  [MPAMIDR_EL1]: "MPAMIDR_EL1",
  [MPAMSM_EL1]: "MPAMSM_EL1",
};

export interface FakeCpu {
  readonly mpam?: number;
  readonly frac?: number;
  readonly sme?: boolean;
  readonly partidMax?: number;
  readonly pmgMax?: number;
  readonly vpmrMax?: number;
  readonly hasHcr?: boolean;
  /** MPAM1_EL1.MPAMEN, as firmware left it. */
  readonly enabled?: boolean;
  /** To where every MPAM register traps. */
  readonly traps?: 2 | 3;
}

const MPAMEN = 1n << 63n;

export class RecordingPort implements RegisterPort {
  /** "0 EL1 MPAM0_EL1 := 0x5", "0 isb", "0 off and on". */
  readonly log: string[] = [];
  readonly registers: Map<string, bigint>[];

  constructor(readonly cpus: readonly FakeCpu[]) {
    this.registers = cpus.map(firmwareLeaves);
  }

  /** What has been done since the last time. Reads are left out unless asked for. */
  taken(reads = false): string[] {
    return this.log.splice(0).filter((line) => reads || !line.endsWith("read"));
  }

  value(cpu: number, name: string): bigint | undefined {
    return this.registers[cpu]!.get(name);
  }

  read(cpu: number, register: number, el: number): RegisterAccess {
    const name = NAMES[register]!;
    this.log.push(`${cpu} EL${el} ${name} read`);
    return this.#refused(cpu, name) ?? { outcome: "done", value: this.registers[cpu]!.get(name) ?? 0n };
  }

  write(cpu: number, register: number, value: bigint, el: number): RegisterAccess {
    const name = NAMES[register]!;
    this.log.push(`${cpu} EL${el} ${name} := 0x${value.toString(16)}`);
    const refused = this.#refused(cpu, name);
    if (!refused) this.registers[cpu]!.set(name, value);
    return refused ?? { outcome: "done", value };
  }

  #refused(cpu: number, name: string): RegisterAccess | undefined {
    const { traps, mpam = 1, frac = 1, sme } = this.cpus[cpu]!;
    if (!name.startsWith("MPAM")) return undefined;
    if ((mpam === 0 && frac === 0) || (name === "MPAMSM_EL1" && !sme)) return { outcome: "undefined" };
    return traps === undefined ? undefined : { outcome: "trap", to: traps };
  }

  isb(cpu: number): void {
    this.log.push(`${cpu} isb`);
  }

  powerCycle(cpu: number): void {
    this.log.push(`${cpu} off and on`);
    this.registers[cpu] = firmwareLeaves(this.cpus[cpu]!);
  }
}

function firmwareLeaves({
  mpam = 1,
  frac = 1,
  sme = false,
  partidMax = 63,
  pmgMax = 3,
  vpmrMax = 7,
  hasHcr = true,
  enabled = true,
}: FakeCpu): Map<string, bigint> {
  return new Map([
    ["ID_AA64PFR0_EL1", (BigInt(mpam) << 40n) | 0x1111n],
    ["ID_AA64PFR1_EL1", (BigInt(frac) << 16n) | (sme ? 1n << 24n : 0n)],
    ["MPAMIDR_EL1", (BigInt(pmgMax) << 32n) | (BigInt(vpmrMax) << 18n) | (hasHcr ? 1n << 17n : 0n) | BigInt(partidMax)],
    ["MPAM1_EL1", enabled ? MPAMEN : 0n],
  ]);
}
