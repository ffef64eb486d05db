// Cpus that tests of the processor side ask, and short ways to ask them.

import type { ExceptionLevel, RegisterOutcome, SystemRegister, SystemRegisters } from "../../src/machine/index.ts";
import { bits } from "../golden/system-registers.ts";
import { registersOf } from "./hardware.ts";

const LIMITS = { partidMax: 63, pmgMax: 3 };

/** Version 1.1 with all that can stand together. */
export const WHOLE = {
  ...LIMITS,
  ...{ tidr: true, sdeflt: true, rme: true, sme: true },
  bandwidth: { bwaWd: 10, maxLim: "both", hwScale: true },
};

/** Version 0.1, which has FORCE_NS and cannot have RME. */
export const EARLY = { ...LIMITS, version: "0.1", tidr: true, sdeflt: true, forceNs: "rw", sme: true };

/** Version 1.0, with nothing that it does not need. */
export const PLAIN = { ...LIMITS, version: "1.0" };

/** Below which exception level there is nothing more. */
export const EL2_HIGHEST = { ...WHOLE, el3: false, rme: false, sdeflt: false };
export const EL1_HIGHEST = { ...EL2_HIGHEST, el2: false, tidr: false };

export class Cpu {
  private constructor(readonly registers: SystemRegisters) {}

  static async of(profile: object): Promise<Cpu> {
    return new Cpu(await registersOf(profile));
  }

  /** Sets fields of registers past all traps, and all others of these registers to 0. */
  set(values: Readonly<Record<string, Readonly<Record<string, number | bigint>>>>): this {
    for (const [name, fields] of Object.entries(values)) {
      this.registers.poke(name as Exclude<SystemRegister, number>, bits(name, fields));
    }
    return this;
  }

  read(register: SystemRegister, el: ExceptionLevel): RegisterOutcome {
    return this.registers.read(register, { el });
  }

  write(register: SystemRegister, value: bigint, el: ExceptionLevel): RegisterOutcome {
    return this.registers.write(register, value, { el });
  }

  /** What a read gives; throws for any other outcome. */
  value(register: SystemRegister, el: ExceptionLevel): bigint {
    const outcome = this.read(register, el);
    if (outcome.outcome !== "done") throw new Error(`${register} from EL${el}: ${outcome.outcome}`);
    return outcome.value;
  }

  /** The outcome in a word: "done", "undefined", "EL2", "EL3", or the slot. */
  fate(register: SystemRegister, el: ExceptionLevel, write = false): string {
    const outcome = write ? this.write(register, 0n, el) : this.read(register, el);
    if (outcome.outcome === "trap") return `EL${outcome.to}`;
    return outcome.outcome === "memory" ? `0x${outcome.offset.toString(16)}` : outcome.outcome;
  }
}
