// The system registers of each cpu: a row of 64-bit words, beside it a row of the bits that can be written, and one of the bits that
// are 1 whatever is written. What reads otherwise than it is stored is in fields.ts.

import { allocate, root } from "../root";

// Places in a row. MPAM0 to MPAM3, and MPAMBW0 to MPAMBW3, stand in the order of exception levels.
export const MPAM0: u32 = 0;
export const MPAM1: u32 = 1;
export const MPAM2: u32 = 2;
export const MPAM3: u32 = 3;
export const MPAMSM: u32 = 4;
export const MPAMBW0: u32 = 5;
export const MPAMBW1: u32 = 6;
export const MPAMBW2: u32 = 7;
export const MPAMBW3: u32 = 8;
export const MPAMBWSM: u32 = 9;
export const MPAMBWCAP: u32 = 10;
export const MPAMHCR: u32 = 11;
export const MPAMVPMV: u32 = 12;
export const MPAMVPM0: u32 = 13;
export const SCR: u32 = 21;
export const HCR: u32 = 22;
export const MPAMIDR: u32 = 23;
export const MPAMBWIDR: u32 = 24;
export const PFR0: u32 = 25;
export const PFR1: u32 = 26;
export const REGISTERS: u32 = 27;

/** MPAMVPM0_EL2 to MPAMVPM7_EL2, four virtual PARTIDs each. */
export const MPAMVPMS: u32 = 8;

export const MAX_CPUS: u32 = 1024;

const ROW: usize = <usize>REGISTERS << 3;

@unmanaged
export class Pe {
  /** What the cpu chooses: regs/pe-words.ts. */
  options: u32;
  /** Bit n: the register at place n is there. */
  present: u32;

  // @ts-ignore: decorator
  @inline
  private at(register: u32): usize {
    return changetype<usize>(this) + offsetof<Pe>() + (<usize>register << 3);
  }

  has(register: u32): bool {
    return ((this.present >>> register) & 1) != 0;
  }

  word(register: u32): u64 {
    return load<u64>(this.at(register));
  }

  low(register: u32): u32 {
    return load<u32>(this.at(register));
  }

  high(register: u32): u32 {
    return load<u32>(this.at(register), 4);
  }

  /** Stores what of a value can be written. */
  put(register: u32, value: u64): void {
    store<u64>(this.at(register), (value & this.writable(register)) | this.ones(register));
  }

  /** Changes the bits of `mask`, as far as they can be written. */
  set(register: u32, mask: u64, on: bool): void {
    this.put(register, on ? this.word(register) | mask : this.word(register) & ~mask);
  }

  writable(register: u32): u64 {
    return load<u64>(this.at(register) + ROW);
  }

  ones(register: u32): u64 {
    return load<u64>(this.at(register) + 2 * ROW);
  }

  /** Says that a register is there: what of it can be written, and which bits are always 1. */
  describe(register: u32, writable: u64, ones: u64 = 0): void {
    this.present |= 1 << register;
    store<u64>(this.at(register) + ROW, writable);
    store<u64>(this.at(register) + 2 * ROW, ones);
    store<u64>(this.at(register), ones);
  }

  /** Copies all registers elsewhere; and back, which leaves nothing there: a snapshot does not show what was tried. */
  save(to: usize): void {
    memory.copy(to, this.at(0), ROW);
  }

  restore(from: usize): void {
    memory.copy(this.at(0), from, ROW);
    memory.fill(from, 0, ROW);
  }
}

// @ts-ignore: decorator
@inline
export function wide(high: u32, low: u32): u64 {
  return ((<u64>high) << 32) | (<u64>low);
}

/** Where the cpus go, and the copy that `savePe` makes. */
export function buildPes(): void {
  const r = root();
  r.pes = allocate(<usize>MAX_CPUS * 4);
  r.peSaved = allocate(ROW);
}

export function newPe(): Pe {
  const r = root();
  if (r.peCount == MAX_CPUS) unreachable();
  const at = allocate(offsetof<Pe>() + 3 * ROW);
  store<u32>(r.pes + (<usize>r.peCount << 2), <u32>at);
  r.peCount++;
  return changetype<Pe>(at);
}

export function peAt(cpu: u32): Pe {
  return changetype<Pe>(<usize>load<u32>(root().pes + (<usize>cpu << 2)));
}
