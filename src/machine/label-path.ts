// How a label comes about, step by step for people, in the order of register reference 7.4 and 7.5: what was looked at, and what
// that made of it.

import { fieldGet } from "../../assembly/regs/field.ts";
import {
  GENERATED_ALTERNATIVE,
  GENERATED_DISABLED,
  GENERATED_ENTRY,
  GENERATED_ENTRY_INVALID,
  GENERATED_ERROR_PARTID,
  GENERATED_ERROR_PHYSICAL,
  GENERATED_ERROR_PMG,
  GENERATED_ERROR_VIRTUAL,
  GENERATED_FORCED_NS,
  GENERATED_MAPPED,
  GENERATED_NO_MPAM,
  GENERATED_PHYSICAL_CAPPED,
  GENERATED_SDEFLT,
  GENERATED_SOURCE,
  GENERATED_STATE,
  GENERATED_VIRTUAL,
  GENERATED_VIRTUAL_MOVED,
  GENERATED_ZERO_INVALID,
  SOURCE_MPAMSM,
} from "../../assembly/regs/pe-words.ts";
import type { Space } from "../platform/index.ts";
import { spaceNamed } from "./spaces.ts";
import { decodeSystemRegister } from "./system-fields.ts";
import type {
  ExceptionLevel,
  GeneratedLabel,
  RequestKind,
  SystemRegisterName,
  SystemRegisters,
} from "./system-registers.ts";

/** One step of the way to a label. */
export interface LabelStep {
  /** What is decided. */
  readonly step:
    | "MPAM"
    | "state"
    | "space"
    | "enabled"
    | "default"
    | "register"
    | "field"
    | "range"
    | "mapping"
    | "PMG";
  /** Where that stands in the register reference. */
  readonly section: string;
  readonly text: string;
}

/** A label, and each decision on the way to it. */
export interface LabelPath {
  readonly label: GeneratedLabel;
  readonly steps: readonly LabelStep[];
}

export const SPACE_WORDS: Readonly<Record<Space, string>> = { s: "Secure", ns: "Non-secure", rt: "Root", rl: "Realm" };

const SOURCES: readonly SystemRegisterName[] = ["MPAM0_EL1", "MPAM1_EL1", "MPAM2_EL2", "MPAM3_EL3", "MPAMSM_EL1"];

/** The way to the label that a request would carry, by the registers of the cpu as they are. */
export function labelPath(registers: SystemRegisters, el: ExceptionLevel, kind: RequestKind = "data"): LabelPath {
  const label = registers.label({ el, kind });
  return { label, steps: new Path(registers, el, kind, label).steps() };
}

/** The 64 bits of a register: 0x80000000_00000005. */
export function showWord(value: bigint): string {
  const digits = value.toString(16).padStart(16, "0");
  return `0x${digits.slice(0, 8)}_${digits.slice(8)}`;
}

class Path {
  constructor(
    private readonly registers: SystemRegisters,
    private readonly el: ExceptionLevel,
    private readonly kind: RequestKind,
    private readonly label: GeneratedLabel,
  ) {}

