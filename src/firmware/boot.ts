// What a kernel knows of a platform when it boots: what is written in the tables that firmware has for it.

import type { Platform } from "../platform/index.ts";
import { acpiTables } from "./acpi/build.ts";
import { describeAcpi } from "./acpi/describe.ts";
import type { FirmwareDescription } from "./description.ts";
import { deviceTree } from "./dt/build.ts";
import { describeDeviceTree } from "./dt/machine.ts";

/** Makes the tables of the platform and reads them. Throws EINVAL for what such tables cannot say. */
export function describe(platform: Platform): FirmwareDescription {
  return platform.firmware === "acpi" ? describeAcpi(acpiTables(platform)) : describeDeviceTree(deviceTree(platform));
}
