// The thread that serves a tree of a shape that the plain model knows as well. What registers and tags hold at the end is told.

import { serveInThread } from "../../src/fuse/index.ts";
import { Live } from "../../src/live/index.ts";
import { PlainResctrl } from "../helpers/plain/resctrl/model.ts";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { ResctrlMachine } from "../helpers/resctrl-machine.ts";
import { addCpus } from "./cpus.ts";

export interface Wanted {
  readonly shape: Shape;
  /** Model time against time of the wall. */
  readonly speed: number;
}

/** As the model says it: settings by component, then by PARTID. */
export interface Left {
  readonly registers: ReadonlyMap<string, number[][]>;
  readonly labels: ReturnType<ResctrlMachine["labels"]>;
}

await serveInThread<Wanted>(async ({ shape, speed }, tell) => {
  const tried = await ResctrlMachine.mount(shape);
  addCpus(tried);
  const live = new Live(tried.machine, { speed });
  await live.start();
  return {
    tree: tried.resctrl.tree,
    pace: live,
    modelTime: () => tried.now,
    end: async () => {
      await live.stop();
      const components = new PlainResctrl(shape).registers().keys();
      tell({ registers: tried.registers(components), labels: tried.labels() } satisfies Left);
      await tried.machine.close();
    },
  };
});
