// Registers under faults, as software finds them: what is read is changed, what is written is lost.

import {
  fieldGet,
  MON_SEL_MON,
  MON_SEL_RIS,
  MSMON_CFG_MON_SEL,
  MSMON_CSU,
  MSMON_MBWU,
  MSMON_MBWU_L,
  VALUE_NRDY,
} from "../../../assembly/regs/index.ts";
import { ErrnoError } from "../../errno/index.ts";
import type { MscInstance } from "../../platform/index.ts";
import { wordsNamed } from "../access-filter.ts";
import type { Registers } from "../layered-pages.ts";
import { spaceNamed } from "../spaces.ts";
import { type InForce, ofKind } from "./in-force.ts";
import type { Fault, MscGone, NrdyStuck, RegisterStuck, WriteLost } from "./types.ts";

/** The word whose bit 31 is NRDY, by type of monitor. */
const NRDY_WORDS: ReadonlyMap<number, "csu" | "mbwu"> = new Map([
  [MSMON_CSU, "csu"],
  [MSMON_MBWU, "mbwu"],
  [MSMON_MBWU_L + 4, "mbwu"],
]);

const ALL = 0xffff_ffff;

/** The faults of one MSC. */
interface Here {
  readonly gone: InForce<MscGone> | undefined;
  readonly lost: readonly { readonly one: InForce<WriteLost>; readonly words: ReadonlySet<number> }[];
  readonly stuck: readonly { readonly one: InForce<RegisterStuck>; readonly words: ReadonlySet<number> }[];
  readonly unready: readonly InForce<NrdyStuck>[];
}

export class FaultyRegisters implements Registers {
  #here: ReadonlyMap<number, Here> = new Map();

  constructor(
    private readonly mscs: readonly MscInstance[],
    private readonly below: Registers,
  ) {}

  /** Whether any register is not as it should be. */
  get acts(): boolean {
    return this.#here.size > 0;
  }

  /** From now on these are in force. */
  follow(faults: readonly InForce[]): void {
    const gone = ofKind(faults, "msc-gone");
    const lost = ofKind(faults, "write-lost").map(withWords);
    const stuck = ofKind(faults, "register-stuck").map(withWords);
    const unready = ofKind(faults, "nrdy-stuck");
    const broken = [...gone, ...unready, ...[...lost, ...stuck].map(({ one }) => one)];
    this.#here = new Map(
      broken.map(({ fault: { msc } }) => [
        msc,
        {
          // Of several the first.
          gone: gone.find(({ fault }) => fault.msc === msc),
          lost: lost.filter(({ one }) => one.fault.msc === msc),
          stuck: stuck.filter(({ one }) => one.fault.msc === msc),
          unready: unready.filter(({ fault }) => fault.msc === msc),
        },
      ]),
    );
  }

  /** The fault by which an MSC is not there. */
  gone(msc: number): InForce<MscGone> | undefined {
    return this.#here.get(msc)?.gone;
  }

  read32(msc: number, offset: number, space: number): number {
    const here = this.#here.get(msc);
    if (!here) return this.below.read32(msc, offset, space);
    if (here.gone) return readNothing(here.gone);
    const value = this.below.read32(msc, offset, space);
    return this.#changed(here, msc, offset, space, value, (one) => one.act());
  }

  peek32(msc: number, offset: number, space: number): number {
    const here = this.#here.get(msc);
    if (here?.gone) return here.gone.fault.reads === "zeros" ? 0 : ALL;
    const value = this.below.peek32(msc, offset, space);
    return here ? this.#changed(here, msc, offset, space, value, () => {}) : value;
  }

  write32(msc: number, offset: number, value: number, space: number): void {
    const here = this.#here.get(msc);
    const lost = here?.lost.find(({ words }) => words.has(offset));
    if (here?.gone) {
      here.gone.act();
      if (here.gone.fault.reads === "abort") throw noAnswer(msc);
    } else if (lost) lost.one.act();
    else this.below.write32(msc, offset, value, space);
  }

  #changed(
    { stuck, unready }: Here,
    msc: number,
    offset: number,
    space: number,
    read: number,
    acted: (one: InForce) => void,
  ): number {
    let value = read;
    for (const one of unready) {
      if (!this.#concerns(one.fault, msc, offset, space)) continue;
      value = (value | VALUE_NRDY) >>> 0;
      acted(one);
    }
    for (const { one, words } of stuck) {
      if (!words.has(offset)) continue;
      const { value: fixed, mask = ALL } = one.fault;
      value = ((value & ~mask) | (fixed & mask)) >>> 0;
      acted(one);
    }
    return value;
  }

  /** Whether a read shows a monitor that the fault is about. */
  #concerns(fault: NrdyStuck, msc: number, offset: number, space: number): boolean {
    const type = NRDY_WORDS.get(offset);
    if (type === undefined || (fault.type ?? type) !== type) return false;
    const selector = this.below.peek32(msc, MSMON_CFG_MON_SEL, space);
    const index = fieldGet(MON_SEL_RIS, selector);
    const mon = fieldGet(MON_SEL_MON, selector);
    if ((fault.ris ?? index) !== index || (fault.mon ?? mon) !== mon) return false;
    return this.#isThere(msc, index, type, mon, offset === MSMON_MBWU_L + 4, space);
  }

  #isThere(msc: number, index: number, type: "csu" | "mbwu", mon: number, long: boolean, space: number): boolean {
    const { description } = this.mscs[msc] as MscInstance;
    const ris = description.ris.find((one) => one.ris === index);
    const name = spaceNamed(space);
    if (!ris || !description.spaces[name] || !(ris.spaces?.includes(name) ?? true)) return false;
    if (long && ris.mbwu?.counter === 31) return false;
    return mon < (ris[type]?.monitors ?? 0);
  }
}

function withWords<F extends Fault & { readonly register: string }>(one: InForce<F>) {
  return { one, words: new Set(wordsNamed(one.fault.register)) };
}

function readNothing(gone: InForce<MscGone>): number {
  gone.act();
  const { msc, reads } = gone.fault;
  if (reads === "abort") throw noAnswer(msc);
  return reads === "zeros" ? 0 : ALL;
}

export function noAnswer(msc: number): ErrnoError {
  return new ErrnoError("EIO", `msc ${msc} does not answer: it is gone (machine.faults)`);
}
