/**
 * Random machines, random register accesses and random traffic: every implementation against the plain model, and each of them against
 * what must always hold. A failure prints its seed and the smallest case; run again with MPAM_SEED=<seed>.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { PlainSubject } from "../helpers/plain/subject.ts";
import type {
  MscSubject,
  Space,
  SubjectConfig,
  SubjectInterrupt,
  SubjectLabel,
  SubjectLimits,
  SubjectRecord,
  SubjectRis,
} from "../helpers/subject.ts";
import { memoryConfig, range, select } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const seed = process.env.MPAM_SEED;
const runs = (numRuns: number): fc.Parameters<unknown> =>
  seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const CMAX = offsetOf("MPAMCFG_CMAX");
const ESR = offsetOf("MPAMF_ESR");
const IDR = offsetOf("MPAMF_IDR");
const CSU_FLT = offsetOf("MSMON_CFG_CSU_FLT");
const CSU_CTL = offsetOf("MSMON_CFG_CSU_CTL");
const CSU = offsetOf("MSMON_CSU");
const MBWU_FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const MBWU_CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");
const MBWU_L = offsetOf("MSMON_MBWU_L");

// ---- machines ----

const limits: fc.Arbitrary<SubjectLimits> = fc.record({
  partidMax: fc.integer({ min: 1, max: 12 }),
  pmgMax: fc.integer({ min: 0, max: 3 }),
});

const monitors = (v10: boolean) => ({
  csu: fc.option(fc.record({ monitors: fc.integer({ min: 1, max: 4 }) })),
  mbwu: fc.option(
    fc.record({
      monitors: fc.integer({ min: 1, max: 4 }),
      counter: fc.constantFrom(...(v10 ? [31 as const] : [31 as const, 44 as const, 63 as const])),
      rwbw: v10 ? fc.constant(false) : fc.boolean(),
    }),
  ),
});

/** An instance with something in it: what a null means is left out. */
function instance(ris: number, drawn: Record<string, unknown>): SubjectRis {
  const present = Object.entries(drawn).filter(([, value]) => value !== null);
  return { ris, ...Object.fromEntries(present) };
}

/** One or two instances, perhaps with holes below them; each control is in one of them. */
function instances(kind: "cache" | "memory", v10: boolean): fc.Arbitrary<SubjectRis[]> {
  const numbers = v10 ? fc.constant([0]) : fc.constantFrom([0], [0], [1], [0, 1], [0, 2], [1, 3]);
  const cpbmWd = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }) },
    { weight: 1, arbitrary: fc.integer({ min: 21, max: 80 }) },
    { weight: 1, arbitrary: fc.constantFrom(255, 512, 1000, 1024) },
  );
  const cpor = fc.record({ cpbmWd });
  const ccap = fc.record({ cmaxWd: fc.integer({ min: 1, max: 16 }) });
  const mbw = fc.record({
    bwaWd: fc.integer({ min: 1, max: 16 }),
    maxLim: fc.constantFrom("both" as const, "soft" as const, "hard" as const),
  });
  const first = kind === "cache" ? fc.record({ cpor, ...monitors(v10) }) : fc.record({ mbw, ...monitors(v10) });
  const second =
    kind === "cache" ? fc.record({ ccap, ...monitors(v10) }) : fc.record({ mbw: fc.option(mbw), ...monitors(v10) });
  return fc.tuple(numbers, first, second, fc.nat({ max: 3 })).map(([chosen, a, b, variant]) => {
    const [low, high] = chosen;
    const swapped = variant % 2 === 1;
    if (high === undefined) {
      const both = variant < 2 ? { ...b, ...a } : swapped && kind === "cache" ? b : a;
      return [instance(low ?? 0, { ...both, ...(kind === "memory" ? { csu: null } : {}) })];
    }
    const drawn = swapped ? [b, a] : [a, b];
    const found = [instance(low ?? 0, drawn[0] ?? {}), instance(high, drawn[1] ?? {})];
    const plain = kind === "cache" ? found : found.map(({ csu: _csu, ...rest }) => rest);
    return plain.filter((ris) => Object.keys(ris).length > 1);
  });
}

