// The registers of one monitor, numbered: CSU from 0, MBWU from 16, first those that every monitor of the type has.

import {
  CSUMON_IDR_HAS_CAPTURE,
  CSUMON_IDR_HAS_OFSR,
  MBWUMON_IDR_HAS_CAPTURE,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_HAS_OFSR,
} from "../regs/identity";

export const CSU_FLT: u32 = 0;
export const CSU_CTL: u32 = 1;
export const CSU_VALUE: u32 = 2;
export const CSU_CAPTURE: u32 = 3;
export const CSU_OFSR: u32 = 4;

export const MBWU_FLT: u32 = 16;
export const MBWU_CTL: u32 = 17;
export const MBWU_VALUE: u32 = 18;
export const MBWU_CAPTURE: u32 = 19;
/** The low word; the high word is the next number. */
export const MBWU_LONG: u32 = 20;
export const MBWU_LONG_CAPTURE: u32 = 22;
export const MBWU_OFSR: u32 = 24;

export const LONG_CAPTURE: u32 = MBWUMON_IDR_HAS_LONG | MBWUMON_IDR_HAS_CAPTURE;

// @ts-ignore: decorator
@inline
export function isOfMbwu(register: u32): bool {
  return register >= MBWU_FLT;
}

/** Filter, control and value: no monitor of the type is without them. */
// @ts-ignore: decorator
@inline
export function isCommon(register: u32): bool {
  return (register & 15) <= CSU_VALUE;
}

/** The bits of MPAMF_CSUMON_IDR or MPAMF_MBWUMON_IDR that an optional register needs; 0 for the others. */
export function featureOf(register: u32): u32 {
  switch (register) {
    case CSU_CAPTURE:
      return CSUMON_IDR_HAS_CAPTURE;
    case CSU_OFSR:
      return CSUMON_IDR_HAS_OFSR;
    case MBWU_CAPTURE:
      return MBWUMON_IDR_HAS_CAPTURE;
    case MBWU_LONG:
    case MBWU_LONG + 1:
      return MBWUMON_IDR_HAS_LONG;
    case MBWU_LONG_CAPTURE:
    case MBWU_LONG_CAPTURE + 1:
      return LONG_CAPTURE;
    case MBWU_OFSR:
      return MBWUMON_IDR_HAS_OFSR;
  }
  return 0;
}
