// The processor side: cpus, the tasks on them, and the label each task's requests carry. The kernel puts labels into registers,
// and the hardware generates from them what goes into the label table.

import { fieldGet } from "../../assembly/regs/field.ts";
import { MPAMIDR_HI_PMG_MAX, MPAMIDR_PARTID_MAX } from "../../assembly/regs/pe.ts";
import { MPAMIDR_EL1 } from "../../assembly/regs/pe-encodings.ts";
import { Hypervisor, type Vm } from "../hypervisor/index.ts";
import {
  type Changed,
  Kernel,
  type KernelState,
  type LabelLimits,
  sameLabel,
  type Task,
  type TaskLabel,
} from "../kernel/index.ts";
import { type Platform, processorOfCpus } from "../platform/index.ts";
import type { Devices } from "./devices.ts";
import { GuestPort } from "./guest-port.ts";
import { type GuestOptions, Guests, type GuestsState } from "./guests.ts";
import { Labelling } from "./labelling.ts";
import { type Enrolled, Requesters, type RequestersState } from "./requesters.ts";
import type { TraceRequester, TraceSource } from "./source.ts";
import type { Label } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

export interface ProcessorState extends RequestersState {
  readonly kernel: KernelState;
  readonly guests: GuestsState;
}

export interface ProcessorHost {
  readonly platform: Platform;
  readonly hardware: Hardware;
  /** Requester numbers that there are. */
  readonly capacity: number;
  /** Called for each new requester, with the cpu its records come from and their exception level. */
  enter(requester: number, cpu: number, el: number): void;
  isOnline(cpu: number): boolean;
  /** Requesters that are no threads. */
  readonly devices: Pick<Devices, "check" | "add" | "has" | "setLabel">;
}

/** The processor side: tasks, the label each carries, the kernel and guests. */
export class Processor {
  /** MPAMIDR_EL1: what every cpu can put on a request. */
  readonly partidMax: number;
  /** The largest PMG that every cpu can put on a request. */
  readonly pmgMax: number;
  /** SMCCC SoC ID, version. */
  readonly socId: number;
  /** All there are, and whether each is online. */
  readonly cpus: readonly { readonly cpu: number; readonly online: boolean }[];
  /** What runs on the cpus. */
  readonly kernel: Kernel;
  /** What runs its guests. */
  readonly hypervisor: Hypervisor;
  readonly #guests: Guests;
  readonly #requesters: Requesters;
  readonly #labelling: Labelling;
  readonly #devices: ProcessorHost["devices"];

