/** MSMON_CFG_MON_SEL and the monitors behind it, and what sums them up. */
import type { SubjectRis } from "../subject.ts";
import type { Bank } from "./bank.ts";
import { bit } from "./bits.ts";
import type { CsuMonitor } from "./csu-monitor.ts";
import { MONITOR_RANGE, MSMONCFG_ID_RANGE, RIS_NO_MONITOR, UNDEFINED_RIS_MON_SEL } from "./errors.ts";
import type { MbwuMonitor } from "./mbwu-monitor.ts";
import { OFFSET } from "./offsets.ts";
import { hasMonitors } from "./part.ts";
import type { Register } from "./register.ts";
import { highWordOf, lowWordOf, readingOf, withHighWord, withLowWord, wordOf } from "./value-word.ts";

type Csu = NonNullable<SubjectRis["csu"]>;
type Mbwu = NonNullable<SubjectRis["mbwu"]>;

/** @param localEvent raises the local capture event; its argument is ALL */
export function monitorRegisters(bank: Bank, localEvent: (all: boolean) => void): Register[] {
  const { instances, monSel, part } = bank;
  const registers: Register[] = [];
  const describesMonitors = ({ impl }: SubjectRis): boolean =>
    impl !== undefined && (part.v10 || impl.noMsmon !== true);
  if (instances.some((ris) => hasMonitors(ris) || describesMonitors(ris))) {
    registers.push({
      offset: OFFSET.MSMON_CFG_MON_SEL,
      read: () => monSel.read(),
      write: (value) => monSel.write(value),
    });
  }
  if (instances.some(hasMonitors)) registers.push(...commonRegisters(bank, localEvent));
  if (instances.some(({ csu }) => csu !== undefined)) registers.push(...csuRegisters(bank));
  if (instances.some(({ mbwu }) => mbwu !== undefined)) registers.push(...mbwuRegisters(bank));
  return registers;
}

function commonRegisters(bank: Bank, localEvent: (all: boolean) => void): Register[] {
  const { localCaptEvnt, oflwMsi, oflowSr } = bank.part.config;
  const registers: Register[] = [];
  if (localCaptEvnt === true) {
    registers.push({
      offset: OFFSET.MSMON_CAPT_EVNT,
      read: () => 0,
      write: (value) => {
        if (bit(value, 0)) localEvent(bit(value, 1));
      },
    });
  }
  if (oflwMsi === true) registers.push(...bank.overflowMsi.registers(OFFSET.MSMON_OFLOW_MSI));
  if (oflowSr === true) registers.push({ offset: OFFSET.MSMON_OFLOW_SR, read: () => overflowSummary(bank) });
  return registers;
}

/** MSMON_OFLOW_SR: by type, and by instance. */
function overflowSummary(bank: Bank): number {
  let csuPending = false;
  let mbwuPending = false;
  let instances = 0;
  for (const { ris, csu, mbwu } of bank.monitors) {
    const ofCsu = csu.some(({ overflowed }) => overflowed);
    const ofMbwu = mbwu.some(({ overflowed }) => overflowed);
    if (ofCsu) csuPending = true;
    if (ofMbwu) mbwuPending = true;
    if (ofCsu || ofMbwu) instances += 2 ** ris;
  }
  return (csuPending ? 2 ** 31 : 0) + (mbwuPending ? 2 ** 30 : 0) + instances;
}

function csuRegisters(bank: Bank): Register[] {
  const monitor = (): CsuMonitor | undefined => selectedCsu(bank);
  const capturing = (): CsuMonitor | undefined => selectedCsu(bank, ({ capture }) => capture === true);
  const registers: Register[] = [
    {
      offset: OFFSET.MSMON_CFG_CSU_FLT,
      read: () => monitor()?.words.readFlt() ?? 0,
      write: (value) => writeFlt(bank, value, monitor()),
    },
    {
      offset: OFFSET.MSMON_CFG_CSU_CTL,
      read: () => monitor()?.words.readCtl() ?? 0,
      write: (value) => monitor()?.writeCtl(value),
    },
    {
      offset: OFFSET.MSMON_CSU,
      read: () => wordOf(monitor()?.read() ?? NOTHING),
      write: (value) => monitor()?.write(value),
    },
  ];
  if (bank.instances.some(({ csu }) => csu?.capture === true)) {
    registers.push({
      offset: OFFSET.MSMON_CSU_CAPTURE,
      read: () => wordOf(capturing()?.captured.reading ?? NOTHING),
      write: (value) => capturing()?.captured.set(readingOf(value)),
    });
  }
  if (bank.instances.some(({ csu }) => csu?.ofsr === true)) {
    registers.push({
      offset: OFFSET.MSMON_CSU_OFSR,
      read: () => {
        const found = selectedCsu(bank, ({ ofsr }) => ofsr === true);
        return found === undefined ? 0 : pending(bank, all(bank, "csu"));
      },
    });
  }
  return registers;
}

