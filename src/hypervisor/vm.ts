// A guest: its vCPUs, what it is shown of MPAM, and the kernel that runs in it. With a virtual EL2 it can have guests of its own.

import { MPAMIDR_EL1 } from "../../assembly/regs/pe-encodings.ts";
import { ErrnoError } from "../errno/index.ts";
import { Kernel, type KernelState } from "../kernel/index.ts";
import { Hypervisor, type HypervisorState, type Place } from "./hypervisor.ts";
import { type CpuFacts, Identity } from "./identity.ts";
import { type PartidEntry, VirtualPartids } from "./partids.ts";
import type { GuestAccess, HypervisorPort } from "./port.ts";
import { VCpu, type VCpuState } from "./vcpu.ts";
import { encodingOf, type GuestRegister, nameOf } from "./words.ts";

/** How a guest is treated that asks for MPAM. */
export const GUEST_MPAM = ["hidden", "virtual"] as const;
/** Whether a guest is shown MPAM. */
export type GuestMpam = (typeof GUEST_MPAM)[number];

/** What a guest is made of. */
export interface VmOptions {
  readonly name: string;
  /**
   * `hidden` (default): the guest has no MPAM, and runs with the label of the thread of its vCPU, as KVM does it. `virtual`: it has
   * PARTIDs of its own, each of which stands for one of the host.
   */
  readonly mpam?: GuestMpam;
  /** One vCPU for each: the cpu that its thread is on. */
  readonly vcpus: readonly number[];
  /**
   * With `virtual`: the host's PARTIDs for the guest's 1, 2 and so on. `thread`: that of the group in which a thread of the host is
   * that is made for it, and never runs: resctrl moves it as any other. One that is undefined is as 0, the vCPU's thread's own.
   */
  readonly partids?: readonly (number | "thread" | undefined)[];
  /** With `virtual`: what the guest has for MPAMIDR_EL1.PMG_MAX; default 0. PMGs are not translated. */
  readonly pmgMax?: number;
  /** With `virtual`: EL0 of the guest has the label of its EL1 (MPAMHCR_EL2.GSTAPP_PLK). */
  readonly gstappPlk?: boolean;
  /** The guest has a virtual EL2 (HCR_EL2.NV and NV2). */
  readonly nested?: boolean;
  /** With `nested`: the kernel of the guest runs at its EL2, virtual E2H = 1; default true. */
  readonly vhe?: boolean;
}

/** The state of a guest, for a snapshot. Opaque. */
export interface VmState {
  readonly options: Omit<VmOptions, "partids">;
  readonly partids: readonly (PartidEntry | null)[];
  readonly vcpus: readonly VCpuState[];
  readonly kernel: KernelState;
  readonly hypervisor: HypervisorState | null;
  readonly bootedOn: string;
}

/** What software of a guest finds. */
export interface GuestRegisters {
  /** What a read at this exception level of the guest comes to. */
  read(name: GuestRegister, at: { readonly el: 0 | 1 | 2 }): GuestAccess;
  /** What a write at this exception level of the guest comes to. */
  write(name: GuestRegister, value: bigint, at: { readonly el: 0 | 1 | 2 }): GuestAccess;
}

/** What a guest asks of the hypervisor that it runs on. */
export interface VmHost {
  readonly facts: CpuFacts;
  /** Whether the host uses MPAM. */
  usesMpam(): boolean;
  /** How the guest reaches the registers of its vCPUs. */
  portOf(vm: Vm): HypervisorPort;
  /** A new thread of the host. */
  newThread(comm: string, cpu: number): number;
  hasThread(tid: number): boolean;
  /** The PARTID under which a thread of the host makes requests on a cpu. */
  partidOf(thread: number, cpu: number): number;
  changed(vcpus: readonly VCpu[]): void;
  /** A vCPU of the guest's guest has gone to another of the guest's. */
  moved(from: Place, to: Place): void;
}

/** A guest. Made by `machine.processor.addVm`. */
export class Vm {
  /** As it was made; no two have the same. */
  readonly name: string;
  /** How it is treated when it asks for MPAM. */
  readonly mpam: GuestMpam;
  /** EL0 has the label of EL1. */
  readonly gstappPlk: boolean;
  /** It has a virtual EL2. */
  readonly nested: boolean;
  /** Its kernel runs at that EL2. */
  readonly vhe: boolean;
  /** What the cpus of the host have. */
  readonly facts: CpuFacts;
  /** Its PARTIDs, and those of the host that they stand for. */
  readonly partids: VirtualPartids;
  /** By index. */
  readonly vcpus: readonly VCpu[];
  /** What runs in the guest. Its tasks and tags are the guest's own, and no business of the host's resctrl. */
  readonly kernel: Kernel;
  /** With `nested`: for guests of the guest. */
  readonly hypervisor: Hypervisor | undefined;
  /** Accesses of the guest, as its software at an exception level of its own makes them; by vCPU. */
  readonly port: HypervisorPort;
  readonly #options: Omit<VmOptions, "partids">;
  readonly #hidden: Identity;
  readonly #shown: Identity;
  /** What the host had when the guest booted. */
  #bootedOn: string;

