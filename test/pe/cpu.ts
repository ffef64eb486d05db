/** What the tables of section 7 of the register reference are tested with: encodings worked out by hand, and one cpu. */
import { expect } from "vitest";
import { profileOf } from "../helpers/pe-profiles.ts";
import type { ExceptionLevel, PeAccess, PeImplementation, PeProfile, PeSubject } from "../helpers/pe-subject.ts";

/** op0 3 is 0xc000, each op1 0x800, CRn 10 is 0x500, each CRm 8, and op2. */
export const ENCODED = {
  MPAMIDR_EL1: 0xc524,
  MPAMBWIDR_EL1: 0xc525,
  MPAM1_EL1: 0xc528,
  MPAM1_EL12: 0xed28,
  MPAM0_EL1: 0xc529,
  MPAMSM_EL1: 0xc52b,
  MPAMBW1_EL1: 0xc52c,
  MPAMBW1_EL12: 0xed2c,
  MPAMBW0_EL1: 0xc52d,
  MPAMBWSM_EL1: 0xc52f,
  MPAMHCR_EL2: 0xe520,
  MPAMVPMV_EL2: 0xe521,
  MPAM2_EL2: 0xe528,
  MPAMBW2_EL2: 0xe52c,
  MPAMBWCAP_EL2: 0xe52e,
  MPAMVPM0_EL2: 0xe530,
  MPAMVPM1_EL2: 0xe531,
  MPAMVPM2_EL2: 0xe532,
  MPAMVPM3_EL2: 0xe533,
  MPAMVPM4_EL2: 0xe534,
  MPAMVPM5_EL2: 0xe535,
  MPAMVPM6_EL2: 0xe536,
  MPAMVPM7_EL2: 0xe537,
  MPAM3_EL3: 0xf528,
  MPAMBW3_EL3: 0xf52c,
  SCR_EL3: 0xf088,
  HCR_EL2: 0xe088,
  ID_AA64PFR0_EL1: 0xc020,
  ID_AA64PFR1_EL1: 0xc021,
} as const;

export type Name = keyof typeof ENCODED;

export const NAMES = Object.keys(ENCODED) as Name[];

/** SCR_EL3, for the states below EL3. */
export const SECURE = 0x0n;
export const SECURE_EL2 = 0x4_0000n;
export const NONSECURE = 0x1n;
export const REALM = 0x4000_0000_0000_0001n;

/** HCR_EL2. */
export const TID3 = 0x4_0000n;
export const TGE = 0x800_0000n;
export const E2H = 0x4_0000_0000n;
export const NV = 0x400_0000_0000n;
export const NV1 = 0x800_0000_0000n;
export const NV2 = 0x2000_0000_0000n;

/** MPAM0 to MPAM3, and the same bit in each. */
export const MPAMEN = 0x8000_0000_0000_0000n;

/** The fields of a label, for data and for fetches. */
export function labels(partidD: number, pmgD: number, partidI = 0, pmgI = 0): bigint {
  return (BigInt(pmgD) << 40n) + (BigInt(pmgI) << 32n) + (BigInt(partidD) << 16n) + BigInt(partidI);
}

/** One cpu after boot. */
export class Cpu {
  readonly subject: PeSubject;
  readonly highest: ExceptionLevel;

  constructor(subject: PeSubject, { el2, el3 }: PeProfile) {
    this.subject = subject;
    this.highest = el3 ? 3 : el2 ? 2 : 1;
  }

  /** Writes what exists, from the highest EL. */
  set(values: Partial<Record<Name, bigint>>, el: ExceptionLevel = this.highest): void {
    for (const [name, value] of Object.entries(values)) {
      expect(this.subject.write(ENCODED[name as Name], value, el), `write of ${name}`).toEqual({
        outcome: "done",
        value,
      });
    }
  }

  /** The value, or the outcome of what is not done. */
  get(name: Name, el: ExceptionLevel = this.highest): bigint | string {
    const access = this.read(name, el);
    return access.outcome === "done" ? access.value : access.outcome;
  }

  read(name: Name, el: ExceptionLevel): PeAccess {
    return this.subject.read(ENCODED[name], el);
  }

  write(name: Name, value: bigint, el: ExceptionLevel): PeAccess {
    return this.subject.write(ENCODED[name], value, el);
  }

  /** In short: done, undefined, memory, or the EL that it traps to. */
  outcome(name: Name, el: ExceptionLevel): string {
    const access = this.read(name, el);
    return access.outcome === "trap" ? `EL${access.to}` : access.outcome;
  }
}

export async function cpuWith({ create }: PeImplementation, has: Partial<PeProfile> = {}): Promise<Cpu> {
  const profile = profileOf(has);
  const subject = await create(profile);
  subject.boot();
  return new Cpu(subject, profile);
}

/** The defaults, but for one choice. */
export function choosing(choice: Partial<PeProfile["unpredictable"]>): Partial<PeProfile> {
  return { unpredictable: { ...profileOf().unpredictable, ...choice } };
}

export const BANDWIDTH = { bwaWd: 8, maxLim: "both", hwScale: true } as const;

/** Everything that can be at once. */
export const ALL: Partial<PeProfile> = { rme: true, sme: true, tidr: true, sdeflt: true, bandwidth: BANDWIDTH };
