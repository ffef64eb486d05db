// Interrupts on their way from the hardware to whoever listens.

import { fieldGet, MSI_ATTR_MEMATTR, MSI_ATTR_SH, MSI_MPAM_PARTID, MSI_MPAM_PMG } from "../../assembly/regs/index.ts";
import type { MscInstance, Space } from "../platform/index.ts";
import { spaceNamed } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

/** How an interrupt leaves its MSC: a level that is held, a pulse, or a message that is written to memory. */
export type Delivery = "wire" | "pulse" | "msi";

/** The write that a message-signalled interrupt makes, as the MSC is programmed to make it. */
export interface MsiWrite {
  readonly address: number;
  readonly data: number;
  /** MemAttr[3:0] as stage 2 encodes it. */
  readonly memattr: number;
  /** 0 non-shareable, 2 outer, 3 inner shareable. */
  readonly shareability: number;
  /** The label on the write, in the PARTID space of the bank. */
  readonly partid: number;
  readonly pmg: number;
  readonly space: Space;
}

/** What an MSC raises or releases. */
export interface MscInterrupt {
  readonly kind: "error" | "overflow";
  readonly msc: number;
  /** The bank it comes from; of a wire, the one that changed it. */
  readonly space: Space;
  /** The number firmware gives the line, however the interrupt is delivered; 0 when it is wired to nothing. */
  readonly line: number;
  /** Of a wire 1 raised, 0 released; of pulses and MSIs 1. */
  readonly level: 0 | 1;
  readonly delivery: Delivery;
  /** Pulses or MSIs of one bank since the host last looked; 1 for a wire. */
  readonly count: number;
  /** Model time, ns; of the first one. */
  readonly time: number;
  /** For what a record raised: its number in the replay, from 0; the first one's. What an edge let through has none. */
  readonly record?: number;
  /** What an MSI writes; absent for others. */
  readonly msi?: MsiWrite;
}

/** The completion interrupt of a mailbox changes. */
export interface MailboxInterrupt {
  readonly kind: "mailbox";
  readonly subspace: number;
  readonly line: number;
  readonly level: 0 | 1;
  readonly delivery: "wire";
  readonly count: 1;
  /** Model time, ns. */
  readonly time: number;
  // It comes from no MSC.
  readonly msc?: undefined;
  readonly space?: undefined;
  readonly record?: undefined;
  readonly msi?: undefined;
}

/** An interrupt, of an MSC or of a mailbox. */
export type InterruptEvent = MscInterrupt | MailboxInterrupt;

/** Told of each interrupt, in the order in which they came. */
export type InterruptHandler = (event: InterruptEvent) => void;

/** What interrupts are read from. */
export type EventQueue = Pick<
  Hardware,
  | "eventCount"
  | "eventKind"
  | "eventMsc"
  | "eventSpace"
  | "eventLevel"
  | "eventDelivery"
  | "eventRepeats"
  | "eventAddress"
  | "eventData"
  | "eventAttributes"
  | "eventMpam"
  | "eventRecord"
  | "eventTime"
  | "clearEvents"
>;

/** The replay that raised interrupts, to stamp them with its records. */
export interface During {
  /** Absent: as the hardware has it. */
  readonly timeOf?: (record: number) => number;
  /** Records the hardware had run before the replay began. */
  readonly base: number;
}

const DELIVERIES: readonly Delivery[] = ["wire", "pulse", "msi"];

/** Takes what the hardware has queued. */
export function drain(
  hardware: EventQueue,
  mscs: readonly MscInstance[],
  now: number,
  during?: During,
): MscInterrupt[] {
  const count = hardware.eventCount();
  if (count === 0) return [];
  const events: MscInterrupt[] = [];
  for (let i = 0; i < count; i++) {
    const kind = hardware.eventKind(i) === 0 ? "error" : "overflow";
    const msc = hardware.eventMsc(i);
    const space = spaceNamed(hardware.eventSpace(i));
    const description = mscs[msc]?.description;
    const delivery = DELIVERIES[hardware.eventDelivery(i)] ?? "wire";
    const common = {
      kind,
      msc,
      space,
      line: (kind === "error" ? description?.errorInterrupt : description?.overflowInterrupt) ?? 0,
      level: hardware.eventLevel(i) === 1 ? 1 : 0,
      delivery,
      count: hardware.eventRepeats(i),
      ...(delivery === "msi" ? { msi: msiWrite(hardware, i, space) } : {}),
    } as const;
    if (during) {
      // The hardware has counted the record that raised the event already.
      const record = Number(hardware.eventRecord(i)) - 1 - during.base;
      const time = during.timeOf ? during.timeOf(record) : Number(hardware.eventTime(i));
      events.push({ ...common, time, ...(record < 0 ? {} : { record }) });
    } else events.push({ ...common, time: now });
  }
  hardware.clearEvents();
  return events;
}

function msiWrite(hardware: EventQueue, index: number, space: Space): MsiWrite {
  const attributes = hardware.eventAttributes(index);
  const mpam = hardware.eventMpam(index);
  return {
    address: Number(hardware.eventAddress(index)),
    data: hardware.eventData(index),
    memattr: fieldGet(MSI_ATTR_MEMATTR, attributes),
    shareability: fieldGet(MSI_ATTR_SH, attributes),
    partid: fieldGet(MSI_MPAM_PARTID, mpam),
    pmg: fieldGet(MSI_MPAM_PMG, mpam),
    space,
  };
}

/** Listeners, and the events that wait for them while they are busy with others: all hear all events in one order. */
export class Interrupts {
  readonly #handlers = new Set<InterruptHandler>();
  readonly #waiting: InterruptEvent[] = [];
  #telling = false;
  #quiet = false;

  /** Calls `handler` for every event from now on; the result ends that. */
  listen(handler: InterruptHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Whether handlers have not heard of all events yet. */
  get busy(): boolean {
    return this.#telling || this.#quiet || this.#waiting.length > 0;
  }

  queue(events: readonly InterruptEvent[]): void {
    this.#waiting.push(...events);
  }

  /** Whether `quietly` runs. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /** Nobody is told of anything while `body` runs: what handlers throw is not its affair. */
  quietly(body: () => void): void {
    this.#quiet = true;
    try {
      body();
    } finally {
      this.#quiet = false;
    }
  }

  /**
   * Tells the handlers; `told` follows each event that all have heard. What a handler raises they are told after this. Throws
   * what the first of them threw.
   */
  tell(told?: (event: InterruptEvent) => void): void {
    if (this.#telling || this.#quiet) return;
    this.#telling = true;
    const failures: unknown[] = [];
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) {
      for (const handler of this.#handlers) {
        try {
          handler(event);
        } catch (failure) {
          failures.push(failure);
        }
      }
      told?.(event);
    }
    this.#telling = false;
    if (failures.length > 0) throw failures[0];
  }
}

/** Events of one look of the host: pulses and MSIs alike become one, with their count. */
export function coalesce(events: readonly MscInterrupt[]): MscInterrupt[] {
  const looked: MscInterrupt[] = [];
  for (const event of events) {
    const at = event.delivery === "wire" ? -1 : looked.findIndex((one) => alike(one, event));
    const first = looked[at];
    if (first) looked[at] = { ...first, count: first.count + event.count };
    else looked.push(event);
  }
  return looked;
}

/** As assembly/events.ts counts them. */
function alike(a: MscInterrupt, b: MscInterrupt): boolean {
  return a.kind === b.kind && a.msc === b.msc && a.space === b.space && a.delivery === b.delivery;
}
