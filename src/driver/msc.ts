// One MSC as the driver reaches it: its bus, its locks, and leases on what PART_SEL and MON_SEL show.

import {
  MPAMCFG_PART_SEL,
  MPAMF_AIDR,
  MPAMF_ECR,
  MPAMF_ESR,
  MSMON_CFG_MON_SEL,
  monSel,
  PART_SEL_INTERNAL,
  partSel,
} from "../../assembly/regs/index.ts";
import { type Access, type Bus, type Holding, Lock, NOTHING_HELD } from "../bus/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { FirmwareMsc } from "../firmware/index.ts";
import { REPAIRED } from "./compat.ts";
import type { LockFactory, Log, LogLine } from "./needs.ts";
import type { Quirk } from "./quirks.ts";
import type { ShadowRegisters } from "./shadow.ts";

/** Registers shown under one selection. Usable until the lease ends; each access then throws. */
export interface Registers {
  /** What is held meanwhile, for taking a lock that comes later in the order. */
  readonly holding: Holding;
  read32(offset: number): Promise<number>;
  write32(offset: number, value: number): Promise<void>;
}

/** Registers behind PART_SEL: MPAMCFG_* and the ID registers. */
export interface PartRegs extends Registers {
  /** Selects the intPARTID of the same number instead (PARTID narrowing). */
  selectInternal(): Promise<void>;
}

/** Registers behind MON_SEL: MSMON_*. */
export type MonitorRegs = Registers;

/** How a monitor is got at. */
export interface MonitorClaim {
  readonly under?: Holding;
  readonly signal?: AbortSignal | undefined;
  /** Asked when it has been got at last, before anything is written; throws. */
  readonly check?: () => void;
}

/** Firmware ought to say how long NRDY takes; a write was outside its window; shadow registers did not agree. */
export type Remark = "nrdy" | "window" | "shadow";

/** What probing and use have taught of an MSC. */
export interface MscFacts {
  probed: boolean;
  partidMax: number;
  pmgMax: number;
  risMax: number;
  aidr: number;
  iidr: number;
  hasExtdEsr: boolean;
  /** Longest time a monitor may stay not ready, microseconds; 0 until monitors are found. */
  nrdyUsec: number;
  /** What the log has of it already, and is said once. */
  readonly reported: Set<Remark>;
  quirks: ReadonlySet<Quirk>;
}

export class Msc {
  readonly id: number;
  readonly facts: MscFacts = {
    probed: false,
    partidMax: 0,
    pmgMax: 0,
    risMax: 0,
    aidr: 0,
    iidr: 0,
    hasExtdEsr: false,
    nrdyUsec: 0,
    reported: new Set(),
    quirks: new Set(),
  };
  /** Guards `facts`. */
  readonly probeLock: Lock;
  /** Guards what this MSC is configured to: from reading the stored configuration to the last write, and in_reset_state. */
  readonly cfgLock: Lock;
  /** Guards PART_SEL and all it shows, ID registers too. */
  readonly #partSelLock: Lock;
  /** Guards MON_SEL, all it shows, and the software state of the MBWU monitors. */
  readonly #monSelLock: Lock;
  /** T241-MPAM-1: shadow registers of its chip, where the SoC is one that has them. */
  shadow: ShadowRegisters | undefined;
  /** Cpus that keep it in use: those that reach it and have been told to the enabled driver. Changed by hotplug only. */
  readonly users = new Set<number>();
  /** Its last cpu is going or has gone: only who holds its cfg lock still gets at its monitors. */
  away = false;
  /** Its error line was raised while no cpu could look. */
  unanswered = false;

  constructor(
    readonly firmware: FirmwareMsc,
    private readonly bus: Bus,
    private readonly log: Log,
    makeLock: LockFactory = (name, owner) => new Lock(name, owner),
    readonly odd = REPAIRED,
  ) {
    this.id = firmware.id;
    this.probeLock = makeLock("probe", this.toString());
    this.cfgLock = makeLock("cfg", this.toString());
    this.#partSelLock = makeLock("part_sel", this.toString());
    this.#monSelLock = makeLock("mon_sel", this.toString());
  }

  toString(): string {
    return `MSC ${this.id}`;
  }

  /** Says it in the log, once. */
  remark(what: Remark, level: LogLine["level"], text: string): void {
    if (this.facts.reported.has(what)) return;
    this.facts.reported.add(what);
    this.log(level, `${this}: ${text}`);
  }

