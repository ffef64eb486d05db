// What mpam mount and mpam run boot in the thread that serves.

import { writeSync } from "node:fs";
import { Driver } from "../driver/index.ts";
import { Resctrl } from "../fs/index.ts";
import { type Served, serveInThread } from "../fuse/index.ts";
import { HostThreads } from "../host/index.ts";
import { Machine } from "../machine/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { logRegisters, parseLogRegisters } from "./log-registers.ts";
import { registersOf, writeDump } from "./register-dump.ts";
import { type TreeOptions } from "./tree-options.ts";

/** What the starting thread hears when all is ready. */
export interface Booted {
  /** What /proc/mounts shows of the flags. */
  readonly flags: string;
}

/** The event loop of this thread stands still at times. */
const say = (line: string) => writeSync(2, `${line}\n`);

async function boot(options: TreeOptions): Promise<Served> {
  const { seed, compat, mount, tasks, dumpRegisters, verbose } = options;
  const filter = parseLogRegisters(options.logRegisters);
  const machine = await Machine.create(await loadPlatform(options.platform), seed === undefined ? {} : { seed });
  if (filter) logRegisters(machine, filter, say);
  const driver = await Driver.probe(machine, compat === undefined ? {} : { compat });
  const resctrl = await Resctrl.mount(driver, { ...mount, ...(tasks === "host" ? { tasks: new HostThreads() } : {}) });
  if (verbose) for (const { level, text } of driver.log) say(`mpam: driver ${level}: ${text}`);
  return {
    tree: resctrl.tree,
    pace: { busy: false, catchUp: () => undefined },
    modelTime: () => machine.clock.now,
    says: { flags: "" } satisfies Booted,
    end: async () => {
      if (dumpRegisters !== undefined) await writeDump(dumpRegisters, registersOf(machine));
      await machine.close();
    },
  };
}

await serveInThread(boot);
