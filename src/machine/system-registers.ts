// The system registers of a cpu, as software at an exception level reaches them, and as a debugger sees them.

import {
  ACCESS_MEMORY,
  ACCESS_UNDEFINED,
  GENERATED_ERRORS,
  KIND_DATA,
  KIND_FETCH,
  KIND_NV2,
  KIND_STREAMING,
  LIMIT_HI_HARD,
  LIMIT_HI_SCALED,
  LIMIT_HI_THERE,
} from "../../assembly/regs/index.ts";
import * as encodings from "../../assembly/regs/pe-encodings.ts";
import { ErrnoError } from "../errno/index.ts";
import type { PeDescription } from "../platform/index.ts";
import { type Label, unpackLabel } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

/** EL0 to EL3. */
export type ExceptionLevel = 0 | 1 | 2 | 3;

/** Data; instruction fetches; data of SME and of streaming mode; accesses that NV2 made of those to registers (at EL1). */
export type RequestKind = "data" | "fetch" | "streaming" | "nv2";

/** System registers by name: MPAM0_EL1 and the others of docs/processor.md. */
export type SystemRegisterName = keyof typeof encodings;

/** By name, or as the instruction has it: op0 [15:14], op1 [13:11], CRn [10:7], CRm [6:3], op2 [2:0]. */
export type SystemRegister = SystemRegisterName | number;

/** What becomes of an access. Of a write, the value of "done" is the one written. */
export type RegisterOutcome =
  | { readonly outcome: "done"; readonly value: bigint }
  | { readonly outcome: "undefined" }
  /** `iss` and `esr` (ESR_ELx, with IL) have Rt = 0. */
  | { readonly outcome: "trap"; readonly to: 2 | 3; readonly ec: number; readonly iss: number; readonly esr: number }
  /** To this offset of the page that VNCR_EL2 names. */
  | { readonly outcome: "memory"; readonly offset: number };

/** The label that a cpu makes for a request. */
export interface GeneratedLabel extends Label {
  /** The PARTID was an error, or the PMG out of range. */
  readonly flawed: boolean;
  /** How it came about: GENERATED_ bits of assembly/regs/pe-words.ts. */
  readonly steps: number;
}

/** What MPAMBWn_ELx say for one label (FEAT_MPAM_PE_BW_CTRL). */
export interface CpuBandwidthLimit {
  /** Bytes a second as a share of the whole, 16.16. */
  readonly max: number;
  readonly hard: boolean;
  /** The number of cpus that use a PARTID may lower it. */
  readonly scaled: boolean;
}

/** Encodings by name. */
export const SYSTEM_REGISTERS: Readonly<Record<SystemRegisterName, number>> = { ...encodings };

const NAMES = new Map(
  Object.entries(SYSTEM_REGISTERS).map(([name, encoding]) => [encoding, name as SystemRegisterName]),
);

const KINDS = { data: KIND_DATA, fetch: KIND_FETCH, streaming: KIND_STREAMING, nv2: KIND_NV2 } as const;

/** An access to a system register that a higher exception level traps. */
const EC_SYSTEM_REGISTER = 0x18;
const ESR_IL = 0x0200_0000;

const WORD_MAX = 2n ** 64n - 1n;

/** The name of an encoding; undefined for one that is not known here. */
export function systemRegisterNamed(encoding: number): SystemRegisterName | undefined {
  return NAMES.get(encoding);
}

/** Takes an encoding apart. */
export function encodingParts(encoding: number) {
  return {
    op0: encoding >>> 14,
    op1: (encoding >>> 11) & 7,
    crn: (encoding >>> 7) & 15,
    crm: (encoding >>> 3) & 15,
    op2: encoding & 7,
  };
}

