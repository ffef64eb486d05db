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
  /** The task; where that is a vCPU's, a thread of its guest after it, and where that is one too, one of the guest's guest. */
  readonly path: readonly number[];
  readonly cpu: number;
  readonly el: number;
}

export interface RequestersState {
  readonly enrolled: readonly Enrolled[];
  /** null: a device. */
  readonly requesters: readonly (readonly [cpu: number, el: number, ...path: number[]] | null)[];
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
  /** A thread that runs in a guest. */
  guestOf?(requester: TraceRequester, source: TraceSource): Omit<Requester, "el"> | undefined;
  /** Requesters that are no threads. */
  readonly devices: Pick<Devices, "check" | "add">;
}

export class Requesters {
  /** Undefined: a device. */
  readonly #all: (Requester | undefined)[] = [];
  readonly #enrolled = new Map<string, Enrolled>();
  readonly #byTask = new Map<number, number[]>();
  readonly #byCpu = new Map<number, number[]>();
  /** Who has run or will run on a cpu, the first first. */
  readonly #pathsOf = new Map<number, Map<string, readonly number[]>>();
  /** Those of several. */
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
      const [cpu, el, ...path] = one ?? [0, 0];
      if (one) this.#add({ path, cpu, el });
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

  /** Who has run or will run on a cpu, the first first. */
  pathsOf(cpu: number): ReadonlyMap<string, readonly number[]> {
    return this.#pathsOf.get(cpu) ?? new Map();
  }

  /** Records of paths that begin with that of `from` come from elsewhere from now on. */
  move(from: Omit<Requester, "el">, to: Omit<Requester, "el">): void {
    for (const number of [...this.ofTask(from.path[0] as number)]) {
      const requester = this.at(number);
      if (!from.path.every((tid, at) => tid === requester.path[at])) continue;
      const path = [...to.path, ...requester.path.slice(from.path.length)];
      if (requester.cpu === to.cpu && requester.path.join() === path.join()) continue;
      const ofTask = list(this.#byTask, requester.path[0] as number);
      ofTask.splice(ofTask.indexOf(number), 1);
      list(this.#byTask, path[0] as number).push(number);
      const there = list(this.#byCpu, requester.cpu);
      there.splice(there.indexOf(number), 1);
      const paths = this.#pathsOf.get(requester.cpu);
      paths?.delete(requester.path.join());
      if (paths === undefined || paths.size < 2) this.sharedCpus.delete(requester.cpu);
      this.#all[number] = { ...requester, path, cpu: to.cpu };
      this.#runOn(number);
      this.host.enter(number, to.cpu, requester.el);
      this.changed.add(number);
    }
  }

  #runOn(number: number): void {
    const requester = this.at(number);
    list(this.#byCpu, requester.cpu).push(number);
    const paths = this.#pathsOf.get(requester.cpu) ?? new Map<string, readonly number[]>();
    this.#pathsOf.set(requester.cpu, paths.set(requester.path.join(), requester.path));
    if (paths.size > 1) this.sharedCpus.add(requester.cpu);
  }

  /** Cpus that records come from. */
  get cpus(): Iterable<number> {
    return this.#byCpu.keys();
  }

  change(requesters: Iterable<number>): void {
    for (const requester of requesters) this.changed.add(requester);
  }

  changeAll(): void {
    this.#all.forEach((thread, requester) => {
      if (thread) this.changed.add(requester);
    });
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

  /** Numbers below this one are in use. */
  get count(): number {
    return this.#all.length;
  }

  isEnrolled(hash: string): boolean {
    return this.#enrolled.has(hash);
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
      const guest = this.host.guestOf?.(requester, source);
      const tid = guest?.path[0] ?? tids.get(thread) ?? this.#taskFor(requester, homes);
      tids.set(guest ? `guest ${tid}` : thread, tid);
      const own = requester.cpu === undefined ? (homes.get(tid) as number) : this.#wrap(requester.cpu);
      const cpu = guest?.cpu ?? own;
      const el = requester.el ?? 0;
      const number = this.#add({ path: guest?.path ?? [tid], cpu, el });
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
    list(this.#byTask, requester.path[0] as number).push(number);
    this.#runOn(number);
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
      requesters: this.#all.map((one) => (one ? ([one.cpu, one.el, ...one.path] as const) : null)),
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
