// The processor side: cpus, the tasks on them, and the label each task's requests carry. A task with the default tag
// takes the default of its cpu, as the context switch of Linux does (linux-driver.md 10.3).

import { ErrnoError } from "../errno/index.ts";
import type { Platform } from "../platform/index.ts";
import type { Devices } from "./devices.ts";
import { isDevice, OP_FETCH, type TraceRequester, type TraceSource } from "./source.ts";
import type { Label } from "./spaces.ts";

/** PARTID and PMG of data and of instruction accesses, as MPAM0_EL1 holds them. */
export interface TaskLabel {
  readonly partidD: number;
  readonly partidI: number;
  readonly pmgD: number;
  readonly pmgI: number;
}

export interface Task {
  /** Unique in the machine: the recorded thread id, or the next free number where that is taken. */
  readonly tid: number;
  readonly pid: number;
  readonly comm: string;
  readonly cpu: number;
  /** The tag the kernel gave it; see `effectiveLabel` for what its requests carry. */
  readonly label: TaskLabel;
}

interface OwnTask extends Task {
  label: TaskLabel;
  readonly requesters: number[];
}

/** Where the trace's requester numbers lead, once its threads are tasks here. */
export interface Enrolled {
  readonly hash: string;
  readonly requesters: readonly number[];
  readonly tids: readonly number[];
}

export interface ProcessorState {
  readonly tasks: readonly {
    tid: number;
    pid: number;
    comm: string;
    cpu: number;
    label: TaskLabel;
    requesters: number[];
  }[];
  readonly enrolled: readonly Enrolled[];
  readonly cpuDefaults: readonly TaskLabel[];
  readonly globalDefault: TaskLabel;
  readonly requesters: number;
  readonly requesterCpus: readonly number[];
  readonly dealt: number;
  readonly changed: readonly number[];
  readonly fixed: readonly (readonly [requester: number, label: Label])[];
}

/** Called for each new requester, with the cpu its records come from. */
type Enter = (requester: number, cpu: number) => void;

type SetLabel = (requester: number, op: number, label: Label) => boolean;

const NO_LABEL: TaskLabel = { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 };

const DEFAULT: Label = { space: "ns", partid: 0, pmg: 0 };

/** What requests of one kind carry: cpus send under their tasks' labels to non-secure memory. */
function half({ partidD, partidI, pmgD, pmgI }: TaskLabel, op: number): Label {
  return op === OP_FETCH ? { space: "ns", partid: partidI, pmg: pmgI } : { space: "ns", partid: partidD, pmg: pmgD };
}

function same(a: TaskLabel, b: TaskLabel): boolean {
  return a.partidD === b.partidD && a.partidI === b.partidI && a.pmgD === b.pmgD && a.pmgI === b.pmgI;
}

export class Processor {
  readonly partidMax: number;
  readonly pmgMax: number;
  /** SMCCC SoC ID, version. */
  readonly socId: number;
  readonly cpus: readonly { readonly cpu: number; readonly online: boolean }[];
  readonly #tasks = new Map<number, OwnTask>();
  readonly #enrolled = new Map<string, Enrolled>();
  readonly #cpuDefaults: TaskLabel[];
  #globalDefault = NO_LABEL;
  #requesters = 0;
  /** Where each requester runs: a thread that was recorded on several cpus has one for each. */
  #requesterCpus: number[] = [];
  #dealt = 0;
  /** Requesters whose label differs from what the hardware has: they change at the next edge. */
  readonly #changed = new Set<number>();
  /** Labels that hold whatever the task's group is. */
  readonly #fixed = new Map<number, Label>();
  readonly #capacity: number;
  readonly #enter: Enter;

  constructor(
    platform: Platform,
    capacity: number,
    enter: Enter,
    state?: ProcessorState,
    isOnline: (cpu: number) => boolean = () => true,
    /** Requesters that are no threads. */
    private readonly devices?: Pick<Devices, "check" | "add" | "has" | "setLabel">,
  ) {
    this.partidMax = platform.processor.partidMax;
    this.pmgMax = platform.processor.pmgMax;
    this.socId = platform.socId;
    this.cpus = Array.from({ length: platform.cpus }, (_, cpu) => ({
      cpu,
      get online() {
        return isOnline(cpu);
      },
    }));
    this.#capacity = capacity;
    this.#enter = enter;
    this.#cpuDefaults = state ? [...state.cpuDefaults] : this.cpus.map(() => NO_LABEL);
    if (!state) return;
    for (const task of state.tasks) this.#tasks.set(task.tid, { ...task, requesters: [...task.requesters] });
    for (const one of state.enrolled) this.#enrolled.set(one.hash, one);
    this.#globalDefault = state.globalDefault;
    this.#requesters = state.requesters;
    this.#requesterCpus = [...state.requesterCpus];
    this.#dealt = state.dealt;
    for (const requester of state.changed) this.#changed.add(requester);
    for (const [requester, label] of state.fixed) this.#fixed.set(requester, label);
  }

