// Findings in MADT, SRAT, HMAT and PCCT.

import { hex } from "./bytes.ts";
import { type Findings, type Opened, type OpenedTables, structuresOf } from "./check.ts";
import { CHANNEL_LEAST, wrongRegister } from "./pcct.ts";
import {
  BANDWIDTHS,
  DOMAIN_ATTRIBUTES,
  GICC,
  GICC_AFFINITY,
  GICC_ENABLED,
  GICC_ONLINE_CAPABLE,
  HMAT_INITIATOR_VALID,
  HMAT_MEMORY_VALID,
  INITIATOR_AFFINITY,
  INITIATOR_SUBSPACE,
  LOCALITY,
  MEMORY_AFFINITY,
  SRAT_ENABLED,
  UNREACHABLE,
} from "./tables.ts";

export function checkMadt({ APIC }: OpenedTables, findings: Findings): void {
  if (APIC === undefined) {
    findings.warn("APIC", 0, "there is no MADT; nothing says which cpus there are");
    return;
  }
  const uids = new Map<number, number>();
  const mpidrs = new Map<bigint, number>();
  let possible = 0;
  for (const { at, values } of structuresOf(APIC, GICC)) {
    const { uid, mpidr, flags } = values;
    if ((flags & (GICC_ENABLED | GICC_ONLINE_CAPABLE)) === 0) continue;
    const same = uids.get(uid);
    if (same !== undefined)
      findings.error("APIC", at + 8, `GICC has UID ${uid}, as the one at ${hex(same)}; each has its own`);
    uids.set(uid, at);
    const twin = mpidrs.get(mpidr);
    if ((mpidr & ~0xff_00ff_ffffn) !== 0n)
      findings.error(
        "APIC",
        at + 68,
        `GICC ${uid}: MPIDR ${hex(mpidr)} has bits outside of its affinities; software leaves the cpu out`,
      );
    else if (twin !== undefined)
      findings.error(
        "APIC",
        at + 68,
        `GICC ${uid}: MPIDR ${hex(mpidr)} is that of the one at ${hex(twin)}; software leaves the cpu out`,
      );
    else possible++;
    mpidrs.set(mpidr, at);
  }
  if (possible === 0) findings.error("APIC", 44, "no GICC is enabled or online-capable; there is no cpu");
}

const enabled = <T extends { readonly values: { readonly flags: number } }>(list: readonly T[]) =>
  list.filter(({ values }) => (values.flags & SRAT_ENABLED) !== 0);

/** Proximity domains that the table has: of memory, and of anything. */
export function domainsIn(srat: Opened | undefined) {
  const cut = (srat?.table.header.revision ?? 2) <= 1;
  const memory = new Set(
    enabled(structuresOf(srat, MEMORY_AFFINITY)).map(({ values: { domain } }) => (cut ? domain % 256 : domain)),
  );
  const initiators = [
    ...enabled(structuresOf(srat, GICC_AFFINITY)),
    ...enabled(structuresOf(srat, INITIATOR_AFFINITY)),
  ];
  return { memory, all: new Set([...memory, ...initiators.map(({ values }) => values.domain)]) };
}

export function checkSrat({ SRAT, APIC }: OpenedTables, findings: Findings): void {
  if (SRAT === undefined) return;
  const { revision } = SRAT.table.header;
  const cpus = enabled(structuresOf(SRAT, GICC_AFFINITY));
  const memory = enabled(structuresOf(SRAT, MEMORY_AFFINITY));
  if (APIC) {
    const uids = new Set(structuresOf(APIC, GICC).map(({ values }) => values.uid));
    const named = new Set(cpus.map(({ values }) => values.uid));
    for (const { at, values } of cpus) {
      if (!uids.has(values.uid)) findings.warn("SRAT", at + 6, `the MADT has no cpu of UID ${values.uid}`);
    }
    const missing = [...uids].filter((uid) => !named.has(uid));
    if (missing.length > 0 && cpus.length > 0) {
      findings.warn(
        "SRAT",
        48,
        `cpus of UID ${missing.slice(0, 8).join(", ")}${missing.length > 8 ? " ..." : ""} have no entry; software takes node 0`,
      );
    }
  }
  let before: (typeof memory)[number] | undefined;
  for (const one of [...memory].sort((a, b) =>
    a.values.base < b.values.base ? -1 : a.values.base > b.values.base ? 1 : 0,
  )) {
    const { base, bytes, domain } = one.values;
    if (revision <= 1 && domain > 255)
      findings.warn(
        "SRAT",
        one.at + 2,
        `domain ${domain} is cut to ${domain % 256} in a table of revision ${revision}; 2 and more keep it`,
      );
    if (bytes === 0n) findings.warn("SRAT", one.at + 16, `memory of domain ${domain} has no bytes`);
    if (before && before.values.base + before.values.bytes > base) {
      findings.error(
        "SRAT",
        one.at + 8,
        `memory of domain ${domain} at ${hex(base)} overlaps that at ${hex(before.values.base)}`,
      );
    }
    if (before === undefined || base + bytes > before.values.base + before.values.bytes) before = one;
  }
}

