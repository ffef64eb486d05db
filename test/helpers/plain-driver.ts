// The driver's bookkeeping as linux-driver.md has it (5.1 to 5.4, 6.2 to 6.6, 7.2, 7.3), and nothing of how it is done: after any sequence of
// operations, what registers must hold and what a reading must give. Repaired as docs/modelled.md lists it. One class with one component.

/** One RIS; what is absent it does not have. */
export interface PlainRis {
  readonly ris: number;
  readonly cpbmWd?: number;
  readonly mbwPbmBits?: number;
  readonly mbw?: { readonly bwaWd: number; readonly min?: boolean; readonly max?: boolean; readonly prop?: boolean };
  readonly csu?: { readonly monitors: number; readonly xcl?: boolean };
  readonly mbwu?: { readonly monitors: number; readonly rwbw?: boolean };
}

export interface PlainPart {
  readonly msc: number;
  /** Those that reach it. At the beginning one of them is online. */
  readonly cpus: readonly number[];
  readonly power: "kept" | "lost";
  readonly nrdyUsec: number;
  readonly ris: readonly PlainRis[];
}

export interface PlainOptions {
  /** Those that are online when MPAM is enabled. */
  readonly online: readonly number[];
  readonly partidMax: number;
  /** Of the class (6.2). */
  readonly counter: 31 | 44 | 63;
  readonly errata?: readonly ("T241-MPAM-4" | "T241-MPAM-6" | "CMN-650-3642720")[];
}

/** Values of registers; bit i of a bitmap is portion i. */
export interface PlainConfig {
  readonly cpbm?: bigint;
  readonly mbwPbm?: bigint;
  readonly mbwMax?: number;
}

/** What the driver writes for a PARTID, as 16 bits or whole words: what hardware keeps of it is the width of each. */
export interface PlainRegisters {
  readonly cpbm?: readonly number[];
  readonly mbwPbm?: readonly number[];
  readonly mbwMin?: number;
  readonly mbwMax?: number;
  readonly mbwProp?: number;
}

export interface Place {
  readonly msc: number;
  readonly ris: number;
}

/** A PARTID of a RIS is programmed. */
export interface Programmed extends Place {
  readonly partid: number;
}

export interface Request {
  readonly type: "csu" | "mbwu";
  readonly mon: number;
  readonly partid: number;
  readonly pmg: number;
  readonly matchPmg: boolean;
  /** Acts where the RIS has RWBW. */
  readonly direction?: "both" | "writes" | "reads";
  /** Acts where the RIS has XCL. */
  readonly excludeClean?: boolean;
}

export type Outcome =
  | { readonly value: bigint; readonly waitedUsec: number }
  | { readonly error: "EBUSY" | "ENXIO"; readonly waitedUsec: number };

/** Bytes that pass a RIS. */
export interface Traffic {
  readonly partid: number;
  readonly pmg: number;
  readonly write: boolean;
  readonly bytes: bigint;
}

/** Bytes that lines behind a RIS hold. */
export interface Held {
  readonly partid: number;
  readonly pmg: number;
  readonly dirty: boolean;
  readonly bytes: bigint;
}

/** 5 percent of 0xffff, less one (2.5, T241-MPAM-4). */
const T241_DELTA = 0x0ccb;

/** An MBWU monitor, and what the driver remembers of it. */
class Counter {
  /** What it counts; undefined: it is not enabled. */
  filter: Request | undefined;
  /** Bytes since it was set to 0, without end. */
  bytes = 0n;
  /** Wraps up to the last look: more since then set the status, once. */
  wraps = 0n;
  /** What is added to every reading: overflows that were seen, and what was counted before power was lost. */
  correction = 0n;
  resetOnNextRead = false;
  /** What it counted before the last cpu went. */
  saved: Request | undefined;
}

class State {
  inResetState = false;
  /** By PARTID. */
  registers: PlainRegisters[] = [];
  readonly counters: readonly Counter[];
  held: readonly Held[] = [];
  /** By type and monitor: how many of the next reads of the value are not ready. */
  readonly notReady = new Map<string, number>();

  constructor(
    readonly part: PlainPart,
    readonly ris: PlainRis,
  ) {
    this.counters = Array.from({ length: ris.mbwu?.monitors ?? 0 }, () => new Counter());
  }
}

