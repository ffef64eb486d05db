// A machine and a driver without hardware: what resctrl needs of them, with dials for occupancy, bytes and failures.

import type {
  Compat,
  Component,
  CpuHandler,
  Feature,
  LogLine,
  MonitorRequest,
  MpamClass,
  PartConfig,
} from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import type { FirmwareDescription } from "../../src/firmware/index.ts";
import type {
  Clock,
  Kernel,
  KernelPolicy,
  Processor,
  ResctrlDriver,
  ResctrlMachine,
  Task,
  TaskLabel,
  Timer,
} from "../../src/resctrl/index.ts";

export const SECOND = 1_000_000_000;

export class FakeClock implements Clock {
  now = 0;
  readonly timers: { due: number; kind: string; fn: () => void | Promise<void> }[] = [];

  at(dueNs: number, kind: string, fn: () => void | Promise<void>): Timer {
    const entry = { due: dueNs, kind, fn };
    this.timers.push(entry);
    return { cancel: () => this.#drop(entry) };
  }

  async advance(ns: number): Promise<void> {
    const end = this.now + ns;
    for (;;) {
      const next = this.timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#drop(next);
      this.now = Math.max(this.now, next.due);
      await next.fn();
    }
    this.now = end;
  }

  #drop(entry: FakeClock["timers"][number]): void {
    const at = this.timers.indexOf(entry);
    if (at >= 0) this.timers.splice(at, 1);
  }
}

const DEFAULT: TaskLabel = { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 };

/** Remembers every mode it has been told, the last one at the end. */
export class FakeKernel implements Kernel {
  readonly told: KernelPolicy[] = [];

  get mode(): KernelPolicy {
    return this.told.at(-1) ?? { policy: "inherit" };
  }

  set mode(policy: KernelPolicy) {
    this.told.push(policy);
  }
}

export class FakeProcessor implements Processor {
  readonly cpus: { cpu: number; online: boolean }[];
  readonly tasks: { tid: number; label: TaskLabel; uid?: number }[];
  readonly cpuDefaults: TaskLabel[];
  globalDefault = DEFAULT;
  kernel: FakeKernel | undefined = new FakeKernel();

  constructor(cpus: number, tids: readonly number[]) {
    this.cpus = Array.from({ length: cpus }, (_, cpu) => ({ cpu, online: true }));
    this.tasks = tids.map((tid) => ({ tid, label: DEFAULT }));
    this.cpuDefaults = this.cpus.map(() => DEFAULT);
  }

  task(tid: number): Task | undefined {
    return this.tasks.find((task) => task.tid === tid);
  }

  setTaskLabel(tid: number, label: TaskLabel): void {
    const task = this.tasks.find((other) => other.tid === tid);
    if (task !== undefined) task.label = label;
  }

  setCpuDefault(cpu: number, label: TaskLabel): void {
    this.cpuDefaults[cpu] = label;
  }

  cpuDefault(cpu: number): TaskLabel | undefined {
    return this.cpuDefaults[cpu];
  }

  setGlobalDefault(label: TaskLabel): void {
    this.globalDefault = label;
  }
}

export class FakeMachine implements ResctrlMachine {
  readonly clock = new FakeClock();
  readonly parts = new Map<string, () => unknown>();
  restored: Record<string, unknown> = {};
  readonly #cpuHandlers = new Set<CpuHandler>();

  constructor(readonly processor: FakeProcessor) {}

  saved(name: string): unknown {
    return this.restored[name];
  }

  onCpu(handler: CpuHandler): () => void {
    this.#cpuHandlers.add(handler);
    return () => this.#cpuHandlers.delete(handler);
  }

