// The value registers of monitors: how wide they are, how they are read and zeroed (linux-driver.md 6.3, 6.4).

import { fieldGet, MSMON_CSU, MSMON_MBWU, MSMON_MBWU_L, VALUE_NRDY, VALUE_VALUE } from "../../assembly/regs/index.ts";
import type { MonitorRegs } from "./msc.ts";

/** Bits of an MBWU counter; 44 and 63 are what MSMON_MBWU_L may show. */
export type CounterWidth = 31 | 44 | 63;

/** MSMON_MBWU_L.NRDY. */
const LONG_NRDY = 1n << 63n;

/** Undefined: not ready. */
export type Reading = bigint | undefined;

export async function readCsu(regs: MonitorRegs, ignoreNrdy: boolean): Promise<Reading> {
  const word = await regs.read32(MSMON_CSU);
  if ((word & VALUE_NRDY) !== 0 && !ignoreNrdy) return undefined;
  return BigInt(fieldGet(VALUE_VALUE, word));
}

export async function readMbwu(regs: MonitorRegs, width: CounterWidth): Promise<Reading> {
  const raw = await readMbwuRaw(regs, width);
  const nrdy = width === 31 ? BigInt(VALUE_NRDY) : LONG_NRDY;
  return (raw & nrdy) === 0n ? BigInt.asUintN(width, raw) : undefined;
}

/** As the register shows it, NRDY and all; NRDY alone where a long counter would not stand still. */
export async function readMbwuRaw(regs: MonitorRegs, width: CounterWidth): Promise<bigint> {
  if (width === 31) return BigInt(await regs.read32(MSMON_MBWU));
  return (await readLong(regs)) ?? LONG_NRDY;
}

/** Also clears NRDY, which of a counting monitor is software's to clear. */
export async function zeroMbwu(regs: MonitorRegs, width: CounterWidth): Promise<void> {
  if (width === 31) {
    await regs.write32(MSMON_MBWU, 0);
    return;
  }
  await regs.write32(MSMON_MBWU_L, 0);
  await regs.write32(MSMON_MBWU_L + 4, 0);
}

/** High, low, high: the counter may carry between two 32-bit reads, and only a repeated high word rules that out. */
async function readLong(regs: MonitorRegs): Promise<Reading> {
  let high = await regs.read32(MSMON_MBWU_L + 4);
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = high;
    const low = await regs.read32(MSMON_MBWU_L);
    high = await regs.read32(MSMON_MBWU_L + 4);
    if (before === high) return (BigInt(high) << 32n) | BigInt(low);
  }
  return undefined;
}
