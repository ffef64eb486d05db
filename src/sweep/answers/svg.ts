// The fronts and the miss-ratio curves of all cases as one picture, one below the other.

import { Markup, markup } from "../../report/index.ts";
import type { Sweep } from "../sweep.ts";
import { answersOf } from "./answers.ts";
import { frontPicture } from "./pictures/front.ts";
import { curvePictures } from "./pictures/of-case.ts";

const WIDTH = 960;
const BETWEEN = 12;
/** For a sweep that has nothing to draw. */
const EMPTY = 60;

export function svgOf(sweep: Sweep): string {
  const { together, cases } = answersOf(sweep);
  const drawn = [...together, ...cases].flatMap((answer, index) => {
    const front = frontPicture(sweep.goals, answer, `front-${index}`);
    const curves = answer.workload === undefined ? [] : curvePictures(sweep, answer, `case-${index}`).pictures;
    return [...(front ? [front] : []), ...curves];
  });
  let height = 0;
  const parts = drawn.map((picture) => {
    const one = picture.draw({ width: WIDTH, alone: true }).text;
    const own = Number(/^<svg [^>]*? height="([\d.]+)"/.exec(one)?.[1] ?? 0);
    const placed = new Markup(one.replace("<svg ", `<svg y="${height}" `));
    height += own + BETWEEN;
    return placed;
  });
  const text = drawn.length > 0 ? "" : markup`<text x="10" y="30">There is nothing to draw.</text>`;
  const whole = Math.max(EMPTY, height - BETWEEN);
  const title = markup`<title>${sweep.title}</title>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${whole}" width="${WIDTH}" height="${whole}">${title}${text}${parts}</svg>`}\n`;
}
