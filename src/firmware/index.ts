// Firmware: what software is told about a machine that it cannot read from registers.

export { acpiTables } from "./acpi/build.ts";
export { checkAcpi } from "./acpi/check.ts";
export { type AcpiOptions, describeAcpi } from "./acpi/describe.ts";
export { acpiObject, acpiText, type DumpField, type DumpPart, type TableDump } from "./acpi/dump.ts";
export { splitAcpi } from "./acpi/table.ts";
export { platformFromAcpi } from "./acpi/to-platform.ts";
export { describe } from "./boot.ts";
export type {
  FirmwareCache,
  FirmwareChannel,
  FirmwareCpu,
  FirmwareDescription,
  FirmwareMsc,
  FirmwareNode,
  FirmwareRegister,
  FirmwareResource,
  FirmwareSmmu,
} from "./description.ts";
export { deviceTree } from "./dt/build.ts";
export { checkDeviceTree } from "./dt/check.ts";
export { describeDeviceTree } from "./dt/machine.ts";
export { platformFromDeviceTree } from "./dt/platform.ts";
export { deviceTreeObject, deviceTreeText } from "./dt/text.ts";
export { type Finding, showFinding } from "./finding.ts";
export type { GuessedPlatform, PlatformGuess } from "./guess/platform.ts";
export { isPrivateInterrupt } from "./interrupt.ts";
