// Firmware: what software is told about a machine that it cannot read from registers.

export { acpiTables } from "./acpi/build.ts";
export { checkAcpi, type Finding, showFinding } from "./acpi/check.ts";
export { type AcpiOptions, describeAcpi } from "./acpi/describe.ts";
export { dumpTable, showDump, type TableDump } from "./acpi/dump.ts";
export { signatureOf, splitTables } from "./acpi/table.ts";
export { type PlatformFromAcpi, type PlatformObject, platformFromAcpi } from "./acpi/to-platform.ts";
export type {
  FirmwareCache,
  FirmwareChannel,
  FirmwareCpu,
  FirmwareDescription,
  FirmwareMsc,
  FirmwareNode,
  FirmwareRegister,
  FirmwareResource,
} from "./description.ts";
export { deviceTree } from "./dt/build.ts";
export { checkDeviceTree } from "./dt/check.ts";
export { type Finding as DeviceTreeFinding, showFinding as showDeviceTreeFinding } from "./dt/finding.ts";
export { describeDeviceTree } from "./dt/machine.ts";
export { type PlatformGuess, platformFromDeviceTree } from "./dt/platform.ts";
export { deviceTreeObject, deviceTreeText } from "./dt/text.ts";
export { describe } from "./from-platform.ts";
