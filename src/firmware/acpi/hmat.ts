// Peak bandwidth of memory domains as the HMAT has it (more.md 1.4).

import { bitsOf, lengthOf, type Values } from "./layout.ts";
import type { Remarks } from "./remarks.ts";
import type { Domains } from "./srat.ts";
import { type AcpiTable, type AnyEntry, entriesOf, isA, type Trouble } from "./table.ts";
import {
  BANDWIDTHS,
  DOMAIN_ATTRIBUTES,
  HIERARCHY,
  HMAT_INITIATOR_VALID,
  HMAT_MEMORY_VALID,
  LOCALITY,
  SIDE_CACHE,
  TABLES,
  UNREACHABLE,
} from "./tables.ts";

const MEGABYTE = 1e6;

export interface Peak {
  readonly read: number;
  readonly write: number;
}

/** Bytes a second of each domain that the table has: the most that any initiator gets. */
export function peaksOf(hmat: AcpiTable | undefined, domains: Domains, remarks: Remarks): Map<number, Peak> {
  const peaks = new Map<number, { read: number; write: number }>();
  if (hmat === undefined) return peaks;
  const ignored = (trouble: Trouble) => {
    remarks.trouble("HMAT", trouble, "the table is ignored");
    return new Map<number, Peak>();
  };
  const { revision } = hmat.header;
  if (!domains.usable) return ignored({ at: 0, what: "there is no SRAT to refer to", right: "one is needed" });
  if (revision !== 1 && revision !== 2) {
    return ignored({ at: 8, what: `revision is ${revision}`, right: "1 or 2 is allowed" });
  }
  const { entries, trouble } = entriesOf(hmat, TABLES.HMAT);
  if (trouble) return ignored(trouble);
  const memory = new Set(domains.memory.map(({ domain }) => domain));
  for (const entry of entries) {
    const wrong = entry.trouble ?? wrongIn(entry, revision, memory, domains);
    if (wrong) return ignored(wrong);
  }
  for (const entry of entries) {
    if (!isA(entry, LOCALITY) || bitsOf(entry.values.flags, HIERARCHY) !== 0) continue;
    const { data, targets } = entry.values;
    const reads = data === BANDWIDTHS.access || data === BANDWIDTHS.read;
    const writes = data === BANDWIDTHS.access || data === BANDWIDTHS.write;
    if (!reads && !writes) continue;
    targets.forEach((domain, target) => {
      const most = mostOf(entry.values, target, revision) * MEGABYTE;
      if (most === 0) return;
      const peak = peaks.get(domain) ?? { read: 0, write: 0 };
      peaks.set(domain, peak);
      if (reads) peak.read = Math.max(peak.read, most);
      if (writes) peak.write = Math.max(peak.write, most);
    });
  }
  for (const [domain, { read, write }] of peaks) {
    if (read > 0 && write > 0) continue;
    peaks.delete(domain);
    remarks.say(`HMAT: domain ${domain} has the bandwidth of ${read > 0 ? "reads" : "writes"} alone; it is left out`);
  }
  return peaks;
}

/** MB/s of the initiator that gets most. */
function mostOf(values: Values<typeof LOCALITY>, target: number, revision: number): number {
  const { initiatorCount, targetCount, entries, baseUnit } = values;
  let most = 0;
  for (let initiator = 0; initiator < initiatorCount; initiator++) {
    most = Math.max(most, normalised(entries[initiator * targetCount + target] ?? 0, baseUnit, revision));
  }
  return most;
}

/** The value of an entry; 0: not known. */
export function normalised(entry: number, baseUnit: bigint, revision: number): number {
  const value = BigInt(entry) * baseUnit;
  if (entry === UNREACHABLE || value > 0xffff_ffffn) return 0;
  if (revision > 1) return Number(value);
  return value < 10n ? 0 : Math.ceil(Number(value) / 10);
}

function wrongIn(
  entry: AnyEntry,
  revision: number,
  memory: ReadonlySet<number>,
  domains: Domains,
): Trouble | undefined {
  const { at, length } = entry;
  if (isA(entry, DOMAIN_ATTRIBUTES)) {
    const { values } = entry;
    if (length !== DOMAIN_ATTRIBUTES.bytes) return { at: at + 4, what: `length is ${length}`, right: "40 is allowed" };
    if ((revision > 1 || (values.flags & HMAT_MEMORY_VALID) !== 0) && !memory.has(values.memory)) {
      return {
        at: at + 16,
        what: `memory domain ${values.memory} is not in the SRAT`,
        right: "one of its memory is needed",
      };
    }
    if ((values.flags & HMAT_INITIATOR_VALID) !== 0 && domains.nodeOf(values.initiator) === undefined) {
      return {
        at: at + 12,
        what: `domain ${values.initiator} is not in the SRAT`,
        right: "one of its domains is needed",
      };
    }
  } else if (isA(entry, LOCALITY)) {
    const needs = lengthOf(LOCALITY, entry.values);
    if (length < needs) return { at: at + 4, what: `length is ${length}`, right: `its entries need ${needs}` };
  } else if (isA(entry, SIDE_CACHE) && length < SIDE_CACHE.bytes) {
    return { at: at + 4, what: `length is ${length}`, right: `at least ${SIDE_CACHE.bytes} is needed` };
  }
  return undefined;
}
