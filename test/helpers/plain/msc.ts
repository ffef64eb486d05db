/** The register page of an MSC in all its banks: decoding, selectors, errors and the two interrupt wires. */
import { maskOf, offsetOf } from "../../golden/registers.ts";
import type { Space, SubjectConfig, SubjectInterrupt, SubjectLabel, SubjectRis } from "../subject.ts";
import { Bank, type Surroundings } from "./bank.ts";
import {
  MONITOR_RANGE,
  MSMONCFG_ID_RANGE,
  PARTID_SEL_RANGE,
  REQ_PARTID_RANGE,
  REQ_PMG_RANGE,
  RIS_NO_CONTROL,
  RIS_NO_MONITOR,
  UNDEFINED_RIS_MON_SEL,
  UNDEFINED_RIS_PART_SEL,
} from "./errors.ts";
import { hasMonitors, hasRisFields, IdRegisters, risMax } from "./id-registers.ts";
import type { Crossing, CsuMonitor, MbwuMonitor } from "./monitors.ts";
import { bitmapWords, type PartSettings } from "./settings.ts";

/** A register of this slice as one bank offers it. A missing half reads 0, or ignores what is written. */
interface Register {
  readonly offset: number;
  readonly read: (bank: Bank) => number;
  readonly write?: (bank: Bank, value: number) => void;
}

export class PlainMsc {
  readonly #config: SubjectConfig;
  readonly #id: IdRegisters;
  readonly #hasRis: boolean;
  readonly #risMax: number;
  readonly #banks = new Map<Space, Bank>();
  readonly #page: readonly Register[];
  #events: SubjectInterrupt[] = [];
  #errorLevel = 0;
  #overflowLevel = 0;
  /** Errors of requests already recorded since the last edge. */
  readonly #reported = new Set<string>();

  constructor(config: SubjectConfig, surroundings: Surroundings) {
    this.#config = config;
    this.#id = new IdRegisters(config);
    this.#hasRis = hasRisFields(config);
    this.#risMax = risMax(config);
    for (const space of ["ns", "s", "rt", "rl"] as const) {
      const limits = config.spaces[space];
      if (limits !== undefined) this.#banks.set(space, new Bank(space, limits, config, this.#hasRis, surroundings));
    }
    this.#page = [...this.#identification(), ...this.#errors(), ...this.#partitions(), ...this.#monitors()];
  }

  read32(offset: number, space: Space): number {
    const bank = this.#banks.get(space);
    const register = this.#page.find((r) => r.offset === offset);
    // Banks, offsets and features that do not exist read 0.
    const value = bank === undefined ? 0 : (register?.read(bank) ?? 0);
    this.#settle();
    return value >>> 0;
  }

  write32(offset: number, value: number, space: Space): void {
    const bank = this.#banks.get(space);
    const register = this.#page.find((r) => r.offset === offset);
    if (bank !== undefined) register?.write?.(bank, value >>> 0);
    this.#settle();
  }

  /** From here on an error of requests is recorded once more. */
  edge(): void {
    this.#reported.clear();
  }

  /** What the controls say about a request. All instances describe the one resource, so all of them apply. */
  settingsFor(label: SubjectLabel): PartSettings[] {
    const bank = this.#bankOf(label);
    const { partidMax, pmgMax } = bank.limits;
    const captured = { partidMon: label.partid, pmg: label.pmg };
    if (label.partid > partidMax) this.#recordOnce(bank, REQ_PARTID_RANGE, captured);
    else if (label.pmg > pmgMax) this.#recordOnce(bank, REQ_PMG_RANGE, captured);
    const partid = label.partid > partidMax ? 0 : label.partid;
    return this.#config.ris.map(({ ris }) => bank.settings(ris, partid));
  }

  /** Hands one record's crossings to every monitor of the spaces they belong to. */
  count(crossings: readonly Crossing[], record: number): void {
    for (const bank of this.#banks.values()) {
      const own = crossings.filter(({ label }) => label.space === bank.space);
      for (const monitor of bank.mbwuMonitors()) monitor.count(own);
    }
    this.#settle(record);
  }

