// Requesters: the dense numbers that threads of traces have on their cpus and exception levels, and whose labels are to change.

import { ErrnoError } from "../errno/index.ts";
import type { LabelLimits, Task } from "../kernel/index.ts";
import type { Devices } from "./devices.ts";
import { isDevice, type TraceRequester, type TraceSource } from "./source.ts";
import type { Label } from "./spaces.ts";

/** Where the trace's requester numbers lead, once its threads are tasks here. */
export interface Enrolled {
  readonly hash: string;
  readonly requesters: readonly number[];
  readonly tids: readonly number[];
}

/** One (task, cpu, exception level). */
export interface Requester {
  readonly tid: number;
  readonly cpu: number;
  readonly el: number;
}

export interface RequestersState {
  readonly enrolled: readonly Enrolled[];
  /** null: a device. */
  readonly requesters: readonly (readonly [tid: number, cpu: number, el: number] | null)[];
  readonly dealt: number;
  readonly changed: readonly number[];
  readonly fixed: readonly (readonly [requester: number, label: Label])[];
}

export interface RequestersHost {
  readonly cpus: number;
  /** Numbers that there are. */
  readonly capacity: number;
  /** What this cpu can put on a request. */
  limitsOf(cpu: number): LabelLimits;
  /** Called for each new requester, with the cpu its records come from and their exception level. */
  enter(requester: number, cpu: number, el: number): void;
  addTask(task: Omit<Task, "label">): void;
  /** Requesters that are no threads. */
  readonly devices: Pick<Devices, "check" | "add">;
}

export class Requesters {
  /** Undefined: a device. */
  readonly #all: (Requester | undefined)[] = [];
  readonly #enrolled = new Map<string, Enrolled>();
  readonly #byTask = new Map<number, number[]>();
  readonly #byCpu = new Map<number, number[]>();
  /** Those who have run or will run on a cpu, the first first. */
  readonly #tasksOf = new Map<number, Set<number>>();
  /** Those of several tasks. */
  readonly sharedCpus = new Set<number>();
  #dealt = 0;
  /** Requesters whose label may differ from what the hardware has: they change at the next edge. */
  readonly changed = new Set<number>();
  /** Labels that hold whatever the task's group is. */
  readonly fixed = new Map<number, Label>();

  constructor(
    private readonly host: RequestersHost,
    state?: RequestersState,
  ) {
    if (!state) return;
    for (const one of state.requesters) {
      if (one) this.#add({ tid: one[0], cpu: one[1], el: one[2] });
      else this.#all.push(undefined);
    }
    for (const one of state.enrolled) this.#enrolled.set(one.hash, one);
    this.#dealt = state.dealt;
    for (const requester of state.changed) this.changed.add(requester);
    for (const [requester, label] of state.fixed) this.fixed.set(requester, label);
  }

  /** Throws ESRCH. */
  at(requester: number): Requester {
    const found = this.#all[requester];
    if (!found) throw new ErrnoError("ESRCH", `no requester ${requester}`);
    return found;
  }

  ofTask(tid: number): readonly number[] {
    return this.#byTask.get(tid) ?? [];
  }

  ofCpu(cpu: number): readonly number[] {
    return this.#byCpu.get(cpu) ?? [];
  }

  tasksOf(cpu: number): ReadonlySet<number> {
    return this.#tasksOf.get(cpu) ?? new Set();
  }

  /** Cpus that records come from. */
  get cpus(): Iterable<number> {
    return this.#byCpu.keys();
  }

  change(requesters: Iterable<number>): void {
    for (const requester of requesters) this.changed.add(requester);
  }

