// The ID registers: read-only, and those that a RIS has follow MPAMCFG_PART_SEL.RIS (registers.md section 2).

import { fieldGet, fieldPrep } from "../regs/field";
import {
  IDR_EXT,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_IMPL_IDR,
  IDR_HAS_MBW_PART,
  IDR_HAS_MSMON,
  IDR_HAS_PRI_PART,
  IDR_HI_RIS_MAX,
  IDR_HI_SP4,
  IDR_PARTID_MAX,
  IDR_PMG_MAX,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
} from "../regs/identity";
import {
  MPAMF_AIDR,
  MPAMF_CCAP_IDR,
  MPAMF_CPOR_IDR,
  MPAMF_CSUMON_IDR,
  MPAMF_IDR,
  MPAMF_IIDR,
  MPAMF_IMPL_IDR,
  MPAMF_MBWUMON_IDR,
  MPAMF_MBW_IDR,
  MPAMF_MSMON_IDR,
  MPAMF_PARTID_NRW_IDR,
  MPAMF_PRI_IDR,
  MPAMF_SIDR,
} from "../regs/offsets";
import { PART_SEL_RIS } from "../regs/partition";
import { SPACE_S } from "../pe/owners";
import { Bank, defined, risOf } from "./state";

export function readIdentity(bank: Bank, offset: u32): u32 {
  const msc = bank.msc;
  const limits = fieldPrep(IDR_PARTID_MAX, bank.partidMax) | fieldPrep(IDR_PMG_MAX, bank.pmgMax);
  switch (offset) {
    case MPAMF_IIDR:
      return msc.iidr;
    case MPAMF_AIDR:
      return msc.aidr;
    case MPAMF_SIDR:
      return bank.space == SPACE_S ? limits : 0;
    case MPAMF_PARTID_NRW_IDR:
      return msc.nrwIdr;
  }
  const index = fieldGet(PART_SEL_RIS, bank.partSel);
  // An undefined RIS has nothing, says so without an error, and leaves the limits readable (D6; section 9.1).
  if (!defined(bank, index)) {
    if (offset == MPAMF_IDR) return limits | (msc.idr & IDR_EXT);
    return offset == MPAMF_IDR + 4 ? msc.idrHi & (IDR_HI_RIS_MAX | IDR_HI_SP4) : 0;
  }
  const ris = risOf(msc, index);
  switch (offset) {
    case MPAMF_IDR:
      return limits | msc.idr | ris.idr;
    case MPAMF_IDR + 4:
      return msc.idrHi | ris.idrHi;
    case MPAMF_IMPL_IDR:
      return ris.idr & IDR_HAS_IMPL_IDR ? ris.implIdr : 0;
    case MPAMF_CPOR_IDR:
      return ris.idr & IDR_HAS_CPOR_PART ? ris.cporIdr : 0;
    case MPAMF_CCAP_IDR:
      return ris.idr & IDR_HAS_CCAP_PART ? ris.ccapIdr : 0;
    case MPAMF_MBW_IDR:
      return ris.idr & IDR_HAS_MBW_PART ? ris.mbwIdr : 0;
    case MPAMF_PRI_IDR:
      return ris.idr & IDR_HAS_PRI_PART ? ris.priIdr : 0;
    case MPAMF_MSMON_IDR:
      return ris.idr & IDR_HAS_MSMON ? ris.msmonIdr | msc.msmonIdr : 0;
    case MPAMF_CSUMON_IDR:
      return ris.msmonIdr & MSMON_IDR_MSMON_CSU ? ris.csumonIdr : 0;
    case MPAMF_MBWUMON_IDR:
      return ris.msmonIdr & MSMON_IDR_MSMON_MBWU ? ris.mbwumonIdr : 0;
  }
  return 0;
}
