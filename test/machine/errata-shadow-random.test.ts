// T241-MPAM-1 against the text of docs/modelled.md, "Errata", word by word: settings of several MSCs and RIS of two chips, written, read,
// shown, scrubbed, lost and saved at random.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf, wordOf } from "../golden/registers.ts";
import { runs } from "./traces.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MIN = offsetOf("MPAMCFG_MBW_MIN");
const MAX = offsetOf("MPAMCFG_MBW_MAX");
const NS = 1;
const PAGE = 0x1_0000_0000;
const CHIP_1 = 2 ** 43;
const WINDOWS = [0x1900_0000, 2 ** 44 + 0x1900_0000] as const;
const SLICES = 12;
const PARTIDS = 8;
const DEFAULTS = PARTIDS;

/** By RIS the bits of MIN and of MAX that there are; 0 where it has none. */
interface Part {
  readonly chip: 0 | 1;
  readonly ris: ReadonlyMap<number, { readonly [MIN]: number; readonly [MAX]: number }>;
  readonly entries: number;
  readonly narrows: boolean;
}

const WHOLE = { [MIN]: 0xff00, [MAX]: 0x8000_ff00 };
/** The first of chip 0 has a RIS without MIN, a narrower one and default settings; the second narrows, and may lose its power. */
const PARTS: readonly Part[] = [
  {
    chip: 0,
    ris: new Map([
      [1, { [MIN]: 0, [MAX]: 0x8000_ff00 }],
      [3, { [MIN]: 0xf000, [MAX]: 0x8000_f000 }],
    ]),
    entries: PARTIDS + 1,
    narrows: false,
  },
  { chip: 0, ris: new Map([[0, WHOLE]]), entries: 4, narrows: true },
  { chip: 1, ris: new Map([[0, WHOLE]]), entries: PARTIDS, narrows: false },
];
const FRAGILE = 1;

function powerOn(): Promise<Machine> {
  const node = (number: number, base: number, msc: object) => ({
    ...{ node: number, bytes: "1 MiB", bytesPerSecond: 640e6, cpus: [number] },
    msc: { base, errata: ["T241-MPAM-1"], ...msc },
  });
  const mbw = { bwaWd: 8, min: true };
  const two = [
    { ris: 1, mbw: { bwaWd: 8 } },
    { ris: 3, mbw: { bwaWd: 4, min: true } },
  ];
  const platform = checkObject(
    {
      name: "two chips",
      cpus: 3,
      numa: "fill",
      processor: { partidMax: PARTIDS - 1, pmgMax: 1 },
      memory: [
        node(0, PAGE, { ris: two, defaultPartid: true }),
        node(1, PAGE + 0x1_0000, { mbw, partidNrw: { intPartidMax: 3 }, power: "lost", cpus: [FRAGILE] }),
        node(2, CHIP_1 + PAGE, { mbw }),
      ],
    },
    "two chips",
  );
  return Machine.create(platform);
}

interface Setting {
  reads: number;
  acts: number;
  waits: boolean;
}

interface Shown {
  readonly msc: number;
  readonly word: number;
  readonly before: number;
  readonly left: number[];
}

/** The text. */
class Model {
  readonly selected = PARTS.map(() => ({ ris: 0, partid: 0, internal: false, defaults: false }));
  readonly settings = new Map<string, Setting>();
  readonly words = WINDOWS.map(() => new Map<number, Shown>());
  readonly scrubbed = WINDOWS.map(() => new Set<number>());

  setting(msc: number, ris: number, entry: number, offset: number): Setting {
    const key = `${msc} ${ris} ${entry} ${offset}`;
    const found = this.settings.get(key) ?? { reads: this.#reset(msc, ris, offset), acts: 0, waits: false };
    if (!this.settings.has(key)) this.settings.set(key, { ...found, acts: found.reads });
    return this.settings.get(key) as Setting;
  }

  /** All ones, and no hard limit. */
  #reset(msc: number, ris: number, offset: number): number {
    return this.#bits(msc, ris, offset) & 0xffff;
  }

