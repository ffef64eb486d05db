// A kernel as far as labels ask for one: tasks and cpus with tags, context switches, and cpus that lose their registers
// (linux-driver.md section 10).

import { HCR_HI_E2H, HCR_TGE, MPAM_HI_MPAMEN, MPAM2_HI_ENMPAMSM } from "../../assembly/regs/pe.ts";
import { HCR_EL2, MPAM2_EL2, MPAMHCR_EL2 } from "../../assembly/regs/pe-encodings.ts";
import { ErrnoError } from "../errno/index.ts";
import { overridesOf } from "./command-line.ts";
import { type ContextState, CpuContext, type Images, type SwitchCounts } from "./context.ts";
import {
  type CpuId,
  type Features,
  type KernelLog,
  readId,
  sanitise,
  saysMpam,
  verifyLate,
  whyWithout,
} from "./features.ts";
import { checkMode, type KernelMode, kernelLabelOf } from "./policy.ts";
import { KernelRegisters, type RegisterPort } from "./registers.ts";
import { checkLabel, imageOf, type LabelLimits, NO_LABEL, sameLabel, type TaskLabel } from "./tag.ts";
import { type ForkOptions, type Task, Tasks } from "./tasks.ts";

/** A cpu as the kernel finds it. */
export interface KernelCpu {
  /** The exception level at which firmware hands it over. */
  readonly entryEl: 1 | 2;
  /** The one at which the kernel runs: 2 is with VHE, HCR_EL2.E2H = TGE = 1. */
  readonly el: 1 | 2;
}

/** The machine that the kernel runs on. */
export interface KernelHost {
  readonly cpus: readonly KernelCpu[];
  readonly port: RegisterPort;
  /** What every cpu can put on a request; as long as the kernel has not asked those that it runs on, no label is above. */
  readonly limits: LabelLimits;
  changed?(whose: Changed): void;
  /** Switches every cpu to the task that it runs. */
  settle?(): void;
}

/** How a kernel boots. */
export interface BootOptions {
  /** What of it is about MPAM: arm64.nompam, id_aa64pfr0.mpam=0, id_aa64pfr1.mpam_frac=0. */
  readonly commandLine?: string;
  /** Cpus that are up while features are decided, the first first. */
  readonly cpus: readonly number[];
  readonly log?: KernelLog;
}

/** Whose labels may be others from the next edge on. */
export type Changed = { readonly tid: number } | { readonly cpu: number } | "all";

export interface KernelState {
  readonly tasks: readonly Task[];
  readonly cpuDefaults: readonly TaskLabel[];
  readonly globalDefault: TaskLabel;
  readonly mode: KernelMode;
  readonly commandLine: string;
  readonly booted: boolean;
  readonly alone: boolean;
  readonly features: Features | null;
  readonly enabled: boolean;
  readonly cpus: readonly ContextState[];
}

/** A small kernel: tasks with tags, and the label registers of cpus that it writes when tasks change. */
export class Kernel {
  readonly #registers: KernelRegisters;
  readonly #tasks: Tasks;
  readonly #cpuDefaults: TaskLabel[];
  readonly #contexts: readonly CpuContext[];
  #globalDefault: TaskLabel;
  #mode: KernelMode;
  #commandLine = "";
  #booted = false;
  /** Without a driver. */
  #alone = false;
  #features: Features | undefined;
  #enabled = false;
  #log: KernelLog = () => {};

  constructor(
    private readonly host: KernelHost,
    state?: KernelState,
  ) {
    const { cpus, port } = host;
    this.#registers = new KernelRegisters(port);
    this.#tasks = new Tasks(state?.tasks);
    this.#cpuDefaults = state ? [...state.cpuDefaults] : cpus.map(() => NO_LABEL);
    this.#globalDefault = state?.globalDefault ?? NO_LABEL;
    this.#mode = state?.mode ?? { policy: "inherit" };
    this.#commandLine = state?.commandLine ?? "";
    this.#booted = state?.booted ?? false;
    this.#alone = state?.alone ?? false;
    this.#features = state?.features ?? undefined;
    this.#enabled = state?.enabled ?? false;
    const hasSme = () => this.#features?.hasSme ?? false;
    this.#contexts = cpus.map(({ el }, cpu) => new CpuContext(cpu, this.#registers, el, hasSme, state?.cpus[cpu]));
  }

