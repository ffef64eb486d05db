// What MBWU monitors have counted, kept over a time in which their MSC may lose its registers (linux-driver.md 6.6).

import {
  CTL_EN,
  CTL_MATCH_PMG,
  FLT_PARTID,
  FLT_PMG,
  FLT_RWBW,
  fieldGet,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  RWBW_READS,
  RWBW_WRITES,
} from "../../assembly/regs/index.ts";
import type { Holding } from "../bus/index.ts";
import { messageOf } from "../errno/index.ts";
import type { Ris } from "./classes.ts";
import { readMbwuRaw, zeroMbwu } from "./counter.ts";
import { counterWidth, overflowed, overflowStep, readMbwuMonitor, unitOf } from "./monitor.ts";
import type { Log } from "./needs.ts";
import type { MonitorRequest } from "./types.ts";

/** Stops every monitor of the RIS and takes what it shows into its correction; under the cfg lock. */
export async function saveCounters(ris: Ris, under: Holding): Promise<void> {
  const width = counterWidth(ris.vmsc.component.class.props);
  for (let mon = 0; mon < ris.props.numMbwuMon; mon++) {
    await ris.msc.withMonitor(
      ris.index,
      mon,
      async (regs) => {
        const flt = await regs.read32(MSMON_CFG_MBWU_FLT);
        const ctl = await regs.read32(MSMON_CFG_MBWU_CTL);
        await regs.write32(MSMON_CFG_MBWU_CTL, 0);
        const raw = await readMbwuRaw(regs, width);
        await zeroMbwu(regs, width);
        const state = ris.mbwuState(mon);
        const reset = state.resetsDone !== state.resetsWanted;
        if (reset) {
          // It could not be read again before.
          state.correction = 0n;
          state.resetsDone = state.resetsWanted;
        }
        if (ris.msc.odd.rawSavedCounters) state.correction = BigInt.asUintN(64, state.correction + raw);
        else if (!reset && (ctl & CTL_EN) !== 0) {
          if (overflowed(ctl, width)) state.correction += overflowStep(ris, width);
          // Not ready or not: there is no second look.
          state.correction += BigInt.asUintN(width, raw) * unitOf(ris);
        }
        // One that was stopped before, and could not be restored since, still has something to watch.
        if ((ctl & CTL_EN) !== 0) state.saved = watched(ris, mon, ctl, flt);
        else if (ris.msc.odd.rawSavedCounters) state.saved = undefined;
      },
      { under },
    );
  }
}

/** Lets every monitor that was stopped watch what it watched, from zero on; under the cfg lock. */
export async function restoreCounters(ris: Ris, under: Holding, log: Log): Promise<void> {
  const width = counterWidth(ris.vmsc.component.class.props);
  const { odd } = ris.msc;
  for (const [mon, state] of ris.mbwu) {
    const request = state.saved;
    if (request === undefined) continue;
    try {
      const anew = !odd.rawSavedCounters;
      await ris.msc.withMonitor(ris.index, mon, (regs) => readMbwuMonitor(regs, ris, request, width, anew), { under });
      state.saved = undefined;
    } catch (error) {
      // The next reading configures it: only what is counted until then is lost.
      if (!odd.silentRestore) log("error", `${ris.msc}: MBWU monitor ${mon} was not restored: ${messageOf(error)}`);
    }
  }
}

function watched(ris: Ris, mon: number, ctl: number, flt: number): MonitorRequest {
  const matchPmg = (ctl & CTL_MATCH_PMG) !== 0;
  const request = {
    type: "mbwu",
    mon,
    partid: fieldGet(FLT_PARTID, flt),
    pmg: fieldGet(FLT_PMG, flt),
    matchPmg,
  } as const;
  if (ris.msc.odd.rawSavedCounters || !ris.props.features.has("msmon_mbwu_rwbw")) return request;
  const rwbw = fieldGet(FLT_RWBW, flt);
  return { ...request, direction: rwbw === RWBW_READS ? "reads" : rwbw === RWBW_WRITES ? "writes" : "both" };
}
