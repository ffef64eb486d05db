// How a hypervisor reaches the registers of its cpus. A physical cpu answers by its hardware; a vCPU that has a virtual EL2 is
// answered for by the hypervisor below it.

import type { RegisterAccess, RegisterPort } from "../kernel/index.ts";

/** What came of an access of a guest to a system register. */
export type GuestAccess =
  | Exclude<RegisterAccess, { readonly outcome: "trap" | "memory" }>
  /** `ec` and `iss` of ESR_ELx, with Rt = 0. */
  | { readonly outcome: "trap"; readonly to: 2 | 3; readonly ec: number; readonly iss: number }
  /** Redirected by NV2 to this offset of the page that VNCR_EL2 names. */
  | { readonly outcome: "memory"; readonly offset: number };

/** Registers of cpus, as software at an exception level reaches them. `register` is an encoding. */
export interface HypervisorPort extends RegisterPort {
  /** Reads a register of a cpu from exception level `el`. */
  read(cpu: number, register: number, el: number): GuestAccess;
  /** Writes a register of a cpu from exception level `el`. */
  write(cpu: number, register: number, value: bigint, el: number): GuestAccess;
  /** Calls `body`, and puts all registers of the cpu back to what they were before. Not within another. */
  aside<T>(cpu: number, body: () => T): T;
}
