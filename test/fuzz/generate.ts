/** Random sequences: register accesses, traffic and time for one configuration, the same again for the same numbers. */
import type { Space, SubjectConfig, SubjectLabel, SubjectRecord } from "../helpers/subject.ts";
import type { Operation } from "./operations.ts";
import type { Random } from "./random.ts";
import { type Flavour, offsetNamed, type Part, REGISTERS, type Register } from "./registers.ts";

const SPACES: readonly Space[] = ["ns", "s", "rt", "rl"];
const ALL_ONES = 0xffff_ffff;
/** Different labels of one sequence, and different PARTIDs that translation leads to. */
const LABELS = 24;
const TARGETS = 5;

const PART_SEL = offsetNamed("MPAMCFG_PART_SEL");
const MON_SEL = offsetNamed("MSMON_CFG_MON_SEL");
const CPBM = offsetNamed("MPAMCFG_CPBM");
const CMAX = offsetNamed("MPAMCFG_CMAX");
const INTPARTID = offsetNamed("MPAMCFG_INTPARTID");
const ECR = offsetNamed("MPAMF_ECR");
const ESR = offsetNamed("MPAMF_ESR");
const CSU_FLT = offsetNamed("MSMON_CFG_CSU_FLT");
const CSU_CTL = offsetNamed("MSMON_CFG_CSU_CTL");
const CSU = offsetNamed("MSMON_CSU");
const MBWU_FLT = offsetNamed("MSMON_CFG_MBWU_FLT");
const MBWU_CTL = offsetNamed("MSMON_CFG_MBWU_CTL");
const MBWU = offsetNamed("MSMON_MBWU");
const MBWU_L = offsetNamed("MSMON_MBWU_L");
const ERR_MSI_MPAM = offsetNamed("MPAMF_ERR_MSI_MPAM");
const OFLOW_MSI_MPAM = offsetNamed("MSMON_OFLOW_MSI_MPAM");

const TRANSLATIONS: ReadonlySet<Flavour> = new Set(["translation", "base", "width"]);

/** How often a register of a part is touched; those of one part share it. */
const WEIGHTS: { readonly [part in Part]?: number } = { always: 1, csu: 5, mbwu: 7, long: 4, endis: 4, narrow: 4 };
const SELECTOR_WEIGHT = 8;

function parts(config: SubjectConfig): Set<Part> {
  const { ris } = config;
  const has = (wanted: (one: SubjectConfig["ris"][number]) => unknown) => ris.some((one) => wanted(one));
  const monitors = has((one) => one.csu ?? one.mbwu);
  const found: readonly [Part, unknown][] = [
    ["always", true],
    ["controls", true],
    ["cpor", has((one) => one.cpor)],
    ["ccap", has((one) => one.ccap)],
    ["mbw", has((one) => one.mbw)],
    ["pbm", has((one) => one.mbw?.bwpbmWd)],
    ["pri", has((one) => one.pri)],
    ["narrow", config.partidNrw],
    ["endis", config.endis],
    ["esr", config.esr !== "none"],
    ["errMsi", config.errMsi],
    ["monitors", monitors],
    ["csu", has((one) => one.csu)],
    ["mbwu", has((one) => one.mbwu)],
    ["long", has((one) => one.mbwu && one.mbwu.counter !== 31)],
    ["oflwMsi", config.oflwMsi],
    ["oflowSr", config.oflowSr],
    ["localCapture", config.localCaptEvnt],
    ["inTl", config.inTl],
    ["outTl", config.outTl],
    ["impl", has((one) => one.impl)],
  ];
  return new Set(found.filter(([, there]) => there).map(([part]) => part));
}

/** Each register that exists, as often as it is to be touched. */
function present(config: SubjectConfig): Register[] {
  const there = parts(config);
  return REGISTERS.filter(({ part }) => there.has(part)).flatMap((register) => {
    const selector = register.flavour === "partSel" || register.flavour === "monSel";
    const constant = register.flavour === "none" && register.name.endsWith("IDR");
    const weight = selector ? SELECTOR_WEIGHT : constant ? 1 : (WEIGHTS[register.part] ?? 3);
    return new Array<Register>(weight).fill(register);
  });
}

