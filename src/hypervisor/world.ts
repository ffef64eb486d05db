// What the registers of a cpu hold while a vCPU has it: with MPAM hidden, as KVM has it (linux-driver.md 10.5), and with virtual
// PARTIDs, as the architecture offers them (register reference 7.4).

import {
  HCR_EL2,
  MPAM0_EL1,
  MPAM1_EL1,
  MPAM2_EL2,
  MPAMHCR_EL2,
  MPAMSM_EL1,
  MPAMVPM0_EL2,
  MPAMVPMV_EL2,
} from "../../assembly/regs/pe-encodings.ts";
import { entryOf, packEntries } from "./partids.ts";
import type { VCpu } from "./vcpu.ts";
import {
  E2H,
  EL0_VPMEN,
  EL1_VPMEN,
  ENMPAMSM,
  LABEL,
  MPAMEN,
  NV,
  NV1,
  NV2,
  PLK,
  TGE,
  TID3,
  TIDR,
  TRAP_IDR,
  TRAP0,
  TRAP1,
  withPartids,
} from "./words.ts";

export interface WorldHost {
  /** The host runs at EL2 with E2H = TGE = 1. */
  readonly vhe: boolean;
  readonly hasHcr: boolean;
  readonly hasSme: boolean;
}

/** A register that is undefined stays as the host has it. */
export interface World {
  readonly mpam0: bigint | undefined;
  readonly mpam1: bigint;
  readonly mpamsm: bigint | undefined;
  /** MPAMVPM<n>_EL2 and MPAMVPMV_EL2, where virtual PARTIDs are used. */
  readonly partids: { readonly words: readonly bigint[]; readonly valid: bigint } | undefined;
  /** What MPAM2_EL2 has of `TRAPS`. */
  readonly traps: bigint;
  readonly mpamhcr: bigint;
  readonly hcr: bigint;
  /** The register of this exception level holds PARTIDs of the host, which the guest does not see: its own are in the bank. */
  readonly shadow0: boolean;
  readonly shadow1: boolean;
}

/** `own`: PARTIDs and PMGs of the vCPU's thread. */
export function worldOf(vcpu: VCpu, own: bigint, host: WorldHost): World {
  const { vm } = vcpu;
  const atEl2 = vm.nested && !vcpu.below;
  const virtualEl2 = atEl2 ? NV | NV2 | (vm.vhe ? 0n : NV1) : 0n;
  const hcr = (host.vhe ? E2H : 0n) | TID3 | virtualEl2;
  if (!vm.shown) {
    return {
      mpam0: undefined,
      mpam1: own | MPAMEN,
      mpamsm: undefined,
      partids: undefined,
      // Without MPAMHCR_EL2 there is TIDR, from v1.1 on: set in any case.
      traps: TRAP0 | TRAP1 | (host.hasHcr ? 0n : TIDR),
      mpamhcr: TRAP_IDR,
      hcr,
      shadow0: false,
      shadow1: false,
    };
  }
  return { ...virtualWorld(vcpu, own), hcr };
}

function virtualWorld(vcpu: VCpu, own: bigint): Omit<World, "hcr"> {
  const { vm, bank } = vcpu;
  const atEl2 = vm.nested && !vcpu.below;
  const ownPartid = Number((own >> 16n) & 0xffffn);
  const mapped = vm.partids.mapped(vcpu.cpu, ownPartid);
  const host = (partid: number) => mapped[partid] ?? ownPartid;
  const inner = vm.nested && vcpu.below ? innerOf(vcpu) : { el1: false, el0: false, plk: false };
  const composed = inner.el1 || inner.el0;
  const [shadow1, shadow0] = [composed && !inner.el1, composed && !inner.el0];
  // Virtual EL2 runs at EL1.
  const image1 = bank.get(atEl2 ? MPAM2_EL2 : MPAM1_EL1) & LABEL;
  const image0 = bank.get(MPAM0_EL1) & LABEL;
  const inherited = vm.nested && vcpu.below ? bank.get(MPAM2_EL2) & (TRAP0 | TRAP1 | ENMPAMSM) : ENMPAMSM;
  return {
    mpam0: shadow0 ? withPartids(image0, host) : image0,
    mpam1: (shadow1 ? withPartids(image1, host) : image1) | MPAMEN,
    mpamsm: bank.get(MPAMSM_EL1),
    partids: composed ? composedPartids(vcpu, host) : ownPartids(vcpu, mapped),
    traps: inherited | (shadow0 ? TRAP0 : 0n) | (shadow1 || (atEl2 && vm.vhe) ? TRAP1 : 0n),
    mpamhcr:
      TRAP_IDR | (shadow1 ? 0n : EL1_VPMEN) | (shadow0 ? 0n : EL0_VPMEN) | (inner.plk || vm.gstappPlk ? PLK : 0n),
    shadow0,
    shadow1,
  };
}

/** What the guest's own hypervisor asks for its guest. With virtual E2H = TGE = 1 EL0 is its own. */
function innerOf({ vm, bank }: VCpu): { readonly el1: boolean; readonly el0: boolean; readonly plk: boolean } {
  const hcr = bank.get(MPAMHCR_EL2);
  const isHost = (bank.get(HCR_EL2) & TGE) !== 0n;
  return {
    el1: (hcr & EL1_VPMEN) !== 0n,
    el0: (hcr & EL0_VPMEN) !== 0n && !(vm.vhe && isHost),
    plk: (hcr & PLK) !== 0n && !isHost,
  };
}

/** The guest's own. An entry that is not valid is 0. */
function ownPartids({ vm: { partids } }: VCpu, mapped: readonly number[]): NonNullable<World["partids"]> {
  const isValid = (v: number) => ((partids.valid >> BigInt(v)) & 1n) === 1n;
  return { words: packEntries(mapped.map((partid, v) => (isValid(v) ? partid : 0))), valid: partids.valid };
}

/** Both maps in one: what the guest's hypervisor maps to is a PARTID of the guest, which the host maps. */
function composedPartids({ vm, bank }: VCpu, host: (partid: number) => number): NonNullable<World["partids"]> {
  const valid = bank.get(MPAMVPMV_EL2);
  const isValid = (v: number) => ((valid >> BigInt(v)) & 1n) === 1n;
  const guest = (v: number): number => {
    // Above the guest's PARTID_MAX it is an error before any mapping, and PARTID 0.
    if (v > vm.partids.max) return 0;
    if (isValid(v)) return entryOf((n) => bank.get(MPAMVPM0_EL2 + n), v);
    return v !== 0 && isValid(0) ? guest(0) : 0;
  };
  const entries = Array.from({ length: 4 * (vm.facts.vpmrMax + 1) }, (_, v) => host(guest(v)));
  return { words: packEntries(entries), valid: (1n << BigInt(entries.length)) - 1n };
}
