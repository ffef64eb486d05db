// A picture before it is drawn: what is in it, in numbers.

import type { Titled } from "./canvas.ts";
import type { Unit } from "./units.ts";

/** Which colour: that of a group by its place, or that of all the others. */
export type Slot = number | "rest";

export interface Line {
  readonly name: string;
  readonly slot: Slot;
  /** One for each sample; null: there is none. */
  readonly values: readonly (number | null)[];
}

/** A value that does not come from samples: a limit, a capacity. */
export interface Level {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly value: number;
  /** Absent: nobody's own. */
  readonly slot?: Slot;
  /** Hard ones are solid lines, soft ones dashed. */
  readonly hard: boolean;
}

export interface TimePicture extends Titled {
  readonly kind: "time";
  readonly unit: Unit;
  readonly from: number;
  readonly to: number;
  /** Where the axis ends. */
  readonly most: number;
  /** The ends of the samples. */
  readonly samples: readonly number[];
  /** Stacked on each other as areas, or each a line for itself. */
  readonly stacked: boolean;
  /** What holds at the end of a sample, rather than all along it. */
  readonly atEnds: boolean;
  readonly lines: readonly Line[];
  readonly levels: readonly Level[];
}

export interface Bar {
  readonly name: string;
  readonly slot: Slot;
  /** `shade`: 0 has the full colour, up to 4 the palest. */
  readonly parts: readonly { readonly name: string; readonly value: number; readonly shade: number }[];
}

export interface BarPicture extends Titled {
  readonly kind: "bars";
  readonly unit: Unit;
  readonly most: number;
  readonly bars: readonly Bar[];
}

export type Picture = TimePicture | BarPicture;

/** What happened at a time: a line of the script, or an interrupt. */
export interface Mark {
  readonly time: number;
  /** What it is called in the list of what happened; absent for interrupts. */
  readonly number?: number;
  readonly text: string;
  /** Where there is little room. */
  readonly short?: string;
}

export interface Marks {
  readonly lines: readonly Mark[];
  readonly interrupts: readonly Mark[];
  /** The end of warm-up, where there was one. */
  readonly warmUntil?: number;
}
