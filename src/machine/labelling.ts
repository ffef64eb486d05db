// How labels get into the table: the hardware generates them from a cpu's registers, as they are for the task that runs there,
// and as the kernel would have them for the others.

import { WORLD_NOW } from "../../assembly/regs/pe-words.ts";
import { ErrnoError } from "../errno/index.ts";
import type { ElOf, Hypervisor } from "../hypervisor/index.ts";
import type { Kernel, TaskLabel } from "../kernel/index.ts";
import type { Requesters } from "./requesters.ts";
import { OP_FETCH, OP_PREFETCH, OP_READ, OP_WRITE } from "./source.ts";
import { type Label, SPACE_NUMBERS } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

/** What labelling asks of the hardware. */
export type LabelHardware = Pick<
  Hardware,
  "setLabel" | "fillLabels" | "fillLimit" | "savePe" | "restorePe" | "lastRequester"
>;

const OPS = [OP_READ, OP_WRITE, OP_FETCH, OP_PREFETCH];

const DEFAULT: Label = { space: "ns", partid: 0, pmg: 0 };

/** Of `lastRequester`: no record has come from this cpu yet. */
const NONE = 0xffff_ffff;

/** In place of a label: what the registers hold. */
const LIVE = -1;

/** 48 bits. */
function keyOf({ partidD, partidI, pmgD, pmgI }: TaskLabel): number {
  return ((pmgD * 256 + pmgI) * 65536 + partidD) * 65536 + partidI;
}

/** Requesters of one cpu whose labels come from the same contents of its registers. */
interface Alike {
  readonly cpu: number;
  readonly path: readonly number[];
  /** The registers have these contents. */
  readonly live: boolean;
  readonly requesters: number[];
}

export class Labelling {
  /** While this is false no cpu is looked through. */
  #mayWatch = true;

  constructor(
    private readonly hardware: LabelHardware,
    private readonly kernel: Kernel,
    private readonly hypervisor: Hypervisor,
    private readonly requesters: Requesters,
  ) {}

  /** Somebody has written registers, and which task they are for has to be watched. */
  get watching(): boolean {
    if (!this.#mayWatch) return false;
    const byHand = [...this.requesters.sharedCpus].filter((cpu) => this.hypervisor.isByHand(cpu));
    this.#mayWatch = byHand.length > 0;
    return byHand.some((cpu) => this.hypervisor.switches(cpu));
  }

  /** Software of a guest may have written registers. */
  watch(): void {
    this.#mayWatch = true;
  }

  /** Somebody has written registers of a cpu. */
  written(cpu: number): void {
    this.watch();
    this.hypervisor.writtenByHand(cpu);
    this.requesters.change(this.requesters.ofCpu(cpu));
  }

  /** The kernel switches to the task that a cpu runs: that of its last record, and before there is one its first. */
  look(cpu: number): void {
    const path = this.#running(cpu);
    if (path === undefined) return;
    // What was written by hand is the other's no longer.
    if (this.hypervisor.isByHand(cpu) && !this.hypervisor.isCurrent(cpu, path)) {
      this.requesters.change(this.requesters.ofCpu(cpu));
    }
    this.hypervisor.switchTo(cpu, path);
  }

  lookAtAll(): void {
    for (const cpu of this.requesters.cpus) this.look(cpu);
  }

  #running(cpu: number): readonly number[] | undefined {
    const paths = this.requesters.pathsOf(cpu);
    const last = paths.size > 1 ? this.hardware.lastRequester(cpu) : NONE;
    if (last !== NONE && this.requesters.at(last).cpu === cpu) return this.requesters.at(last).path;
    const [first] = paths.values();
    return first;
  }

  /** Hands every changed requester its labels. Throws ENOSPC where too many are in use, EIO where the kernel dies. */
  flush(): void {
    const { changed, sharedCpus } = this.requesters;
    const touched = new Set<number>();
    for (const requester of changed) touched.add(this.requesters.at(requester).cpu);
    for (const cpu of touched) this.look(cpu);
    // Elsewhere it is enough to see that another task runs.
    for (const cpu of sharedCpus) {
      const path = touched.has(cpu) ? undefined : this.#running(cpu);
      if (path !== undefined && !this.hypervisor.isCurrent(cpu, path)) this.look(cpu);
    }
    if (changed.size === 0 || this.#assign()) return;
    // An owner comes free when its last request leaves it, and those that change stand in each other's way: all leave first.
    for (const requester of changed) this.#fix(requester, DEFAULT);
    if (!this.#assign()) {
      throw new ErrnoError("ENOSPC", "more labels are in use at once than the platform has owners for");
    }
  }

  /** Ends with the first label that gets no owner, false; what has its label by then is no longer among the changed. */
  #assign(): boolean {
    const { changed, fixed } = this.requesters;
    // Most machines have none, and many requesters.
    for (const requester of fixed.size > 0 ? changed : []) {
      const label = fixed.get(requester);
      if (!label) continue;
      if (!this.#fix(requester, label)) return false;
      const { cpu, el } = this.requesters.at(requester);
      this.hardware.fillLimit(requester, cpu, el);
      changed.delete(requester);
    }
    return this.#alike().every((group) => this.#generate(group));
  }

  #fix(requester: number, { space, partid, pmg }: Label): boolean {
    return OPS.every((op) => this.hardware.setLabel(requester, op, SPACE_NUMBERS[space], partid, pmg));
  }

  /** On one cpu tasks with the same label are alike, as the kernel's goes by the task's. */
  #alike(): Alike[] {
    const all: Alike[] = [];
    const byCpu = new Map<number, Map<number | string, Alike>>();
    for (const requester of this.requesters.changed) {
      const { path, cpu } = this.requesters.at(requester);
      const groups = byCpu.get(cpu) ?? new Map<number | string, Alike>();
      byCpu.set(cpu, groups);
      const live = this.#isLive(cpu, path);
      const key = live ? LIVE : this.#keyOf(cpu, path);
      let group = groups.get(key);
      if (!group) {
        group = { cpu, path, live, requesters: [] };
        groups.set(key, group);
        all.push(group);
      }
      group.requesters.push(requester);
    }
    return all;
  }

  #keyOf(cpu: number, path: readonly number[]): number | string {
    if (path.length > 1) return this.hypervisor.keyOf(cpu, path);
    return keyOf(this.kernel.userLabel(path[0], cpu));
  }

  /** Whether requests of the path are labelled by the cpu's registers as they are. A virtual EL2 and what is below take turns in them. */
  #isLive(cpu: number, path: readonly number[]): boolean {
    const vcpu = this.hypervisor.loaded(cpu);
    if (vcpu) return this.hypervisor.isCurrent(cpu, path) && !vcpu.vm.nested;
    return path.length === 1 && (!this.kernel.switches(cpu) || this.kernel.current(cpu) === path[0]);
  }

  #generate({ cpu, path, live, requesters }: Alike): boolean {
    if (live) return this.#fill(cpu, requesters, (el) => (path.length > 1 ? Math.min(el, 1) : el));
    this.hardware.savePe(cpu);
    try {
      return this.hypervisor.rehearse(cpu, path, (elOf) => this.#fill(cpu, requesters, elOf));
    } finally {
      this.hardware.restorePe(cpu);
    }
  }

  #fill(cpu: number, requesters: readonly number[], elOf: ElOf): boolean {
    for (const requester of requesters) {
      const el = elOf(this.requesters.at(requester).el);
      if (!this.hardware.fillLabels(requester, cpu, el, WORLD_NOW)) return false;
      this.requesters.changed.delete(requester);
    }
    return true;
  }
}
