// A picture of one value over another: its frame and its two axes.

import { type Markup, markup } from "../markup.ts";
import { clipped } from "../shorten.ts";
import { type Drawing, HEADING, LETTER, NARROW, px } from "./canvas.ts";
import { scaleFor, tickNames, ticks, type Unit } from "./units.ts";

export interface Axis {
  /** What is along it, in words. */
  readonly title: string;
  readonly unit: Unit;
  readonly from: number;
  readonly to: number;
  /** Names at places of their own, in place of round numbers. */
  readonly names?: readonly { readonly at: number; readonly name: string }[];
}

/** Where values lie, px. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
  x(value: number): number;
  y(value: number): number;
}

const BESIDE = 62;

/** Room for names at the right: `names`, px. */
export function plotOf(across: Axis, up: Axis, { width, height, alone }: Drawing, names = 26): Plot {
  const top = (alone ? HEADING : 0) + 26;
  const whole = (height ?? (width < NARROW ? 300 : 380)) + (alone ? HEADING : 0);
  const [left, right, bottom] = [BESIDE, width - names, whole - 42];
  const along = ({ from, to }: Axis, value: number) => (to > from ? (value - from) / (to - from) : 0.5);
  return {
    left,
    right,
    top,
    bottom,
    width,
    height: whole,
    x: (value) => left + along(across, value) * (right - left),
    y: (value) => bottom - along(up, value) * (bottom - top),
  };
}

/** An axis a little longer than its values. */
export function around(title: string, unit: Unit, values: readonly number[]): Axis {
  const [least, most] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as const);
  const room = most > least ? (most - least) * 0.05 : Math.abs(most) * 0.1 || 1;
  // Nothing that is measured is less than nothing.
  const from = least >= 0 ? Math.max(0, least - room) : least - room;
  return { title, unit, from, to: unit === "share" && most <= 1 ? Math.min(1, most + room) : most + room };
}

export function axes(across: Axis, up: Axis, plot: Plot): Markup {
  return markup`${acrossAxis(across, plot)}${upAxis(up, plot)}`;
}

/** Names of places, each with its unit where it is short. */
function namesOf(
  { from, to, unit, names }: Axis,
  wanted: number,
): readonly { readonly at: number; readonly name: string }[] {
  if (names) return names;
  const places = ticks(from, to, wanted, unit);
  const scale = scaleFor(
    unit,
    unit === "bytes" ? Math.max(places[1] ?? to, to / 64) : Math.max(Math.abs(from), Math.abs(to)),
  );
  const suffix = scale.short ?? scale.name;
  return tickNames(places, scale).map((name, index) => ({
    at: places[index] as number,
    name: suffix ? `${name} ${suffix}` : name,
  }));
}

function acrossAxis(axis: Axis, { x, left, right, top, bottom }: Plot): Markup {
  const names = namesOf(axis, right - left < NARROW ? 5 : 8);
  let free = Number.NEGATIVE_INFINITY;
  const marks = names.map(({ at, name }) => {
    const place = x(at);
    const half = (name.length * LETTER) / 2;
    const line = markup`<line class="grid" x1="${px(place)}" x2="${px(place)}" y1="${px(top)}" y2="${px(bottom)}"/>`;
    // A name that would lie on the one before it is left out.
    if (place - half < free) return line;
    free = place + half + 6;
    return markup`${line}<text class="quiet" x="${px(place)}" y="${px(bottom + 16)}" text-anchor="middle">${name}</text>`;
  });
  return markup`${marks}<line class="nobody" x1="${px(left)}" x2="${px(right)}" y1="${px(bottom)}" y2="${px(bottom)}"/><text class="quiet" x="${px(right)}" y="${px(bottom + 34)}" text-anchor="end">${clipped(axis.title, (right - 10) / LETTER)}</text>`;
}

function upAxis(axis: Axis, { y, left, right, top, bottom, width }: Plot): Markup {
  const marks = namesOf(axis, Math.max(2, Math.floor((bottom - top) / 36))).map(
    ({ at, name }) =>
      markup`<line class="grid" x1="${px(left)}" x2="${px(right)}" y1="${px(y(at))}" y2="${px(y(at))}"/><text class="quiet" x="${px(left - 6)}" y="${px(y(at) + 4)}" text-anchor="end">${clipped(name, 9)}</text>`,
  );
  return markup`${marks}<text class="quiet" x="4" y="${px(top - 12)}">${clipped(axis.title, (width - 8) / LETTER)}</text>`;
}
