// What is no command, no request and no substream of an SMMU.

import { ErrnoError } from "../../errno/index.ts";
import { SUBSTREAMS_MAXIMUM } from "../../platform/index.ts";
import { SMMU_REQUEST_KINDS, type SmmuRequestKind } from "./label.ts";
import type { SmmuCommand } from "./structures.ts";

const STREAMS_MAXIMUM = 2 ** 32;

/** Commands, and the operand of each that has one besides a StreamID, with its maximum. */
const OPERANDS: { readonly [op in SmmuCommand["op"]]: readonly [name: string, most: number] | null } = {
  CFGI_STE: null,
  CFGI_STE_RANGE: ["range", 31],
  CFGI_CD: ["ssid", SUBSTREAMS_MAXIMUM - 1],
  CFGI_CD_ALL: null,
  CFGI_VMS_PIDM: ["vmid", 65_535],
  CFGI_ALL: null,
};

export function checkCommand(command: SmmuCommand): void {
  const { op } = command;
  if (!Object.hasOwn(OPERANDS, op)) {
    throw new ErrnoError("EINVAL", `command ${op}: ${Object.keys(OPERANDS).join(", ")} are there (CERROR_ILL)`);
  }
  const [name, most] = OPERANDS[op] ?? [];
  if (name === undefined || most === undefined) return;
  const value = (command as { readonly [name: string]: unknown })[name];
  if (isUpTo(value, most)) return;
  throw new ErrnoError("EINVAL", `${op}: ${name} ${value}; 0 to ${most} is allowed`);
}

/** EINVAL, as all here. */
export function checkStreamId(sid: number): void {
  if (isUpTo(sid, STREAMS_MAXIMUM - 1)) return;
  throw new ErrnoError("EINVAL", `StreamID ${sid}: 0 to ${STREAMS_MAXIMUM - 1} is allowed`);
}

export function checkKind(kind: SmmuRequestKind): void {
  if (SMMU_REQUEST_KINDS.includes(kind)) return;
  throw new ErrnoError("EINVAL", `kind ${kind}: ${SMMU_REQUEST_KINDS.join(", ")} are there`);
}

export function checkSubstream(ssid: number): void {
  if (isUpTo(ssid, SUBSTREAMS_MAXIMUM - 1)) return;
  throw new ErrnoError("EINVAL", `SubstreamID ${ssid}: 0 to ${SUBSTREAMS_MAXIMUM - 1} is allowed`);
}

const isUpTo = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
