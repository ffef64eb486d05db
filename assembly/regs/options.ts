// What a part chooses where the architecture leaves a choice, as one word of addMsc; and the NRDY word of addRis.

export const OPTION_SELECTOR_CHECK: u32 = 0x0000_0003;
export const SELECTOR_ACS: u32 = 0;
export const SELECTOR_REJECT: u32 = 1;
export const SELECTOR_LAZY: u32 = 2;

export const OPTION_ERROR_EDGE: u32 = 0x0000_0004;
/** `resetFill` of addMsc holds for all PARTIDs but 0. */
export const OPTION_RESET_FILL: u32 = 0x0000_0008;
export const OPTION_NFU_POISON: u32 = 0x0000_0010;
export const OPTION_CLEARS_CONDITIONAL: u32 = 0x0000_0020;
export const OPTION_UNFREEZE_FRZ: u32 = 0x0000_0040;
export const OPTION_SCALE_FLOOR: u32 = 0x0000_0080;
/** Capture events that exist: bit n of the field for event n + 1. */
export const OPTION_CAPT_EVENTS: u32 = 0x0000_3f00;

// Errata (docs/modelled.md).
/** T241-MPAM-6: MBWU monitors count units of 64 bytes. */
export const OPTION_MBWU_UNITS: u32 = 0x0000_4000;
/** CMN-650-3642720: CSU monitors of hardware's NRDY are never ready. */
export const OPTION_CSU_NEVER_READY: u32 = 0x0000_8000;
/** T241-MPAM-4: MBW_MIN is what limits. */
export const OPTION_MIN_LIMITS: u32 = 0x0001_0000;

export const NRDY_CSU: u32 = 0x0000_0003;
export const NRDY_MBWU: u32 = 0x0000_000c;
export const NRDY_HW: u32 = 0;
export const NRDY_SW: u32 = 1;
export const NRDY_NONE: u32 = 2;
