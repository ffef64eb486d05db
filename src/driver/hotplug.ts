// Cpus that come and go once MPAM is enabled: an MSC is programmed when its first cpu comes, and reset when its last one
// goes, because it may lose its registers in between (linux-driver.md 7.2, 7.3).

import { NOTHING_HELD } from "../bus/index.ts";
import { programRis, resetRis } from "./configure.ts";
import type { Core } from "./core.ts";
import type { ErrorInterrupts } from "./interrupts.ts";
import { logged } from "./logged.ts";
import type { Msc } from "./msc.ts";
import { restoreCounters, saveCounters } from "./saved-counters.ts";

export class Hotplug {
  constructor(
    private readonly core: Core,
    private readonly interrupts: ErrorInterrupts,
  ) {}

  /** What fails leaves everything as if the cpu had not come, and is thrown. */
  async online(cpu: number): Promise<void> {
    try {
      for (const msc of this.core.mscs) if (msc.firmware.cpus.has(cpu)) await this.#arrive(msc, cpu);
    } catch (error) {
      await this.offline(cpu);
      throw error;
    }
  }

  /** What fails is logged: nothing keeps a cpu from going. */
  async offline(cpu: number): Promise<void> {
    for (const msc of this.core.mscs) {
      if (!msc.users.delete(cpu) || msc.users.size > 0) continue;
      await logged(this.core.log, `cpu ${cpu} goes: ${msc}`, () => this.#leave(msc, cpu));
    }
  }

  async #arrive(msc: Msc, cpu: number): Promise<void> {
    const first = msc.users.size === 0;
    msc.users.add(cpu);
    if (!first) return;
    await this.interrupts.turnOnAgain(msc);
    await msc.cfgLock.run(NOTHING_HELD, async (holding) => {
      for (const ris of this.core.tree.risOf(msc)) {
        // Disabled in the meantime: nothing is configured any more.
        if (!this.core.enabled) await resetRis(ris, this.#partidMax, holding);
        else {
          await programRis(ris, this.#partidMax, holding);
          if (ris.props.features.has("msmon_mbwu")) await restoreCounters(ris, holding, this.core.log);
        }
      }
      msc.away = false;
    });
    this.interrupts.lookAgain(msc);
  }

  /** Its last cpu goes. Who reads monitors is done before it has gone, or finds it away. */
  #leave(msc: Msc, cpu: number): Promise<void> {
    return msc.cfgLock.run(NOTHING_HELD, async (holding) => {
      // Disabled: who comes now is told that instead.
      msc.away = this.core.enabled;
      // One that fails keeps none of the others from being left in order.
      for (const ris of this.core.tree.risOf(msc)) {
        const goes = `cpu ${cpu} goes: ${msc}, RIS ${ris.index}`;
        await logged(this.core.log, `${goes}: resetting it`, () => resetRis(ris, this.#partidMax, holding));
        ris.inResetState = false;
        if (!this.core.enabled || !ris.props.features.has("msmon_mbwu")) continue;
        await logged(this.core.log, `${goes}: saving its counters`, () => saveCounters(ris, holding));
      }
      await msc.monitorsLeft(holding);
    });
  }

  get #partidMax(): number {
    return this.core.requestors.limits.partidMax;
  }
}
