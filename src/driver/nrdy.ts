// Whether NRDY of a CSU monitor moves by itself or is a bit that only software writes (linux-driver.md 2.4).

import {
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_TYPE_CSU,
  MSMON_CFG_CSU_CTL,
  MSMON_CFG_CSU_FLT,
  MSMON_CSU,
  VALUE_NRDY,
} from "../../assembly/regs/index.ts";
import type { Holding } from "../bus/index.ts";
import type { Msc } from "./msc.ts";

export interface NrdyBehaviour {
  /** Software can write a 1. */
  readonly canSet: boolean;
  /** It stays 0 across a change of configuration: no time is needed. */
  readonly canClear: boolean;
}

/** Tries monitor 0 of the RIS, and leaves it enabled; the first real reading configures it anew. */
export function tryNrdy(msc: Msc, ris: number, under: Holding): Promise<NrdyBehaviour> {
  const readNrdy = (value: number): boolean => (value & VALUE_NRDY) !== 0;
  return msc.withMonitor(
    ris,
    0,
    async (regs) => {
      await regs.write32(MSMON_CFG_CSU_FLT, 0);
      await regs.write32(MSMON_CFG_CSU_CTL, CTL_TYPE_CSU | CTL_MATCH_PARTID | CTL_MATCH_PMG | CTL_EN);
      await regs.write32(MSMON_CSU, VALUE_NRDY);
      const canSet = readNrdy(await regs.read32(MSMON_CSU));
      await regs.write32(MSMON_CSU, 0);
      // A change of configuration between the write and the read: hardware that needs time afterwards says so now.
      await regs.write32(MSMON_CFG_CSU_FLT, 1);
      const canClear = !readNrdy(await regs.read32(MSMON_CSU));
      return { canSet, canClear };
    },
    { under },
  );
}
