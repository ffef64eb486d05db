// Names at the right of a picture, beside where their lines end, moved apart where they would lie on each other.

import { type Markup, markup } from "../markup.ts";
import { shortened } from "../shorten.ts";
import { BOLD_LETTER, LETTER, px } from "./canvas.ts";
import type { Slot } from "./picture.ts";

const LINE_HEIGHT = 15;

export interface EndName {
  readonly name: string;
  readonly slot: Slot;
  readonly strength: "strong" | "small";
  readonly y: number;
}

/** `wanted`: where it would be, were it alone. */
interface Placed extends Omit<EndName, "y"> {
  readonly wanted: number;
  y: number;
}

export function namesAtRight(
  names: readonly EndName[],
  { right, top, bottom, width }: { readonly [side in "right" | "top" | "bottom" | "width"]: number },
): Markup {
  const room = (strength: string) => (width - right - 14) / (strength === "strong" ? BOLD_LETTER : LETTER);
  const placed = apart(names, top + 8, bottom);
  const parts = placed.map(({ name, slot, strength, y: at, wanted }) => {
    const leader =
      Math.abs(at - wanted) > 4
        ? markup`<path class="leader l-${slot}" d="M${px(right + 1)},${px(wanted - 4)}L${px(right + 7)},${px(at - 4)}"/>`
        : "";
    return markup`${leader}<text class="f-${slot} ${strength}" x="${px(right + 9)}" y="${px(at)}">${shortened(name, room(strength))}<title>${name}</title></text>`;
  });
  return markup`${parts}`;
}

function apart(names: readonly EndName[], top: number, bottom: number): Placed[] {
  const sorted = names.map((one) => ({ ...one, wanted: one.y })).sort((a, b) => a.y - b.y);
  let last = top - LINE_HEIGHT;
  for (const one of sorted) last = one.y = Math.max(one.y, last + LINE_HEIGHT);
  let next = bottom + LINE_HEIGHT;
  for (const one of sorted.toReversed()) next = one.y = Math.min(one.y, next - LINE_HEIGHT);
  return sorted;
}
