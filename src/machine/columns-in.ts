// Columns on their way into the hardware's memory: what a feed gives next, by one of two ways.

import type { Hardware } from "./wasm.ts";

/** What the intake is told and asked (assembly/replay/intake.ts). */
export type Intake = Pick<
  Hardware,
  | "openIntake"
  | "ran"
  | "stagedFirst"
  | "intakeEnd"
  | "setAskers"
  | "beginRows"
  | "giveColumns"
  | "endFeed"
  | "dropColumns"
  | "feedRow"
  | "feedPart"
  | "feedNext"
  | "feedTaken"
  | "isDry"
  | "isRefused"
  | "dryFeed"
  | "nextTime"
  | "skipRecords"
  | "stage"
  | "stageFeed"
  | "stagedRecords"
  | "stagedBefore"
  | "stagedTime"
  | "waitingOf"
>;

// Forms of columns, as the intake numbers them.
export const RECORDS = 0;
export const PACKED = 1;
export const COLUMNS = 2;

/** Where a feed stands: a row of the trace, and records of that row and later ones that have run already. */
export interface FeedPosition {
  readonly row: number;
  readonly records: number;
}

/** A part of the hardware's memory that is filled from outside. It never moves. */
export interface Slab {
  readonly at: number;
  readonly bytes: number;
}

/** Columns that lie in a slab, ready to be taken. */
export interface Piece {
  readonly form: number;
  readonly length: number;
  /** Lines or addresses, requesters, metas, times or steps, bytes. */
  readonly columns: readonly number[];
  /** Where they begin and end in the trace; the end only of RECORDS. */
  readonly from: FeedPosition;
  readonly to?: FeedPosition;
  /** The first of a batch: time of the row before it, what is added, rows to pass over and rows to take. */
  readonly begin?: { readonly time: number; readonly laterNs: number; readonly skip: number; readonly rows: number };
}

/** Fills one slab after the other, in the order of the trace; nothing when it has ended. */
export interface Filler {
  fill(slab: Slab): Promise<readonly Piece[]>;
  close(): Promise<void>;
}

export interface Placement {
  /** Machine-wide requester per requester of the trace. */
  readonly requesters: readonly number[];
  /** First byte of each address space, per requester of the trace. */
  readonly bases: readonly number[];
  /** Bytes of each address space, per requester; undefined where the trace does not list the space. */
  readonly reaches: readonly (number | undefined)[];
  /** Page numbers under a seed, per requester; absent: as in the trace. */
  readonly pages: readonly (Uint32Array | undefined)[];
  readonly pageBytes: number;
  readonly lineBytes: number;
  /** Lines at and past this one have no number. */
  readonly lineLimit: number;
}
