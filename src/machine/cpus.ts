// Cpus that come and go (docs/firmware.md), and software that is told of it.

import { ErrnoError } from "../errno/index.ts";
import type { SystemRegisters } from "./system-registers.ts";

/** A cpu has come, or is about to go. */
export interface CpuChange {
  readonly cpu: number;
  readonly online: boolean;
}

/** Called before a cpu goes, and after one has come; awaited. */
export type CpuHandler = (change: CpuChange) => void | Promise<void>;

/** One cpu: whether it is online, and its system registers. */
export interface Cpu {
  readonly cpu: number;
  readonly isOnline: boolean;
  readonly registers: SystemRegisters;
  /** Ends when all handlers have heard that it has come. Throws what one of them threw: the cpu is offline again then. */
  online(): Promise<void>;
  /**
   * Ends when all handlers have heard that it goes, and it has gone. EBUSY for the last one. Throws what a handler threw: the cpu
   * is online then.
   */
  offline(): Promise<void>;
}

/** What the machine does as cpus come and go. */
export interface CpuSteps {
  /** One comes, and no handler has heard of it. What it throws keeps the cpu from coming. */
  comes(cpu: number): void;
  /** One has come, and all have. */
  came(cpu: number): void;
  gone(cpu: number): void;
}

export class Cpus {
  readonly #cpus: readonly Cpu[];
  /** 1 for those that are. */
  readonly #online: Uint8Array;
  readonly #handlers = new Set<CpuHandler>();
  #changes = 0;
  #tail: Promise<void> = Promise.resolve();

  /**
   * @param registersOf Those of a cpu.
   * @param offline Those that are not online. Throws a TypeError for what these cannot be.
   */
  constructor(
    readonly length: number,
    private readonly steps: CpuSteps,
    private readonly registersOf: (cpu: number) => SystemRegisters,
    offline: readonly number[] = [],
  ) {
    this.#online = new Uint8Array(length).fill(1);
    for (const cpu of offline) this.#online[cpu] = 0;
    const isThere = (cpu: number) => Number.isInteger(cpu) && cpu >= 0 && cpu < length;
    if (!offline.every(isThere) || this.#count() === 0) {
      throw new TypeError(`of ${length} cpus ${offline.join(", ")} cannot be offline`);
    }
    this.#cpus = Array.from({ length }, (_, cpu) => this.#make(cpu));
  }

  #make(cpu: number): Cpu {
    const all = this;
    return {
      cpu,
      registers: this.registersOf(cpu),
      get isOnline() {
        return all.isOnline(cpu);
      },
      online: () => all.#change(() => all.#come(cpu)),
      offline: () => all.#change(() => all.#go(cpu)),
    };
  }

  /** Throws EINVAL where there is none. */
  at(cpu: number): Cpu {
    const found = this.#cpus[cpu];
    if (!found) throw new ErrnoError("EINVAL", `there is no cpu ${cpu}: this machine has 0..${this.length - 1}`);
    return found;
  }

  /** False for one that is not there. */
  isOnline(cpu: number): boolean {
    return this.#online[cpu] === 1;
  }

  /** Those that are not online, lowest first. */
  get offline(): number[] {
    return this.#cpus.flatMap(({ cpu, isOnline }) => (isOnline ? [] : [cpu]));
  }

  #count(): number {
    return this.#online.reduce((sum, one) => sum + one, 0);
  }

  /** Whether a cpu is on its way. */
  get changing(): boolean {
    return this.#changes > 0;
  }

  /** Calls `handler` for every cpu that comes or goes; the result ends that. */
  listen(handler: CpuHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** One after the other, in the order in which they were asked for. */
  #change(body: () => Promise<void>): Promise<void> {
    this.#changes++;
    const done = this.#tail.then(body).finally(() => this.#changes--);
    this.#tail = done.catch(() => undefined);
    return done;
  }

  async #come(cpu: number): Promise<void> {
    if (this.isOnline(cpu)) return;
    this.#online[cpu] = 1;
    try {
      this.steps.comes(cpu);
      await tell([...this.#handlers], { cpu, online: true });
    } catch (error) {
      this.#leave(cpu);
      throw error;
    }
    this.steps.came(cpu);
  }

  async #go(cpu: number): Promise<void> {
    if (!this.isOnline(cpu)) return;
    if (this.#count() === 1) throw new ErrnoError("EBUSY", `cpu ${cpu} is the last one online`);
    // Who came to depend on a cpu last lets go of it first.
    await tell([...this.#handlers].reverse(), { cpu, online: false });
    this.#leave(cpu);
  }

  #leave(cpu: number): void {
    this.#online[cpu] = 0;
    this.steps.gone(cpu);
  }
}

/** One after the other. When one fails, those who have heard are told of the contrary, the last one first. */
async function tell(handlers: readonly CpuHandler[], change: CpuChange): Promise<void> {
  for (const [index, handler] of handlers.entries()) {
    try {
      await handler(change);
    } catch (error) {
      const failures = await tellAll(handlers.slice(0, index).reverse(), { ...change, online: !change.online });
      if (failures.length === 0) throw error;
      throw new AggregateError([error, ...failures], `cpu ${change.cpu}: more than one handler failed`);
    }
  }
}

/** Goes on when one fails: what they threw. */
async function tellAll(handlers: readonly CpuHandler[], change: CpuChange): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const handler of handlers) {
    try {
      await handler(change);
    } catch (failure) {
      failures.push(failure);
    }
  }
  return failures;
}
