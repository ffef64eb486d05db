// resctrl on an emulated machine of a given shape, by the public names alone: it takes what a journal asks, and its registers and
// labels can be looked at.

import type { Answered, Asked } from "../../src/fuse/journal.ts";
import {
  Driver,
  ErrnoError,
  loadPlatform,
  Machine,
  type MscInstance,
  type Platform,
  Resctrl,
  type TraceSource,
} from "../../src/index.ts";
import type { Caller } from "../../src/tree/caller.ts";
import { offsetOf } from "../golden/registers.ts";
import { FakeTrace, thread } from "../machine/traces.ts";
import type { PlainLabel } from "./plain/resctrl/model.ts";
import type { PlainTask, Shape } from "./plain/resctrl/shape.ts";

const CPBM = offsetOf("MPAMCFG_CPBM");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");
const NON_SECURE = 1;

type MountOptions = NonNullable<Parameters<typeof Resctrl.mount>[1]>;
type Tasks = NonNullable<MountOptions["tasks"]>;
type Task = Tasks["tasks"][number];
type OpenFile = Awaited<ReturnType<Resctrl["open"]>>;

/** A platform file for a shape. MB is the L3's, where there is one that could have it. */
export async function platformOf(shape: Shape, name = "shaped"): Promise<Platform> {
  const { cpus, partidMax, pmgMax, l2, l3, mb, occupancy, monitors } = shape;
  let base = 0x1_4000_0000;
  const page = () => {
    base += 0x1_0000;
    return { base, version: "1.1", errorInterrupt: 44 };
  };
  const limits = mb && { mbw: { bwaWd: mb.width, maxLim: "soft" } };
  const caches = [
    ...(l2?.domains ?? []).map((domain) => ({
      ...{ level: 2, id: domain.id, cpus: [...domain.cpus], bytes: domain.bytes, ways: domain.ways ?? 8 },
      msc: { ...page(), cpor: { cpbmWd: l2!.bits } },
    })),
    ...(l3?.domains ?? []).map((domain) => {
      const controls = {
        ...(l3!.bits && { cpor: { cpbmWd: l3!.bits } }),
        ...limits,
        ...(occupancy && { csu: { monitors: 2 } }),
        ...(monitors && { mbwu: { monitors, counter: 63 } }),
      };
      const { id, bytes } = domain;
      return {
        ...{ level: 3, id, cpus: [...domain.cpus], bytes, ways: domain.ways ?? 16 },
        ...(Object.keys(controls).length > 0 && { msc: { ...page(), ...controls } }),
      };
    }),
  ];
  const memory = [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }];
  // Ids that stand at two levels are those of a device tree, which go by the lowest cpu.
  const twice = l2?.domains.some(({ id }) => l3?.domains.some((other) => other.id === id));
  return loadPlatform({
    name,
    ...(twice && { firmware: "dt" }),
    cpus,
    processor: { partidMax, pmgMax },
    caches,
    memory,
  });
}

/** Where threads are to be found, and their labels. */
type Threads = Pick<Tasks, "tasks">;

/** Threads that somebody owns are a provider's; root's may be those of a trace, which is what a machine has by itself. */
function threadsOf(
  shape: Shape,
  machine: Machine,
  trace?: TraceSource,
): { readonly threads: Threads; readonly tasks?: PlainTasks } {
  if (shape.tasks.some(({ uid, suid }) => uid !== 0 || suid !== 0)) {
    const tasks = new PlainTasks(shape.tasks);
    return { threads: tasks, tasks };
  }
  const requesters = shape.tasks.map(({ tid }) => thread(tid));
  if (requesters.length > 0) machine.addTasks(trace ?? new FakeTrace("threads", [], { requesters }));
  return { threads: machine.processor };
}

/** Threads that exist apart from any trace. */
class PlainTasks implements Tasks {
  readonly #tasks: Map<number, Task & { label: Task["label"] }>;

  constructor(tasks: readonly PlainTask[]) {
    const label = { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 };
    this.#tasks = new Map(tasks.map((task) => [task.tid, { ...task, label }]));
  }

  get tasks(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  task(tid: number): Task | undefined {
    return this.#tasks.get(tid);
  }

  setTaskLabel(tid: number, label: Task["label"]): void {
    this.#tasks.set(tid, { ...this.#tasks.get(tid)!, label });
  }
}

export class ResctrlMachine {
  readonly #threads: Threads;
  readonly #open = new Map<number, OpenFile>();
  #lastHandle = 0;

  private constructor(
    readonly shape: Shape,
    readonly machine: Machine,
    readonly driver: Driver,
    readonly resctrl: Resctrl,
    threads: Threads,
  ) {
    this.#threads = threads;
  }

