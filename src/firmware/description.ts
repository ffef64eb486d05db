// What firmware tells software about the machine, whichever table it was written in. The platform fills it today;
// parsed ACPI tables and device trees fill the same shape later.

export interface FirmwareCpu {
  readonly cpu: number;
  readonly node: number;
}

export interface FirmwareCache {
  /** Cache id: the resctrl domain id. Each of a level has its own. */
  readonly id: number;
  readonly level: number;
  readonly bytes: number;
  readonly lineBytes: number;
  readonly cpus: ReadonlySet<number>;
}

export interface FirmwareNode {
  readonly node: number;
  readonly cpus: ReadonlySet<number>;
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

export interface FirmwareMsc {
  /** Identifier of the MSC, also its index on the bus. */
  readonly id: number;
  readonly interface: "mmio" | "pcc";
  readonly address: number;
  readonly bytes: number;
  readonly nrdyUsec: number;
  /** GSIV, 0: none. */
  readonly errorInterrupt: number;
  readonly overflowInterrupt: number;
  /** Cpus that can reach it. */
  readonly cpus: ReadonlySet<number>;
  readonly resources: readonly FirmwareResource[];
}

export interface FirmwareDescription {
  readonly cpus: readonly FirmwareCpu[];
  readonly caches: readonly FirmwareCache[];
  readonly nodes: readonly FirmwareNode[];
  readonly mscs: readonly FirmwareMsc[];
}
