// A hypervisor as far as labels ask for one: guests whose vCPUs are threads of the host's kernel, the world switch, and what becomes
// of a guest's accesses. It runs at EL2 of physical cpus, or at the virtual EL2 of a guest.

import { ErrnoError } from "../errno/index.ts";
import type { Kernel, KernelCpu } from "../kernel/index.ts";
import { GuestAccesses, type TrapCounts } from "./accesses.ts";
import { type CpuFacts, factsOf, leastOf } from "./identity.ts";
import type { HypervisorPort } from "./port.ts";
import { Switcher, type SwitcherState, type WorldCounts } from "./switcher.ts";
import type { VCpu } from "./vcpu.ts";
import { Vm, type VmOptions, type VmState } from "./vm.ts";

/** A path of threads, or the beginning of one, and the cpu that it runs on. */
export interface Place {
  readonly path: readonly number[];
  readonly cpu: number;
}

export interface HypervisorHost {
  /** The kernel of the host, whose threads the vCPUs are. */
  readonly kernel: Kernel;
  readonly port: HypervisorPort;
  readonly cpus: readonly KernelCpu[];
  /** The labels of this thread's guest may be others from the next edge on. */
  changed(tid: number): void;
  /** The thread of a vCPU has gone to another cpu, with all that runs in it. */
  moved(from: Place, to: Place): void;
  /** The guest that this runs in, and what that is shown; undefined: it runs on physical cpus. */
  readonly within?: { readonly name: string; readonly facts: CpuFacts };
}

export interface HypervisorState {
  readonly vms: readonly VmState[];
  readonly cpus: readonly SwitcherState[];
  readonly facts: CpuFacts | null;
  readonly traps: TrapCounts;
}

/** Where threads of vCPUs begin: out of the way of those that traces record. */
const FIRST_TID = 1_000_000;

/** The exception level at which a request of a guest's is labelled. */
export type ElOf = (el: number) => number;

/** Runs guests: which vCPU is in which cpu, what becomes of its accesses to label registers. */
export class Hypervisor {
  readonly #vms = new Map<string, Vm>();
  readonly #byThread = new Map<number, VCpu>();
  readonly #switchers: readonly Switcher[];
  #facts: CpuFacts | undefined;
  readonly #accesses: GuestAccesses;

