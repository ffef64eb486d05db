// Hooks that MPAM has no answer to (resctrl-glue.md sections 15 and 17). What x86 switches on and off with alloc and
// mon, and pseudo-locking, are not asked for.

import { ErrnoError } from "../errno/index.ts";
import type { Arch } from "./arch.ts";
import type { MonDomain, Resource } from "./resource.ts";

export function ioAllocEnable(_arch: Arch, r: Resource, _enable: boolean): void {
  throw new ErrnoError("EOPNOTSUPP", `${r.name}: MPAM does not allocate for devices`);
}

export function getIoAllocEnabled(_arch: Arch, _r: Resource): boolean {
  return false;
}

/** Called before a mount looks at what there is. */
export function preMount(_arch: Arch): void {}

/** What is counted for an event cannot be chosen. */
export function isEvtConfigurable(_arch: Arch, _event: string): boolean {
  return false;
}

export function monEventConfigRead(_arch: Arch, _d: MonDomain): undefined {}

export function monEventConfigWrite(_arch: Arch, _d: MonDomain): void {}

/** An RMID has no count of its own: counters are assigned, and reset with resetCntr. */
export function resetRmid(_arch: Arch, _r: Resource, _d: MonDomain, _closid: number, _rmid: number): void {}

export function resetRmidAll(_arch: Arch, _r: Resource, _d: MonDomain): void {}
