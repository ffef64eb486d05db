// Kernels on cpus that write down what is done to them.

import { Kernel, type KernelState, type TaskLabel } from "../../src/kernel/index.ts";
import { type FakeCpu, RecordingPort } from "./port.ts";

export interface Shape {
  readonly cpus?: readonly FakeCpu[];
  readonly vhe?: boolean;
  readonly el2?: boolean;
  readonly state?: KernelState;
  readonly port?: RecordingPort;
}

export interface Made {
  readonly kernel: Kernel;
  readonly port: RecordingPort;
  /** Tasks and cpus that were said to have changed since the last look. */
  readonly changes: unknown[];
}

export function kernelOn(shape: Shape = {}): Made {
  const { cpus = [{}, {}], vhe = false, el2 = true, port = new RecordingPort(cpus) } = shape;
  const changes: unknown[] = [];
  const kernel = new Kernel(
    {
      cpus: cpus.map(() => ({ entryEl: el2 ? 2 : 1, el: vhe ? 2 : 1 }) as const),
      port,
      limits: { partidMax: 63, pmgMax: 3 },
      changed: (whose) => changes.push(whose),
    },
    shape.state,
  );
  return { kernel, port, changes };
}

/** Booted and started on all cpus; tasks 1, 2 and 3 are there, and nothing has been written down. */
export function running(shape: Shape = {}): Made {
  const made = kernelOn(shape);
  made.kernel.boot({ cpus: made.port.cpus.map((_, cpu) => cpu) });
  made.kernel.start();
  for (const tid of [1, 2, 3]) made.kernel.addTask({ tid, pid: tid, comm: `task ${tid}`, cpu: 0 });
  made.port.taken();
  made.changes.length = 0;
  return made;
}

/** A label for data and instructions alike. */
export function tag(partid: number, pmg = 0): TaskLabel {
  return { partidD: partid, partidI: partid, pmgD: pmg, pmgI: pmg };
}
