// A fault in force: how often it has acted, and how often it still will.

import type { Fault, FaultHandle } from "./types.ts";

export interface FaultState {
  /** In order of adding, from 0. */
  readonly number: number;
  readonly fault: Fault;
  readonly fired: number;
  /** How often it will act yet; null: without end. */
  readonly left: number | null;
  /** When it acts by itself next; null: never. */
  readonly due: number | null;
}

export class InForce<F extends Fault = Fault> implements FaultHandle {
  readonly number: number;
  readonly fault: F;
  due: number | null;
  #fired: number;
  #left: number | null;

  /** @param ended Called when it has acted for the last time, or is removed. */
  constructor(
    { number, fault, fired, left, due }: FaultState & { readonly fault: F },
    private readonly ended: (one: InForce) => void,
  ) {
    this.number = number;
    this.fault = fault;
    this.due = due;
    this.#fired = fired;
    this.#left = left;
  }

  get fired(): number {
    return this.#fired;
  }

  act(): void {
    this.#fired++;
    if (this.#left !== null && --this.#left === 0) this.remove();
  }

  remove(): void {
    this.ended(this);
  }

  save(): FaultState {
    return { number: this.number, fault: this.fault, fired: this.#fired, left: this.#left, due: this.due };
  }
}

/** Those of one kind. */
export function ofKind<K extends Fault["kind"]>(
  faults: readonly InForce[],
  kind: K,
): InForce<Extract<Fault, { readonly kind: K }>>[] {
  return faults.filter(({ fault }) => fault.kind === kind) as never;
}
