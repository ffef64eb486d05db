// The label of a request that an SMMU lets pass, or makes itself (IHI 0070, chapter 17; more.md 2.3).

import type { SmmuDescription, StreamSpace } from "../../platform/index.ts";
import type { Label } from "../spaces.ts";
import { type GlobalLabel, limitsOf, type SmmuRegisters } from "./registers.ts";
import type { Structures } from "./structures.ts";
import {
  CD_PARTID,
  CD_PMG,
  CD_V,
  CONFIGS,
  getField,
  mapEntry,
  S1DSS,
  STE_CONFIG,
  STE_MPAM_NS,
  STE_PARTID,
  STE_PMG,
  STE_S1CDMAX,
  STE_S1DSS,
  STE_S1MPAM,
  STE_V,
  type Words,
} from "./words.ts";

export const SMMU_REQUEST_KINDS = [
  /** A request of a device that is to be translated, or passes by. */
  "client",
  /** What an ATS translation request makes the SMMU do. */
  "ats-request",
  /** A request that a device has had translated before. */
  "ats-translated",
  /** Of the SMMU itself: L1STD and STE, queues, interrupts, VMS, L1CD and CD, descriptors of both stages, GPT. */
  "ste-fetch",
  "queue",
  "msi",
  "vms-fetch",
  "cd-fetch",
  "stage1-walk",
  "stage2-walk",
  "gpt-walk",
] as const;
export type SmmuRequestKind = (typeof SMMU_REQUEST_KINDS)[number];

/** Where a label was found. */
export type LabelSource = "STE" | "CD" | "VMS" | "GMPAM" | "GBPMPAM";

/** The label of a device's request, and which structure had it. */
export interface StreamLabel extends Label {
  readonly from: LabelSource;
  /** The PARTID or the PMG was out of range, and is 0. */
  readonly flawed: boolean;
}

/** The request ends at the SMMU; `aborted` says why. */
export interface Aborted {
  readonly aborted: string;
}

export interface LabelledStream {
  readonly smmu: SmmuDescription;
  readonly sid: number;
  readonly space: StreamSpace;
  readonly ssid: number | undefined;
  readonly kind: SmmuRequestKind;
  readonly registers: SmmuRegisters;
  readonly structures: Structures;
}

export function labelOf(stream: LabelledStream): StreamLabel | Aborted {
  const { kind, space, registers } = stream;
  if (kind === "ste-fetch" || kind === "queue" || kind === "msi" || kind === "vms-fetch") {
    return globally(stream, registers.own, "GMPAM");
  }
  if (!registers.enabled) {
    if (kind !== "client" && kind !== "gpt-walk") return { aborted: `CR0.SMMUEN is 0, and the SMMU makes no ${kind}` };
    // There is no SMMU_R_GBPMPAM.
    if (space === "rl") return { aborted: "SMMU_R_CR0.SMMUEN is 0" };
    return globally(stream, registers.bypass, "GBPMPAM");
  }
  if (kind === "ats-request" || kind === "ats-translated") {
    if (space === "s") return { aborted: "streams of Secure state have no ATS" };
    if (kind === "ats-translated" && !registers.atschk) return globally(stream, registers.bypass, "GBPMPAM");
  }
  return byEntry(stream);
}

function byEntry(stream: LabelledStream): StreamLabel | Aborted {
  const { kind, sid, space, ssid, structures, smmu } = stream;
  const ste = structures.ste(sid, space);
  if (getField(ste, STE_V) === 0) return { aborted: `stream ${sid} has no valid STE` };
  const config = getField(ste, STE_CONFIG);
  if (config < CONFIGS.bypass) return { aborted: `STE.Config of stream ${sid} is abort` };
  const ofStream = () => finish(stream, ste, getField(ste, STE_PARTID), getField(ste, STE_PMG), "STE");
  const stage1 = config === CONFIGS.stage1 || config === CONFIGS.nested;
  if (kind === "stage2-walk" || kind === "cd-fetch") {
    const does = kind === "cd-fetch" ? stage1 : config === CONFIGS.stage2 || config === CONFIGS.nested;
    return does ? ofStream() : { aborted: `stream ${sid} makes no ${kind}` };
  }
  if (kind === "ats-translated") {
    // A context descriptor is known only by the substream that the request names.
    const named = ssid !== undefined && smmu.pasidtt;
    return stage1 && named && getField(ste, STE_S1MPAM) === 1 ? byDescriptor(stream, ste, ssid) : ofStream();
  }
  if (!stage1) {
    if (kind === "stage1-walk") return { aborted: `stream ${sid} makes no ${kind}` };
    return ssid === undefined ? ofStream() : { aborted: `stream ${sid} has no substreams` };
  }
  const index = descriptorOf(ste, sid, ssid);
  if (typeof index === "object") return index;
  if (index === "bypass") return kind === "stage1-walk" ? { aborted: `stream ${sid} makes no ${kind}` } : ofStream();
  if (getField(structures.cd(sid, space, index), CD_V) === 0) {
    return { aborted: `substream ${index} of stream ${sid} has no valid CD` };
  }
  return getField(ste, STE_S1MPAM) === 1 ? byDescriptor(stream, ste, index) : ofStream();
}

