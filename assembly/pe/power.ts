// A cpu comes to life: described while the machine is being built, reset, and booted by firmware (register reference 7.3;
// docs/modelled.md, "The processor side").

import {
  MPAM2_HI_TRAPMPAM0EL1,
  MPAM2_HI_TRAPMPAM1EL1,
  MPAM3_HI_TRAPLOWER,
  MPAM_HI_MPAMEN,
  MPAMBW2_HI_NTRAP_MPAMBW0_EL1,
  MPAMBW2_HI_NTRAP_MPAMBW1_EL1,
  MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1,
  MPAMBW2_HI_NTRAP_MPAMBWSM_EL1,
  MPAMBW3_HI_NTRAPLOWER,
  MPAMBW_HI_ENABLED,
  MPAMHCR_TRAP_MPAMIDR_EL1,
  SCR_EEL2,
  SCR_NS,
} from "../regs/pe";
import { PE_FIRMWARE_ENABLES, PE_FIRMWARE_TRAPS, PE_RESET_ONES } from "../regs/pe-words";
import { root } from "../root";
import { writeRegister } from "./fields";
import { declareRegisters, hasEl3, hasMpam, highestEl } from "./profile";
import {
  HCR,
  MPAM0,
  MPAM2,
  MPAM3,
  MPAMBW0,
  MPAMBW2,
  MPAMBW3,
  MPAMBWCAP,
  MPAMBWIDR,
  MPAMBWSM,
  MPAMHCR,
  MPAMIDR,
  newPe,
  Pe,
  PFR0,
  PFR1,
  SCR,
  wide,
} from "./registers";

const NTRAPS: u32 =
  MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1 |
  MPAMBW2_HI_NTRAP_MPAMBW0_EL1 |
  MPAMBW2_HI_NTRAP_MPAMBW1_EL1 |
  MPAMBW2_HI_NTRAP_MPAMBWSM_EL1;

/** The next cpu, from its ID registers and what it chooses. It is as firmware leaves it. */
export function addCpu(pfr0: u64, pfr1: u64, idr: u64, bwidr: u64, options: u32, bytesPerSecond: u64): void {
  const pe = newPe();
  pe.bytesPerSecond = bytesPerSecond;
  pe.options = options;
  pe.describe(PFR0, 0, pfr0);
  pe.describe(PFR1, 0, pfr1);
  if (hasMpam(pe)) {
    pe.describe(MPAMIDR, 0, idr);
    if (bwidr != 0) {
      pe.describe(MPAMBWIDR, 0, bwidr);
      root().mayLimit = 1;
    }
  }
  declareRegisters(pe);
  boot(pe);
}

/** As a reset leaves it, before any software has run. A bit that nothing is said of below resets to what the cpu chooses. */
export function reset(pe: Pe): void {
  const unknown: u64 = pe.options & PE_RESET_ONES ? u64.MAX_VALUE : 0;
  for (let register: u32 = 0; register < HCR; register++) writeRegister(pe, register, unknown);
  pe.put(SCR, 0);
  pe.put(HCR, 0);
  const highest = highestEl(pe);
  // Of the register of the highest exception level; in the others MPAMEN cannot be written.
  pe.set(MPAM0 + highest, wide(MPAM_HI_MPAMEN, 0), false);
  pe.set(MPAM3, wide(MPAM3_HI_TRAPLOWER, 0), true);
  pe.set(MPAMBW0 + highest, wide(MPAMBW_HI_ENABLED, 0), false);
  pe.set(MPAMBW3, wide(MPAMBW3_HI_NTRAPLOWER, 0), false);
  if (highest == 1) pe.set(MPAMBWSM, wide(MPAMBW_HI_ENABLED, 0), false);
  if (highest == 2) {
    pe.set(MPAM2, wide(MPAM2_HI_TRAPMPAM0EL1 | MPAM2_HI_TRAPMPAM1EL1, 0), true);
    pe.set(MPAMHCR, wide(0, MPAMHCR_TRAP_MPAMIDR_EL1), true);
    pe.set(MPAMBW2, wide(NTRAPS, 0), false);
    pe.set(MPAMBWCAP, wide(MPAMBW_HI_ENABLED, 0), false);
  }
}

/** As boot firmware, which runs at the highest exception level after a reset, leaves it to software. */
export function boot(pe: Pe): void {
  reset(pe);
  pe.set(MPAM0 + highestEl(pe), wide(MPAM_HI_MPAMEN, 0), (pe.options & PE_FIRMWARE_ENABLES) != 0);
  pe.set(MPAM3, wide(MPAM3_HI_TRAPLOWER, 0), (pe.options & PE_FIRMWARE_TRAPS) != 0);
  pe.set(MPAMBW3, wide(MPAMBW3_HI_NTRAPLOWER, 0), true);
  if (hasEl3(pe)) pe.set(SCR, wide(0, SCR_NS | SCR_EEL2), true);
}
