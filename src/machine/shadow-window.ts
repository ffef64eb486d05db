// T241-MPAM-1 (docs/modelled.md, "Errata"): bandwidth settings that wait until a window of shadow registers has been scrubbed. A
// layer in front of the register pages keeps what software wrote; the hardware has it when it acts.

import {
  fieldGet,
  fieldPrep,
  MBW_MAX_MAX,
  MPAMCFG_MBW_MAX,
  MPAMCFG_MBW_MIN,
  MPAMCFG_PART_SEL,
  PART_SEL_RIS,
} from "../../assembly/regs/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { type MscInstance, SHADOW_WINDOW_BYTES, type Space, shadowWindow } from "../platform/index.ts";
import { isMap } from "./checked-platform.ts";
import type { Registers } from "./layered-pages.ts";
import { type AccessBytes, type BusWindow, hex, nothing } from "./physical-bus.ts";
import { SPACE_NUMBERS } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

const SLICES = 12;
const FIRST_SLICE = 0x36_0048;
const SLICE_BYTES = 0x1_0000;
const WORD_BYTES = 8;
/** PARTIDs above these have no word, and nothing to wait for but the scrubbing. */
const PARTIDS = SLICE_BYTES / WORD_BYTES;
const SCRUB = [0x1b_0000, 0x1c_0000] as const;

const SHADOW_MIN = 0xffff_0000;
const NS = SPACE_NUMBERS.ns;
const NO_ENTRY = 0xffff_ffff;

export type Settings = Pick<Hardware, "selectedEntry" | "readSetting" | "writeSetting">;

/** Settings that software has written and that do not act: of an entry of the tables of a RIS, each null where nothing was written. */
interface HeldSettings {
  readonly msc: number;
  readonly ris: number;
  readonly entry: number;
  readonly min: number | null;
  readonly max: number | null;
}

/** What the slices show of a PARTID. */
interface ShadowWord {
  readonly partid: number;
  /** The MSC that was written last. */
  readonly msc: number;
  readonly word: number;
  readonly before: number;
  /** For each slice, how many reads still find the word from before. */
  readonly stale: number[];
}

export interface ShadowState {
  readonly held: readonly HeldSettings[];
  readonly words: readonly ShadowWord[];
  /** Which of the two words of scrubbing have been written. */
  readonly scrubbed: readonly boolean[];
}

/** The window of one chip. */
class ShadowWindow implements BusWindow {
  readonly bytes = SHADOW_WINDOW_BYTES;
  readonly #held = new Map<string, HeldSettings>();
  readonly #words = new Map<number, ShadowWord>();
  readonly #scrubbed = SCRUB.map(() => false);
  /** Of the access that was admitted last, and of its low word. */
  #width: AccessBytes = 4;
  #low = 0;

  /** @param mscs Those of the chip that have the erratum. */
  constructor(
    readonly start: number,
    readonly mscs: readonly MscInstance[],
    private readonly settings: Settings,
    state?: ShadowState,
  ) {
    for (const one of state?.held ?? []) this.#held.set(keyOf(one), one);
    for (const one of state?.words ?? []) this.#words.set(one.partid, { ...one, stale: [...one.stale] });
    state?.scrubbed.forEach((done, index) => {
      this.#scrubbed[index] = done;
    });
  }

