// The lines of the interrupt controller: up while somebody holds them up.

import type { InterruptEvent, Machine } from "../machine/index.ts";

export interface LineChange {
  /** The number firmware gives it. */
  readonly line: number;
  readonly level: 0 | 1;
}

const KINDS = ["error", "overflow"] as const;

export class InterruptLines {
  /** Who holds a line up; none is empty. */
  readonly #holders = new Map<number, Set<string>>();

  /** Those that are up, lowest first. */
  get up(): number[] {
    return [...this.#holders.keys()].sort((a, b) => a - b);
  }

  /** What an interrupt changes: a pulse raises and lowers a line that is down. A line that is wired to nothing (0) never changes. */
  changes(event: InterruptEvent): LineChange[] {
    const { line } = event;
    if (line === 0 || event.delivery === "msi") return [];
    const was = this.#holders.has(line);
    if (event.delivery === "pulse") return was ? [] : [up(line), down(line)];
    const who = event.kind === "mailbox" ? `mailbox ${event.subspace}` : `${event.kind} ${event.msc}`;
    if (event.level === 1) this.#hold(line, who);
    else this.#release(line, who);
    const is = this.#holders.has(line);
    if (is === was) return [];
    return [is ? up(line) : down(line)];
  }

  /** Another machine is there: its wires are up or not by themselves. */
  follow({ mscs, inside }: Machine): LineChange[] {
    const before = this.up;
    this.#holders.clear();
    for (const { msc, description } of mscs) {
      for (const [index, kind] of KINDS.entries()) {
        const line = kind === "error" ? description.errorInterrupt : description.overflowInterrupt;
        if (line && inside.hardware.isWireUp(msc, index)) this.#hold(line, `${kind} ${msc}`);
      }
    }
    const fallen = before.filter((line) => !this.#holders.has(line)).map(down);
    return [...fallen, ...this.up.filter((line) => !before.includes(line)).map(up)];
  }

  #hold(line: number, who: string): void {
    const holders = this.#holders.get(line) ?? new Set<string>();
    this.#holders.set(line, holders.add(who));
  }

  #release(line: number, who: string): void {
    const holders = this.#holders.get(line);
    holders?.delete(who);
    if (holders?.size === 0) this.#holders.delete(line);
  }
}

const up = (line: number): LineChange => ({ line, level: 1 });
const down = (line: number): LineChange => ({ line, level: 0 });
