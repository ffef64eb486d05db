// RMIDs that have been freed while lines in the caches still carry them: looked at once a second, domain by domain, until all
// of those lines are gone (resctrl-fs.md section 9).

import {
  type Arch,
  findDomain,
  getResource,
  type MonCtx,
  type MonDomain,
  monCtxAlloc,
  monCtxFree,
  rmidIdxDecode,
  rmidRead,
  roundMonVal,
} from "../resctrl/index.ts";
import type { Mutex } from "./mutex.ts";
import { refusalsIgnored } from "./refusals.ts";
import type { RmidPool } from "./rmids.ts";
import { type DueWork, Workers } from "./workers.ts";

export class Limbo {
  readonly #workers: Workers;

  constructor(
    private readonly arch: Arch,
    private readonly rmids: RmidPool,
    mutex: Mutex,
  ) {
    const { clock } = arch.driver.machine;
    this.#workers = new Workers(clock, mutex, "resctrl.limbo", (domain) => this.#check(domain));
  }

  /** Where occupancy is monitored the id is dirty in every domain until seen clean there. */
  free(closid: number, rmid: number): void {
    const watched = this.arch.events.has("llc_occupancy") ? this.#domains().map(({ id }) => id) : [];
    this.rmids.free(closid, rmid, watched);
    if ((closid === 0 && rmid === 0) || !this.arch.driver.enabled) return;
    for (const domain of watched) this.#workers.start(domain);
  }

  /** What is dirty in a domain that goes counts as clean there. */
  leave(domain: number): void {
    this.#workers.stop(domain);
    for (const idx of this.rmids.dirtyIn(domain)) this.rmids.clean(idx, domain);
  }

  stop(): void {
    this.#workers.stopAll();
  }

  save(): DueWork[] {
    return this.#workers.save();
  }

  /** Domains may have gone since. */
  restore(due: readonly DueWork[]): void {
    for (const { domain, dueNs } of due) {
      if (findDomain(this.#domains(), domain) === undefined) this.leave(domain);
      else this.#workers.start(domain, dueNs);
    }
  }

  #domains(): readonly MonDomain[] {
    return getResource(this.arch, "L3").monDomains;
  }

  /** Reads the occupancy of every dirty id of a domain. False when none is left. */
  async #check(domain: number): Promise<boolean> {
    const d = findDomain(this.#domains(), domain);
    if (d === undefined) return false;
    await refusalsIgnored(async () => {
      const ctx = await monCtxAlloc(this.arch, "llc_occupancy");
      try {
        await this.#scan(d, ctx);
      } finally {
        monCtxFree(this.arch, ctx);
      }
    });
    return this.rmids.dirtyIn(domain).length > 0;
  }

  /** An id that cannot be read stays dirty. */
  async #scan(d: MonDomain, ctx: MonCtx): Promise<void> {
    const threshold = BigInt(roundMonVal(this.arch, this.arch.rmidThresholdBytes));
    let bytes = 0n;
    for (const idx of this.rmids.dirtyIn(d.id)) {
      const { closid, rmid } = rmidIdxDecode(this.arch, idx);
      await refusalsIgnored(async () => {
        // 7.3 adds up over all ids under CDP, and finds the later ones dirty: `before` is for that.
        bytes = await rmidRead(this.arch, d, closid, rmid, "llc_occupancy", ctx, bytes);
        if (bytes < threshold) this.rmids.clean(idx, d.id);
      });
    }
  }
}
