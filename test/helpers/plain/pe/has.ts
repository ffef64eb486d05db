/** What a cpu has, by its profile. */
import type { ExceptionLevel, PeProfile } from "../../pe-subject.ts";

export function highestEl(profile: PeProfile): ExceptionLevel {
  if (profile.el3) return 3;
  if (profile.el2) return 2;
  return 1;
}

export function hasMpam(profile: PeProfile): boolean {
  return profile.version !== "none";
}

export function hasHcr(profile: PeProfile): boolean {
  return profile.vpmrMax !== "none";
}

/** How many virtual PARTIDs there are: four to a register. */
export function virtualPartids(profile: PeProfile): number {
  return profile.vpmrMax === "none" ? 0 : 4 * profile.vpmrMax + 4;
}

/** Whether this cpu has the register. Names that end in _EL12 are there where the register is. */
export function hasRegister(profile: PeProfile, name: string): boolean {
  if (name === "ID_AA64PFR0_EL1" || name === "ID_AA64PFR1_EL1") return true;
  if (name === "SCR_EL3") return profile.el3;
  if (name === "HCR_EL2") return profile.el2;

  if (!hasMpam(profile)) return false;
  if (name.endsWith("_EL2") && !profile.el2) return false;
  if (name.endsWith("_EL3") && !profile.el3) return false;
  if (name.startsWith("MPAMBW") && profile.bandwidth === "none") return false;
  if (name === "MPAMSM_EL1" || name === "MPAMBWSM_EL1") return profile.sme;
  if (name === "MPAMHCR_EL2" || name === "MPAMVPMV_EL2" || name === "MPAMBWCAP_EL2") return hasHcr(profile);
  if (name.startsWith("MPAMVPM")) return profile.vpmrMax !== "none" && vpmNumber(name) <= profile.vpmrMax;
  return true;
}

export function isReadOnly(name: string): boolean {
  return ["MPAMIDR_EL1", "MPAMBWIDR_EL1", "ID_AA64PFR0_EL1", "ID_AA64PFR1_EL1"].includes(name);
}

/** n of MPAMVPM<n>_EL2. */
function vpmNumber(name: string): number {
  return Number(name.slice("MPAMVPM".length, "MPAMVPM".length + 1));
}
