// What the hardware has to tell software: a short queue of interrupts that the host drains after every access and every
// call.

import { MAX_MSCS, root } from "./root";

/**
 * Enough for whatever happens before the host looks. While records run, each MSC raises its two wires once, and each of
 * its four banks has one counted pulse or MSI of either kind; accesses make EVENTS_PER_ACCESS at most, and a batch of
 * them pauses in time.
 */
export const EVENT_CAPACITY: u32 = 12 * MAX_MSCS;
export const EVENTS_PER_ACCESS: u32 = 8;

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
  /** Records run since power-on when it happened, the one that made it among them; 0 for what an edge let through. */
  record: u64;
  /** Model time as the hardware has it: within a call of open timing that stands still. */
  time: u64;
}

/** A wire has changed. */
export function raise(kind: u32, msc: u32, space: u32, level: u32): void {
  add(kind, msc, space, level, DELIVERY_WIRE);
}

/** A pulse on a wire. Those of one bank that come before the host looks are one event with a count. */
export function raisePulse(kind: u32, msc: u32, space: u32): void {
  if (!repeats(kind, msc, space, DELIVERY_PULSE)) add(kind, msc, space, 1, DELIVERY_PULSE);
}

/** A message; counted like pulses. */
export function raiseMsi(
  kind: u32,
  msc: u32,
  space: u32,
  address: u64,
  data: u32,
  attributes: u32,
  mpam: u32,
): void {
  if (repeats(kind, msc, space, DELIVERY_MSI)) return;
  const event = add(kind, msc, space, 1, DELIVERY_MSI);
  event.address = address;
  event.data = data;
  event.attributes = attributes;
  event.mpam = mpam;
}

/** The event of this kind that the host has not seen yet, or 0. */
export function waiting(kind: u32, msc: u32, space: u32, delivery: u32): usize {
  const count = root().eventCount;
  for (let i: u32 = 0; i < count; i++) {
    const event = eventAt(i);
    if (event.delivery == delivery && event.kind == kind && event.msc == msc && event.space == space) {
      return changetype<usize>(event);
    }
  }
  return 0;
}

function repeats(kind: u32, msc: u32, space: u32, delivery: u32): bool {
  const event = waiting(kind, msc, space, delivery);
  if (event != 0) changetype<Event>(event).count++;
  return event != 0;
}

function add(kind: u32, msc: u32, space: u32, level: u32, delivery: u32): Event {
  const r = root();
  const event = eventAt(r.eventCount++);
  event.kind = kind;
  event.msc = msc;
  event.space = space;
  event.level = level;
  event.delivery = delivery;
  event.count = 1;
  event.address = 0;
  event.data = 0;
  event.attributes = 0;
  event.mpam = 0;
  event.record = r.atEdge ? 0 : r.record;
  event.time = r.now;
  return event;
}

export function eventAt(index: u32): Event {
  return changetype<Event>(root().events + index * offsetof<Event>());
}
