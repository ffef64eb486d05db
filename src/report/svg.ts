// Each picture of a run as a file of its own.

import { draw } from "./pictures/draw.ts";
import { marksOf, picturesOf, shownOf } from "./pictures/of-run.ts";
import type { Run } from "./run.ts";

const WIDTH = 960;

export function svgsOf(run: Run): { readonly id: string; readonly text: string }[] {
  const marks = marksOf(run);
  return picturesOf(run, shownOf([run])).map((picture) => ({
    id: picture.id,
    text: `<?xml version="1.0" encoding="UTF-8"?>\n${draw(picture, marks, { width: WIDTH, alone: true })}\n`,
  }));
}
