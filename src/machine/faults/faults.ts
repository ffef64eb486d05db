// The faults of a machine: which are in force, and what of the machine each of them gets hold of.

import { ESR_ERRCODE, ESR_OVRWR, fieldGet, fieldPrep, MPAMF_ESR } from "../../../assembly/regs/index.ts";
import { isMap } from "../checked-platform.ts";
import type { Clock, Timer } from "../clock.ts";
import type { MscInterrupt } from "../interrupts.ts";
import type { Registers } from "../layered-pages.ts";
import { SPACE_NUMBERS } from "../spaces.ts";
import type { Hardware } from "../wasm.ts";
import { type Breakable, checkFault } from "./check.ts";
import { FaultyMailboxes } from "./faulty-mailboxes.ts";
import { FaultyRegisters, noAnswer } from "./faulty-registers.ts";
import { type FaultState, InForce } from "./in-force.ts";
import type { ErrorInterrupt, Fault, FaultHandle } from "./types.ts";

const NS = SPACE_NUMBERS.ns;
const WIRES = ["error", "overflow"] as const;

export interface FaultsHost extends Breakable {
  readonly hardware: Pick<Hardware, "read32" | "write32" | "isWireUp">;
  readonly clock: Pick<Clock, "now" | "at">;
  /** Takes the interrupts that the hardware has queued. */
  take(): MscInterrupt[];
  /** An MSC without power raises nothing. */
  hasPower(msc: number): boolean;
  /** Tells handlers of interrupts. */
  tell(events: readonly MscInterrupt[]): void;
  /** Other faults are in force than before. */
  changed(): void;
}

/** What is broken on purpose, and is in force. */
export class Faults {
  /** For register accesses: what of them goes wrong. */
  readonly registers: FaultyRegisters;
  /** For mailboxes: what of their answers goes wrong. */
  readonly mailboxes = new FaultyMailboxes();
  readonly #timers = new Map<InForce, Timer>();
  #list: readonly InForce[] = [];
  #next: number;

