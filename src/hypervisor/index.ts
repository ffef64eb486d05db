// The hypervisor of the emulated machine, as far as labels ask for one.

export type { TrapCounts } from "./accesses.ts";
export { type ElOf, Hypervisor, type HypervisorHost, type HypervisorState } from "./hypervisor.ts";
export type { CpuFacts, Identity } from "./identity.ts";
export type { PartidEntry, VirtualPartids } from "./partids.ts";
export type { GuestAccess, HypervisorPort } from "./port.ts";
export type { WorldCounts } from "./switcher.ts";
export type { VCpu } from "./vcpu.ts";
export type { VmState } from "./vm.ts";
export { GUEST_MPAM, type GuestMpam, type GuestRegisters, type Vm, type VmOptions } from "./vm.ts";
export { trapTo } from "./words.ts";
