// The tables: MPAM, PPTT, SRAT, HMAT, IORT, APIC (MADT) and PCCT, field by field (linux-driver reference 8 and 12.2, more.md 1,
// DEN0049 for the IORT).

import {
  type Bits,
  flags,
  group,
  inHex,
  type Layout,
  layout,
  named,
  reserved,
  reserved64,
  text,
  u8,
  u16,
  u32,
  u64,
} from "./layout.ts";

export const HEADER = layout("header", {
  signature: text(4),
  length: u32,
  revision: u8,
  checksum: inHex(u8),
  oemId: text(6),
  oemTableId: text(8),
  oemRevision: u32,
  creatorId: text(4),
  creatorRevision: inHex(u32),
});

export const INTERFACES = { mmio: 0x00, pcc: 0x0a } as const;

export const INTERRUPT_MODE: Bits = [0, 0, ["level", "edge"]];
export const INTERRUPT_TYPE: Bits = [1, 2, ["wired"]];
export const AFFINITY_TYPE: Bits = [3, 3, ["of a processor", "of a processor container"]];
export const AFFINITY_VALID: Bits = [4, 4, "affinity valid"];
const interruptFlags = flags(u32, [INTERRUPT_MODE, INTERRUPT_TYPE, AFFINITY_TYPE, AFFINITY_VALID]);

export const MSC = layout("MSC", {
  length: u16,
  interface: named(u8, { 0: "MMIO", 10: "PCC" }),
  reserved: reserved(1),
  identifier: u32,
  base: inHex(u64),
  size: inHex(u32),
  overflowInterrupt: u32,
  overflowFlags: interruptFlags,
  reserved1: reserved(4),
  overflowAffinity: u32,
  errorInterrupt: u32,
  errorFlags: interruptFlags,
  reserved2: reserved(4),
  errorAffinity: u32,
  maxNrdyUsec: u32,
  linkedHid: text(8),
  linkedUid: u32,
  resourceCount: u32,
});

export const LOCATORS = {
  cache: 0x00,
  memory: 0x01,
  smmu: 0x02,
  memoryCache: 0x03,
  device: 0x04,
  interconnect: 0x05,
  unknown: 0xff,
} as const;

export const RESOURCE = layout(
  "resource",
  {
    identifier: u32,
    ris: u8,
    reserved: reserved(2),
    locator: named(u8, {
      0: "processor cache",
      1: "memory",
      2: "SMMU",
      3: "memory-side cache",
      4: "ACPI device",
      5: "interconnect",
      255: "unknown",
    }),
    descriptor1: inHex(u64),
    descriptor2: inHex(u32),
    dependencyCount: u32,
  },
  { lists: { dependencies: [group({ producer: u32, reserved: reserved(4) }), "dependencyCount"] } },
);

export const PROCESSOR_FLAGS = { package: 1, idValid: 2, thread: 4, leaf: 8 } as const;

export const PROCESSOR = layout(
  "processor",
  {
    type: u8,
    length: u8,
    reserved: reserved(2),
    flags: flags(u32, [
      [0, 0, "physical package"],
      [1, 1, "ACPI id valid"],
      [2, 2, "thread"],
      [3, 3, "leaf"],
      [4, 4, "identical"],
    ]),
    parent: inHex(u32),
    processorId: u32,
    resourceCount: u32,
  },
  { type: 0, lists: { resources: [inHex(u32), "resourceCount"] } },
);

export const CACHE_FLAGS = {
  size: 1,
  sets: 2,
  ways: 4,
  allocation: 8,
  type: 16,
  policy: 32,
  line: 64,
  id: 128,
} as const;
export const ALLOCATION: Bits = [
  0,
  1,
  ["read-allocate", "write-allocate", "read-write-allocate", "read-write-allocate"],
];
export const CACHE_TYPE: Bits = [2, 3, ["data", "instruction", "unified", "unified"]];
export const WRITE_POLICY: Bits = [4, 4, ["write-back", "write-through"]];

