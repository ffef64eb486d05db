// What the streams of a closed replay live on.

import type { FeedPosition, Placement } from "./columns-in.ts";
import { type IntakeHost, openFeeds } from "./feeds.ts";
import { MergedSupply } from "./merged-supply.ts";
import { OwnSupply } from "./own-supply.ts";
import type { TraceSource } from "./source.ts";
import type { Hardware } from "./wasm.ts";

export interface SupplyHost extends IntakeHost {
  readonly hardware: Pick<
    Hardware,
    | "openStream"
    | "streamRoom"
    | "endStream"
    | "setHorizon"
    | "giveStaged"
    | "giveHanded"
    | "handed"
    | "setSkip"
    | "streamSkip"
    | "setBehind"
    | "streamTaken"
    | "stagedLines"
    | "stagedRequesters"
    | "stagedMetas"
  >;
}

/** Where a supply stands: rows of the traces, and how many of the records that follow each requester has been given already. */
export interface SupplyState {
  readonly positions: readonly FeedPosition[];
  readonly given: readonly (readonly [requester: number, records: number])[];
}

export interface Supply {
  /** Hands over what there is room for; whether there was anything. What the hardware gets later is no earlier than the horizon. */
  give(): boolean;
  /** Brings records to where `give` finds them, as nothing of what is there can be given. Throws what a trace threw. */
  fetch(): Promise<void>;
  /** Nothing waits outside the hardware, and nothing more comes. */
  readonly exhausted: boolean;
  save(): SupplyState;
  close(): Promise<void>;
}

/** Where each trace has one requester, or holds each by itself, each reads on at its own pace. */
export function openSupply(
  host: SupplyHost,
  sources: readonly TraceSource[],
  placements: readonly Placement[],
  startNs: number,
  requesters: readonly number[],
  state?: SupplyState,
): Supply {
  const { feeds, alone } = openFeeds(host, sources, placements, startNs, state?.positions);
  const known = alone.filter((requester) => requester !== undefined);
  if (known.length === feeds.length && new Set(known).size === feeds.length) {
    return new OwnSupply(host, feeds, known, requesters);
  }
  return new MergedSupply(host, feeds, requesters, state);
}
