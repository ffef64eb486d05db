// Accesses of guests to registers: what the cpu lets them do, and what the hypervisor does for them where it traps.

import type { GuestAccess, HypervisorPort } from "./port.ts";
import type { Switcher } from "./switcher.ts";
import { answer } from "./traps.ts";
import type { VCpu } from "./vcpu.ts";
import type { Vm } from "./vm.ts";
import { trapTo } from "./words.ts";

/** What became of guests' accesses that trapped to EL2. */
export interface TrapCounts {
  readonly emulated: number;
  readonly undefined: number;
  /** To a guest's own hypervisor. */
  readonly forwarded: number;
}

/** What accesses need of the hypervisor. */
export interface Hands {
  readonly port: HypervisorPort;
  switcherOf(cpu: number): Switcher;
  /** Takes a guest that is there to an exception level of its own; answers that of the cpu. */
  elOf(vcpu: VCpu, el: number): number;
  /** Calls `body` while the guest is in its cpu. */
  within<T>(vcpu: VCpu, body: () => T): T;
}

export class GuestAccesses {
  #traps: TrapCounts;

  constructor(
    private readonly hands: Hands,
    traps: TrapCounts = { emulated: 0, undefined: 0, forwarded: 0 },
  ) {
    this.#traps = traps;
  }

  get traps(): TrapCounts {
    return this.#traps;
  }

  /** Counts as they are; call the result to have them again. */
  remember(): () => void {
    const traps = this.#traps;
    return () => {
      this.#traps = traps;
    };
  }

  /** How a guest reaches the registers of its vCPUs. */
  portOf(vm: Vm): HypervisorPort {
    const at = (vcpu: number) => vm.vcpus[vcpu] as VCpu;
    return {
      read: (vcpu, register, el) => this.#access(at(vcpu), register, el, false, 0n),
      write: (vcpu, register, value, el) => this.#access(at(vcpu), register, el, true, value),
      isb() {},
      powerCycle: (vcpu) => this.hands.within(at(vcpu), () => this.#reset(at(vcpu))),
      aside: (vcpu, body) => this.hands.within(at(vcpu), () => this.#aside(at(vcpu), body)),
    };
  }

  /** The vCPU begins anew. */
  #reset(vcpu: VCpu): void {
    this.hands.switcherOf(vcpu.cpu).change(vcpu, () => {
      vcpu.bank.clear();
      vcpu.below = false;
    });
  }

  #aside<T>(vcpu: VCpu, body: () => T): T {
    const switcher = this.hands.switcherOf(vcpu.cpu);
    const restore = switcher.change(vcpu, () => vcpu.remember());
    try {
      return body();
    } finally {
      switcher.change(vcpu, restore);
    }
  }

  #access(vcpu: VCpu, register: number, el: number, write: boolean, value: bigint): GuestAccess {
    return this.hands.within(vcpu, () => this.#accessThere(vcpu, register, el, write, value));
  }

  #accessThere(vcpu: VCpu, register: number, el: number, write: boolean, value: bigint): GuestAccess {
    const { port } = this.hands;
    if (el > (vcpu.vm.nested ? 2 : 1)) return { outcome: "undefined" };
    const on = this.hands.elOf(vcpu, el);
    const access = write ? port.write(vcpu.cpu, register, value, on) : port.read(vcpu.cpu, register, on);
    if (access.outcome === "memory") {
      if (write) vcpu.bank.writeSlot(access.offset, value);
      return { outcome: "done", value: write ? value : vcpu.bank.readSlot(access.offset) };
    }
    if (access.outcome !== "trap" || access.to !== 2) return access;
    return this.#trapped(vcpu, register, write, value);
  }

  #trapped(vcpu: VCpu, register: number, write: boolean, value: bigint): GuestAccess {
    const count = (what: keyof TrapCounts) => {
      this.#traps = { ...this.#traps, [what]: this.#traps[what] + 1 };
    };
    const answered = answer(vcpu, register, write, value);
    switch (answered.to) {
      case "hypervisor":
        count("emulated");
        if (answered.changed) this.hands.switcherOf(vcpu.cpu).change(vcpu, () => {});
        return { outcome: "done", value: answered.value };
      case "guest":
        count("undefined");
        return { outcome: "undefined" };
      case "guest's hypervisor":
        count("forwarded");
        return trapTo(2, register, write);
    }
  }
}
