// Interrupts on their way from the hardware to whoever listens.

import type { MscInstance, Space } from "../platform/index.ts";
import { spaceNamed } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

export interface InterruptEvent {
  readonly kind: "error" | "overflow";
  readonly msc: number;
  readonly space: Space;
  /** The number firmware gives the line; 0 when it is wired to nothing. */
  readonly line: number;
  /** 1: raised, 0: released. */
  readonly level: 0 | 1;
  /** Model time, ns. */
  readonly time: number;
  /** For what a record raised: its number in the replay, from 0. */
  readonly record?: number;
}

export type InterruptHandler = (event: InterruptEvent) => void;

/** Takes what the hardware has queued. `during`: the replay that ran, to stamp events with its records. */
export function drain(
  hardware: Hardware,
  mscs: readonly MscInstance[],
  now: number,
  during?: { readonly firstRecord: number; readonly timeOf: (record: number) => number; readonly base: number },
): InterruptEvent[] {
  const count = hardware.eventCount();
  if (count === 0) return [];
  const events: InterruptEvent[] = [];
  for (let i = 0; i < count; i++) {
    const kind = hardware.eventKind(i) === 0 ? "error" : "overflow";
    const msc = hardware.eventMsc(i);
    const description = mscs[msc]?.description;
    const common = {
      kind,
      msc,
      space: spaceNamed(hardware.eventSpace(i)),
      line: (kind === "error" ? description?.errorInterrupt : description?.overflowInterrupt) ?? 0,
      level: hardware.eventLevel(i) === 1 ? 1 : 0,
    } as const;
    if (during) {
      // The hardware has counted the record that raised the event already.
      const record = Number(hardware.eventRecord(i)) - 1 - during.base;
      events.push({ ...common, time: during.timeOf(record), record });
    } else events.push({ ...common, time: now });
  }
  hardware.clearEvents();
  return events;
}
