// What firmware tells software about the machine, whichever table it was written in: ACPI tables and device trees are
// read into this shape, and the driver looks at nothing else.

/** A cpu, and where it is. */
export interface FirmwareCpu {
  readonly cpu: number;
  readonly node: number;
}

/** A cache, as PPTT or the device tree has it. */
export interface FirmwareCache {
  /** Cache id: the resctrl domain id. Each of a level has its own. */
  readonly id: number;
  readonly level: number;
  readonly bytes: number;
  readonly lineBytes: number;
  readonly cpus: ReadonlySet<number>;
}

/** A NUMA node with memory, cpus or both. */
export interface FirmwareNode {
  readonly node: number;
  readonly cpus: ReadonlySet<number>;
  /** Peak bandwidth in bytes a second, where firmware says (HMAT). */
  readonly peak?: { readonly read: number; readonly write: number };
}

/**
 * One resource of an MSC: what its RIS controls. `id` is a cache id or a NUMA node. A table that names a cache by its id alone
 * (PPTT) says no `level`, and has no two caches of one id.
 */
export interface FirmwareResource {
  readonly ris: number;
  readonly kind: "cache" | "memory" | "unknown";
  readonly id: number;
  readonly level?: number;
}

/** An MSC, how it is reached, and what its resource instances control. */
export interface FirmwareMsc {
  /** Identifier of the MSC; unique, and not always its place in the list. */
  readonly id: number;
  readonly interface: "mmio" | "pcc";
  /** mmio: the physical address of its window; pcc: 0. */
  readonly address: number;
  /** mmio: the size of its window; pcc: 0. */
  readonly bytes: number;
  /** pcc: the number of its channel. */
  readonly subspace?: number;
  /** Absent: firmware does not say. */
  readonly nrdyUsec?: number;
  /** GSIV, 0: none that can be used. */
  readonly errorInterrupt: number;
  readonly overflowInterrupt: number;
  /** Cpus that can reach it. */
  readonly cpus: ReadonlySet<number>;
  readonly resources: readonly FirmwareResource[];
}

/** A register outside MSCs, read and changed as (old & preserve) | set. */
export interface FirmwareRegister {
  readonly address: number;
  readonly bytes: 4 | 8;
  readonly preserve: bigint;
  readonly set: bigint;
}

/** A PCC channel of type 3 (linux-driver.md 12.2). */
export interface FirmwareChannel {
  readonly subspace: number;
  /** Shared memory. */
  readonly base: number;
  readonly bytes: number;
  /** GSIV of the completion interrupt, 0: software polls. */
  readonly interrupt: number;
  readonly doorbell: FirmwareRegister;
  /** Absent: there is nothing to acknowledge. */
  readonly acknowledge?: FirmwareRegister;
  /** Bits of `mask` are 1: the channel is software's. */
  readonly complete: { readonly address: number; readonly bytes: 4 | 8; readonly mask: bigint };
  readonly update: FirmwareRegister;
  readonly error?: { readonly address: number; readonly bytes: 4 | 8; readonly mask: bigint };
  /** How long an answer takes as a rule, and the least time between two messages. */
  readonly latencyUsec: number;
  readonly turnaroundUsec: number;
}

/** An SMMUv3. What it can do is in its registers. */
export interface FirmwareSmmu {
  /** Identifier of its IORT node, or its place in a device tree. */
  readonly id: number;
  /** Physical address of register page 0. */
  readonly address: number;
}

/** What software is told about a machine that it cannot read from registers. */
export interface FirmwareDescription {
  /** Every cpu there can be. */
  readonly cpus: readonly FirmwareCpu[];
  readonly caches: readonly FirmwareCache[];
  readonly nodes: readonly FirmwareNode[];
  /** Those that software can try to use. */
  readonly mscs: readonly FirmwareMsc[];
  /** MSCs in use, described well or not: MPAM is enabled when as many have been probed. */
  readonly counted: number;
  readonly channels: readonly FirmwareChannel[];
  readonly smmus: readonly FirmwareSmmu[];
  /** What was left out or looked odd, one line each, with its place in the table. */
  readonly remarks: readonly string[];
}
