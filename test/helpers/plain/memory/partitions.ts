/** Which partition of a port a request belongs to, and what the controls let a partition have (docs/modelled.md, "Bandwidth"). */
import type { MemoryRis } from "../../memory-subject.ts";
import type { Space, SubjectLabel } from "../../subject.ts";
import type { Entry } from "../bank.ts";
import { bit } from "../bits.ts";
import type { PlainMsc } from "../msc.ts";
import { SPACES } from "../part.ts";
import type { PartSettings } from "../settings.ts";
import type { Rate } from "./rate.ts";

const HARDLIM = 31;
const PROP_EN = 31;
const NS_PER_WINWD = 1000 / 256;

export interface Partition {
  readonly space: Space;
  /** The disabled PARTIDs of a space are one. */
  readonly entry: Entry | "disabled";
}

/** What a partition may have in one quantum. */
export interface Terms {
  /** The first quantum of its window. */
  readonly window: number;
  readonly min: number;
  readonly max: number;
  readonly hard: boolean;
  readonly last: boolean;
  readonly weight: number;
  readonly portions: ReadonlySet<number>;
}

export function keyOf({ space, entry }: Partition): string {
  return `${space} ${entry}`;
}

/** In order of space and entry: default settings after all PARTIDs, disabled ones after those. */
export function inOrder(a: Partition, b: Partition): number {
  const place = ({ entry }: Partition): number => (entry === "disabled" ? 2e9 : entry === "default" ? 1e9 : entry);
  return SPACES.indexOf(a.space) - SPACES.indexOf(b.space) || place(a) - place(b);
}

export class Partitions {
  readonly #regulated: boolean;
  readonly #all: ReadonlySet<number>;
  /** Portions of the port. */
  readonly portions: number;

  constructor(
    private readonly msc: PlainMsc | undefined,
    private readonly ris: readonly MemoryRis[],
    private readonly rate: Rate,
    private readonly quantumNs: number,
  ) {
    this.#regulated = ris.some(({ mbw }) => mbw !== undefined);
    const widths = SPACES.map((space) => this.#controlling(space, 0)?.ris.mbw?.bwpbmWd ?? 0);
    this.portions = Math.max(1, ...widths);
    this.#all = new Set(Array.from({ length: this.portions }, (_, portion) => portion));
  }

  of(label: SubjectLabel): Partition {
    if (!this.#regulated) return { space: "ns", entry: 0 };
    const control = this.msc?.controls(label);
    if (control === undefined) return { space: label.space, entry: label.partid };
    return { space: label.space, entry: control.enabled ? control.entry : "disabled" };
  }

  terms({ space, entry }: Partition, quantum: number): Terms {
    const free: Terms = {
      window: quantum,
      min: 0,
      max: Infinity,
      hard: false,
      last: entry === "disabled",
      weight: 1,
      portions: this.#all,
    };
    const settings = this.#regulated && entry !== "disabled" ? this.#controlling(space, entry) : undefined;
    if (settings === undefined) return free;
    const quanta = Math.max(1, Math.ceil((settings.inForce("mbwWinwd") * NS_PER_WINWD) / this.quantumNs));
    const window = quantum - (quantum % quanta);
    const fixed = this.ris.find(({ ris }) => ris === settings.ris.ris)?.mbw?.window === "fixed";
    const bytes = this.rate.between(window, fixed ? window + quanta : quantum + 1);
    const portions = this.#portions(settings);
    const last = portions.size === 0;
    const settles = this.#settlesAtMinimum(settings);
    return {
      window,
      min: minimum(settings, bytes),
      max: maximum(settings, settles ? "mbwMin" : "mbwMax", bytes),
      hard: settles || bit(settings.inForce("mbwMax"), HARDLIM),
      last,
      weight: weight(settings),
      portions: last ? this.#all : portions,
    };
  }

  /** T241-MPAM-4: what acts as MBW_MAX is MBW_MIN, and hard; where both are there. */
  #settlesAtMinimum({ ris: { mbw } }: PartSettings): boolean {
    return this.msc?.suffers("T241-MPAM-4") === true && mbw?.min === true && mbw.max !== false;
  }

  /** Settings of the lowest instance of the space with bandwidth controls; undefined without one. */
  #controlling(space: Space, entry: Entry): PartSettings | undefined {
    return this.msc?.settingsOf(space, entry)?.find(({ ris }) => ris.mbw !== undefined);
  }

  #portions(settings: PartSettings): ReadonlySet<number> {
    const width = settings.ris.mbw?.bwpbmWd;
    if (width === undefined) return this.#all;
    return new Set(
      [...this.#all].filter((portion) => settings.portion("mbwPbm", Math.floor((portion * width) / this.portions))),
    );
  }
}

function minimum(settings: PartSettings, bytes: number): number {
  const min = settings.fraction("mbwMin");
  return min === undefined ? 0 : Number((BigInt(min.v) * BigInt(bytes)) >> BigInt(min.width));
}

function maximum(settings: PartSettings, control: "mbwMin" | "mbwMax", bytes: number): number {
  const max = settings.fraction(control);
  if (max === undefined || max.v === 2 ** max.width - 1) return Infinity;
  const whole = 1n << BigInt(max.width);
  return Number((BigInt(max.v + 1) * BigInt(bytes) + whole - 1n) / whole);
}

function weight(settings: PartSettings): number {
  const prop = settings.inForce("mbwProp");
  return bit(prop, PROP_EN) ? 1 / ((prop & 0xffff) + 1) : 1;
}