  /** Throws EINVAL for what cannot be. */
  constructor(
    private readonly host: VmHost,
    options: VmOptions,
    state?: VmState,
  ) {
    const { name, mpam = "hidden", pmgMax = 0, gstappPlk = false, nested = false, vhe = nested } = options;
    const { partids: _, ...rest } = options;
    this.#options = rest;
    this.name = name;
    this.mpam = mpam;
    this.gstappPlk = gstappPlk;
    this.nested = nested;
    this.vhe = vhe;
    this.facts = host.facts;
    check(options, host.facts);
    const entries = state ? state.partids.map((one) => one ?? undefined) : this.#entriesOf(options);
    this.partids = new VirtualPartids(name, entries, host.facts, host.partidOf);
    this.vcpus = options.vcpus.map((cpu, index) => {
      const saved = state?.vcpus[index];
      return new VCpu(this, index, saved ?? { tid: host.newThread(`${name}/${index}`, cpu), cpu });
    });
    this.#hidden = new Identity(host.facts, nested, undefined);
    this.#shown =
      mpam === "hidden" ? this.#hidden : new Identity(host.facts, nested, { partidMax: this.partids.max, pmgMax });
    const port = host.portOf(this);
    this.port = port;
    const cpus = this.vcpus.map(() => ({ entryEl: nested ? 2 : 1, el: nested && vhe ? 2 : 1 }) as const);
    this.kernel = new Kernel(
      {
        cpus,
        port,
        limits: mpam === "hidden" ? { partidMax: 0, pmgMax: 0 } : { partidMax: this.partids.max, pmgMax },
        changed: (whose) => {
          const vcpu = typeof whose === "object" && "cpu" in whose ? this.vcpus[whose.cpu] : undefined;
          host.changed(vcpu ? [vcpu] : this.vcpus);
        },
      },
      state?.kernel,
    );
    this.#bootedOn = state?.bootedOn ?? "";
    if (!nested) return;
    this.hypervisor = new Hypervisor(
      {
        kernel: this.kernel,
        port,
        cpus,
        changed: (tid) => this.#innerChanged(tid),
        moved: (from, to) => host.moved(this.#outside(from), this.#outside(to)),
        within: { name, facts: this.#shownFacts(pmgMax) },
      },
      state?.hypervisor ?? undefined,
    );
  }

  /** Threads that stand for PARTIDs are `name:1` and so on. What is wrong with the map is found before there are any. */
  #entriesOf({ name, partids = [], vcpus }: VmOptions): PartidEntry[] {
    const numbers = partids.map((one) => (one === "thread" ? undefined : one));
    new VirtualPartids(name, numbers, this.facts, () => 0);
    return numbers.map((one, at) => {
      return partids[at] === "thread" ? { thread: this.host.newThread(`${name}:${at + 1}`, vcpus[0] as number) } : one;
    });
  }

  /** What the guest's hypervisor finds when it reads what the guest is shown, which it cannot before the guest has booted. */
  #shownFacts(pmgMax: number): CpuFacts {
    const has = { ...this.facts, hasBandwidth: false };
    if (this.mpam === "virtual") return { ...has, partidMax: this.partids.max, pmgMax };
    return { ...has, mpam: 0, frac: 0, partidMax: 0, pmgMax: 0, hasHcr: false, vpmrMax: 0, hasTidr: false };
  }

