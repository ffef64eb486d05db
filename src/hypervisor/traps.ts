// Who gets which trap. What a guest does that traps to EL2 is emulated, or is UNDEFINED for the guest; of a guest's guest it goes to
// the guest's own hypervisor where that has asked for it.

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
import type { VCpu } from "./vcpu.ts";
import { ENMPAMSM, LABEL, MPAMEN, TID3, TIDR, TRAP_IDR, TRAP0, TRAP1 } from "./words.ts";

export type Answer =
  /** The access is made for the guest, on what it believes to be the register. */
  | { readonly to: "hypervisor"; readonly value: bigint; readonly changed: boolean }
  /** The guest takes the exception of an UNDEFINED instruction. */
  | { readonly to: "guest" }
  /** The guest's own hypervisor takes the trap. */
  | { readonly to: "guest's hypervisor" };

const UNDEFINED: Answer = { to: "guest" };

/** Bits of a vCPU's registers that trap what runs below its virtual EL2; `unless`: they do while they are 0. */
const FORWARDED: readonly { readonly of: number; readonly by: number; readonly bit: bigint; readonly unless?: true }[] =
  [
    { of: MPAM0_EL1, by: MPAM2_EL2, bit: TRAP0 },
    { of: MPAM1_EL1, by: MPAM2_EL2, bit: TRAP1 },
    { of: MPAMSM_EL1, by: MPAM2_EL2, bit: ENMPAMSM, unless: true },
    { of: MPAMIDR_EL1, by: MPAM2_EL2, bit: TIDR },
    { of: MPAMIDR_EL1, by: MPAMHCR_EL2, bit: TRAP_IDR },
    { of: ID_AA64PFR0_EL1, by: HCR_EL2, bit: TID3 },
    { of: ID_AA64PFR1_EL1, by: HCR_EL2, bit: TID3 },
  ];

/** An access that trapped. `value`: what a write writes. */
export function answer(vcpu: VCpu, register: number, write: boolean, value: bigint): Answer {
  const { vm, bank } = vcpu;
  if (vm.nested && vcpu.below && isForwarded(vcpu, register)) return { to: "guest's hypervisor" };
  const shown = vm.identity.read(register);
  if (shown !== undefined) return write ? UNDEFINED : { to: "hypervisor", value: shown, changed: false };
  if (!vm.shown) return UNDEFINED;
  const own = emulated(vcpu, register);
  if (!own) return UNDEFINED;
  if (!write) return { to: "hypervisor", value: (bank.get(own.register) & own.mask) | own.ones, changed: false };
  bank.set(own.register, value & own.mask);
  return { to: "hypervisor", value, changed: true };
}

function isForwarded({ vm, bank }: VCpu, register: number): boolean {
  return FORWARDED.some(({ of, by, bit, unless }) => {
    if (of !== register || (by !== HCR_EL2 && !vm.shown)) return false;
    if (bit === TIDR && !vm.facts.hasTidr) return false;
    return ((bank.get(by) & bit) === 0n) === (unless ?? false);
  });
}

/** The register of the guest that an access is for, the bits that it has, and those that read as 1. */
function emulated(vcpu: VCpu, register: number): { register: number; mask: bigint; ones: bigint } | undefined {
  const { nested, vhe, facts } = vcpu.vm;
  if (!nested) return undefined;
  if (vcpu.below) {
    // The host keeps these for the guest while the cpu has translations of them.
    if (register === MPAM0_EL1) return { register, mask: LABEL, ones: 0n };
    if (register === MPAM1_EL1) return { register, mask: LABEL, ones: MPAMEN };
    return undefined;
  }
  if (register !== MPAM2_EL2 && !(register === MPAM1_EL1 && vhe)) return undefined;
  const mask = LABEL | TRAP0 | TRAP1 | (facts.hasTidr ? TIDR : 0n) | (facts.hasSme ? ENMPAMSM : 0n);
  return { register: MPAM2_EL2, mask, ones: MPAMEN };
}
