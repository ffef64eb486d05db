// Registers of an SMMU by Security state: who it is, and what labels requests have that no stream table entry labels (IHI 0070,
// 6.3; more.md 2.1).

import { fieldGet, fieldPrep } from "../../../assembly/regs/field.ts";
import {
  SMMU_AIDR,
  SMMU_CR0,
  SMMU_CR0_ATSCHK,
  SMMU_CR0_SMMUEN,
  SMMU_CR0ACK,
  SMMU_GBPMPAM,
  SMMU_GMPAM,
  SMMU_GMPAM_MPAM_NS,
  SMMU_GMPAM_PARTID,
  SMMU_GMPAM_PMG,
  SMMU_GMPAM_UPDATE,
  SMMU_IDR1,
  SMMU_IDR3,
  SMMU_IDR3_MPAM,
  SMMU_IDR3_PASIDTT,
  SMMU_MPAMIDR,
  SMMU_MPAMIDR_HAS_MPAM_NS,
  SMMU_MPAMIDR_PARTID_MAX,
  SMMU_MPAMIDR_PMG_MAX,
  SMMU_S_IDR1_SECURE_IMPL,
} from "../../../assembly/regs/smmu.ts";
import type { SmmuDescription, StreamSpace } from "../../platform/index.ts";

/** SMMUv3.2 */
const ARCHITECTURE = 2;

/** A register whose writes act later: what it reads as, what acts, and when that changes (ns), if it is to. */
interface Late {
  value: number;
  acting: number;
  due: number | null;
}

export interface RegistersState {
  readonly cr0: Readonly<Late>;
  readonly gmpam: Readonly<Late>;
  readonly gbpmpam: Readonly<Late>;
}

export interface GlobalLabel {
  readonly partid: number;
  readonly pmg: number;
  readonly mpamNs: boolean;
}

/** What a state can put on requests; all 0: it does not support MPAM. */
export interface StateLimits {
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly mpamNs: boolean;
}

export function limitsOf({ partidMax, pmgMax, secure, realm }: SmmuDescription, space: StreamSpace): StateLimits {
  if (space === "ns") return { partidMax, pmgMax, mpamNs: false };
  if (space === "rl") return { partidMax, pmgMax, mpamNs: realm?.mpamNs ?? false };
  return secure ?? { partidMax: 0, pmgMax: 0, mpamNs: false };
}

/** All ones as far as the bits of `max` go. */
const bitsFor = (max: number) => 2 ** Math.ceil(Math.log2(max + 1)) - 1;

export class SmmuRegisters {
  readonly #limits: StateLimits;
  readonly #cr0: Late;
  readonly #gmpam: Late;
  readonly #gbpmpam: Late;

  constructor(
    private readonly smmu: SmmuDescription,
    private readonly space: StreamSpace,
    /** The next moment at which writes begin to act, ns, and that there is something to wait for. */
    private readonly nextEdge: () => number,
    private readonly now: () => number,
    state?: RegistersState,
  ) {
    this.#limits = limitsOf(smmu, space);
    const cr0 = (smmu.enabled ? SMMU_CR0_SMMUEN : 0) | (smmu.atschk && space === "ns" ? SMMU_CR0_ATSCHK : 0);
    this.#cr0 = late(state?.cr0, cr0);
    this.#gmpam = late(state?.gmpam, 0);
    this.#gbpmpam = late(state?.gbpmpam, 0);
  }

