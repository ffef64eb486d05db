// The kernel of a machine that has no cpus to speak of: they can send so much, and nothing is switched.

import type { DriverKernel } from "../../src/driver/index.ts";

/** `limits` is asked when the kernel boots. */
export function fakeKernel(limits: () => { readonly partidMax: number; readonly pmgMax: number }): DriverKernel {
  return {
    boot: () => {
      const { partidMax, pmgMax } = limits();
      return { without: undefined, partidMax, pmgMax };
    },
    start() {},
    stop() {},
    logTo() {},
  };
}