const machines: fc.Arbitrary<SubjectConfig> = fc
  .tuple(
    fc.constantFrom("1.1" as const, "1.1" as const, "0.1" as const, "1.0" as const),
    fc.integer({ min: 0, max: 3 }),
  )
  .chain(([version, shape]) => {
    const kind = shape === 0 ? "memory" : "cache";
    const spaces: fc.Arbitrary<SubjectConfig["spaces"]> = fc.oneof(
      fc.record({ ns: limits }),
      fc.record({ ns: limits, s: limits }),
      version === "1.1" ? fc.record({ ns: limits, s: limits, rt: limits, rl: limits }) : fc.record({ ns: limits }),
    );
    return fc.record({
      kind: fc.constant(kind),
      sets: fc.constantFrom(1, 2, 4, 8, 16),
      ways: fc.integer({ min: 1, max: 16 }),
      version: fc.constant(version),
      iidr: fc.constant(0x0201_043b),
      nrdyUsec: fc.constantFrom(0, 0, 10),
      spaces,
      ris: instances(kind, version === "1.0"),
      processor: fc.constant({ partidMax: 63, pmgMax: 3 }),
    }) as fc.Arbitrary<SubjectConfig>;
  });

// ---- what happens to them ----

type Action =
  | { readonly do: "part"; readonly bank: number; readonly ris: number; readonly partid: number }
  | { readonly do: "mon"; readonly bank: number; readonly ris: number; readonly mon: number }
  | { readonly do: "read"; readonly bank: number; readonly where: number }
  | {
      readonly do: "write";
      readonly bank: number;
      readonly where: number;
      readonly value: number;
      readonly flavour: number;
    }
  | { readonly do: "read64"; readonly bank: number; readonly where: number }
  | { readonly do: "write64"; readonly bank: number; readonly where: number; readonly value: bigint }
  | {
      readonly do: "label";
      readonly requester: number;
      readonly op: number;
      readonly bank: number;
      readonly partid: number;
      readonly pmg: number;
    }
  | { readonly do: "advance"; readonly ns: number }
  | {
      readonly do: "watch";
      readonly bank: number;
      readonly pick: number;
      readonly flt: number;
      readonly ctl: number;
      readonly gap: number;
    }
  | {
      readonly do: "limit";
      readonly bank: number;
      readonly partid: number;
      readonly cpbm: number;
      readonly cmax: number;
    }
  | { readonly do: "run"; readonly records: readonly SubjectRecord[] };

const bank = fc.nat({ max: 3 });
const where = fc.nat({ max: 99 });
const records = fc.array(
  fc.record({
    line: fc.oneof(
      { weight: 9, arbitrary: fc.nat({ max: 4000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0xffff_ff00, max: 0xffff_ffff }) },
    ),
    requester: fc.nat({ max: 3 }),
    op: fc.nat({ max: 3 }),
    bytes: fc.integer({ min: 1, max: 64 }),
  }),
  // Without a size of its own, fast-check draws ten at most.
  { maxLength: 100, size: "max" },
);
const word = fc.oneof(
  fc.nat({ max: 0xffff_ffff }),
  fc.nat({ max: 0xffff }),
  fc.constantFrom(0, 0xffff_ffff, 0x7fff_ffc0, 0x7fff_ff00),
);
const long = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  fc.constantFrom(0n, 0xfff_ffff_ff00n, 0x7fff_ffff_ffff_ff00n, 0x1_ffff_ff00n),
);
const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("part" as const),
        bank,
        ris: fc.nat({ max: 9 }),
        partid: fc.nat({ max: 14 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("mon" as const), bank, ris: fc.nat({ max: 9 }), mon: fc.nat({ max: 5 }) }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant("read" as const), bank, where }) },
    {
      weight: 14,
      arbitrary: fc.record({
        do: fc.constant("write" as const),
        bank,
        where,
        value: word,
        flavour: fc.nat({ max: 7 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("read64" as const), bank, where }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("write64" as const), bank, where, value: long }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("label" as const),
        requester: fc.nat({ max: 3 }),
        op: fc.nat({ max: 7 }),
        bank,
        partid: fc.nat({ max: 13 }),
        pmg: fc.nat({ max: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("advance" as const), ns: fc.constantFrom(1, 4_000, 9_999, 10_000) }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("watch" as const),
        bank,
        pick: fc.nat({ max: 7 }),
        flt: fc.nat({ max: 0xffff_ffff }),
        ctl: fc.nat({ max: 0x3f }),
        gap: fc.nat({ max: 1500 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("limit" as const),
        bank,
        partid: fc.nat({ max: 3 }),
        cpbm: word,
        cmax: fc.nat({ max: 0xffff }),
      }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant("run" as const), records }) },
  ),
  { minLength: 5, maxLength: 45, size: "max" },
);

