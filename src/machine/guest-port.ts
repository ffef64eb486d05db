// The hypervisor's way to the registers of the cpus: accesses that the hardware answers, and what a trap says of itself.

import { ACCESS_MEMORY, ACCESS_TRAP_EL2, ACCESS_TRAP_EL3, ACCESS_UNDEFINED } from "../../assembly/regs/pe-words.ts";
import type { GuestAccess, HypervisorPort } from "../hypervisor/index.ts";
import { syndromeOf } from "./system-registers.ts";
import type { Hardware } from "./wasm.ts";
