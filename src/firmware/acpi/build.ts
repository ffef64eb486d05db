// From a platform to the tables that describe it (docs/firmware.md, "From tables to a driver").

import {
  MAILBOX_REGISTERS,
  type MailboxDescription,
  type MscInstance,
  mscInstances,
  type Platform,
  type SmmuDescription,
} from "../../platform/index.ts";
import { MSC_PAGE_BYTES } from "../page.ts";
import { writeLayout } from "./layout.ts";
import type { GenericAddress } from "./pcct.ts";
import { type Maker, makeTable } from "./table.ts";
import {
  BANDWIDTHS,
  DOMAIN_ATTRIBUTES,
  GENERIC_SUBSPACE,
  GICC,
  GICC_AFFINITY,
  GICC_ENABLED,
  HMAT_INITIATOR_VALID,
  INITIATOR_SUBSPACE,
  INTERFACES,
  IORT_SMMU,
  LOCALITY,
  LOCATORS,
  MEMORY_AFFINITY,
  MSC,
  RESOURCE,
  SRAT_ENABLED,
  TABLES,
} from "./tables.ts";
import { type Tree, treeOf } from "./tree.ts";

/** Where memory begins; the nodes follow each other. */
export const MEMORY_BASE = 0x80_0000_0000n;

const MEGABYTE = 1e6;

/** Complete tables: APIC, PPTT, SRAT, HMAT where a node has cpus, MPAM, PCCT where there are mailboxes, IORT where SMMUs. Throws EINVAL. */
export function acpiTables(platform: Platform): Uint8Array[] {
  const maker = makerOf(platform);
  const tree = treeOf(platform, maker);
  const hmat = hmatOf(platform, maker);
  return [
    madtOf(platform, maker),
    tree.table,
    sratOf(platform, maker),
    ...(hmat ? [hmat] : []),
    mpamOf(platform, tree, maker),
    ...(platform.mailboxes.length > 0 ? [pcctOf(platform.mailboxes, maker)] : []),
    ...(platform.smmus.length > 0 ? [iortOf(platform.smmus, maker)] : []),
  ];
}

function makerOf({ name }: Platform): Maker {
  const letters = [...name.toUpperCase()].map((letter) => ((letter.codePointAt(0) ?? 0) < 0x7f ? letter : "_"));
  return {
    oemId: "MPAMEM",
    oemTableId: letters.slice(0, 8).join(""),
    oemRevision: 1,
    creatorId: "MPEM",
    creatorRevision: 1,
  };
}

/** Aff1 is the cluster, Aff0 the place in it; what does not fit into 8 bits goes into Aff2 and Aff3. */
export function mpidrOf(cluster: number, place: number): bigint {
  const low = (BigInt(cluster & 0xff) << 8n) | BigInt(place & 0xff);
  return low | (BigInt(cluster >> 8) << 16n) | (BigInt(place >> 8) << 32n);
}

function madtOf(platform: Platform, maker: Maker): Uint8Array {
  const mpidrs = new Map<number, bigint>();
  const inClusters = new Set(platform.clusters.flat());
  const others = Array.from({ length: platform.cpus }, (_, cpu) => cpu).filter((cpu) => !inClusters.has(cpu));
  [...platform.clusters, others].forEach((cluster, index) => {
    cluster.forEach((cpu, place) => void mpidrs.set(cpu, mpidrOf(index, place)));
  });
  const cpus = Array.from({ length: platform.cpus }, (_, cpu) =>
    // As ACPI 6.3 has it.
    writeLayout(
      GICC,
      { length: 80, interfaceNumber: cpu, uid: cpu, flags: GICC_ENABLED, mpidr: mpidrs.get(cpu) ?? 0n },
      80,
    ),
  );
  return makeTable("APIC", 5, maker, [writeLayout(TABLES.APIC.body, {}), ...cpus]);
}

/** Entries of cpus by node, as software numbers nodes by their first use. */
function sratOf({ memory }: Platform, maker: Maker): Uint8Array {
  const domains = [...memory].sort((a, b) => a.node - b.node);
  const cpus = domains.flatMap(({ node, cpus }) =>
    cpus.map((cpu) => writeLayout(GICC_AFFINITY, { domain: node, uid: cpu, flags: SRAT_ENABLED })),
  );
  let base = MEMORY_BASE;
  const ranges = memory.map(({ node, bytes }) => {
    const range = writeLayout(MEMORY_AFFINITY, { domain: node, base, bytes: BigInt(bytes), flags: SRAT_ENABLED });
    base += BigInt(bytes);
    return range;
  });
  return makeTable("SRAT", 3, maker, [writeLayout(TABLES.SRAT.body, { reserved1: 1 }), ...cpus, ...ranges]);
}

/** Undefined where no node has cpus: the table tells what cpus get. */
function hmatOf({ memory }: Platform, maker: Maker): Uint8Array | undefined {
  const initiators = memory.filter(({ cpus }) => cpus.length > 0).map(({ node }) => node);
  if (initiators.length === 0) return undefined;
  const { baseUnit, entries } = inUnits(memory.map((node) => (node.channels * node.bytesPerSecond) / MEGABYTE));
  const attributes = memory.map(({ node, cpus }) =>
    writeLayout(DOMAIN_ATTRIBUTES, {
      memory: node,
      ...(cpus.length > 0 ? { flags: HMAT_INITIATOR_VALID, initiator: node } : {}),
    }),
  );
  const bandwidth = writeLayout(LOCALITY, {
    data: BANDWIDTHS.access,
    baseUnit,
    initiators,
    targets: memory.map(({ node }) => node),
    entries: initiators.flatMap(() => entries),
  });
  return makeTable("HMAT", 2, maker, [writeLayout(TABLES.HMAT.body, {}), ...attributes, bandwidth]);
}