  constructor({ platform, hardware, capacity, enter, isOnline, devices }: ProcessorHost, state?: ProcessorState) {
    this.#devices = devices;
    this.socId = platform.socId;
    this.cpus = Array.from({ length: platform.cpus }, (_, cpu) => ({
      cpu,
      get online() {
        return isOnline(cpu);
      },
    }));
    const limits = this.cpus.map(({ cpu }) => limitsOf(hardware, cpu));
    const pes = processorOfCpus(platform);
    this.partidMax = Math.min(...limits.map(({ partidMax }) => partidMax));
    this.pmgMax = Math.min(...limits.map(({ pmgMax }) => pmgMax));
    const cpus = pes.map(({ el2, vhe }) => ({ entryEl: el2 ? 2 : 1, el: vhe ? 2 : 1 }) as const);
    const port = new GuestPort(hardware);
    this.kernel = new Kernel(
      {
        cpus,
        port: {
          read: (cpu, register, el) => port.read(cpu, register, el),
          write: (cpu, register, value, el) => port.write(cpu, register, value, el),
          isb: () => port.isb(),
          powerCycle: (cpu) => {
            // A guest that is there has left the cpu by the time that it goes.
            this.hypervisor.leave(cpu);
            port.powerCycle(cpu);
            this.hypervisor.lost(cpu);
          },
        },
        limits: { partidMax: this.partidMax, pmgMax: this.pmgMax },
        changed: (whose) => this.#changed(whose),
        settle: () => this.#labelling.lookAtAll(),
      },
      state?.kernel,
    );
    this.hypervisor = new Hypervisor(
      {
        kernel: this.kernel,
        port,
        cpus,
        changed: (tid) => {
          this.#requesters.change(this.#requesters.ofTask(tid));
          this.#labelling.watch();
        },
        moved: (from, to) => this.#requesters.move(from, to),
      },
      state?.guests.hypervisor,
    );
    this.#guests = new Guests(this.hypervisor, state?.guests);
    this.#requesters = new Requesters(
      {
        cpus: platform.cpus,
        capacity,
        limitsOf: (cpu) => limits[cpu] as LabelLimits,
        enter,
        addTask: (task) => this.kernel.addTask(task),
        guestOf: (requester, source) => this.#guests.placeOf(requester, source),
        devices,
      },
      state,
    );
    this.#labelling = new Labelling(hardware, this.kernel, this.hypervisor, this.#requesters);
  }

  #changed(whose: Changed): void {
    // A host that boots, or is about to stop switching, has its cpus to itself.
    if (whose === "all") this.hypervisor.leaveAll();
    if (whose === "all") this.#requesters.changeAll();
    else if ("tid" in whose) {
      for (const tid of [whose.tid, ...this.hypervisor.affectedBy(whose.tid)]) {
        this.#requesters.change(this.#requesters.ofTask(tid));
      }
    } else this.#requesters.change(this.#requesters.ofCpu(whose.cpu));
  }

  // Guests.

  /** A guest, whose vCPUs are threads of this kernel: tasks that `name/0` and so on are the comm of. Throws EINVAL, EEXIST, ENOENT. */
  addVm(options: GuestOptions): Vm {
    return this.#guests.add(options, (trace) => this.#requesters.isEnrolled(trace));
  }

  /** The guest of this name, or a guest's guest. Throws ENOENT. */
  vm(name: string): Vm {
    return this.#guests.vm(name);
  }

  /** The guest that a thread of a trace runs in, and its thread id there; undefined: it is a task of this kernel. */
  guestThreadOf(
    requester: TraceRequester,
    source: TraceSource,
  ): { readonly vm: string; readonly tid: number } | undefined {
    return this.#guests.threadOf(requester, source);
  }

  /** All threads but idle ones. */
  get tasks(): readonly Task[] {
    return this.kernel.tasks;
  }

  /** Undefined: there is no such thread. */
  task(tid: number): Task | undefined {
    return this.kernel.task(tid);
  }

  /** Throws a RangeError for traces with more requesters than the machine has numbers left. */
  checkRoom(sources: readonly TraceSource[]): void {
    this.#requesters.checkRoom(sources);
  }

  /** Requesters have the numbers below this one. */
  get requesterCount(): number {
    return this.#requesters.count;
  }

  /** Makes tasks of a trace's threads and gives its requesters their numbers; the same trace again changes nothing. */
  enrol(source: TraceSource): Enrolled {
    return this.#requesters.enrol(source);
  }

  /** Sets the tag of a thread; its requests carry it from the next edge on. Throws ESRCH, EINVAL. */
  setTaskLabel(tid: number, label: TaskLabel): void {
    this.kernel.setTag(tid, label);
  }

  /**
   * Fixes the label of one requester, in any space, from the next edge on: the task's group no longer matters. Requesters that a
   * trace recorded with a label begin with that one. `undefined` gives the requester back to its task. Throws ESRCH, EINVAL.
   */
  setRequesterLabel(requester: number, label: Label | undefined): void {
    if (this.#devices.has(requester)) {
      this.#devices.setLabel(requester, label);
      return;
    }
    const { cpu } = this.#requesters.at(requester);
    if (label) {
      this.#requesters.checkFixed(label, `requester ${requester}`, cpu);
      this.#requesters.fixed.set(requester, label);
    } else this.#requesters.fixed.delete(requester);
    this.#requesters.change([requester]);
  }

  /** The labels that are fixed, by requester. */
  get fixedLabels(): ReadonlyMap<number, Label> {
    return this.#requesters.fixed;
  }

  /** The requesters of a task: its thread on its cpus and exception levels. */
  requestersOf(tid: number): readonly number[] {
    return this.#requesters.ofTask(tid);
  }

  /** What tasks with the default tag carry on this cpu. EINVAL. */
  setCpuDefault(cpu: number, label: TaskLabel): void {
    this.kernel.setCpuDefault(cpu, label);
  }

  /** What tasks with the default tag carry on this cpu. */
  cpuDefault(cpu: number): TaskLabel | undefined {
    return this.kernel.cpuDefault(cpu);
  }

  /** Tasks tagged with this label take their cpu's default. */
  setGlobalDefault(label: TaskLabel): void {
    this.kernel.setGlobalDefault(label);
  }

  /** What a task's requests carry at EL0 once the next edge has come, on its own cpu unless another is named. */
  effectiveLabel(task: Task, cpu = task.cpu): TaskLabel {
    return sameLabel(task.label, this.kernel.globalDefault) ? (this.kernel.cpuDefault(cpu) as TaskLabel) : task.label;
  }

  // Registers and the table of labels.

  /** Somebody looks at a cpu's registers, or is about to write them: they are those of the task that runs there. */
  look(cpu: number): void {
    if (this.kernel.booted) this.#labelling.look(cpu);
  }

  /** Somebody is about to write registers of a cpu: the kernel has been there before, unless somebody has reset it. */
  beforeWriting(cpu: number): void {
    if (!this.kernel.booted && !this.kernel.isBare(cpu)) this.#bootAlone(true);
    this.look(cpu);
  }

  /** Somebody has written registers of a cpu. */
  written(cpu: number): void {
    this.#labelling.written(cpu);
  }

  /** Somebody has reset a cpu: what it runs from there on is not this kernel. */
  lost(cpu: number): void {
    this.hypervisor.lost(cpu);
    this.kernel.lost(cpu);
  }

  /** A machine that no driver runs on is as though one had enabled MPAM. */
  #bootAlone(quietly: boolean): void {
    const cpus = this.cpus.filter(({ online }) => online).map(({ cpu }) => cpu);
    try {
      this.kernel.bootAlone(cpus);
    } catch (error) {
      if (!quietly) throw error;
    }
  }

  /** Whether labels wait for an edge. */
  get pending(): boolean {
    return this.#requesters.changed.size > 0 || this.#labelling.watching;
  }

  /** At an edge: every changed requester gets its labels. Throws ENOSPC where too many are in use, EIO where the kernel dies. */
  flush(): void {
    if (!this.kernel.booted) this.#bootAlone(false);
    this.hypervisor.settle();
    this.#labelling.flush();
  }

  /** A cpu comes, and firmware has nothing of what it was. Throws EIO for one that the kernel parks. */
  bringUp(cpu: number): void {
    this.kernel.bringUp(cpu);
  }

  /** For a snapshot. */
  save(): ProcessorState {
    return { kernel: this.kernel.save(), guests: this.#guests.save(), ...this.#requesters.save() };
  }
}

/** Nothing for a cpu without MPAM. */
function limitsOf(hardware: Hardware, cpu: number): LabelLimits {
  if (!hardware.hasRegister(cpu, MPAMIDR_EL1)) return { partidMax: 0, pmgMax: 0 };
  const idr = BigInt.asUintN(64, hardware.peekRegister(cpu, MPAMIDR_EL1));
  return {
    partidMax: fieldGet(MPAMIDR_PARTID_MAX, Number(idr & 0xffff_ffffn)),
    pmgMax: fieldGet(MPAMIDR_HI_PMG_MAX, Number(idr >> 32n)),
  };
}
