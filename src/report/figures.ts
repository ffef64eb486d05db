// A picture on a page: twice, for broad and narrow screens, with its numbers as a table below.

import { count, time } from "../written/index.ts";
import { Markup, markup } from "./markup.ts";
import { table } from "./page.ts";
import type { Drawing, Titled } from "./pictures/canvas.ts";
import { draw } from "./pictures/draw.ts";
import type { BarPicture, Marks, Picture, TimePicture } from "./pictures/picture.ts";
import { number, scaleFor } from "./pictures/units.ts";

const NARROW = 372;
/** Numbers are in a unit of which the largest value has this many at least. */
const FINER = 10;

/** `suffix` tells it from the same picture of another run. */
export function figure(picture: Picture, marks: Marks, width = 1000, suffix = ""): Markup {
  const table = picture.kind === "time" ? numbers(picture) : parts(picture);
  return figureOf(picture, (drawing) => draw(picture, marks, drawing), table, width, suffix);
}

/** `table`: its numbers; none where they stand elsewhere. */
export function figureOf(
  { id: name, title, shows }: Titled,
  drawAs: (drawing: Drawing) => Markup,
  table: Markup | undefined,
  width = 1000,
  suffix = "",
): Markup {
  const id = `${name}${suffix}`;
  const below = table && markup`<details><summary>The numbers</summary>\n${table}\n</details>\n`;
  return markup`<figure id="${id}">
<h3>${title}</h3>
<p>${shows}</p>
${classed(drawAs({ width, suffix: `${suffix}-b` }), "broad")}
${classed(drawAs({ width: NARROW, suffix: `${suffix}-n` }), "narrow")}
${below}</figure>
`;
}

function classed(svg: Markup, name: string): Markup {
  return new Markup(svg.text.replace('class="picture"', `class="picture ${name}"`));
}

function numbers(picture: TimePicture): Markup {
  const { lines, unit, most, samples } = picture;
  const scale = scaleFor(unit, most / FINER);
  const head = ["until", ...lines.map(({ name }) => `${name}, ${scale.name}`)];
  const rows = samples.map((end, sample) => [
    time(end),
    ...lines.map(({ values }) => {
      const value = values[sample] ?? null;
      return value === null ? "-" : number(value, scale);
    }),
  ]);
  const ends = samples.map((end) => markup` data-end="${end}"`);
  return table(picture.title, head, rows, ends);
}

function parts({ title, bars }: BarPicture): Markup {
  const names = [...new Set(bars.flatMap((bar) => bar.parts.map(({ name }) => name)))];
  const rows = bars.map((bar) => [
    bar.name,
    ...names.map((name) => count(bar.parts.find((part) => part.name === name)?.value ?? 0)),
  ]);
  return table(title, ["lines of", ...names], rows);
}