  /** @param states Those of a snapshot. Throws for what are no faults of this machine. */
  constructor(
    private readonly host: FaultsHost,
    below: Registers,
    states: readonly FaultState[] = [],
  ) {
    this.registers = new FaultyRegisters(host.mscs, below);
    this.#list = states.map((state) => this.#make({ ...state, fault: checkFault(state.fault, host) }));
    this.#next = 1 + Math.max(-1, ...states.map(({ number }) => number));
    this.#follow();
    for (const one of this.#list) if (isErrorInterrupt(one) && one.due !== null) this.#raiseAt(one, one.due);
  }

  /** Those in force, in order of adding. */
  get list(): readonly FaultHandle[] {
    return this.#list;
  }

  /** Breaks the machine. Throws EINVAL for what is no fault of it. */
  add(fault: Fault): FaultHandle {
    const checked = checkFault(fault, this.host);
    const one = this.#make({ number: this.#next++, fault: checked, fired: 0, left: timesOf(checked), due: null });
    const wasGone = checked.kind === "msc-gone" && this.registers.gone(checked.msc) !== undefined;
    this.#list = [...this.#list, one];
    this.#follow();
    this.host.changed();
    if (checked.kind === "msc-gone" && !wasGone) this.#wires(checked.msc, 0);
    if (isErrorInterrupt(one)) this.#raise(one);
    return one;
  }

  /** What software hears of: an MSC that is gone raises nothing. */
  heard(events: MscInterrupt[]): MscInterrupt[] {
    return this.registers.acts ? events.filter(({ msc }) => !this.registers.gone(msc)) : events;
  }

  /** For firmware, before an access. Throws EIO where an MSC is gone: it knows that, whatever its reads would give. */
  checkAnswers(msc: number): void {
    const gone = this.registers.gone(msc);
    if (!gone) return;
    gone.act();
    throw noAnswer(msc);
  }

  /** For a snapshot. */
  save(): FaultState[] {
    return this.#list.map((one) => one.save());
  }

  #make(state: FaultState): InForce {
    return new InForce(state, (one) => this.#end(one));
  }

  #end(one: InForce): void {
    if (!this.#list.includes(one)) return;
    this.#list = this.#list.filter((other) => other !== one);
    this.#timers.get(one)?.cancel();
    this.#timers.delete(one);
    this.#follow();
    this.host.changed();
    const { fault } = one;
    if (fault.kind !== "msc-gone" || this.registers.gone(fault.msc)) return;
    try {
      this.#wires(fault.msc, 1);
    } finally {
      this.wake(fault.msc);
    }
  }

  #follow(): void {
    this.registers.follow(this.#list);
    this.mailboxes.follow(this.#list);
  }

  /** The wires that an MSC holds up fall when it goes, and are up again when it comes. */
  #wires(msc: number, level: 0 | 1): void {
    const { hardware } = this.host;
    const up = WIRES.filter((_, kind) => hardware.isWireUp(msc, kind));
    if (up.length > 0) this.host.tell(up.map((kind) => this.#event(kind, msc, level, "wire")));
  }

  // Error interrupts out of nothing.

  /** An MSC is there again, or has power again: interrupts that were to come once come now. Throws what a handler threw first. */
  wake(msc: number): void {
    const failures: unknown[] = [];
    for (const one of this.#list) {
      if (!isErrorInterrupt(one) || one.fault.msc !== msc || one.due !== null) continue;
      // A handler may have taken it away.
      if (!this.#list.includes(one)) continue;
      try {
        this.#raise(one);
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #raise(one: InForce<ErrorInterrupt>): void {
    const { msc, code = 0, everyNs } = one.fault;
    const due = one.due ?? this.host.clock.now;
    one.due = null;
    const isSilent = this.registers.gone(msc) !== undefined || !this.host.hasPower(msc);
    if (!isSilent) one.act();
    if (everyNs !== undefined && this.#list.includes(one)) this.#raiseAt(one, due + everyNs);
    if (isSilent) return;
    if (code !== 0) this.#record(msc, code);
    // Handlers may throw, and may take the fault away.
    this.host.tell([...this.host.take(), ...this.#spurious(msc)]);
  }

  #raiseAt(one: InForce<ErrorInterrupt>, due: number): void {
    one.due = due;
    const { clock, mailboxes } = this.host;
    // Timers of the machine have their order from ranks: these come after those of the mailboxes.
    const rank = mailboxes.length + one.number;
    this.#timers.set(
      one,
      clock.at(due, "fault", () => this.#raise(one), rank),
    );
  }

  /** As hardware records an error. */
  #record(msc: number, code: number): void {
    const { hardware } = this.host;
    const before = hardware.read32(msc, MPAMF_ESR, NS);
    const overwritten = fieldGet(ESR_ERRCODE, before) !== 0 ? ESR_OVRWR : before & ESR_OVRWR;
    hardware.write32(msc, MPAMF_ESR + 4, 0, NS);
    hardware.write32(msc, MPAMF_ESR, (overwritten | fieldPrep(ESR_ERRCODE, code)) >>> 0, NS);
  }

  /** A line that is up already, because of what has been recorded, stays up until software clears that. */
  #spurious(msc: number): MscInterrupt[] {
    if (this.host.mscs[msc]?.description.errorStyle === "edge") return [this.#event("error", msc, 1, "pulse")];
    if (this.host.hardware.isWireUp(msc, WIRES.indexOf("error"))) return [];
    return [this.#event("error", msc, 1, "wire"), this.#event("error", msc, 0, "wire")];
  }

  #event(kind: (typeof WIRES)[number], msc: number, level: 0 | 1, delivery: "wire" | "pulse"): MscInterrupt {
    const description = this.host.mscs[msc]?.description;
    const line = (kind === "error" ? description?.errorInterrupt : description?.overflowInterrupt) ?? 0;
    return { kind, msc, space: "ns", line, level, delivery, count: 1, time: this.host.clock.now };
  }
}

function isErrorInterrupt(one: InForce): one is InForce<ErrorInterrupt> {
  return one.fault.kind === "error-interrupt";
}

/** How often a fault acts; null: as often as there is occasion. */
function timesOf(fault: Fault): number | null {
  if (fault.kind === "write-lost" || fault.kind === "error-interrupt") return fault.times ?? 1;
  return fault.kind === "mailbox" ? (fault.times ?? null) : null;
}

/** Whether a snapshot's states are such as `save` makes; what the faults are is checked when they are put in force. */
export function areFaultStates(states: unknown): states is FaultState[] {
  const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
  return (
    Array.isArray(states) &&
    states.every(
      (one) =>
        isMap(one) &&
        isMap(one.fault) &&
        isCount(one.number) &&
        isCount(one.fired) &&
        (one.left === null || (isCount(one.left) && one.left !== 0)) &&
        (one.due === null || (Number.isFinite(one.due) && (one.due as number) >= 0)),
    )
  );
}