  constructor(
    private readonly host: HypervisorHost,
    state?: HypervisorState,
  ) {
    const hands = {
      port: host.port,
      switcherOf: (cpu: number) => this.#at(cpu),
      elOf: (vcpu: VCpu, el: number) => this.elOf(vcpu, el),
      within: <T>(vcpu: VCpu, body: () => T) => this.#within(vcpu, body),
    };
    this.#accesses = new GuestAccesses(hands, state?.traps);
    this.#facts = host.within?.facts ?? state?.facts ?? undefined;
    for (const vm of state?.vms ?? []) this.#add(new Vm(this.#vmHost(), vm.options, vm));
    const vcpus = [...this.#byThread.values()];
    this.#switchers = host.cpus.map(({ el }, cpu) => {
      const facts = () => this.facts;
      return new Switcher(cpu, host.port, el === 2, facts, () => this.usesMpam, state?.cpus[cpu], vcpus);
    });
  }

  // Guests.

  /** All guests, as they came. */
  get vms(): readonly Vm[] {
    return [...this.#vms.values()];
  }

  /** Throws ENOENT. */
  vm(name: string): Vm {
    const vm = this.#vms.get(name);
    if (!vm) throw new ErrnoError("ENOENT", `there is no guest ${name}${this.#there()}`);
    return vm;
  }

  #there(): string {
    const names = [...this.#vms.keys()];
    return names.length === 0 ? "; none has been added" : `; there are ${names.join(", ")}`;
  }

  /** A new guest; it boots at the next edge. Throws EEXIST, EINVAL. */
  addVm(options: VmOptions): Vm {
    const { name, vcpus = [], nested } = options;
    if (this.#vms.has(name)) throw new ErrnoError("EEXIST", `there is a guest ${name} already`);
    for (const cpu of vcpus) this.#checkCpu(name, cpu);
    if (nested && this.host.within !== undefined) {
      throw new ErrnoError(
        "EINVAL",
        `${name}: ${this.host.within.name} is a guest itself, and its guests have no virtual EL2`,
      );
    }
    const vm = new Vm(this.#vmHost(), options);
    this.#add(vm);
    return vm;
  }

  #add(vm: Vm): void {
    this.#vms.set(vm.name, vm);
    for (const vcpu of vm.vcpus) this.#byThread.set(vcpu.tid, vcpu);
  }

  #checkCpu(name: string, cpu: number): void {
    const there = this.host.cpus[cpu];
    if (!there) {
      throw new ErrnoError("EINVAL", `${name}: there is no cpu ${cpu}; there are 0..${this.host.cpus.length - 1}`);
    }
    if (there.entryEl !== 2) throw new ErrnoError("EINVAL", `${name}: cpu ${cpu} has no EL2, and a guest needs one`);
  }

  #vmHost() {
    const all = this;
    return {
      get facts() {
        return all.facts;
      },
      usesMpam: () => this.usesMpam,
      portOf: (vm: Vm) => this.#accesses.portOf(vm),
      newThread: (comm: string, cpu: number) => this.#newThread(comm, cpu),
      hasThread: (tid: number) => this.host.kernel.task(tid) !== undefined,
      partidOf: (thread: number, cpu: number) => this.host.kernel.userLabel(thread, cpu).partidD,
      changed: (vcpus: readonly VCpu[]) => {
        for (const { tid } of vcpus) this.host.changed(tid);
      },
      moved: (from: Place, to: Place) => this.host.moved(from, to),
    };
  }

  #newThread(comm: string, cpu: number): number {
    const { kernel } = this.host;
    let tid = FIRST_TID;
    while (kernel.task(tid)) tid++;
    kernel.addTask({ tid, pid: tid, comm, cpu });
    return tid;
  }

  /** Threads of vCPUs for whose guests this thread stands for a PARTID. */
  affectedBy(tid: number): readonly number[] {
    const guests = this.vms.filter(({ partids }) => partids.stands(tid));
    return guests.flatMap(({ vcpus }) => vcpus.map((vcpu) => vcpu.tid));
  }

  /** The vCPU that a thread runs; undefined: it runs none. */
  vcpuOf(tid: number): VCpu | undefined {
    return this.#byThread.get(tid);
  }

  /** What all cpus have. */
  get facts(): CpuFacts {
    this.#facts ??= leastOf(
      this.host.cpus.map(({ entryEl }, cpu) => {
        // Without EL2 there is nobody to ask, and no guest.
        return entryEl === 2 ? factsOf(this.host.port, cpu) : { ...NOTHING };
      }),
    );
    return this.#facts;
  }

  /** The host's kernel uses MPAM: what is left of it otherwise nobody touches. */
  get usesMpam(): boolean {
    const { features } = this.host.kernel;
    return features !== undefined && features.without === undefined;
  }

  // What runs.

  /** Guests that have not booted on this host do. */
  settle(): void {
    if (!this.host.kernel.booted) return;
    const { without, partidMax, pmgMax, hasHcr } = this.host.kernel.features ?? {};
    const has = JSON.stringify([without ?? null, partidMax, pmgMax, hasHcr]);
    for (const vm of this.#vms.values()) vm.settle(has);
  }

  /** Moves the thread of a vCPU to another cpu. Throws EINVAL. */
  migrate(vcpu: VCpu, cpu: number): void {
    this.#checkCpu(vcpu.vm.name, cpu);
    if (vcpu.cpu === cpu) return;
    const path = [vcpu.tid];
    const from = { path, cpu: vcpu.cpu };
    this.leave(vcpu.cpu, vcpu);
    vcpu.cpu = cpu;
    const task = this.host.kernel.task(vcpu.tid);
    if (task) this.host.kernel.addTask({ ...task, cpu });
    this.host.moved(from, { path, cpu });
    this.host.changed(vcpu.tid);
  }

  /**
   * The threads of a path run on a cpu: the first is one of the host's, and each that is a vCPU's may be followed by one of its
   * guest's. Without that the thread does the host's work.
   */
  switchTo(cpu: number, path: readonly number[]): void {
    const { kernel } = this.host;
    const [tid, ...inner] = path as [number, ...number[]];
    const vcpu = inner.length > 0 ? this.#byThread.get(tid) : undefined;
    const key = vcpu ? this.#keyOf(cpu, vcpu) : "";
    if (!vcpu || kernel.current(cpu) !== tid || !this.#at(cpu).has(vcpu, key)) {
      this.leave(cpu);
      kernel.switchTo(cpu, tid);
      if (vcpu) this.#at(cpu).enter(vcpu, key);
    }
    vcpu?.vm.switchTo(vcpu.index, inner);
  }

  /** What the cpu's registers depend on while a guest is there, besides the guest. */
  #keyOf(cpu: number, vcpu: VCpu): string {
    const { partids } = vcpu.vm;
    return `${labelsOf(this.host.kernel, cpu, vcpu.tid)} ${partids.valid} ${partids.mapped(cpu, 0)} ${this.usesMpam}`;
  }

  /** What distinguishes paths of a cpu whose requests carry different labels. */
  keyOf(cpu: number, path: readonly number[]): string {
    const [tid, ...inner] = path as [number, ...number[]];
    const vcpu = inner.length > 0 ? this.#byThread.get(tid) : undefined;
    if (!vcpu) return labelsOf(this.host.kernel, cpu, tid);
    const { vm, index } = vcpu;
    const guest = vm.hypervisor?.keyOf(index, inner) ?? labelsOf(vm.kernel, index, inner[0]);
    return `${this.#keyOf(cpu, vcpu)} ${tid} (${guest})`;
  }

  /** Whether the path is what the cpu has at the moment. */
  isCurrent(cpu: number, path: readonly number[]): boolean {
    const [tid, ...inner] = path as [number, ...number[]];
    const vcpu = inner.length > 0 ? this.#byThread.get(tid) : undefined;
    if (this.host.kernel.current(cpu) !== tid || this.#at(cpu).loaded !== vcpu) return false;
    if (!vcpu) return true;
    const { vm, index } = vcpu;
    return vm.hypervisor?.isCurrent(index, inner) ?? vm.kernel.current(index) === inner[0];
  }

  /**
   * Calls `body` while the cpu's registers are as if the path ran there, which costs nothing that is counted. `body` is told at
   * which exception level of the cpu requests are made. The caller puts the registers back.
   */
  rehearse<T>(cpu: number, path: readonly number[], body: (elOf: ElOf) => T): T {
    const [tid, ...inner] = path as [number, ...number[]];
    if (this.#byThread.size === 0) return this.#asIf(cpu, tid, () => body((el) => el));
    const vcpu = inner.length > 0 ? this.#byThread.get(tid) : undefined;
    const restore = this.#remember(cpu);
    const uncount = this.#accesses.remember();
    try {
      this.leave(cpu);
      return this.#asIf(cpu, tid, () => {
        if (!vcpu) return body((el) => el);
        this.#at(cpu).enter(vcpu, "");
        return this.#rehearseGuest(vcpu, inner, body);
      });
    } finally {
      restore();
      uncount();
    }
  }

  #rehearseGuest<T>(vcpu: VCpu, inner: readonly number[], body: (elOf: ElOf) => T): T {
    const { vm, index } = vcpu;
    if (vm.hypervisor) {
      return vm.hypervisor.rehearse(index, inner, (elOf) => body((el) => this.elOf(vcpu, elOf(el))));
    }
    const { kernel } = vm;
    const fill = () => body((el) => this.elOf(vcpu, el));
    return kernel.switches(index) ? kernel.rehearse(index, inner[0], fill) : fill();
  }

  #asIf<T>(cpu: number, tid: number, body: () => T): T {
    const { kernel } = this.host;
    return kernel.switches(cpu) ? kernel.rehearse(cpu, tid, body) : body();
  }

  /** Takes a guest that is there to an exception level of its own; answers that of the cpu. */
  elOf(vcpu: VCpu, el: number): number {
    if (vcpu.vm.nested) this.#at(vcpu.cpu).turn(vcpu, el < 2);
    return Math.min(el, 1);
  }

  /** The host has the cpu again; with `vcpu` only where that is there. */
  leave(cpu: number, vcpu?: VCpu): void {
    const switcher = this.#at(cpu);
    if (vcpu === undefined || switcher.loaded === vcpu) switcher.leave();
  }

  /** The host has all its cpus again. */
  leaveAll(): void {
    for (const switcher of this.#switchers) switcher.leave();
  }

  /** The cpu has lost its registers. */
  lost(cpu: number): void {
    const vcpu = this.#at(cpu).loaded;
    this.#at(cpu).lost();
    vcpu?.vm.kernel.writtenByHand(vcpu.index);
  }

  /** Somebody else has written registers of a cpu: those of the guest that is there, or of the host. */
  writtenByHand(cpu: number): void {
    this.#at(cpu).writtenByHand();
    const [kernel, number] = this.#kernelOn(cpu);
    kernel.writtenByHand(number);
  }

  /** What somebody else has written holds until another path runs there. */
  isByHand(cpu: number): boolean {
    const [kernel, number] = this.#kernelOn(cpu);
    return kernel.isByHand(number);
  }

  /** Whether a kernel writes label registers as threads come and go: the host's, or that of the guest that is there. */
  switches(cpu: number): boolean {
    const [kernel, number] = this.#kernelOn(cpu);
    return kernel.switches(number);
  }

  /** The kernel that has a cpu, and by which number it goes there. */
  #kernelOn(cpu: number): readonly [kernel: Kernel, cpu: number] {
    const vcpu = this.#at(cpu).loaded;
    return vcpu ? [vcpu.vm.kernel, vcpu.index] : [this.host.kernel, cpu];
  }

  /** The vCPU that has a cpu; undefined: the host has. */
  loaded(cpu: number): VCpu | undefined {
    return this.#at(cpu).loaded;
  }

  /** What switching worlds has cost on a cpu. */
  counts(cpu: number): WorldCounts {
    return this.#at(cpu).counts;
  }

  /** Accesses of guests that ended in the hypervisor. */
  get traps(): TrapCounts {
    return this.#accesses.traps;
  }

  /** Calls `body` while the guest is in its cpu. What it does there goes to the bank, and the cpu is as before. */
  #within<T>(vcpu: VCpu, body: () => T): T {
    const { cpu } = vcpu;
    if (this.#at(cpu).loaded === vcpu) return body();
    return this.host.port.aside(cpu, () => {
      const restore = this.#remember(cpu);
      let keep: (() => void) | undefined;
      try {
        this.leave(cpu);
        return this.#asIf(cpu, vcpu.tid, () => {
          this.#at(cpu).enter(vcpu, "");
          try {
            return body();
          } finally {
            this.leave(cpu);
            keep = vcpu.remember();
          }
        });
      } finally {
        restore();
        keep?.();
      }
    });
  }

  /** What is known of a cpu and of the vCPUs on it; call the result to have it again. */
  #remember(cpu: number): () => void {
    const all = [this.#at(cpu).remember()];
    for (const vcpu of this.#byThread.values()) if (vcpu.cpu === cpu) all.push(vcpu.remember());
    return () => {
      for (const restore of all) restore();
    };
  }

  #at(cpu: number): Switcher {
    const switcher = this.#switchers[cpu];
    if (!switcher) throw new ErrnoError("EINVAL", `there is no cpu ${cpu}`);
    return switcher;
  }

  /** For a snapshot. */
  save(): HypervisorState {
    return {
      vms: this.vms.map((vm) => vm.save()),
      cpus: this.#switchers.map((switcher) => switcher.save()),
      facts: this.#facts ?? null,
      traps: this.traps,
    };
  }
}

/** What a thread and the kernel that works for it carry. */
function labelsOf(kernel: Kernel, cpu: number, tid: number | undefined): string {
  const both = [kernel.userLabel(tid, cpu), kernel.kernelLabel(tid, cpu)];
  return both.map(({ partidD, partidI, pmgD, pmgI }) => `${partidD},${partidI},${pmgD},${pmgI}`).join("/");
}

const NOTHING: CpuFacts = {
  mpam: 0,
  frac: 0,
  partidMax: 0,
  pmgMax: 0,
  hasHcr: false,
  vpmrMax: 0,
  hasTidr: false,
  hasSme: false,
  hasEl3: false,
  hasBandwidth: false,
};
