// Findings in the MPAM table, and in what it says of the others.

import { isPrivateInterrupt } from "../interrupt.ts";
import { hex } from "./bytes.ts";
import { checkEntry, type Findings, type OpenedTables, structuresOf } from "./check.ts";
import { domainsIn } from "./check-others.ts";
import { bitsOf, type Values } from "./layout.ts";
import { type AcpiTable, type Entry, resourcesOf } from "./table.ts";
import {
  AFFINITY_TYPE,
  AFFINITY_VALID,
  CACHE,
  CACHE_FLAGS,
  GICC,
  INITIATOR_SUBSPACE,
  INTERFACES,
  INTERRUPT_TYPE,
  IORT_SMMU,
  LOCATORS,
  MSC,
  PROCESSOR,
  PROCESSOR_FLAGS,
  type RESOURCE,
} from "./tables.ts";

const RIS_MAXIMUM = 15;
/** The smallest granule of a mapping. */
const PAGE = 0x1000n;

type MscEntry = Entry<typeof MSC>;

export function checkMpam(tables: OpenedTables, findings: Findings): void {
  const { MPAM } = tables;
  if (MPAM === undefined) {
    findings.error("MPAM", 0, "there is no MPAM table; software finds no MSC");
    return;
  }
  const { revision } = MPAM.table.header;
  if (revision < 1) findings.error("MPAM", 8, `revision is ${revision}; software ignores the table below 1`);
  const mscs = structuresOf(MPAM, MSC);
  if (mscs.length === 0) findings.error("MPAM", 36, "the table has no MSC; the driver needs at least one");
  const known = knownIn(tables);
  // A table that is not there is told once, and not with everything that refers to it.
  for (const [name, what] of [
    ["PPTT", "caches and containers"],
    ["SRAT", "proximity domains"],
    ["PCCT", "mailboxes"],
  ] as const) {
    const needed = name !== "PCCT" || mscs.some(({ values }) => values.interface === INTERFACES.pcc);
    if (tables[name] === undefined && needed)
      findings.warn("MPAM", 0, `there is no ${name}; ${what} are not looked up`);
  }
  const ids = new Map<number, number>();
  for (const msc of mscs) {
    const { identifier } = msc.values;
    const first = ids.get(identifier);
    if (first === undefined) ids.set(identifier, msc.at);
    else
      findings.error(
        "MPAM",
        msc.at + 4,
        `MSC ${identifier} has the identifier of the one at ${hex(first)}; each has its own`,
      );
    checkMsc(msc, known, findings);
    checkResources(MPAM.table, msc, known, findings);
  }
  checkWindows(mscs, findings);
}

type Known = ReturnType<typeof knownIn>;

/** What an MSC can refer to; undefined where there is no table that says. */
function knownIn({ APIC, PPTT, SRAT, PCCT, IORT }: OpenedTables) {
  const ids =
    PPTT && PPTT.table.header.revision >= 3
      ? structuresOf(PPTT, CACHE).filter(
          ({ values, length }) => length >= CACHE.bytes && (values.flags & CACHE_FLAGS.id) !== 0,
        )
      : [];
  const containers = structuresOf(PPTT, PROCESSOR).filter(
    ({ values: { flags } }) => (flags & PROCESSOR_FLAGS.idValid) !== 0 && (flags & PROCESSOR_FLAGS.leaf) === 0,
  );
  const subspaces = (PCCT?.entries ?? []).map((entry) => entry.layout === INITIATOR_SUBSPACE);
  return {
    cacheIds: PPTT && new Set(ids.map(({ values }) => values.cacheId)),
    containers: PPTT && new Set(containers.map(({ values }) => values.processorId)),
    processors: APIC && new Set(structuresOf(APIC, GICC).map(({ values }) => values.uid)),
    domains: SRAT && domainsIn(SRAT).all,
    smmus: IORT && new Set(structuresOf(IORT, IORT_SMMU).map(({ values }) => values.identifier)),
    hasChannel: (subspace: number) => PCCT === undefined || subspaces[subspace] === true,
  };
}

function checkMsc({ at, values }: MscEntry, known: Known, findings: Findings): void {
  const { interface: kind, base, size, linkedHid, linkedUid } = values;
  const name = `MSC ${values.identifier}`;
  const pcc = kind === INTERFACES.pcc;
  if (kind !== INTERFACES.mmio && !pcc) {
    findings.error("MPAM", at + 2, `${name}: interface is ${hex(kind, 2)}; 0x00 (MMIO) or 0x0a (PCC) is allowed`);
  } else if (size === 0) {
    findings.warn(
      "MPAM",
      at + 16,
      `${name}: size is 0, so it is disabled${pcc ? "; 1 makes a mailbox MSC accessible" : ""}`,
    );
  } else if (pcc) {
    const subspace = Number(base & 0xffff_ffffn);
    if (!known.hasChannel(subspace)) {
      findings.error("MPAM", at + 8, `${name}: PCC subspace ${subspace} is not in the PCCT; one of type 3 is needed`);
    }
    if (size !== 1)
      findings.warn("MPAM", at + 16, `${name}: size of a mailbox MSC is ${hex(size)}; 1 (accessible) or 0 is right`);
  } else {
    if (base % PAGE !== 0n) findings.warn("MPAM", at + 8, `${name}: base ${hex(base)} is no multiple of 4 KiB`);
    if (BigInt(size) < PAGE)
      findings.warn("MPAM", at + 16, `${name}: size is ${hex(size)}; registers take at least 0x1000`);
    if (base + BigInt(size) > 2n ** 52n) findings.error("MPAM", at + 8, `${name}: its window ends past 2^52`);
  }
  checkInterrupt(values, "overflow", at + 20, name, findings);
  checkInterrupt(values, "error", at + 36, name, findings);
  if (linkedHid === "ACPI0010") {
    if (known.containers?.has(linkedUid) === false) {
      findings.error("MPAM", at + 64, `${name}: container ${linkedUid} is not in the PPTT; no cpu can reach the MSC`);
    }
    const line = values.errorInterrupt;
    if (line !== 0 && !isPrivateInterrupt(line)) {
      findings.warn(
        "MPAM",
        at + 36,
        `${name}: error interrupt ${line} is shared, but cpus of a container alone reach the MSC; Linux refuses it unless they are all`,
      );
    }
  } else if (linkedHid === "ACPI0007" && known.processors?.has(linkedUid) === false) {
    findings.warn("MPAM", at + 64, `${name}: processor ${linkedUid} is not in the MADT`);
  }
}