  #is(bits: number): boolean {
    return (this.label.steps & bits) !== 0;
  }

  /** A field; 0 where the cpu lacks the register. */
  #field(name: SystemRegisterName, field: string): number {
    if (!this.registers.has(name)) return 0;
    return decodeSystemRegister(name, this.registers.peek(name))[field] ?? 0;
  }

  /** `MPAMHCR_EL2.GSTAPP_PLK = 0`. */
  #said(name: SystemRegisterName, field: string): string {
    return this.registers.has(name) ? `${name}.${field} = ${this.#field(name, field)}` : `there is no ${name}`;
  }

  steps(): LabelStep[] {
    if (this.#is(GENERATED_NO_MPAM)) {
      const text = `cpu ${this.registers.cpu} has none: PARTID 0, PMG 0, in the space of its security state`;
      return [{ step: "MPAM", section: "7.1", text }, this.#state()];
    }
    const before = [this.#state(), this.#space(), this.#enabled()];
    if (this.#is(GENERATED_DISABLED)) return before;
    if (this.#is(GENERATED_SDEFLT)) {
      const text = "Secure state and MPAM3_EL3.SDEFLT = 1: PARTID 0, PMG 0";
      return [...before, { step: "default", section: "7.4 (3)", text }];
    }
    return [...before, this.#register(), this.#fieldStep(), ...this.#partid(), ...this.#pmg()];
  }

  #state(): LabelStep {
    const state = SPACE_WORDS[spaceNamed(fieldGet(GENERATED_STATE, this.label.steps))];
    const { el3, rme } = this.registers.description;
    const why = () => {
      if (!el3) return "there is no EL3";
      if (this.el === 3) return rme ? "EL3 of a cpu with RME" : "EL3 of a cpu without RME";
      return rme
        ? `${this.#said("SCR_EL3", "NSE")}, NS = ${this.#field("SCR_EL3", "NS")}`
        : this.#said("SCR_EL3", "NS");
    };
    return { step: "state", section: "7.5", text: `EL${this.el} in ${state} state (${why()})` };
  }

  #space(): LabelStep {
    const space = `PARTIDs of the ${SPACE_WORDS[this.label.space]} space`;
    const because = () => {
      if (this.#is(GENERATED_FORCED_NS)) return "MPAM3_EL3.FORCE_NS = 1";
      if (!this.#is(GENERATED_ALTERNATIVE)) return "that of the security state";
      const root = this.el === 3 ? `, ${this.#said("MPAM3_EL3", "RT_ALTSP_NS")}` : "";
      return `the alternative one, as ${this.#alternative()}${root}`;
    };
    return { step: "space", section: "7.5", text: `${space}: ${because()}` };
  }

  /** The bits that chose the alternative space. */
  #alternative(): string {
    if (this.el === 3) return this.#said("MPAM3_EL3", "ALTSP_EL3");
    const hen = this.#field("MPAM3_EL3", "ALTSP_HEN");
    if (hen === 0) return "MPAM3_EL3.ALTSP_HEN = 0, ALTSP_HFC = 1";
    const own = this.#isEl2s() ? "ALTSP_EL2" : "ALTSP_HFC";
    return `MPAM3_EL3.ALTSP_HEN = 1 and ${this.#said("MPAM2_EL2", own)}`;
  }

  /** Requests of EL2, what NV2 makes of EL1's, and those of EL0 where that is EL2's. */
  #isEl2s(): boolean {
    return this.el === 2 || (this.el === 1 && this.kind === "nv2") || (this.el === 0 && this.#isHost());
  }

  /** For exception levels below EL2. */
  #isEl2Enabled(): boolean {
    const isSecure = spaceNamed(fieldGet(GENERATED_STATE, this.label.steps)) === "s";
    return this.registers.description.el2 && (!isSecure || this.#field("SCR_EL3", "EEL2") === 1);
  }

  #isHost(): boolean {
    if (!this.#isEl2Enabled()) return false;
    return this.#field("HCR_EL2", "E2H") === 1 && this.#field("HCR_EL2", "TGE") === 1;
  }

  #enabled(): LabelStep {
    const { el2, el3 } = this.registers.description;
    const highest = el3 ? "MPAM3_EL3" : el2 ? "MPAM2_EL2" : "MPAM1_EL1";
    const off = this.#is(GENERATED_DISABLED) ? ": PARTID 0, PMG 0" : ": requests are labelled";
    return {
      step: "enabled",
      section: "7.4 (1)",
      text: `${highest}.MPAMEN = ${this.#is(GENERATED_DISABLED) ? 0 : 1}${off}`,
    };
  }

  get #source(): SystemRegisterName {
    return SOURCES[fieldGet(GENERATED_SOURCE, this.label.steps)] as SystemRegisterName;
  }

  #register(): LabelStep {
    const source = this.#source;
    const text = () => {
      if (fieldGet(GENERATED_SOURCE, this.label.steps) === SOURCE_MPAMSM) return `data of streaming mode: ${source}`;
      if (this.kind === "nv2" && source === "MPAM2_EL2") return `an access made by NV2: ${source}`;
      if (this.el === 0 && source === "MPAM1_EL1") {
        return `EL0 with MPAMHCR_EL2.GSTAPP_PLK = 1 and ${this.#said("HCR_EL2", "TGE")}: ${source}`;
      }
      return `EL${this.el}: ${source}`;
    };
    return { step: "register", section: "7.4 (2)", text: `${text()} = ${showWord(this.registers.peek(source))}` };
  }

  #fieldStep(): LabelStep {
    const [partid, pmg] = this.kind === "fetch" ? ["PARTID_I", "PMG_I"] : ["PARTID_D", "PMG_D"];
    const what = this.kind === "fetch" ? "an instruction fetch" : "data";
    const source = this.#source;
    const values = `${partid} = ${this.#field(source, partid)}, ${pmg} = ${this.#field(source, pmg)}`;
    return { step: "field", section: "7.4 (4)", text: `${what}: ${values}` };
  }

  #partid(): LabelStep[] {
    const value = this.#field(this.#source, this.kind === "fetch" ? "PARTID_I" : "PARTID_D");
    const most = this.#field("MPAMIDR_EL1", "PARTID_MAX");
    if (this.#is(GENERATED_ERROR_PARTID)) {
      return [
        { step: "range", section: "7.4 (7)", text: `PARTID ${value} is above PARTID_MAX ${most}: an error, PARTID 0` },
      ];
    }
    const range: LabelStep = {
      step: "range",
      section: "7.4 (7)",
      text: `PARTID ${value} is in 0..${most} of MPAMIDR_EL1`,
    };
    if (!this.#is(GENERATED_VIRTUAL)) return [range, this.#physical()];
    return [range, ...this.#mapped(value, most)];
  }

  /** Why the PARTID is not virtual. */
  #physical(): LabelStep {
    const source = this.#source;
    const why = () => {
      if (source === "MPAM2_EL2" || source === "MPAM3_EL3") return `${source} holds physical PARTIDs`;
      if (!this.registers.has("MPAMHCR_EL2")) return "the cpu has no virtual PARTIDs";
      if (this.el > 1) return `those of EL${this.el} are`;
      const bit = source === "MPAM1_EL1" || this.el === 1 ? "EL1_VPMEN" : "EL0_VPMEN";
      if (this.#field("MPAMHCR_EL2", bit) === 0) return `MPAMHCR_EL2.${bit} = 0`;
      return this.el === 0 && this.#isHost() ? "HCR_EL2.E2H and TGE are 1: EL0 is the host's" : "EL2 is not enabled";
    };
    return { step: "mapping", section: "7.4 (5)", text: `physical: ${why()}` };
  }

  #mapped(value: number, most: number): LabelStep[] {
    const step = (section: string, text: string): LabelStep => ({ step: "mapping", section, text });
    const bit = this.#source === "MPAM1_EL1" || this.el === 1 ? "EL1_VPMEN" : "EL0_VPMEN";
    const steps = [step("7.4 (5)", `virtual: MPAMHCR_EL2.${bit} = 1`)];
    const entries = 4 * this.#field("MPAMIDR_EL1", "VPMR_MAX") + 4;
    if (this.#is(GENERATED_ERROR_VIRTUAL)) {
      return [
        ...steps,
        step("7.4 (6)", `there are entries 0..${entries - 1}, and none for ${value}: an error, PARTID 0`),
      ];
    }
    if (this.#is(GENERATED_VIRTUAL_MOVED)) {
      const choice = this.registers.description.unpredictable.virtual;
      steps.push(
        step("7.4 (6)", `there are entries 0..${entries - 1}: ${value} is taken for another (virtual: ${choice})`),
      );
    }
    if (this.#is(GENERATED_ENTRY_INVALID))
      steps.push(step("7.4 (6)", "its bit of MPAMVPMV_EL2 is 0: entry 0 stands for it"));
    if (this.#is(GENERATED_ZERO_INVALID)) return [...steps, step("7.4 (6)", "that of entry 0 is 0 too: PARTID 0")];
    if (!this.#is(GENERATED_MAPPED)) return steps;
    const entry = fieldGet(GENERATED_ENTRY, this.label.steps);
    const name = `MPAMVPM${entry >>> 2}_EL2` as SystemRegisterName;
    const physical = this.#field(name, `PhyPARTID${entry}`);
    const end = () => {
      if (this.#is(GENERATED_ERROR_PHYSICAL)) return `, above PARTID_MAX ${most}: an error, PARTID 0`;
      return this.#is(GENERATED_PHYSICAL_CAPPED) ? `, above PARTID_MAX: ${most} stands for it (physical: max)` : "";
    };
    return [...steps, step("7.4 (6)", `${name}.PhyPARTID${entry} = ${physical}${end()}`)];
  }

  #pmg(): LabelStep[] {
    const value = this.#field(this.#source, this.kind === "fetch" ? "PMG_I" : "PMG_D");
    const most = this.#field("MPAMIDR_EL1", "PMG_MAX");
    const { pmg } = this.label;
    if (this.#is(GENERATED_ERROR_PMG)) {
      return [{ step: "PMG", section: "7.4 (7)", text: `PMG ${value} is above PMG_MAX ${most}: an error, PMG ${pmg}` }];
    }
    if (pmg === value) return [{ step: "PMG", section: "7.4 (7)", text: `PMG ${value} is in 0..${most}` }];
    return [{ step: "PMG", section: "7.4 (7)", text: `PMG ${pmg}, because of the error (pmgOfError: zero)` }];
  }
}