/** Beyond this a unit has been mistaken for another: MB/s. */
const RATE_MAXIMUM = 100_000_000;

export function checkHmat({ HMAT, SRAT }: OpenedTables, findings: Findings): void {
  if (HMAT === undefined) return;
  if (SRAT === undefined) findings.error("HMAT", 0, "there is no SRAT to refer to; software ignores the table");
  const { revision } = HMAT.table.header;
  if (revision !== 1 && revision !== 2)
    findings.error("HMAT", 8, `revision is ${revision}; software ignores all but 1 and 2`);
  const { memory, all: known } = domainsIn(SRAT);
  for (const { at, length, values } of structuresOf(HMAT, DOMAIN_ATTRIBUTES)) {
    if (length !== DOMAIN_ATTRIBUTES.bytes)
      findings.error("HMAT", at + 4, `length is ${length}; 40 is needed, or software ignores the table`);
    // Revision 1 has a flag for it.
    if (!memory.has(values.memory) && (revision > 1 || (values.flags & HMAT_MEMORY_VALID) !== 0))
      findings.error(
        "HMAT",
        at + 16,
        `memory domain ${values.memory} has no memory in the SRAT; software ignores the table`,
      );
    if ((values.flags & HMAT_INITIATOR_VALID) !== 0 && !known.has(values.initiator)) {
      findings.error("HMAT", at + 12, `domain ${values.initiator} is not in the SRAT; software ignores the table`);
    }
  }
  for (const { at, values } of structuresOf(HMAT, LOCALITY)) {
    const { baseUnit, data, initiators, targets, entries } = values;
    if (baseUnit === 0n) findings.error("HMAT", at + 24, "the base unit is 0; values are entries times it");
    if (data > 5) findings.error("HMAT", at + 9, `data type is ${data}; 0 to 5 is allowed`);
    for (const domain of initiators)
      if (!known.has(domain)) findings.warn("HMAT", at + 32, `initiator ${domain} is not in the SRAT`);
    for (const domain of targets)
      if (!known.has(domain))
        findings.warn("HMAT", at + 32 + 4 * initiators.length, `target ${domain} is not in the SRAT`);
    const first = at + 32 + 4 * (initiators.length + targets.length);
    const most = entries.reduce(
      (index, entry, one) => (entry !== UNREACHABLE && entry > (entries[index] ?? 0) % UNREACHABLE ? one : index),
      0,
    );
    const value = BigInt((entries[most] ?? 0) % UNREACHABLE) * baseUnit;
    if (value > 0xffff_ffffn)
      findings.error(
        "HMAT",
        first + 2 * most,
        `${entries[most]} times the base unit is ${value}; software takes what exceeds 32 bits as unknown`,
      );
    else if (data >= BANDWIDTHS.access && data <= BANDWIDTHS.write && value > RATE_MAXIMUM) {
      findings.warn(
        "HMAT",
        first + 2 * most,
        `a bandwidth of ${value} MB/s: the base unit is in MB/s, and ${baseUnit} may be meant in another unit`,
      );
    }
  }
}

export function checkPcct({ PCCT }: OpenedTables, findings: Findings): void {
  const numbers = new Map((PCCT?.entries ?? []).map(({ at }, subspace) => [at, subspace]));
  const channels = structuresOf(PCCT, INITIATOR_SUBSPACE).map((one) => ({ ...one, subspace: numbers.get(one.at) }));
  for (const { at, values, subspace } of channels) {
    const name = `subspace ${subspace}`;
    if (values.bytes < CHANNEL_LEAST)
      findings.error("PCCT", at + 16, `${name}: its memory has ${values.bytes} bytes; ${CHANNEL_LEAST} are needed`);
    if (values.completeMask === 0n)
      findings.error("PCCT", at + 108, `${name}: the mask of complete is 0; software would wait for ever`);
    const registers = [
      ["doorbell", 20, true],
      ["acknowledge", 60, false],
      ["complete", 96, true],
      ["update", 116, true],
      ["error", 144, false],
    ] as const;
    for (const [register, offset, needed] of registers) {
      const address = values[register];
      if (address.address === 0n) {
        if (needed) findings.error("PCCT", at + offset, `${name}: ${register} has no register; one is needed`);
        continue;
      }
      const wrong = wrongRegister(address);
      if (wrong) findings.error("PCCT", at + offset, `${name}: ${register}: ${wrong}`);
    }
  }
  const inOrder = [...channels].sort((a, b) =>
    a.values.base < b.values.base ? -1 : a.values.base > b.values.base ? 1 : 0,
  );
  inOrder.forEach((one, index) => {
    const before = inOrder[index - 1];
    if (!before || before.values.base + BigInt(before.values.bytes) <= one.values.base) return;
    findings.error(
      "PCCT",
      one.at + 8,
      `subspace ${one.subspace}: its memory at ${hex(one.values.base)} overlaps that of subspace ${before.subspace}`,
    );
  });
}
