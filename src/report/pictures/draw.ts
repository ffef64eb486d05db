// A picture as SVG: text alternatives, axes, lines and areas, and what happened at which time.

import { count } from "../../written/index.ts";
import { type Markup, markup } from "../markup.ts";
import { clipped, shortened } from "../shorten.ts";
import { BOLD_LETTER, BROAD, canvas, type Drawing, LETTER, NARROW, px as r } from "./canvas.ts";
import { type EndName, namesAtRight } from "./end-names.ts";
import type { Bar, BarPicture, Level, Mark, Marks, Picture, TimePicture } from "./picture.ts";
import { number, said, scaleFor, ticks } from "./units.ts";

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
  x(time: number): number;
  y(value: number): number;
}

export function draw(picture: Picture, marks: Marks, drawing: Drawing): Markup {
  return picture.kind === "time" ? drawTime(picture, marks, drawing) : drawBars(picture, drawing);
}

function drawTime(picture: TimePicture, marks: Marks, drawing: Drawing): Markup {
  const frame = frameOf(picture, marks, drawing);
  const body = markup`${warmUpGround(marks, frame)}${timeAxis(picture, frame)}${valueAxis(picture, frame)}${
    picture.stacked ? areas(picture, frame) : strokes(picture, frame)
  }${warmUpName(marks, frame)}${picture.levels.map((level) => levelLine(level, frame))}${levelNames(picture, frame)}${endNames(picture, frame)}${markLines(marks.lines, frame)}${interrupts(marks, frame)}`;
  const { left, right } = frame;
  const data = markup` data-left="${r(left)}" data-right="${r(right)}" data-from="${picture.from}" data-to="${picture.to}"`;
  return canvas(picture, drawing, frame.height, alternative(picture), body, data);
}

function frameOf({ from, to, most }: TimePicture, marks: Marks, { width, height, alone }: Drawing): Frame {
  const isNarrow = width < NARROW;
  const rows = (marks.lines.length > 0 ? 1 : 0) + (marks.interrupts.length > 0 ? 1 : 0);
  const top = (alone ? 52 : 8) + rows * 18 + 6;
  const whole = (height ?? (isNarrow ? 230 : 250)) + top;
  const left = 58;
  const right = width - (isNarrow ? 84 : width < BROAD ? 110 : 150);
  const bottom = whole - 26;
  return {
    left,
    right,
    top,
    bottom,
    width,
    height: whole,
    x: (time) => left + ((time - from) / (to - from)) * (right - left),
    y: (value) => bottom - (most > 0 ? value / most : 0) * (bottom - top),
  };
}

function timeAxis({ from, to }: TimePicture, { x, left, right, bottom, top, width }: Frame): Markup {
  const scale = scaleFor("ns", to);
  const wanted = width < NARROW ? 5 : 9;
  const marks = ticks(from, to, wanted, "ns").map((ns) => {
    const name = number(ns, scale);
    return markup`<line class="grid" x1="${r(x(ns))}" x2="${r(x(ns))}" y1="${r(top)}" y2="${r(bottom)}"/><text class="quiet" x="${r(x(ns))}" y="${r(bottom + 16)}" text-anchor="middle">${name}</text>`;
  });
  return markup`${marks}<line class="nobody" x1="${r(left)}" x2="${r(right)}" y1="${r(bottom)}" y2="${r(bottom)}"/><text class="quiet" x="${r(right + 10)}" y="${r(bottom + 16)}">${scale.name}</text>`;
}

function valueAxis({ unit, most }: TimePicture, { y, left, right, top, bottom }: Frame): Markup {
  const places = ticks(0, most, Math.max(2, Math.floor((bottom - top) / 40)), unit);
  // Powers of two have no round fractions.
  const scale = scaleFor(unit, unit === "bytes" ? (places[1] ?? most) : most);
  const marks = places.map((value) => {
    const name = `${number(value, scale)}`;
    const words = value === 0 ? name : `${name} ${scale.short ?? scale.name}`;
    return markup`<line class="grid" x1="${r(left)}" x2="${r(right)}" y1="${r(y(value))}" y2="${r(y(value))}"/><text class="quiet" x="${r(left - 6)}" y="${r(y(value) + 4)}" text-anchor="end">${words}</text>`;
  });
  return markup`${marks}`;
}

/** Where sample n begins, ns. */
const startOf = ({ samples, from }: TimePicture, sample: number) => samples[sample - 1] ?? from;

