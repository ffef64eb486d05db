// What a kernel keeps from boot on, mounted or not: the hooks' state, the lock, the RMIDs with their limbo, the settings
// that survive an unmount (resctrl-fs.md section 1).

import { ErrnoError } from "../errno/index.ts";
import {
  type Arch,
  findDomain,
  getResource,
  type MonDomain,
  monCtxAlloc,
  monCtxFree,
  type ResctrlDriver,
  rmidIdxDecode,
  rmidRead,
  roundMonVal,
  type SavedArch,
  saveArch,
  setupArch,
} from "../resctrl/index.ts";
import { Mutex } from "./mutex.ts";
import { RmidPool, type SavedRmids } from "./rmids.ts";
import { CommandStatus, type SavedStatus } from "./status.ts";
import { type DueWork, Workers } from "./workers.ts";

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
}

export class Core {
  readonly mutex = new Mutex();
  readonly status = new CommandStatus();
  readonly rmids: RmidPool;
  readonly #limbo: Workers;
  /** Longest schema name since boot; never shrinks. */
  columnWidth = 0;
  assignOnMkdir = true;
  mounted: Mounted | undefined;
  /** What was mounted when the snapshot was taken, until it is brought back. */
  savedMount: unknown;

  private constructor(
    readonly arch: Arch,
    saved: SavedCore | undefined,
  ) {
    const { driver } = arch;
    this.rmids = new RmidPool({ closids: driver.partidMax + 1, rmidsPerClosid: driver.pmgMax + 1 });
    const { clock, parts } = driver.machine;
    this.#limbo = new Workers(clock, this.mutex, "resctrl.limbo", (domain) => this.#checkLimbo(domain));
    if (saved !== undefined) this.#restore(saved);
    parts.set("resctrl", () => this.save());
    driver.onDisable(() => {
      this.#limbo.stopAll();
      this.mounted?.disable();
      parts.delete("resctrl");
    });
  }

  /** One core per driver. The first call sets it up, from what a snapshot had saved where there is something. */
  static async of(driver: ResctrlDriver): Promise<Core> {
    if (!driver.enabled) throw new ErrnoError("ENODEV", "resctrl: MPAM is disabled");
    const core = cores.get(driver) ?? Core.#setUp(driver);
    cores.set(driver, core);
    return core;
  }

  static async #setUp(driver: ResctrlDriver): Promise<Core> {
    const saved = (driver.machine.saved("resctrl") as SavedCore | undefined) ?? undefined;
    return new Core(await setupArch(driver, saved && { saved: saved.arch }), saved);
  }

  get driver(): ResctrlDriver {
    return this.arch.driver;
  }

  monDomains(): readonly MonDomain[] {
    return getResource(this.arch, "L3").monDomains;
  }

  /** Where occupancy is monitored the id is dirty in every domain until seen clean there. */
  freeRmid(closid: number, rmid: number): void {
    const watched = this.arch.events.has("llc_occupancy") ? this.monDomains().map(({ id }) => id) : [];
    this.rmids.free(closid, rmid, watched);
    if ((closid === 0 && rmid === 0) || !this.driver.enabled) return;
    for (const domain of watched) this.#limbo.start(domain);
  }

  save(): SavedCore {
    return {
      arch: saveArch(this.arch),
      thresholdBytes: this.arch.rmidThresholdBytes,
      columnWidth: this.columnWidth,
      assignOnMkdir: this.assignOnMkdir,
      rmids: this.rmids.save(),
      limbo: this.#limbo.save(),
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
    for (const { domain, dueNs } of saved.limbo) this.#limbo.start(domain, dueNs);
  }

  /** Reads the occupancy of every dirty id of a domain. An error leaves it dirty. */
  async #checkLimbo(domain: number): Promise<boolean> {
    const d = findDomain(this.monDomains(), domain);
    if (d === undefined) return false;
    const threshold = BigInt(roundMonVal(this.arch, this.arch.rmidThresholdBytes));
    await refusalsIgnored(async () => {
      const ctx = await monCtxAlloc(this.arch, "llc_occupancy");
      try {
        for (const idx of this.rmids.dirtyIn(domain)) {
          const { closid, rmid } = rmidIdxDecode(this.arch, idx);
          await refusalsIgnored(async () => {
            const bytes = await rmidRead(this.arch, d, closid, rmid, "llc_occupancy", ctx);
            if (bytes < threshold) this.rmids.clean(idx, domain);
          });
        }
      } finally {
        monCtxFree(this.arch, ctx);
      }
    });
    return this.rmids.dirtyIn(domain).length > 0;
  }
}

const cores = new WeakMap<ResctrlDriver, Promise<Core>>();

/** A refusal is an answer here; anything else is a fault and goes on. */
export async function refusalsIgnored(body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
  }
}
