// Just enough machine around fake pages: what the driver needs and nothing else.

import type { DriverMachine, InterruptEvent } from "../../src/driver/index.ts";
import type { FirmwareDescription, FirmwareMsc } from "../../src/firmware/index.ts";
import { FakePage, type PageOptions, type RisRegisters } from "./page.ts";

export class FakeMachine implements DriverMachine {
  readonly processor = { partidMax: 63, pmgMax: 3 };
  readonly parts = new Map<string, () => unknown>();
  readonly handlers = new Set<(event: InterruptEvent) => void>();
  readonly sleeps: number[] = [];
  /** Called during a sleep. */
  asleep: (() => void) | undefined;
  readonly clock: { now: number; sleep(ns: number): Promise<void> } = {
    now: 0,
    sleep: async (ns: number) => {
      this.sleeps.push(ns);
      this.clock.now += ns;
      this.asleep?.();
    },
  };

  constructor(
    readonly pages: readonly FakePage[],
    readonly savedParts: { readonly [name: string]: unknown } = {},
  ) {}

  read32(msc: number, offset: number): number {
    return this.#page(msc).read32(offset);
  }

  write32(msc: number, offset: number, value: number): void {
    this.#page(msc).write32(offset, value);
  }

  onInterrupt(handler: (event: InterruptEvent) => void): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  raise(line: number, kind: InterruptEvent["kind"] = "error", level = 1): void {
    for (const handler of this.handlers) handler({ kind, line, level });
  }

  saved(name: string): unknown {
    return this.savedParts[name];
  }

  #page(msc: number): FakePage {
    const page = this.pages[msc];
    if (page === undefined) throw new Error(`no MSC ${msc}`);
    return page;
  }
}

/** MPAMF_IDR low: PARTID_MAX 7, PMG_MAX 1, and these bits. */
export function idr(...bits: number[]): number {
  return bits.reduce((word, bit) => word | (1 << bit), 0x0001_0007) >>> 0;
}

/** EXT; HAS_RIS, HAS_EXTD_ESR, HAS_ESR and RIS_MAX in the high word. */
export const EXT = 28;
export function idrHigh(risMax: number): number {
  return ((risMax << 24) | 0xc1) >>> 0;
}

/** Portions (8) and CSU monitors (4). */
export const CACHE_RIS: RisRegisters = {
  0: idr(25, EXT, 30),
  4: idrHigh(0),
  48: 8,
  128: 0x0001_0000,
  136: 4,
};

/** MBW_MAX of 7 bits, and 4 MBWU monitors that are 63 bits wide and tell reads from writes. */
export const MEMORY_RIS: RisRegisters = {
  0: idr(26, EXT, 30),
  4: idrHigh(0),
  64: 0x0000_0807,
  128: 0x0002_0000,
  144: 0x7000_0004,
};

/** Parts of one page each, MSC by MSC: a cache with id 1, level 3, unless `resources` says otherwise. */
export interface PartOptions extends PageOptions {
  readonly firmware?: Partial<FirmwareMsc>;
}

export function firmwareFor(parts: readonly PartOptions[]): FirmwareDescription {
  return {
    cpus: [0, 1, 2, 3].map((cpu) => ({ cpu, node: cpu >> 1 })),
    caches: [
      { id: 1, level: 3, bytes: 2 ** 20, lineBytes: 64, cpus: new Set([0, 1]) },
      { id: 2, level: 3, bytes: 2 ** 20, lineBytes: 64, cpus: new Set([2, 3]) },
      { id: 7, level: 2, bytes: 2 ** 18, lineBytes: 64, cpus: new Set([0]) },
    ],
    nodes: [
      { node: 0, cpus: new Set([0, 1]) },
      { node: 1, cpus: new Set([2, 3]) },
    ],
    mscs: parts.map(({ ris, firmware }, id) => ({
      id,
      interface: "mmio",
      address: 0x1_0000 * (id + 1),
      bytes: 0x4000,
      nrdyUsec: 10,
      errorInterrupt: 100 + id,
      overflowInterrupt: 0,
      cpus: new Set([0, 1, 2, 3]),
      resources: ris.map((_, index) => ({ ris: index, kind: "cache", id: 1 })),
      ...firmware,
    })),
    counted: parts.length,
    channels: [],
    remarks: [],
  };
}

export function machineWith(parts: readonly PartOptions[]): { machine: FakeMachine; firmware: FirmwareDescription } {
  return { machine: new FakeMachine(parts.map((part) => new FakePage(part))), firmware: firmwareFor(parts) };
}
