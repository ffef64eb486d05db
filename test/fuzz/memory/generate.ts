/** Random sequences for one memory system: controls, monitors, labels and traffic, open or closed. */
import type { MemoryConfig, MemoryMsc, MemoryRecord, MemoryRis } from "../../helpers/memory-subject.ts";
import type { Space, SubjectLabel } from "../../helpers/subject.ts";
import type { Random } from "../random.ts";
import { offsetNamed, REGISTERS } from "../registers.ts";
import type { MemoryOperation } from "./operations.ts";
import { mscsOf } from "./questions.ts";

const SPACES: readonly Space[] = ["ns", "s", "rt", "rl"];
const INTERNAL = 0x1_0000;
const INGRESS_TL = 0x2_0000;
const DEFAULT_PARTID = 0x4_0000;
/** More would be more labels than a machine need have room for. */
const LABELS = 10;
const TARGETS = 4;
/** Records at one moment, now and then: a span that goes through the levels in bulk, and that threads deal out to each other. */
const SPAN = 3000;

const at = offsetNamed;

export class MemoryGenerator {
  readonly #config: MemoryConfig;
  readonly #r: Random;
  readonly #closed: boolean;
  readonly #mscs: readonly { readonly kind: "cache" | "memory"; readonly msc: MemoryMsc }[];
  readonly #labels: readonly SubjectLabel[];
  readonly #targets: readonly number[];
  readonly #footprint: number;
  /** Whether lines come now and then that the narrow layout has no tags for. */
  readonly #far: boolean;
  #now = 0;
  /** Of each requester, the time in its trace. */
  readonly #traced: number[];
  #plan: MemoryOperation[] = [];

  constructor(config: MemoryConfig, r: Random) {
    this.#config = config;
    this.#r = r;
    this.#closed = r.once(2);
    this.#far = r.once(2);
    this.#mscs = mscsOf(config);
    const spaces = SPACES.filter((space) => this.#mscs.some(({ msc }) => msc.spaces[space]));
    this.#labels = Array.from({ length: LABELS }, () => {
      const space = r.once(3) && spaces.length > 0 ? r.pick(spaces) : r.once(30) ? r.pick(SPACES) : "ns";
      return { space, partid: r.once(12) ? r.below(9) : r.below(4), pmg: r.once(12) ? r.below(4) : r.below(2) };
    });
    this.#targets = Array.from({ length: TARGETS }, () => r.below(r.once(6) ? 9 : 4));
    const lines = config.caches.map(({ sets, ways, slices }) => sets * ways * slices);
    this.#footprint = Math.max(6, ...lines);
    this.#traced = config.requesters.map(() => 0);
    for (const requester of config.requesters.keys()) {
      this.#plan.push({ do: "label", requester, op: "all", label: r.pick(this.#labels) });
    }
    for (const number of this.#mscs.keys()) this.#open(number);
  }

  next(): MemoryOperation {
    for (;;) {
      const next = this.#plan.shift();
      if (next !== undefined) return next;
      this.#draw();
    }
  }

