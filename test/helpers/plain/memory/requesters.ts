/** Who issues what and when in closed timing (docs/modelled.md, "Time and edges"). */
import type { MemoryRecord } from "../../memory-subject.ts";

interface Requester {
  readonly records: MemoryRecord[];
  /** Of the record issued last: its time in the trace, and when it was issued. */
  last: { readonly recorded: number; readonly issued: number } | undefined;
  /** Requests that it may still cause in this quantum. */
  budget: number;
}

export class Requesters {
  readonly #all = new Map<number, Requester>();

  load(records: readonly MemoryRecord[]): void {
    for (const record of records) {
      const found = this.#all.get(record.requester);
      if (found !== undefined) found.records.push(record);
      else this.#all.set(record.requester, { records: [record], last: undefined, budget: 0 });
    }
  }

  get waiting(): number {
    return [...this.#all.values()].reduce((sum, { records }) => sum + records.length, 0);
  }

  /** @param budget of a requester in the quantum that begins */
  begin(budget: (requester: number) => number): void {
    for (const [number, requester] of this.#all) requester.budget = budget(number);
  }

  /** The record that is issued next, and when, if one is before `end`. @param start of the quantum */
  next(start: number, end: number): { readonly record: MemoryRecord; readonly time: number } | undefined {
    let first: { record: MemoryRecord; time: number } | undefined;
    for (const { records, last, budget } of this.#all.values()) {
      const [record] = records;
      if (record === undefined || budget === 0) continue;
      const planned = last === undefined ? record.time : last.issued + record.time - last.recorded;
      const time = Math.max(planned, start);
      if (time >= end) continue;
      const earlier = first === undefined || time < first.time;
      const smaller = time === first?.time && record.requester < first.record.requester;
      if (earlier || smaller) first = { record, time };
    }
    return first;
  }

  /** The record that was next has been issued. @param cost what it takes from the budget */
  issued({ requester: number, time: recorded }: MemoryRecord, issued: number, cost: number): void {
    const requester = this.#all.get(number);
    if (requester === undefined) return;
    requester.records.shift();
    requester.last = { recorded, issued };
    requester.budget -= cost;
  }
}