/** Its first 24 bytes are those of revisions 1 and 2. */
export const CACHE = layout(
  "cache",
  {
    type: u8,
    length: u8,
    reserved: reserved(2),
    flags: flags(u32, [
      [0, 0, "size"],
      [1, 1, "sets"],
      [2, 2, "ways"],
      [3, 3, "allocation"],
      [4, 4, "type"],
      [5, 5, "policy"],
      [6, 6, "line"],
      [7, 7, "id"],
    ]),
    nextLevel: inHex(u32),
    bytes: u32,
    sets: u32,
    ways: u8,
    attributes: flags(u8, [ALLOCATION, CACHE_TYPE, WRITE_POLICY]),
    lineBytes: u16,
    cacheId: inHex(u32),
  },
  { type: 1, least: 24 },
);

const PROCESSOR_ID = layout(
  "id",
  {
    type: u8,
    length: u8,
    reserved: reserved(2),
    vendorId: inHex(u32),
    level1Id: inHex(u64),
    level2Id: inHex(u64),
    majorRevision: u16,
    minorRevision: u16,
    spinRevision: u16,
  },
  { type: 2 },
);

export const SRAT_ENABLED = 1;

export const MEMORY_AFFINITY = layout(
  "memory affinity",
  {
    type: u8,
    length: u8,
    domain: u32,
    reserved: reserved(2),
    base: inHex(u64),
    bytes: inHex(u64),
    reserved1: reserved(4),
    flags: flags(u32, [
      [0, 0, "enabled"],
      [1, 1, "hot-pluggable"],
      [2, 2, "non-volatile"],
      [3, 3, "specific-purpose"],
    ]),
    reserved2: reserved64,
  },
  { type: 1 },
);

export const GICC_AFFINITY = layout(
  "GICC affinity",
  { type: u8, length: u8, domain: u32, uid: u32, flags: flags(u32, [[0, 0, "enabled"]]), clockDomain: u32 },
  { type: 3 },
);

/** A device with a domain of its own that makes accesses (ACPI 6.3). */
export const INITIATOR_AFFINITY = layout(
  "initiator affinity",
  {
    type: u8,
    length: u8,
    reserved: reserved(1),
    handleType: named(u8, { 0: "ACPI", 1: "PCI" }),
    domain: u32,
    handle1: inHex(u64),
    handle2: inHex(u64),
    flags: flags(u32, [
      [0, 0, "enabled"],
      [1, 1, "architectural transactions"],
    ]),
    reserved1: reserved(4),
  },
  { type: 5 },
);

export const HMAT_INITIATOR_VALID = 1;
/** Of revision 1. */
export const HMAT_MEMORY_VALID = 2;

export const DOMAIN_ATTRIBUTES = layout(
  "domain attributes",
  {
    type: u16,
    reserved: reserved(2),
    length: u32,
    // Bits 1 and 2 are those of revision 1.
    flags: flags(u16, [
      [0, 0, "initiator valid"],
      [1, 1, "memory valid"],
      [2, 2, "reservation hint"],
    ]),
    reserved1: reserved(2),
    initiator: u32,
    memory: u32,
    reserved2: reserved(4),
    rangeBase: inHex(u64),
    rangeBytes: inHex(u64),
  },
  { type: 0 },
);

export const HIERARCHY: Bits = [
  0,
  3,
  ["memory", "last-level side cache", "side cache level 1", "side cache level 2", "side cache level 3"],
];
export const BANDWIDTHS = { access: 3, read: 4, write: 5 } as const;
export const UNREACHABLE = 0xffff;

export const LOCALITY = layout(
  "latency and bandwidth",
  {
    type: u16,
    reserved: reserved(2),
    length: u32,
    flags: flags(u8, [HIERARCHY, [4, 4, "minimum transfer size"], [5, 5, "non-sequential"]]),
    data: named(u8, {
      0: "access latency, ps",
      1: "read latency, ps",
      2: "write latency, ps",
      3: "access bandwidth, MB/s",
      4: "read bandwidth, MB/s",
      5: "write bandwidth, MB/s",
    }),
    minimumTransfer: u8,
    reserved1: reserved(1),
    initiatorCount: u32,
    targetCount: u32,
    reserved2: reserved(4),
    baseUnit: u64,
  },
  {
    type: 1,
    lists: {
      initiators: [u32, "initiatorCount"],
      targets: [u32, "targetCount"],
      entries: [u16, "initiatorCount", "targetCount"],
    },
  },
);