export class PlainDriver {
  readonly #online: Set<number>;
  /** In order of MSC and RIS. */
  readonly #states: readonly State[];
  /** By PARTID: what has been configured. */
  #configs: PlainConfig[];
  /** MSCs whose registers are lost. */
  readonly #lost = new Set<number>();

  /** MPAM has just been enabled. */
  constructor(
    readonly parts: readonly PlainPart[],
    readonly options: PlainOptions,
  ) {
    this.#online = new Set(options.online);
    this.#configs = this.#nothing();
    this.#states = parts
      .toSorted((a, b) => a.msc - b.msc)
      .flatMap((part) => part.ris.toSorted((a, b) => a.ris - b.ris).map((ris) => new State(part, ris)));
    for (const state of this.#states) {
      this.#programAll(state, this.#configs);
      state.inResetState = true;
    }
  }

  /** 5.3. Returns what is programmed. */
  apply(partid: number, wanted: PlainConfig): Programmed[] {
    const stored = this.#configs[partid] ?? {};
    const before = { ...this.#defaults(), ...stored };
    const changed = Object.entries(wanted).filter(([key, value]) => value !== before[key as keyof PlainConfig]);
    if (changed.length === 0) return [];
    this.#configs[partid] = { ...stored, ...Object.fromEntries(changed) };
    return this.#states.flatMap((state) => {
      state.inResetState = false;
      return this.#reachable(state) ? this.#program(state, partid, this.#configs) : [];
    });
  }

  /** 5.4: every component of the class. */
  resetClass(): Programmed[] {
    this.#configs = this.#nothing();
    return this.#states.flatMap((state) => {
      if (state.inResetState) return [];
      state.inResetState = true;
      return this.#reachable(state) ? this.#programAll(state, this.#configs) : [];
    });
  }

  /** 7.3. The last cpu of all cannot go. */
  offline(cpu: number): Programmed[] {
    if (!this.#online.has(cpu)) return [];
    if (this.#online.size === 1) throw new RangeError(`cpu ${cpu} is the last`);
    const going = this.#states.filter(({ part }) => this.#onlineOf(part).join() === String(cpu));
    const done = going.flatMap((state) => {
      const reset = state.inResetState ? [] : this.#programAll(state, this.#nothing());
      state.inResetState = false;
      for (const mon of state.counters.keys()) this.#save(state, mon);
      return reset;
    });
    this.#online.delete(cpu);
    for (const state of going) if (state.part.power === "lost") this.#lose(state);
    return done;
  }

  /** 7.2. */
  online(cpu: number): Programmed[] {
    if (this.#online.has(cpu)) return [];
    const coming = this.#states.filter(({ part }) => part.cpus.includes(cpu) && this.#onlineOf(part).length === 0);
    this.#online.add(cpu);
    return coming.flatMap((state) => {
      this.#lost.delete(state.part.msc);
      const done = this.#programAll(state, this.#configs);
      state.inResetState = this.#configs.every((config) => Object.keys(config).length === 0);
      for (const mon of state.counters.keys()) this.#restore(state, mon);
      return done;
    });
  }

  /** What the registers of a PARTID hold; undefined: what they hold at power-on. */
  registers({ msc, ris }: Place, partid: number): PlainRegisters | undefined {
    return this.#lost.has(msc) ? undefined : this.#state({ msc, ris }).registers[partid];
  }

  /** 5.4. */
  inResetState(place: Place): boolean {
    return this.#state(place).inResetState;
  }

  /** Bytes pass: every monitor that is enabled and is sensitive to them counts them. */
  traffic(place: Place, traffic: Traffic): void {
    const { counters, ris } = this.#state(place);
    for (const counter of counters) {
      if (counter.filter !== undefined && counts(counter.filter, traffic, ris)) counter.bytes += traffic.bytes;
    }
  }

  /** What the lines behind a RIS hold from now on; they stay when registers are lost. */
  holds(place: Place, held: readonly Held[]): void {
    this.#state(place).held = held;
  }

  /** The next so many reads of the value of a monitor have NRDY. */
  notReady(place: Place, type: Request["type"], mon: number, reads: number): void {
    this.#state(place).notReady.set(`${type} ${mon}`, reads);
  }

  /** 6.5. */
  resetMbwu(mon: number): void {
    for (const { counters } of this.#states) {
      const counter = counters[mon];
      if (counter === undefined) continue;
      counter.correction = 0n;
      counter.resetOnNextRead = true;
    }
  }

  /** 6.2: one pass over all RIS, and if one is not ready, the longest time of the class, and a second one. */
  read(request: Request): Outcome {
    const first = this.#pass(request, false);
    if (first !== "EBUSY")
      return typeof first === "bigint" ? { value: first, waitedUsec: 0 } : { error: first, waitedUsec: 0 };
    const waitedUsec = Math.max(...this.parts.map(({ nrdyUsec }) => nrdyUsec));
    const second = this.#pass(request, true);
    return typeof second === "bigint" ? { value: second, waitedUsec } : { error: second, waitedUsec };
  }

  /** The sum, or the last error. All are looked at, whatever has gone wrong before. */
  #pass(request: Request, waited: boolean): bigint | "EBUSY" | "ENXIO" {
    let total = 0n;
    let error: "EBUSY" | "ENXIO" | undefined;
    for (const state of this.#states) {
      if (state.ris[request.type] === undefined) continue;
      const found = this.#reachable(state) ? this.#look(state, request, waited) : "ENXIO";
      if (typeof found === "bigint") total += found;
      else error = found;
    }
    return error ?? total;
  }

  /** 6.3. */
  #look(state: State, request: Request, waited: boolean): bigint | "EBUSY" {
    const value = request.type === "csu" ? occupancy(state, request) : this.#bandwidth(state, request);
    const ready = !takeNotReady(state, request);
    const believed = request.type === "csu" && waited && this.#has("CMN-650-3642720");
    return ready || believed ? value : "EBUSY";
  }

  #bandwidth(state: State, request: Request): bigint {
    const counter = this.#counter(state, request.mon);
    const { rwbw } = state.ris.mbwu ?? {};
    if (counter.filter === undefined || !sameFilter(counter.filter, request, rwbw) || counter.resetOnNextRead) {
      this.#start(counter, request);
    }
    this.#seeOverflow(counter);
    return counter.correction + this.#shown(counter);
  }

  /** Configured, enabled, and set to 0. What is corrected stays (6.3). */
  #start(counter: Counter, request: Request): void {
    counter.filter = request;
    counter.bytes = 0n;
    counter.wraps = 0n;
    counter.resetOnNextRead = false;
  }

  /** However often it has wrapped since the last look, the status tells of one. */
  #seeOverflow(counter: Counter): void {
    const wraps = counter.bytes / this.#size();
    if (wraps > counter.wraps) counter.correction += this.#size();
    counter.wraps = wraps;
  }

  /** Bytes after which a counter is where it was. */
  #size(): bigint {
    return 2n ** BigInt(this.options.counter) * this.#unit();
  }

  #unit(): bigint {
    return this.#has("T241-MPAM-6") ? 64n : 1n;
  }

  /** What the value says, in bytes. */
  #shown({ bytes }: Counter): bigint {
    const within = bytes % this.#size();
    return within - (within % this.#unit());
  }

  /** 6.6. A reset that is still to be done is done by this: nothing is carried over. */
  #save(state: State, mon: number): void {
    const counter = this.#counter(state, mon);
    takeNotReady(state, { type: "mbwu", mon });
    if (counter.filter !== undefined && !counter.resetOnNextRead) {
      this.#seeOverflow(counter);
      counter.correction += this.#shown(counter);
    }
    counter.saved = counter.filter;
    counter.filter = undefined;
    counter.bytes = 0n;
    counter.wraps = 0n;
  }

  #restore(state: State, mon: number): void {
    const counter = this.#counter(state, mon);
    if (counter.saved === undefined) return;
    takeNotReady(state, { type: "mbwu", mon });
    this.#start(counter, counter.saved);
    counter.saved = undefined;
  }

  #lose(state: State): void {
    this.#lost.add(state.part.msc);
    state.registers = [];
  }

  #programAll(state: State, configs: readonly PlainConfig[]): Programmed[] {
    return [...configs.keys()].flatMap((partid) => this.#program(state, partid, configs));
  }

  /** 5.1. */
  #program(state: State, partid: number, configs: readonly PlainConfig[]): Programmed[] {
    const { part, ris } = state;
    const { cpbm, mbwPbm, mbwMax } = configs[partid] ?? {};
    const { bwaWd = 0, min = false, max = false, prop = false } = ris.mbw ?? {};
    state.registers[partid] = {
      ...(ris.cpbmWd === undefined ? {} : { cpbm: words(cpbm ?? ones(ris.cpbmWd), ris.cpbmWd) }),
      ...(ris.mbwPbmBits === undefined ? {} : { mbwPbm: words(mbwPbm ?? ones(ris.mbwPbmBits), ris.mbwPbmBits) }),
      ...(min ? { mbwMin: this.#has("T241-MPAM-4") ? t241Minimum(bwaWd, mbwMax) : 0 } : {}),
      ...(max ? { mbwMax: mbwMax ?? 0xffff } : {}),
      ...(prop ? { mbwProp: 0 } : {}),
    };
    return [{ msc: part.msc, ris: ris.ris, partid }];
  }

  /** 5.3: what counts as no change while nothing is configured. */
  #defaults(): PlainConfig {
    const widest = (of: (ris: PlainRis) => number | undefined): number =>
      Math.min(...this.#states.flatMap(({ ris }) => of(ris) ?? []));
    const [cpbmWd, pbm, bwaWd] = [
      widest((ris) => ris.cpbmWd),
      widest((ris) => ris.mbwPbmBits),
      widest(({ mbw }) => mbw?.bwaWd),
    ];
    return {
      ...(Number.isFinite(cpbmWd) ? { cpbm: ones(cpbmWd) } : {}),
      ...(Number.isFinite(pbm) ? { mbwPbm: ones(pbm) } : {}),
      ...(Number.isFinite(bwaWd) ? { mbwMax: topOnes(bwaWd) } : {}),
    };
  }

  #nothing(): PlainConfig[] {
    return Array.from({ length: this.options.partidMax + 1 }, () => ({}));
  }

  #has(erratum: NonNullable<PlainOptions["errata"]>[number]): boolean {
    return this.options.errata?.includes(erratum) ?? false;
  }

  #onlineOf({ cpus }: PlainPart): number[] {
    return cpus.filter((cpu) => this.#online.has(cpu));
  }

  #reachable({ part }: State): boolean {
    return this.#onlineOf(part).length > 0;
  }

  #state({ msc, ris }: Place): State {
    const found = this.#states.find((state) => state.part.msc === msc && state.ris.ris === ris);
    if (found === undefined) throw new RangeError(`MSC ${msc} has no RIS ${ris}`);
    return found;
  }

  #counter({ counters }: State, mon: number): Counter {
    const found = counters[mon];
    if (found === undefined) throw new RangeError(`there is no MBWU monitor ${mon}`);
    return found;
  }
}

