/** Brings cpus into a wanted state by accesses from their highest EL, writing only what changes. */
import type { Encoding, ExceptionLevel, PeProfile, PeSubject } from "./pe-subject.ts";
import { ENCODINGS } from "./plain/pe/encodings.ts";
import { FIELDS } from "./plain/pe/fields.ts";
import { highestEl } from "./plain/pe/has.ts";

/** One field of one register; where it is, worked out once because it is asked for millions of times. */
export interface Place {
  readonly register: string;
  readonly field: string;
  readonly low: bigint;
  readonly mask: bigint;
}

export function place(register: string, field: string): Place {
  const found = FIELDS[register]?.find(({ name }) => name === field);
  if (!found) throw new Error(`${register} has no field ${field}`);
  const low = BigInt(found.low);
  return { register, field, low, mask: ((1n << BigInt(found.high - found.low + 1)) - 1n) << low };
}

export interface Setting {
  readonly place: Place;
  readonly value: number;
}

export function setting(register: string, field: string, value: number): Setting {
  return { place: place(register, field), value };
}

export interface PeWrite {
  readonly name: string;
  readonly encoding: Encoding;
  readonly value: bigint;
}

interface Register {
  /** What is written and what is to be read back, in the bits of `mask`. */
  wanted: bigint;
  /** The bits that somebody has set. */
  mask: bigint;
  stale: boolean;
  unread: boolean;
}

/** A subject, and who it is. */
export interface Contestant {
  readonly name: string;
  readonly subject: PeSubject;
}

export class PeSetup {
  readonly #profile: PeProfile;
  readonly #el: ExceptionLevel;
  readonly #contestants: readonly Contestant[];
  readonly #registers = new Map<string, Register>();
  #e2h = false;

  /** The subjects have booted. */
  constructor(profile: PeProfile, contestants: readonly Contestant[]) {
    this.#profile = profile;
    this.#el = highestEl(profile);
    this.#contestants = contestants;
  }

  /** Wants a value in a field; `apply` writes it. */
  want({ register, low, mask }: Place, value: number): void {
    let found = this.#registers.get(register);
    if (!found) {
      found = { wanted: 0n, mask: 0n, stale: true, unread: true };
      this.#registers.set(register, found);
    }
    const wanted = (found.wanted & ~mask) | (BigInt(value) << low);
    if (wanted === found.wanted && (found.mask & mask) === mask) return;
    found.wanted = wanted;
    found.mask |= mask;
    found.stale = true;
  }

  apply(): void {
    // HCR_EL2 first: its E2H decides which register a name reaches at EL2.
    const hcr = this.#registers.get("HCR_EL2");
    if (hcr?.stale) this.#write("HCR_EL2", hcr);
    for (const [name, register] of this.#registers) if (register.stale) this.#write(name, register);
  }

  #write(name: string, register: Register): void {
    register.stale = false;
    register.unread = true;
    const encoding = this.#encoding(name);
    for (const { name: who, subject } of this.#contestants) {
      const { outcome } = subject.write(encoding, register.wanted, this.#el);
      if (outcome !== "done") this.#refuse(`${who}: the write of ${name} is ${outcome}, after`);
    }
    if (name === "HCR_EL2") this.#e2h = ((register.wanted >> 34n) & 1n) === 1n;
  }

  /** Reads back what has been written since the last time, of every contestant. */
  check(): void {
    for (const [name, register] of this.#registers) {
      if (!register.unread) continue;
      register.unread = false;
      for (const { name: who, subject } of this.#contestants) {
        const read = subject.read(this.#encoding(name), this.#el);
        const value = read.outcome === "done" ? read.value & register.mask : undefined;
        if (value === register.wanted) continue;
        const shown = value === undefined ? read.outcome : `0x${value.toString(16)}`;
        this.#refuse(`${who}: ${name} has been written as 0x${register.wanted.toString(16)} and reads ${shown}, after`);
      }
    }
  }

  #refuse(text: string): never {
    throw new Error(`${text}\nconst subject = await create(${JSON.stringify(this.#profile)});\n${this.lines()}`);
  }

  /** At EL2 with E2H = 1 the names of EL1 reach EL2's registers. */
  #encoding(name: string): Encoding {
    const redirected = this.#el === 2 && this.#e2h && (name === "MPAM1_EL1" || name === "MPAMBW1_EL1");
    return ENCODINGS[redirected ? name.replace("_EL1", "_EL12") : name]!;
  }

  /** What brings a cpu that has booted into this state, in an order that does. */
  writes(): PeWrite[] {
    const names = [...this.#registers.keys()].sort((a, b) => Number(b === "HCR_EL2") - Number(a === "HCR_EL2"));
    return names.map((name) => ({
      name,
      encoding: this.#encoding(name),
      value: this.#registers.get(name)!.wanted,
    }));
  }

  lines(): string {
    const line = ({ name, encoding, value }: PeWrite) =>
      `subject.write(0x${encoding.toString(16)}, 0x${value.toString(16)}n, ${this.#el}); // ${name}`;
    return ["subject.boot();", ...this.writes().map(line)].join("\n");
  }
}
