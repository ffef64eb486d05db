// Where the architecture leaves a choice that both monitor types share (docs/modelled.md, "What a part has").

import { Msc } from "../msc/state";
import { CTL_OFLOW_FRZ } from "../regs/monitor";
import { OPTION_CLEARS_CONDITIONAL, OPTION_UNFREEZE_FRZ } from "../regs/options";

/** Whether writing a value clears its overflow status (D15). `links`: not 0 where the type has CEVNT_OFLW or OFLOW_LNKG. */
export function clearsStatus(msc: Msc, links: u32): bool {
  return links != 0 || (msc.options & OPTION_CLEARS_CONDITIONAL) == 0;
}

/** Whether this control word, just written, lets a frozen monitor go on (D23). */
export function unfreezesByCtl(msc: Msc, ctl: u32): bool {
  return (msc.options & OPTION_UNFREEZE_FRZ) != 0 && (ctl & CTL_OFLOW_FRZ) == 0;
}
