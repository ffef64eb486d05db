/** What the registers of one cpu hold, field by field, and what several rules ask of them. */
import type { ExceptionLevel, PeProfile } from "../../pe-subject.ts";
import { FIELDS, fieldBits, resetValue } from "./fields.ts";
import { hasMpam, hasRegister, highestEl } from "./has.ts";

export type SecurityState = "root" | "secure" | "nonsecure" | "realm";

export class PeState {
  readonly profile: PeProfile;
  #values: Record<string, Record<string, number>> = {};

  constructor(profile: PeProfile) {
    this.profile = profile;
    this.reset();
  }

  reset(): void {
    this.#values = {};
    for (const [register, fields] of Object.entries(FIELDS)) {
      if (!hasRegister(this.profile, register)) continue;
      this.#values[register] = Object.fromEntries(fields.map((field) => [field.name, resetValue(this.profile, field)]));
    }
  }

  /** After a reset, boot firmware has run at the highest EL. */
  boot(): void {
    const { el2, firmware } = this.profile;
    this.reset();
    if (hasMpam(this.profile)) this.#values[this.highest()]!.MPAMEN = firmware.enables ? 1 : 0;
    const mpam3 = this.#values.MPAM3_EL3;
    if (mpam3) mpam3.TRAPLOWER = firmware.traps ? 1 : 0;
    const mpambw3 = this.#values.MPAMBW3_EL3;
    if (mpambw3) mpambw3.nTRAPLOWER = 1;
    const scr = this.#values.SCR_EL3;
    if (scr) {
      scr.NS = 1;
      scr.EEL2 = el2 ? 1 : 0;
    }
  }

  /** A field as it is stored; 0 where this cpu lacks the field or its register. */
  stored(register: string, field: string): number {
    return this.#values[register]?.[field] ?? 0;
  }

  /** A field as the rules of labels, spaces, traps and limits see it. */
  field(register: string, field: string): number {
    return this.stored(register, field);
  }

  write(register: string, value: bigint): void {
    const values = this.#values[register]!;
    for (const field of FIELDS[register]!) {
      if (field.fixed?.(this.profile) !== undefined || field.shows?.(this.profile)) continue;
      const written = Number(BigInt.asUintN(field.high - field.low + 1, value >> BigInt(field.low)));
      values[field.name] = Number(BigInt(written) & BigInt(fieldBits(this.profile, field)));
    }
    // The integer part of a limit exists with hardware scaling only.
    for (const limit of ["MAX", "CAP"]) {
      if (values[limit] !== undefined && values.HW_SCALE_ENABLE === 0) values[limit] %= 2 ** 16;
    }
  }

  /** The MPAMn_ELx of the highest EL, whose MPAMEN counts. */
  highest(): string {
    return { 0: "", 1: "MPAM1_EL1", 2: "MPAM2_EL2", 3: "MPAM3_EL3" }[highestEl(this.profile)];
  }

  enabled(): boolean {
    return this.field(this.highest(), "MPAMEN") === 1;
  }

  securityState(el: ExceptionLevel): SecurityState {
    if (el === 3) return this.profile.rme ? "root" : "secure";
    return this.stateBelowEl3();
  }

  /** Of EL0 to EL2, as SCR_EL3 has it. */
  stateBelowEl3(): SecurityState {
    if (!this.profile.el3) return "nonsecure";
    if (this.field("SCR_EL3", "NSE") === 1) return "realm";
    return this.field("SCR_EL3", "NS") === 1 ? "nonsecure" : "secure";
  }

  el2Enabled(): boolean {
    if (!this.profile.el2) return false;
    return this.stateBelowEl3() !== "secure" || this.field("SCR_EL3", "EEL2") === 1;
  }

  /** A field of HCR_EL2, MPAMHCR_EL2 or MPAM2_EL2 as it acts on EL1 and EL0. */
  fieldOfEl2(register: string, field: string): number {
    return this.el2Enabled() ? this.field(register, field) : 0;
  }

  /** E2H, TGE = 1, 1 and EL2 enabled: EL0 is EL2's. */
  el0BelongsToEl2(): boolean {
    return this.fieldOfEl2("HCR_EL2", "E2H") === 1 && this.fieldOfEl2("HCR_EL2", "TGE") === 1;
  }
}
