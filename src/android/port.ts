// The register window of the MSC as the module maps it: physical addresses, Non-secure.

import { ErrnoError } from "../errno/index.ts";
import type { FirmwareMsc } from "../firmware/index.ts";
import type { AndroidMachine } from "./needs.ts";

/** What a log of accesses calls the module. */
const BY = "android";

export interface Port {
  read32(offset: number): number;
  read64(offset: number): bigint;
  write32(offset: number, value: number): void;
}

/** Accesses by the first online cpu that reaches the window. ENXIO where none does, or nothing answers. */
export class MappedPort implements Port {
  constructor(
    private readonly machine: AndroidMachine,
    private readonly msc: FirmwareMsc,
  ) {}

  read32(offset: number): number {
    return this.machine.bus.load32(this.#cpu(), "ns", this.msc.address + offset, BY) >>> 0;
  }

  read64(offset: number): bigint {
    const address = this.msc.address + offset;
    return this.machine.bus.read({ cpu: this.#cpu(), space: "ns", address, bytes: 8, by: BY });
  }

  write32(offset: number, value: number): void {
    this.machine.bus.store32(this.#cpu(), "ns", this.msc.address + offset, value >>> 0, BY);
  }

  #cpu(): number {
    const found = this.machine.processor.cpus.find(({ cpu, online }) => online && this.msc.cpus.has(cpu));
    if (found === undefined) throw new ErrnoError("ENXIO", `${deviceName(this.msc)}: no cpu that reaches it is online`);
    return found.cpu;
  }
}

/** As Linux names the device of a node msc@30000000: "30000000.msc". */
export function deviceName({ address }: FirmwareMsc): string {
  return `${address.toString(16)}.msc`;
}