function mbwuRegisters(bank: Bank): Register[] {
  const monitor = (): MbwuMonitor | undefined => selectedMbwu(bank);
  const long = (): MbwuMonitor | undefined => selectedMbwu(bank, ({ counter }) => counter !== 31);
  const capturing = (): MbwuMonitor | undefined => selectedMbwu(bank, ({ capture }) => capture === true);
  const registers: Register[] = [
    {
      offset: OFFSET.MSMON_CFG_MBWU_FLT,
      read: () => monitor()?.words.readFlt() ?? 0,
      write: (value) => writeFlt(bank, value, monitor()),
    },
    {
      offset: OFFSET.MSMON_CFG_MBWU_CTL,
      read: () => monitor()?.words.readCtl() ?? 0,
      write: (value) => monitor()?.writeCtl(value),
    },
    {
      offset: OFFSET.MSMON_MBWU,
      read: () => wordOf(monitor()?.read() ?? NOTHING),
      write: (value) => monitor()?.write(value),
    },
  ];
  if (bank.instances.some(({ mbwu }) => mbwu?.capture === true)) {
    registers.push({
      offset: OFFSET.MSMON_MBWU_CAPTURE,
      read: () => wordOf(capturing()?.captured.reading ?? NOTHING),
      write: (value) => capturing()?.captured.set(readingOf(value)),
    });
  }
  if (bank.instances.some(({ mbwu }) => mbwu !== undefined && mbwu.counter !== 31)) {
    registers.push(
      {
        offset: OFFSET.MSMON_MBWU_L,
        read: () => lowWordOf(long()?.readLong() ?? NOTHING),
        write: (value) => long()?.writeLongLow(value),
      },
      {
        offset: OFFSET.MSMON_MBWU_L + 4,
        read: () => highWordOf(long()?.readLong() ?? NOTHING),
        write: (value) => long()?.writeLongHigh(value),
      },
    );
  }
  if (bank.instances.some(({ mbwu }) => mbwu !== undefined && capturesLong(mbwu))) {
    const captured = (): MbwuMonitor["capturedLong"] => selectedMbwu(bank, capturesLong)?.capturedLong;
    registers.push(
      {
        offset: OFFSET.MSMON_MBWU_L_CAPTURE,
        read: () => lowWordOf(captured()?.reading ?? NOTHING),
        write: (value) => {
          const register = captured();
          register?.set(withLowWord(register.reading, value));
        },
      },
      {
        offset: OFFSET.MSMON_MBWU_L_CAPTURE + 4,
        read: () => highWordOf(captured()?.reading ?? NOTHING),
        write: (value) => {
          const register = captured();
          register?.set(withHighWord(register.reading, value));
        },
      },
    );
  }
  if (bank.instances.some(({ mbwu }) => mbwu?.ofsr === true)) {
    registers.push({
      offset: OFFSET.MSMON_MBWU_OFSR,
      read: () => {
        const found = selectedMbwu(bank, ({ ofsr }) => ofsr === true);
        return found === undefined ? 0 : pending(bank, all(bank, "mbwu"));
      },
    });
  }
  return registers;
}

const NOTHING = { value: 0n, nrdy: false };

function capturesLong({ counter, capture }: Mbwu): boolean {
  return counter !== 31 && capture === true;
}

/** The monitor that MON_SEL exposes, or undefined and an error; but no error where the instance has the type and lacks what is optional. */
function selectedCsu(bank: Bank, lacksNothing: (csu: Csu) => boolean = () => true): CsuMonitor | undefined {
  const csu = definedInstance(bank)?.csu;
  return select(bank, csu, csu === undefined || lacksNothing(csu), all(bank, "csu"));
}

function selectedMbwu(bank: Bank, lacksNothing: (mbwu: Mbwu) => boolean = () => true): MbwuMonitor | undefined {
  const mbwu = definedInstance(bank)?.mbwu;
  return select(bank, mbwu, mbwu === undefined || lacksNothing(mbwu), all(bank, "mbwu"));
}

function definedInstance(bank: Bank): SubjectRis | undefined {
  return bank.monSel.instance;
}

/** Checked in this order: the instance, the type, the optional register, the index. */
function select<T>(bank: Bank, type: Csu | Mbwu | undefined, present: boolean, monitors: readonly T[]): T | undefined {
  const { monSel } = bank;
  if (monSel.instance === undefined) monSel.complain(UNDEFINED_RIS_MON_SEL);
  else if (type === undefined) monSel.complain(RIS_NO_MONITOR);
  else if (present && monSel.selection.mon >= type.monitors) monSel.complain(MONITOR_RANGE);
  else if (present) return monitors[monSel.selection.mon];
  return undefined;
}

/** The monitors of the selected instance. */
function all<T extends "csu" | "mbwu">(bank: Bank, type: T): Bank["monitors"][number][T] | readonly [] {
  return bank.monitors.find(({ ris }) => ris === bank.monSel.selection.ris)?.[type] ?? [];
}

/** MSMON_*_OFSR: the 32 monitors around the selected one. */
function pending(bank: Bank, monitors: readonly { readonly overflowed: boolean }[]): number {
  const { mon } = bank.monSel.selection;
  const first = mon - (mon % 32);
  let value = 0;
  monitors.slice(first, first + 32).forEach(({ overflowed }, position) => {
    if (overflowed) value += 2 ** position;
  });
  return value;
}

/** A filter out of range is an error when it is written, and is stored all the same. */
function writeFlt(bank: Bank, value: number, monitor: CsuMonitor | MbwuMonitor | undefined): void {
  if (monitor === undefined) return;
  monitor.writeFlt(value);
  const partid = value & 0xffff;
  const pmg = (value >>> 16) & 0xff;
  if (partid > largestSeen(bank) || pmg > bank.limits.pmgMax) {
    bank.esr.record(MSMONCFG_ID_RANGE, { partidMon: partid, pmg, ris: bank.monSel.selection.ris });
  }
}

/** Monitors before ingress translation compare PARTIDs as they arrive. */
function largestSeen({ part, limits }: Bank): number {
  const { inTl } = part.config;
  return inTl !== undefined && part.tlMonitoring === "before" ? inTl.partidMax : limits.partidMax;
}