  // Tasks and tags.

  /** All threads but idle ones. */
  get tasks(): readonly Task[] {
    return this.#tasks.all;
  }

  /** Undefined: there is no such thread. */
  task(tid: number): Task | undefined {
    return this.#tasks.find(tid);
  }

  /** A thread of a trace. It is in the default group, unless it was forked before. */
  addTask(task: Omit<Task, "label">): void {
    this.#tasks.add({ ...task, label: this.#tasks.find(task.tid)?.label ?? this.#globalDefault });
  }

  /**
   * A new thread: it has the tag of the one that made it, or with `resetOnFork` that of the default group. A thread of a trace
   * that is read later and has this thread id is this one. Throws ESRCH, EEXIST, EINVAL.
   */
  fork(tid: number, child: number, { resetOnFork = false, pid }: ForkOptions = {}): Task {
    return this.#tasks.fork(tid, child, pid, resetOnFork ? this.#globalDefault : undefined);
  }

  /** The thread is gone. What a trace goes on to record of it is as of a thread in the default group. Throws ESRCH. */
  exit(tid: number): void {
    this.#tasks.remove(tid);
    this.host.changed?.({ tid });
  }

  /** Sets the tag of a thread; its requests carry it from the next edge on. Throws ESRCH, EINVAL. */
  setTag(tid: number, label: TaskLabel): void {
    this.#tasks.get(tid);
    checkLabel(label, this.#limits);
    this.#tasks.setTag(tid, label);
    this.host.changed?.({ tid });
  }

  /** What tasks with the default tag carry on this cpu. EINVAL. */
  setCpuDefault(cpu: number, label: TaskLabel): void {
    this.#context(cpu);
    checkLabel(label, this.#limits);
    this.#cpuDefaults[cpu] = { ...label };
    this.host.changed?.({ cpu });
  }

  /** What tasks with the default tag carry on this cpu. */
  cpuDefault(cpu: number): TaskLabel | undefined {
    return this.#cpuDefaults[cpu];
  }

  /** Tasks tagged with this label take their cpu's default. */
  setGlobalDefault(label: TaskLabel): void {
    checkLabel(label, this.#limits);
    this.#globalDefault = { ...label };
    this.host.changed?.("all");
  }

  /** The tag whose tasks take their cpu's default. */
  get globalDefault(): TaskLabel {
    return this.#globalDefault;
  }

  /** Under which label the kernel works. Throws EINVAL for one that cannot be. */
  get mode(): KernelMode {
    return this.#mode;
  }

  /** Holds from the next edge on. */
  set mode(mode: KernelMode) {
    checkMode(mode, this.host.cpus.length, this.#limits);
    this.#mode = structuredClone(mode);
    this.host.changed?.("all");
  }

  /** What a task's requests carry at EL0 on a cpu where the kernel switches; undefined stands for one that is gone. */
  userLabel(tid: number | undefined, cpu: number): TaskLabel {
    const tag = tid === undefined ? undefined : this.#tasks.find(tid)?.label;
    if (tag !== undefined && !sameLabel(tag, this.#globalDefault)) return tag;
    return this.#cpuDefaults[cpu] as TaskLabel;
  }

  /** What the kernel's requests carry while it works for the task. */
  kernelLabel(tid: number | undefined, cpu: number): TaskLabel {
    return kernelLabelOf(this.#mode, this.userLabel(tid, cpu), cpu, this.#globalDefault);
  }

  #imagesOf(tid: number | undefined, cpu: number): Images {
    return { user: imageOf(this.userLabel(tid, cpu)), kernel: imageOf(this.kernelLabel(tid, cpu)) };
  }

  /** Of the cpus that run it: one that never came, or was parked, counts for nothing. */
  get #limits(): LabelLimits {
    const { features } = this;
    return features && features.without === undefined ? features : this.host.limits;
  }

  // Boot, and whether MPAM is used.

  /** Somebody has booted it, whatever came of that. */
  get booted(): boolean {
    return this.#booted;
  }

  /** What was found at boot; undefined: the kernel has not booted, or died. */
  get features(): Features | undefined {
    return this.#features;
  }

  /** Context switches write label registers. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Where a kernel that did not boot here, such as one of a snapshot, tells what happens. */
  logTo(log: KernelLog): void {
    this.#log = log;
  }

  /**
   * Boots on `cpus`: what they have, what the system has of it, and label registers for it. Nothing is switched before `start`.
   * Throws EIO where the kernel dies.
   */
  boot(options: BootOptions): Features {
    this.#alone = false;
    return this.#boot(options);
  }

  #boot({ commandLine = "", cpus, log }: BootOptions): Features {
    if (log) this.#log = log;
    this.#booted = true;
    this.#enabled = false;
    this.#features = undefined;
    this.#commandLine = commandLine;
    for (const context of this.#contexts) {
      context.running = false;
      context.bare = false;
      context.forget();
    }
    this.host.changed?.("all");
    const overrides = overridesOf(commandLine);
    const ids = new Map(cpus.map((cpu) => [cpu, this.#setUp(cpu)]));
    const system = sanitise(ids, this.#log);
    const [first] = cpus as readonly [number];
    const without = whyWithout(system, ids, overrides, this.#registers, first, this.#el(first));
    this.#features = { ...system, without };
    for (const cpu of cpus) this.#enable(cpu);
    return this.#features;
  }

  /** Where nobody else boots it: MPAM counts as enabled at once. Throws as `boot`, and may be tried again then. */
  bootAlone(cpus: readonly number[]): void {
    const bare = this.#contexts.filter((context) => context.bare);
    const its = cpus.filter((cpu) => !this.isBare(cpu));
    if (its.length === 0) return;
    try {
      this.#alone = true;
      this.#boot({ cpus: its });
      for (const context of bare) context.bare = true;
    } catch (error) {
      this.#booted = false;
      throw error;
    }
    this.start();
  }

  /** MPAM is set up: tags count from the next switch on. */
  start(): void {
    if (this.#features === undefined || this.#features.without !== undefined) return;
    this.#enabled = true;
    this.host.changed?.("all");
  }

  /** MPAM is disabled: nothing is switched any more, and registers stay as they are. */
  stop(): void {
    this.host.settle?.();
    this.#enabled = false;
    this.host.changed?.("all");
  }

  /** A cpu comes: it has lost its registers. Throws EIO for one that is parked, or on which the kernel dies. */
  bringUp(cpu: number): void {
    const context = this.#context(cpu);
    context.running = false;
    context.bare = false;
    this.#registers.port.powerCycle(cpu);
    this.host.changed?.({ cpu });
    if (this.#features === undefined) return;
    const id = this.#setUp(cpu);
    if (this.#features.without === undefined) verifyLate(cpu, id, this.#features, this.#log);
    this.#enable(cpu);
  }

  /** The cpu sleeps so deep that it loses its registers; what is to be there is back when it wakes. */
  idle(cpu: number): void {
    const context = this.#context(cpu);
    this.#registers.port.powerCycle(cpu);
    this.host.changed?.({ cpu });
    if (!context.running) return;
    this.#setUp(cpu);
    if (this.#features?.without === undefined) context.restore(true);
  }

  /** Somebody has reset the cpu: no kernel runs there until it comes online again. */
  lost(cpu: number): void {
    const context = this.#context(cpu);
    context.running = false;
    context.bare = true;
    this.host.changed?.({ cpu });
  }

  /** Whether somebody has reset the cpu. */
  isBare(cpu: number): boolean {
    return this.#context(cpu).bare;
  }

  /** Before the kernel proper: EL2, where there is one (linux-driver.md 10.2). */
  #setUp(cpu: number): CpuId {
    const { entryEl, el } = this.host.cpus[cpu] as KernelCpu;
    const id = readId(this.#registers, cpu, entryEl, overridesOf(this.#commandLine));
    if (entryEl === 1) return id;
    if (saysMpam(id)) {
      this.#registers.write(cpu, MPAM2_EL2, (BigInt(MPAM2_HI_ENMPAMSM) << 32n) | this.#kept(cpu), 2);
      if (id.hasHcr) this.#registers.write(cpu, MPAMHCR_EL2, 0n, 2);
    }
    const host = el === 2 ? (BigInt(HCR_HI_E2H) << 32n) | BigInt(HCR_TGE) : 0n;
    this.#registers.write(cpu, HCR_EL2, host, 2);
    return id;
  }

  /** Linux clears MPAM2_EL2.MPAMEN, which counts where there is no EL3. Where nobody else boots the kernel MPAM is to be enabled. */
  #kept(cpu: number): bigint {
    return this.#alone ? this.#registers.read(cpu, MPAM2_EL2, 2) & (BigInt(MPAM_HI_MPAMEN) << 32n) : 0n;
  }

  /** The hook of the feature, on each cpu that is up. */
  #enable(cpu: number): void {
    const context = this.#context(cpu);
    context.running = true;
    if (this.#features?.without === undefined) context.restore(this.#enabled);
  }

  #el(cpu: number): number {
    return (this.host.cpus[cpu] as KernelCpu).el;
  }

  // Switching.

  /** The kernel writes label registers on this cpu as tasks come and go. */
  switches(cpu: number): boolean {
    return this.#enabled && this.#context(cpu).running;
  }

  /** The task that the kernel has on a cpu; undefined: none yet. */
  current(cpu: number): number | undefined {
    return this.#context(cpu).task;
  }

  /** The task runs on the cpu from now on, or its label has changed while it does. */
  switchTo(cpu: number, tid: number): void {
    const context = this.#context(cpu);
    if (this.switches(cpu)) context.switchTo(tid, this.#imagesOf(tid, cpu));
    else context.task = tid;
  }

  /**
   * Calls `body` while the cpu's registers are as if the task ran there, which costs nothing that is counted. The caller
   * puts the registers back.
   */
  rehearse<T>(cpu: number, tid: number | undefined, body: () => T): T {
    return this.#context(cpu).rehearse(this.#imagesOf(tid, cpu), body);
  }

  /** Somebody else has written label registers: that holds until another task runs there. */
  writtenByHand(cpu: number): void {
    this.#context(cpu).writtenByHand();
    this.host.changed?.({ cpu });
  }

  /** Whether what somebody else has written is in force. */
  isByHand(cpu: number): boolean {
    return !this.#context(cpu).sure;
  }

  /** What switching has cost on a cpu, or on all. */
  counts(cpu?: number): SwitchCounts {
    this.host.settle?.();
    if (cpu !== undefined) return this.#context(cpu).counts;
    const all = this.#contexts.map(({ counts }) => counts);
    const sum = (of: (one: SwitchCounts) => number) => all.reduce((total, one) => total + of(one), 0);
    return {
      switches: sum((one) => one.switches),
      writes: {
        MPAM1_EL1: sum(({ writes }) => writes.MPAM1_EL1),
        MPAMSM_EL1: sum(({ writes }) => writes.MPAMSM_EL1),
        MPAM0_EL1: sum(({ writes }) => writes.MPAM0_EL1),
      },
      isbs: sum((one) => one.isbs),
    };
  }

  #context(cpu: number): CpuContext {
    const context = this.#contexts[cpu];
    if (!context) throw new ErrnoError("EINVAL", `there is no cpu ${cpu}`);
    return context;
  }

  /** For a snapshot. */
  save(): KernelState {
    return {
      tasks: this.#tasks.all,
      cpuDefaults: [...this.#cpuDefaults],
      globalDefault: this.#globalDefault,
      mode: this.#mode,
      commandLine: this.#commandLine,
      booted: this.#booted,
      alone: this.#alone,
      features: this.#features ?? null,
      enabled: this.#enabled,
      cpus: this.#contexts.map((context) => context.save()),
    };
  }
}