function checkInterrupt(
  values: Values<typeof MSC>,
  which: "overflow" | "error",
  at: number,
  name: string,
  findings: Findings,
): void {
  const gsiv = values[`${which}Interrupt`];
  const word = values[`${which}Flags`];
  if (gsiv === 0) return;
  if (bitsOf(word, INTERRUPT_TYPE) !== 0) {
    findings.warn("MPAM", at + 4, `${name}: ${which} interrupt ${gsiv} is not wired; software ignores it`);
  } else if (bitsOf(word, AFFINITY_VALID) === 1 && bitsOf(word, AFFINITY_TYPE) === 1) {
    findings.warn(
      "MPAM",
      at + 4,
      `${name}: ${which} interrupt ${gsiv} is of a processor container; software ignores it`,
    );
  }
}

function checkResources(table: AcpiTable, msc: MscEntry, known: Known, findings: Findings): void {
  const name = `MSC ${msc.values.identifier}`;
  const { resources, trouble, end } = resourcesOf(table, msc);
  if (trouble) findings.error("MPAM", trouble.at, `${name}: ${trouble.what}; ${trouble.right}`);
  else if (end < msc.at + msc.length) {
    findings.warn("MPAM", end, `${name}: ${msc.at + msc.length - end} bytes follow its resources`);
  }
  if (resources.length === 0 && !trouble)
    findings.warn("MPAM", msc.at + 68, `${name}: has no resources; software learns nothing of what it controls`);
  const taken = new Set<number>();
  for (const resource of resources) {
    const { at, values } = resource;
    const ris = `${name}: RIS ${values.ris}`;
    checkEntry("MPAM", resource, findings);
    if (values.ris > RIS_MAXIMUM) findings.error("MPAM", at + 4, `${ris} is past ${RIS_MAXIMUM}, the largest there is`);
    if (taken.has(values.ris)) findings.error("MPAM", at + 4, `${ris} is described twice; once is allowed`);
    taken.add(values.ris);
    checkLocator(values, at, ris, known, findings);
  }
}

function checkLocator(
  { locator, descriptor1, descriptor2 }: Values<typeof RESOURCE>,
  at: number,
  ris: string,
  known: Known,
  findings: Findings,
): void {
  const wide = descriptor1 > 0xffff_ffffn;
  const id = Number(descriptor1 & 0xffff_ffffn);
  if (locator === LOCATORS.cache) {
    if (known.cacheIds?.has(id) === false)
      findings.error("MPAM", at + 8, `${ris} controls cache ${hex(id)}, which the PPTT does not have`);
  } else if (locator === LOCATORS.memory) {
    if (known.domains?.has(id) === false)
      findings.error(
        "MPAM",
        at + 8,
        `${ris} controls memory of domain ${id}, which the SRAT does not have; software takes node 0`,
      );
  } else {
    if (locator === LOCATORS.smmu && known.smmus?.has(id) === false)
      findings.error("MPAM", at + 8, `${ris} controls SMMU ${id}, which the IORT does not have`);
    findings.warn(
      "MPAM",
      at + 7,
      `${ris}: locator ${hex(locator, 2)} says nothing to software; 0x00 (cache) and 0x01 (memory) do`,
    );
    return;
  }
  if (wide) findings.warn("MPAM", at + 8, `${ris}: its locator ${hex(descriptor1)} is cut to 32 bits by software`);
  if (descriptor2 !== 0) findings.warn("MPAM", at + 16, `${ris}: descriptor2 is ${hex(descriptor2)}; 0 is right`);
}

function checkWindows(mscs: readonly MscEntry[], findings: Findings): void {
  const windows = mscs
    .filter(({ values }) => values.interface === INTERFACES.mmio && values.size > 0)
    .sort((a, b) => (a.values.base < b.values.base ? -1 : a.values.base > b.values.base ? 1 : a.at - b.at));
  let before: MscEntry | undefined;
  for (const msc of windows) {
    const { base, identifier } = msc.values;
    if (before && before.values.base + BigInt(before.values.size) > base) {
      findings.error(
        "MPAM",
        msc.at + 8,
        `MSC ${identifier}: its window at ${hex(base)} overlaps that of MSC ${before.values.identifier}`,
      );
    }
    const end = (one: MscEntry) => one.values.base + BigInt(one.values.size);
    if (before === undefined || end(msc) > end(before)) before = msc;
  }
}
