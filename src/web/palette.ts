// Colours of groups: apart for eyes of all kinds, the same in the picture, the charts and the text beside them.

import { DIRTY, OTHER } from "./engine/protocol.ts";

export interface Palette {
  readonly empty: string;
  readonly other: string;
  /** By colour less one; more groups than these begin anew. */
  readonly groups: readonly string[];
  /** Towards which dirty lines go, and what has just come. */
  readonly dirty: string;
  readonly fresh: string;
}

const LIGHT: Palette = {
  empty: "#e9e7e1",
  other: "#b9a5b3",
  groups: ["#7d8590", "#2e79c7", "#e07b1f", "#1f9d74", "#b8479b", "#c9a214", "#37a8c4", "#8a4a2f"],
  dirty: "#10151c",
  fresh: "#ffffff",
};

const DARK: Palette = {
  empty: "#1f242c",
  other: "#6d5a68",
  groups: ["#868f9b", "#4d9be8", "#f0913a", "#35bd8f", "#d46bb8", "#dfc040", "#56c5e0", "#b8714f"],
  dirty: "#05070a",
  fresh: "#ffffff",
};

export function paletteFor(isDark: boolean): Palette {
  return isDark ? DARK : LIGHT;
}

/** Of a colour number of the protocol; 0 is empty. */
export function colourIn(palette: Palette, colour: number): string {
  if (colour === 0) return palette.empty;
  if (colour === OTHER) return palette.other;
  return palette.groups[(colour - 1) % palette.groups.length] as string;
}

type Rgb = readonly [red: number, green: number, blue: number];

function rgbOf(hex: string): Rgb {
  const at = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16);
  return [at(1), at(3), at(5)];
}

function mixed(a: Rgb, b: Rgb, share: number): Rgb {
  const mix = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return [mix(0), mix(1), mix(2)];
}

/** Steps from a line that has just come to one that has been seen. */
export const FADE = 8;

const DIRTY_SHARE = 0.26;
const FRESH_SHARE = 0.5;

/** Pixels (RGBA in memory order) by cell, then by how fresh it is: index `cell * FADE + freshness`. */
export function pixelsOf(palette: Palette): Uint32Array {
  const pixels = new Uint32Array(256 * FADE);
  const bytes = new Uint8Array(pixels.buffer);
  const [dirty, fresh] = [rgbOf(palette.dirty), rgbOf(palette.fresh)];
  for (let cell = 0; cell < 256; cell++) {
    const plain = rgbOf(colourIn(palette, cell & ~DIRTY));
    const seen = cell & DIRTY ? mixed(plain, dirty, DIRTY_SHARE) : plain;
    for (let step = 0; step < FADE; step++) {
      bytes.set([...mixed(seen, fresh, (FRESH_SHARE * step) / FADE), 255], 4 * (cell * FADE + step));
    }
  }
  return pixels;
}
