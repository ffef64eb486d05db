/// <reference lib="esnext.disposable" preserve="true" />
// A machine that has booted, for one test: driver probed, resctrl mounted, and what tests ask of them most.

import { Driver, type DriverOptions } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { type MountOptions, Resctrl } from "../fs/index.ts";
import { Machine, type MachineOptions, type ReplayOptions, type ReplayResult, type Task } from "../machine/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { type MarkedSource, openTraces } from "../trace/index.ts";

/** How a machine for a test is made; each part as the class of that name takes it. */
export interface TestMachineOptions {
  readonly machine?: MachineOptions;
  readonly driver?: Omit<DriverOptions, "signal">;
  readonly mount?: MountOptions;
}

/** How traces are played. */
export interface PlayOptions extends ReplayOptions {
  /** With `step`: how often, in ns of model time. */
  readonly everyNs?: number;
  /** Called at model times, and awaited: what an agent does on a timer. It is given the time from the start, ns. */
  readonly step?: (ns: number) => void | Promise<void>;
}

/** What schemata says: by resource and domain, values as they are written. `{ L3: { 0: "ffff" }, MB: { 0: "100" } }` */
export type Schemata = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Boots a machine, its driver, and mounts resctrl. Takes what `loadPlatform` takes. Throws a PlatformError, and what driver and mount
 * refuse.
 */
export async function bootMachine(
  platform: string | URL | object,
  options: TestMachineOptions = {},
): Promise<TestMachine> {
  const machine = await Machine.create(await loadPlatform(platform), options.machine);
  const driver = await Driver.probe(machine, options.driver);
  return new TestMachine(machine, driver, await Resctrl.mount(driver, options.mount));
}

/** A machine for one test. The same test sees the same times, counts and bytes each time, on every host. */
export class TestMachine {
  constructor(
    /** The hardware. */
    readonly machine: Machine,
    /** What a kernel knows of it. */
    readonly driver: Driver,
    /** The filesystem; `readFile`, `writeFile`, `mkdir` and the others take paths from its root. */
    readonly resctrl: Resctrl,
  ) {}

  /** Opens traces by name, as `mpam replay` does: files, or `synth:stream,ws=4M,n=100000`. EINVAL, ENOENT. */
  async open(...names: readonly string[]): Promise<readonly MarkedSource[]> {
    return openTraces(names);
  }

  /** The threads of a trace. The same trace again gives the same threads. */
  threads(trace: MarkedSource): readonly Task[] {
    return this.machine.addTasks(trace);
  }

  /** Makes a group, where there is none, and moves the threads of traces there. `path` as for mkdir: "web", "web/mon_groups/a". */
  async group(path: string, ...traces: readonly MarkedSource[]): Promise<void> {
    await this.resctrl.mkdir(path).catch((error: unknown) => {
      if (!(error instanceof ErrnoError && error.code === "EEXIST")) throw error;
    });
    for (const { tid } of traces.flatMap((trace) => this.threads(trace))) {
      await this.resctrl.writeFile(`${path}/tasks`, `${tid}\n`);
    }
  }

  /** Replays traces together, from their start, beginning now; what `step` throws ends it. */
  async play(traces: MarkedSource | readonly MarkedSource[], options: PlayOptions = {}): Promise<ReplayResult> {
    const { everyNs, step, ...replay } = options;
    const sources = "hash" in traces ? [traces] : traces;
    if (step === undefined) return this.machine.replay(sources, replay);
    if (!(everyNs !== undefined && everyNs >= 1)) {
      throw new RangeError(`everyNs is ${everyNs}; with step a time in ns, 1 or more, is needed`);
    }
    const { clock } = this.machine;
    const start = clock.now;
    const arm = (ns: number) =>
      clock.at(start + ns, "a step of a test", async () => {
        await step(ns);
        timer = arm(ns + everyNs);
      });
    let timer = arm(everyNs);
    try {
      return await this.machine.replay(sources, replay);
    } finally {
      timer.cancel();
    }
  }

  /** What the schemata of a group says; "" is the default group. ENOENT. */
  async schemata(group = ""): Promise<Schemata> {
    const lines = (await this.resctrl.readFile(`${group}/schemata`)).trim().split("\n");
    return Object.fromEntries(
      lines.map((line) => {
        const [resource = "", domains = ""] = line.trim().split(":");
        return [resource, Object.fromEntries(domains.split(";").map((one) => one.split("=") as [string, string]))];
      }),
    );
  }

  /**
   * Bytes that a counter of a group shows, summed over its domains: `llc_occupancy`, `mbm_total_bytes`, `mbm_local_bytes`. ENOENT where
   * nothing counts that, EBUSY where a domain has no number just now.
   */
  async bytes(group: string, event: string): Promise<number> {
    let sum: number | undefined;
    for (const domain of await this.resctrl.readdir(`${group}/mon_data`)) {
      const path = `${group}/mon_data/${domain}`;
      if (!(await this.resctrl.readdir(path)).includes(event)) continue;
      const text = (await this.resctrl.readFile(`${path}/${event}`)).trim();
      if (!/^[0-9]+$/.test(text)) throw new ErrnoError("EBUSY", `${path}/${event} says ${text}`);
      sum = (sum ?? 0) + Number(text);
    }
    if (sum === undefined) throw new ErrnoError("ENOENT", `${group || "the default group"} has no ${event}`);
    return sum;
  }

  /** Unmounts, and ends the threads of the machine. */
  async close(): Promise<void> {
    await this.resctrl.unmount().catch((error: unknown) => {
      // A test may have done that itself.
      if (!(error instanceof ErrnoError && error.code === "EINVAL")) throw error;
    });
    await this.machine.close();
  }

  /** `await using` closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
