// What a machine has, in plain numbers, as far as the tree shows it.

/** Domain ids, each with the cpus of its component, ascending. */
export interface PlainDomain {
  readonly id: number;
  readonly cpus: readonly number[];
}

export interface PlainCache extends PlainDomain {
  readonly bytes: number;
  /** Absent: 8 of an L2, 16 of an L3. */
  readonly ways?: number;
}

export interface PlainTask {
  readonly tid: number;
  readonly uid: number;
  readonly suid: number;
}

export interface Shape {
  /** Possible cpus: 0 .. cpus - 1. */
  readonly cpus: number;
  /** Those not online when it is mounted. */
  readonly offline?: readonly number[];
  readonly partidMax: number;
  readonly pmgMax: number;
  /** Bits of a mask; absent: the level is not controlled. */
  readonly l2?: { readonly bits: number; readonly domains: readonly PlainCache[] };
  readonly l3?: { readonly bits?: number; readonly domains: readonly PlainCache[] };
  /** Width of MBW_MAX, 1 to 16. */
  readonly mb?: { readonly width: number; readonly domains: readonly PlainDomain[] };
  /** Whether llc_occupancy exists. */
  readonly occupancy: boolean;
  /** Bandwidth monitors of the class; absent: mbm_total_bytes does not exist. */
  readonly monitors?: number;
  /** One of the monitors forgets what it was set to, so that it is never ready: what mbm_total_bytes says is left open. */
  readonly neverReady?: true;
  readonly tasks: readonly PlainTask[];
  readonly options?: {
    readonly cdp?: boolean;
    readonly cdpl2?: boolean;
    readonly debug?: boolean;
    readonly expert?: boolean;
  };
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Hazards repaired, or as they are there. */
  readonly kernel: "7.3 repaired" | "linux-7.3";
}
