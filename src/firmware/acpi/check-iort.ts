// Findings in the IORT.

import { hex } from "./bytes.ts";
import { type Findings, type OpenedTables, structuresOf } from "./check.ts";
import { wrongSmmu } from "./iort.ts";
import { bodyAt, bodyOf } from "./table.ts";
import { IORT_SMMU, TABLES } from "./tables.ts";

/** Flags: the proximity domain is valid. */
const DOMAIN_VALID = 8;

export function checkIort({ IORT, SRAT }: OpenedTables, findings: Findings): void {
  if (IORT === undefined) return;
  const count = bodyOf(IORT.table, TABLES.IORT.body)?.nodeCount;
  const there = IORT.entries.length;
  if (count !== undefined && count !== there) {
    findings.error("IORT", bodyAt, `it announces ${count} nodes, and ${there} are there`);
  }
  const identifiers = new Map<number, number>();
  const bases = new Map<bigint, number>();
  for (const { at, values } of structuresOf(IORT, IORT_SMMU)) {
    const { identifier, base, flags, proximityDomain } = values;
    const name = `SMMU ${identifier}`;
    const same = identifiers.get(identifier);
    if (same !== undefined) {
      findings.error("IORT", at + 4, `${name} has the identifier of the node at ${hex(same)}; each has its own`);
    }
    identifiers.set(identifier, at);
    const twin = bases.get(base);
    if (twin !== undefined) findings.error("IORT", at + 16, `${name}: its base is that of the node at ${hex(twin)}`);
    bases.set(base, at);
    const wrong = wrongSmmu(values);
    if (wrong !== undefined) findings.error("IORT", at + 16, `${name}: ${wrong}; software leaves it out`);
    if ((flags & DOMAIN_VALID) !== 0 && SRAT === undefined) {
      findings.warn("IORT", at + 60, `${name}: there is no SRAT for its proximity domain ${proximityDomain}`);
    }
  }
}
