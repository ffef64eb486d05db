// Cpus that come and go, from boot on: they bring MSCs to probe until all have been, and then MPAM is enabled
// (linux-driver.md 2.1, 7.1).

import { messageOf } from "../errno/index.ts";
import { nameCpus } from "../written/index.ts";
import type { Core } from "./core.ts";
import type { Hotplug } from "./hotplug.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { CpuChange } from "./needs.ts";
import { probeMsc } from "./probe.ts";

export class Discovery {
  /** Cpus come and go one after the other, and not while those that are there are being looked at. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly core: Core,
    private readonly lifecycle: Lifecycle,
    private readonly hotplug: Hotplug,
  ) {}

  /** Takes the cpus that are online through discovery. Throws what stopped it, and leaves MPAM disabled then. */
  boot(signal?: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      for (const cpu of this.core.cpus.list) await this.#discover(cpu, signal);
      try {
        // What stopped it may have come from elsewhere, such as a mailbox.
        this.lifecycle.checkEnabled("EIO", "waiting");
        await this.#enableWhenComplete();
      } catch (error) {
        await this.lifecycle.disable(`failed to enable: ${messageOf(error)}`);
        throw error;
      }
      const waits = this.core.phase === "waiting" ? waitingFor(this.core) : undefined;
      if (waits !== undefined) this.core.log("info", `MPAM waits for ${waits}`);
    });
  }

  /** What it throws is the coming cpu's, which does not come. */
  changed({ cpu, online }: CpuChange): Promise<void> {
    return this.#inTurn(() => (online ? this.#online(cpu) : this.#offline(cpu)));
  }

  async #online(cpu: number): Promise<void> {
    const { core, lifecycle } = this;
    core.cpus.add(cpu);
    try {
      if (core.enabled) await this.hotplug.online(cpu);
      else if (core.phase === "waiting") await this.#discover(cpu);
    } catch (error) {
      core.cpus.delete(cpu);
      throw error;
    }
    try {
      await this.#enableWhenComplete();
    } catch (error) {
      // The cpu is not to blame.
      core.log("error", `enabling MPAM failed: ${messageOf(error)}`);
      await lifecycle.disable(`failed to enable: ${messageOf(error)}`);
    }
  }

  async #offline(cpu: number): Promise<void> {
    if (this.core.enabled) await this.hotplug.offline(cpu);
    this.core.cpus.delete(cpu);
  }

  /** Probes what `cpu` reaches and nobody has probed yet. The first failure ends it, and the use of MPAM. */
  async #discover(cpu: number, signal?: AbortSignal): Promise<void> {
    const { core } = this;
    // Linux does not begin before firmware has described all that it counts.
    if (core.mscs.length < core.firmware.counted) return;
    try {
      for (const msc of core.mscs) {
        if (!msc.firmware.cpus.has(cpu) || msc.facts.probed) continue;
        signal?.throwIfAborted();
        // Disabled by somebody else, while another MSC was slow to answer.
        this.lifecycle.checkEnabled("EIO", "waiting");
        await probeMsc(msc, core.tree, core.log, signal);
        core.probed.push(msc);
        core.requestors.lower(msc.facts);
      }
    } catch (error) {
      await this.lifecycle.disable(`probing error: ${messageOf(error)}`);
      throw error;
    }
  }

  async #enableWhenComplete(): Promise<void> {
    if (this.core.phase === "waiting" && waitingFor(this.core) === undefined) await this.lifecycle.enable();
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** What has to happen before MPAM can be enabled; undefined: nothing. */
export function waitingFor({ mscs, firmware: { counted } }: Core): string | undefined {
  if (mscs.length < counted) {
    const missing = counted - mscs.length;
    const what = missing === 1 ? "one MSC" : `${missing} MSCs`;
    return `${what} of ${counted} that firmware counts and does not describe in a way that can be used: MPAM stays off`;
  }
  const left = mscs.filter(({ facts }) => !facts.probed);
  const [first] = left;
  if (first === undefined) return undefined;
  const more = left.length === 1 ? "" : `, and for ${left.length - 1} more`;
  return `${nameCpus(first.firmware.cpus)} to come online and reach ${first}${more}`;
}
