// Machines that the modules of Android are tried on.

import { Machine } from "../../src/machine/index.ts";
import { checkObject, loadPlatform, type Platform } from "../../src/platform/index.ts";

export const ANDROID = new URL("../../platforms/android.yaml", import.meta.url);

export async function android(): Promise<Machine> {
  return Machine.create(await loadPlatform(ANDROID));
}

interface Shape {
  /** What the MSC has, as a platform file says it; undefined: there is none. */
  readonly msc?: object | undefined;
  readonly partidMax?: number;
  readonly firmware?: "android" | "dt" | "acpi";
  readonly processor?: object;
}

export const CPOR_AND_CCAP = { cpor: { cpbmWd: 8 }, ccap: { cmaxWd: 8 } };

/** Four cpus and one cache. */
export function platformWith(shape: Shape = {}): Platform {
  const { msc = CPOR_AND_CCAP, partidMax = 15, firmware = "android", processor = {} } = shape;
  const hasMsc = !("msc" in shape && shape.msc === undefined);
  return checkObject({
    name: "a phone",
    firmware,
    cpus: 4,
    processor: { partidMax, pmgMax: 0, ...processor },
    caches: [{ level: 3, bytes: 1048576, ways: 16, ...(hasMsc ? { msc: { base: 0x30000000, ...msc } } : {}) }],
    memory: [{ bytes: 2 ** 30, bytesPerSecond: 1e10 }],
  });
}

export async function machineWith(shape?: Shape): Promise<Machine> {
  return Machine.create(platformWith(shape));
}

/** Register accesses while `body` runs: "read MPAMF_IDR", "write MPAMCFG_PART_SEL 0x5". */
export async function accesses(machine: Machine, body: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const end = machine.log("*", ({ access, register, value }) => {
    lines.push(access === "write" ? `write ${register} 0x${value.toString(16)}` : `read ${register}`);
  });
  await body().finally(end);
  return lines;
}
