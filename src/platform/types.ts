// What a platform is, after checking: every default filled in, every size a number of bytes.

export type Space = "ns" | "s" | "rt" | "rl";

export interface Platform {
  readonly name: string;
  readonly description: string;
  /** Logical cpus 0 .. cpus - 1. */
  readonly cpus: number;
  /** What the cpus can put on a request: MPAMIDR_EL1.PARTID_MAX and PMG_MAX. */
  readonly processor: { readonly partidMax: number; readonly pmgMax: number };
  readonly quantumNs: number;
  /** Page size of the address rule: 4096, 16384, 65536 or 2 MiB. */
  readonly pageBytes: number;
  /** Most labels that may be in use at once; owner 0 is (ns, 0, 0). */
  readonly owners: number;
  /** Most bytes of WebAssembly memory the machine may take. */
  readonly memoryLimit: number;
  readonly caches: readonly CacheDescription[];
  readonly memory: readonly MemoryDescription[];
}

export interface CacheDescription {
  readonly level: number;
  /** The id firmware gives this instance: the domain id in a schemata line. */
  readonly id: number;
  readonly cpus: readonly number[];
  readonly bytes: number;
  readonly ways: number;
  readonly lineBytes: number;
  readonly policy: "lru";
  readonly slices: number;
  /** Absent: the cache knows no partitions. With slices, each has an MSC of this shape, `stride` apart. */
  readonly msc?: MscDescription;
}

export interface MemoryDescription {
  readonly node: number;
  readonly cpus: readonly number[];
  readonly bytes: number;
  readonly channels: number;
  /** Peak bandwidth of one channel. */
  readonly bytesPerSecond: number;
  readonly msc?: MscDescription;
}

export interface MscDescription {
  /** Physical address of the Non-secure feature page, 64 KiB aligned. */
  readonly base: number;
  readonly stride: number;
  readonly version: "0.1" | "1.0" | "1.1";
  readonly iidr: number;
  /** Limits per address space; `ns` always exists. */
  readonly spaces: { readonly [space in Space]?: { readonly partidMax: number; readonly pmgMax: number } };
  /** Longest time NRDY may stay 1 after a monitor is configured, microseconds; 0: monitors are always ready. */
  readonly nrdyUsec: number;
  readonly errorInterrupt: number;
  readonly overflowInterrupt: number;
  /** Cpus that can reach the page. */
  readonly cpus: readonly number[];
  readonly ris: readonly RisDescription[];
}

export interface RisDescription {
  readonly ris: number;
  readonly cpor?: { readonly cpbmWd: number };
  readonly ccap?: { readonly cmaxWd: number };
  readonly mbw?: { readonly bwaWd: number; readonly maxLim: "both" | "soft" | "hard" };
  readonly csu?: { readonly monitors: number };
  readonly mbwu?: { readonly monitors: number; readonly counter: 31 | 44 | 63; readonly rwbw: boolean };
}

/** One MSC as the machine numbers them: caches in file order, slice by slice, then memory channels. */
export interface MscInstance {
  readonly msc: number;
  readonly address: number;
  readonly description: MscDescription;
  readonly resource:
    | { readonly kind: "cache"; readonly cache: CacheDescription; readonly slice: number }
    | { readonly kind: "memory"; readonly memory: MemoryDescription; readonly channel: number };
}
