/** What the host is told: changes of the two wires, and pulses and MSIs, of which repeated ones are one event with a count. */
import type { Space, SubjectInterrupt, SubjectMsi } from "../subject.ts";

type Kind = SubjectInterrupt["kind"];

/** What came, where, and during which record of a run, if during one. */
type Event = Omit<SubjectInterrupt, "record"> & { record?: number; count?: number };

export class Interrupts {
  #events: Event[] = [];
  readonly #levels = { error: 0, overflow: 0 };

  /** Tells a wire's level as it now is; only a change is an event. */
  wire(kind: Kind, up: boolean, record: number | undefined): void {
    const level = up ? 1 : 0;
    if (level === this.#levels[kind]) return;
    this.#levels[kind] = level;
    this.#events.push({ kind, level, ...during(record) });
  }

  pulse(space: Space, record: number | undefined): void {
    this.#once({ kind: "error", level: 1, delivery: "pulse", space, ...during(record) });
  }

  msi(kind: Kind, space: Space, msi: SubjectMsi, record: number | undefined): void {
    this.#once({ kind, level: 1, delivery: "msi", space, msi, ...during(record) });
  }

  take(): readonly SubjectInterrupt[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The first keeps its record and contents; further ones only count. */
  #once(event: Event): void {
    const same = this.#events.find(
      ({ kind, delivery, space }) => kind === event.kind && delivery === event.delivery && space === event.space,
    );
    if (same === undefined) this.#events.push({ ...event, count: 1 });
    else same.count = (same.count ?? 0) + 1;
  }
}

function during(record: number | undefined): { record?: number } {
  return record === undefined ? {} : { record };
}