export const SIDE_CACHE = layout(
  "memory-side cache",
  {
    type: u16,
    reserved: reserved(2),
    length: u32,
    memory: u32,
    reserved1: reserved(4),
    bytes: u64,
    attributes: flags(u32, [
      [0, 3, "levels"],
      [4, 7, "level"],
      [8, 11, ["no associativity", "direct mapped", "complex"]],
      [12, 15, ["no policy", "write-back", "write-through"]],
      [16, 31, "line"],
    ]),
    addressMode: u16,
    handleCount: u16,
  },
  { type: 2, lists: { handles: [inHex(u16), "handleCount"] } },
);

export const GICC_ENABLED = 1;
export const GICC_ONLINE_CAPABLE = 8;

/** 76 bytes in ACPI 5.1, 80 in 6.0, 82 in 6.5, 88 in 6.6. */
export const GICC = layout(
  "GICC",
  {
    type: u8,
    length: u8,
    reserved: reserved(2),
    interfaceNumber: u32,
    uid: u32,
    flags: flags(u32, [
      [0, 0, "enabled"],
      [1, 1, "performance interrupt edge"],
      [2, 2, "maintenance interrupt edge"],
      [3, 3, "online-capable"],
      [4, 4, "non-coherent"],
    ]),
    parkingVersion: u32,
    performanceInterrupt: u32,
    parkedAddress: inHex(u64),
    base: inHex(u64),
    gicv: inHex(u64),
    gich: inHex(u64),
    maintenanceInterrupt: u32,
    redistributor: inHex(u64),
    mpidr: inHex(u64),
    efficiencyClass: u8,
    reserved1: reserved(1),
    speInterrupt: u16,
    trbeInterrupt: u16,
    iaffid: u16,
    irsId: u32,
  },
  { type: 11, least: 76 },
);

const GICD = layout(
  "GICD",
  {
    type: u8,
    length: u8,
    reserved: reserved(2),
    identifier: u32,
    base: inHex(u64),
    interruptBase: u32,
    version: u8,
    reserved1: reserved(3),
  },
  { type: 12 },
);

const GICR = layout(
  "GICR",
  {
    type: u8,
    length: u8,
    flags: flags(u8, [[0, 0, "non-coherent"]]),
    reserved: reserved(1),
    base: inHex(u64),
    bytes: inHex(u32),
  },
  { type: 14 },
);

const ITS = layout(
  "ITS",
  {
    type: u8,
    length: u8,
    flags: flags(u8, [[0, 0, "non-coherent"]]),
    reserved: reserved(1),
    identifier: u32,
    base: inHex(u64),
    reserved1: reserved(4),
  },
  { type: 15 },
);

/** Generic address structure. */
export const GAS = group({
  space: named(u8, { 0: "memory", 1: "I/O", 10: "PCC" }),
  width: u8,
  offset: u8,
  access: named(u8, { 0: "unspecified", 1: "8 bits", 2: "16 bits", 3: "32 bits", 4: "64 bits" }),
  address: inHex(u64),
});

export const GENERIC_SUBSPACE = layout(
  "generic subspace",
  {
    type: u8,
    length: u8,
    reserved: reserved(6),
    base: inHex(u64),
    bytes: inHex(u64),
    doorbell: GAS,
    doorbellPreserve: inHex(u64),
    doorbellWrite: inHex(u64),
    latencyUsec: u32,
    maxAccessRate: u32,
    turnaroundUsec: u16,
  },
  { type: 0 },
);

export const SUBSPACE_EDGE = 2;

export const INITIATOR_SUBSPACE = layout(
  "initiator subspace",
  {
    type: u8,
    length: u8,
    interrupt: u32,
    flags: flags(u8, [
      [0, 0, ["active high", "active low"]],
      [1, 1, ["level", "edge"]],
    ]),
    reserved: reserved(1),
    base: inHex(u64),
    bytes: inHex(u32),
    doorbell: GAS,
    doorbellPreserve: inHex(u64),
    doorbellWrite: inHex(u64),
    latencyUsec: u32,
    maxAccessRate: u32,
    turnaroundUsec: u32,
    acknowledge: GAS,
    acknowledgePreserve: inHex(u64),
    acknowledgeSet: inHex(u64),
    reserved1: reserved64,
    complete: GAS,
    completeMask: inHex(u64),
    update: GAS,
    updatePreserve: inHex(u64),
    updateSet: inHex(u64),
    error: GAS,
    errorMask: inHex(u64),
  },
  { type: 3 },
);