  get tasks(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  task(tid: number): Task | undefined {
    return this.#tasks.get(tid);
  }

  /** Throws a RangeError for traces with more requesters than the machine has numbers left. */
  checkRoom(sources: readonly TraceSource[]): void {
    let requesters = this.#requesters;
    const seen = new Set(this.#enrolled.keys());
    for (const source of sources) {
      if (seen.has(source.hash)) continue;
      seen.add(source.hash);
      this.devices?.check(source);
      requesters += source.requesters.length;
      if (requesters > this.#capacity) {
        throw new RangeError(`${source.name}: more than ${this.#capacity} requesters in one machine`);
      }
    }
  }

  /** Makes tasks of a trace's threads and gives its requesters their numbers; the same trace again changes nothing. */
  enrol(source: TraceSource): Enrolled {
    const known = this.#enrolled.get(source.hash);
    if (known) return known;
    this.checkRoom([source]);
    for (const who of source.requesters) {
      if (who.label && !isDevice(who)) this.#checkFixed(who.label, source.name);
    }
    const tids = new Map<string, number>();
    const requesters: number[] = [];
    for (const requester of source.requesters) {
      if (this.devices && isDevice(requester)) {
        this.devices.add(this.#requesters, requester, source.name);
        requesters.push(this.#requesters++);
        continue;
      }
      const thread = `${requester.asid}/${requester.pid}/${requester.tid}`;
      const tid = tids.get(thread) ?? this.#newTask(requester);
      tids.set(thread, tid);
      const number = this.#requesters++;
      const task = this.#tasks.get(tid) as OwnTask;
      const cpu = this.#cpuOf(requester) ?? task.cpu;
      task.requesters.push(number);
      this.#requesterCpus[number] = cpu;
      this.#enter(number, cpu);
      requesters.push(number);
      this.#changed.add(number);
      if (requester.label) this.#fixed.set(number, requester.label);
    }
    const enrolled: Enrolled = { hash: source.hash, requesters, tids: [...new Set(tids.values())] };
    this.#enrolled.set(source.hash, enrolled);
    return enrolled;
  }

  #newTask(requester: TraceRequester): number {
    let tid = requester.tid > 0 ? requester.tid : 1;
    while (this.#tasks.has(tid)) tid++;
    // Threads without a recorded cpu are dealt to cpus in order of first appearance.
    const cpu = this.#cpuOf(requester) ?? this.#dealt++ % this.cpus.length;
    const pid = requester.pid === requester.tid ? tid : requester.pid;
    this.#tasks.set(tid, { tid, pid, comm: requester.comm ?? "", cpu, label: this.#globalDefault, requesters: [] });
    return tid;
  }

  #cpuOf({ cpu }: TraceRequester): number | undefined {
    return cpu === undefined ? undefined : cpu % this.cpus.length;
  }

  /** Sets the tag of a thread; its requests carry it from the next edge on. Throws ESRCH, EINVAL. */
  setTaskLabel(tid: number, label: TaskLabel): void {
    const task = this.#tasks.get(tid);
    if (!task) throw new ErrnoError("ESRCH", `there is no task ${tid}`);
    this.#check(label);
    task.label = label;
    for (const requester of task.requesters) this.#changed.add(requester);
  }

  /**
   * Fixes the label of one requester, in any space, from the next edge on: the task's group no longer matters. Requesters that a
   * trace recorded with a label begin with that one. `undefined` gives the requester back to its task. Throws ESRCH, EINVAL.
   */
  setRequesterLabel(requester: number, label: Label | undefined): void {
    if (!(requester >= 0 && requester < this.#requesters)) throw new ErrnoError("ESRCH", `no requester ${requester}`);
    if (this.devices?.has(requester)) {
      this.devices.setLabel(requester, label);
      return;
    }
    if (label) {
      this.#checkFixed(label, `requester ${requester}`);
      this.#fixed.set(requester, label);
    } else this.#fixed.delete(requester);
    this.#changed.add(requester);
  }

  /** The labels that are fixed, by requester. */
  get fixedLabels(): ReadonlyMap<number, Label> {
    return this.#fixed;
  }

  /** The requesters of a task: its thread on its cpus and exception levels. */
  requestersOf(tid: number): readonly number[] {
    return this.#tasks.get(tid)?.requesters ?? [];
  }

  setCpuDefault(cpu: number, label: TaskLabel): void {
    if (!this.cpus[cpu]) throw new ErrnoError("EINVAL", `there is no cpu ${cpu}`);
    this.#check(label);
    this.#cpuDefaults[cpu] = label;
    for (const [requester, on] of this.#requesterCpus.entries()) if (on === cpu) this.#changed.add(requester);
  }

  /** What tasks with the default tag carry on this cpu. */
  cpuDefault(cpu: number): TaskLabel | undefined {
    return this.#cpuDefaults[cpu];
  }

  /** Tasks tagged with this label take their cpu's default. */
  setGlobalDefault(label: TaskLabel): void {
    this.#check(label);
    this.#globalDefault = label;
    for (let requester = 0; requester < this.#requesters; requester++) this.#changed.add(requester);
  }

  /** What a task's requests carry once the next edge has come, on its own cpu unless another is named. */
  effectiveLabel(task: Task, cpu = task.cpu): TaskLabel {
    return same(task.label, this.#globalDefault) ? (this.#cpuDefaults[cpu] as TaskLabel) : task.label;
  }

  get pending(): boolean {
    return this.#changed.size > 0;
  }

  /** Hands every changed (requester, op) its label. `set` answers false when no owner is left for a label. */
  flush(set: SetLabel): void {
    if (this.#assign(set)) return;
    // An owner comes free when its last request leaves it, and those that change stand in each other's way: all leave first.
    for (const requester of this.#changed) for (let op = 0; op < 4; op++) set(requester, op, DEFAULT);
    if (!this.#assign(set)) {
      throw new ErrnoError("ENOSPC", "more labels are in use at once than the platform has owners for");
    }
  }

  /** Ends with the first label that gets no owner, false; what has its label by then is no longer among the changed. */
  #assign(set: SetLabel): boolean {
    for (const task of this.#tasks.values()) {
      for (const requester of task.requesters) {
        if (!this.#changed.has(requester)) continue;
        const label = this.effectiveLabel(task, this.#requesterCpus[requester]);
        const fixed = this.#fixed.get(requester);
        for (let op = 0; op < 4; op++) if (!set(requester, op, fixed ?? half(label, op))) return false;
        this.#changed.delete(requester);
      }
    }
    return true;
  }

  save(): ProcessorState {
    return {
      tasks: [...this.#tasks.values()].map((task) => ({ ...task, requesters: [...task.requesters] })),
      enrolled: [...this.#enrolled.values()],
      cpuDefaults: [...this.#cpuDefaults],
      globalDefault: this.#globalDefault,
      requesters: this.#requesters,
      requesterCpus: [...this.#requesterCpus],
      dealt: this.#dealt,
      changed: [...this.#changed],
      fixed: [...this.#fixed],
    };
  }

  #checkFixed({ partid, pmg }: Label, whose: string): void {
    if (partid <= this.partidMax && pmg <= this.pmgMax) return;
    const sends = `a cpu here can send PARTID 0..${this.partidMax} and PMG 0..${this.pmgMax}`;
    throw new ErrnoError("EINVAL", `${whose}: PARTID ${partid} and PMG ${pmg}; ${sends}`);
  }

  /** A label that a cpu cannot put on a request is refused: EINVAL. */
  #check(label: TaskLabel): void {
    const limits = { partidD: this.partidMax, partidI: this.partidMax, pmgD: this.pmgMax, pmgI: this.pmgMax };
    for (const [field, max] of Object.entries(limits) as [keyof TaskLabel, number][]) {
      const value = label[field];
      if (Number.isInteger(value) && value >= 0 && value <= max) continue;
      throw new ErrnoError("EINVAL", `${field} is ${value}: a cpu here can send 0..${max}`);
    }
  }
}