/** Which context descriptor a request uses; "bypass": none, because it skips stage 1. */
function descriptorOf(ste: Words, sid: number, ssid: number | undefined): number | "bypass" | Aborted {
  const bits = getField(ste, STE_S1CDMAX);
  if (bits === 0) return ssid === undefined ? 0 : { aborted: `stream ${sid} has no substreams` };
  const dss = getField(ste, STE_S1DSS);
  if (ssid === undefined) {
    if (dss === S1DSS.bypass) return "bypass";
    return dss === S1DSS.substream0 ? 0 : { aborted: `stream ${sid} wants requests with a substream (S1DSS)` };
  }
  if (ssid >= 2 ** bits) return { aborted: `stream ${sid} has substreams up to ${2 ** bits - 1}` };
  if (ssid === 0 && dss === S1DSS.substream0) {
    return { aborted: `substream 0 of stream ${sid} is for requests without one (S1DSS)` };
  }
  return ssid;
}

function byDescriptor(stream: LabelledStream, ste: Words, index: number): StreamLabel | Aborted {
  const { sid, space, structures } = stream;
  const cd = structures.cd(sid, space, index);
  if (getField(cd, CD_V) === 0) return { aborted: `substream ${index} of stream ${sid} has no valid CD` };
  const [partid, pmg] = [getField(cd, CD_PARTID), getField(cd, CD_PMG)];
  if (getField(ste, STE_CONFIG) !== CONFIGS.nested) return finish(stream, ste, partid, pmg, "CD");
  // Without PARTIDs other than 0 there is no VMS.
  if (maximum(stream, spaceOf(stream, ste)).partidMax === 0) return finish(stream, ste, 0, pmg, "VMS");
  const physical = getField(structures.partidMap(sid, space), mapEntry(partid & 31));
  return finish(stream, ste, physical, pmg, "VMS");
}

function spaceOf({ smmu, space }: LabelledStream, ste: Words): StreamSpace {
  return limitsOf(smmu, space).mpamNs && getField(ste, STE_MPAM_NS) === 1 ? "ns" : space;
}

function finish(stream: LabelledStream, ste: Words, partid: number, pmg: number, from: LabelSource): StreamLabel {
  return inRange(stream, spaceOf(stream, ste), partid, pmg, from);
}

function globally(stream: LabelledStream, { partid, pmg, mpamNs }: GlobalLabel, from: LabelSource): StreamLabel {
  const { smmu, space } = stream;
  return inRange(stream, limitsOf(smmu, space).mpamNs && mpamNs ? "ns" : space, partid, pmg, from);
}

/** Limits are those of the PARTID space; without MPAM everything is RES0. */
function maximum({ smmu, space }: LabelledStream, target: StreamSpace): { partidMax: number; pmgMax: number } {
  const of = limitsOf(smmu, space);
  const supported = smmu.mpam && (of.partidMax !== 0 || of.pmgMax !== 0);
  return supported ? limitsOf(smmu, target) : { partidMax: 0, pmgMax: 0 };
}

function inRange(
  stream: LabelledStream,
  space: StreamSpace,
  partid: number,
  pmg: number,
  from: LabelSource,
): StreamLabel {
  const { partidMax, pmgMax } = maximum(stream, space);
  const without = partidMax === 0 && pmgMax === 0;
  const flawed = !without && (partid > partidMax || pmg > pmgMax);
  return { space, partid: partid > partidMax ? 0 : partid, pmg: pmg > pmgMax ? 0 : pmg, from, flawed };
}