  /** Errors interrupt mostly, and some settings and translations are there from the beginning. */
  #open(number: number): void {
    const r = this.#r;
    for (const space of this.#banks(number)) {
      if (!r.once(3)) this.#write(number, space, at("MPAMF_ECR"), 1);
      if (!r.once(3)) this.#partids(number, space);
      for (let i = r.below(6); i > 0; i--) this.#setting(number, space);
      for (let i = r.below(4); i > 0; i--) this.#monitor(number, space);
    }
  }

  #draw(): void {
    const r = this.#r;
    const chosen = r.below(100);
    const number = this.#mscs.length > 0 ? r.below(this.#mscs.length) : undefined;
    if (chosen < 60 || number === undefined) this.#traffic();
    else if (chosen < 78) this.#setting(number, r.pick(this.#banks(number)));
    else if (chosen < 87) this.#monitor(number, r.pick(this.#banks(number)));
    else if (chosen < 91) this.#partids(number, r.pick(this.#banks(number)));
    else if (chosen < 93) this.#any(number, r.pick(this.#banks(number)));
    else if (chosen < 97) this.#label();
    else if (chosen < 99 || !r.once(2)) this.#plan.push({ do: "edge" });
    else this.#lose(number);
  }

  /** Power goes and comes. */
  #lose(number: number): void {
    this.#plan.push({ do: "reset", msc: number });
    if (this.#r.once(2)) this.#open(number);
  }

  #banks(number: number): Space[] {
    return SPACES.filter((space) => this.#mscs[number]?.msc.spaces[space]);
  }

  /** Writes that follow each other are one step. */
  #write(msc: number, space: Space, offset: number, value: number): void {
    const write = { msc, offset, value: value >>> 0, space };
    const last = this.#plan.at(-1);
    if (last?.do === "write") this.#plan[this.#plan.length - 1] = { do: "write", writes: [...last.writes, write] };
    else this.#plan.push({ do: "write", writes: [write] });
  }

  // ---- traffic ----

  #label(): void {
    const r = this.#r;
    const requester = r.below(this.#config.requesters.length);
    this.#plan.push({ do: "label", requester, op: r.once(2) ? "all" : r.below(4), label: r.pick(this.#labels) });
  }

  #traffic(): void {
    const r = this.#r;
    const { quantumNs, requesters } = this.#config;
    if (this.#closed) {
      if (!r.once(3)) {
        const one = r.below(requesters.length);
        const records: MemoryRecord[] = [];
        for (let i = r.once(8) ? 30 : r.between(1, 12); i > 0; i--) {
          const requester = r.once(3) ? r.below(requesters.length) : one;
          const time = (this.#traced[requester] ?? 0) + this.#gap();
          this.#traced[requester] = time;
          records.push(this.#record(time, requester));
        }
        this.#plan.push({ do: "load", records });
      }
      this.#now += quantumNs * r.pick([1, 1, 1, 2, 3, 5]);
      this.#plan.push({ do: "runTo", ns: this.#now });
      return;
    }
    if (r.once(6)) {
      const ns = r.pick([1, quantumNs >> 1, quantumNs, 3 * quantumNs, 2000]);
      this.#now += ns;
      this.#plan.push({ do: "advance", ns });
    }
    const records: MemoryRecord[] = [];
    const long = r.once(8);
    const span = long && r.once(5);
    for (let i = span ? r.below(SPAN) : long ? 40 : r.between(1, 15); i > 0; i--) {
      if (!span) this.#now += this.#gap();
      records.push(this.#record(this.#now, r.below(requesters.length)));
    }
    this.#plan.push({ do: "run", records });
  }

  #gap(): number {
    const { quantumNs } = this.#config;
    return this.#r.pick([0, 0, 0, 1, 1, 7, quantumNs >> 3, this.#r.once(4) ? quantumNs : 2]);
  }

  #record(time: number, requester: number): MemoryRecord {
    const r = this.#r;
    const { lineBytes, pageBytes } = this.#config;
    const most = Math.min(64, lineBytes);
    const near = r.below(r.once(3) ? 6 : 2 * this.#footprint);
    const line = this.#far && r.once(60) ? r.word() : r.once(4) ? near + (pageBytes / lineBytes) * r.below(4) : near;
    return { time, line, requester, op: r.pick([0, 0, 1, 1, 2, 3]), bytes: r.once(2) ? most : r.between(1, most) };
  }

  // ---- registers ----

  #ris(number: number, space: Space): MemoryRis {
    const { ris = [] } = this.#mscs[number]?.msc ?? {};
    const there = ris.filter((one) => one.spaces === undefined || one.spaces.includes(space));
    return this.#r.pick(there.length > 0 ? there : ris);
  }

  /** Selects a PARTID, intPARTID or the default settings, and writes some of its controls. */
  #setting(number: number, space: Space): void {
    const r = this.#r;
    const { partidNrw, defaultPartid, spaces } = this.#mscs[number]?.msc ?? { spaces: {} };
    const { ris, cpor, ccap, mbw, pri } = this.#ris(number, space);
    const limit = partidNrw ? partidNrw.intPartidMax : (spaces[space]?.partidMax ?? 0);
    const partid = r.below(r.once(30) ? limit + 2 : Math.min(limit, 3) + 1);
    const byDefault = defaultPartid && r.once(5) ? DEFAULT_PARTID : 0;
    this.#write(number, space, at("MPAMCFG_PART_SEL"), (ris << 24) | partid | (partidNrw ? INTERNAL : 0) | byDefault);
    const maybe = (name: string, value: number, n = 2) => {
      if (!r.once(n)) this.#write(number, space, at(name), value);
    };
    for (let word = 0; word < Math.ceil((cpor?.cpbmWd ?? 0) / 32); word++) {
      if (r.once(2)) this.#write(number, space, at("MPAMCFG_CPBM") + 4 * word, this.#bitmap(cpor?.cpbmWd ?? 32));
    }
    if (ccap) {
      maybe("MPAMCFG_CMAX", this.#fraction());
      maybe("MPAMCFG_CMIN", this.#fraction());
      maybe("MPAMCFG_CASSOC", this.#fraction());
    }
    if (mbw) {
      maybe("MPAMCFG_MBW_MAX", this.#fraction(), 4);
      maybe("MPAMCFG_MBW_MIN", this.#fraction());
      maybe("MPAMCFG_MBW_PROP", r.below(r.once(4) ? 256 : 5) + (r.once(3) ? 0 : 2 ** 31));
      if (r.once(4))
        maybe("MPAMCFG_MBW_WINWD", Math.floor(((this.#config.quantumNs * 256) / 1000) * r.pick([0, 1, 2, 3.5])));
      for (let word = 0; word < Math.ceil((mbw.bwpbmWd ?? 0) / 32); word++) {
        if (r.once(2)) this.#write(number, space, at("MPAMCFG_MBW_PBM") + 4 * word, this.#bitmap(mbw.bwpbmWd ?? 32));
      }
    }
    if (pri) maybe("MPAMCFG_PRI", r.below(8) | (r.below(8) << 16));
    if (partidNrw && r.once(3)) {
      this.#write(number, space, at("MPAMCFG_PART_SEL"), r.below(4));
      this.#write(number, space, at("MPAMCFG_INTPARTID"), INTERNAL | r.below(partidNrw.intPartidMax + 1));
    }
  }

  /** Enabling and translation. */
  #partids(number: number, space: Space): void {
    const r = this.#r;
    const { endis, inTl, outTl } = this.#mscs[number]?.msc ?? {};
    if (endis && r.once(2)) {
      const offset = at(r.once(2) ? "MPAMCFG_EN" : "MPAMCFG_DIS");
      this.#write(number, space, offset, r.below(r.once(12) ? 9 : 4) + (r.once(3) ? 2 ** 31 : 0));
    }
    for (const [has, name, bit] of [
      [inTl, "MPAMCFG_IN_TL", INGRESS_TL],
      [outTl, "MPAMCFG_OUT_TL", 0],
    ] as const) {
      if (has === undefined || r.once(2)) continue;
      this.#write(number, space, at("MPAMCFG_PART_SEL"), bit | r.below(4));
      this.#write(number, space, at(name), r.pick(this.#targets) + (r.once(4) ? 0 : 2 ** 31));
      if (has.baseMask && r.once(3)) {
        this.#write(number, space, at(`${name}_BASE`), r.pick(this.#targets));
        this.#write(number, space, at(`${name}_MASK`), r.pick([0, 1, 2, 16, 16, 16]));
      }
    }
  }

  /** Sets a monitor up, perhaps a little before it overflows. */
  #monitor(number: number, space: Space): void {
    const r = this.#r;
    const { ris, csu, mbwu } = this.#ris(number, space);
    const units = this.#mscs[number]?.msc.errata?.includes("T241-MPAM-6");
    const useMbwu = mbwu !== undefined && (csu === undefined || !r.once(3));
    const has = useMbwu ? mbwu : csu;
    if (has === undefined) return;
    const type = useMbwu ? "MBWU" : "CSU";
    this.#write(number, space, at("MSMON_CFG_MON_SEL"), (ris << 24) | r.below(has.monitors));
    const { partid, pmg } = r.pick(this.#labels);
    this.#write(number, space, at(`MSMON_CFG_${type}_FLT`), partid | (pmg << 16) | (r.once(3) ? r.below(4) << 30 : 0));
    this.#write(number, space, at(`MSMON_CFG_${type}_CTL`), this.#control());
    if (r.once(3)) {
      const near = 0x7fff_ffff - r.below(units ? 8 : 400);
      this.#write(number, space, at(`MSMON_${type}`), r.once(4) ? r.below(1000) : near);
    }
    if (useMbwu && mbwu.counter !== 31 && r.once(3)) {
      this.#write(number, space, at("MSMON_MBWU_L"), 0xffff_ffff - r.below(units ? 8 : 400));
      this.#write(number, space, at("MSMON_MBWU_L") + 4, mbwu.counter === 44 ? 0xfff : 0x7fff_ffff);
    }
    if (r.once(8)) this.#write(number, space, at("MSMON_CAPT_EVNT"), r.below(4));
  }

  /** EN mostly; matches, freeze, capture, interrupt, scale and the rest now and then. */
  #control(): number {
    const r = this.#r;
    let value = r.once(8) ? 0 : 2 ** 31;
    for (const bit of [16, 16, 17, 18, 19, 23, 24, 25, 25, 26, 27, 13, 14, 15]) {
      if (r.once(4)) value |= 1 << bit;
    }
    if (r.once(2)) value |= (r.once(3) ? 7 : r.pick([1, 3])) << 28;
    if (r.once(3)) value |= r.pick([1, 2, 3]) << 8;
    return value >>> 0;
  }

  /** Any register, selectors and errors among them. */
  #any(number: number, space: Space): void {
    const r = this.#r;
    if (r.once(2)) {
      this.#write(number, space, at("MPAMF_ESR"), 0);
      this.#write(number, space, at("MPAMF_ESR") + 4, 0);
    } else this.#write(number, space, r.pick(REGISTERS).offset, r.once(2) ? r.below(8) : r.word());
  }

  #fraction(): number {
    const r = this.#r;
    const value = r.pick([0, 0x0fff, 0x1fff, 0x3fff, 0x5fff, 0x7fff, 0xbfff, 0xffff, r.word() & 0xffff]);
    return (value | (r.once(2) ? 2 ** 31 : 0)) >>> 0;
  }

  #bitmap(width: number): number {
    const r = this.#r;
    switch (r.below(4)) {
      case 0:
        return (1 << r.below(Math.min(32, width))) >>> 0;
      case 1:
        return r.once(3) ? 0 : 0xffff_ffff;
      default:
        return r.word();
    }
  }
}
