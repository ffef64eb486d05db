// The label registers of one cpu, as the kernel sees them: what it wrote there, and writing no more than has changed
// (linux-driver.md 10.3).

import { MPAM_HI_MPAMEN } from "../../assembly/regs/pe.ts";
import { MPAM0_EL1, MPAM1_EL1, MPAMSM_EL1 } from "../../assembly/regs/pe-encodings.ts";
import type { KernelRegisters } from "./registers.ts";
import { DATA_HALF } from "./tag.ts";

/** Images of two labels: of a task, and of the kernel while it works for the task. */
export interface Images {
  readonly user: bigint;
  readonly kernel: bigint;
}

/** What switching has cost. */
export interface SwitchCounts {
  /** A cpu went from one task to another. */
  readonly switches: number;
  readonly writes: { readonly MPAM1_EL1: number; readonly MPAMSM_EL1: number; readonly MPAM0_EL1: number };
  readonly isbs: number;
}

export interface ContextState {
  /** In decimal. */
  readonly user: string;
  readonly kernel: string;
  readonly sure: boolean;
  readonly running: boolean;
  readonly bare: boolean;
  readonly task: number | null;
  readonly counts: SwitchCounts;
}

const MPAMEN = BigInt(MPAM_HI_MPAMEN) << 32n;

export class CpuContext {
  /** The task that runs; undefined: none has yet. */
  task: number | undefined;
  /** The kernel has booted here, and nobody has reset the cpu behind its back. */
  running = false;
  /** Somebody has, and wants no kernel here until the cpu comes again. */
  bare = false;
  /** What the kernel wrote last. */
  #wrote: Images = { user: 0n, kernel: 0n };
  /** Nobody else has written since. */
  #sure = true;
  #switches = 0;
  #isbs = 0;
  readonly #writes = { MPAM1_EL1: 0, MPAMSM_EL1: 0, MPAM0_EL1: 0 };

  constructor(
    readonly cpu: number,
    private readonly registers: KernelRegisters,
    /** Where the kernel runs. */
    private readonly el: 1 | 2,
    private readonly hasSme: () => boolean,
    state?: ContextState,
  ) {
    if (!state) return;
    this.task = state.task ?? undefined;
    this.running = state.running;
    this.bare = state.bare;
    this.#wrote = { user: BigInt(state.user), kernel: BigInt(state.kernel) };
    this.#sure = state.sure;
    this.#switches = state.counts.switches;
    this.#isbs = state.counts.isbs;
    Object.assign(this.#writes, state.counts.writes);
  }

  get sure(): boolean {
    return this.#sure;
  }

  get counts(): SwitchCounts {
    return { switches: this.#switches, writes: { ...this.#writes }, isbs: this.#isbs };
  }

  /** Somebody else has written the registers. That holds until another task runs, or the kernel has something new to write. */
  writtenByHand(): void {
    this.#sure = false;
  }

  switchTo(task: number | undefined, images: Images): void {
    // What was written before anything ran here is the first task's.
    const adopts = this.task === undefined;
    if (!adopts && task !== this.task) this.#switches++;
    const stale = !this.#sure && !adopts && task !== this.task;
    this.task = task;
    this.#load(images, stale);
    if (stale) this.#sure = true;
  }

  /** The enable hook and the exit notifier: all registers, whatever is there. */
  restore(enabled: boolean): void {
    if (!enabled) this.#wrote = { user: 0n, kernel: 0n };
    this.#write(this.#wrote, true, true);
    this.#sure = true;
  }

  /** As at boot. */
  forget(): void {
    this.#wrote = { user: 0n, kernel: 0n };
    this.#sure = true;
  }

  /** Calls `body` while the registers are as if a task with these images ran; the caller puts back what they were. */
  rehearse<T>(images: Images, body: () => T): T {
    const [wrote, isbs, writes] = [this.#wrote, this.#isbs, { ...this.#writes }];
    try {
      this.#load(images, !this.#sure);
      return body();
    } finally {
      this.#wrote = wrote;
      this.#isbs = isbs;
      Object.assign(this.#writes, writes);
    }
  }

  /** The registers hold these, and nobody else has written. */
  holds({ user, kernel }: Images): boolean {
    return this.#sure && user === this.#wrote.user && kernel === this.#wrote.kernel;
  }

  #load(images: Images, all: boolean): void {
    const kernel = all || images.kernel !== this.#wrote.kernel;
    const user = all || images.user !== this.#wrote.user;
    if (kernel || user) this.#write(images, kernel, user);
    this.#wrote = images;
  }

  /** MPAMSM_EL1 goes with the task. MPAM0_EL1 needs no barrier: the return to EL0 is one. */
  #write(images: Images, kernel: boolean, user: boolean): void {
    if (kernel) this.#one("MPAM1_EL1", MPAM1_EL1, images.kernel | MPAMEN);
    if (user && this.hasSme()) this.#one("MPAMSM_EL1", MPAMSM_EL1, images.user & DATA_HALF);
    if (kernel) {
      this.registers.port.isb(this.cpu);
      this.#isbs++;
    }
    if (user) this.#one("MPAM0_EL1", MPAM0_EL1, images.user);
  }

  #one(name: keyof SwitchCounts["writes"], register: number, value: bigint): void {
    this.registers.write(this.cpu, register, value, this.el);
    this.#writes[name]++;
  }

  save(): ContextState {
    return {
      user: this.#wrote.user.toString(),
      kernel: this.#wrote.kernel.toString(),
      sure: this.#sure,
      running: this.running,
      bare: this.bare,
      task: this.task ?? null,
      counts: this.counts,
    };
  }
}