  /** A word; what no register has reads 0. */
  read(offset: number): number {
    this.settle();
    const { space, smmu } = this;
    if (offset === SMMU_IDR3 && space !== "s") {
      return (smmu.mpam ? SMMU_IDR3_MPAM : 0) | (smmu.pasidtt ? SMMU_IDR3_PASIDTT : 0);
    }
    if (offset === SMMU_AIDR && space === "ns") return ARCHITECTURE;
    if (offset === SMMU_IDR1 && space === "s" && smmu.secure) return SMMU_S_IDR1_SECURE_IMPL;
    if (offset === SMMU_CR0) return this.#cr0.value;
    if (offset === SMMU_CR0ACK) return this.#cr0.acting;
    if (offset === SMMU_MPAMIDR) return this.#mpamidr();
    if (offset === SMMU_GMPAM) return readLate(this.#gmpam);
    if (offset === SMMU_GBPMPAM && space !== "rl") return readLate(this.#gbpmpam);
    return 0;
  }

  write(offset: number, value: number): void {
    this.settle();
    if (offset === SMMU_CR0) {
      // While a change of a field is under way the field keeps what it was given.
      const there = SMMU_CR0_SMMUEN | (this.space === "ns" ? SMMU_CR0_ATSCHK : 0);
      const moving = this.#cr0.value ^ this.#cr0.acting;
      const wanted = (value & there & ~moving) | (this.#cr0.value & moving);
      if (wanted === this.#cr0.value) return;
      this.#cr0.value = wanted;
      this.#cr0.due ??= this.nextEdge();
    } else if (offset === SMMU_GMPAM) this.#update(this.#gmpam, value);
    else if (offset === SMMU_GBPMPAM && this.space !== "rl") this.#update(this.#gbpmpam, value);
  }

  /** One write at a time, and only with Update. */
  #update(register: Late, value: number): void {
    if (register.due !== null || value >>> 31 === 0) return;
    const { partidMax, pmgMax, mpamNs } = this.#limits;
    const supported = this.#supportsMpam;
    const label = fieldPrep(SMMU_GMPAM_PARTID, bitsFor(partidMax)) | fieldPrep(SMMU_GMPAM_PMG, bitsFor(pmgMax));
    const mask = supported ? label | (mpamNs ? SMMU_GMPAM_MPAM_NS : 0) : 0;
    register.value = (value & mask) >>> 0;
    register.due = this.nextEdge();
  }

  /** What was written begins to act when its time has come. */
  settle(): void {
    for (const one of [this.#cr0, this.#gmpam, this.#gbpmpam]) {
      if (one.due === null || one.due > this.now()) continue;
      one.acting = one.value;
      one.due = null;
    }
  }

  /** Whether something that was written does not act yet. */
  get waits(): boolean {
    return [this.#cr0, this.#gmpam, this.#gbpmpam].some(({ due }) => due !== null);
  }

  get enabled(): boolean {
    return (this.#cr0.acting & SMMU_CR0_SMMUEN) !== 0;
  }

  /** Realm state always checks. */
  get atschk(): boolean {
    return this.space === "rl" || (this.#cr0.acting & SMMU_CR0_ATSCHK) !== 0;
  }

  /** For requests of the SMMU itself. */
  get own(): GlobalLabel {
    return unpack(this.#gmpam.acting);
  }

  /** For requests that pass by it. */
  get bypass(): GlobalLabel {
    return unpack(this.#gbpmpam.acting);
  }

  get #supportsMpam(): boolean {
    const { partidMax, pmgMax } = this.#limits;
    return this.smmu.mpam && (partidMax !== 0 || pmgMax !== 0);
  }

  #mpamidr(): number {
    if (!this.smmu.mpam) return 0;
    const { partidMax, pmgMax, mpamNs } = this.#limits;
    const most = fieldPrep(SMMU_MPAMIDR_PARTID_MAX, partidMax) | fieldPrep(SMMU_MPAMIDR_PMG_MAX, pmgMax);
    return (most | (mpamNs ? SMMU_MPAMIDR_HAS_MPAM_NS : 0)) >>> 0;
  }

  save(): RegistersState {
    return { cr0: { ...this.#cr0 }, gmpam: { ...this.#gmpam }, gbpmpam: { ...this.#gbpmpam } };
  }
}

function late(saved: Readonly<Late> | undefined, reset: number): Late {
  return saved ? { ...saved } : { value: reset, acting: reset, due: null };
}

const readLate = ({ value, due }: Late) => (value | (due === null ? 0 : SMMU_GMPAM_UPDATE)) >>> 0;

const unpack = (word: number): GlobalLabel => ({
  partid: fieldGet(SMMU_GMPAM_PARTID, word),
  pmg: fieldGet(SMMU_GMPAM_PMG, word),
  mpamNs: (word & SMMU_GMPAM_MPAM_NS) !== 0,
});