/** Drives one or several machines alike, and looks at all of them after each step. */
class Drive {
  readonly #spaces: readonly Space[];
  readonly #words: number;
  readonly #offsets: readonly number[];

  constructor(
    readonly config: SubjectConfig,
    readonly subjects: readonly MscSubject[],
  ) {
    this.#spaces = (["ns", "s", "rt", "rl"] as const).filter((space) => config.spaces[space] !== undefined);
    this.#words = Math.max(0, ...config.ris.map(({ cpor }) => Math.ceil((cpor?.cpbmWd ?? 0) / 32)));
    // Twice what matters most. Words of the bitmap beyond the widest are read by tests of their own.
    const cpbm = range(0, Math.min(this.#words, 3)).map((n) => CPBM + 4 * n);
    const monitorPage = [CSU_FLT, CSU_CTL, CSU, MBWU_FLT, MBWU_CTL, MBWU, MBWU_L, MBWU_L + 4];
    const rest = [IDR, IDR + 4, 0x08, 0x18, 0x20, 0x30, 0x38, 0x40, 0x80, 0x88, 0x90, ESR, ESR + 4, 0xf0];
    const absent = [0x110, 0x200, 0x220, 0x300, 0x808, 0x848, 0x858, 0x8f0, 0x2000];
    const settings = [...cpbm, ...cpbm, CMAX, CMAX, offsetOf("MPAMCFG_MBW_MAX")];
    this.#offsets = [
      ...settings,
      ...monitorPage,
      ...monitorPage,
      ...settings,
      ...monitorPage,
      ...rest,
      0xf0,
      ESR,
      ...absent,
    ];
  }

  step(action: Action): void {
    switch (action.do) {
      case "part": {
        const space = this.#space(action.bank);
        this.#write(PART_SEL, select(this.#ris(action.ris), action.partid), space);
        return;
      }
      case "mon": {
        this.#write(MON_SEL, select(this.#ris(action.ris), action.mon), this.#space(action.bank));
        return;
      }
      case "read":
        this.#read(this.#offset(action.where), this.#space(action.bank));
        return;
      case "write": {
        const offset = this.#offset(action.where);
        const space = this.#space(action.bank);
        this.#write(offset, this.#sensible(offset, action.value, action.flavour), space);
        // What was written to an enabled storage monitor lasts until the next update, whenever that is: make sure there is one.
        if (offset === CSU) this.#run([{ line: 0, requester: 0, op: 0, bytes: 1 }]);
        this.#read(offset, space);
        return;
      }
      case "read64":
        this.#read64([IDR, ESR, MBWU_L][action.where % 3] ?? ESR, this.#space(action.bank));
        return;
      case "write64": {
        const offset = action.where % 3 === 0 ? ESR : MBWU_L;
        for (const subject of this.subjects) subject.write64(offset, action.value, this.#space(action.bank));
        this.#read64(offset, this.#space(action.bank));
        return;
      }
      case "label": {
        const label = this.#label(action);
        const op = action.op < 4 ? action.op : "all";
        for (const subject of this.subjects) subject.setLabel(action.requester, op, label);
        return;
      }
      case "advance":
        for (const subject of this.subjects) subject.advance(action.ns);
        return;
      case "watch":
        this.#watch(action);
        return;
      case "limit":
        this.#limit(action);
        return;
      case "run":
        this.#run(action.records.map((record) => ({ ...record, line: this.#near(record.line) })));
    }
  }

  /** Labels to begin with: requesters 0 and 1 share a PARTID, 2 has another, and 3 is of the last space there is. */
  begin(): void {
    for (const requester of range(0, 4)) {
      const label = { bank: requester === 3 ? this.#spaces.length - 1 : 0, partid: requester >> 1, pmg: requester & 1 };
      this.step({ do: "label", requester, op: 7, ...label });
    }
  }

  /** Everything that can be read, at the end. */
  sweep(): void {
    for (const space of this.#spaces) {
      this.#read64(ESR, space);
      this.#read(PART_SEL, space);
      this.#read(MON_SEL, space);
      for (const { ris, cpor } of this.config.ris) {
        for (const partid of [0, 1, 2, this.config.spaces[space]?.partidMax ?? 0]) {
          this.#write(PART_SEL, select(ris, partid), space);
          for (const n of range(0, Math.ceil((cpor?.cpbmWd ?? 0) / 32))) this.#read(CPBM + 4 * n, space);
          for (const offset of [CMAX, offsetOf("MPAMCFG_MBW_MAX")]) this.#read(offset, space);
        }
        for (const mon of range(0, 4)) {
          this.#write(MON_SEL, select(ris, mon), space);
          for (const offset of [CSU_FLT, CSU_CTL, CSU, MBWU_FLT, MBWU_CTL, MBWU]) this.#read(offset, space);
          this.#read64(MBWU_L, space);
        }
      }
      this.#read64(ESR, space);
    }
  }

  /** Sets a monitor up as software would, a little before it overflows. */
  #watch({ bank: bankNumber, pick, flt, ctl, gap }: Action & { do: "watch" }): void {
    const space = this.#space(bankNumber);
    const choices = this.config.ris.flatMap(({ ris, csu, mbwu }) => [
      ...(csu === undefined ? [] : range(0, csu.monitors).map((mon) => ({ sel: select(ris, mon), counter: 0 }))),
      ...(mbwu === undefined
        ? []
        : range(0, mbwu.monitors).map((mon) => ({ sel: select(ris, mon), counter: mbwu.counter }))),
    ]);
    const chosen = choices[pick % Math.max(1, choices.length)];
    if (chosen === undefined) return;
    const match = (ctl & 3) << 16;
    const filter = this.#sensible(MBWU_FLT, flt, 0);
    this.#write(MON_SEL, chosen.sel, space);
    if (chosen.counter === 0) {
      this.#write(CSU_FLT, filter, space);
      this.#write(CSU_CTL, (0x8000_0000 | match) >>> 0, space);
      return;
    }
    const [freeze, interrupt, long, short] = [ctl & 4, ctl & 8, ctl & 16, ctl & 32].map((bit) => bit !== 0);
    const enables = (freeze ? 1 << 24 : 0) | (interrupt ? (1 << 25) | (1 << 14) : 0);
    this.#write(MBWU_FLT, filter, space);
    this.#write(MBWU_CTL, (0x8000_0000 | match | enables) >>> 0, space);
    if (short) this.#write(MBWU, 0x7fff_ffff - gap, space);
    if (long && chosen.counter !== 31) {
      const value = 2n ** BigInt(chosen.counter) - 1n - BigInt(gap);
      for (const subject of this.subjects) subject.write64(MBWU_L, value, space);
    }
  }

  /** Gives a PARTID a few portions and a limit, wherever they are set. */
  #limit({ bank: bankNumber, partid, cpbm, cmax }: Action & { do: "limit" }): void {
    const space = this.#space(bankNumber);
    for (const { ris, cpor, ccap } of this.config.ris) {
      if (cpor === undefined && ccap === undefined) continue;
      this.#write(PART_SEL, select(ris, partid % ((this.config.spaces[space]?.partidMax ?? 0) + 1)), space);
      if (ccap !== undefined) this.#write(CMAX, cmax, space);
      const words = Math.ceil((cpor?.cpbmWd ?? 0) / 32);
      for (const n of range(0, words)) this.#write(CPBM + 4 * n, (cpbm ^ Math.imul(n, 0x9e37_79b9)) >>> 0, space);
    }
  }

  /** Lines about twice as many as the cache has room for, and the largest numbers. */
  #near(line: number): number {
    const { kind, sets = 1, ways = 1 } = this.config;
    return kind === "memory" || line > 4000 ? line : line % (2 * sets * ways + 3);
  }