/** Each line on top of those before it. What holds at ends of samples goes straight from end to end; the rest is a step a sample. */
function areas(picture: TimePicture, { x, y }: Frame): Markup {
  const { samples, lines, atEnds, from } = picture;
  let below = samples.map(() => 0);
  const parts = lines.map(({ values, slot, name }) => {
    const above = below.map((value, sample) => value + (values[sample] ?? 0));
    const edge = (heights: readonly number[]): [number, number][] =>
      heights.flatMap((height, sample): [number, number][] => {
        const end: [number, number] = [x(samples[sample] as number), y(height)];
        return atEnds ? [end] : [[x(startOf(picture, sample)), y(height)], end];
      });
    const start: [number, number][] = atEnds ? [[x(from), y(0)]] : [];
    const outline = [...start, ...edge(above), ...edge(below).reverse(), ...start];
    below = above;
    return markup`<path class="f-${slot}${atEnds ? " seam" : ""}" d="${pathOf(outline)}Z"><title>${name}</title></path>`;
  });
  return markup`${parts}`;
}

function strokes(picture: TimePicture, { x, y }: Frame): Markup {
  const parts = picture.lines.map(({ values, slot, name }) => {
    let path = "";
    let last: number | null = null;
    for (const [sample, value] of values.entries()) {
      if (value !== null) {
        const [x1, x2] = [r(x(startOf(picture, sample))), r(x(picture.samples[sample] as number))];
        path += last === null ? `M${x1},${r(y(value))}H${x2}` : `V${r(y(value))}H${x2}`;
      }
      last = value;
    }
    return markup`<path class="line l-${slot}" d="${path}"><title>${name}</title></path>`;
  });
  return markup`${parts}`;
}

