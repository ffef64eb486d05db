// A machine with a driver, booted as a kernel boots: from the tables that firmware has for the platform.

import { Driver } from "../driver/index.ts";
import { describe, describeDeviceTree, deviceTree, type FirmwareDescription } from "../firmware/index.ts";
import type { Machine } from "../machine/index.ts";
import type { Platform } from "../platform/index.ts";

/** What the tables of the platform say; of an Android tree that is little. */
export function firmwareOf(platform: Platform): FirmwareDescription {
  return platform.firmware === "acpi" ? describe(platform) : describeDeviceTree(deviceTree(platform));
}

/** Throws what stopped the driver. */
export function boot(machine: Machine, firmware: FirmwareDescription): Promise<Driver> {
  return Driver.probe(machine, { firmware });
}
