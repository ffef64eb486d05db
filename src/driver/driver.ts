// The driver: what a kernel does with MPAM from boot to the first hardware error (linux-driver.md sections 1 to 7).

import { ErrnoError, messageOf } from "../errno/index.ts";
import { describe, type FirmwareDescription } from "../firmware/index.ts";
import type { Machine } from "../machine/index.ts";
import { ClassNode, ComponentNode } from "./classes.ts";
import type { Compat } from "./compat.ts";
import { applyConfig, resetClass, storedConfig } from "./configure.ts";
import { Core, type RegisteredSmmu } from "./core.ts";
import { addDescribed, checkFirmware } from "./described.ts";
import { Discovery, waitingFor } from "./discovery.ts";
import { Hotplug } from "./hotplug.ts";
import { ErrorInterrupts } from "./interrupts.ts";
import { Lifecycle } from "./lifecycle.ts";
import { readComponent, resetMbwu } from "./monitor.ts";
import { Msc } from "./msc.ts";
import type { BusFactory, CpuFeatures, DriverMachine, LockFactory, LogLine } from "./needs.ts";
import { type DriverParts, partsOf } from "./parts.ts";
import { Reach } from "./reach.ts";
import { ShadowRegisters, shadowWindow, T241_SOC_ID } from "./shadow.ts";
import { sleepUnless } from "./sleep.ts";
import { smmuLimits } from "./smmu.ts";
import * as snapshot from "./snapshot.ts";
import type { Component, MonitorRequest, MpamClass, PartConfig } from "./types.ts";

/** How a driver boots. */
export interface DriverOptions {
  /** Default: what the platform's firmware says. */
  readonly firmware?: FirmwareDescription;
  /** Keeps what a kernel does that is surprising; default: repaired. A restored driver is as it was. */
  readonly compat?: Compat;
  /** Default: by what firmware says, loads and stores of an online cpu or messages. */
  readonly bus?: BusFactory;
  /** For tests that show what goes wrong without a lock. */
  readonly lock?: LockFactory;
  /** Of the kernel. arm64.nompam, or id_aa64pfr0.mpam=0 and id_aa64pfr1.mpam_frac=0: it uses no MPAM, and touches no register of it. */
  readonly commandLine?: string;
  /** Ends probing; MPAM is then disabled. */
  readonly signal?: AbortSignal;
  /**
   * Registers the SMMUs that firmware names as requestors, so that nobody uses more PARTIDs and PMGs than they have. Default false:
   * Linux 7.3 asks the cpus alone.
   */
  readonly smmus?: boolean;
}

/**
 * How far the driver has come. Waiting: not every MSC has been probed, because no cpu that reaches it is online or firmware
 * has not described it. Disabled: for good; where the cpus have no MPAM from the start.
 */
export type DriverState =
  | { readonly phase: "waiting"; readonly for: string }
  | { readonly phase: "enabled" }
  | { readonly phase: "disabled"; readonly reason: string };

/** What may wait can be told to stop waiting. It throws the reason of the signal, and leaves no sequence half written. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
}

/** What monitors there are. */
export type MonitorType = MonitorRequest["type"];

const MONITORS = {
  csu: { feature: "msmon_csu", count: "numCsuMon" },
  mbwu: { feature: "msmon_mbwu", count: "numMbwuMon" },
} as const;

/**
 * The driver of a kernel on a machine: it learns from firmware tables and registers, configures PARTIDs and reads
 * monitors.
 */
export class Driver<M extends DriverMachine = Machine> {
  readonly #core: Core;
  readonly #reach: Reach;
  readonly #interrupts: ErrorInterrupts;
  readonly #lifecycle: Lifecycle;
  readonly #discovery: Discovery;