/** The ISS of a trapped access with Rt = 0. */
function issOf(encoding: number, isRead: boolean): number {
  const { op0, op1, crn, crm, op2 } = encodingParts(encoding);
  return (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | (crm << 1) | (isRead ? 1 : 0);
}

/** Who has to know what is done to registers by hand. */
export interface RegisterWatch {
  /** Somebody looks at them, or is about to write. */
  before(cpu: number, isWrite: boolean): void;
  /** A register may have changed. */
  written(cpu: number): void;
  /** All have. */
  reset(cpu: number): void;
}

/** The MPAM system registers of one cpu, and the labels that they make. */
export class SystemRegisters {
  constructor(
    private readonly hardware: Hardware,
    /** Its number. */
    readonly cpu: number,
    /** What the cpu has. */
    readonly description: PeDescription,
    private readonly watch: RegisterWatch,
  ) {}

  /** Reads as software at `el` does. Throws a RangeError for what is no encoding and for an exception level that the cpu lacks. */
  read(register: SystemRegister, { el }: { readonly el: ExceptionLevel }): RegisterOutcome {
    return this.#access(register, el, false, 0n);
  }

  /** Writes as software at `el` does. A RangeError also for a value that does not fit in 64 bits. */
  write(register: SystemRegister, value: bigint, { el }: { readonly el: ExceptionLevel }): RegisterOutcome {
    checkValue(value);
    const outcome = this.#access(register, el, true, value);
    if (outcome.outcome === "done") this.watch.written(this.cpu);
    return outcome;
  }

  #access(register: SystemRegister, el: ExceptionLevel, write: boolean, value: bigint): RegisterOutcome {
    const encoding = encodingOf(register);
    this.#checkLevel(el);
    this.watch.before(this.cpu, write);
    const became = this.hardware.accessRegister(this.cpu, el, encoding, write, value);
    if (became === ACCESS_UNDEFINED) return { outcome: "undefined" };
    const answer = BigInt.asUintN(64, this.hardware.accessed());
    if (became === ACCESS_MEMORY) return { outcome: "memory", offset: Number(answer) };
    if (became === 0) return { outcome: "done", value: answer };
    const iss = issOf(encoding, !write);
    const esr = (EC_SYSTEM_REGISTER * 2 ** 26 + ESR_IL + iss) >>> 0;
    return { outcome: "trap", to: became as 2 | 3, ec: EC_SYSTEM_REGISTER, iss, esr };
  }

  /** Whether the cpu has it. */
  has(register: SystemRegister): boolean {
    return this.hardware.hasRegister(this.cpu, encodingOf(register));
  }

  /** What a register reads as, whoever may read it. EINVAL for one that the cpu lacks. */
  peek(register: SystemRegister): bigint {
    const own = this.#own(register);
    this.watch.before(this.cpu, false);
    return BigInt.asUintN(64, this.hardware.peekRegister(this.cpu, own));
  }

  /** Writes a register past all traps; fields that only read stay. EINVAL for one that the cpu lacks. */
  poke(register: SystemRegister, value: bigint): void {
    checkValue(value);
    const own = this.#own(register);
    this.watch.before(this.cpu, true);
    this.hardware.pokeRegister(this.cpu, own, value);
    this.watch.written(this.cpu);
  }

  #own(register: SystemRegister): number {
    const encoding = encodingOf(register);
    if (this.hardware.hasRegister(this.cpu, encoding)) return encoding;
    const name =
      typeof register === "string" ? register : (NAMES.get(encoding) ?? `register 0x${encoding.toString(16)}`);
    throw new ErrnoError("EINVAL", `cpu ${this.cpu} has no ${name}`);
  }

  /** The label that a request would carry. */
  label({ el, kind = "data" }: { readonly el: ExceptionLevel; readonly kind?: RequestKind }): GeneratedLabel {
    this.#checkRequest(el, kind);
    this.watch.before(this.cpu, false);
    const word = this.hardware.generate(this.cpu, el, KINDS[kind]);
    const steps = this.hardware.generated() >>> 0;
    return { ...unpackLabel(word >>> 0), flawed: (steps & GENERATED_ERRORS) !== 0, steps };
  }

  /** The limit on the bandwidth of requests of a kind; undefined without one. */
  limit({
    el,
    kind = "data",
  }: {
    readonly el: ExceptionLevel;
    readonly kind?: RequestKind;
  }): CpuBandwidthLimit | undefined {
    this.#checkRequest(el, kind);
    this.watch.before(this.cpu, false);
    const limit = BigInt.asUintN(64, this.hardware.bandwidthLimit(this.cpu, el, KINDS[kind]));
    const flags = Number(limit >> 32n);
    if (!(flags & LIMIT_HI_THERE)) return undefined;
    return {
      max: Number(limit & 0xffff_ffffn),
      hard: (flags & LIMIT_HI_HARD) !== 0,
      scaled: (flags & LIMIT_HI_SCALED) !== 0,
    };
  }

  /** As a reset leaves the cpu, before any software has run. No kernel runs there from then on, until the cpu comes online again. */
  reset(): void {
    this.hardware.resetPe(this.cpu);
    this.watch.reset(this.cpu);
  }

  /** As boot firmware leaves it after a reset. */
  boot(): void {
    this.hardware.bootPe(this.cpu);
    this.watch.reset(this.cpu);
  }

  #checkLevel(el: ExceptionLevel): void {
    const { el2, el3 } = this.description;
    if (el === 0 || el === 1 || (el === 2 && el2) || (el === 3 && el3)) return;
    const levels = [0, 1, ...(el2 ? [2] : []), ...(el3 ? [3] : [])];
    throw new RangeError(`el is ${el}: cpu ${this.cpu} has the exception levels ${levels.join(", ")}`);
  }

  #checkRequest(el: ExceptionLevel, kind: RequestKind): void {
    this.#checkLevel(el);
    if (!Object.hasOwn(KINDS, kind)) {
      throw new RangeError(`kind is ${kind}; ${Object.keys(KINDS).join(", ")} are allowed`);
    }
  }
}

function encodingOf(register: SystemRegister): number {
  if (typeof register === "string") {
    if (Object.hasOwn(SYSTEM_REGISTERS, register)) return SYSTEM_REGISTERS[register];
    throw new RangeError(
      `${register} is no system register known here: ${Object.keys(SYSTEM_REGISTERS).join(", ")} are`,
    );
  }
  if (Number.isInteger(register) && register >= 0 && register <= 0xffff) return register;
  throw new RangeError(`${register} is no encoding; 16 bits, op0 to op2, are allowed`);
}

function checkValue(value: bigint): void {
  if (typeof value === "bigint" && value >= 0n && value <= WORD_MAX) return;
  throw new RangeError(`the value is ${value}; a bigint of 64 bits is allowed`);
}