function pathOf(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${r(x)},${r(y)}`).join("");
}

const ownClass = ({ slot }: Level) => (slot === undefined ? "nobody" : `l-${slot}`);

function levelLine(level: Level, { x, y }: Frame): Markup {
  const { from, to, value, hard, name } = level;
  return markup`<path class="level ${ownClass(level)}${hard ? "" : " soft"}" d="M${r(x(from))},${r(y(value))}H${r(x(to))}"><title>${name}</title></path>`;
}

/** Limits that still hold at the end are named at the right, where there is room for that. */
const isAtRight = ({ slot, to }: Level, picture: TimePicture, { width }: Frame) =>
  slot !== undefined && to === picture.to && width >= BROAD;

/** Each above its line, or below it where that place is taken. */
function levelNames(picture: TimePicture, frame: Frame): Markup {
  const { x, y, right, width } = frame;
  const taken: { readonly left: number; readonly right: number; readonly y: number }[] = [];
  const inside = picture.levels.filter((level) => !isAtRight(level, picture, frame));
  const parts = inside.map((level) => {
    const text = clipped(level.name, width < NARROW ? 24 : 48);
    const left = Math.max(0, Math.min(x(level.from) + 4, right - text.length * LETTER));
    const span = { left, right: left + text.length * LETTER };
    const places = [y(level.value) - 4, y(level.value) + 13];
    const isFree = (at: number) =>
      !taken.some((one) => Math.abs(one.y - at) < 12 && one.left < span.right && span.left < one.right);
    const place = places.find(isFree) ?? (places[0] as number);
    taken.push({ ...span, y: place });
    return markup`<text class="${level.slot === undefined ? "quiet" : `f-${level.slot}`} small halo" x="${r(left)}" y="${r(place)}">${text}</text>`;
  });
  return markup`${parts}`;
}

/** Names at the right, beside where their lines end, moved apart where they would lie on each other. */
function endNames(picture: TimePicture, frame: Frame): Markup {
  const { y } = frame;
  const { lines, levels, stacked } = picture;
  let below = 0;
  const ends = lines.map(({ name, slot, values }): EndName => {
    const last = values.findLast((value) => value !== null) ?? 0;
    const middle = stacked ? below + last / 2 : last;
    below += last;
    return { name, slot, strength: "strong", y: y(middle) + 4 };
  });
  const limits = levels
    .filter((level) => isAtRight(level, picture, frame))
    .map(({ name, slot = "rest", value }): EndName => ({ name, slot, strength: "small", y: y(value) + 4 }));
  return namesAtRight([...ends, ...limits], frame);
}

/** The row of texts above the picture; of marks that stand too close only the first is numbered. */
function markLines(lines: readonly Mark[], { x, top, bottom, width }: Frame): Markup {
  const row = top - 12;
  let free = Number.NEGATIVE_INFINITY;
  const parts = lines.map(({ time, number: n, text, short = text }, index) => {
    const at = x(time);
    const line = markup`<line class="mark" x1="${r(at)}" x2="${r(at)}" y1="${r(top - 8)}" y2="${r(bottom)}"><title>${n} ${text}</title></line>`;
    if (at < free) return line;
    const next = lines.slice(index + 1).find((one) => x(one.time) > at + 12);
    const end = next ? x(next.time) - 8 : width;
    const same = lines.filter((one, other) => other > index && x(one.time) - at <= 12).length;
    const words = `${n}${same > 0 ? `-${(n ?? 0) + same}` : ""} ${short}`;
    const room = Math.floor((end - at) / LETTER);
    const shown = words.length <= room ? words : room > 14 ? clipped(words, room) : words.replace(/ .*/s, "");
    free = at + shown.length * LETTER + 6;
    return markup`${line}<text class="quiet small" x="${r(at)}" y="${r(row)}">${shown}</text>`;
  });
  return markup`${parts}`;
}

/** Triangles on the time axis; those that fall on one another are one. */
function interrupts({ interrupts: all, lines }: Marks, { x, top, right }: Frame): Markup {
  const row = top - (lines.length > 0 ? 30 : 12);
  const places: { at: number; texts: string[] }[] = [];
  for (const { time, text } of all) {
    const last = places.at(-1);
    if (last && x(time) - last.at < 7) last.texts.push(text);
    else places.push({ at: x(time), texts: [text] });
  }
  // Those that there is no room to name one by one are counted by the last of them.
  let unnamed: string[] = [];
  const parts = places.map(({ at, texts }, index) => {
    unnamed.push(...texts);
    const next = places[index + 1]?.at ?? right;
    const words = unnamed.length > 1 ? `${unnamed.length} interrupts` : (unnamed[0] as string);
    const room = Math.floor((next - at - 12) / LETTER);
    const isNamed = room >= Math.min(words.length, 24);
    if (isNamed) unnamed = [];
    const name = isNamed
      ? markup`<text class="quiet small" x="${r(at + 7)}" y="${r(row)}">${clipped(words, room)}</text>`
      : "";
    return markup`<path class="quiet" d="M${r(at - 4)},${r(row - 8)}h8l-4,8Z"><title>${texts.slice(0, 5).join("; ")}</title></path>${name}`;
  });
  return markup`${parts}`;
}

function warmUpGround({ warmUntil }: Marks, { x, left, top, bottom }: Frame): Markup | "" {
  if (warmUntil === undefined) return "";
  return markup`<rect class="shade" x="${r(left)}" y="${r(top)}" width="${r(x(warmUntil) - left)}" height="${r(bottom - top)}"/>`;
}

/** Above what is drawn, where there is room for it. */
function warmUpName({ warmUntil }: Marks, { x, left, bottom }: Frame): Markup | "" {
  if (warmUntil === undefined || x(warmUntil) - left < 60) return "";
  return markup`<text class="quiet small halo" x="${r(left + 4)}" y="${r(bottom - 6)}">warm-up</text>`;
}

/** Shades of a bar's colour. */
const PALER = [1, 0.62, 0.4, 0.26, 0.16];
const BAR = 46;

function drawBars(picture: BarPicture, drawing: Drawing): Markup {
  const { width, alone } = drawing;
  const left = 12;
  const right = width - 12;
  const top = alone ? 52 : 8;
  const height = top + picture.bars.length * BAR + 6;
  const words = ({ parts }: Bar) => parts.map(({ name, value }) => `${count(value)} ${name}`).join(", ");
  const bars = picture.bars.map((bar, index) => {
    const y = top + index * BAR;
    let at = left;
    const parts = bar.parts.map(({ name, value, shade }) => {
      const wide = (value / picture.most) * (right - left);
      const from = at;
      at += wide;
      return markup`<rect class="f-${bar.slot} seam" x="${r(from)}" y="${r(y + 20)}" width="${r(wide)}" height="16" fill-opacity="${PALER[shade] ?? 0.1}"><title>${bar.name}: ${count(value)} ${name}</title></rect>`;
    });
    const name = shortened(bar.name, 30);
    const room = (width - 24 - [...name].length * BOLD_LETTER) / LETTER - 2;
    return markup`<text x="${left}" y="${y + 14}"><tspan class="f-${bar.slot} strong">${name}</tspan><tspan class="quiet" dx="8">${clipped(words(bar), room)}</tspan></text>${parts}`;
  });
  const says = picture.bars.map((bar) => `${bar.name}: ${words(bar)}.`).join(" ");
  return canvas(picture, drawing, height, says, markup`${bars}`, markup``);
}

/** What the picture says, for who does not see it. */
function alternative({ lines, levels, unit, shows }: TimePicture): string {
  const each = lines.map(({ name, values }) => {
    const there = values.filter((value) => value !== null);
    const last = there.at(-1) ?? 0;
    const most = there.reduce((a, b) => Math.max(a, b), 0);
    const least = there.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return `${name}: from ${said(least, unit)} to ${said(most, unit)}, ${said(last, unit)} at the end.`;
  });
  const lined = levels.map(({ name }) => `Line: ${name}.`);
  return [shows, ...each, ...lined].join(" ");
}
