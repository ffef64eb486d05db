// The driver: what a kernel does with MPAM from boot to the first hardware error (linux-driver.md sections 2, 3, 7).

import { type Holding, MmioBus, NOTHING_HELD } from "../bus/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { describe, type FirmwareDescription } from "../firmware/index.ts";
import type { Machine } from "../machine/index.ts";
import { ClassNode, ComponentNode, type Ris, Tree } from "./classes.ts";
import { applyConfig, programRis, resetComponent, resetRis, storedConfig } from "./configure.ts";
import { addDescribed, checkFirmware } from "./described.ts";
import { ErrorInterrupts } from "./interrupts.ts";
import { readComponent, resetMbwu } from "./monitor.ts";
import { Msc } from "./msc.ts";
import type { BusFactory, DriverMachine, LockFactory, Log, LogLine } from "./needs.ts";
import { type DriverParts, partsOf } from "./parts.ts";
import { probeMsc } from "./probe.ts";
import * as snapshot from "./snapshot.ts";
import type { Component, MonitorRequest, MpamClass, PartConfig } from "./types.ts";

export interface DriverOptions {
  /** Default: what the platform's firmware says. */
  readonly firmware?: FirmwareDescription;
  /** Default: loads and stores in the Non-secure page. */
  readonly bus?: BusFactory;
  /** For tests that show what goes wrong without a lock. */
  readonly lock?: LockFactory;
}

/** What monitors there are. */
export type MonitorType = MonitorRequest["type"];

const MONITORS = {
  csu: { feature: "msmon_csu", count: "numCsuMon" },
  mbwu: { feature: "msmon_mbwu", count: "numMbwuMon" },
} as const;

export class Driver<M extends DriverMachine = Machine> {
  readonly #mscs: readonly Msc[];
  readonly #tree = new Tree();
  readonly #log: LogLine[] = [];
  #enabled = false;
  #disableReason: string | undefined;
  #disabling: Promise<void> | undefined;
  #partidMax: number;
  #pmgMax: number;
  readonly #interrupts: ErrorInterrupts;
  readonly #disableCallbacks = new Set<() => Promise<void> | void>();

