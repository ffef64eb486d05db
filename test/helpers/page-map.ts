// A physical address map of register pages and nothing else, for machines in tests.

import { ErrnoError } from "../../src/errno/index.ts";

export interface Page {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

interface Access {
  readonly cpu: number;
  readonly space: string;
  readonly address: number;
  readonly bytes: 4 | 8;
}

export class PageMap {
  /** @param admit Throws where that cpu cannot make accesses. */
  constructor(
    private readonly pages: ReadonlyMap<number, Page>,
    private readonly admit: (cpu: number, address: number) => void = () => {},
  ) {}

  load32(cpu: number, _space: string, address: number): number {
    return this.#page(cpu, address).read32(address % 0x1_0000);
  }

  store32(cpu: number, _space: string, address: number, value: number): void {
    this.#page(cpu, address).write32(address % 0x1_0000, value);
  }

  read({ cpu, space, address, bytes }: Access): bigint {
    const low = BigInt(this.load32(cpu, space, address));
    return bytes === 4 ? low : low | (BigInt(this.load32(cpu, space, address + 4)) << 32n);
  }

  write({ cpu, space, address, bytes, value }: Access & { readonly value: bigint }): void {
    this.store32(cpu, space, address, Number(BigInt.asUintN(32, value)));
    if (bytes === 8) this.store32(cpu, space, address + 4, Number(BigInt.asUintN(32, value >> 32n)));
  }

  #page(cpu: number, address: number): Page {
    this.admit(cpu, address);
    const page = this.pages.get(address - (address % 0x1_0000));
    if (page === undefined) throw new ErrnoError("ENXIO", `nothing answers at 0x${address.toString(16)}`);
    return page;
  }
}
