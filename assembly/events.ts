// What the hardware has to tell software: a short queue of interrupt changes that the host drains after every access
// and every call.

import { root } from "./root";

export const EVENT_CAPACITY: u32 = 1024;

export const EVENT_ERROR: u32 = 0;
export const EVENT_OVERFLOW: u32 = 1;

export const DELIVERY_WIRE: u32 = 0;
export const DELIVERY_PULSE: u32 = 1;
export const DELIVERY_MSI: u32 = 2;

@unmanaged
export class Event {
  kind: u32;
  msc: u32;
  space: u32;
  /** 1: the line rises, 0: it is released. 1 for pulses and MSIs. */
  level: u32;
  delivery: u32;
  /** Pulses and MSIs alike of one bank, since the host last looked. */
  count: u32;
  /** What an MSI writes. */
  address: u64;
  data: u32;
  attributes: u32;
  /** PARTID [15:0] and PMG [23:16] of an MSI. */
  mpam: u32;
  spare: u32;
  /** Records run since power-on when it happened. */
  record: u64;
  time: u64;
}

export function raise(kind: u32, msc: u32, space: u32, level: u32): void {
  const r = root();
  if (r.eventCount == EVENT_CAPACITY) {
    r.eventsLost++;
    return;
  }
  const event = changetype<Event>(r.events + r.eventCount * offsetof<Event>());
  event.kind = kind;
  event.msc = msc;
  event.space = space;
  event.level = level;
  event.delivery = DELIVERY_WIRE;
  event.count = 1;
  event.record = r.record;
  event.time = r.now;
  r.eventCount++;
}

export function eventAt(index: u32): Event {
  return changetype<Event>(root().events + index * offsetof<Event>());
}