  private constructor(
    readonly machine: M,
    readonly firmware: FirmwareDescription,
    options: DriverOptions,
  ) {
    checkFirmware(firmware);
    const bus: BusFactory = options.bus ?? ((msc) => new MmioBus(machine, msc.id));
    this.#mscs = firmware.mscs.map((msc) => new Msc(msc, bus(msc), this.#write, options.lock));
    for (const msc of this.#mscs) addDescribed(this.#tree, msc, firmware);
    this.#interrupts = new ErrorInterrupts(machine, this.#write, (reason) => this.disable(reason));
    this.#partidMax = machine.processor.partidMax;
    this.#pmgMax = machine.processor.pmgMax;
  }

  /** Probes every MSC, enables MPAM and programs every PARTID to its reset values. Throws what stopped it. */
  static async probe<M extends DriverMachine = Machine>(machine: M, options: DriverOptions = {}): Promise<Driver<M>> {
    const driver = new Driver(machine, options.firmware ?? firmwareOf(machine), options);
    for (const msc of driver.#mscs) await probeMsc(msc, driver.#tree, driver.#write);
    try {
      await driver.#enable();
    } catch (error) {
      await driver.disable("failed to enable");
      throw error;
    }
    machine.parts.set("driver", () => driver.save());
    return driver;
  }

  /** The driver as it was when the snapshot was taken. No register is read or written. */
  static async restore<M extends DriverMachine = Machine>(machine: M, options: DriverOptions = {}): Promise<Driver<M>> {
    const saved = snapshot.asSavedDriver(machine.saved("driver"));
    const driver = new Driver(machine, snapshot.restoreFirmware(saved.firmware), options);
    snapshot.restoreTree(saved, driver.#mscs, driver.#tree);
    driver.#partidMax = saved.partidMax;
    driver.#pmgMax = saved.pmgMax;
    driver.#enabled = saved.enabled;
    driver.#disableReason = saved.disableReason ?? undefined;
    if (driver.#disableReason !== undefined) driver.#disabling = Promise.resolve();
    driver.#log.push(...saved.log);
    driver.#interrupts.adopt(driver.#mscs.filter((_, at) => saved.mscs[at]?.errorEnabled));
    machine.parts.set("driver", () => driver.save());
    return driver;
  }

  /** JSON for a snapshot; taken while no operation is in flight. */
  save(): snapshot.SavedDriver {
    return {
      version: snapshot.savedVersion(),
      firmware: snapshot.saveFirmware(this.firmware),
      enabled: this.#enabled,
      disableReason: this.#disableReason ?? null,
      partidMax: this.#partidMax,
      pmgMax: this.#pmgMax,
      mscs: this.#mscs.map((msc) => snapshot.saveMsc(msc, this.#tree, this.#interrupts.isOn(msc))),
      classes: snapshot.saveClasses(this.#tree),
      log: [...this.#log],
    };
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Why MPAM is disabled for good; undefined while it is not. */
  get disableReason(): string | undefined {
    return this.#disableReason;
  }

  /** The largest PARTID that cpus and all MSCs can use. */
  get partidMax(): number {
    return this.#partidMax;
  }

  get pmgMax(): number {
    return this.#pmgMax;
  }

  /** Sorted: caches by level, memory, unknown. */
  get classes(): readonly MpamClass[] {
    return this.#tree.classes;
  }

  /** What each MSC, vMSC and RIS has, as it was found. */
  get parts(): DriverParts {
    return partsOf(this.#mscs, this.#tree);
  }

  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** Merges `config` into what is stored for `partid` and programs the component if that changed anything. */
  async apply(component: Component, partid: number, config: PartConfig): Promise<void> {
    const node = this.#component(component);
    this.#checkPartid(partid);
    this.#checkEnabled("EINVAL");
    await applyConfig(node, partid, config, () => this.#checkEnabled("EINVAL"));
  }

  /** What is configured for `partid`; what is absent has its reset value. */
  stored(component: Component, partid: number): Readonly<PartConfig> {
    return storedConfig(this.#component(component), partid);
  }

  /** Every PARTID of every component of the class back to its reset values. */
  async resetClass(c: MpamClass): Promise<void> {
    for (const component of this.#class(c).components) await resetComponent(component, this.#partidMax);
  }

  /**
   * Bytes counted or held for the label asked about, over all parts of the component. A monitor that watched another
   * label is configured anew and starts from zero. EIO: not enabled, or the bus failed; EOPNOTSUPP: no such monitors;
   * EBUSY: not ready, even after the time firmware gives.
   */
  async readMonitor(component: Component, request: MonitorRequest): Promise<bigint> {
    const node = this.#component(component);
    this.#checkEnabled("EIO");
    const { mon, partid, pmg } = request;
    const count = this.#monitorCount(node.class, request.type);
    // What is out of range would be an error interrupt, and the end of MPAM.
    if (!inRange(mon, count - 1)) {
      throw new ErrnoError("EINVAL", `${node}: ${request.type} monitor ${mon}; there are 0 to ${count - 1}`);
    }
    this.#checkPartid(partid);
    if (!inRange(pmg, this.#pmgMax)) throw new ErrnoError("EINVAL", `PMG ${pmg}; there are 0 to ${this.#pmgMax}`);
    return readComponent(node, request, async (ns) => {
      await this.machine.clock.sleep(ns);
      this.#checkEnabled("EIO");
    });
  }

  /** The lowest free monitor. EOPNOTSUPP: the class has none of this type; ENOSPC: all are taken. */
  allocMonitor(c: MpamClass, type: MonitorType): number {
    const node = this.#class(c);
    const count = this.#monitorCount(node, type);
    const mon = node.monitors[type].take(count);
    if (mon === undefined) throw new ErrnoError("ENOSPC", `${node}: all ${count} ${type} monitors are taken`);
    return mon;
  }

  freeMonitor(c: MpamClass, type: MonitorType, mon: number): void {
    const node = this.#class(c);
    if (!node.monitors[type].giveBack(mon)) {
      throw new ErrnoError("EINVAL", `${node}: ${type} monitor ${mon} was not allocated`);
    }
  }

  /** The counter reads from zero again. The hardware is told at the next read. */
  resetMbwu(component: Component, mon: number): void {
    const node = this.#component(component);
    if (this.#enabled) resetMbwu(node, mon);
  }

  /**
   * Ends the use of MPAM for good: all controls back to reset values, error interrupts off. Resolves when that is done;
   * what fails on the way is logged and does not stop it.
   */
  disable(reason: string): Promise<void> {
    this.#disabling ??= this.#disableOnce(reason);
    return this.#disabling;
  }

  /** Calls `fn` in the course of disabling, when configuring is already refused. Returns how to take that back. */
  onDisable(fn: () => Promise<void> | void): () => void {
    this.#disableCallbacks.add(fn);
    return () => void this.#disableCallbacks.delete(fn);
  }

  /** Resolves when what interrupts have set off is done. */
  whenIdle(): Promise<void> {
    return this.#interrupts.whenIdle();
  }

  async #enable(): Promise<void> {
    for (const { facts } of this.#mscs) {
      this.#partidMax = Math.min(this.#partidMax, facts.partidMax);
      this.#pmgMax = Math.min(this.#pmgMax, facts.pmgMax);
    }
    for (const one of this.#tree.classes) one.merge();
    await this.#interrupts.turnOn(this.#mscs);
    this.#enabled = true;
    await this.#forEachRis((ris, holding) => programRis(ris, this.#partidMax, holding));
    await this.#interrupts.whenIdle();
    this.#checkEnabled("EIO");
    this.#write("info", `MPAM enabled with ${this.#partidMax + 1} PARTIDs and ${this.#pmgMax + 1} PMGs`);
  }

  async #disableOnce(reason: string): Promise<void> {
    this.#enabled = false;
    this.#disableReason = reason;
    // As when the last cpu goes: whoever looks at the hardware from here on finds it unpartitioned.
    await this.#attempt("resetting the hardware", () =>
      this.#forEachRis((ris, holding) => resetRis(ris, this.#partidMax, holding)),
    );
    for (const fn of [...this.#disableCallbacks]) await this.#attempt("a callback", fn);
    await this.#interrupts.turnOff();
    for (const one of this.#tree.classes) await this.#attempt(`resetting ${one}`, () => this.resetClass(one));
    this.#write("error", `MPAM disabled: ${reason}`);
  }

  async #attempt(what: string, step: () => Promise<void> | void): Promise<void> {
    try {
      await step();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#write("error", `while disabling MPAM, ${what} failed: ${message}`);
    }
  }

  /** MSC by MSC, under its cfg lock. */
  async #forEachRis(body: (ris: Ris, holding: Holding) => Promise<void>): Promise<void> {
    for (const msc of this.#mscs) {
      await msc.cfgLock.run(NOTHING_HELD, async (holding) => {
        for (const ris of this.#tree.risOf(msc)) await body(ris, holding);
      });
    }
  }

  #checkEnabled(code: "EINVAL" | "EIO"): void {
    if (!this.#enabled) throw new ErrnoError(code, `MPAM is disabled: ${this.#disableReason ?? "not yet enabled"}`);
  }

  #checkPartid(partid: number): void {
    if (inRange(partid, this.#partidMax)) return;
    throw new ErrnoError("EINVAL", `PARTID ${partid}; there are 0 to ${this.#partidMax}`);
  }

  #monitorCount(node: ClassNode, type: MonitorType): number {
    const { feature, count } = MONITORS[type];
    if (!node.props.features.has(feature)) throw new ErrnoError("EOPNOTSUPP", `${node} has no ${type} monitors`);
    return node.props[count];
  }

  #class(c: MpamClass): ClassNode {
    if (c instanceof ClassNode && this.#tree.classes.includes(c)) return c;
    throw new ErrnoError("EINVAL", "that class is not one of this driver's classes");
  }

  #component(component: Component): ComponentNode {
    if (component instanceof ComponentNode && this.#tree.classes.includes(component.class)) return component;
    throw new ErrnoError("EINVAL", "that component is not of one of this driver's classes");
  }

  readonly #write: Log = (level, text) => {
    this.#log.push({ time: this.machine.clock.now, level, text });
  };
}

function firmwareOf(machine: DriverMachine): FirmwareDescription {
  if (machine.platform !== undefined) return describe(machine.platform);
  throw new ErrnoError("EINVAL", "the machine has no platform to take a firmware description from; give one");
}

function inRange(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