  #space(bankNumber: number): Space {
    return this.#spaces[bankNumber % this.#spaces.length] ?? "ns";
  }

  /** Mostly an instance that exists; else any number up to 4. */
  #ris(drawn: number): number {
    return drawn < 5 ? (this.config.ris[drawn % this.config.ris.length]?.ris ?? 0) : drawn - 5;
  }

  #offset(drawn: number): number {
    return this.#offsets[drawn % this.#offsets.length] ?? 0;
  }

  /** Labels that are in range, or the one label of the space that is not: ESR holds one error of several requests, no matter whose. */
  #label(action: Action & { do: "label" }): SubjectLabel {
    const space = this.#space(action.bank);
    const { partidMax, pmgMax } = this.config.spaces[space] ?? { partidMax: 0, pmgMax: 0 };
    if (action.partid === 13) return { space, partid: partidMax + 1, pmg: 0 };
    return { space, partid: action.partid % (Math.min(partidMax, 4) + 1), pmg: action.pmg % (pmgMax + 1) };
  }

  /** Turns most random words into ones that do something. */
  #sensible(offset: number, value: number, flavour: number): number {
    if (offset === CSU_CTL || offset === MBWU_CTL) return flavour < 6 ? (value | 0x8000_0000) >>> 0 : value;
    if (offset === CSU_FLT || offset === MBWU_FLT) {
      const filter = flavour < 6 ? (value & 0xc003_0007) >>> 0 : value;
      return filter >>> 30 === 3 ? (filter & 0x3fff_ffff) >>> 0 : filter; // RWBW 11 is reserved
    }
    return value;
  }

  #write(offset: number, value: number, space: Space): void {
    for (const subject of this.subjects) subject.write32(offset, value, space);
    this.#lookAtInterrupts(`write32 0x${offset.toString(16)}`);
  }

  #read(offset: number, space: Space): void {
    const values = this.subjects.map((subject) => {
      const value = subject.read32(offset, space);
      // A number that is not ready means nothing.
      return offset === CSU && value >= 0x8000_0000 ? "not ready" : value;
    });
    this.#same(values, `read32 0x${offset.toString(16)} ${space}`);
    const unsigned = values.every((value) => value === "not ready" || value === value >>> 0);
    if (!unsigned) expect(values, `read32 0x${offset.toString(16)} is unsigned`).toEqual([]);
    this.#lookAtInterrupts(`read32 0x${offset.toString(16)}`);
  }

  #read64(offset: number, space: Space): void {
    const what = `read64 0x${offset.toString(16)} ${space}`;
    this.#same(
      this.subjects.map((subject) => subject.read64(offset, space)),
      what,
    );
    this.#lookAtInterrupts(what);
  }

  #run(traffic: readonly SubjectRecord[]): void {
    const before = this.subjects.map((subject) => total(subject, "accesses"));
    for (const subject of this.subjects) subject.run(traffic);
    this.#lookAtInterrupts("run");
    this.#same(
      this.subjects.map((subject) => subject.lines()),
      "lines",
    );
    this.#same(this.subjects.map(sortedOccupancy), "occupancy");
    this.#same(
      this.subjects.map((subject) => sortedStatistics(subject, this.config)),
      "statistics",
    );
    for (const space of this.#spaces) {
      for (const offset of [CSU, MBWU, MBWU_CTL]) this.#read(offset, space);
      this.#read64(MBWU_L, space);
    }
    this.subjects.forEach((subject, i) => {
      expect(total(subject, "accesses") - (before[i] ?? 0)).toBe(traffic.length);
      expectSoundCache(subject, this.config);
    });
  }

  #lookAtInterrupts(what: string): void {
    const events = this.subjects.map((subject) => subject.interrupts());
    if (events.every((list) => list.length === 0)) return;
    for (const kind of ["error", "overflow"] as const) {
      const own = events.map((list) => list.filter((event) => event.kind === kind).map(comparable));
      this.#same(own, `${kind} interrupts after ${what}`);
    }
  }

  /** Compared cheaply first: most of the time goes by here, and only a difference is worth a good message. */
  #same(values: readonly unknown[], what: string): void {
    const [reference, ...others] = values;
    others.forEach((other, i) => {
      if (text(other) !== text(reference))
        expect(other, `${what} of the ${this.subjects[i + 1]?.name}`).toEqual(reference);
    });
  }
}

