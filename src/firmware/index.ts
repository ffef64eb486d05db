// Firmware: what software is told about a machine that it cannot read from registers.

export { acpiTables } from "./acpi/build.ts";
export { type AcpiOptions, describeAcpi } from "./acpi/describe.ts";
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
export { describe } from "./from-platform.ts";