  #innerChanged(tid: number): void {
    const vcpu = this.vcpus[this.kernel.task(tid)?.cpu ?? 0];
    if (vcpu) this.host.changed([vcpu]);
  }

  /** A place in the guest, as its host has it. */
  #outside({ path, cpu }: Place): Place {
    const vcpu = this.vcpus[cpu] as VCpu;
    return { path: [vcpu.tid, ...path], cpu: vcpu.cpu };
  }

  /** The guest sees MPAM, where the host has it. */
  get shown(): boolean {
    return this.mpam === "virtual" && this.host.usesMpam();
  }

  /** The ID registers as the guest sees them now. */
  get identity(): Identity {
    return this.shown ? this.#shown : this.#hidden;
  }

  /**
   * Registers as software of the guest finds them on a vCPU, at an exception level that the guest has. What it writes holds until
   * another thread of the guest runs there. Throws EINVAL.
   */
  registers(vcpu: number): GuestRegisters {
    const there = this.vcpus.length;
    if (!this.vcpus[vcpu])
      throw new ErrnoError("EINVAL", `${this.name}: there is no vCPU ${vcpu}; there are 0..${there - 1}`);
    return {
      read: (name, { el }) => this.port.read(vcpu, encodingOf(name), el),
      write: (name, value, { el }) => {
        const access = this.port.write(vcpu, encodingOf(name), value, el);
        if (access.outcome === "done") this.kernel.writtenByHand(vcpu);
        return access;
      },
    };
  }

  /**
   * The program that runs the guest says what an ID register shall show. What it shows already is accepted, and so is that with the
   * host's own MPAM fields, which changes nothing: guests that began on older kernels bring those along. Throws EINVAL.
   */
  setIdRegister(register: number, value: bigint): void {
    const shown = this.identity.read(register);
    if (shown === undefined) throw new ErrnoError("EINVAL", `${this.name} has no ID register ${nameOf(register)}`);
    if (value === shown) return;
    let allowed = `0x${shown.toString(16)} is what it shows`;
    // Limits are the guest's own: no guest has had the host's.
    if (register !== MPAMIDR_EL1) {
      if (value === new Identity(this.facts, this.nested, { partidMax: 0, pmgMax: 0 }).read(register)) return;
      allowed += ", and the host's own MPAM fields are allowed in it";
    }
    throw new ErrnoError("EINVAL", `${this.name}: ${nameOf(register)} cannot be 0x${value.toString(16)}: ${allowed}`);
  }

  /** What stands for a PARTID of the guest from now on, 1 and more; undefined: as 0. Throws EINVAL, ESRCH. */
  setPartid(partid: number, physical: PartidEntry): void {
    if (typeof physical === "object" && !this.host.hasThread(physical.thread)) {
      throw new ErrnoError("ESRCH", `${this.name}: no thread ${physical.thread} can stand for PARTID ${partid}`);
    }
    this.partids.set(partid, physical);
    this.host.changed(this.vcpus);
  }

  /** Boots the guest, unless it has on a host that has the same. */
  settle(host: string): void {
    if (this.#bootedOn !== host || !this.kernel.booted) {
      for (const vcpu of this.vcpus) {
        vcpu.bank.clear();
        vcpu.below = false;
      }
      this.kernel.bootAlone(this.vcpus.map(({ index }) => index));
      this.#bootedOn = host;
    }
    this.hypervisor?.settle();
  }

  /** A path of threads, this guest's first, runs on a vCPU. */
  switchTo(vcpu: number, path: readonly number[]): void {
    if (this.hypervisor) this.hypervisor.switchTo(vcpu, path);
    else this.kernel.switchTo(vcpu, path[0] as number);
  }

  /** For a snapshot. */
  save(): VmState {
    return {
      options: this.#options,
      partids: this.partids.entries.map((one) => one ?? null),
      vcpus: this.vcpus.map((vcpu) => vcpu.save()),
      kernel: this.kernel.save(),
      hypervisor: this.hypervisor?.save() ?? null,
      bootedOn: this.#bootedOn,
    };
  }
}

function check(
  { name, mpam, vcpus = [], partids, pmgMax = 0, gstappPlk, nested, vhe }: VmOptions,
  facts: CpuFacts,
): void {
  const refuse = (what: string) => new ErrnoError("EINVAL", `${name}: ${what}`);
  if (!/^[\w.-]+$/.test(name ?? "")) throw refuse("the name of a guest has letters, digits, '.', '_' and '-' only");
  if (vcpus.length === 0) throw refuse("a guest needs a vCPU: say which cpu it runs on");
  if (mpam !== undefined && !GUEST_MPAM.includes(mpam)) {
    throw refuse(`mpam is '${mpam}': ${GUEST_MPAM.join(" and ")} are allowed`);
  }
  if (vhe !== undefined && !nested) throw refuse("vhe is about the virtual EL2 that `nested` gives");
  if (mpam !== "virtual") {
    const given = { partids, pmgMax: pmgMax || undefined, gstappPlk: gstappPlk || undefined };
    const extra = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
    if (extra !== undefined) throw refuse(`${extra} needs mpam: virtual; this guest's MPAM is hidden`);
    return;
  }
  if (facts.mpam + facts.frac === 0) throw refuse("virtual PARTIDs need MPAM, and not all cpus have it");
  if (!facts.hasHcr)
    throw refuse("virtual PARTIDs need MPAMHCR_EL2, and not all cpus have it (vpmrMax of the platform)");
  if (!(Number.isInteger(pmgMax) && pmgMax >= 0 && pmgMax <= facts.pmgMax)) {
    throw refuse(`pmgMax is ${pmgMax}: a cpu here can send PMG 0..${facts.pmgMax}`);
  }
}