/** Of an SMMUv3; identifiers are those that locators of MSCs name. */
export const IORT_SMMU = layout(
  "SMMUv3",
  {
    type: u8,
    length: u16,
    revision: u8,
    identifier: u32,
    mappingCount: u32,
    mappingOffset: u32,
    base: inHex(u64),
    flags: flags(u32, [
      [0, 0, "coherent (COHACC override)"],
      [1, 2, "HTTU override"],
      [3, 3, "proximity domain valid"],
      [4, 4, "DeviceID mapping valid"],
    ]),
    reserved: reserved(4),
    vatos: inHex(u64),
    model: named(u32, { 0: "generic", 1: "HiSilicon Hi161x", 2: "Cavium CN99xx" }),
    eventInterrupt: u32,
    priInterrupt: u32,
    errorInterrupt: u32,
    syncInterrupt: u32,
    proximityDomain: u32,
    deviceIdMapping: u32,
  },
  // The first issue ends with the proximity domain.
  { type: 4, least: 60 },
);

/** A table: what stands behind its header, then structures that begin with type and length. */
export interface TableType {
  readonly signature: string;
  readonly title: string;
  readonly body: Layout;
  /** Bytes of the fields `type` and `length` at the beginning of each structure, and where the length is. MPAM nodes have no type. */
  readonly entry: { readonly type: 0 | 1 | 2; readonly lengthAt: number; readonly lengthBytes: 1 | 2 | 4 };
  readonly structures: readonly Layout[];
  /** The field of the body that says where structures begin; otherwise they follow it. */
  readonly startsAt?: string;
}

const SHORT_ENTRY = { type: 1, lengthAt: 1, lengthBytes: 1 } as const;

const MADT_BODY = layout("MADT", { localController: inHex(u32), flags: flags(u32, [[0, 0, "PC-AT compatible"]]) });
const PPTT_BODY = layout("PPTT", {});
const SRAT_BODY = layout("SRAT", { reserved1: u32, reserved: reserved64 });
const HMAT_BODY = layout("HMAT", { reserved: reserved(4) });
const IORT_BODY = layout("IORT", { nodeCount: u32, nodeOffset: inHex(u32), reserved: reserved(4) });
const MPAM_BODY = layout("MPAM", {});
const PCCT_BODY = layout("PCCT", { flags: flags(u32, [[0, 0, "platform interrupt"]]), reserved: reserved64 });

export const TABLES = {
  APIC: {
    signature: "APIC",
    title: "cpus and interrupt controllers (MADT)",
    body: MADT_BODY,
    entry: SHORT_ENTRY,
    structures: [GICC, GICD, GICR, ITS],
  },
  PPTT: {
    signature: "PPTT",
    title: "processors and their caches",
    body: PPTT_BODY,
    entry: SHORT_ENTRY,
    structures: [PROCESSOR, CACHE, PROCESSOR_ID],
  },
  SRAT: {
    signature: "SRAT",
    title: "proximity domains of cpus and memory",
    body: SRAT_BODY,
    entry: SHORT_ENTRY,
    structures: [MEMORY_AFFINITY, GICC_AFFINITY, INITIATOR_AFFINITY],
  },
  HMAT: {
    signature: "HMAT",
    title: "latency and bandwidth of memory",
    body: HMAT_BODY,
    entry: { type: 2, lengthAt: 4, lengthBytes: 4 },
    structures: [DOMAIN_ATTRIBUTES, LOCALITY, SIDE_CACHE],
  },
  IORT: {
    signature: "IORT",
    title: "SMMUs and what they serve",
    body: IORT_BODY,
    entry: { type: 1, lengthAt: 1, lengthBytes: 2 },
    structures: [IORT_SMMU],
    startsAt: "nodeOffset",
  },
  MPAM: {
    signature: "MPAM",
    title: "MSCs and what they control",
    body: MPAM_BODY,
    entry: { type: 0, lengthAt: 0, lengthBytes: 2 },
    structures: [MSC],
  },
  PCCT: {
    signature: "PCCT",
    title: "mailboxes to firmware",
    body: PCCT_BODY,
    entry: SHORT_ENTRY,
    structures: [GENERIC_SUBSPACE, INITIATOR_SUBSPACE],
  },
} as const satisfies { readonly [signature: string]: TableType };

export type Signature = keyof typeof TABLES;
