// An SMMU: the registers that software finds on the bus, the stream table, and the label of each request that goes through it.

import { SMMU_S } from "../../../assembly/regs/smmu.ts";
import { ErrnoError } from "../../errno/index.ts";
import { SMMU_WINDOW_BYTES, type SmmuDescription, SPACES, type StreamSpace } from "../../platform/index.ts";
import { type AccessBytes, type BusWindow, hex, nothing } from "../physical-bus.ts";
import { checkCommand, checkKind, checkStreamId, checkSubstream } from "./check.ts";
import { type Aborted, labelOf, type SmmuRequestKind, type StreamLabel } from "./label.ts";
import { type RegistersState, SmmuRegisters } from "./registers.ts";
import { type SmmuCommand, Structures, type StructuresState, type WordAccess } from "./structures.ts";

/** What software writes of a stream: its STE, and the context descriptors behind it. */
export interface Stream extends WordAccess {
  /** The context descriptor of a substream; 0 where there are none. */
  cd(ssid: number): WordAccess;
}

/** What a request of a device says of itself. */
export interface StreamRequest {
  readonly ssid?: number;
  /** The Security state of the stream; default ns. */
  readonly space?: StreamSpace;
  /** Default client. */
  readonly kind?: SmmuRequestKind;
}

/** What an SMMU needs of the machine. */
export interface SmmuHost {
  readonly now: () => number;
  /** The next moment at which what is written acts, ns. */
  readonly nextEdge: () => number;
  /** Labels may have changed. */
  readonly changed: () => void;
}

/** The state of an SMMU, for a snapshot. Opaque. */
export interface SmmuState {
  readonly registers: Readonly<Partial<Record<StreamSpace, RegistersState>>>;
  readonly structures: StructuresState;
}

/** An SMMU, as far as it labels requests (IHI 0070, chapter 17). */
export class Smmu {
  readonly #registers: Readonly<Partial<Record<StreamSpace, SmmuRegisters>>>;
  readonly #structures: Structures;
  /** Register pages in the address map. */
  readonly windows: readonly BusWindow[];

  /** Throws a TypeError for the state of another SMMU. */
  constructor(
    /** What it is made of. */
    readonly description: SmmuDescription,
    private readonly host: SmmuHost,
    state?: SmmuState,
  ) {
    const { base, secure, realm } = description;
    const registersOf = (space: StreamSpace) =>
      new SmmuRegisters(description, space, host.nextEdge, host.now, state?.registers[space]);
    this.#registers = {
      ns: registersOf("ns"),
      ...(secure ? { s: registersOf("s") } : {}),
      ...(realm ? { rl: registersOf("rl") } : {}),
    };
    this.#structures = new Structures(description, state?.structures);
    const windows = [this.#window(base, (offset, space) => this.#reached(offset, space))];
    if (realm) windows.push(this.#window(realm.base, (offset, space) => this.#reachedRealm(offset, space)));
    this.windows = windows;
  }

  /** The stream table entry of a StreamID. `space`: the Security state whose table it is. */
  stream(sid: number, space: StreamSpace = "ns"): Stream {
    this.#check(sid, space);
    const ste = this.#structures.steAccess(sid, space);
    const cd = (ssid: number): WordAccess => {
      checkSubstream(ssid);
      return this.#structures.cdAccess(sid, space, ssid);
    };
    return { ...ste, cd };
  }

  /** The VMS at an address: words 0 to 7 are PARTID_MAP. */
  vms(address: number, space: StreamSpace = "ns"): WordAccess {
    this.#check(0, space);
    return this.#structures.vmsAccess(address, space);
  }

  /** What a command in the queue of the SMMU does. What it reads anew acts from the next edge on. EINVAL: CERROR_ILL. */
  invalidate(command: SmmuCommand): void {
    checkCommand(command);
    const { space = "ns" } = command;
    this.#check("sid" in command ? command.sid : 0, space);
    const { mpam, partidMax, secure } = this.description;
    const most = Math.max(partidMax, space === "s" ? (secure?.partidMax ?? 0) : 0);
    if (command.op === "CFGI_VMS_PIDM" && !(mpam && most > 0)) {
      throw new ErrnoError("EINVAL", "CFGI_VMS_PIDM is illegal on an SMMU without MPAM (CERROR_ILL)");
    }
    this.#structures.invalidate(command);
    this.host.changed();
  }

  /** What a request of a stream carries from the next edge on, or why it ends here. Asking is looking up, which fills the caches. EINVAL: no such request. */
  label(sid: number, request: StreamRequest = {}): StreamLabel | Aborted {
    const { ssid, space = "ns", kind = "client" } = request;
    this.#check(sid, space);
    if (ssid !== undefined) checkSubstream(ssid);
    checkKind(kind);
    const registers = this.#registers[space] as SmmuRegisters;
    registers.settle();
    return labelOf({
      smmu: this.description,
      sid,
      space,
      ssid,
      kind,
      registers,
      structures: this.#structures,
    });
  }

  /** What has been written to registers begins to act. False: some of it does not yet. */
  settle(): boolean {
    const all = Object.values(this.#registers);
    for (const one of all) one.settle();
    return !all.some(({ waits }) => waits);
  }

  /** For a snapshot. */
  save(): SmmuState {
    const registers: Partial<Record<StreamSpace, RegistersState>> = {};
    for (const [space, one] of Object.entries(this.#registers)) registers[space as StreamSpace] = one.save();
    return { registers, structures: this.#structures.save() };
  }

  #check(sid: number, space: StreamSpace): void {
    checkStreamId(sid);
    if (!this.#registers[space]) {
      const there = Object.keys(this.#registers).join(", ");
      throw new ErrnoError("EINVAL", `space ${space}: this SMMU has streams in ${there}`);
    }
  }

  #window(start: number, reached: (offset: number, space: string) => Reached | undefined): BusWindow {
    return {
      start,
      bytes: SMMU_WINDOW_BYTES,
      admit(offset: number, bytes: AccessBytes, space) {
        if (bytes < 4) {
          const what = `${bytes} bytes at ${hex(start + offset)}`;
          throw new ErrnoError("EINVAL", `${what}: registers of an SMMU take 4 or 8 bytes`);
        }
        if (!SPACES.includes(space)) throw nothing(start + offset, space);
      },
      load(offset, _bytes, space) {
        const at = reached(offset, space);
        return at ? at.registers.read(at.offset) : 0;
      },
      store: (offset, _bytes, value, space) => {
        const at = reached(offset, space);
        if (!at) return;
        at.registers.write(at.offset, value);
        this.host.changed();
      },
    };
  }

  /** Secure registers read 0 and ignore writes for others than Secure and Root. */
  #reached(offset: number, space: string): Reached | undefined {
    const { ns, s } = this.#registers;
    if (offset < SMMU_S) return ns && { registers: ns, offset };
    const may = (space === "s" || space === "rt") && offset < 2 * SMMU_S;
    return s && may ? { registers: s, offset: offset - SMMU_S } : undefined;
  }

  #reachedRealm(offset: number, space: string): Reached | undefined {
    const { rl } = this.#registers;
    return rl && (space === "rl" || space === "rt") ? { registers: rl, offset } : undefined;
  }
}

interface Reached {
  readonly registers: SmmuRegisters;
  readonly offset: number;
}
