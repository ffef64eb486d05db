// Lines over a number or over words in their order, each with what lies between its least and its most.

import {
  type Axis,
  axes,
  canvas,
  type Drawing,
  type Markup,
  markup,
  namesAtRight,
  type Plot,
  plotOf,
  px,
  type Slot,
  type Titled,
} from "../../../report/index.ts";

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly min: number;
  readonly max: number;
  /** Under the pointer. */
  readonly title: string;
}

export interface LineOf {
  readonly name: string;
  readonly slot: Slot;
  readonly dashed?: boolean;
  /** From left to right. */
  readonly points: readonly LinePoint[];
}

export interface LinesPicture extends Titled {
  readonly across: Axis;
  readonly up: Axis;
  readonly lines: readonly LineOf[];
  /** In words. */
  readonly says: string;
  /** Names stand at the right. */
  readonly named: boolean;
}

export function drawLines(picture: LinesPicture, drawing: Drawing): Markup {
  const { across, up, lines, says, named } = picture;
  const room = named ? (drawing.width < 500 ? 84 : 150) : 24;
  const plot = plotOf(across, up, drawing, room);
  const names = lines.map(({ name, slot, points }) => ({
    name,
    slot,
    strength: "strong" as const,
    y: plot.y(points.at(-1)?.y ?? 0) + 4,
  }));
  const body = markup`${axes(across, up, plot)}${lines.map((line) => band(line, plot))}${lines.map((line) => stroke(line, plot))}${named ? namesAtRight(names, plot) : ""}`;
  return canvas(picture, drawing, plot.height, says, body);
}

function band({ points, slot }: LineOf, { x, y }: Plot): Markup | "" {
  if (points.every(({ min, max }) => min === max)) return "";
  const edge = [...points.map((one) => [one.x, one.max]), ...points.map((one) => [one.x, one.min]).reverse()];
  const path = edge.map(([at = 0, value = 0], index) => `${index === 0 ? "M" : "L"}${px(x(at))},${px(y(value))}`);
  return markup`<path class="f-${slot}" fill-opacity="0.18" d="${path.join("")}Z"/>`;
}

/** Places that a finger finds too. */
const NEAR = 9;

function stroke({ points, slot, dashed }: LineOf, { x, y }: Plot): Markup {
  const path = points.map((one, index) => `${index === 0 ? "M" : "L"}${px(x(one.x))},${px(y(one.y))}`);
  const dots = points.map((one) => {
    const place = markup`cx="${px(x(one.x))}" cy="${px(y(one.y))}"`;
    return markup`<circle class="f-${slot}" ${place} r="3"/><circle class="f-${slot}" fill-opacity="0" ${place} r="${NEAR}"><title>${one.title}</title></circle>`;
  });
  return markup`<path class="line l-${slot}${dashed ? " soft" : ""}" d="${path.join("")}"/>${dots}`;
}
