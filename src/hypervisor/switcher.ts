// The world switch of one cpu: the host's registers and a guest's, and writing no more than has changed.

import {
  HCR_EL2,
  MPAM0_EL1,
  MPAM1_EL1,
  MPAM1_EL12,
  MPAM2_EL2,
  MPAMBW2_EL2,
  MPAMHCR_EL2,
  MPAMSM_EL1,
  MPAMVPM0_EL2,
  MPAMVPMV_EL2,
} from "../../assembly/regs/pe-encodings.ts";
import { ErrnoError } from "../errno/index.ts";
import type { CpuFacts } from "./identity.ts";
import type { HypervisorPort } from "./port.ts";
import type { VCpu } from "./vcpu.ts";
import { DATA_HALF, E2H, ENMPAMSM, LABEL, MPAMEN, NTRAPS, nameOf, TGE, TRAPS } from "./words.ts";
import { type World, worldOf } from "./world.ts";

/** What switching worlds has cost. */
export interface WorldCounts {
  readonly enters: number;
  readonly exits: number;
  /** Times that a guest went between its virtual EL2 and what is below. */
  readonly turns: number;
  readonly reads: number;
  readonly writes: { readonly [register: string]: number };
  readonly isbs: number;
}

export interface SwitcherState {
  readonly vcpu: number | null;
  readonly key: string;
  readonly host: readonly (readonly [register: number, value: string])[];
  readonly holds: readonly (readonly [register: number, value: string])[];
  readonly shadows: readonly [boolean, boolean];
  readonly uses: boolean;
  readonly shown: boolean;
  readonly counts: WorldCounts;
}

export class Switcher {
  /** Who has the cpu; undefined: the host. */
  #loaded: VCpu | undefined;
  /** What the host's registers depended on as the guest was entered. */
  #key = "";
  /** What the host had in registers that a guest uses too. */
  #host = new Map<number, bigint>();
  /** What registers are known to hold. */
  #holds = new Map<number, bigint>();
  #shadows: readonly [boolean, boolean] = [false, false];
  /** As the guest was entered, the host used MPAM, and the guest saw it. */
  #uses = false;
  #shown = false;
  #counts: WorldCounts = { enters: 0, exits: 0, turns: 0, reads: 0, writes: {}, isbs: 0 };

  constructor(
    private readonly cpu: number,
    private readonly port: HypervisorPort,
    /** The host runs at EL2. */
    private readonly vhe: boolean,
    private readonly facts: () => CpuFacts,
    /** The host uses MPAM; otherwise no register of it is touched. */
    private readonly usesMpam: () => boolean,
    state?: SwitcherState,
    vcpus: readonly VCpu[] = [],
  ) {
    if (!state) return;
    this.#loaded = state.vcpu === null ? undefined : vcpus.find(({ tid }) => tid === state.vcpu);
    this.#key = state.key;
    this.#host = new Map(state.host.map(([register, value]) => [register, BigInt(value)]));
    this.#holds = new Map(state.holds.map(([register, value]) => [register, BigInt(value)]));
    this.#shadows = state.shadows;
    this.#uses = state.uses;
    this.#shown = state.shown;
    this.#counts = state.counts;
  }

  get loaded(): VCpu | undefined {
    return this.#loaded;
  }

  get counts(): WorldCounts {
    return this.#counts;
  }

  /** The guest is there already, entered with the same `key`. */
  has(vcpu: VCpu, key: string): boolean {
    return this.#loaded === vcpu && this.#key === key;
  }