  /** A cpu comes or goes, as the machine tells of it. */
  async cpu(cpu: number, online: boolean): Promise<void> {
    const entry = this.processor.cpus.find((other) => other.cpu === cpu);
    if (entry === undefined) throw new Error(`no cpu ${cpu}`);
    if (online) entry.online = true;
    const handlers = online ? [...this.#cpuHandlers] : [...this.#cpuHandlers].reverse();
    for (const handler of handlers) await handler({ cpu, online });
    entry.online = online;
  }
}

export interface FakeShape {
  readonly cpus?: number;
  /** Cpus of each L3, by cache id; default: L3s 0 and 1 with half of the cpus each. */
  readonly l3?: Readonly<Record<number, readonly number[]>>;
  readonly partidMax?: number;
  readonly pmgMax?: number;
  /** 0: no portions. */
  readonly cbmWd?: number;
  /** Portions of the L2 that each cpu has for itself; 0 (default): there are no L2s. */
  readonly l2Wd?: number;
  /** 0: no bandwidth limit. */
  readonly bwaWd?: number;
  /** Which class has the bandwidth limit and the bandwidth counters. */
  readonly bandwidth?: "l3" | "memory";
  readonly csu?: number;
  readonly mbwu?: number;
  readonly cacheBytes?: number;
  readonly nodes?: number;
  readonly l4?: boolean;
  readonly tids?: readonly number[];
  readonly compat?: Compat | undefined;
}

type WholeShape = Required<Omit<FakeShape, "compat">> & Pick<FakeShape, "compat">;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class FakeDriver implements ResctrlDriver {
  enabled = true;
  readonly compat: Compat | undefined;
  /** "warning: ...", in the order in which they were noted. */
  readonly log: string[] = [];
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly firmware: FirmwareDescription;
  readonly classes: MpamClass[] = [];
  /** Bytes of cache a (domain, partid, pmg) holds, and bytes counted for it; 0 where nothing is said. */
  readonly occupancy = new Map<string, bigint>();
  readonly bytes = new Map<string, bigint>();
  /** Thrown by the next accesses while set. */
  monitorFailure: ErrnoError | undefined;
  applyFailure: ErrnoError | undefined;
  readonly applied: { id: number; level: number; partid: number; config: PartConfig }[] = [];
  readonly requests: MonitorRequest[] = [];
  readonly resets: { id: number; mon: number }[] = [];
  readonly taken = { csu: new Set<number>(), mbwu: new Set<number>() };
  readonly #stored = new Map<Component, Map<number, PartConfig>>();
  readonly #onDisable: (() => Promise<void> | void)[] = [];

  constructor(
    readonly machine: FakeMachine,
    shape: WholeShape,
  ) {
    this.partidMax = shape.partidMax;
    this.pmgMax = shape.pmgMax;
    this.compat = shape.compat;
    const caches = Object.entries(shape.l3).map(([id, cpus]) => cache(Number(id), 3, shape.cacheBytes, cpus));
    const all = machine.processor.cpus.map(({ cpu }) => cpu);
    if (shape.l4) caches.push(cache(99, 4, 2 * shape.cacheBytes, all));
    this.firmware = {
      cpus: all.map((cpu) => ({ cpu, node: 0 })),
      caches,
      nodes: Array.from({ length: shape.nodes }, (_, node) => ({ node, cpus: new Set(node === 0 ? all : []) })),
      mscs: [],
      counted: 0,
      channels: [],
      smmus: [],
      remarks: [],
    };
    const l3Bandwidth = shape.bandwidth === "l3";
    const l3 = features(shape.cbmWd > 0 && "cpor_part", shape.csu > 0 && "msmon_csu");
    const bandwidth = features(shape.bwaWd > 0 && "mbw_max", shape.mbwu > 0 && "msmon_mbwu");
    const own = Object.fromEntries(all.map((cpu) => [cpu, [cpu]]));
    if (shape.l2Wd > 0) this.#addClass("cache", 2, { ...shape, cbmWd: shape.l2Wd }, ["cpor_part"], own);
    this.#addClass("cache", 3, shape, l3Bandwidth ? [...l3, ...bandwidth] : l3, shape.l3);
    if (!l3Bandwidth) this.#addClass("memory", 255, shape, bandwidth, { 7: all });
  }

  #addClass(
    type: MpamClass["type"],
    level: number,
    shape: WholeShape,
    having: Feature[],
    components: Readonly<Record<number, readonly number[]>>,
  ): void {
    const c: Mutable<MpamClass> = {
      type,
      level,
      props: {
        features: new Set(having),
        cpbmWd: shape.cbmWd,
        mbwPbmBits: 0,
        bwaWd: having.includes("mbw_max") ? shape.bwaWd : 0,
        cmaxWd: 0,
        cassocWd: 0,
        intpriWd: 0,
        dspriWd: 0,
        numCsuMon: having.includes("msmon_csu") ? shape.csu : 0,
        numMbwuMon: having.includes("msmon_mbwu") ? shape.mbwu : 0,
      },
      nrdyUsec: 0,
      affinity: new Set(Object.values(components).flat()),
      components: [],
    };
    c.components = Object.entries(components).map(([id, cpus]) => ({
      class: c,
      id: Number(id),
      affinity: new Set(cpus),
    }));
    this.classes.push(c);
  }

