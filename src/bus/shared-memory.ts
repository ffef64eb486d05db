// What software and platform share in the physical address map: memory, and registers that are changed bit by bit.

import type { FirmwareRegister } from "../firmware/index.ts";
import { type BusSpace, type CpuChoice, type PhysicalPort, unreachable } from "./mmio.ts";

/** The physical address map where some registers are 8 bytes wide. */
export interface WidePort extends PhysicalPort {
  /** A load of any size by physical address. ENXIO where nothing answers. */
  read(access: WideAccess): bigint;
  /** The same for a store. */
  write(access: WideAccess & { readonly value: bigint }): void;
}

export interface WideAccess {
  readonly cpu: number;
  readonly space: BusSpace;
  readonly address: number;
  readonly bytes: 4 | 8;
}

/** Non-secure loads and stores by whichever cpu is chosen. Values of 4 bytes are unsigned. ENXIO: nothing answers. */
export class SharedMemory {
  constructor(
    private readonly port: WidePort,
    private readonly cpu: CpuChoice,
    private readonly what: string,
    private readonly by = "driver",
  ) {}

  load32(address: number): number {
    return this.port.load32(this.#cpu(), "ns", address, this.by) >>> 0;
  }

  store32(address: number, value: number): void {
    this.port.store32(this.#cpu(), "ns", address, value >>> 0, this.by);
  }

  load64(address: number): bigint {
    return this.port.read({ cpu: this.#cpu(), space: "ns", address, bytes: 8 });
  }

  store64(address: number, value: bigint): void {
    this.port.write({ cpu: this.#cpu(), space: "ns", address, bytes: 8, value });
  }

  #cpu(): number {
    return this.cpu() ?? unreachable(this.what);
  }
}

/** Changes a register to (old & preserve) | set. */
export function changer(memory: SharedMemory, { address, bytes, preserve, set }: FirmwareRegister): () => void {
  if (bytes === 8) return () => memory.store64(address, (memory.load64(address) & preserve) | set);
  const [keep, add] = [low(preserve), low(set)];
  return () => memory.store32(address, (memory.load32(address) & keep) | add);
}

/** Bits of a register that say yes or no. */
export interface Flag {
  /** One of them is 1. */
  isSet(): boolean;
  clear(): void;
}

export interface FlagRegister {
  readonly address: number;
  readonly bytes: 4 | 8;
  readonly mask: bigint;
}

export function flag(memory: SharedMemory, { address, bytes, mask }: FlagRegister): Flag {
  if (bytes === 8) {
    return {
      isSet: () => (memory.load64(address) & mask) !== 0n,
      clear: () => memory.store64(address, memory.load64(address) & ~mask),
    };
  }
  const bits = low(mask);
  return {
    isSet: () => (memory.load32(address) & bits) !== 0,
    clear: () => memory.store32(address, memory.load32(address) & ~bits),
  };
}

function low(bits: bigint): number {
  return Number(BigInt.asUintN(32, bits));
}