  /** From the host to a guest. */
  enter(vcpu: VCpu, key: string): void {
    this.#loaded = vcpu;
    this.#key = key;
    this.#uses = this.usesMpam();
    this.#shown = vcpu.vm.shown;
    this.#count({ enters: this.#counts.enters + 1 });
    if (this.#uses) {
      this.#keep(MPAM0_EL1, LABEL);
      if (!this.vhe) this.#keep(MPAM1_EL1, LABEL | MPAMEN);
      if (this.#shown && this.facts().hasSme) this.#keep(MPAMSM_EL1, DATA_HALF);
      this.#keep(MPAM2_EL2);
      this.#hideBandwidth();
    }
    this.#apply(vcpu);
  }

  /** Back to the host, where a guest is; its registers go to its bank. */
  leave(): void {
    const vcpu = this.#loaded;
    if (!vcpu) return;
    this.#put(HCR_EL2, this.vhe ? E2H | TGE : 0n);
    if (this.#uses) {
      this.#fetch(vcpu);
      for (const [register, value] of this.#host) if (register !== MPAM2_EL2) this.#put(register, value);
      const enables = this.facts().hasSme ? ENMPAMSM : 0n;
      this.#put(MPAM2_EL2, ((this.#host.get(MPAM2_EL2) ?? 0n) & ~TRAPS) | enables);
      if (this.facts().hasHcr) this.#put(MPAMHCR_EL2, 0n);
    }
    this.port.isb(this.cpu);
    this.#count({ isbs: this.#counts.isbs + 1, exits: this.#counts.exits + 1 });
    this.#loaded = undefined;
    this.#host.clear();
  }

  /** The guest goes to its virtual EL2, or below it. */
  turn(vcpu: VCpu, below: boolean): void {
    if (vcpu.below === below) return;
    this.#count({ turns: this.#counts.turns + 1 });
    if (this.#uses) this.#fetch(vcpu);
    vcpu.below = below;
    this.#apply(vcpu);
  }

  /** `change` is done to the bank of the guest that is there, and shows in the cpu. */
  change<T>(vcpu: VCpu, change: () => T): T {
    if (this.#uses) this.#fetch(vcpu);
    const result = change();
    this.#apply(vcpu);
    return result;
  }

  /** The cpu has lost its registers, and the guest what it had in them. */
  lost(): void {
    this.#loaded = undefined;
    this.#host.clear();
    this.#holds.clear();
  }

  /** Somebody else has written registers. */
  writtenByHand(): void {
    this.#holds.clear();
  }

  #keep(register: number, mask = -1n): void {
    const value = this.#read(register) & mask;
    this.#host.set(register, value);
    this.#holds.set(register, value);
  }

  /** Bandwidth controls are hidden from every guest: a trap whose nTRAP bit is 1 would not be taken. */
  #hideBandwidth(): void {
    if (!this.facts().hasBandwidth || this.#holds.has(MPAMBW2_EL2)) return;
    const value = this.#read(MPAMBW2_EL2);
    this.#holds.set(MPAMBW2_EL2, value);
    this.#put(MPAMBW2_EL2, value & ~NTRAPS);
  }

  get #mpam1(): number {
    return this.vhe ? MPAM1_EL12 : MPAM1_EL1;
  }

  #apply(vcpu: VCpu): void {
    const { vhe } = this;
    const own = this.#host.get(MPAM0_EL1) ?? 0n;
    const { hasHcr, hasSme } = this.facts();
    const world = worldOf(vcpu, own, { vhe, hasHcr, hasSme });
    if (this.#uses) this.#applyMpam(world, hasHcr, hasSme);
    this.#put(HCR_EL2, world.hcr);
  }

  #applyMpam(world: World, hasHcr: boolean, hasSme: boolean): void {
    this.#shadows = [world.shadow0, world.shadow1];
    for (const [n, word] of world.partids?.words.entries() ?? []) this.#put(MPAMVPM0_EL2 + n, word);
    if (world.partids) this.#put(MPAMVPMV_EL2, world.partids.valid);
    this.#put(this.#mpam1, world.mpam1);
    if (world.mpam0 !== undefined) this.#put(MPAM0_EL1, world.mpam0);
    if (world.mpamsm !== undefined && hasSme) this.#put(MPAMSM_EL1, world.mpamsm);
    const traps = hasSme ? world.traps : world.traps & ~ENMPAMSM;
    this.#put(MPAM2_EL2, ((this.#host.get(MPAM2_EL2) ?? 0n) & ~TRAPS) | traps);
    if (hasHcr) this.#put(MPAMHCR_EL2, world.mpamhcr);
  }

  /** What the guest has in the cpu goes to its bank, as far as it can have written it. */
  #fetch(vcpu: VCpu): void {
    if (!this.#shown) return;
    const [shadow0, shadow1] = this.#shadows;
    if (!shadow0) this.#take(vcpu, MPAM0_EL1, MPAM0_EL1);
    if (!shadow1 && !(vcpu.vm.nested && !vcpu.below)) this.#take(vcpu, this.#mpam1, MPAM1_EL1);
    if (this.facts().hasSme) this.#take(vcpu, MPAMSM_EL1, MPAMSM_EL1);
  }

  #take(vcpu: VCpu, from: number, to: number): void {
    const value = this.#read(from) & (LABEL | MPAMEN);
    this.#holds.set(from, value);
    vcpu.bank.set(to, value & LABEL);
  }

  #read(register: number): bigint {
    const access = this.port.read(this.cpu, register, 2);
    if (access.outcome !== "done") throw this.#died("reads", register);
    this.#count({ reads: this.#counts.reads + 1 });
    return access.value;
  }

  #put(register: number, value: bigint): void {
    if (this.#holds.get(register) === value) return;
    const access = this.port.write(this.cpu, register, value, 2);
    if (access.outcome !== "done") throw this.#died("writes", register);
    this.#holds.set(register, value);
    const name = nameOf(register);
    this.#count({ writes: { ...this.#counts.writes, [name]: (this.#counts.writes[name] ?? 0) + 1 } });
  }

  #died(does: string, register: number): ErrnoError {
    return new ErrnoError("EIO", `the hypervisor dies on cpu ${this.cpu} as it ${does} ${nameOf(register)} at EL2`);
  }

  #count(changed: Partial<WorldCounts>): void {
    this.#counts = { ...this.#counts, ...changed };
  }

  /** As it is; call the result to have it again. */
  remember(): () => void {
    const [loaded, key, host, holds] = [this.#loaded, this.#key, new Map(this.#host), new Map(this.#holds)];
    const [shadows, uses, shown, counts] = [this.#shadows, this.#uses, this.#shown, this.#counts];
    return () => {
      this.#loaded = loaded;
      this.#key = key;
      this.#host = host;
      this.#holds = holds;
      this.#shadows = shadows;
      this.#uses = uses;
      this.#shown = shown;
      this.#counts = counts;
    };
  }

  save(): SwitcherState {
    const words = (of: ReadonlyMap<number, bigint>) =>
      [...of].map(([register, value]) => [register, value.toString()] as const);
    return {
      vcpu: this.#loaded?.tid ?? null,
      key: this.#key,
      host: words(this.#host),
      holds: words(this.#holds),
      shadows: this.#shadows,
      uses: this.#uses,
      shown: this.#shown,
      counts: this.#counts,
    };
  }
}
