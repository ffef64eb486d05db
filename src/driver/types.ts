// The driver's object model (linux-driver.md section 1): class, component, vMSC, RIS.

/** What the MSCs of a class are. */
export type ClassType = "cache" | "memory" | "unknown";

/** The features a RIS, a vMSC or a class can have, by the driver's names (linux-driver.md section 1.1). */
export type Feature =
  | "cpor_part"
  | "cmax_softlim"
  | "cmax_cmax"
  | "cmax_cmin"
  | "cmax_cassoc"
  | "mbw_part"
  | "mbw_min"
  | "mbw_max"
  | "mbw_prop"
  | "intpri_part"
  | "intpri_part_0_low"
  | "dspri_part"
  | "dspri_part_0_low"
  | "msmon_csu"
  | "msmon_csu_xcl"
  | "msmon_mbwu"
  | "msmon_mbwu_31counter"
  | "msmon_mbwu_44counter"
  | "msmon_mbwu_63counter"
  | "msmon_mbwu_rwbw"
  | "partid_nrw";

/** What all parts of a class, component or MSC have; widths in bits, 0 where there is none. */
export interface Props {
  readonly features: Set<Feature>;
  cpbmWd: number;
  mbwPbmBits: number;
  bwaWd: number;
  cmaxWd: number;
  cassocWd: number;
  intpriWd: number;
  dspriWd: number;
  numCsuMon: number;
  numMbwuMon: number;
}

/** "All L3 caches": what MSCs of one kind have in common. */
export interface MpamClass {
  readonly type: ClassType;
  /** Cache level, or 255 for memory. */
  readonly level: number;
  readonly props: Props;
  readonly nrdyUsec: number;
  readonly affinity: ReadonlySet<number>;
  readonly components: readonly Component[];
}

/** One instance of a class: one L3, one NUMA node. */
export interface Component {
  readonly class: MpamClass;
  /** Cache id, or NUMA node. */
  readonly id: number;
  readonly affinity: ReadonlySet<number>;
}

/** What is configured for one PARTID; what is absent has its reset value. */
export interface PartConfig {
  readonly cpbm?: number;
  readonly mbwPbm?: number;
  /** The 16-bit fraction as the register holds it. */
  readonly mbwMax?: number;
}

/** What a monitor is to count, and which: CSU answers bytes held, MBWU bytes moved. */
export interface MonitorRequest {
  readonly type: "csu" | "mbwu";
  readonly mon: number;
  readonly partid: number;
  readonly pmg: number;
  readonly matchPmg: boolean;
  /** MBWU, where the part can tell: what to count. Default both. */
  readonly direction?: "both" | "reads" | "writes";
  /** CSU, where the part can tell: modified lines only. */
  readonly excludeClean?: boolean;
}
