// SMMUs as software sees them: what they can put on requests, by their registers, and labels of streams, by their entries
// (more.md 2). Linux 7.3 does nothing of this.

import { fieldGet, fieldPrep } from "../../assembly/regs/field.ts";
import {
  SMMU_GMPAM,
  SMMU_GMPAM_PARTID,
  SMMU_GMPAM_PMG,
  SMMU_GMPAM_UPDATE,
  SMMU_IDR3,
  SMMU_IDR3_MPAM,
  SMMU_MPAMIDR,
  SMMU_MPAMIDR_PARTID_MAX,
  SMMU_MPAMIDR_PMG_MAX,
} from "../../assembly/regs/smmu.ts";
import type { WidePort } from "../bus/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { FirmwareSmmu } from "../firmware/index.ts";
import type { DriverMachine } from "./needs.ts";
import type { Limits } from "./requestors.ts";

/** The label of a stream's requests. */
export interface DmaLabel {
  readonly partid: number;
  readonly pmg: number;
}

/** The stream table of an SMMU, and its command queue. */
export interface StreamTable {
  /** The Stream table entry of a StreamID, as its software sees it: 64-bit words counted from 0. */
  stream(sid: number): {
    /** The word at this index. */
    read(word: number): bigint;
    /** Holds for requests once `invalidate` has been said. */
    write(word: number, value: bigint): void;
  };
  /** What software has to say when it has changed an entry that was in use. */
  invalidate(command: { readonly op: "CFGI_STE"; readonly sid: number }): void;
}

/**
 * Who labels DMA at boot. "linux": nobody, so that all of it has PARTID 0 and PMG 0. A table, as a vendor's kernel has it in its
 * device tree: streams, and what the SMMU itself asks for.
 */
export type DmaPolicy =
  | "linux"
  | { readonly streams: readonly (DmaLabel & { readonly sid: number })[]; readonly own?: DmaLabel };

/** Largest PARTID and PMG of Non-secure streams; undefined: the SMMU labels nothing. */
export function smmuLimits(bus: Pick<WidePort, "load32">, cpu: number, { address }: FirmwareSmmu): Limits | undefined {
  const read = (offset: number) => bus.load32(cpu, "ns", address + offset, "driver");
  if ((read(SMMU_IDR3) & SMMU_IDR3_MPAM) === 0) return undefined;
  const word = read(SMMU_MPAMIDR);
  const partidMax = fieldGet(SMMU_MPAMIDR_PARTID_MAX, word);
  const pmgMax = fieldGet(SMMU_MPAMIDR_PMG_MAX, word);
  return partidMax === 0 && pmgMax === 0 ? undefined : { partidMax, pmgMax };
}

// STE.PARTID and STE.PMG.
const PARTID_WORD = 4;
const PARTID_SHIFT = 16n;
const PMG_WORD = 5;
const PMG_MASK = 0xffn;

/** Updates of a global label are quick; software asks this often before it gives up. */
const UPDATE_TRIES = 100;
const UPDATE_NS = 1000;

/** What SmmuLabels needs of a machine; `Machine` is one. */
export type SmmuMachine = Pick<DriverMachine, "bus" | "clock" | "processor">;

/** The part of an SMMU driver that knows of MPAM. */
export class SmmuLabels {
  /** Undefined: no MPAM. */
  readonly limits: Limits | undefined;

  constructor(
    private readonly machine: SmmuMachine,
    private readonly described: FirmwareSmmu,
    private readonly table: StreamTable,
  ) {
    this.limits = smmuLimits(machine.bus, this.#cpu, described);
  }

  /** Labels a stream from the next edge on. EIO: the SMMU has no MPAM. EINVAL: it does not have such a label. */
  setLabel(sid: number, label: DmaLabel): void {
    this.#check(`stream ${sid}`, label);
    const ste = this.table.stream(sid);
    const partid = ste.read(PARTID_WORD) & ~(0xffffn << PARTID_SHIFT);
    ste.write(PARTID_WORD, partid | (BigInt(label.partid) << PARTID_SHIFT));
    ste.write(PMG_WORD, (ste.read(PMG_WORD) & ~PMG_MASK) | BigInt(label.pmg));
    this.table.invalidate({ op: "CFGI_STE", sid });
  }

  /** What the entry of a stream says. EIO as `setLabel`. */
  labelOf(sid: number): DmaLabel {
    this.#needed();
    const ste = this.table.stream(sid);
    const partid = Number((ste.read(PARTID_WORD) >> PARTID_SHIFT) & 0xffffn);
    return { partid, pmg: Number(ste.read(PMG_WORD) & PMG_MASK) };
  }

  /** The label of what the SMMU asks for itself: its tables, queues, interrupts. As `setLabel`; EIO also: the SMMU does not take it. */
  async setOwn(label: DmaLabel): Promise<void> {
    this.#check("its own requests", label);
    await this.#updated();
    const word = fieldPrep(SMMU_GMPAM_PARTID, label.partid) | fieldPrep(SMMU_GMPAM_PMG, label.pmg);
    const at = this.described.address + SMMU_GMPAM;
    this.machine.bus.store32(this.#cpu, "ns", at, (word | SMMU_GMPAM_UPDATE) >>> 0, "driver");
    await this.#updated();
  }

  /** What a kernel of that kind does when it boots; its warnings. What an SMMU does not have becomes 0. */
  async boot(policy: DmaPolicy): Promise<string[]> {
    const warnings: string[] = [];
    if (policy === "linux") return warnings;
    const { limits } = this;
    if (!limits) return [`SMMU ${this.described.id} has no MPAM; its table of labels is not used`];
    const fitting = (what: string, { partid, pmg }: DmaLabel): DmaLabel => {
      const fit = (name: string, value: number, most: number) => {
        if (isUpTo(value, most)) return value;
        warnings.push(`${what}: ${name} ${value} is past ${most}, and taken as 0`);
        return 0;
      };
      return { partid: fit("PARTID", partid, limits.partidMax), pmg: fit("PMG", pmg, limits.pmgMax) };
    };
    const name = `SMMU ${this.described.id}`;
    for (const one of policy.streams) this.setLabel(one.sid, fitting(`${name}, stream ${one.sid}`, one));
    if (policy.own) await this.setOwn(fitting(name, policy.own));
    return warnings;
  }

  async #updated(): Promise<void> {
    const { bus, clock } = this.machine;
    for (let tries = 0; tries < UPDATE_TRIES; tries++) {
      const word = bus.load32(this.#cpu, "ns", this.described.address + SMMU_GMPAM, "driver");
      if ((word & SMMU_GMPAM_UPDATE) === 0) return;
      await clock.sleep(UPDATE_NS);
    }
    throw new ErrnoError("EIO", `SMMU ${this.described.id}: GMPAM.Update stays 1`);
  }

  #check(what: string, { partid, pmg }: DmaLabel): void {
    const { partidMax, pmgMax } = this.#needed();
    if (isUpTo(partid, partidMax) && isUpTo(pmg, pmgMax)) return;
    const has = `SMMU ${this.described.id} has PARTID 0..${partidMax} and PMG 0..${pmgMax}`;
    throw new ErrnoError("EINVAL", `${what}: PARTID ${partid} and PMG ${pmg}; ${has}`);
  }

  #needed(): Limits {
    if (this.limits) return this.limits;
    throw new ErrnoError("EIO", `SMMU ${this.described.id} has no MPAM: its requests have PARTID 0 and PMG 0`);
  }

  get #cpu(): number {
    return this.machine.processor.cpus.find(({ online }) => online)?.cpu ?? 0;
  }
}

const isUpTo = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most;