  changeAll(): void {
    for (const [requester, thread] of this.#all.entries()) if (thread) this.changed.add(requester);
  }

  /** Throws a RangeError for traces with more requesters than the machine has numbers left. */
  checkRoom(sources: readonly TraceSource[]): void {
    let requesters = this.#all.length;
    const seen = new Set(this.#enrolled.keys());
    for (const source of sources) {
      if (seen.has(source.hash)) continue;
      seen.add(source.hash);
      this.host.devices.check(source);
      requesters += source.requesters.length;
      if (requesters > this.host.capacity) {
        throw new RangeError(`${source.name}: more than ${this.host.capacity} requesters in one machine`);
      }
    }
  }

  /** Makes tasks of a trace's threads and gives its requesters their numbers; the same trace again changes nothing. */
  enrol(source: TraceSource): Enrolled {
    const known = this.#enrolled.get(source.hash);
    if (known) return known;
    this.checkRoom([source]);
    for (const who of source.requesters) {
      if (who.label && !isDevice(who)) this.checkFixed(who.label, source.name, this.#wrap(who.cpu ?? 0));
    }
    const tids = new Map<string, number>();
    const homes = new Map<number, number>();
    const requesters: number[] = [];
    for (const requester of source.requesters) {
      if (isDevice(requester)) {
        const number = this.#all.push(undefined) - 1;
        this.host.devices.add(number, requester, source.name);
        requesters.push(number);
        continue;
      }
      const thread = `${requester.asid}/${requester.pid}/${requester.tid}`;
      const tid = tids.get(thread) ?? this.#taskFor(requester, homes);
      tids.set(thread, tid);
      const cpu = requester.cpu === undefined ? (homes.get(tid) as number) : this.#wrap(requester.cpu);
      const el = requester.el ?? 0;
      const number = this.#add({ tid, cpu, el });
      this.host.enter(number, cpu, el);
      requesters.push(number);
      this.changed.add(number);
      if (requester.label) this.fixed.set(number, requester.label);
    }
    const enrolled: Enrolled = { hash: source.hash, requesters, tids: [...new Set(tids.values())] };
    this.#enrolled.set(source.hash, enrolled);
    return enrolled;
  }

  #add(requester: Requester): number {
    const number = this.#all.push(requester) - 1;
    list(this.#byTask, requester.tid).push(number);
    list(this.#byCpu, requester.cpu).push(number);
    const tasks = this.#tasksOf.get(requester.cpu) ?? new Set();
    this.#tasksOf.set(requester.cpu, tasks.add(requester.tid));
    if (tasks.size > 1) this.sharedCpus.add(requester.cpu);
    return number;
  }

  #taskFor(requester: TraceRequester, homes: Map<number, number>): number {
    let tid = requester.tid > 0 ? requester.tid : 1;
    // A thread that was forked before its trace was there has no requesters, and waits for them.
    while (this.#byTask.has(tid)) tid++;
    // Threads without a recorded cpu are dealt to cpus in order of first appearance.
    const cpu = requester.cpu === undefined ? this.#dealt++ % this.host.cpus : this.#wrap(requester.cpu);
    homes.set(tid, cpu);
    const pid = requester.pid === requester.tid ? tid : requester.pid;
    this.host.addTask({ tid, pid, comm: requester.comm ?? "", cpu });
    return tid;
  }

  #wrap(cpu: number): number {
    return cpu % this.host.cpus;
  }

  /** Throws EINVAL for a label that the cpu cannot send. */
  checkFixed({ partid, pmg }: Label, whose: string, cpu: number): void {
    const { partidMax, pmgMax } = this.host.limitsOf(cpu);
    if (partid <= partidMax && pmg <= pmgMax) return;
    const sends = `a cpu here can send PARTID 0..${partidMax} and PMG 0..${pmgMax}`;
    throw new ErrnoError("EINVAL", `${whose}: PARTID ${partid} and PMG ${pmg}; ${sends}`);
  }

  save(): RequestersState {
    return {
      enrolled: [...this.#enrolled.values()],
      requesters: this.#all.map((one) => (one ? ([one.tid, one.cpu, one.el] as const) : null)),
      dealt: this.#dealt,
      changed: [...this.changed],
      fixed: [...this.fixed],
    };
  }
}

function list(lists: Map<number, number[]>, key: number): number[] {
  const found = lists.get(key) ?? [];
  lists.set(key, found);
  return found;
}
