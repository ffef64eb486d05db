// Reading a monitor of a component: the sum over its RIS, each configured for the label asked about when it was not
// (linux-driver.md 6.2 to 6.5).

import {
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_OFLOW_STATUS,
  CTL_OFLOW_STATUS_L,
  CTL_TYPE,
  CTL_TYPE_CSU,
  CTL_TYPE_MBWU,
  FLT_PARTID,
  FLT_PMG,
  FLT_RWBW,
  FLT_XCL,
  fieldGet,
  fieldPrep,
  MSMON_CFG_CSU_CTL,
  MSMON_CFG_CSU_FLT,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  MSMON_CSU,
  RWBW_BOTH,
  RWBW_READS,
  RWBW_WRITES,
} from "../../assembly/regs/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { ComponentNode, Ris } from "./classes.ts";
import { type CounterWidth, type Reading, readCsu, readMbwu, zeroMbwu } from "./counter.ts";
import type { MonitorRegs } from "./msc.ts";
import type { MonitorRequest, Props } from "./types.ts";

const DIRECTIONS = { both: RWBW_BOTH, writes: RWBW_WRITES, reads: RWBW_READS } as const;

export interface ReadOptions {
  readonly sleep: (ns: number) => Promise<void>;
  /** Asked when a monitor has been got at last; throws. */
  readonly stillEnabled: () => void;
  /** Ends waiting for monitors that others use. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads once; waits as long as firmware says when a part is not ready, and reads once more. Throws EBUSY after that. */
export async function readComponent(
  component: ComponentNode,
  request: MonitorRequest,
  options: ReadOptions,
): Promise<bigint> {
  const width = counterWidth(component.class.props);
  try {
    return await pass(component, request, { ...options, width, waited: false });
  } catch (error) {
    if (!(error instanceof ErrnoError && error.code === "EBUSY")) throw error;
  }
  const { nrdyUsec } = component.class;
  if (nrdyUsec !== 0) await options.sleep(nrdyUsec * 1000);
  return pass(component, request, { ...options, width, waited: true });
}

/** Reads zero from now on. Neither hardware nor the correction is touched before the next read, which may be under way. */
export function resetMbwu(component: ComponentNode, mon: number): void {
  for (const ris of component.ris) {
    if (!ris.props.features.has("msmon_mbwu")) continue;
    ris.mbwuState(mon).resetsWanted++;
  }
}

/** The widest counter all parts of the class have. */
export function counterWidth(props: Props): CounterWidth {
  if (props.features.has("msmon_mbwu_63counter")) return 63;
  return props.features.has("msmon_mbwu_44counter") ? 44 : 31;
}

interface Pass extends ReadOptions {
  readonly width: CounterWidth;
  /** It is the second one. */
  readonly waited: boolean;
}

/** Goes on after a failure, so that one wait is enough for all parts; the last failure is thrown. */
async function pass(component: ComponentNode, request: MonitorRequest, how: Pass): Promise<bigint> {
  const feature = request.type === "csu" ? "msmon_csu" : "msmon_mbwu";
  let sum = 0n;
  let failure: ErrnoError | undefined;
  for (const ris of component.ris) {
    // Linux 7.3 asks RIS without such monitors too, which some parts answer with an error.
    if (!ris.props.features.has(feature) && !ris.msc.odd.asksEveryRis) continue;
    try {
      const value = await readRis(ris, request, how);
      if (value === undefined) failure = notReady(component, request, ris);
      else sum = total(ris, sum + value);
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return sum;
}

function notReady(component: ComponentNode, request: MonitorRequest, ris: Ris): ErrnoError {
  const { nrdyUsec } = component.class;
  const which = `${request.type} monitor ${request.mon} of ${component} (${ris.msc}, RIS ${ris.index})`;
  return new ErrnoError("EBUSY", `${which} is not ready; firmware says it may take ${nrdyUsec} us`);
}

function readRis(ris: Ris, request: MonitorRequest, { width, waited, stillEnabled, signal }: Pass): Promise<Reading> {
  const read = (regs: MonitorRegs): Promise<Reading> => {
    if (request.type === "csu") return readCsuMonitor(regs, ris, request, waited);
    return readMbwuMonitor(regs, ris, request, width);
  };
  return ris.msc.withMonitor(ris.index, request.mon, read, { signal, check: stillEnabled });
}

async function readCsuMonitor(regs: MonitorRegs, ris: Ris, request: MonitorRequest, waited: boolean): Promise<Reading> {
  const ctl = await regs.read32(MSMON_CFG_CSU_CTL);
  const flt = await regs.read32(MSMON_CFG_CSU_FLT);
  const wanted = wantedConfig(ris, request);
  if (flt !== wanted.flt || withoutOverflow(ctl) !== (wanted.ctl | CTL_EN) >>> 0) {
    await regs.write32(MSMON_CFG_CSU_FLT, wanted.flt);
    await regs.write32(MSMON_CFG_CSU_CTL, wanted.ctl);
    await regs.write32(MSMON_CSU, 0);
    await regs.write32(MSMON_CFG_CSU_CTL, wanted.ctl | CTL_EN);
  }
  return readCsu(regs, waited && ris.msc.facts.quirks.has("ignore_csu_nrdy"));
}

/** @param anew Configures the monitor whatever it watches: what it shows is of another life. */
export async function readMbwuMonitor(
  regs: MonitorRegs,
  ris: Ris,
  request: MonitorRequest,
  width: CounterWidth,
  anew = false,
): Promise<Reading> {
  const { odd } = ris.msc;
  const state = ris.mbwuState(request.mon);
  const resetsWanted = state.resetsWanted;
  const ctl = await regs.read32(MSMON_CFG_MBWU_CTL);
  const flt = await regs.read32(MSMON_CFG_MBWU_FLT);
  const wanted = wantedConfig(ris, request);
  const mismatch = anew || flt !== wanted.flt || withoutOverflow(ctl) !== (wanted.ctl | CTL_EN) >>> 0;
  let carried = 0n;
  if (mismatch || state.resetsDone !== resetsWanted) {
    await regs.write32(MSMON_CFG_MBWU_FLT, wanted.flt);
    await regs.write32(MSMON_CFG_MBWU_CTL, wanted.ctl);
    await regs.write32(MSMON_CFG_MBWU_CTL, wanted.ctl | CTL_EN);
    // After enabling: a part may set NRDY when it is enabled, and the write clears that as well.
    await zeroMbwu(regs, width);
    if (state.resetsDone !== resetsWanted) state.correction = 0n;
    state.resetsDone = resetsWanted;
  } else if (overflowed(ctl, width)) {
    await regs.write32(MSMON_CFG_MBWU_CTL, withoutOverflow(ctl));
    carried = overflowStep(ris, width);
  }
  if (!odd.losesOverflows) state.correction += carried;
  const shown = await readMbwu(regs, width);
  if (shown === undefined) return undefined;
  if (odd.losesOverflows) state.correction = total(ris, state.correction + carried);
  return total(ris, shown * unitOf(ris) + state.correction);
}

export function overflowed(ctl: number, width: CounterWidth): boolean {
  return (ctl & (width === 31 ? CTL_OFLOW_STATUS : CTL_OFLOW_STATUS_L)) !== 0;
}

/** What the register no longer shows after an overflow, bytes. */
export function overflowStep(ris: Ris, width: CounterWidth): bigint {
  return total(ris, unitOf(ris) << BigInt(width));
}

/** Bytes that one step of an MBWU counter stands for. */
export function unitOf(ris: Ris): bigint {
  return ris.msc.facts.quirks.has("mbwu_times_64") ? 64n : 1n;
}

/** A sum as the kernel's 64 bits hold it, or as it is. */
function total(ris: Ris, sum: bigint): bigint {
  return ris.msc.odd.wraps64 ? BigInt.asUintN(64, sum) : sum;
}

/** CTL (without EN) and FLT of a monitor that watches what `request` asks for. */
function wantedConfig(ris: Ris, request: MonitorRequest): { readonly ctl: number; readonly flt: number } {
  const type = request.type === "csu" ? CTL_TYPE_CSU : CTL_TYPE_MBWU;
  const ctl = (CTL_MATCH_PARTID | fieldPrep(CTL_TYPE, type) | (request.matchPmg ? CTL_MATCH_PMG : 0)) >>> 0;
  let flt = fieldPrep(FLT_PARTID, request.partid) | (request.matchPmg ? fieldPrep(FLT_PMG, request.pmg) : 0);
  if (request.type === "csu" && ris.props.features.has("msmon_csu_xcl") && request.excludeClean) flt |= FLT_XCL;
  if (request.type === "mbwu" && ris.props.features.has("msmon_mbwu_rwbw")) {
    flt |= fieldPrep(FLT_RWBW, DIRECTIONS[request.direction ?? "both"]);
  }
  return { ctl, flt: flt >>> 0 };
}

/** CTL as it would be had nothing overflowed; OFLOW_STATUS_L is a bit of MBWU monitors only. */
function withoutOverflow(ctl: number): number {
  const status = fieldGet(CTL_TYPE, ctl) === CTL_TYPE_MBWU ? CTL_OFLOW_STATUS | CTL_OFLOW_STATUS_L : CTL_OFLOW_STATUS;
  return (ctl & ~status) >>> 0;
}