  private constructor(
    /** What it drives. */
    readonly machine: M,
    /** What firmware has told it. */
    readonly firmware: FirmwareDescription,
    options: DriverOptions,
  ) {
    const core = new Core(machine, firmware, options.compat);
    this.#core = core;
    checkFirmware(firmware, core.odd);
    const failed = ({ message }: ErrnoError): void => {
      core.log("error", message);
      this.#interrupts.leave("disabling MPAM", this.disable(`a firmware message failed: ${message}`));
    };
    this.#reach = new Reach(core, failed, options.lock);
    const bus = options.bus ?? ((msc) => this.#reach.bus(msc));
    core.mscs = firmware.mscs.map((described) => {
      const msc = new Msc(described, bus(described), core.log, options.lock, core.odd);
      if (described.interface === "mmio" && machine.processor.socId === T241_SOC_ID) {
        const touch = (): number | undefined => core.cpus.touch(described);
        const warn = (text: string): void => msc.remark("shadow", "warning", text);
        msc.shadow = new ShadowRegisters(machine.bus, touch, shadowWindow(described.address), warn);
      }
      return msc;
    });
    try {
      for (const msc of core.mscs) addDescribed(core.tree, msc, firmware);
    } catch (error) {
      this.#reach.mailboxes.close();
      throw error;
    }
    if (core.odd.newestFirst) core.mscs = [...core.mscs].reverse();
    this.#interrupts = new ErrorInterrupts(machine, core.cpus, core.log, (reason) => this.disable(reason));
    const hotplug = new Hotplug(core, this.#interrupts);
    const stopListening = machine.onCpu((change) => this.#discovery.changed(change));
    this.#lifecycle = new Lifecycle(core, this.#interrupts, hotplug, () => {
      stopListening();
      this.#reach.mailboxes.close();
    });
    this.#discovery = new Discovery(core, this.#lifecycle, hotplug);
  }

  /**
   * Boots the kernel, which finds out what the cpus have, and probes what they reach that are online. When that is every MSC that firmware counts, enables MPAM and programs every
   * PARTID to its reset values; otherwise the driver waits for more cpus (`state`). Without MPAM in the cpus it is
   * disabled, and looks at nothing. Throws what stopped it; EIO: the kernel died.
   */
  static async probe<M extends DriverMachine = Machine>(machine: M, options: DriverOptions = {}): Promise<Driver<M>> {
    const driver = new Driver(machine, options.firmware ?? firmwareOf(machine), options);
    const cpus = driver.#bootKernel(options.commandLine);
    if (cpus.without === undefined) {
      if (options.smmus) await driver.#registerSmmus();
      await driver.#discovery.boot(options.signal);
    } else driver.#lifecycle.decline(cpus.without);
    machine.parts.set("driver", () => driver.save());
    return driver;
  }

  /** Before there is anything to publish. One without MPAM puts PARTID 0 on everything, and asks for no more. */
  async #registerSmmus(): Promise<void> {
    const { cpus, log, requestors } = this.#core;
    const [cpu] = cpus.list;
    if (cpu === undefined) return;
    if (this.firmware.smmus.length === 0) log("info", "firmware names no SMMUs");
    try {
      for (const smmu of this.firmware.smmus) {
        const limits = smmuLimits(this.machine.bus, cpu, smmu);
        if (!limits) {
          log("info", `SMMU ${smmu.id} has no MPAM`);
          continue;
        }
        requestors.register(limits);
        this.#core.smmus = [...this.#core.smmus, { id: smmu.id, ...limits }];
        log("info", `SMMU ${smmu.id} has PARTIDs up to ${limits.partidMax} and PMGs up to ${limits.pmgMax}`);
      }
    } catch (error) {
      // Nobody knows how many PARTIDs are safe.
      await this.disable(`an SMMU cannot be asked: ${messageOf(error)}`);
      throw error;
    }
  }