  interrupts(): readonly SubjectInterrupt[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #bankOf(label: SubjectLabel): Bank {
    const bank = this.#banks.get(label.space);
    if (bank === undefined) throw new Error(`a request in space ${label.space}, and this MSC has no such bank`);
    return bank;
  }

  #recordOnce(bank: Bank, errcode: number, captured: { partidMon: number; pmg: number }): void {
    const key = `${bank.space} ${errcode}`;
    if (!this.#reported.has(key)) bank.esr.record(errcode, captured);
    this.#reported.add(key);
  }

  /** Each wire is one for all banks: up while any of them holds it up. */
  #settle(record?: number): void {
    const banks = [...this.#banks.values()];
    const error = banks.some(({ esr }) => esr.asserted) ? 1 : 0;
    const overflow = banks.some((bank) => bank.mbwuMonitors().some((monitor) => monitor.asserted)) ? 1 : 0;
    if (error !== this.#errorLevel) this.#events.push({ kind: "error", level: error });
    if (overflow !== this.#overflowLevel) {
      this.#events.push(
        record === undefined ? { kind: "overflow", level: overflow } : { kind: "overflow", level: overflow, record },
      );
    }
    this.#errorLevel = error;
    this.#overflowLevel = overflow;
  }

  #instance(ris: number): SubjectRis | undefined {
    return this.#config.ris.find((instance) => instance.ris === ris);
  }

  #identification(): Register[] {
    const id = this.#id;
    return [
      { offset: offsetOf("MPAMF_IDR"), read: (bank) => id.idr(bank).low },
      { offset: offsetOf("MPAMF_IDR_HI"), read: (bank) => id.idr(bank).high },
      { offset: offsetOf("MPAMF_SIDR"), read: (bank) => id.sidr(bank) },
      { offset: offsetOf("MPAMF_IIDR"), read: () => id.iidr },
      { offset: offsetOf("MPAMF_AIDR"), read: () => id.aidr },
      { offset: offsetOf("MPAMF_CPOR_IDR"), read: (bank) => id.cporIdr(bank) },
      { offset: offsetOf("MPAMF_CCAP_IDR"), read: (bank) => id.ccapIdr(bank) },
      { offset: offsetOf("MPAMF_MBW_IDR"), read: (bank) => id.mbwIdr(bank) },
      { offset: offsetOf("MPAMF_MSMON_IDR"), read: (bank) => id.msmonIdr(bank) },
      { offset: offsetOf("MPAMF_CSUMON_IDR"), read: (bank) => id.csumonIdr(bank) },
      { offset: offsetOf("MPAMF_MBWUMON_IDR"), read: (bank) => id.mbwumonIdr(bank) },
    ];
  }

  #errors(): Register[] {
    const registers: Register[] = [
      {
        offset: offsetOf("MPAMF_ECR"),
        read: ({ esr }) => (esr.interruptEnabled ? 1 : 0),
        write: ({ esr }, value) => {
          esr.interruptEnabled = (value & 1) === 1;
        },
      },
      {
        offset: offsetOf("MPAMF_ESR"),
        read: ({ esr }) => esr.readLow(),
        write: ({ esr }, value) => esr.writeLow(value),
      },
    ];
    if (this.#config.version !== "1.0") {
      const offset = offsetOf("MPAMF_ESR_HI");
      registers.push({ offset, read: ({ esr }) => esr.readHigh(), write: ({ esr }, value) => esr.writeHigh(value) });
    }
    return registers;
  }

  #partitions(): Register[] {
    const { ris } = this.#config;
    const registers: Register[] = [];
    if (this.#hasRis || ris.some((r) => r.cpor !== undefined || r.ccap !== undefined || r.mbw !== undefined)) {
      registers.push({
        offset: offsetOf("MPAMCFG_PART_SEL"),
        read: ({ partSel }) => (partSel.ris << 24) | partSel.partid,
        write: (bank, value) => this.#writePartSel(bank, value),
      });
    }
    if (ris.some((r) => r.ccap !== undefined)) {
      registers.push({
        offset: offsetOf("MPAMCFG_CMAX"),
        read: (bank) => this.#settings(bank, "ccap")?.readCmax() ?? 0,
        write: (bank, value) => this.#settings(bank, "ccap")?.writeCmax(value),
      });
    }
    if (ris.some((r) => r.mbw !== undefined)) {
      registers.push({
        offset: offsetOf("MPAMCFG_MBW_MAX"),
        read: (bank) => this.#settings(bank, "mbw")?.readMbwMax() ?? 0,
        write: (bank, value) => this.#settings(bank, "mbw")?.writeMbwMax(value),
      });
    }
    const words = Math.max(...ris.map(({ cpor }) => bitmapWords(cpor?.cpbmWd ?? 0)));
    for (let word = 0; word < words; word++) {
      registers.push({
        offset: offsetOf("MPAMCFG_CPBM") + 4 * word,
        read: (bank) => this.#settings(bank, "cpor")?.readCpbm(word) ?? 0,
        write: (bank, value) => this.#settings(bank, "cpor")?.writeCpbm(word, value),
      });
    }
    return registers;
  }

  /** The selection is stored however wrong it is, so that errors can be told by reading it back; RIS is looked at first. */
  #writePartSel(bank: Bank, value: number): void {
    const partid = value & maskOf("MPAMCFG_PART_SEL", "PARTID_SEL");
    const ris = this.#hasRis ? (value >>> 24) & 0xf : 0;
    bank.partSel = { ris, partid };
    if (ris > this.#risMax) bank.esr.record(UNDEFINED_RIS_PART_SEL, { partidMon: partid, ris });
    else if (partid > bank.limits.partidMax) bank.esr.record(PARTID_SEL_RANGE, { partidMon: partid, ris });
  }

  /** The settings that PART_SEL exposes, or undefined and an error. What the write of the selector reported is not reported again. */
  #settings(bank: Bank, control: "cpor" | "ccap" | "mbw"): PartSettings | undefined {
    const { ris, partid } = bank.partSel;
    if (ris > this.#risMax) return undefined;
    const instance = this.#instance(ris);
    if (instance === undefined) {
      bank.esr.record(UNDEFINED_RIS_PART_SEL, { partidMon: partid, ris });
      return undefined;
    }
    if (instance[control] === undefined) {
      bank.esr.record(RIS_NO_CONTROL, { partidMon: partid, ris });
      return undefined;
    }
    return partid > bank.limits.partidMax ? undefined : bank.settings(ris, partid);
  }

  #monitors(): Register[] {
    const { ris, version } = this.#config;
    const registers: Register[] = [];
    if (ris.some(hasMonitors)) {
      registers.push({
        offset: offsetOf("MSMON_CFG_MON_SEL"),
        read: ({ monSel }) => (monSel.ris << 24) | monSel.mon,
        write: (bank, value) => this.#writeMonSel(bank, value),
      });
    }
    if (ris.some(({ csu }) => csu !== undefined)) {
      registers.push(
        {
          offset: offsetOf("MSMON_CFG_CSU_FLT"),
          read: (bank) => this.#csu(bank)?.readFlt() ?? 0,
          write: (bank, value) => this.#writeFlt(bank, value, this.#csu(bank)),
        },
        {
          offset: offsetOf("MSMON_CFG_CSU_CTL"),
          read: (bank) => this.#csu(bank)?.readCtl() ?? 0,
          write: (bank, value) => this.#csu(bank)?.writeCtl(value),
        },
        {
          offset: offsetOf("MSMON_CSU"),
          read: (bank) => this.#csu(bank)?.readValue() ?? 0,
          write: (bank, value) => this.#csu(bank)?.writeValue(value),
        },
      );
    }
    if (ris.some(({ mbwu }) => mbwu !== undefined)) {
      registers.push(
        {
          offset: offsetOf("MSMON_CFG_MBWU_FLT"),
          read: (bank) => this.#mbwu(bank)?.readFlt() ?? 0,
          write: (bank, value) => this.#writeFlt(bank, value, this.#mbwu(bank)),
        },
        {
          offset: offsetOf("MSMON_CFG_MBWU_CTL"),
          read: (bank) => this.#mbwu(bank)?.readCtl() ?? 0,
          write: (bank, value) => this.#mbwu(bank)?.writeCtl(value),
        },
        {
          offset: offsetOf("MSMON_MBWU"),
          read: (bank) => this.#mbwu(bank)?.readShort() ?? 0,
          write: (bank, value) => this.#mbwu(bank)?.writeShort(value),
        },
      );
    }
    if (version !== "1.0" && ris.some(({ mbwu }) => mbwu !== undefined && mbwu.counter !== 31)) {
      registers.push(
        {
          offset: offsetOf("MSMON_MBWU_L"),
          read: (bank) => this.#mbwu(bank)?.readLongLow() ?? 0,
          write: (bank, value) => this.#mbwu(bank)?.writeLongLow(value),
        },
        {
          offset: offsetOf("MSMON_MBWU_L_HI"),
          read: (bank) => this.#mbwu(bank)?.readLongHigh() ?? 0,
          write: (bank, value) => this.#mbwu(bank)?.writeLongHigh(value),
        },
      );
    }
    return registers;
  }

  /** The RIS is always stored; an index that no type of that RIS has is not. A RIS without monitors has nothing to compare with. */
  #writeMonSel(bank: Bank, value: number): void {
    const mon = value & maskOf("MSMON_CFG_MON_SEL", "MON_SEL");
    const ris = this.#hasRis ? (value >>> 24) & 0xf : 0;
    const { csu, mbwu } = this.#instance(ris) ?? {};
    const most = Math.max(csu?.monitors ?? 0, mbwu?.monitors ?? 0);
    const kept = most > 0 && mon >= most ? bank.monSel.mon : mon;
    bank.monSel = { ris, mon: kept };
    if (ris > this.#risMax) bank.esr.record(UNDEFINED_RIS_MON_SEL, { partidMon: mon, ris });
    else if (most > 0 && mon >= most) bank.esr.record(MONITOR_RANGE, { partidMon: mon, ris });
  }

  #csu(bank: Bank): CsuMonitor | undefined {
    return this.#monitor(bank, "csu", (ris) => bank.monitors.get(ris)?.csu);
  }

  #mbwu(bank: Bank): MbwuMonitor | undefined {
    return this.#monitor(bank, "mbwu", (ris) => bank.monitors.get(ris)?.mbwu);
  }

  /** The monitor that MON_SEL exposes, or undefined and an error, as with settings. */
  #monitor<T>(bank: Bank, type: "csu" | "mbwu", instances: (ris: number) => readonly T[] | undefined): T | undefined {
    const { ris, mon } = bank.monSel;
    if (ris > this.#risMax) return undefined;
    const instance = this.#instance(ris);
    if (instance === undefined) bank.esr.record(UNDEFINED_RIS_MON_SEL, { partidMon: mon, ris });
    else if (instance[type] === undefined) bank.esr.record(RIS_NO_MONITOR, { partidMon: mon, ris });
    else if (mon >= instance[type].monitors) bank.esr.record(MONITOR_RANGE, { partidMon: mon, ris });
    else return instances(ris)?.[mon];
    return undefined;
  }

  /** A filter out of range is an error when it is written, and is stored all the same. */
  #writeFlt(bank: Bank, value: number, monitor: CsuMonitor | MbwuMonitor | undefined): void {
    if (monitor === undefined) return;
    monitor.writeFlt(value);
    const partid = value & 0xffff;
    const pmg = (value >>> 16) & 0xff;
    if (partid > bank.limits.partidMax || pmg > bank.limits.pmgMax) {
      bank.esr.record(MSMONCFG_ID_RANGE, { partidMon: partid, pmg, ris: bank.monSel.ris });
    }
  }
}