/** The same text means the same value, whatever the order of keys. */
function text(value: unknown): string {
  if (typeof value !== "object" || value === null) return `${typeof value} ${value}`;
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  const entries = Object.entries(value).map(([name, member]) => `${name}: ${text(member)}`);
  return `{${entries.toSorted().join()}}`;
}

/** Errors of traffic need not say at which record. */
function comparable(event: SubjectInterrupt): unknown {
  return event.kind === "error" ? { level: event.level } : { level: event.level, record: event.record };
}

function key(label: SubjectLabel): string {
  return `${label.space} ${label.partid} ${label.pmg}`;
}

function sortedOccupancy(subject: MscSubject): string[] {
  const held = subject.occupancy().filter(({ lines }) => lines > 0);
  return held.map((entry) => `${key(entry)}: ${entry.lines}`).toSorted();
}

function sortedStatistics(subject: MscSubject, { kind }: SubjectConfig): string[] {
  const seen = subject.statistics().filter(({ accesses }) => accesses > 0);
  return seen.map((entry) => `${key(entry)}: ${entry.accesses} ${kind === "cache" ? entry.misses : ""}`).toSorted();
}

function total(subject: MscSubject, what: "accesses" | "misses"): number {
  return subject.statistics().reduce((sum, entry) => sum + entry[what], 0);
}

