/** The register page of an MSC in all its banks, its capture events and its interrupts. */
import type { Space, SubjectConfig, SubjectErratum, SubjectInterrupt, SubjectLabel, SubjectMsi } from "../subject.ts";
import { Bank, type Control, type Entry, type Surroundings } from "./bank.ts";
import { controlRegisters } from "./control-registers.ts";
import { errorRegisters } from "./error-registers.ts";
import { REQ_PARTID_RANGE, REQ_PMG_RANGE } from "./errors.ts";
import { identificationRegisters } from "./id-registers.ts";
import { Interrupts } from "./interrupts.ts";
import type { Crossing } from "./mbwu-monitor.ts";
import { monitorRegisters } from "./monitor-registers.ts";
import { Part, SPACES } from "./part.ts";
import { partidRegisters } from "./partid-registers.ts";
import type { Register } from "./register.ts";
import type { PartSettings } from "./settings.ts";

const LOCAL_EVENT = 7;

/** Which banks a local capture event with ALL=1 reaches (IHI 0099, MSMON_CAPT_EVNT; D26). */
const REACHED_BY_ALL: { readonly [space in Space]: readonly Space[] } = {
  ns: ["ns"],
  s: ["s", "ns"],
  rl: ["rl", "ns"],
  rt: ["rt", "rl", "s", "ns"],
};

export class PlainMsc {
  readonly #part: Part;
  /** In the order of MPAM_SP. */
  readonly #banks = new Map<Space, Bank>();
  readonly #pages = new Map<Space, ReadonlyMap<number, Register>>();
  readonly #interrupts = new Interrupts();

  constructor(
    config: SubjectConfig,
    private readonly surroundings: Surroundings,
  ) {
    this.#part = new Part(config);
    this.#powerOn();
  }

  /** Its registers are lost, and from here on they are as at power-on; traffic goes by that from the next edge. A wire that was up falls; what has been raised has been raised. */
  reset(): void {
    this.#powerOn();
    this.#settle();
  }

  #powerOn(): void {
    for (const space of SPACES) {
      const limits = this.#part.config.spaces[space];
      if (limits === undefined) continue;
      const bank = new Bank(space, limits, this.#part, this.surroundings, this.#interrupts, this.#banks.get(space));
      this.#banks.set(space, bank);
      const page = [
        ...identificationRegisters(bank),
        ...errorRegisters(bank),
        ...controlRegisters(bank),
        ...partidRegisters(bank),
        ...monitorRegisters(bank, (all) => this.#localEvent(space, all)),
      ];
      this.#pages.set(space, new Map(page.map((register) => [register.offset, register])));
    }
  }

  suffers(erratum: SubjectErratum): boolean {
    return this.#part.suffers(erratum);
  }

  /** Banks, offsets and features that do not exist read 0 and ignore what is written. */
  read32(offset: number, space: Space): number {
    const value = this.#pages.get(space)?.get(offset)?.read() ?? 0;
    this.#settle();
    return value >>> 0;
  }

  write32(offset: number, value: number, space: Space): void {
    this.#pages
      .get(space)
      ?.get(offset)
      ?.write?.(value >>> 0);
    this.#settle();
  }

  edge(): void {
    for (const bank of this.#banks.values()) bank.edge();
  }

  /** A request arrives. One that breaks a limit is an error, and is served all the same. Spaces without a bank have no limits. */
  check(label: SubjectLabel, record: number | undefined): void {
    const bank = this.#banks.get(label.space);
    if (bank === undefined) return;
    const captured = { partidMon: label.partid, pmg: label.pmg };
    if (bank.arriving(label) === undefined) bank.esr.record(REQ_PARTID_RANGE, captured, record);
    else if (label.pmg > bank.limits.pmgMax) bank.esr.record(REQ_PMG_RANGE, captured, record);
  }

  /** What the controls say about a request; undefined for one of a space without a bank. */
  controls(label: SubjectLabel): Control | undefined {
    return this.#banks.get(label.space)?.controls(label);
  }

  /** All settings of one entry of a space, in order of RIS; undefined without a bank. */
  settingsOf(space: Space, entry: Entry): readonly PartSettings[] | undefined {
    return this.#banks.get(space)?.settingsOf(entry);
  }

  /** The label under which a request goes on downstream. */
  leaving(label: SubjectLabel): SubjectLabel {
    return this.#banks.get(label.space)?.leaving(label) ?? label;
  }

  /** Whose lines count together against a limit. */
  account(label: SubjectLabel): string {
    return `${label.space} ${this.#banks.get(label.space)?.account(label) ?? label.partid}`;
  }

  /** Hands one record's crossings to every monitor of the spaces they belong to; then events that overflows raised; then interrupts. */
  count(crossings: readonly Crossing[], record: number | undefined): void {
    if (crossings.length === 0) {
      this.#settleErrors(record);
      return;
    }
    const linked: { bank: Bank; events: Set<number> }[] = [];
    const msis: { space: Space; msi: SubjectMsi }[] = [];
    for (const bank of this.#banks.values()) {
      const own = crossings
        .filter(({ label }) => label.space === bank.space)
        .map((crossing) => ({ ...crossing, label: bank.seen(crossing.label) }));
      const events = new Set<number>();
      for (const monitor of bank.monitors.flatMap(({ mbwu }) => mbwu)) {
        const raised = monitor.count(own);
        if (raised > 0 && this.#exists(monitor.words.linkage)) events.add(monitor.words.linkage);
        if (!bank.overflowMsi.enabled) continue;
        for (let i = 0; i < raised; i++) msis.push({ space: bank.space, msi: bank.overflowMsi.message() });
      }
      linked.push({ bank, events });
    }
    for (const { bank, events } of linked) bank.capture(events);
    this.#settleErrors(record);
    for (const { space, msi } of msis) this.#interrupts.msi("overflow", space, msi, record);
    this.#settleOverflows(record);
  }

  /** An event from outside reaches all banks. */
  capture(event: number): void {
    if (!this.#exists(event)) return;
    for (const bank of this.#banks.values()) bank.capture(new Set([event]));
    this.#settle();
  }

  interrupts(): readonly SubjectInterrupt[] {
    return this.#interrupts.take();
  }

  #localEvent(from: Space, all: boolean): void {
    for (const space of all ? REACHED_BY_ALL[from] : [from]) this.#banks.get(space)?.capture(new Set([LOCAL_EVENT]));
  }

  /** Whether an event 1..6 is there. */
  #exists(event: number): boolean {
    return this.#part.captEvents.includes(event);
  }

  #settle(): void {
    this.#settleErrors(undefined);
    this.#settleOverflows(undefined);
  }

  /** Each wire is one for all banks: up while any of them holds it up. */
  #settleErrors(record: number | undefined): void {
    if (this.#part.edge) return;
    const up = [...this.#banks.values()].some(({ esr }) => esr.asserted);
    this.#interrupts.wire("error", up, record);
  }

  #settleOverflows(record: number | undefined): void {
    if (this.#part.config.noHwOflwIntr === true) return;
    const up = [...this.#banks.values()].some(({ overflowAsserted }) => overflowAsserted);
    this.#interrupts.wire("overflow", up, record);
  }
}