function matches(
  { partid, pmg, matchPmg }: Request,
  label: { readonly partid: number; readonly pmg: number },
): boolean {
  return label.partid === partid && (!matchPmg || label.pmg === pmg);
}

function counts(request: Request, traffic: Traffic, { mbwu }: PlainRis): boolean {
  if (!matches(request, traffic)) return false;
  const { direction = "both" } = request;
  if (mbwu?.rwbw !== true || direction === "both") return true;
  return traffic.write === (direction === "writes");
}

/** Whether the two are one setting of the filter and control registers. */
function sameFilter(a: Request, b: Request, rwbw = false): boolean {
  if (a.partid !== b.partid || a.matchPmg !== b.matchPmg || (a.matchPmg && a.pmg !== b.pmg)) return false;
  return !rwbw || (a.direction ?? "both") === (b.direction ?? "both");
}

/** The lines that a monitor sees; registers have no memory of their own of them. */
function occupancy({ held, ris }: State, request: Request): bigint {
  const dirtyOnly = request.excludeClean === true && ris.csu?.xcl === true;
  const seen = held.filter((one) => matches(request, one) && (one.dirty || !dirtyOnly));
  return seen.reduce((sum, { bytes }) => sum + bytes, 0n);
}

function takeNotReady({ notReady }: State, { type, mon }: Pick<Request, "type" | "mon">): boolean {
  const left = notReady.get(`${type} ${mon}`) ?? 0;
  if (left > 0) notReady.set(`${type} ${mon}`, left - 1);
  return left > 0;
}

function ones(width: number): bigint {
  return 2n ** BigInt(width) - 1n;
}

/** The fraction of 16 bits that is all ones. */
function topOnes(width: number): number {
  return 0x1_0000 - 2 ** (16 - width);
}

function words(bitmap: bigint, width: number): number[] {
  return Array.from({ length: Math.ceil(width / 32) }, (_, n) => Number((bitmap >> BigInt(32 * n)) & 0xffff_ffffn));
}

function t241Minimum(bwaWd: number, mbwMax = topOnes(bwaWd)): number {
  return Math.max(2 ** (16 - bwaWd), mbwMax - T241_DELTA);
}
