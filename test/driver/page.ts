// A register page to script: storage banked as PART_SEL and MON_SEL bank it, and a record of every access. No effects.
// Offsets are written here as numbers from the document, so that a wrong register page in assembly/regs is noticed.

const PART_SEL = 0x100;
const MON_SEL = 0x800;

export interface RisRegisters {
  /** ID registers of this RIS by offset; what is absent reads 0. */
  readonly [offset: number]: number;
}

export interface PageOptions {
  /** MPAMF_AIDR; default 1.1. */
  readonly aidr?: number;
  readonly iidr?: number;
  /** By RIS index. MPAMF_IDR (0x0, 0x4) among them. */
  readonly ris: readonly RisRegisters[];
}

export class FakePage {
  /** "R 0x0f8", "W 0x100 0x01000000", in order. */
  readonly accesses: string[] = [];
  readonly #plain = new Map<number, number>();
  readonly #parts = new Map<string, number>();
  readonly #monitors = new Map<string, number>();
  readonly #scripted = new Map<number, number[]>();
  /** What a monitor register reads, where the test wants to say so. */
  monitorValue: ((ris: number, mon: number, offset: number) => number | undefined) | undefined;
  /** Called after a write has landed. */
  written: ((offset: number, value: number) => void) | undefined;
  /** Offsets whose accesses fail. */
  readonly broken = new Map<number, Error>();

  constructor(private readonly options: PageOptions) {}

  /** The next reads of `offset` give these, whatever is stored. */
  script(offset: number, ...values: number[]): void {
    this.#scripted.set(offset, [...(this.#scripted.get(offset) ?? []), ...values]);
  }

  /** Sets a register outside the banks. */
  set(offset: number, value: number): void {
    this.#plain.set(offset, value);
  }

  /** A partition register as stored; undefined: never written. */
  part(ris: number, partid: number, offset: number): number | undefined {
    return this.#parts.get(key((ris << 24) | partid, offset));
  }

  monitor(ris: number, mon: number, offset: number): number | undefined {
    return this.#monitors.get(key((ris << 24) | mon, offset));
  }

  setMonitor(ris: number, mon: number, offset: number, value: number): void {
    this.#monitors.set(key((ris << 24) | mon, offset), value);
  }

  /** Power is lost: everything is as it was at power-on. */
  lose(): void {
    for (const bank of [this.#plain, this.#parts, this.#monitors]) bank.clear();
  }

  /** Forgets the record, not the storage. */
  forget(): void {
    this.accesses.length = 0;
  }

  read32(offset: number): number {
    this.accesses.push(`R ${hex(offset, 3)}`);
    this.#fail(offset);
    const scripted = this.#scripted.get(offset)?.shift();
    if (scripted !== undefined) return scripted;
    const stored = this.#bank(offset);
    if (offset >= 0x810 && offset < 0x900) {
      const selection = this.#plain.get(MON_SEL) ?? 0;
      return this.monitorValue?.(selection >>> 24, selection & 0xffff, offset) ?? stored ?? 0;
    }
    return stored ?? this.#identity(offset);
  }

  write32(offset: number, value: number): void {
    this.accesses.push(`W ${hex(offset, 3)} ${hex(value, 8)}`);
    this.#fail(offset);
    if (isPart(offset)) this.#parts.set(key(this.#plain.get(PART_SEL) ?? 0, offset), value);
    else if (isMonitor(offset)) this.#monitors.set(key(this.#plain.get(MON_SEL) ?? 0, offset), value);
    else this.#plain.set(offset, value);
    this.written?.(offset, value);
  }

  #bank(offset: number): number | undefined {
    if (isPart(offset)) return this.#parts.get(key(this.#plain.get(PART_SEL) ?? 0, offset));
    if (isMonitor(offset)) return this.#monitors.get(key(this.#plain.get(MON_SEL) ?? 0, offset));
    return this.#plain.get(offset);
  }

  #identity(offset: number): number {
    if (offset === 0x20) return this.options.aidr ?? 0x11;
    if (offset === 0x18) return this.options.iidr ?? 0;
    const ris = (this.#plain.get(PART_SEL) ?? 0) >>> 24;
    return this.options.ris[ris]?.[offset] ?? 0;
  }

  #fail(offset: number): void {
    const error = this.broken.get(offset);
    if (error !== undefined) throw error;
  }
}

function isPart(offset: number): boolean {
  return (offset > PART_SEL && offset < MON_SEL) || offset >= 0x1000;
}

function isMonitor(offset: number): boolean {
  return offset > MON_SEL && offset < 0x900;
}

function key(selection: number, offset: number): string {
  return `${selection >>> 0}/${offset}`;
}

function hex(value: number, digits: number): string {
  return `0x${(value >>> 0).toString(16).padStart(digits, "0")}`;
}
