// What a kernel keeps from boot on, mounted or not: the hooks' state, the lock, the RMIDs with their limbo, the settings
// that survive an unmount (resctrl-fs.md section 1).

import { ErrnoError } from "../errno/index.ts";
import {
  type Arch,
  allCpus,
  type FsHooks,
  getResource,
  type MonDomain,
  offlineCpu,
  onlineCpu,
  type ResctrlDriver,
  type SavedArch,
  saveArch,
  setupArch,
} from "../resctrl/index.ts";
import { Limbo } from "./limbo.ts";
import { Mutex } from "./mutex.ts";
import { RmidPool, type SavedRmids } from "./rmids.ts";
import { CommandStatus, type SavedStatus } from "./status.ts";
import type { DueWork } from "./workers.ts";

/** What a snapshot keeps under the name "resctrl". */
export interface SavedCore {
  readonly arch: SavedArch;
  readonly thresholdBytes: number;
  readonly columnWidth: number;
  readonly assignOnMkdir: boolean;
  readonly rmids: SavedRmids;
  readonly limbo: readonly DueWork[];
  readonly status: SavedStatus;
  readonly mount: unknown;
}

/** The one mounted instance, as far as the core knows it. */
export interface Mounted {
  save(): unknown;
  /** MPAM is gone: the tree empties, at once. */
  disable(): void;
  onlineDomain(d: MonDomain): void;
  offlineDomain(d: MonDomain): void;
  onlineCpu(cpu: number): void;
  offlineCpu(cpu: number): void;
}

export class Core {
  readonly mutex = new Mutex();
  readonly status = new CommandStatus();
  readonly rmids: RmidPool;
  readonly limbo: Limbo;
  /** Cpus that have come and not gone, as far as resctrl has heard. */
  readonly cpus: Set<number>;
  /** Longest schema name since boot; never shrinks. */
  columnWidth = 0;
  assignOnMkdir = true;
  mounted: Mounted | undefined;
  /** Ends hearing of cpus. */
  readonly #deaf: () => void;
  /** What was mounted when the snapshot was taken, until it is brought back. */
  savedMount: unknown;

  private constructor(
    readonly arch: Arch,
    saved: SavedCore | undefined,
  ) {
    const { driver } = arch;
    this.rmids = new RmidPool({ closids: driver.partidMax + 1, rmidsPerClosid: driver.pmgMax + 1 });
    this.limbo = new Limbo(arch, this.rmids, this.mutex);
    this.cpus = new Set(onlineCpusOf(arch));
    if (saved !== undefined) this.#restore(saved);
    arch.fs = this.#hooks();
    driver.machine.parts.set("resctrl", () => this.save());
    this.#deaf = driver.machine.onCpu(({ cpu, online }) => this.#cpuChanges(cpu, online));
  }

  /** One core per driver. The first call sets it up, from what a snapshot had saved where there is something. */
  static of(driver: ResctrlDriver): Promise<Core> {
    checkEnabled(driver);
    const core = cores.get(driver) ?? Core.#setUp(driver);
    cores.set(driver, core);
    return core;
  }

  /** Cpus that change meanwhile are told of when it is there. */
  static async #setUp(driver: ResctrlDriver): Promise<Core> {
    const saved = (driver.machine.saved("resctrl") as SavedCore | undefined) ?? undefined;
    const changes: { readonly cpu: number; readonly online: boolean }[] = [];
    const deaf = driver.machine.onCpu((change) => void changes.push(change));
    let arch: Arch;
    try {
      arch = await setupArch(driver, saved && { saved: saved.arch });
      checkEnabled(driver);
    } finally {
      deaf();
    }
    const core = new Core(arch, saved);
    await Promise.all(changes.map(({ cpu, online }) => core.#cpuChanges(cpu, online)));
    return core;
  }

  /** Runs a body that mounts: alone, and with MPAM still there when its turn has come. */
  mounting<T>(body: () => T | Promise<T>): Promise<T> {
    return this.mutex.run(() => {
      checkEnabled(this.arch.driver);
      return body();
    });
  }

  monDomains(): readonly MonDomain[] {
    return getResource(this.arch, "L3").monDomains;
  }

  /** EBUSY while a command is under way: half of one cannot be brought back. */
  save(): SavedCore {
    if (this.mutex.busy) {
      throw new ErrnoError("EBUSY", "a command of resctrl is under way: snapshots are taken between commands");
    }
    return {
      arch: saveArch(this.arch),
      thresholdBytes: this.arch.rmidThresholdBytes,
      columnWidth: this.columnWidth,
      assignOnMkdir: this.assignOnMkdir,
      rmids: this.rmids.save(),
      limbo: this.limbo.save(),
      status: this.status.save(),
      mount: this.mounted?.save() ?? this.savedMount,
    };
  }

  #restore(saved: SavedCore): void {
    this.arch.rmidThresholdBytes = saved.thresholdBytes;
    this.columnWidth = saved.columnWidth;
    this.assignOnMkdir = saved.assignOnMkdir;
    this.rmids.restore(saved.rmids);
    this.status.restore(saved.status);
    this.savedMount = saved.mount ?? undefined;
    this.limbo.restore(saved.limbo);
  }

  #cpuChanges(cpu: number, online: boolean): Promise<void> {
    return this.mutex.run(() => (online ? onlineCpu(this.arch, cpu) : offlineCpu(this.arch, cpu)));
  }

  /** MPAM is disabled, in the middle of whatever is under way. */
  #exit(): void {
    this.#deaf();
    this.limbo.stop();
    this.mounted?.disable();
    this.arch.driver.machine.parts.delete("resctrl");
  }

  /** Called under the lock, all but the last. */
  #hooks(): FsHooks {
    return {
      onlineCtrlDomain: () => {},
      offlineCtrlDomain: () => {},
      onlineMonDomain: (_r, d) => this.mounted?.onlineDomain(d),
      offlineMonDomain: (_r, d) => {
        this.mounted?.offlineDomain(d);
        this.limbo.leave(d.id);
      },
      onlineCpu: (cpu) => {
        this.cpus.add(cpu);
        this.mounted?.onlineCpu(cpu);
      },
      offlineCpu: (cpu) => {
        this.cpus.delete(cpu);
        this.mounted?.offlineCpu(cpu);
      },
      exit: () => this.#exit(),
    };
  }
}

function checkEnabled({ enabled, disableReason }: ResctrlDriver): void {
  const why = disableReason === undefined ? "" : `: ${disableReason}`;
  if (!enabled) throw new ErrnoError("ENODEV", `resctrl: MPAM is disabled${why}`);
}

const cores = new WeakMap<ResctrlDriver, Promise<Core>>();

function onlineCpusOf(arch: Arch): number[] {
  return allCpus(arch)
    .filter(({ online }) => online)
    .map(({ cpu }) => cpu);
}
