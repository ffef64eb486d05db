// The physical address map: where each MSC page lies, in which address spaces, and which cpus reach it.

import { ErrnoError } from "../errno/index.ts";
import { MSC_WINDOW_BYTES, type MscInstance, type Space } from "../platform/index.ts";

export interface BusAccess {
  readonly cpu: number;
  readonly space: Space;
  readonly address: number;
  readonly bytes: 4 | 8;
}

export interface BusTarget {
  /** `by`: the cpu. */
  read32(msc: number, offset: number, space: Space, by: number): number;
  write32(msc: number, offset: number, value: number, space: Space, by: number): void;
}

/**
 * Accesses by physical address. An 8-byte access is two words, low first (registers.md 1.3). Throws EINVAL for another
 * size or a misaligned address, ENXIO where nothing answers: an address, a space or a cpu that no page is open to.
 */
export class PhysicalBus {
  constructor(
    private readonly mscs: readonly MscInstance[],
    private readonly target: BusTarget,
  ) {}

  read(access: BusAccess): bigint {
    const { msc, offset } = this.#find(access);
    const low = BigInt(this.target.read32(msc, offset, access.space, access.cpu));
    return access.bytes === 4
      ? low
      : low | (BigInt(this.target.read32(msc, offset + 4, access.space, access.cpu)) << 32n);
  }

  write(access: BusAccess & { readonly value: bigint }): void {
    const { msc, offset } = this.#find(access);
    this.target.write32(msc, offset, Number(access.value & 0xffff_ffffn), access.space, access.cpu);
    if (access.bytes === 8)
      this.target.write32(msc, offset + 4, Number((access.value >> 32n) & 0xffff_ffffn), access.space, access.cpu);
  }

  #find({ cpu, space, address, bytes }: BusAccess): { msc: number; offset: number } {
    const where = `0x${address.toString(16)}`;
    if ((bytes !== 4 && bytes !== 8) || address % bytes !== 0) {
      throw new ErrnoError(
        "EINVAL",
        `${bytes} bytes at ${where}: registers are read by 4 or 8 bytes, naturally aligned`,
      );
    }
    const found = this.mscs.find(
      (m) => m.address !== undefined && Math.floor((address - m.address) / MSC_WINDOW_BYTES) === 0,
    );
    if (!found?.description.spaces[space])
      throw new ErrnoError("ENXIO", `nothing answers at ${where} in space ${space}`);
    if (!found.description.cpus.includes(cpu)) {
      throw new ErrnoError("ENXIO", `cpu ${cpu} does not reach msc ${found.msc} at ${where}`);
    }
    return { msc: found.msc, offset: address % MSC_WINDOW_BYTES };
  }
}
