// Accesses that reach a register page at once, as loads and stores of a cpu do.

import { ErrnoError } from "../errno/index.ts";
import { type Bus, checkOffset } from "./bus.ts";

/** The address spaces a register page exists in: Non-secure, Secure, Root, Realm. */
export type BusSpace = "ns" | "s" | "rt" | "rl";

/**
 * The physical address map as software reaches it. ENXIO: nothing answers `cpu` at that address, or it is offline. `by`: who makes the
 * access, for logs; default the cpu.
 */
export interface PhysicalPort {
  /** One word by physical address, as a cpu loads it. ENXIO where nothing answers. */
  load32(cpu: number, space: BusSpace, address: number, by?: string): number;
  /** The same for a store. */
  store32(cpu: number, space: BusSpace, address: number, value: number, by?: string): void;
}

/** Names the cpu that makes an access ("touch MSC", linux-driver.md 4); undefined when no cpu that could is online. */
export type CpuChoice = () => number | undefined;

/** Throws what a caller gets when its CpuChoice names none. */
export function unreachable(what: string): never {
  throw new ErrnoError("ENXIO", `${what}: no cpu that reaches it is online`);
}

/** The page at `base`, as firmware gives it. An access has taken effect before the promise is handed out; values are unsigned. */
export class MmioBus implements Bus {
  readonly sleeps = false;

  constructor(
    private readonly port: PhysicalPort,
    readonly base: number,
    private readonly cpu: CpuChoice,
    /** What a log of accesses calls whoever uses this bus. */
    readonly by = "driver",
    readonly space: BusSpace = "ns",
  ) {}

  async read32(offset: number): Promise<number> {
    checkOffset(offset);
    return this.port.load32(this.#cpu(), this.space, this.base + offset, this.by) >>> 0;
  }

  async write32(offset: number, value: number): Promise<void> {
    checkOffset(offset);
    this.port.store32(this.#cpu(), this.space, this.base + offset, value >>> 0, this.by);
  }

  #cpu(): number {
    return this.cpu() ?? unreachable(`MSC at 0x${this.base.toString(16)}`);
  }
}
