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

/** Called with the text of a difference; when it returns, who differs is left out from then on. */
export type OnDifference = (name: string, text: string) => void;

export class PeSetup {
  readonly #profile: PeProfile;
  readonly #el: ExceptionLevel;
  readonly #onDifference: OnDifference;
  #left: readonly Contestant[];
  readonly #registers = new Map<string, Register>();
  #e2h = false;

  /** The subjects have booted. */
  constructor(profile: PeProfile, contestants: readonly Contestant[], onDifference: OnDifference) {
    this.#profile = profile;
    this.#el = highestEl(profile);
    this.#onDifference = onDifference;
    this.#left = contestants;
  }

  /** All who have not differed. */
  get left(): readonly Contestant[] {
    return this.#left;
  }

  /** A contestant that answers otherwise than the model. */
  differs(contestant: Contestant, text: string): void {
    this.#left = this.#left.filter((each) => each !== contestant);
    this.#onDifference(contestant.name, text);
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
    for (const each of this.#left) {
      const { outcome } = each.subject.write(encoding, register.wanted, this.#el);
      if (outcome !== "done")
        this.differs(each, this.told(`// ${each.name}: the write of ${name} is ${outcome}, after`));
    }
    if (name === "HCR_EL2") this.#e2h = ((register.wanted >> 34n) & 1n) === 1n;
  }

  /** Reads back what has been written since the last time, of every contestant. */
  check(): void {
    for (const [name, register] of this.#registers) {
      if (!register.unread) continue;
      register.unread = false;
      for (const each of this.#left) {
        const read = each.subject.read(this.#encoding(name), this.#el);
        const value = read.outcome === "done" ? read.value & register.mask : undefined;
        if (value === register.wanted) continue;
        const shown = value === undefined ? read.outcome : `0x${value.toString(16)}`;
        this.differs(each, this.told(`// ${each.name}: ${name} does not keep its value but reads ${shown}, after`));
      }
    }
  }

  /** How a cpu gets here, as lines that can be pasted into a test, under a line of comment. */
  told(comment: string): string {
    const line = ({ name, encoding, value }: PeWrite) =>
      `subject.write(0x${encoding.toString(16)}, 0x${value.toString(16)}n, ${this.#el}); // ${name}`;
    const create = `const subject = await create(${JSON.stringify(this.#profile)});`;
    return [comment, create, "subject.boot();", ...this.writes().map(line)].join("\n");
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
}