const ENTRY_MAXIMUM = 0xfffe;

/** MB/s in the largest unit that divides all of them and leaves 1 to 0xfffe; what no unit divides is rounded. */
export function inUnits(rates: readonly number[]): { readonly baseUnit: bigint; readonly entries: readonly number[] } {
  const whole = rates.map((rate) => Math.max(1, Math.round(rate)));
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  const exact = whole.reduce(gcd);
  const most = Math.max(...whole);
  const unit = most / exact <= ENTRY_MAXIMUM ? exact : Math.ceil(most / ENTRY_MAXIMUM);
  return { baseUnit: BigInt(unit), entries: whole.map((rate) => Math.max(1, Math.round(rate / unit))) };
}

function mpamOf(platform: Platform, tree: Tree, maker: Maker): Uint8Array {
  return makeTable(
    "MPAM",
    1,
    maker,
    mscInstances(platform).map((instance) => mscOf(instance, tree)),
  );
}

function mscOf({ msc, address, description, resource }: MscInstance, tree: Tree): Uint8Array {
  const container = tree.container(description.cpus);
  const [locator, descriptor1] =
    resource.kind === "cache"
      ? ([LOCATORS.cache, resource.cache.id] as const)
      : ([LOCATORS.memory, resource.memory.node] as const);
  const resources = description.ris.map(({ ris }) =>
    writeLayout(RESOURCE, { identifier: ris, ris, locator, descriptor1: BigInt(descriptor1) }),
  );
  const length = MSC.bytes + resources.reduce((sum, { length }) => sum + length, 0);
  const node = writeLayout(MSC, {
    length,
    ...(address === undefined
      ? { interface: INTERFACES.pcc, base: BigInt(description.mailbox ?? 0), size: 1 }
      : { interface: INTERFACES.mmio, base: BigInt(address), size: MSC_PAGE_BYTES }),
    identifier: msc,
    overflowInterrupt: description.overflowInterrupt,
    errorInterrupt: description.errorInterrupt,
    errorFlags: description.errorStyle === "edge" ? 1 : 0,
    maxNrdyUsec: description.nrdyUsec,
    ...(container === undefined ? {} : { linkedHid: "ACPI0010", linkedUid: container }),
    resourceCount: resources.length,
  });
  const whole = new Uint8Array(length);
  whole.set(node);
  let at = node.length;
  for (const one of resources) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}

/** Subspaces by number; those that nobody has are of type 0, and nobody uses them. */
function pcctOf(mailboxes: readonly MailboxDescription[], maker: Maker): Uint8Array {
  const last = Math.max(...mailboxes.map(({ subspace }) => subspace));
  const subspaces = Array.from({ length: last + 1 }, (_, subspace) => {
    const mailbox = mailboxes.find((one) => one.subspace === subspace);
    return mailbox ? subspaceOf(mailbox) : writeLayout(GENERIC_SUBSPACE, {});
  });
  const flags = mailboxes.some(({ interrupt }) => interrupt !== 0) ? 1 : 0;
  return makeTable("PCCT", 2, maker, [writeLayout(TABLES.PCCT.body, { flags }), ...subspaces]);
}

/** A node for each SMMU, with its place as identifier; interrupts and devices are not described. As issue E.b has it. */
function iortOf(smmus: readonly SmmuDescription[], maker: Maker): Uint8Array {
  const nodes = smmus.map(({ base }, identifier) =>
    writeLayout(IORT_SMMU, { revision: 4, identifier, base: BigInt(base), mappingOffset: 0 }),
  );
  const body = writeLayout(TABLES.IORT.body, { nodeCount: nodes.length, nodeOffset: 48 });
  return makeTable("IORT", 3, maker, [body, ...nodes]);
}

const NO_REGISTER: GenericAddress = { space: 0, width: 0, offset: 0, access: 0, address: 0n };

/** Registers as docs/firmware.md lays them out, "Mailboxes". */
function subspaceOf({ base, bytes, latencyUsec, interrupt }: MailboxDescription): Uint8Array {
  const at = (offset: number): GenericAddress => ({
    space: 0,
    width: 32,
    offset: 0,
    access: 3,
    address: BigInt(base + MAILBOX_REGISTERS + offset),
  });
  return writeLayout(INITIATOR_SUBSPACE, {
    interrupt,
    base: BigInt(base),
    bytes,
    doorbell: at(0x00),
    doorbellWrite: 1n,
    latencyUsec,
    acknowledge: interrupt === 0 ? NO_REGISTER : at(0x18),
    acknowledgeSet: interrupt === 0 ? 0n : 1n,
    complete: at(0x08),
    completeMask: 1n,
    update: at(0x10),
    updatePreserve: 0xffff_fffen,
    error: at(0x20),
    errorMask: 1n,
  });
}
