// An access to a system register by its name: who may make it, where it goes instead, and what it reads and writes (docs/modelled.md,
// "The processor side"; register reference 7.6).

import {
  HCR_HI_E2H,
  HCR_HI_NV,
  HCR_HI_NV1,
  HCR_HI_NV2,
  MPAM3_HI_TRAPLOWER,
  MPAMBW3_HI_NTRAPLOWER,
} from "../regs/pe";
import { ACCESS_DONE, ACCESS_MEMORY, ACCESS_TRAP_EL2, ACCESS_TRAP_EL3, ACCESS_UNDEFINED } from "../regs/pe-words";
import { root } from "../root";
import { readRegister, writeRegister } from "./fields";
import {
  FAMILY_BANDWIDTH,
  FAMILY_SYSTEM,
  Name,
  nameOf,
  NO_SLOT,
  OF_EL1,
  OF_EL2,
  OF_EL3,
} from "./names";
import { MPAM3, MPAMBW3, Pe } from "./registers";
import { actingHcr, isEl2Enabled, stateBelow } from "./state";

/** What becomes of it (regs/pe-words.ts). root().accessed: what it read or wrote, or the offset it went to. */
export function access(pe: Pe, el: u32, encoding: u32, write: bool, value: u64): u32 {
  const name = nameOf(encoding);
  root().accessed = 0;
  if (changetype<usize>(name) == 0 || !isThere(pe, name, el) || (write && name.readOnly)) return ACCESS_UNDEFINED;
  const hcr = <u32>(actingHcr(pe, el, stateBelow(pe)) >>> 32);
  if (!isAllowed(name, el, hcr)) return ACCESS_UNDEFINED;
  const redirected = el == 1 && isRedirected(name, hcr);
  // Names of EL1 are trapped first.
  if (redirected && name.level != OF_EL1) return redirect(name);
  if (el < 3 && isTrappedByEl3(pe, name)) return ACCESS_TRAP_EL3;
  if (el == 1 && (name.level != OF_EL1 || isTrappedByEl2(pe, name))) return ACCESS_TRAP_EL2;
  if (redirected) return redirect(name);
  const register = el == 2 && hcr & HCR_HI_E2H ? name.registerOfHost : name.register;
  if (write) {
    writeRegister(pe, register, value);
    root().accessed = value;
  } else root().accessed = readRegister(pe, register);
  return ACCESS_DONE;
}

function redirect(name: Name): u32 {
  root().accessed = name.slot;
  return ACCESS_MEMORY;
}

function isThere(pe: Pe, name: Name, el: u32): bool {
  return el != 0 && pe.has(name.register);
}

/** Whether software of an exception level has this name at all. `hcr`: the high word of HCR_EL2 as it acts there. */
function isAllowed(name: Name, el: u32, hcr: u32): bool {
  if (name.level == OF_EL1) return true;
  if (name.level == OF_EL3) return el == 3;
  if (el == 1) return (hcr & HCR_HI_NV) != 0;
  return name.level == OF_EL2 || (hcr & HCR_HI_E2H) != 0;
}

/** Whether NV2 makes memory of an access from EL1. */
function isRedirected(name: Name, hcr: u32): bool {
  const both = HCR_HI_NV | HCR_HI_NV2;
  if ((hcr & both) != both || name.slot == NO_SLOT) return false;
  if (name.level == OF_EL2) return true;
  return (name.level == OF_EL1) == ((hcr & HCR_HI_NV1) != 0);
}

/** Neither register is there without EL3; a cpu without bandwidth control has no name that asks for MPAMBW3_EL3. */
function isTrappedByEl3(pe: Pe, name: Name): bool {
  if (name.family == FAMILY_SYSTEM || !pe.has(MPAM3)) return false;
  if (pe.high(MPAM3) & MPAM3_HI_TRAPLOWER) return true;
  return name.family == FAMILY_BANDWIDTH && !(pe.high(MPAMBW3) & MPAMBW3_HI_NTRAPLOWER);
}

/** A cpu that lacks a bit that traps while it is 0 lacks the register that it is about, too. */
function isTrappedByEl2(pe: Pe, name: Name): bool {
  if (!isEl2Enabled(pe, stateBelow(pe))) return false;
  for (let n: u32 = 0; n < name.traps; n++) {
    const trap = name.trap(n);
    const is: u32 = pe.word(trap.register) & trap.bit ? 1 : 0;
    if (is == trap.when) return true;
  }
  return false;
}
