// SMMUs: which label the requests of devices carry.

export { type Aborted, type LabelSource, SMMU_REQUEST_KINDS, type SmmuRequestKind, type StreamLabel } from "./label.ts";
export { Smmu, type SmmuHost, type SmmuState, type Stream, type StreamRequest } from "./smmu.ts";
export type { SmmuCommand, WordAccess } from "./structures.ts";
