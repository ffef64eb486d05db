// Settings as bars, one below the other: how far each moves a goal, in a step and in all.

import {
  BOLD_LETTER,
  canvas,
  clipped,
  type Drawing,
  HEADING,
  LETTER,
  type Markup,
  markup,
  px,
  shortened,
  type Titled,
} from "../../../report/index.ts";

export interface BarOf {
  readonly name: string;
  /** The thin bar, and the broad one behind it, in one unit. */
  readonly inner: number;
  readonly outer: number;
  readonly words: string;
}

export interface BarsPicture extends Titled {
  readonly bars: readonly BarOf[];
}

const ROW = 44;

export function drawBars(picture: BarsPicture, drawing: Drawing): Markup {
  const { width, alone } = drawing;
  const [left, right, top] = [4, width - 8, alone ? HEADING + 8 : 4];
  const most = picture.bars.reduce((all, { inner, outer }) => Math.max(all, inner, outer), 0);
  const long = (value: number) => (most > 0 ? (value / most) * (right - left) : 0);
  const bars = picture.bars.map(({ name, inner, outer, words }, index) => {
    const y = top + index * ROW;
    const shown = shortened(name, (width * 0.5) / BOLD_LETTER);
    const room = (width - 24 - shown.length * BOLD_LETTER) / LETTER;
    return markup`<text x="${left}" y="${px(y + 14)}"><tspan class="ink strong">${shown}</tspan><tspan class="quiet" dx="8">${clipped(words, room)}</tspan></text><rect class="f-0" fill-opacity="0.3" x="${left}" y="${px(y + 20)}" width="${px(long(outer))}" height="14"><title>${name}: ${words}</title></rect><rect class="f-0" x="${left}" y="${px(y + 24)}" width="${px(long(inner))}" height="6" pointer-events="none"/>`;
  });
  const says = picture.bars.map(({ name, words }) => `${name}: ${words}.`).join(" ");
  return canvas(picture, drawing, top + picture.bars.length * ROW + 4, says, markup`${bars}`);
}