export class Generator {
  readonly #config: SubjectConfig;
  readonly #r: Random;
  readonly #banks: readonly Space[];
  readonly #registers: readonly Register[];
  readonly #ris: readonly number[];
  readonly #most: number;
  readonly #monitors: number;
  readonly #events: readonly number[];
  readonly #capacity: number;
  readonly #words: { readonly [name: string]: number };
  /** Few, because a machine has room for so many labels at once, and translation makes more of them. */
  readonly #labels: readonly SubjectLabel[];
  readonly #targets: readonly number[];
  /** Steps of something that takes several; drawn together, done one by one. */
  #plan: Operation[] = [];
  #planned = 0;
  #space: Space = "ns";

  constructor(config: SubjectConfig, r: Random) {
    this.#config = config;
    this.#r = r;
    this.#banks = SPACES.filter((space) => config.spaces[space]);
    this.#registers = present(config);
    this.#ris = config.ris.map(({ ris }) => ris);
    this.#most = Math.max(...this.#banks.map((space) => config.spaces[space]?.partidMax ?? 0));
    this.#monitors = Math.max(1, ...config.ris.flatMap(({ csu, mbwu }) => [csu?.monitors ?? 0, mbwu?.monitors ?? 0]));
    this.#events = config.captEvents ?? [];
    this.#capacity = (config.sets ?? 1) * (config.ways ?? 1);
    this.#words = {
      MPAMCFG_CPBM: Math.max(1, ...config.ris.map(({ cpor }) => Math.ceil((cpor?.cpbmWd ?? 0) / 32))),
      MPAMCFG_MBW_PBM: Math.max(1, ...config.ris.map(({ mbw }) => Math.ceil((mbw?.bwpbmWd ?? 0) / 32))),
    };
    this.#labels = Array.from({ length: LABELS }, () => this.#drawLabel());
    this.#targets = Array.from({ length: TARGETS }, () => this.#near(config.inTl ? this.#most : 7));
    this.#begin();
  }

  next(): Operation {
    if (this.#planned === this.#plan.length) {
      this.#plan = [];
      this.#planned = 0;
      this.#draw();
    }
    return this.#plan[this.#planned++] as Operation;
  }

  // ---- steps ----

  #add(operation: Operation): void {
    this.#plan.push(operation);
  }

  #write(offset: number, value: number): void {
    this.#add({ do: "write32", offset, value: value >>> 0, space: this.#space });
  }

  #read(offset: number): void {
    this.#add({ do: "read32", offset, space: this.#space });
  }

  /** Labels to begin with: requesters 0 and 1 share a PARTID, 2 has another, and 3 is of the last bank there is. */
  #begin(): void {
    for (let requester = 0; requester < 4; requester++) {
      const space = requester === 3 ? (this.#banks.at(-1) as Space) : "ns";
      const label = { space, partid: requester >> 1, pmg: requester & 1 };
      this.#add({ do: "label", requester, op: "all", label });
    }
    for (this.#space of this.#banks) if (!this.#r.once(3)) this.#write(ECR, 1);
  }

  #draw(): void {
    const r = this.#r;
    if (r.once(6)) this.#space = r.pick(this.#banks);
    const chosen = r.below(1000);
    if (chosen < 310) this.#access32(true);
    else if (chosen < 520) this.#access32(false);
    else if (chosen < 610) this.#access64(r.once(2));
    else if (chosen < 680) this.#write(PART_SEL, this.#partSel());
    else if (chosen < 740) this.#write(MON_SEL, this.#monSel());
    else if (chosen < 790) this.#label();
    else if (chosen < 870) this.#run();
    else if (chosen < 885) this.#add({ do: "capture", event: this.#external() });
    else if (chosen < 900) this.#add({ do: "advance", ns: r.pick([1, 500, 999, 1000, 4000, 9999, 10_000, 1_000_000]) });
    else if (chosen < 940) this.#add({ do: "interrupts" });
    else if (chosen < 942) this.#add({ do: "occupancy" });
    else if (chosen < 944) this.#add({ do: "statistics" });
    else if (chosen < 946) this.#add({ do: "lines" });
    else if (chosen < 975) this.#watch();
    else if (chosen < 990) this.#limit();
    else if (chosen < 994) this.#messages();
    else if (chosen < 995) this.#lose();
    else this.#sweep();
  }

  #offset(): { offset: number; register: Register | undefined; into: number } {
    const r = this.#r;
    const luck = r.below(100);
    if (luck < 3) return { offset: 4 * r.below(luck === 0 ? 0x4000 : 0x1000), register: undefined, into: 0 };
    const register = luck < 10 ? r.pick(REGISTERS) : r.pick(this.#registers);
    const words = this.#words[register.name];
    let into = 0;
    if (words !== undefined && register.count !== undefined) {
      into = 4 * (r.once(12) ? r.below(register.count) : r.below(words));
    } else if (register.wide ? r.once(2) : r.once(40)) into = 4;
    return { offset: register.offset + into, register, into };
  }

  #access32(write: boolean): void {
    const { offset, register, into } = this.#offset();
    if (write) this.#write(offset, this.#value(register, into));
    if (!write || this.#r.once(2)) this.#read(offset);
  }

  #access64(write: boolean): void {
    const r = this.#r;
    const { offset, register } = this.#offset();
    // Two words, of which the register may be either.
    const low = offset - (offset % 8);
    const space = this.#space;
    if (write) {
      const words: [number, number] =
        register?.wide || register === undefined
          ? [this.#value(register, 0), this.#value(register, 4)]
          : offset === low
            ? [this.#value(register, 0), r.word()]
            : [r.word(), this.#value(register, 0)];
      this.#add({ do: "write64", offset: low, value: (BigInt(words[1]) << 32n) | BigInt(words[0]), space });
    }
    if (!write || r.once(2)) this.#add({ do: "read64", offset: low, space });
  }

  #label(): void {
    const r = this.#r;
    this.#add({
      do: "label",
      requester: this.#requester(),
      op: r.once(2) ? "all" : r.below(4),
      label: r.pick(this.#labels),
    });
  }

  #drawLabel(): SubjectLabel {
    const r = this.#r;
    const { partidMax, pmgMax } = this.#config.processor;
    const space = r.once(8) ? r.pick(SPACES) : r.pick(this.#banks);
    return { space, partid: Math.min(this.#partid(space), partidMax), pmg: Math.min(this.#pmg(space), pmgMax) };
  }

  #requester(): number {
    return this.#r.once(12) ? this.#r.below(16) : this.#r.below(4);
  }

  #run(): void {
    const r = this.#r;
    const count = r.once(40) ? r.between(50, 200) : r.once(2) ? r.between(1, 3) : r.between(1, 20);
    const records: SubjectRecord[] = [];
    const few = r.once(3);
    for (let i = 0; i < count; i++) {
      const line = r.once(64) ? r.word() : r.below(few ? 4 : 2 * this.#capacity + 3);
      records.push({ line, requester: this.#requester(), op: r.below(4), bytes: r.once(2) ? 64 : r.between(1, 64) });
    }
    this.#add({ do: "run", records });
    if (r.once(3)) this.#add({ do: "interrupts" });
  }

  /** Sets a monitor up as software would, a little before it overflows, and lets something pass. */
  #watch(): void {
    const r = this.#r;
    const { csu, mbwu, ris } = r.pick(this.#config.ris);
    if (mbwu && (!csu || r.once(2))) {
      const scale = mbwu.scale ?? 0;
      const control = this.#control() | 0x8000_0000;
      this.#write(MON_SEL, (ris << 24) | r.below(mbwu.monitors));
      this.#write(MBWU_FLT, this.#filter());
      this.#write(MBWU_CTL, control);
      const coarse = scale > 0 || this.#config.errata?.includes("T241-MPAM-6");
      if (r.once(2)) this.#write(MBWU, 0x7fff_ffff - r.below(coarse && r.once(2) ? 3 : 2000));
      if (mbwu.counter !== 31 && r.once(2)) {
        const value = (1n << BigInt(mbwu.counter)) - 1n - BigInt(r.below(coarse && scale === 0 ? 8 : 2000));
        this.#add({ do: "write64", offset: MBWU_L, value, space: this.#space });
      }
    } else if (csu) {
      this.#write(MON_SEL, (ris << 24) | r.below(csu.monitors));
      this.#write(CSU_FLT, this.#filter());
      this.#write(CSU_CTL, this.#control() | 0x8000_0000);
    }
    this.#run();
    for (const offset of mbwu ? [MBWU, MBWU_CTL] : [CSU, CSU_CTL]) this.#read(offset);
  }

  /** Gives a PARTID a few portions and a limit, and with narrowing an intPARTID. */
  #limit(): void {
    const r = this.#r;
    const { partidNrw } = this.#config;
    const { cpor, ccap, ris } = r.pick(this.#config.ris);
    const most = partidNrw ? partidNrw.intPartidMax : (this.#config.spaces[this.#space]?.partidMax ?? 0);
    this.#write(PART_SEL, (ris << 24) | (partidNrw ? 0x1_0000 : 0) | r.below(Math.min(most, 4) + 1));
    if (ccap) this.#write(CMAX, this.#fraction());
    const words = Math.min(4, Math.ceil((cpor?.cpbmWd ?? 0) / 32));
    for (let n = 0; n < words; n++) this.#write(CPBM + 4 * n, this.#bitmap());
    if (partidNrw && r.once(2)) {
      this.#write(PART_SEL, r.below(Math.min(this.#most, 4) + 1));
      this.#write(INTPARTID, 0x1_0000 | r.below(partidNrw.intPartidMax + 1));
    }
    this.#run();
  }

  /** A whole block of an MSI, if there is one. */
  #messages(): void {
    const r = this.#r;
    const { errMsi, oflwMsi } = this.#config;
    if (!errMsi && !oflwMsi) {
      this.#add({ do: "interrupts" });
      return;
    }
    const first = errMsi && (!oflwMsi || r.once(2)) ? ERR_MSI_MPAM : OFLOW_MSI_MPAM;
    this.#write(first, r.word());
    for (let n = 1; n < 4; n++) this.#write(first + 4 * n, r.word());
    this.#write(first + 16, r.word() | 1);
    this.#write(ECR, 1);
  }

  /** Power goes and comes: what is left, and what traffic finds then. */
  #lose(): void {
    this.#add({ do: "reset" });
    if (this.#r.once(2)) this.#sweep();
    if (this.#r.once(2)) this.#run();
    this.#add({ do: "interrupts" });
    for (this.#space of this.#banks) if (this.#r.once(2)) this.#write(ECR, 1);
  }

  /** Everything that exists, as the selectors are. */
  #sweep(): void {
    for (const register of new Set(this.#registers)) {
      this.#read(register.offset);
      if (register.wide) this.#read(register.offset + 4);
      const words = Math.min(this.#words[register.name] ?? 1, 3);
      for (let n = 1; n < words; n++) this.#read(register.offset + 4 * n);
    }
    this.#add({ do: "interrupts" });
    this.#add({ do: "read64", offset: ESR, space: this.#space });
  }

  // ---- values ----

  #value(register: Register | undefined, into: number): number {
    const r = this.#r;
    if (register && into === 0 && TRANSLATIONS.has(register.flavour)) return this.#translation(register.flavour);
    const luck = r.below(32);
    if (luck < 3) return r.word();
    if (luck === 3) return ALL_ONES;
    if (luck === 4) return 0;
    if (register === undefined || (into > 0 && !register.wide && !register.count)) return r.word();
    switch (register.flavour) {
      case "none":
      case "any":
        return r.word();
      case "partSel":
        return this.#partSel();
      case "monSel":
        return this.#monSel();
      case "fraction":
        return this.#fraction();
      case "window":
        return r.word() & 0x00ff_ffff;
      case "partid":
        return (this.#partid(this.#space) | (r.once(3) ? 0x8000_0000 : 0)) >>> 0;
      case "intpartid":
        return (r.once(6) ? 0 : 0x1_0000) | this.#near(this.#config.partidNrw?.intPartidMax ?? 3);
      case "bitmap":
        return this.#bitmap();
      case "filter":
        return this.#filter();
      case "control":
        return this.#control();
      case "value":
        return this.#counter();
      case "longValue":
        return into === 0 ? this.#longLow() : this.#longHigh();
      case "captEvnt":
        return r.below(4);
      case "ecr":
        return r.once(4) ? 0 : 1;
      case "esr":
        return r.once(3) ? r.word() : 0;
      case "attributes":
        return ((r.word() & 0x3f00_0000) | (r.once(3) ? 0 : 1)) >>> 0;
      case "label":
        return (this.#pmg(this.#space) << 16) | this.#partid(this.#space);
      default:
        return r.word();
    }
  }

  #translation(flavour: Flavour): number {
    const r = this.#r;
    if (flavour === "width") return r.pick([0, 2, 16, 20]) | (r.once(8) ? 0xffff_ffe0 : 0);
    const top = flavour === "base" ? r.once(8) : !r.once(4);
    return (r.pick(this.#targets) | (r.once(8) ? 0x7fff_0000 : 0) | (top ? 0x8000_0000 : 0)) >>> 0;
  }

  /** Mostly up to a limit, the small numbers more often; sometimes just above it or anything of 16 bits. */
  #near(most: number): number {
    const r = this.#r;
    const luck = r.below(24);
    if (luck === 0) return r.word() & 0xffff;
    if (luck < 3) return most + 1;
    if (luck === 3) return most;
    return r.below(luck < 16 ? Math.min(most, 3) + 1 : most + 1);
  }

  #partid(space: Space): number {
    return this.#near(this.#config.spaces[space]?.partidMax ?? this.#most);
  }

  #pmg(space: Space): number {
    return this.#near(this.#config.spaces[space]?.pmgMax ?? 1) & 0xff;
  }

  /** Mostly an instance that exists. */
  #risNumber(): number {
    return this.#r.once(16) ? this.#r.below(16) : this.#r.pick(this.#ris);
  }

  #partSel(): number {
    const r = this.#r;
    const { partidNrw, inTl, defaultPartid } = this.#config;
    const internal = partidNrw ? !r.once(4) : r.once(40);
    const ingress = inTl ? r.once(4) : r.once(40);
    const byDefault = defaultPartid ? r.once(5) : r.once(40);
    const space = this.#config.spaces[this.#space];
    const limit = internal && partidNrw ? partidNrw.intPartidMax : (space?.partidMax ?? 0);
    const partid = this.#near(ingress && inTl && r.once(2) ? inTl.partidMax : limit);
    const bits = (internal ? 0x1_0000 : 0) | (ingress ? 0x2_0000 : 0) | (byDefault ? 0x4_0000 : 0);
    return ((this.#risNumber() << 24) | bits | partid | (r.once(40) ? 0xf0f0_0000 : 0)) >>> 0;
  }

  #monSel(): number {
    const junk = this.#r.once(40) ? 0xf0ff_0000 : 0;
    return ((this.#risNumber() << 24) | this.#near(this.#monitors - 1) | junk) >>> 0;
  }

  #fraction(): number {
    const r = this.#r;
    const value = r.pick([0, 0x0fff, 0x1fff, 0x3fff, 0x7fff, 0xffff, r.word() & 0xffff]);
    return (value | (r.once(3) ? 0x8000_0000 : 0)) >>> 0;
  }

  #bitmap(): number {
    const r = this.#r;
    switch (r.below(4)) {
      case 0:
        return (1 << r.below(32)) >>> 0;
      case 1:
        return ((ALL_ONES >>> r.below(32)) << r.below(8)) >>> 0;
      case 2:
        return r.once(2) ? 0 : ALL_ONES;
      default:
        return r.word();
    }
  }

  #filter(): number {
    const r = this.#r;
    const top = r.once(2) ? 0 : r.below(4) << 30;
    return ((this.#pmg(this.#space) << 16) | this.#partid(this.#space) | top) >>> 0;
  }

  #event(): number {
    const r = this.#r;
    return this.#events.length > 0 && !r.once(4) ? r.pick(this.#events) : r.below(8);
  }

  #external(): number {
    const r = this.#r;
    return this.#events.length > 0 && !r.once(4) ? r.pick(this.#events) : r.between(1, 6);
  }

  #control(): number {
    const r = this.#r;
    let value = r.once(8) ? 0 : 0x8000_0000;
    const dice = r.word();
    if (dice & 1) value |= 1 << 16;
    if ((dice & 6) === 0) value |= 1 << 17;
    if ((dice & 0x18) === 0) value |= 1 << 18;
    if ((dice & 0x60) === 0) value |= 1 << 19;
    if ((dice & 0x180) === 0) value |= 1 << 23;
    if ((dice & 0x600) === 0) value |= 1 << 24;
    if (dice & 0x800) value |= 1 << 25;
    if (dice & 0x1000) value |= 1 << 14;
    if ((dice & 0x6000) === 0) value |= 1 << 13;
    if ((dice & 0x1_8000) === 0) value |= 1 << 27;
    if ((dice & 0xe_0000) === 0) value |= 1 << 26;
    if ((dice & 0x70_0000) === 0) value |= 1 << 15;
    if ((dice & 0x3f80_0000) === 0) value |= 0x0070_18ff;
    if (!r.once(3)) value |= (r.once(4) ? 7 : this.#event()) << 28;
    if (r.once(2)) value |= this.#event() << 8;
    return value >>> 0;
  }

  #counter(): number {
    const r = this.#r;
    const notReady = r.once(6) ? 0x8000_0000 : 0;
    const value = r.pick([0, r.below(5000), 0x7fff_ffff - r.below(2000), 0x7fff_ffff - r.below(3), 0x7fff_ffff]);
    return (value | notReady) >>> 0;
  }

  #longLow(): number {
    const r = this.#r;
    return r.once(2) ? ALL_ONES - r.below(2000) : r.below(5000);
  }

  #longHigh(): number {
    const r = this.#r;
    return r.pick([0, 0xfff, 0xfff, 0x7fff_ffff, 0x7fff_ffff, 0x8000_0fff, ALL_ONES]);
  }
}
