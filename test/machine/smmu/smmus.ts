// SMMUs for tests, by what differs from the one below, and the fields of what software writes, from the architecture's tables.

import { Smmu, type SmmuHost, type SmmuState } from "../../../src/machine/smmu/index.ts";
import { checkObject } from "../../../src/platform/index.ts";

export const BASE = 0x2b40_0000;
export const REALM = 0x2b60_0000;

export const TIME = { now: 0 };

/** A Secure and a Realm state with HAS_MPAM_NS, and limits that differ. */
export const ALL_STATES = {
  secure: { partidMax: 15, pmgMax: 1, mpamNs: true },
  realm: { base: REALM, mpamNs: true },
};

export function smmuOf(keys: object, state?: SmmuState, host: Partial<SmmuHost> = {}): Smmu {
  const platform = checkObject({
    name: "t",
    cpus: 1,
    processor: { partidMax: 63, pmgMax: 3 },
    memory: [{ bytes: "1 MiB", bytesPerSecond: "1 GB/s" }],
    smmus: [{ base: BASE, partidMax: 31, pmgMax: 3, ...keys }],
  });
  const clock = { now: 0 };
  const standing: SmmuHost = { now: () => clock.now, nextEdge: () => clock.now, changed: () => {}, ...host };
  const [description] = platform.smmus;
  if (!description) throw new Error("no SMMU");
  return new Smmu(description, standing, state);
}

/** Bit positions within a structure of 512 bits: [high, low] (IHI 0070, 5.2, 5.4). */
export const STE = {
  V: [0, 0],
  Config: [3, 1],
  S1CDMax: [63, 59],
  S1DSS: [65, 64],
  S1MPAM: [90, 90],
  S2VMID: [143, 128],
  PARTID: [287, 272],
  PMG: [327, 320],
  MPAM_NS: [328, 328],
  VMSPtr: [375, 332],
} as const;
export const CD = { V: [31, 31], PARTID: [367, 352], PMG: [375, 368] } as const;

type Bits = readonly [high: number, low: number];
interface Access {
  read(word: number): bigint;
  write(word: number, value: bigint): void;
}

/** The structure as one number of 512 bits. */
const whole = (of: Access) => Array.from({ length: 8 }, (_, i) => of.read(i) << BigInt(64 * i)).reduce((a, b) => a | b);

export function get(of: Access, [high, low]: Bits): number {
  return Number(BigInt.asUintN(high - low + 1, whole(of) >> BigInt(low)));
}

export function set(of: Access, [high, low]: Bits, value: number): void {
  const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
  const next = (whole(of) & ~mask) | ((BigInt(value) << BigInt(low)) & mask);
  for (let i = 0; i < 8; i++) of.write(i, BigInt.asUintN(64, next >> BigInt(64 * i)));
}