/** What is true of a cache whatever happened to it. */
function expectSoundCache(subject: MscSubject, { kind, sets = 1, ways = 1 }: SubjectConfig): void {
  const lines = subject.lines();
  if (kind === "memory") {
    expect(lines).toEqual([]);
    return;
  }
  const places = lines.map(({ set, way }) => set * ways + way);
  expect(places, "one line a place, in order").toEqual([...new Set(places)].toSorted((a, b) => a - b));
  expect(new Set(lines.map(({ line }) => line)).size, "each line once").toBe(lines.length);
  const astray = lines.filter(({ set, way, line }) => line % sets !== set || way >= ways);
  expect(astray, "lines outside their set").toEqual([]);
  for (const set of new Set(lines.map((line) => line.set))) {
    const ages = lines.filter((line) => line.set === set).map(({ age }) => age);
    expect(
      ages.toSorted((a, b) => a - b),
      "ages of a set",
    ).toEqual(range(0, ages.length));
  }
  const held = new Map<string, number>();
  for (const line of lines) held.set(key(line), (held.get(key(line)) ?? 0) + 1);
  expect(sortedOccupancy(subject)).toEqual([...held].map(([label, count]) => `${label}: ${count}`).toSorted());
  expect(total(subject, "misses")).toBeLessThanOrEqual(total(subject, "accesses"));
}

describe("random machines", () => {
  test("every implementation reads, counts, interrupts and caches as the plain model does", async () => {
    await fc.assert(
      fc.asyncProperty(machines, actions, async (config, steps) => {
        const others = factories.filter(({ name }) => name !== "plain model");
        const created = await Promise.all(others.map(({ create }) => create(config)));
        const drive = new Drive(config, [new PlainSubject(config), ...created]);
        drive.begin();
        for (const step of steps) drive.step(step);
        drive.sweep();
      }),
      runs(80),
    );
  });
});