  #bits(msc: number, ris: number, offset: number): number {
    return PARTS[msc]?.ris.get(ris)?.[offset as typeof MIN] ?? 0;
  }

  /** Where an access of MIN or MAX leads; undefined where it is an error, or there is nothing. */
  place(msc: number, offset: number): { readonly ris: number; readonly entry: number } | undefined {
    const { ris, partid, internal, defaults } = this.selected[msc] as (typeof this.selected)[number];
    const { narrows, entries } = PARTS[msc] as Part;
    if (this.#bits(msc, ris, offset) === 0) return undefined;
    if (entries === PARTIDS + 1 && defaults) return { ris, entry: DEFAULTS };
    if (narrows && !internal) return undefined;
    return partid < Math.min(entries, PARTIDS) ? { ris, entry: partid } : undefined;
  }

  read(msc: number, offset: number): number {
    const place = this.place(msc, offset);
    return place ? this.setting(msc, place.ris, place.entry, offset).reads : 0;
  }

  write(msc: number, offset: number, value: number): void {
    const place = this.place(msc, offset);
    if (!place) return;
    const { chip } = PARTS[msc] as Part;
    const { ris, entry } = place;
    const before = entry === DEFAULTS ? 0 : this.#newest(chip, entry);
    const setting = this.setting(msc, ris, entry, offset);
    setting.reads = (value & this.#bits(msc, ris, offset)) >>> 0;
    setting.waits = true;
    if (entry === DEFAULTS) return;
    const left = Array.from({ length: SLICES }, (_, slice) => slice);
    this.words[chip]?.set(entry, { msc, word: this.#word(msc, ris, entry), before, left });
  }

  #word(msc: number, ris: number, entry: number): number {
    const [min, max] = [MIN, MAX].map((offset) => this.setting(msc, ris, entry, offset).reads) as [number, number];
    return ((min << 16) | (max & 0xffff)) >>> 0;
  }

  /** Of the last write; of a PARTID that nobody has written what the first MSC of the chip reads in its lowest RIS with MBW_MAX. */
  #newest(chip: number, partid: number): number {
    const written = this.words[chip]?.get(partid);
    if (written) return written.word;
    const first = PARTS.findIndex((part) => part.chip === chip);
    const lowest = Math.min(...(PARTS[first] as Part).ris.keys());
    return partid < PARTIDS ? this.#word(first, lowest, partid) : 0;
  }

  look(chip: number, slice: number, partid: number): number {
    const shown = this.words[chip]?.get(partid);
    if (!shown || shown.left[slice] === 0) return this.#newest(chip, partid);
    shown.left[slice] = (shown.left[slice] as number) - 1;
    return shown.before;
  }

  scrub(chip: number, which: number): void {
    const done = this.scrubbed[chip] as Set<number>;
    done.add(which);
    if (done.size < 2) return;
    done.clear();
    for (const [key, setting] of this.settings) {
      const [msc, , entry] = key.split(" ").map(Number) as [number, number, number];
      if (PARTS[msc]?.chip !== chip || !setting.waits) continue;
      const shown = entry === DEFAULTS ? undefined : this.words[chip]?.get(entry);
      if (shown && shown.word !== shown.before && shown.left.some((reads) => reads > 0)) continue;
      setting.acts = setting.reads;
      setting.waits = false;
    }
  }

  lose(msc: number): void {
    for (const key of this.settings.keys()) if (key.startsWith(`${msc} `)) this.settings.delete(key);
    for (const words of this.words) for (const [partid, one] of words) if (one.msc === msc) words.delete(partid);
    this.selected[msc] = { ris: 0, partid: 0, internal: false, defaults: false };
  }
}

function compareActing(machine: Machine, model: Model): void {
  for (const [number, { ris, entries }] of PARTS.entries()) {
    for (const index of ris.keys()) {
      for (let entry = 0; entry < entries; entry++) {
        for (const offset of [MIN, MAX]) {
          const acts = machine.inside.hardware.readSetting(number, NS, index, entry, offset);
          const wanted = model.setting(number, index, entry, offset).acts;
          // Asked only where it fails: there are many.
          if (acts >>> 0 !== wanted) expect(acts >>> 0, `msc ${number} ris ${index} entry ${entry}`).toBe(wanted);
        }
      }
    }
  }
}

const msc = fc.nat({ max: 2 });
const chip = fc.nat({ max: 1 });
const partid = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 1 }) }, { weight: 1, arbitrary: fc.nat({ max: 9 }) });
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("select" as const),
      msc,
      ris: fc.constantFrom(1, 1, 3, 3, 0),
      partid,
      internal: fc.nat({ max: 3 }).map((n) => n > 0),
      defaults: fc.nat({ max: 3 }).map((n) => n === 0),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      msc,
      offset: fc.constantFrom(MIN, MAX),
      value: fc.constantFrom(0, 0x3f00, 0x3f00, 0xff00, 0x8000_5500, 0xffff_ffff),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("look" as const), chip, partid, times: fc.constantFrom(1, 6, 11, 12) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("halves" as const), chip, slice: fc.nat({ max: 11 }), partid }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("scrub" as const),
      chip,
      which: fc.constantFrom([0], [1], [0, 1], [1, 0]),
      how: fc.constantFrom("whole", "whole", "low", "high", "other"),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "lose" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "save" as const }) },
);

