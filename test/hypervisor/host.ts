// A host with guests on cpus of the plain model, which write down what is done to them.

import * as encodings from "../../assembly/regs/pe-encodings.ts";
import { type GuestAccess, Hypervisor, type HypervisorPort, type HypervisorState } from "../../src/hypervisor/index.ts";
import { Kernel, type KernelState, type TaskLabel } from "../../src/kernel/index.ts";
import { profileOf } from "../helpers/pe-profiles.ts";
import type { ExceptionLevel, PeLabel, PeProfile } from "../helpers/pe-subject.ts";
import { PlainPe } from "../helpers/plain/pe/pe.ts";
import { PeState } from "../helpers/plain/pe/state.ts";

const NAMES = new Map(Object.entries(encodings).map(([name, encoding]) => [encoding as number, name]));

/** By name, as an instruction has it. */
export const R = encodings;

export class PlainCpus implements HypervisorPort {
  /** "0 EL2 MPAM2_EL2 := 0x5", "0 isb". Reads are not in it. */
  readonly log: string[] = [];
  readonly pes: readonly PlainPe[];
  #isAside = false;

  constructor(profiles: readonly PeProfile[]) {
    this.pes = profiles.map((profile) => new PlainPe(new PeState(profile)));
    for (const pe of this.pes) pe.boot();
  }

  taken(): string[] {
    return this.log.splice(0);
  }

  read(cpu: number, register: number, el: number): GuestAccess {
    return this.pes[cpu]!.read(register, el as ExceptionLevel);
  }

  write(cpu: number, register: number, value: bigint, el: number): GuestAccess {
    if (!this.#isAside) this.log.push(`${cpu} EL${el} ${NAMES.get(register)} := 0x${value.toString(16)}`);
    return this.pes[cpu]!.write(register, value, el as ExceptionLevel);
  }

  isb(cpu: number): void {
    if (!this.#isAside) this.log.push(`${cpu} isb`);
  }

  powerCycle(cpu: number): void {
    this.pes[cpu]!.boot();
  }

  aside<T>(cpu: number, body: () => T): T {
    if (this.#isAside) throw new Error("one copy of registers at a time");
    const before = this.registers(cpu);
    this.#isAside = true;
    try {
      return body();
    } finally {
      this.#isAside = false;
      for (const [register, value] of before) this.pes[cpu]!.write(register, value, 3);
    }
  }

  /** All that EL3 reads. */
  registers(cpu: number): Map<number, bigint> {
    const all = new Map<number, bigint>();
    for (const register of NAMES.keys()) {
      const access = this.pes[cpu]!.read(register, 3);
      if (access.outcome === "done") all.set(register, access.value);
    }
    return all;
  }
}

export interface HostShape {
  readonly cpus?: readonly Partial<PeProfile>[];
  readonly vhe?: boolean;
  readonly commandLine?: string;
  readonly port?: PlainCpus;
  readonly state?: { readonly kernel: KernelState; readonly hypervisor: HypervisorState };
}

export interface Host {
  readonly port: PlainCpus;
  readonly kernel: Kernel;
  readonly hypervisor: Hypervisor;
  /** Threads of vCPUs whose guests were said to have changed. */
  readonly changed: number[];
  /** The label of requests at an exception level, with the path as if it ran. */
  labelOf(cpu: number, path: readonly number[], el: number, kind?: "data" | "fetch"): PeLabel;
}

/** A host whose kernel switches, with tasks 1, 2 and 3 on cpu 0. */
export function hostOn({ cpus = [{}, {}], vhe = true, commandLine = "", port, state }: HostShape = {}): Host {
  const used = port ?? new PlainCpus(cpus.map((one) => profileOf(one)));
  const profiles = used.pes.map(({ state }) => state.profile);
  const shape = profiles.map(({ el2 }) => ({ entryEl: el2 ? 2 : 1, el: vhe && el2 ? 2 : 1 }) as const);
  const limits = {
    partidMax: Math.min(...profiles.map(({ partidMax }) => partidMax)),
    pmgMax: Math.min(...profiles.map(({ pmgMax }) => pmgMax)),
  };
  const kernel = new Kernel({ cpus: shape, port: used, limits }, state?.kernel);
  const changed: number[] = [];
  const hypervisor = new Hypervisor(
    { kernel, port: used, cpus: shape, changed: (tid) => changed.push(tid), moved: () => {} },
    state?.hypervisor,
  );
  if (!state) {
    kernel.boot({ cpus: profiles.map((_, cpu) => cpu), commandLine });
    kernel.start();
    for (const tid of [1, 2, 3]) kernel.addTask({ tid, pid: tid, comm: `task ${tid}`, cpu: 0 });
  }
  used.taken();
  return {
    port: used,
    kernel,
    hypervisor,
    changed,
    labelOf: (cpu, path, el, kind = "data") =>
      used.aside(cpu, () =>
        hypervisor.rehearse(cpu, path, (elOf) => used.pes[cpu]!.label(elOf(el) as ExceptionLevel, kind)),
      ),
  };
}

export function tag(partid: number, pmg = 0): TaskLabel {
  return { partidD: partid, partidI: partid, pmgD: pmg, pmgI: pmg };
}

export function ns(partid: number, pmg = 0): PeLabel {
  return { space: "ns", partid, pmg, flawed: false };
}
