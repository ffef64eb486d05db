// A session in one piece: a header, the hardware's memory, and what software keeps beside it.

import type { Platform } from "../platform/index.ts";
import { isChecked, isMap } from "./checked-platform.ts";
import type { DevicesState } from "./devices.ts";
import { areFaultStates } from "./faults/faults.ts";
import type { FaultState } from "./faults/in-force.ts";
import type { MailboxState } from "./mailbox.ts";
import type { ProcessorState } from "./processor.ts";
import type { ReplayState } from "./replay.ts";
import type { ShadowState } from "./shadow/state.ts";
import type { SmmuState } from "./smmu/index.ts";

export const SNAPSHOT_VERSION = 4;

const MAGIC = "MPAMSNAP";
const HEADER_BYTES = 16;
const PAGE_BYTES = 65536;

export interface SessionState {
  readonly version: number;
  readonly module: string;
  readonly platform: Platform;
  readonly now: number;
  readonly timers: readonly { readonly kind: string; readonly due: number }[];
  readonly processor: ProcessorState;
  readonly devices: DevicesState;
  /** In file order. */
  readonly smmus: readonly SmmuState[];
  /** Cpus that are not online. */
  readonly offline: readonly number[];
  /** In file order. */
  readonly mailboxes: readonly MailboxState[];
  /** Of T241-MPAM-1, chip by chip. */
  readonly shadows: readonly ShadowState[];
  /** Those in force. */
  readonly faults: readonly FaultState[];
  readonly replay: ReplayState | null;
  readonly seed: number | null;
  readonly parts: Readonly<Record<string, unknown>>;
}

/** Magic, version and length of the JSON; the JSON, with the length of the memory; the memory. */
export function encodeSnapshot(state: SessionState, memory: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ ...state, memoryBytes: memory.length }));
  const bytes = new Uint8Array(HEADER_BYTES + json.length + memory.length);
  bytes.set(new TextEncoder().encode(MAGIC), 0);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, SNAPSHOT_VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, HEADER_BYTES);
  bytes.set(memory, HEADER_BYTES + json.length);
  return bytes;
}

/** Refuses in words what is not a snapshot, is one of another version, or has been cut. */
export function decodeSnapshot(bytes: Uint8Array): { state: SessionState; memory: Uint8Array } {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("a snapshot is a Uint8Array");
  if (bytes.length < HEADER_BYTES || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) {
    throw new TypeError("not a snapshot: it does not begin with MPAMSNAP");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const version = view.getUint32(8, true);
  if (version !== SNAPSHOT_VERSION) {
    throw new TypeError(`the snapshot has format version ${version}; this emulator reads version ${SNAPSHOT_VERSION}`);
  }
  const length = view.getUint32(12, true);
  if (HEADER_BYTES + length > bytes.length) throw cut(bytes.length);
  const { memoryBytes, ...state } = parse(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
  const memory = bytes.subarray(HEADER_BYTES + length);
  if (!(memory.length >= memoryBytes)) throw cut(bytes.length);
  if (memory.length > memoryBytes) {
    throw new TypeError(`the snapshot is longer than its header announces, by ${memory.length - memoryBytes} bytes`);
  }
  if (memoryBytes === 0 || memoryBytes % PAGE_BYTES !== 0) throw damaged(`it announces ${memoryBytes} bytes of memory`);
  return { state, memory };
}

// JSON has numbers beyond all others, such as 1e999.
const isNumber = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
const isReplay = (value: unknown) =>
  isMap(value) &&
  [value.hashes, value.positions].every(Array.isArray) &&
  [value.startNs, value.records].every(isNumber);

const isSmmu = (value: unknown) =>
  isMap(value) &&
  isMap(value.registers) &&
  isMap(value.structures) &&
  [value.structures.memory, value.structures.cached, value.structures.maps].every(Array.isArray);

/** What restoring counts on. */
const FITS: { readonly [key in keyof SessionState | "memoryBytes"]: (value: unknown) => boolean } = {
  version: isNumber,
  module: (value) => typeof value === "string",
  platform: isChecked,
  now: isNumber,
  timers: Array.isArray,
  processor: (value) =>
    isMap(value) &&
    [value.enrolled, value.requesters, value.changed, value.fixed].every(Array.isArray) &&
    isMap(value.kernel) &&
    [value.kernel.tasks, value.kernel.cpuDefaults, value.kernel.cpus].every(Array.isArray),
  devices: (value) =>
    isMap(value) &&
    [value.requesters, value.fixed, value.changed, value.carried].every(Array.isArray) &&
    (value.requesters as unknown[]).every((one) => isMap(one) && isNumber(one.requester) && isMap(one.origin)),
  smmus: (value) => Array.isArray(value) && value.every(isSmmu),
  offline: (value) => Array.isArray(value) && value.every(isNumber),
  mailboxes: Array.isArray,
  shadows: Array.isArray,
  faults: areFaultStates,
  replay: (value) => value === null || isReplay(value),
  seed: (value) => value === null || (Number.isInteger(value) && isNumber(value) && (value as number) < 2 ** 32),
  parts: isMap,
  memoryBytes: isNumber,
};

function parse(json: Uint8Array): SessionState & { readonly memoryBytes: number } {
  let state: unknown;
  try {
    state = JSON.parse(new TextDecoder().decode(json));
  } catch (cause) {
    throw damaged("its header cannot be read", { cause });
  }
  if (!isMap(state)) throw damaged("its header cannot be read");
  for (const [key, fits] of Object.entries(FITS)) {
    if (!fits(state[key])) throw damaged(`the ${key} in its header cannot be used`);
  }
  return state as unknown as SessionState & { readonly memoryBytes: number };
}

export function damaged(how: string, options?: ErrorOptions): TypeError {
  return new TypeError(`the snapshot is damaged: ${how}`, options);
}

function cut(bytes: number): TypeError {
  return new TypeError(`the snapshot is cut short: ${bytes} bytes do not hold what its header announces`);
}
