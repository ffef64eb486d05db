// T241-MPAM-1 (docs/modelled.md, "Errata"): bandwidth settings that wait until a window of shadow registers has been scrubbed. A
// layer in front of the register pages keeps what software wrote; the hardware has it when it acts.

import {
  fieldGet,
  MPAMCFG_MBW_MAX,
  MPAMCFG_MBW_MIN,
  MPAMCFG_PART_SEL,
  PART_SEL_RIS,
} from "../../../assembly/regs/index.ts";
import { type MscInstance, shadowWindow } from "../../platform/index.ts";
import type { Registers } from "../layered-pages.ts";
import { SPACE_NUMBERS } from "../spaces.ts";
import { areShadowStates, type ShadowState } from "./state.ts";
import { type Settings, ShadowWindow } from "./window.ts";

const NS = SPACE_NUMBERS.ns;
const NO_ENTRY = 0xffff_ffff;

/** The windows of a machine, and the layer in front of the pages of MSCs that have the erratum. */
export class ShadowWindows implements Registers {
  readonly windows: readonly ShadowWindow[];
  readonly #of = new Map<number, ShadowWindow>();

  /** @param below What those registers are that wait for nothing. Throws a TypeError for states of other windows. */
  constructor(
    mscs: readonly MscInstance[],
    private readonly settings: Settings,
    private readonly below: Registers,
    states?: unknown,
  ) {
    const chips = new Map<number, MscInstance[]>();
    for (const msc of mscs) {
      if (msc.address === undefined || !msc.description.errata.includes("T241-MPAM-1")) continue;
      const start = shadowWindow(msc.address);
      chips.set(start, [...(chips.get(start) ?? []), msc]);
    }
    if (states !== undefined && !areShadowStates(states, [...chips.values()])) {
      throw new TypeError(`these are not the windows of ${chips.size} chips`);
    }
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