  /** Selects (ris, partid) and runs `body` on what is then shown. Short: no other MSC inside it. */
  withPart<T>(ris: number, partid: number, body: (regs: PartRegs) => Promise<T>, under = NOTHING_HELD): Promise<T> {
    const leased = async (holding: Holding): Promise<T> => {
      const selection = partSel(ris, partid);
      await this.#write(MPAMCFG_PART_SEL, selection, { under: holding });
      return body({
        ...this.#lease(holding),
        selectInternal: () => this.#leasedWrite(holding, MPAMCFG_PART_SEL, selection | PART_SEL_INTERNAL),
      });
    };
    return this.#partSelLock.run(under, leased);
  }

  /** Runs `body` on whatever PART_SEL shows: the first look at an MSC, before it is known to have a PART_SEL. */
  withPartAsFound<T>(body: (regs: Registers) => Promise<T>, under = NOTHING_HELD): Promise<T> {
    return this.#partSelLock.run(under, (holding) => body(this.#lease(holding)));
  }

  /**
   * Selects monitor `mon` of `ris` and runs `body` on it. A signal ends waiting up to and with the selection; what `body` does
   * is done to its end.
   */
  withMonitor<T>(
    ris: number,
    mon: number,
    body: (regs: MonitorRegs) => Promise<T>,
    { under = NOTHING_HELD, signal, check }: MonitorClaim = {},
  ): Promise<T> {
    const leased = async (holding: Holding): Promise<T> => {
      check?.();
      if (this.away && under === NOTHING_HELD)
        throw new ErrnoError("ENXIO", `${this}: no cpu that reaches it is online`);
      await this.#write(MSMON_CFG_MON_SEL, monSel(ris, mon), { under: holding, ...(signal && { signal }) });
      return body(this.#lease(holding));
    };
    return this.#monSelLock.run(under, leased, signal);
  }

  /** Resolves when nobody is at its monitors. */
  monitorsLeft(under: Holding): Promise<void> {
    return this.#monSelLock.run(under, async () => {});
  }

  // No selector stands before the following; they need no lock of the MSC. `under`: what the caller holds all the same.

  readAidr(under = NOTHING_HELD): Promise<number> {
    return this.bus.read32(MPAMF_AIDR, { under });
  }

  readEsr(under = NOTHING_HELD): Promise<number> {
    return this.bus.read32(MPAMF_ESR, { under });
  }

  readEsrHigh(under = NOTHING_HELD): Promise<number> {
    return this.bus.read32(MPAMF_ESR + 4, { under });
  }

  /** High half first: the low half holds ERRCODE, and clearing that says the record may be used again. */
  async clearEsr(under = NOTHING_HELD): Promise<void> {
    if ((await this.readEsr(under)) === 0) return;
    if (this.facts.hasExtdEsr) await this.#write(MPAMF_ESR + 4, 0, { under });
    await this.#write(MPAMF_ESR, 0, { under });
  }

  writeEcr(value: number, under = NOTHING_HELD): Promise<void> {
    return this.#write(MPAMF_ECR, value, { under });
  }

  #lease(holding: Holding): Registers {
    const access = { under: holding };
    return {
      holding,
      read32: async (offset) => {
        this.#checkLease(holding, offset);
        return this.bus.read32(offset, access);
      },
      write32: (offset, value) => this.#leasedWrite(holding, offset, value),
    };
  }

  async #leasedWrite(holding: Holding, offset: number, value: number): Promise<void> {
    this.#checkLease(holding, offset);
    await this.#write(offset, value, { under: holding });
  }

  #checkLease(holding: Holding, offset: number): void {
    if (!holding.ended) return;
    throw new Error(`${this}: register at 0x${offset.toString(16)} used after its ${holding.lock?.name} lease ended`);
  }

  /** Writes past the window firmware describes are made, as they would be there, and reported once. */
  #write(offset: number, value: number, access: Access): Promise<void> {
    const bytes = this.odd.windowLessOne ? this.firmware.bytes - 1 : this.firmware.bytes;
    if (this.firmware.interface === "mmio" && offset + 4 > bytes) {
      const where = `0x${offset.toString(16)}, window of 0x${bytes.toString(16)} bytes`;
      this.remark("window", "warning", `write outside the window that firmware describes (offset ${where})`);
    }
    return this.bus.write32(offset, value >>> 0, access);
  }
}
