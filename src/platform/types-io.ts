// Requesters that are not cpus: SMMUs with their streams, and devices.

import type { Space } from "./types.ts";

/** Security states in which an SMMU has streams. */
export type StreamSpace = "ns" | "s" | "rl";

/** Bytes of the two register pages that an SMMU has for a Security state. */
export const SMMU_WINDOW_BYTES = 2 ** 17;

/** SubstreamIDs are below. */
export const SUBSTREAMS_MAXIMUM = 2 ** 20;

/** An SMMU of a platform. */
export interface SmmuDescription {
  /** Physical address of register page 0, 64 KiB aligned. */
  readonly base: number;
  /** SMMU_IDR3.MPAM. Without it every request has PARTID 0 and PMG 0. */
  readonly mpam: boolean;
  /** SMMU_MPAMIDR, and SMMU_R_MPAMIDR where there is Realm state. */
  readonly partidMax: number;
  readonly pmgMax: number;
  /** SMMU_S_MPAMIDR; absent: no Secure state. */
  readonly secure?: { readonly partidMax: number; readonly pmgMax: number; readonly mpamNs: boolean };
  /** Absent: no Realm state. `base` is that of its page 0; `mpamNs` is SMMU_R_MPAMIDR.HAS_MPAM_NS. */
  readonly realm?: { readonly base: number; readonly mpamNs: boolean };
  /** CR0.SMMUEN of every state when software boots. */
  readonly enabled: boolean;
  /** CR0.ATSCHK of Non-secure state when software boots. */
  readonly atschk: boolean;
  /** SMMU_IDR3.PASIDTT: translated requests may name a substream. */
  readonly pasidtt: boolean;
  /** The stream table as boot software has written it. */
  readonly streams: readonly StreamDescription[];
}

/** STE.Config: what becomes of a stream. */
export type StreamConfig = "abort" | "bypass" | "stage1" | "stage2" | "nested";

/** One stream of an SMMU, as its table is when the machine has power. */
export interface StreamDescription {
  readonly sid: number;
  readonly space: StreamSpace;
  readonly config: StreamConfig;
  /** Labels come from the substream's entry. */
  readonly s1mpam: boolean;
  readonly partid: number;
  readonly pmg: number;
  /** Labels are of the Non-secure PARTID space. */
  readonly mpamNs: boolean;
  /** STE.S2VMID. */
  readonly vmid: number;
  /** Physical PARTIDs of the virtual PARTIDs 0, 1, ...: VMS.PARTID_MAP. Up to 32; what is left out is 0. */
  readonly vms: readonly number[];
  /** STE.S1DSS: what requests without a substream do where there are several. */
  readonly s1dss: "terminate" | "bypass" | "substream0";
  /** Context descriptors that are valid. `partid` is virtual where the stream is nested. */
  readonly substreams: readonly { readonly ssid: number; readonly partid: number; readonly pmg: number }[];
}

/** A requester that is no cpu. */
export interface DeviceDescription {
  readonly name: string;
  /** Its requests go through this SMMU, which labels them. */
  readonly stream?: {
    /** Index of `smmus`. */
    readonly smmu: number;
    readonly sid: number;
    readonly ssid?: number;
    readonly space: StreamSpace;
  };
  /** The label that it puts on its requests itself. Without stream and label it has (ns, 0, 0). */
  readonly label: { readonly space: Space; readonly partid: number; readonly pmg: number };
  /** It sends translated requests (ATS). */
  readonly ats: boolean;
  /** Where its requests enter the memory system. */
  readonly enters: "memory" | { readonly level: number; readonly id: number };
}
