// An interrupt as a line for people.

import { type InterruptEvent, nameOfMsc } from "../../machine/index.ts";
import type { MscInstance } from "../../platform/index.ts";
import { time } from "../../written/index.ts";

/** `12.000 us  error interrupt of L3 0 (msc 0, ns): line 44 raised`. */
export function describeInterrupt(event: InterruptEvent, mscs: readonly MscInstance[]): string {
  const what = event.kind === "mailbox" ? `completion interrupt of mailbox ${event.subspace}` : sourceOf(event, mscs);
  const times = event.count > 1 ? ` (${event.count} times)` : "";
  const record = event.record === undefined ? "" : `, at record ${event.record}`;
  return `${time(event.time)}  ${what}: ${deliveryOf(event)}${times}${record}`;
}

function sourceOf({ kind, msc, space }: InterruptEvent, mscs: readonly MscInstance[]): string {
  const instance = mscs[msc ?? -1];
  return `${kind} interrupt of ${instance ? `${nameOfMsc(instance)} (msc ${msc}, ${space})` : `msc ${msc}`}`;
}

function deliveryOf({ delivery, level, line, msi }: InterruptEvent): string {
  if (msi) return `MSI writes 0x${msi.data.toString(16)} to 0x${msi.address.toString(16)}`;
  if (delivery === "pulse") return `pulse on line ${line}`;
  return `line ${line} ${level === 1 ? "raised" : "released"}`;
}