test("whatever is done, what is read, shown and acts is what the text says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      let machine = await powerOn();
      const model = new Model();
      const at = (one: number, offset: number) =>
        ({ cpu: 0, space: "ns", address: (WINDOWS[one] as number) + offset }) as const;
      for (const one of steps) {
        if (one.do === "select") {
          const { ris, partid: number, internal, defaults } = one;
          const narrow = PARTS[one.msc]?.narrows === true && internal;
          const fields = { PARTID_SEL: number, INTERNAL: narrow ? 1 : 0, DEFAULT_PARTID: defaults ? 1 : 0, RIS: ris };
          machine.write32(one.msc, PART_SEL, wordOf("MPAMCFG_PART_SEL", fields));
          const hasRis = PARTS[one.msc]?.entries === PARTIDS + 1;
          model.selected[one.msc] = { ris: hasRis ? ris : 0, partid: number, internal: narrow, defaults };
        } else if (one.do === "write") {
          machine.write32(one.msc, one.offset, one.value);
          model.write(one.msc, one.offset, one.value);
        } else if (one.do === "look") {
          const [found, wanted]: [bigint[], bigint[]] = [[], []];
          for (let slice = 0; slice < SLICES; slice++) {
            const word = at(one.chip, 0x36_0048 + slice * 0x1_0000 + one.partid * 8);
            for (let turn = 0; turn < one.times; turn++) {
              found.push(machine.bus.read({ ...word, bytes: 8 }));
              wanted.push(BigInt(model.look(one.chip, slice, one.partid)));
            }
          }
          expect(found).toEqual(wanted);
        } else if (one.do === "halves") {
          const offset = 0x36_0048 + one.slice * 0x1_0000 + one.partid * 8;
          expect(machine.bus.read({ ...at(one.chip, offset + 4), bytes: 4 })).toBe(0n);
          expect(machine.bus.read({ ...at(one.chip, offset), bytes: 4 })).toBe(
            BigInt(model.look(one.chip, one.slice, one.partid)),
          );
        } else if (one.do === "scrub") {
          for (const which of one.which) {
            const word = at(one.chip, which === 0 ? 0x1b_0000 : 0x1c_0000);
            const half = { ...word, address: word.address + (one.how === "high" ? 4 : 0), bytes: 4 } as const;
            if (one.how === "whole") machine.bus.write({ ...word, bytes: 8, value: 0n });
            else if (one.how === "other") machine.bus.write({ ...word, bytes: 8, value: 1n << 40n });
            else machine.bus.write({ ...half, value: 0n });
            if (one.how === "whole" || one.how === "low") model.scrub(one.chip, which);
          }
          compareActing(machine, model);
        } else if (one.do === "lose") {
          await machine.cpu(FRAGILE).offline();
          await machine.cpu(FRAGILE).online();
          model.lose(FRAGILE);
        } else machine = await Machine.restore(machine.snapshot());
        const reads = (read: (number: number, offset: number) => number) =>
          [...PARTS.keys()].flatMap((number) => [MIN, MAX].map((offset) => read(number, offset)));
        expect(reads((number, offset) => machine.read32(number, offset))).toEqual(
          reads((number, offset) => model.read(number, offset)),
        );
      }
      compareActing(machine, model);
    }),
    runs(60),
  );
}, 60_000);