  #bootKernel(commandLine?: string): CpuFeatures {
    const { machine, cpus, log, requestors } = this.#core;
    try {
      const features = machine.processor.kernel.boot({
        ...(commandLine === undefined ? {} : { commandLine }),
        cpus: cpus.list,
        log,
      });
      if (features.without === undefined) requestors.register(features);
      return features;
    } catch (error) {
      this.#lifecycle.close();
      throw error;
    }
  }

  /** The driver as it was when the snapshot was taken. No register is read or written. */
  static async restore<M extends DriverMachine = Machine>(
    machine: M,
    options: Omit<DriverOptions, "commandLine" | "compat" | "signal" | "smmus"> = {},
  ): Promise<Driver<M>> {
    const saved = snapshot.asSavedDriver(machine.saved("driver"));
    const driver = snapshot.orDamaged(() => {
      const compat = saved.compat === null ? {} : { compat: saved.compat };
      return new Driver(machine, snapshot.restoreFirmware(saved.firmware), { ...options, ...compat });
    });
    try {
      snapshot.orDamaged(() => driver.#restore(saved));
    } catch (error) {
      driver.#lifecycle.close();
      throw error;
    }
    machine.parts.set("driver", () => driver.save());
    return driver;
  }

  #restore(saved: snapshot.SavedDriver): void {
    const on = new Set(saved.mscs.filter(({ errorEnabled }) => errorEnabled).map(({ id }) => id));
    snapshot.restoreCore(saved, this.#core);
    this.machine.processor.kernel.logTo(this.#core.log);
    this.#reach.mailboxes.restore(saved.mailboxes);
    if (saved.phase === "disabled") this.#lifecycle.adoptDisabled();
    this.#interrupts.adopt(
      this.#core.mscs.filter(({ id }) => on.has(id)),
      saved.spurious,
    );
  }

  /** JSON for a snapshot; taken while no operation is in flight. EBUSY: an interrupt is being answered, or MPAM disabled. */
  save(): snapshot.SavedDriver {
    if (this.#interrupts.busy || this.#lifecycle.disabling) {
      throw new ErrnoError("EBUSY", "the driver answers an interrupt, or disables MPAM; save it when that is done");
    }
    return { ...snapshot.saveCore(this.#core, this.#interrupts), mailboxes: this.#reach.mailboxes.save() };
  }

  /** How far it has come. */
  get state(): DriverState {
    const { phase, disableReason } = this.#core;
    if (phase === "disabled") return { phase, reason: disableReason ?? "" };
    return phase === "enabled" ? { phase } : { phase, for: waitingFor(this.#core) ?? "" };
  }

  /** Whether MPAM is in use: all MSCs are probed, and it is not disabled. */
  get enabled(): boolean {
    return this.#core.enabled;
  }

  /** Why MPAM is disabled for good; undefined while it is not. */
  get disableReason(): string | undefined {
    return this.#core.disableReason;
  }

  /** Whose surprises it keeps; undefined: nobody's. */
  get compat(): Compat | undefined {
    return this.#core.compat;
  }

  /** The largest PARTID that cpus and all MSCs can use. */
  get partidMax(): number {
    return this.#core.requestors.limits.partidMax;
  }

  /** The largest PMG that cpus and all MSCs can use. */
  get pmgMax(): number {
    return this.#core.requestors.limits.pmgMax;
  }

  /** SMMUs that were registered as requestors, and what they have. */
  get smmus(): readonly RegisteredSmmu[] {
    return this.#core.smmus;
  }

  /** Sorted: caches by level, memory, unknown. None before MPAM is enabled, and none after it has been disabled. */
  get classes(): readonly MpamClass[] {
    return this.#core.requestors.published ? this.#core.tree.classes : [];
  }

  /** What each MSC, vMSC and RIS has, as it was found; nothing once MPAM is disabled. */
  get parts(): DriverParts {
    const { mscs, odd, tree } = this.#core;
    return partsOf(odd.newestFirst ? [...mscs].reverse() : mscs, tree);
  }

  /** What it has said since it was made; a kernel would print it. */
  get log(): readonly LogLine[] {
    return this.#core.lines;
  }

  /** A line in the log of who uses the driver. */
  note(level: LogLine["level"], text: string): void {
    this.#core.log(level, text);
  }

  /** Error interrupts that no MSC on their line had meant. */
  get spuriousInterrupts(): number {
    return this.#interrupts.spurious;
  }

  /**
   * Somebody else who puts PARTIDs and PMGs on requests: nobody uses more than all can. EBUSY: MPAM is in use already, with
   * more of them.
   */
  registerRequestor(partidMax: number, pmgMax: number): void {
    if (!inRange(partidMax, 0xffff) || !inRange(pmgMax, 0xff)) {
      const what = `a requestor of PARTIDs up to ${partidMax} and PMGs up to ${pmgMax}`;
      throw new ErrnoError("EINVAL", `${what}; integers from 0 to 65535 and to 255 would do`);
    }
    this.#core.requestors.register({ partidMax, pmgMax });
  }

  /** Merges `config` into what is stored for `partid` and programs the component if that changed anything. */
  async apply(component: Component, partid: number, config: PartConfig, { signal }: WaitOptions = {}): Promise<void> {
    const stillEnabled = (): void => this.#lifecycle.checkEnabled("EINVAL");
    stillEnabled();
    const node = this.#component(component);
    this.#checkPartid(partid);
    await applyConfig(node, partid, config, { odd: this.#core.odd, stillEnabled, signal });
  }

  /** What is configured for `partid`; what is absent has its reset value. */
  stored(component: Component, partid: number): Readonly<PartConfig> {
    // Disabled: nothing is.
    return this.#core.phase === "disabled" ? {} : storedConfig(this.#component(component), partid);
  }

  /** Every PARTID of every component of the class back to its reset values. */
  async resetClass(c: MpamClass, { signal }: WaitOptions = {}): Promise<void> {
    const { odd } = this.#core;
    const unreachable = (msc: Msc): boolean => msc.away;
    await resetClass(this.#class(c), { odd, partidMax: this.partidMax, unreachable, signal });
  }

  /**
   * Bytes counted or held for the label asked about, over all parts of the component. A monitor that watched another
   * label is configured anew and starts from zero. EIO: not enabled, or the bus failed; EOPNOTSUPP: no such monitors;
   * EBUSY: not ready, even after the time firmware gives; ENXIO: no cpu that reaches a part is online.
   */
  async readMonitor(component: Component, request: MonitorRequest, { signal }: WaitOptions = {}): Promise<bigint> {
    const stillEnabled = (): void => this.#lifecycle.checkEnabled("EIO");
    stillEnabled();
    const node = this.#component(component);
    const { mon, partid, pmg } = request;
    this.#checkMonitor(node, request.type, mon);
    this.#checkPartid(partid);
    if (!inRange(pmg, this.pmgMax)) throw new ErrnoError("EINVAL", `PMG ${pmg}; there are 0 to ${this.pmgMax}`);
    const sleep = async (ns: number): Promise<void> => {
      await sleepUnless(signal, this.machine.clock, ns);
      stillEnabled();
    };
    return readComponent(node, request, { sleep, stillEnabled, signal });
  }

  /** The lowest free monitor. EOPNOTSUPP: the class has none of this type; ENOSPC: all are taken. */
  allocMonitor(c: MpamClass, type: MonitorType): number {
    const node = this.#class(c);
    const count = this.#monitorCount(node, type);
    const mon = node.monitors[type].take(count);
    if (mon === undefined) throw new ErrnoError("ENOSPC", `${node}: all ${count} ${type} monitors are taken`);
    return mon;
  }

  /** Gives a monitor back. EINVAL: it was not allocated. */
  freeMonitor(c: MpamClass, type: MonitorType, mon: number): void {
    const node = this.#class(c);
    if (!node.monitors[type].giveBack(mon)) {
      throw new ErrnoError("EINVAL", `${node}: ${type} monitor ${mon} was not allocated`);
    }
  }

  /** The counter reads from zero again. The hardware is told at the next read. EINVAL: there is no such monitor. */
  resetMbwu(component: Component, mon: number): void {
    if (!this.enabled) return;
    const node = this.#component(component);
    this.#checkMonitor(node, "mbwu", mon);
    resetMbwu(node, mon);
  }

  /**
   * Ends the use of MPAM for good: all controls back to reset values, error interrupts off, MSCs and classes gone. Resolves
   * when that is done; what fails on the way is logged and does not stop it.
   */
  disable(reason: string): Promise<void> {
    return this.#lifecycle.disable(reason);
  }

  /**
   * Calls `fn` in the course of disabling, when configuring is already refused, and waits for it: it must not wait for the end of
   * that itself. Returns how to take that back.
   */
  onDisable(fn: () => Promise<void> | void): () => void {
    this.#lifecycle.callbacks.add(fn);
    return () => void this.#lifecycle.callbacks.delete(fn);
  }

  /** Resolves when what interrupts have set off is done. */
  whenIdle(): Promise<void> {
    return this.#interrupts.whenIdle();
  }

  #checkPartid(partid: number): void {
    if (inRange(partid, this.partidMax)) return;
    throw new ErrnoError("EINVAL", `PARTID ${partid}; there are 0 to ${this.partidMax}`);
  }

  /** What is out of range would be an error interrupt, and the end of MPAM. */
  #checkMonitor(node: ComponentNode, type: MonitorType, mon: number): void {
    const count = this.#monitorCount(node.class, type);
    if (inRange(mon, count - 1)) return;
    throw new ErrnoError("EINVAL", `${node}: ${type} monitor ${mon}; there are 0 to ${count - 1}`);
  }

  #monitorCount(node: ClassNode, type: MonitorType): number {
    const { feature, count } = MONITORS[type];
    if (!node.props.features.has(feature)) throw new ErrnoError("EOPNOTSUPP", `${node} has no ${type} monitors`);
    return node.props[count];
  }

  #class(c: MpamClass): ClassNode {
    if (c instanceof ClassNode && this.#core.tree.classes.includes(c)) return c;
    throw this.#gone() ?? new ErrnoError("EINVAL", "that class is not one of this driver's classes");
  }

  #component(component: Component): ComponentNode {
    if (component instanceof ComponentNode && this.#core.tree.classes.includes(component.class)) return component;
    throw this.#gone() ?? new ErrnoError("EINVAL", "that component is not of one of this driver's classes");
  }

  /** What late callers are told. */
  #gone(): ErrnoError | undefined {
    const { phase, disableReason } = this.#core;
    if (phase !== "disabled") return undefined;
    return new ErrnoError("ENODEV", `MPAM is disabled, and its classes are gone: ${disableReason}`);
  }
}

function firmwareOf(machine: DriverMachine): FirmwareDescription {
  if (machine.platform !== undefined) return describe(machine.platform);
  throw new ErrnoError("EINVAL", "the machine has no platform to take a firmware description from; give one");
}

function inRange(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
