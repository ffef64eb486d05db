// Just enough machine around fake pages: what the driver needs and nothing else.

import type { CpuHandler, DriverKernel, DriverMachine, InterruptEvent } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import type { FirmwareDescription, FirmwareMsc } from "../../src/firmware/index.ts";
import { fakeKernel } from "../helpers/fake-kernel.ts";
import { type Page, PageMap } from "../helpers/page-map.ts";
import { FakePage, type PageOptions, type RisRegisters } from "./page.ts";

/** Where the page of an MSC is. */
export function pageAddress(msc: number): number {
  return 0x1_0000 * (msc + 1);
}

interface FakeCpus {
  partidMax: number;
  pmgMax: number;
  readonly kernel: DriverKernel;
  socId: number;
  readonly cpus: { readonly cpu: number; online: boolean }[];
}

export class FakeMachine implements DriverMachine {
  readonly processor: FakeCpus = {
    partidMax: 63,
    pmgMax: 3,
    kernel: fakeKernel(() => this.processor),
    socId: 0,
    cpus: [0, 1, 2, 3].map((cpu) => ({ cpu, online: true })),
  };
  readonly bus: PageMap;
  readonly parts = new Map<string, () => unknown>();
  readonly handlers = new Set<(event: InterruptEvent) => void>();
  readonly cpuHandlers = new Set<CpuHandler>();
  readonly sleeps: number[] = [];
  /** Called during a sleep. */
  asleep: (() => void) | undefined;
  readonly clock = {
    now: 0,
    sleep: async (ns: number, signal?: AbortSignal): Promise<void> => {
      signal?.throwIfAborted();
      this.sleeps.push(ns);
      this.clock.now += ns;
      this.asleep?.();
      signal?.throwIfAborted();
    },
  };
  /** Cpus that reach a page; all of them where nothing is said. */
  readonly reached = new Map<number, ReadonlySet<number>>();
  /** Pages beside those of MSCs, by address. */
  readonly windows = new Map<number, Page>();

  constructor(
    readonly pages: readonly FakePage[],
    readonly savedParts: { readonly [name: string]: unknown } = {},
  ) {
    pages.forEach((page, msc) => {
      this.windows.set(pageAddress(msc), page);
    });
    this.bus = new PageMap(this.windows, (cpu, address) => this.#admit(cpu, address));
  }

  onInterrupt(handler: (event: InterruptEvent) => void): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  raise(line: number, kind: InterruptEvent["kind"] = "error", level = 1): void {
    for (const handler of this.handlers) handler({ kind, line, level });
  }

  onCpu(handler: CpuHandler): () => void {
    this.cpuHandlers.add(handler);
    return () => this.cpuHandlers.delete(handler);
  }

  /** It has come when handlers are told; an error sends it back. */
  async online(cpu: number): Promise<void> {
    this.processor.cpus[cpu]!.online = true;
    try {
      for (const handler of this.cpuHandlers) await handler({ cpu, online: true });
    } catch (error) {
      this.processor.cpus[cpu]!.online = false;
      throw error;
    }
  }

  /** It goes when handlers have been told. */
  async offline(cpu: number): Promise<void> {
    for (const handler of [...this.cpuHandlers].reverse()) await handler({ cpu, online: false });
    this.processor.cpus[cpu]!.online = false;
  }

  saved(name: string): unknown {
    return this.savedParts[name];
  }

  #admit(cpu: number, address: number): void {
    const reached = this.reached.get(address - (address % 0x1_0000));
    if (!this.processor.cpus[cpu]?.online) throw new ErrnoError("ENXIO", `cpu ${cpu} is offline`);
    if (reached?.has(cpu) === false)
      throw new ErrnoError("ENXIO", `cpu ${cpu} does not reach 0x${address.toString(16)}`);
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
      address: pageAddress(id),
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
    smmus: [],
    remarks: [],
  };
}

export function machineWith(parts: readonly PartOptions[]): { machine: FakeMachine; firmware: FirmwareDescription } {
  const machine = new FakeMachine(parts.map((part) => new FakePage(part)));
  const firmware = firmwareFor(parts);
  for (const { address, cpus } of firmware.mscs) machine.reached.set(address, cpus);
  return { machine, firmware };
}
