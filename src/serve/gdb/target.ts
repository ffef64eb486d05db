// The registers that gdb knows of a cpu: those of an aarch64 core, which are all 0, as nothing executes here, and the system
// registers of MPAM, each with its fields.

import { ErrnoError } from "../../errno/index.ts";
import { type Machine, SYSTEM_FIELDS, SYSTEM_REGISTERS, type SystemRegisterName } from "../../machine/index.ts";
import { fromHex, fromLittleEndian, littleEndian, toHex } from "./bytes.ts";

interface CoreRegister {
  readonly name: string;
  readonly bytes: 4 | 8;
  readonly type?: string;
}

/** As org.gnu.gdb.aarch64.core has them, and in that order. */
const CORE: readonly CoreRegister[] = [
  ...Array.from({ length: 31 }, (_, n): CoreRegister => ({ name: `x${n}`, bytes: 8 })),
  { name: "sp", bytes: 8, type: "data_ptr" },
  { name: "pc", bytes: 8, type: "code_ptr" },
  { name: "cpsr", bytes: 4 },
];

const NAMES = Object.keys(SYSTEM_REGISTERS) as SystemRegisterName[];

/** Registers by number: those of the core, then the system registers that some cpu has. */
export class Target {
  readonly #system: readonly SystemRegisterName[];

  constructor(private readonly machine: Machine) {
    const cpus = Array.from({ length: machine.platform.cpus }, (_, cpu) => machine.cpu(cpu).registers);
    this.#system = NAMES.filter((name) => cpus.some((registers) => registers.has(name)));
  }

  /** What qXfer:features answers. */
  get xml(): string {
    const core = CORE.map(({ name, bytes, type }) => {
      const typed = type === undefined ? "" : ` type="${type}"`;
      return `    <reg name="${name}" bitsize="${8 * bytes}"${typed}/>`;
    });
    return [
      '<?xml version="1.0"?>',
      '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
      '<target version="1.0">',
      "  <architecture>aarch64</architecture>",
      '  <feature name="org.gnu.gdb.aarch64.core">',
      ...core,
      "  </feature>",
      '  <feature name="org.mpam-emulator.system">',
      ...this.#system.map(typeOf),
      ...this.#system.map((name) => `    <reg name="${name}" bitsize="64" type="${name}_fields" group="system"/>`),
      "  </feature>",
      "</target>",
      "",
    ].join("\n");
  }

  /** All registers of a cpu, as `g` has them. */
  readAll(cpu: number): string {
    return Array.from({ length: this.#count }, (_, number) => this.read(cpu, number)).join("");
  }

  /** In hexadecimal; "xx" for each byte of one that this cpu lacks. EINVAL for a number that no register has. */
  read(cpu: number, number: number): string {
    const { bytes, system } = this.#at(number);
    if (system === undefined) return "00".repeat(bytes);
    const { registers } = this.machine.cpu(cpu);
    return registers.has(system) ? toHex(littleEndian(registers.peek(system), bytes)) : "xx".repeat(bytes);
  }

  /** EINVAL for what is no value of it, and where the cpu lacks it; EPERM for one that can only be read. */
  write(cpu: number, number: number, hex: string): void {
    const { name, bytes, system } = this.#at(number);
    const value = fromHex(hex);
    if (value?.length !== bytes) throw new ErrnoError("EINVAL", `${name}: ${bytes} bytes in hexadecimal are needed`);
    if (system === undefined) throw new ErrnoError("EPERM", `${name}: nothing executes here, and ${name} stays 0`);
    const { registers } = this.machine.cpu(cpu);
    const before = registers.peek(system);
    const wanted = fromLittleEndian(value);
    registers.poke(system, wanted);
    if (registers.peek(system) === before && wanted !== before) {
      throw new ErrnoError(
        "EPERM",
        `${system} stays 0x${before.toString(16)}: what was written there can only be read`,
      );
    }
  }

  /** Those whose value is another one than now. */
  writeAll(cpu: number, hex: string): void {
    let at = 0;
    for (let number = 0; number < this.#count && at < hex.length; number++) {
      const length = 2 * this.#at(number).bytes;
      const value = hex.slice(at, at + length);
      at += length;
      if (value.toLowerCase() !== this.read(cpu, number)) this.write(cpu, number, value);
    }
  }

  get #count(): number {
    return CORE.length + this.#system.length;
  }

  #at(number: number): { name: string; bytes: number; system?: SystemRegisterName } {
    const core = CORE[number];
    if (core) return core;
    const system = this.#system[number - CORE.length];
    if (!system) throw new ErrnoError("EINVAL", `there is no register ${number}: 0 to ${this.#count - 1} are there`);
    return { name: system, bytes: 8, system };
  }
}

/**
 * The fields of a register as a type of gdb, from the lowest bit up. A struct and not flags: fields of a struct can be set, and
 * a bit is a number in it.
 */
function typeOf(name: SystemRegisterName): string {
  const fields = Object.entries(SYSTEM_FIELDS[name])
    .map(([field, mask]) => ({ field, start: lowestBit(mask), end: highestBit(mask) }))
    .sort((a, b) => a.start - b.start)
    .map(({ field, start, end }) => `      <field name="${field}" start="${start}" end="${end}" type="uint64"/>`);
  return [`    <struct id="${name}_fields" size="8">`, ...fields, "    </struct>"].join("\n");
}

function lowestBit(mask: bigint): number {
  return (mask & -mask).toString(2).length - 1;
}

function highestBit(mask: bigint): number {
  return mask.toString(2).length - 1;
}