  async apply(component: Component, partid: number, config: PartConfig): Promise<void> {
    await Promise.resolve();
    if (this.applyFailure !== undefined) throw this.applyFailure;
    if (partid > this.partidMax) throw new ErrnoError("EINVAL", `PARTID ${partid}; there are 0 to ${this.partidMax}`);
    this.applied.push({ id: component.id, level: component.class.level, partid, config });
    const of = this.#stored.get(component) ?? new Map<number, PartConfig>();
    of.set(partid, { ...of.get(partid), ...config });
    this.#stored.set(component, of);
  }

  stored(component: Component, partid: number): Readonly<PartConfig> {
    return this.#stored.get(component)?.get(partid) ?? {};
  }

  async resetClass(c: MpamClass): Promise<void> {
    for (const component of c.components) this.#stored.delete(component);
  }

  async readMonitor(component: Component, request: MonitorRequest): Promise<bigint> {
    await Promise.resolve();
    this.requests.push(request);
    if (request.mon < 0) throw new ErrnoError("EINVAL", `monitor ${request.mon}; there are 0 and more`);
    if (this.monitorFailure !== undefined) throw this.monitorFailure;
    const values = request.type === "csu" ? this.occupancy : this.bytes;
    return values.get(`${component.id}/${request.partid}/${request.pmg}`) ?? 0n;
  }

  allocMonitor(c: MpamClass, type: "csu" | "mbwu"): number {
    const count = type === "csu" ? c.props.numCsuMon : c.props.numMbwuMon;
    for (let mon = 0; mon < count; mon++) {
      if (this.taken[type].has(mon)) continue;
      this.taken[type].add(mon);
      return mon;
    }
    throw new ErrnoError("ENOSPC", `all ${count} monitors are taken`);
  }

  freeMonitor(_c: MpamClass, type: "csu" | "mbwu", mon: number): void {
    this.taken[type].delete(mon);
  }

  resetMbwu(component: Component, mon: number): void {
    this.resets.push({ id: component.id, mon });
  }

  onDisable(fn: () => Promise<void> | void): void {
    this.#onDisable.push(fn);
  }

  async disable(reason: string): Promise<void> {
    this.enabled = false;
    for (const fn of this.#onDisable) await fn();
    this.note("error", `MPAM disabled: ${reason}`);
  }

  note(level: LogLine["level"], text: string): void {
    this.log.push(`${level}: ${text}`);
  }
}

function cache(id: number, level: number, bytes: number, cpus: readonly number[]) {
  return { id, level, bytes, lineBytes: 64, cpus: new Set(cpus) };
}

function features(...named: (Feature | false)[]): Feature[] {
  return named.filter((feature) => feature !== false);
}

/**
 * Eight cpus, two L3s of 16 portions and 1 MiB with a 7-bit bandwidth limit, 8 PARTIDs of 2 PMGs, one occupancy monitor and
 * six bandwidth counters each; threads 100, 101 and 102.
 */
export function fakeDriver(shape: FakeShape = {}): FakeDriver {
  const cpus = shape.cpus ?? 8;
  const half = Array.from({ length: cpus / 2 }, (_, cpu) => cpu);
  const whole: WholeShape = {
    cpus,
    l3: { 0: half, 1: half.map((cpu) => cpu + cpus / 2) },
    partidMax: 7,
    pmgMax: 1,
    cbmWd: 16,
    l2Wd: 0,
    bwaWd: 7,
    bandwidth: "l3",
    csu: 1,
    mbwu: 6,
    cacheBytes: 1 << 20,
    nodes: 1,
    l4: false,
    tids: [100, 101, 102],
    ...shape,
  };
  return new FakeDriver(new FakeMachine(new FakeProcessor(cpus, whole.tids)), whole);
}

export interface Refusal {
  readonly code: string;
  readonly status: string;
}

/** Code and status text of a refusal, or undefined where there was none. */
export async function refusal(body: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await body;
    return undefined;
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return { code: error.code, status: error.status ?? "" };
  }
}
