// What every picture has as SVG: its size, its text alternatives, and, as a file of its own, its style and heading.

import { Markup, markup } from "../markup.ts";
import { clipped } from "../shorten.ts";
import { pictureStyle } from "./colours.ts";

export interface Drawing {
  /** Px. */
  readonly width: number;
  readonly height?: number;
  /** A file of its own, which brings its style and its heading. */
  readonly alone?: boolean;
  /** What tells the picture from others of its page. */
  readonly suffix?: string;
}

/** What a picture is called. */
export interface Titled {
  /** Also a part of file names. */
  readonly id: string;
  readonly title: string;
  /** What it shows, a sentence. */
  readonly shows: string;
}

/** About the mean width of a letter at 12 px, and of a bold one. */
export const LETTER = 6.3;
export const BOLD_LETTER = 7.9;
/** Narrower than this a picture is for a telephone; from the other on there is room beside it. */
export const NARROW = 500;
export const BROAD = 700;
/** Room for the heading of a file of its own. */
export const HEADING = 44;

/** `says`: the picture in words. */
export function canvas(
  { id: name, title, shows }: Titled,
  { width, alone, suffix = "" }: Drawing,
  height: number,
  says: string,
  body: Markup,
  data: Markup = markup``,
): Markup {
  const id = `${name}${suffix}`;
  const style = alone
    ? markup`<style>${new Markup(pictureStyle())}</style><rect class="ground" width="${width}" height="${px(height)}"/>`
    : "";
  const words = alone
    ? markup`<text class="ink strong" x="10" y="20" font-size="15">${title}</text><text class="quiet" x="10" y="38">${clipped(shows, (width - 20) / LETTER)}</text>`
    : "";
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 ${width} ${px(height)}" width="${width}" height="${px(height)}" role="img" aria-labelledby="${id}-t ${id}-d"${data}><title id="${id}-t">${title}</title><desc id="${id}-d">${says}</desc>${style}${words}${body}</svg>`;
}

/** To a tenth of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
