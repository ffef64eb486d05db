// Virtual PARTIDs: which PARTID of the host stands for each PARTID of a guest. Entry 0 is the group of the thread that runs the
// vCPU, whatever that is at the moment; an entry that nobody has set leads there too, as the hardware has it (register reference 7.4).

import { ErrnoError } from "../errno/index.ts";

/** Entries that an MPAMVPM<n>_EL2 has. */
const PER_REGISTER = 4;

export interface PartidLimits {
  /** The largest PARTID of the host. */
  readonly partidMax: number;
  /** MPAMIDR_EL1.VPMR_MAX of the host. */
  readonly vpmrMax: number;
}

/** A PARTID of the host; or that of whatever group a thread of the host is in; or nothing. */
export type PartidEntry = number | { readonly thread: number } | undefined;

/** Which PARTID of the host stands for each of a guest (MPAMVPMn_EL2). */
export class VirtualPartids {
  readonly #entries: PartidEntry[];

  /** `entries`: what stands for the guest's 1, 2 and so on. `partidOf` a thread, as it would run on a cpu. Throws EINVAL. */
  constructor(
    private readonly vm: string,
    entries: readonly PartidEntry[],
    private readonly limits: PartidLimits,
    private readonly partidOf: (thread: number, cpu: number) => number,
  ) {
    const most = Math.min(PER_REGISTER * (limits.vpmrMax + 1), limits.partidMax + 1);
    if (entries.length + 1 > most) {
      throw refused(
        vm,
        `${entries.length} PARTIDs besides 0: cpus here have ${most - 1} (VPMR_MAX is ${limits.vpmrMax}, PARTID_MAX ${limits.partidMax})`,
      );
    }
    for (const entry of entries) this.#check(entry);
    this.#entries = [undefined, ...entries];
  }

  #check(partid: PartidEntry): void {
    const { partidMax } = this.limits;
    if (typeof partid === "object" || partid === undefined) return;
    if (Number.isInteger(partid) && partid >= 0 && partid <= partidMax) return;
    throw refused(this.vm, `a guest's PARTID cannot be ${partid} of the host: 0..${partidMax} are there`);
  }

  /** The guest's PARTID_MAX. */
  get max(): number {
    return this.#entries.length - 1;
  }

  /** What has been set for the guest's 1, 2 and so on. */
  get entries(): readonly PartidEntry[] {
    return this.#entries.slice(1);
  }

  /** The thread whose group stands for one of the guest's; undefined: a number does, or nothing. */
  threadOf(partid: number): number | undefined {
    const entry = this.#entries[partid];
    return typeof entry === "object" ? entry.thread : undefined;
  }

  /** Whether a thread's group stands for a PARTID. */
  stands(thread: number): boolean {
    return this.#entries.some((entry) => typeof entry === "object" && entry.thread === thread);
  }

  /** The PARTIDs of the host for the guest's 0, 1 and so on, on a cpu. `own`: that of the vCPU's thread. */
  mapped(cpu: number, own: number): number[] {
    return this.#entries.map((entry) =>
      typeof entry === "object" ? this.partidOf(entry.thread, cpu) : (entry ?? own),
    );
  }

  /** What stands for one of the guest's, from 1 on; undefined: nothing, and it is as 0. Throws EINVAL. */
  set(partid: number, physical: PartidEntry): void {
    if (!(Number.isInteger(partid) && partid >= 1 && partid <= this.max)) {
      const there = this.max === 0 ? "it has 0 only" : `1..${this.max} are its own`;
      throw refused(
        this.vm,
        `there is no PARTID ${partid} of the guest to set: ${there}, and 0 is the vCPU's thread's`,
      );
    }
    this.#check(physical);
    this.#entries[partid] = physical;
  }

  /** Which entries are there, as MPAMVPMV_EL2 has them. */
  get valid(): bigint {
    let valid = 1n;
    for (let v = 1; v <= this.max; v++) if (this.#entries[v] !== undefined) valid |= 1n << BigInt(v);
    return valid;
  }
}

/** MPAMVPM<n>_EL2 for entries 0, 1 and so on; as many registers as they need. */
export function packEntries(entries: readonly number[]): bigint[] {
  const words: bigint[] = [];
  for (const [v, partid] of entries.entries()) {
    const n = Math.floor(v / PER_REGISTER);
    words[n] = (words[n] ?? 0n) | (BigInt(partid) << BigInt(16 * (v % PER_REGISTER)));
  }
  return words;
}

/** Entry v of words like these. */
export function entryOf(word: (n: number) => bigint, v: number): number {
  return Number((word(Math.floor(v / PER_REGISTER)) >> BigInt(16 * (v % PER_REGISTER))) & 0xffffn);
}

function refused(vm: string, what: string): ErrnoError {
  return new ErrnoError("EINVAL", `${vm}: ${what}`);
}
