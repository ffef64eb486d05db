// Enabling MPAM once, and disabling it for good (linux-driver.md 7.1, 7.5).

import { NOTHING_HELD } from "../bus/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { resetComponent } from "./configure.ts";
import type { Core } from "./core.ts";
import type { Hotplug } from "./hotplug.ts";
import type { ErrorInterrupts } from "./interrupts.ts";
import { logged } from "./logged.ts";

export class Lifecycle {
  /** Told when MPAM is being disabled, in the order in which they came. */
  readonly callbacks = new Set<() => Promise<void> | void>();
  #disabling: Promise<void> | undefined;
  #disabled = false;

  constructor(
    private readonly core: Core,
    private readonly interrupts: ErrorInterrupts,
    private readonly hotplug: Hotplug,
    /** Ends being told of cpus and messages. */
    readonly close: () => void,
  ) {}

  /** When every MSC has been probed. Throws what stopped it; the caller disables. */
  async enable(): Promise<void> {
    const { core } = this;
    core.requestors.publish();
    for (const one of core.tree.classes) one.merge(core.odd);
    await this.interrupts.turnOn(core.mscs);
    this.checkEnabled("EIO", "waiting");
    // Whoever configures meanwhile leaves these to whom brings them back.
    for (const msc of core.mscs) msc.away = !core.cpus.reaches(msc.firmware);
    core.phase = "enabled";
    core.machine.processor.kernel.start();
    for (const cpu of core.cpus.list) await this.hotplug.online(cpu);
    await this.interrupts.whenIdle();
    this.checkEnabled("EIO");
    const { partidMax, pmgMax } = core.requestors.limits;
    core.log("info", `MPAM enabled with ${partidMax + 1} PARTIDs and ${pmgMax + 1} PMGs`);
  }

  /** The cpus have no MPAM: nothing is begun. */
  decline(why: string): void {
    const { core } = this;
    core.phase = "disabled";
    core.disableReason = why;
    for (const msc of core.mscs) core.tree.remove(msc);
    core.mscs = [];
    core.log("info", `no MPAM: ${why}`);
    this.adoptDisabled();
  }

  /** Resolves when it is done, whoever has begun it; what fails on the way is logged and does not stop it. */
  disable(reason: string): Promise<void> {
    this.#disabling ??= this.#disableOnce(reason);
    return this.#disabling;
  }

  /** Has begun, and is not done. */
  get disabling(): boolean {
    return this.#disabling !== undefined && !this.#disabled;
  }

  /** Takes the driver as disabled already, as after a restore. */
  adoptDisabled(): void {
    this.#disabling = Promise.resolve();
    this.#disabled = true;
    this.close();
  }

  checkEnabled(code: "EINVAL" | "EIO" | "ENODEV", allowed: "enabled" | "waiting" = "enabled"): void {
    const { phase, disableReason } = this.core;
    if (phase === "enabled" || phase === allowed) return;
    throw new ErrnoError(code, phase === "disabled" ? `MPAM is disabled: ${disableReason}` : "MPAM is not enabled yet");
  }

  async #disableOnce(reason: string): Promise<void> {
    const { core } = this;
    core.phase = "disabled";
    core.disableReason = reason;
    core.machine.processor.kernel.stop();
    // Who probes an MSC just now adds to the tree; the next one is not begun.
    for (const msc of core.mscs) await msc.probeLock.run(NOTHING_HELD, async () => {});
    // As when every cpu goes: whoever looks at the hardware from here on finds it unpartitioned.
    for (const cpu of core.cpus.list) await this.hotplug.offline(cpu);
    for (const fn of [...this.callbacks]) await this.#attempt("a callback", fn);
    await this.interrupts.turnOff();
    for (const one of core.tree.classes) {
      for (const component of one.components)
        await this.#attempt(`resetting ${component}`, () => this.#reset(component));
    }
    for (const msc of core.mscs) core.tree.remove(msc);
    core.mscs = [];
    this.close();
    core.log("error", `MPAM disabled: ${reason}`);
    this.#disabled = true;
  }

  #reset(component: Parameters<typeof resetComponent>[0]): Promise<void> {
    const { odd, cpus, requestors } = this.core;
    return resetComponent(component, {
      odd,
      partidMax: requestors.limits.partidMax,
      // One that was never probed was never written either.
      unreachable: (msc) => !msc.facts.probed || !cpus.reaches(msc.firmware),
    });
  }

  #attempt(what: string, step: () => Promise<void> | void): Promise<void> {
    return logged(this.core.log, `while disabling MPAM, ${what}`, step);
  }
}