  /** `trace`: what its threads do; absent, they do nothing. */
  static async mount(shape: Shape, platform?: Platform, trace?: TraceSource): Promise<ResctrlMachine> {
    const machine = await Machine.create(platform ?? (await platformOf(shape)));
    for (const cpu of shape.offline ?? []) await machine.cpu(cpu).offline();
    const driver = await Driver.probe(machine, shape.kernel === "linux-7.3" ? { compat: "linux-7.3" } : {});
    const { threads, tasks } = threadsOf(shape, machine, trace);
    const caller = shape.owner ?? { uid: 0, gid: 0 };
    const resctrl = await Resctrl.mount(driver, { ...shape.options, ...(tasks && { tasks }), caller });
    return new ResctrlMachine(shape, machine, driver, resctrl, threads);
  }

  get now(): number {
    return this.machine.clock.now;
  }

  async apply(asked: Asked, caller: Caller): Promise<Answered> {
    try {
      return await this.#answer(asked, caller);
    } catch (error) {
      if (error instanceof ErrnoError) return { errno: error.code };
      throw error;
    }
  }

  async cpu(cpu: number, online: boolean): Promise<void> {
    await (online ? this.machine.cpu(cpu).online() : this.machine.cpu(cpu).offline());
  }

  async pass(ns: number): Promise<void> {
    await this.machine.clock.advance(ns);
  }

  /** Component, as `L3:0`, to what each of its MSCs holds: CPBM, or the implemented bits of MBW_MAX; by MSC, then by PARTID. */
  registers(components: Iterable<string>): Map<string, number[][]> {
    return new Map([...components].map((component) => [component, this.#settings(component)]));
  }

  labels(): { readonly tasks: Map<number, PlainLabel>; readonly cpus: Map<number, PlainLabel> } {
    const { processor } = this.machine;
    const plain = ({ partidD, partidI, pmgD }: Task["label"]) => ({ partidD, partidI, pmg: pmgD });
    const online = processor.cpus.filter((cpu) => cpu.online);
    return {
      tasks: new Map(this.#threads.tasks.map(({ tid, label }) => [tid, plain(label)])),
      cpus: new Map(online.map(({ cpu }) => [cpu, plain(processor.cpuDefault(cpu)!)])),
    };
  }

  #settings(component: string): number[][] {
    const [resource = "", id] = component.split(":");
    const { hardware } = this.machine.inside;
    const width = this.shape.mb?.width ?? 16;
    const implemented = (2 ** width - 1) * 2 ** (16 - width);
    return this.machine.mscs
      .filter((msc) => this.#isOf(msc, resource, Number(id)))
      .flatMap(({ msc, description }) => {
        const instances = description.ris.filter(({ cpor, mbw }) => (resource === "MB" ? mbw?.max : cpor));
        return instances.map(({ ris }) =>
          Array.from({ length: this.shape.partidMax + 1 }, (_, partid) =>
            resource === "MB"
              ? hardware.readSetting(msc, NON_SECURE, ris, partid, MBW_MAX) & implemented
              : hardware.readSetting(msc, NON_SECURE, ris, partid, CPBM) >>> 0,
          ),
        );
      });
  }

  /** MB is the L3's where one has it, else that of memory, which the only L3 stands for. */
  #isOf({ resource: of, description }: MscInstance, resource: string, id: number): boolean {
    if (resource !== "MB") return of.kind === "cache" && `L${of.cache.level}` === resource && of.cache.id === id;
    if (!description.ris.some(({ mbw }) => mbw?.max)) return false;
    if (of.kind === "cache") return of.cache.level === 3 && of.cache.id === id;
    return !this.machine.mscs.some(
      (msc) =>
        msc.resource.kind === "cache" &&
        msc.resource.cache.level === 3 &&
        msc.description.ris.some((ris) => ris.mbw?.max),
    );
  }

  async #answer(asked: Asked, caller: Caller): Promise<Answered> {
    const { resctrl } = this;
    switch (asked.op) {
      case "lookup":
        await resctrl.stat(asked.path, caller);
        return {};
      case "readdir":
        return { reply: (await resctrl.readdir(asked.path, caller)).map((name) => `${name}\n`).join("") };
      case "open": {
        const access = { read: asked.access.includes("r"), write: asked.access.includes("w") };
        const file = await resctrl.open(asked.path, access, caller);
        this.#open.set(++this.#lastHandle, file);
        return { handle: this.#lastHandle };
      }
      case "read":
        return { reply: await this.#handle(asked.handle).text() };
      case "write":
        await this.#handle(asked.handle).write(Uint8Array.from(asked.data, (char) => char.charCodeAt(0)));
        return {};
      case "release":
        this.#open.delete(asked.handle);
        return {};
      case "mkdir":
        await resctrl.mkdir(asked.path, asked.mode, caller);
        return {};
      case "rmdir":
        await resctrl.rmdir(asked.path, caller);
        return {};
      case "rename":
        await resctrl.rename(asked.path, asked.to, caller);
        return {};
      case "chmod":
        await resctrl.chmod(asked.path, asked.mode, caller);
        return {};
      case "chown":
        await resctrl.chown(asked.path, asked.uid, asked.gid, caller);
        return {};
    }
  }

  #handle(handle: number): OpenFile {
    return this.#open.get(handle) ?? refuseHandle();
  }
}

function refuseHandle(): never {
  throw new ErrnoError("EBADF", "there is no such handle");
}
