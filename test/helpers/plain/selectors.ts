/** MPAMCFG_PART_SEL and MSMON_CFG_MON_SEL of one bank: what they keep, and when a bad selection is told (docs/modelled.md, "Selectors and errors"). */
import type { SubjectLimits, SubjectRis } from "../subject.ts";
import { bit, flag } from "./bits.ts";
import {
  type ErrorSyndrome,
  INTPARTID_RANGE,
  MONITOR_RANGE,
  PARTID_SEL_RANGE,
  UNDEFINED_RIS_MON_SEL,
  UNDEFINED_RIS_PART_SEL,
  UNEXPECTED_INTERNAL,
} from "./errors.ts";
import type { Part } from "./part.ts";

const INTERNAL = 16;
const INGRESS_TL = 17;
const DEFAULT_PARTID = 18;

/** The instances of the bank, and what errors of it are recorded in. */
interface Place {
  readonly part: Part;
  readonly instances: readonly SubjectRis[];
  readonly limits: SubjectLimits;
  readonly esr: ErrorSyndrome;
}

interface PartSelection {
  readonly ris: number;
  readonly partid: number;
  readonly internal: boolean;
  readonly ingress: boolean;
  readonly defaults: boolean;
}

export class PartSelector {
  #now: PartSelection = { ris: 0, partid: 0, internal: false, ingress: false, defaults: false };
  /** The error that the write of this selection recorded; its uses do not record that one again. */
  #told = 0;

  constructor(private readonly place: Place) {}

  get selection(): PartSelection {
    return this.#now;
  }

  /** The instance selected, if it is defined. */
  get instance(): SubjectRis | undefined {
    return this.place.instances.find(({ ris }) => ris === this.#now.ris);
  }

  read(): number {
    const { ris, partid, internal, ingress, defaults } = this.#now;
    const flags = flag(internal, INTERNAL) + flag(ingress, INGRESS_TL) + flag(defaults, DEFAULT_PARTID);
    return ris * 2 ** 24 + flags + partid;
  }

  write(value: number): void {
    const { part } = this.place;
    const next: PartSelection = {
      ris: part.hasRis ? (value >>> 24) & 0xf : 0,
      partid: value & 0xffff,
      internal: part.config.partidNrw !== undefined && bit(value, INTERNAL),
      ingress: part.config.inTl !== undefined && bit(value, INGRESS_TL),
      defaults: part.config.defaultPartid === true && bit(value, DEFAULT_PARTID),
    };
    const fault = this.#faultAtWrite(next);
    if (fault !== 0) this.#record(fault, next);
    if (fault !== 0 && part.selectorCheck === "reject") return;
    this.#now = next;
    this.#told = fault;
  }

  /** A register was used under a selection that is bad for it. */
  complain(errcode: number): void {
    if (errcode !== this.#told) this.#record(errcode, this.#now);
  }

  #faultAtWrite(next: PartSelection): number {
    const { part, limits, instances } = this.place;
    if (part.selectorCheck === "lazy") return 0;
    // Software that probes looks at every instance up to RIS_MAX.
    const undefinedRis =
      next.ris > part.risMax || (part.selectorCheck === "reject" && instances.every(({ ris }) => ris !== next.ris));
    if (undefinedRis) return UNDEFINED_RIS_PART_SEL;
    if (next.defaults) return 0;
    const { inTl, partidNrw } = part.config;
    if (next.ingress && inTl !== undefined) return next.partid > inTl.partidMax ? PARTID_SEL_RANGE : 0;
    if (next.internal && partidNrw !== undefined) return next.partid > partidNrw.intPartidMax ? INTPARTID_RANGE : 0;
    return next.partid > limits.partidMax ? PARTID_SEL_RANGE : 0;
  }

  #record(errcode: number, { ris, partid }: PartSelection): void {
    const withoutRis = errcode === INTPARTID_RANGE || errcode === UNEXPECTED_INTERNAL;
    this.place.esr.record(errcode, { partidMon: partid, ris: withoutRis ? 0 : ris });
  }
}

interface MonSelection {
  readonly ris: number;
  readonly mon: number;
}

export class MonSelector {
  #now: MonSelection = { ris: 0, mon: 0 };
  /** As with PART_SEL. */
  #told = 0;

  constructor(private readonly place: Place) {}

  get selection(): MonSelection {
    return this.#now;
  }

  get instance(): SubjectRis | undefined {
    return this.#instance(this.#now.ris);
  }

  read(): number {
    return this.#now.ris * 2 ** 24 + this.#now.mon;
  }

  write(value: number): void {
    const { part } = this.place;
    const next: MonSelection = { ris: part.hasRis ? (value >>> 24) & 0xf : 0, mon: value & 0xffff };
    const fault = this.#faultAtWrite(next);
    if (fault !== 0) this.#record(fault, next);
    if (fault !== 0 && part.selectorCheck === "reject") return;
    // A refused index leaves the one before, so that a usable monitor stays selected. Whether that one is good was not told.
    const refused = fault === MONITOR_RANGE;
    this.#now = refused ? { ris: next.ris, mon: this.#now.mon } : next;
    this.#told = refused ? 0 : fault;
  }

  complain(errcode: number): void {
    if (errcode !== this.#told) this.#record(errcode, this.#now);
  }

  #faultAtWrite(next: MonSelection): number {
    const { part } = this.place;
    if (part.selectorCheck === "lazy") return 0;
    const instance = this.#instance(next.ris);
    if (next.ris > part.risMax || (part.selectorCheck === "reject" && instance === undefined)) {
      return UNDEFINED_RIS_MON_SEL;
    }
    const most = Math.max(instance?.csu?.monitors ?? 0, instance?.mbwu?.monitors ?? 0);
    return most > 0 && next.mon >= most ? MONITOR_RANGE : 0;
  }

  #instance(number: number): SubjectRis | undefined {
    return this.place.instances.find(({ ris }) => ris === number);
  }

  #record(errcode: number, { ris, mon }: MonSelection): void {
    this.place.esr.record(errcode, { partidMon: mon, ris });
  }
}