  save(): ShadowState {
    return {
      held: [...this.#held.values()],
      words: [...this.#words.values()].map((one) => ({ ...one, stale: [...one.stale] })),
      scrubbed: [...this.#scrubbed],
    };
  }

  admit(offset: number, bytes: AccessBytes, space: Space): void {
    const address = this.start + offset;
    if (space !== "ns") throw nothing(address, space);
    if (bytes < 4) {
      throw new ErrnoError("EINVAL", `${bytes} bytes at ${hex(address)}: shadow registers are read by 4 or 8 bytes`);
    }
    this.#width = bytes;
  }

  load(offset: number): number {
    const slice = Math.floor((offset - FIRST_SLICE) / SLICE_BYTES);
    const place = (offset - FIRST_SLICE) % SLICE_BYTES;
    // The upper half of a word is 0.
    if (slice < 0 || slice >= SLICES || place % WORD_BYTES !== 0) return 0;
    const partid = place / WORD_BYTES;
    const shadow = this.#words.get(partid);
    if (!shadow) return this.#unwritten(partid);
    const stale = shadow.stale[slice] as number;
    if (stale === 0) return shadow.word;
    shadow.stale[slice] = stale - 1;
    return shadow.before;
  }

  /** A word that is written by 8 bytes is whole with its upper half. */
  store(offset: number, _bytes: AccessBytes, value: number): void {
    const half = offset % WORD_BYTES;
    if (half === 0) this.#low = value;
    if (half !== (this.#width === WORD_BYTES ? 4 : 0)) return;
    const index = SCRUB.findIndex((one) => one === offset - half);
    if (index < 0 || this.#low !== 0 || value !== 0) return;
    this.#scrubbed[index] = true;
    if (this.#scrubbed.every(Boolean)) this.#release();
  }

  /** What software reads; undefined where nothing is held. */
  held(msc: number, ris: number, entry: number, offset: number): number | undefined {
    const one = this.#held.get(keyOf({ msc, ris, entry }));
    return (offset === MPAMCFG_MBW_MIN ? one?.min : one?.max) ?? undefined;
  }

  /** Software writes a setting. */
  hold(msc: number, ris: number, entry: number, offset: number, value: number): void {
    const isPartid = entry < Math.min(PARTIDS, partidsOf(this.mscs, msc));
    const before = isPartid ? (this.#words.get(entry)?.word ?? this.#unwritten(entry)) : 0;
    const key = keyOf({ msc, ris, entry });
    const held = this.#held.get(key) ?? { msc, ris, entry, min: null, max: null };
    const kept = this.#implemented(msc, ris, entry, offset, value);
    this.#held.set(key, { ...held, [offset === MPAMCFG_MBW_MIN ? "min" : "max"]: kept });
    if (!isPartid) return;
    const stale = Array.from({ length: SLICES }, (_, slice) => slice);
    this.#words.set(entry, { partid: entry, msc, word: this.#word(msc, ris, entry), before, stale });
  }

  /** An MSC has lost its registers, and what waited with them. */
  forget(msc: number): void {
    for (const [key, one] of this.#held) if (one.msc === msc) this.#held.delete(key);
    for (const [partid, one] of this.#words) if (one.msc === msc) this.#words.delete(partid);
  }

  /** What the hardware would keep of a value: it is asked, and left as it was. */
  #implemented(msc: number, ris: number, entry: number, offset: number, value: number): number {
    const { settings } = this;
    const acting = settings.readSetting(msc, NS, ris, entry, offset);
    settings.writeSetting(msc, NS, ris, entry, offset, value);
    const kept = settings.readSetting(msc, NS, ris, entry, offset);
    settings.writeSetting(msc, NS, ris, entry, offset, acting);
    return kept;
  }

  #word(msc: number, ris: number, entry: number): number {
    const read = (offset: number) =>
      this.held(msc, ris, entry, offset) ?? this.settings.readSetting(msc, NS, ris, entry, offset);
    const max = fieldGet(MBW_MAX_MAX, read(MPAMCFG_MBW_MAX));
    return (fieldPrep(SHADOW_MIN, read(MPAMCFG_MBW_MIN)) | max) >>> 0;
  }

  /** A PARTID that nobody has written is shown as the first MSC of the chip has it. */
  #unwritten(partid: number): number {
    const first = this.mscs[0] as MscInstance;
    const { ris } = first.description;
    const limited = ris.filter(({ mbw, spaces }) => mbw?.max && (spaces?.includes("ns") ?? true));
    const lowest = Math.min(...limited.map((one) => one.ris));
    return partid < partidsOf(this.mscs, first.msc) ? this.#word(first.msc, lowest, partid) : 0;
  }

  #release(): void {
    this.#scrubbed.fill(false);
    for (const [key, { msc, ris, entry, min, max }] of this.#held) {
      if (entry < partidsOf(this.mscs, msc) && !this.#agrees(entry)) continue;
      if (min !== null) this.settings.writeSetting(msc, NS, ris, entry, MPAMCFG_MBW_MIN, min);
      if (max !== null) this.settings.writeSetting(msc, NS, ris, entry, MPAMCFG_MBW_MAX, max);
      this.#held.delete(key);
    }
  }

  /** Whether all slices show the new word. */
  #agrees(partid: number): boolean {
    const shadow = this.#words.get(partid);
    return !shadow || shadow.word === shadow.before || shadow.stale.every((reads) => reads === 0);
  }
}

/** The windows of a machine, and the layer in front of the pages of MSCs that have the erratum. */
export class ShadowWindows implements Registers {
  readonly windows: readonly ShadowWindow[];
  readonly #of = new Map<number, ShadowWindow>();

  /** @param below What those registers are that wait for nothing. Throws a TypeError for states of other windows. */
  constructor(
    mscs: readonly MscInstance[],
    private readonly settings: Settings,
    private readonly below: Registers,
    states?: readonly ShadowState[],
  ) {
    const chips = new Map<number, MscInstance[]>();
    for (const msc of mscs) {
      if (msc.address === undefined || !msc.description.errata.includes("T241-MPAM-1")) continue;
      const start = shadowWindow(msc.address);
      chips.set(start, [...(chips.get(start) ?? []), msc]);
    }
    if (states && states.length !== chips.size) throw new TypeError(`these are not the windows of ${chips.size} chips`);
    this.windows = [...chips].map(([start, those], index) => new ShadowWindow(start, those, settings, states?.[index]));
    for (const window of this.windows) for (const { msc } of window.mscs) this.#of.set(msc, window);
  }

  read32(msc: number, offset: number, space: number): number {
    return this.#held(msc, offset, space) ?? this.below.read32(msc, offset, space);
  }

  peek32(msc: number, offset: number, space: number): number {
    return this.#held(msc, offset, space) ?? this.below.peek32(msc, offset, space);
  }

  write32(msc: number, offset: number, value: number, space: number): void {
    const window = this.#waits(msc, offset, space);
    const entry = window ? this.settings.selectedEntry(msc, NS, offset) : NO_ENTRY;
    // A use of a bad selector is an error as on any part.
    if (window && entry !== NO_ENTRY) window.hold(msc, this.#ris(msc), entry, offset, value);
    else this.below.write32(msc, offset, value, space);
  }

  forget(msc: number): void {
    this.#of.get(msc)?.forget(msc);
  }

  save(): ShadowState[] {
    return this.windows.map((window) => window.save());
  }

  #held(msc: number, offset: number, space: number): number | undefined {
    const window = this.#waits(msc, offset, space);
    if (!window) return undefined;
    const entry = this.settings.selectedEntry(msc, NS, offset);
    return entry === NO_ENTRY ? undefined : window.held(msc, this.#ris(msc), entry, offset);
  }

  /** The window that an access concerns. */
  #waits(msc: number, offset: number, space: number): ShadowWindow | undefined {
    if (offset !== MPAMCFG_MBW_MIN && offset !== MPAMCFG_MBW_MAX) return undefined;
    return space === NS ? this.#of.get(msc) : undefined;
  }

  #ris(msc: number): number {
    return fieldGet(PART_SEL_RIS, this.below.peek32(msc, MPAMCFG_PART_SEL, NS));
  }
}

function keyOf({ msc, ris, entry }: Pick<HeldSettings, "msc" | "ris" | "entry">): string {
  return `${msc} ${ris} ${entry}`;
}

/** Entries that are PARTIDs; one more is that of the default settings. */
function partidsOf(mscs: readonly MscInstance[], msc: number): number {
  const { partidNrw, spaces } = (mscs.find((one) => one.msc === msc) as MscInstance).description;
  return (partidNrw?.intPartidMax ?? spaces.ns?.partidMax ?? -1) + 1;
}

/** Whether a snapshot's states are such as `save` makes. */
export function areShadowStates(states: unknown): states is ShadowState[] {
  return Array.isArray(states) && states.every(isState);
}

const isWord = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;

function isState(state: unknown): boolean {
  if (!isMap(state)) return false;
  const { held, words, scrubbed } = state;
  return (
    Array.isArray(held) &&
    held.every(
      (one) => isMap(one) && [one.msc, one.ris, one.entry].every(isWord) && isKept(one.min) && isKept(one.max),
    ) &&
    Array.isArray(words) &&
    words.every(
      (one) => isMap(one) && [one.partid, one.msc, one.word, one.before].every(isWord) && areReads(one.stale),
    ) &&
    Array.isArray(scrubbed) &&
    scrubbed.length === SCRUB.length &&
    scrubbed.every((one) => typeof one === "boolean")
  );
}

function isKept(value: unknown): boolean {
  return value === null || isWord(value);
}

function areReads(stale: unknown): boolean {
  return Array.isArray(stale) && stale.length === SLICES && stale.every(isWord);
}
