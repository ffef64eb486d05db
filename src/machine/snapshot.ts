// A session in one piece: a header, the hardware's memory, and what software keeps beside it.

import type { Platform } from "../platform/index.ts";
import type { ProcessorState } from "./processor.ts";
import type { ReplayState } from "./replay.ts";

export const SNAPSHOT_VERSION = 1;

const MAGIC = "MPAMSNAP";
const HEADER_BYTES = 16;

export interface SessionState {
  readonly version: number;
  readonly module: string;
  readonly platform: Platform;
  readonly now: number;
  readonly timers: readonly { readonly kind: string; readonly due: number }[];
  readonly processor: ProcessorState;
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
  return { state, memory };
}

function parse(json: Uint8Array): SessionState & { readonly memoryBytes: number } {
  try {
    return JSON.parse(new TextDecoder().decode(json)) as SessionState & { readonly memoryBytes: number };
  } catch (cause) {
    throw new TypeError("the snapshot is damaged: its header cannot be read", { cause });
  }
}

function cut(bytes: number): TypeError {
  return new TypeError(`the snapshot is cut short: ${bytes} bytes do not hold what its header announces`);
}
