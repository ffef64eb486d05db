// The shadow registers of one chip (T241-MPAM-1): they show settings that software has written, and let go of them when it has
// looked and scrubbed.

import { fieldGet, fieldPrep, MBW_MAX_MAX, MPAMCFG_MBW_MAX, MPAMCFG_MBW_MIN } from "../../../assembly/regs/index.ts";
import { ErrnoError } from "../../errno/index.ts";
import { type MscInstance, SHADOW_WINDOW_BYTES, type Space } from "../../platform/index.ts";
import { type AccessBytes, type BusWindow, hex, nothing } from "../physical-bus.ts";
import { SPACE_NUMBERS } from "../spaces.ts";
import type { Hardware } from "../wasm.ts";
import { type HeldSettings, PARTIDS, partidsOf, SCRUB, type ShadowState, type ShadowWord, SLICES } from "./state.ts";

const FIRST_SLICE = 0x36_0048;
const WORD_BYTES = 8;
const SLICE_BYTES = PARTIDS * WORD_BYTES;

const SHADOW_MIN = 0xffff_0000;
const NS = SPACE_NUMBERS.ns;

export type Settings = Pick<Hardware, "selectedEntry" | "readSetting" | "writeSetting">;

export class ShadowWindow implements BusWindow {
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

function keyOf({ msc, ris, entry }: Pick<HeldSettings, "msc" | "ris" | "entry">): string {
  return `${msc} ${ris} ${entry}`;
}
