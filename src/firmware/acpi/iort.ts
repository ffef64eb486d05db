// SMMUs as the IORT has them (DEN0049). What else is in it, devices and interrupt controllers, is passed over.

import type { FirmwareSmmu } from "../description.ts";
import { hex } from "./bytes.ts";
import type { Remarks } from "./remarks.ts";
import { type AcpiTable, type Entry, entriesOf, isA } from "./table.ts";
import { IORT_SMMU, TABLES } from "./tables.ts";

export const SMMU_ALIGNMENT = 0x1_0000n;
const ADDRESS_MAXIMUM = 2n ** 52n;

/** Why software cannot use the node; undefined: it can. */
export function wrongSmmu({ base }: Entry<typeof IORT_SMMU>["values"]): string | undefined {
  if (base % SMMU_ALIGNMENT !== 0n) return `its base ${hex(base)} is no multiple of 64 KiB`;
  return base >= ADDRESS_MAXIMUM ? `its base ${hex(base)} is past 2^52` : undefined;
}

/** In the order of the table, up to where it cannot be read any more. */
export function smmusOf(iort: AcpiTable | undefined, remarks: Remarks): FirmwareSmmu[] {
  if (iort === undefined) return [];
  const { entries, trouble } = entriesOf(iort, TABLES.IORT);
  if (trouble) remarks.trouble("IORT", trouble, "no node from there on is used");
  return entries.flatMap((entry) => {
    if (entry.trouble) remarks.trouble("IORT", entry.trouble, "the node is left out");
    if (!isA(entry, IORT_SMMU)) return [];
    const wrong = wrongSmmu(entry.values);
    if (wrong === undefined) return [{ id: entry.values.identifier, address: Number(entry.values.base) }];
    remarks.add("IORT", entry.at + 16, `SMMU ${entry.values.identifier}: ${wrong}; it is left out`);
    return [];
  });
}
