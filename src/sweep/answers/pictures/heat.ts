// A goal over two settings: a cell for each pair of values, the stronger the more.

import {
  canvas,
  clipped,
  type Drawing,
  HEADING,
  LETTER,
  type Markup,
  markup,
  px,
  type Titled,
} from "../../../report/index.ts";

export interface Cell {
  readonly column: number;
  readonly row: number;
  readonly value: number;
  /** What is written in it, where there is room in all of them. */
  readonly short: string;
  /** Under the pointer. */
  readonly title: string;
  /** The best, which is outlined. */
  readonly best: boolean;
}

export interface HeatPicture extends Titled {
  readonly across: { readonly name: string; readonly values: readonly string[] };
  /** From below to above. */
  readonly up: { readonly name: string; readonly values: readonly string[] };
  readonly cells: readonly Cell[];
  readonly says: string;
}

const LEAST_SHADE = 0.04;
const MOST_SHADE = 0.62;

export function drawHeat(picture: HeatPicture, drawing: Drawing): Markup {
  const { across, up, cells, says } = picture;
  const { width, alone } = drawing;
  const longest = Math.max(...up.values.map((value) => Math.min(value.length, 16)));
  const left = Math.max(28, longest * LETTER + 12);
  const top = (alone ? HEADING : 0) + 24;
  const wide = (width - 12 - left) / across.values.length;
  const tall = Math.max(12, Math.min(34, 420 / up.values.length));
  const bottom = top + tall * up.values.length;
  const [least, most] = cells.reduce(([a, b], { value }) => [Math.min(a, value), Math.max(b, value)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as const);
  const shade = (value: number) =>
    LEAST_SHADE + (MOST_SHADE - LEAST_SHADE) * (most > least ? (value - least) / (most - least) : 0.5);
  const fits = tall >= 16 && cells.every(({ short }) => short.length * LETTER + 4 <= wide);
  const drawn = cells.map(({ column, row, value, short, title, best }) => {
    const [x, y] = [left + column * wide, bottom - (row + 1) * tall];
    const text = fits
      ? markup`<text class="ink small" x="${px(x + wide / 2)}" y="${px(y + tall / 2 + 4)}" text-anchor="middle" pointer-events="none">${short}</text>`
      : "";
    const rim = best
      ? markup`<rect class="rim" x="${px(x + 1)}" y="${px(y + 1)}" width="${px(wide - 2)}" height="${px(tall - 2)}"/>`
      : "";
    return {
      cell: markup`<rect class="f-0 seam" fill-opacity="${shade(value).toFixed(3)}" x="${px(x)}" y="${px(y)}" width="${px(wide)}" height="${px(tall)}"><title>${title}</title></rect>${text}`,
      rim,
    };
  });
  const columns = sparse(across.values, wide).map(
    ({ value, at }) =>
      markup`<text class="quiet" x="${px(left + (at + 0.5) * wide)}" y="${px(bottom + 16)}" text-anchor="middle">${value}</text>`,
  );
  const rows = up.values.flatMap((value, at) =>
    tall >= 14 || at % 2 === 0
      ? [
          markup`<text class="quiet" x="${px(left - 6)}" y="${px(bottom - (at + 0.5) * tall + 4)}" text-anchor="end">${clipped(value, 16)}</text>`,
        ]
      : [],
  );
  const names = markup`<text class="quiet" x="4" y="${px(top - 10)}">${clipped(up.name, (width - 8) / LETTER)}</text><text class="quiet" x="${px(width - 12)}" y="${px(bottom + 34)}" text-anchor="end">${clipped(across.name, (width - 20) / LETTER)}</text>`;
  const body = markup`${drawn.map(({ cell }) => cell)}${drawn.map(({ rim }) => rim)}${columns}${rows}${names}`;
  return canvas(picture, drawing, bottom + 44, says, body);
}

/** Names that do not lie on each other. */
function sparse(values: readonly string[], wide: number): { readonly value: string; readonly at: number }[] {
  const longest = Math.max(...values.map((value) => Math.min(value.length, 16)));
  const every = Math.ceil((longest * LETTER + 6) / wide);
  return values.flatMap((value, at) => (at % every === 0 ? [{ value: clipped(value, 16), at }] : []));
}