describe.each(factories)("on random traffic the $name", ({ create }) => {
  const geometry = fc.record({
    sets: fc.constantFrom(1, 2, 4, 8),
    ways: fc.integer({ min: 1, max: 8 }),
    cpbmWd: fc.integer({ min: 1, max: 24 }),
    cmaxWd: fc.integer({ min: 1, max: 8 }),
  });
  /** Portions and limits of PARTIDs 0..3, set anew before each stretch of traffic; requester n is PARTID n. */
  const stretch = fc.record({
    portions: fc.array(fc.nat({ max: 0xff_ffff }), { minLength: 4, maxLength: 4 }),
    limits: fc.array(fc.nat({ max: 0xffff }), { minLength: 4, maxLength: 4 }),
    records,
  });

  test("lets no PARTID gain a line outside its portions, nor more lines than its limit or than it had", async () => {
    await fc.assert(
      fc.asyncProperty(geometry, fc.array(stretch, { minLength: 1, maxLength: 4 }), async (shape, stretches) => {
        const { sets, ways, cpbmWd, cmaxWd } = shape;
        const msc = await create({
          ...memoryConfig(),
          kind: "cache",
          sets,
          ways,
          ris: [{ ris: 0, cpor: { cpbmWd }, ccap: { cmaxWd } }],
        });
        for (const partid of range(0, 4)) msc.setLabel(partid, "all", { space: "ns", partid, pmg: 0 });
        for (const { portions, limits: raw, records: traffic } of stretches) {
          for (const partid of range(0, 4)) {
            msc.write32(PART_SEL, partid);
            msc.write32(CPBM, portions[partid] ?? 0);
            msc.write32(CMAX, raw[partid] ?? 0);
          }
          const before = msc.lines();
          msc.run(traffic);
          const after = msc.lines();

          // The smallest power of two of cells a way that gives every portion a cell.
          const r = [1, 2, 4, 8, 16, 32].find((n) => ways * n >= cpbmWd) ?? 0;
          for (const line of after) {
            const kept = before.some((b) => b.set === line.set && b.way === line.way && b.line === line.line);
            const portion = Math.floor(((line.way * r + (line.set % r)) * cpbmWd) / (ways * r));
            const allowed = (((portions[line.partid] ?? 0) >>> portion) & 1) === 1;
            if (!kept && !allowed) expect.fail(`PARTID ${line.partid} gained line ${line.line} in portion ${portion}`);
          }
          for (const partid of range(0, 4)) {
            const v = (raw[partid] ?? 0) >>> (16 - cmaxWd);
            const limit = Math.floor(((v + 1) * sets * ways) / 2 ** cmaxWd);
            const count = (lines: typeof after): number => lines.filter((line) => line.partid === partid).length;
            expect(count(after)).toBeLessThanOrEqual(Math.max(limit, count(before)));
          }
        }
      }),
      runs(60),
    );
  });

  test("counts at a channel the sum of what passed, wrapped at each width, and names the record that wrapped it", async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.nat({ max: 8000 }),
        fc.constantFrom(44 as const, 63 as const),
        async (traffic, gap, counter) => {
          const ris = [{ ris: 0, mbwu: { monitors: 2, counter, rwbw: true } }] as const;
          const msc = await create(memoryConfig({ ris }));
          const largest = 2n ** BigInt(counter) - 1n;
          for (const [mon, direction] of [0x4000_0000, 0x8000_0000].entries()) {
            msc.write32(MON_SEL, mon);
            msc.write32(MBWU_FLT, direction);
            msc.write32(MBWU_CTL, 0x8000_4000);
            msc.write64(MBWU_L, mon === 0 ? largest - BigInt(gap) : 0n);
            msc.write32(MBWU, 0x7fff_ffff - gap);
          }
          msc.run(traffic);
          let written = 0;
          let overflow: number | undefined;
          traffic.forEach(({ op, bytes }, index) => {
            if (op === 1) written += bytes;
            if (op === 1 && written > gap) overflow ??= index;
          });
          const read = traffic.reduce((sum, { op, bytes }) => sum + (op === 1 ? 0 : bytes), 0);
          const raised = msc.interrupts();
          expect(raised).toEqual(overflow === undefined ? [] : [{ kind: "overflow", level: 1, record: overflow }]);
          for (const [mon, bytes] of [written, read].entries()) {
            msc.write32(MON_SEL, mon);
            expect(msc.read32(MBWU)).toBe((0x7fff_ffff - gap + bytes) % 2 ** 31);
            expect(msc.read64(MBWU_L)).toBe(
              ((mon === 0 ? largest - BigInt(gap) : 0n) + BigInt(bytes)) % (largest + 1n),
            );
          }
        },
      ),
      runs(60),
    );
  });

  test("fills once for each miss and writes back once for each dirty line that left, below the cache", async () => {
    await fc.assert(
      fc.asyncProperty(geometry, records, async ({ sets, ways }, traffic) => {
        const ris = [{ ris: 0, cpor: { cpbmWd: 1 }, mbwu: { monitors: 2, counter: 31, rwbw: true } }] as const;
        const msc = await create({ ...memoryConfig(), kind: "cache", sets, ways, ris });
        for (const [mon, direction] of [0x8000_0000, 0x4000_0000].entries()) {
          msc.write32(MON_SEL, mon);
          msc.write32(MBWU_FLT, direction);
          msc.write32(MBWU_CTL, 0x8000_0000);
        }
        // Record by record, so that what left can be seen.
        let left = 0;
        for (const record of traffic) {
          const before = msc.lines();
          msc.run([record]);
          const now = new Set(msc.lines().map(({ line }) => line));
          left += before.filter(({ line, dirty }) => dirty && !now.has(line)).length;
        }
        msc.write32(MON_SEL, 0);
        expect(msc.read32(MBWU)).toBe(total(msc, "misses") * 64);
        msc.write32(MON_SEL, 1);
        expect(msc.read32(MBWU)).toBe(left * 64);
      }),
      runs(40),
    );
  });
});
