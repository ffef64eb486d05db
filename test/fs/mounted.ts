// A mounted tree on a driver without hardware, and what tests ask of it.

import { type MountOptions, Resctrl } from "../../src/fs/index.ts";
import { type FakeShape, fakeDriver } from "./fakes.ts";

export const EPERM = { code: "EPERM", status: "" };

export async function mounted(shape: FakeShape = {}, options: MountOptions = {}) {
  const driver = fakeDriver(shape);
  const fs = await Resctrl.mount(driver, options);
  const { clock, processor } = driver.machine;
  const status = () => fs.readFile("info/last_cmd_status");
  /** PARTID and PMG of a thread's data. */
  const label = (tid: number) => [processor.task(tid)?.label.partidD, processor.task(tid)?.label.pmgD];
  return { driver, fs, clock, status, label };
}
