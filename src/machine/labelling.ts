// How labels get into the table: the hardware generates them from a cpu's registers, as they are for the task that runs there,
// and as the kernel would have them for the others.

import { WORLD_NOW } from "../../assembly/regs/pe-words.ts";
import { ErrnoError } from "../errno/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Requesters } from "./requesters.ts";
import { OP_FETCH, OP_PREFETCH, OP_READ, OP_WRITE } from "./source.ts";
import { type Label, SPACE_NUMBERS } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

/** What labelling asks of the hardware. */
export type LabelHardware = Pick<Hardware, "setLabel" | "fillLabels" | "savePe" | "restorePe" | "lastRequester">;

const OPS = [OP_READ, OP_WRITE, OP_FETCH, OP_PREFETCH];

const DEFAULT: Label = { space: "ns", partid: 0, pmg: 0 };

/** Of `lastRequester`: no record has come from this cpu yet. */
const NONE = 0xffff_ffff;

/** Requesters of one cpu whose labels come from the same contents of its registers. */
interface Alike {
  readonly cpu: number;
  readonly tid: number;
  /** The registers have these contents. */
  readonly live: boolean;
  readonly requesters: number[];
}

export class Labelling {
  constructor(
    private readonly hardware: LabelHardware,
    private readonly kernel: Kernel,
    private readonly requesters: Requesters,
  ) {}

  /** Somebody has written registers, and which task they are for has to be watched. */
  get watching(): boolean {
    for (const cpu of this.requesters.cpus) {
      if (this.kernel.isByHand(cpu) && this.kernel.switches(cpu) && this.requesters.tasksOf(cpu).size > 1) return true;
    }
    return false;
  }

  /** The kernel switches to the task that a cpu runs: that of its last record, and before there is one its first. */
  look(cpu: number): void {
    const tid = this.#running(cpu);
    if (tid !== undefined) this.#switchTo(cpu, tid);
  }

  lookAtAll(): void {
    for (const cpu of this.requesters.cpus) this.look(cpu);
  }

  #running(cpu: number): number | undefined {
    const tasks = this.requesters.tasksOf(cpu);
    const last = tasks.size > 1 ? this.hardware.lastRequester(cpu) : NONE;
    if (last !== NONE) return this.requesters.at(last).tid;
    const [first] = tasks;
    return first;
  }

  #switchTo(cpu: number, tid: number): void {
    const before = this.kernel.current(cpu);
    // What was written by hand is the other's no longer.
    if (tid !== before && this.kernel.isByHand(cpu)) this.requesters.change(this.requesters.ofCpu(cpu));
    this.kernel.switchTo(cpu, tid);
  }

  /** Hands every changed requester its labels. Throws ENOSPC where too many are in use, EIO where the kernel dies. */
  flush(): void {
    const { changed, cpus } = this.requesters;
    const touched = new Set([...changed].map((requester) => this.requesters.at(requester).cpu));
    for (const cpu of cpus) {
      const tid = this.#running(cpu);
      if (tid !== undefined && (touched.has(cpu) || tid !== this.kernel.current(cpu))) this.#switchTo(cpu, tid);
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
    for (const requester of [...changed]) {
      const label = fixed.get(requester);
      if (!label) continue;
      if (!this.#fix(requester, label)) return false;
      changed.delete(requester);
    }
    return this.#alike().every((group) => this.#generate(group));
  }

  #fix(requester: number, { space, partid, pmg }: Label): boolean {
    return OPS.every((op) => this.hardware.setLabel(requester, op, SPACE_NUMBERS[space], partid, pmg));
  }

  #alike(): Alike[] {
    const groups = new Map<string, Alike>();
    for (const requester of this.requesters.changed) {
      const { tid, cpu } = this.requesters.at(requester);
      const live = !this.kernel.switches(cpu) || this.kernel.current(cpu) === tid;
      const key = `${cpu}/${live ? "live" : this.kernel.keyOf(cpu, tid)}`;
      const group = groups.get(key);
      if (group) group.requesters.push(requester);
      else groups.set(key, { cpu, tid, live, requesters: [requester] });
    }
    return [...groups.values()];
  }

  #generate({ cpu, tid, live, requesters }: Alike): boolean {
    if (live) return this.#fill(cpu, requesters);
    this.hardware.savePe(cpu);
    try {
      return this.kernel.rehearse(cpu, tid, () => this.#fill(cpu, requesters));
    } finally {
      this.hardware.restorePe(cpu);
    }
  }

  #fill(cpu: number, requesters: readonly number[]): boolean {
    for (const requester of requesters) {
      if (!this.hardware.fillLabels(requester, cpu, this.requesters.at(requester).el, WORLD_NOW)) return false;
      this.requesters.changed.delete(requester);
    }
    return true;
  }
}
