// What mpam mount and mpam run boot in the thread that serves.

import { Driver, type DriverOptions } from "../driver/index.ts";
import { type MountOptions, Resctrl } from "../fs/index.ts";
import { type Served, serveInThread } from "../fuse/index.ts";
import { Machine } from "../machine/index.ts";
import { loadPlatform } from "../platform/index.ts";

export interface BootOptions {
  /** Path of a platform file. */
  readonly platform: string;
  readonly seed?: number;
  readonly driver?: DriverOptions;
  readonly mount?: Omit<MountOptions, "tasks">;
}

async function boot(options: BootOptions): Promise<Served> {
  const platform = await loadPlatform(options.platform);
  const machine = await Machine.create(platform, options.seed === undefined ? {} : { seed: options.seed });
  const driver = await Driver.probe(machine, options.driver);
  const resctrl = await Resctrl.mount(driver, options.mount);
  return {
    tree: resctrl.tree,
    pace: { busy: false, catchUp: () => undefined },
    modelTime: () => machine.clock.now,
    end: () => machine.close(),
  };
}

await serveInThread(boot);
