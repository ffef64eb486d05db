// Every configuration of a case as a dot, by its first two goals, and the front among them.

import {
  type Axis,
  around,
  axes,
  canvas,
  type Drawing,
  type Markup,
  markup,
  type Plot,
  plotOf,
  px,
} from "../../../report/index.ts";
import type { Goal } from "../../plan/plan.ts";
import type { Answer, OnFront } from "../answers.ts";
import { type Candidate, type Estimate, nameOf, nameOfCase } from "../cases.ts";
import { nameOfGoal, nameOfMeasure, showMeasured, UNITS } from "../measures.ts";
import type { Drawn } from "./drawn.ts";

interface Dot {
  readonly candidate: Candidate;
  readonly values: readonly Estimate[];
  readonly x: number;
  readonly y: number;
}

/** Undefined where nothing is to be compared. */
export function frontPicture(all: readonly Goal[], answer: Answer, id: string): Drawn | undefined {
  const goals = answer.goals.map((goal) => all[goal] as Goal);
  const [first, second] = goals;
  const best = answer.best ? answer.front[answer.best.place] : answer.nearest;
  if (!first || !best) return undefined;
  const bounds = answer.goals.slice(0, 2).map((goal) => answer.bounds[goal]);
  const dots = second ? dotsOf(answer) : ranked(answer, first);
  const across = second
    ? around(
        along(first),
        UNITS[first.measure],
        dots.map(({ x }) => x),
      )
    : around(
        "the best first",
        "count",
        dots.map(({ x }) => x),
      );
  const up = around(
    along(second ?? first),
    UNITS[(second ?? first).measure],
    dots.map(({ y }) => y),
  );
  // Means over workloads lie far apart by what the workloads are, which is no uncertainty.
  const isSpread = answer.workload !== undefined;
  const isFront = new Set(answer.front.flatMap(({ candidate, alike }) => [candidate, ...alike]));
  const title =
    second && answer.best ? `What nothing beats: ${nameOfCase(answer)}` : `All configurations: ${nameOfCase(answer)}`;
  const joined = goals.length === 2;
  const isBeyond = dots.some(({ candidate }) => candidate.misses.length > 0);
  const limits = second ? bounds : [undefined, bounds[0]];
  const isDrawn = isIn(limits[0], across) || isIn(limits[1], up);
  const hollow = isBeyond ? ` Hollow ones miss a limit${isDrawn ? ", which is the dashed line" : ""}.` : "";
  const chosen = answer.best ? "best" : "nearest";
  const dotted = !answer.best
    ? "Every configuration is a dot, and none is within the limits; the ring is the nearest."
    : second
      ? `Every configuration is a dot. Nothing beats the ${joined ? "large ones, which the line joins" : `large ones in all ${goals.length} goals, of which these are the first two`}; the ring is the best.`
      : `Every configuration is a dot, the best at the left: ${nameOfGoal(first)}.`;
  const shows = `${dotted}${hollow}`;
  const draw = (drawing: Drawing): Markup => {
    const plot = plotOf(across, up, drawing);
    const [beyond, low, high] = [
      dots.filter(({ candidate }) => candidate.misses.length > 0),
      dots.filter(({ candidate }) => !isFront.has(candidate) && candidate.misses.length === 0),
      dots.filter(({ candidate }) => isFront.has(candidate)),
    ];
    const ring = dots.find(({ candidate }) => candidate === best.candidate);
    const body = markup`${axes(across, up, plot)}${limitLines(limits, across, up, plot)}${circles(beyond, goals, plot, "hollow", 3)}${circles(low, goals, plot, "f-rest", 3)}${joined ? stairs(high, first, plot) : ""}${isSpread ? spreads(high, plot, second !== undefined) : ""}${circles(high, goals, plot, "f-0", 5)}${ring ? ringed(ring, plot, chosen) : ""}`;
    return canvas({ id, title, shows }, drawing, plot.height, saidOf(goals, answer), body);
  };
  return { id, title, shows, draw };
}

const along = (goal: Goal) => `${nameOfMeasure(goal)} (${goal.want === "highest" ? "more" : "less"} is better)`;

function dotsOf({ candidates, goals }: Answer): Dot[] {
  return candidates.flatMap((candidate) => {
    const values = goals.map((goal) => candidate.goals[goal]).filter((value) => typeof value === "object");
    const [x, y] = values;
    return values.length === goals.length && x && y ? [{ candidate, values, x: x.mean, y: y.mean }] : [];
  });
}

function ranked({ candidates, goals }: Answer, { want }: Goal): Dot[] {
  const [goal = 0] = goals;
  const all = candidates.flatMap((candidate) => {
    const value = candidate.goals[goal];
    return typeof value === "object" ? [{ candidate, values: [value], y: value.mean }] : [];
  });
  all.sort((a, b) => (want === "highest" ? b.y - a.y : a.y - b.y));
  return all.map((one, index) => ({ ...one, x: index + 1 }));
}

/** Of dots that fall on one another one is drawn, and says how many there are. */
function circles(dots: readonly Dot[], goals: readonly Goal[], { x, y }: Plot, name: string, size: number): Markup {
  const places = new Map<string, { readonly dot: Dot; more: number }>();
  for (const dot of dots) {
    const key = `${Math.round(x(dot.x))} ${Math.round(y(dot.y))}`;
    const same = places.get(key);
    if (same) same.more++;
    else places.set(key, { dot, more: 0 });
  }
  const parts = [...places.values()].map(({ dot, more }) => {
    const values = goals.map(
      (goal, at) => `${nameOfMeasure(goal)} ${showMeasured(dot.values[at]?.mean ?? 0, goal.measure)}`,
    );
    const also = more > 0 ? `, and ${more} more here` : "";
    const look = name === "hollow" ? markup`class="leader l-rest"` : markup`class="${name} seam"`;
    return markup`<circle ${look} cx="${px(x(dot.x))}" cy="${px(y(dot.y))}" r="${size}"><title>${nameOf(dot.candidate)}: ${values.join(", ")}${also}</title></circle>`;
  });
  return markup`${parts}`;
}

/** The border of what the front beats. */
function stairs(front: readonly Dot[], { want }: Goal, { x, y }: Plot): Markup {
  const sorted = front.toSorted((a, b) => a.x - b.x || a.y - b.y);
  const path = sorted.map((dot, index) => {
    const [h, v] = [`H${px(x(dot.x))}`, `V${px(y(dot.y))}`];
    if (index === 0) return `M${px(x(dot.x))},${px(y(dot.y))}`;
    return want === "highest" ? v + h : h + v;
  });
  return markup`<path class="line l-0" d="${path.join("")}"/>`;
}

/** From the least to the most of a configuration's replays. */
function spreads(front: readonly Dot[], { x, y }: Plot, both: boolean): Markup {
  const parts = front.map((dot) => {
    const [first, second] = dot.values;
    const across =
      both && first && first.min < first.max ? `M${px(x(first.min))},${px(y(dot.y))}H${px(x(first.max))}` : "";
    const over = both ? second : first;
    const up = over && over.min < over.max ? `M${px(x(dot.x))},${px(y(over.min))}V${px(y(over.max))}` : "";
    return across || up ? markup`<path class="leader l-0" stroke-opacity="0.5" d="${across}${up}"/>` : "";
  });
  return markup`${parts}`;
}

const isIn = (bound: number | undefined, { from, to }: Axis): bound is number =>
  bound !== undefined && bound > from && bound < to;

/** Where a limit lies among what is drawn. */
function limitLines(bounds: readonly (number | undefined)[], across: Axis, up: Axis, plot: Plot): Markup {
  const [first, second] = bounds;
  const { x, y, left, right, top, bottom } = plot;
  const upright = isIn(first, across) ? `M${px(x(first))},${px(top)}V${px(bottom)}` : "";
  const level = isIn(second, up) ? `M${px(left)},${px(y(second))}H${px(right)}` : "";
  return upright || level ? markup`<path class="leader nobody soft" d="${upright}${level}"/>` : markup``;
}

function ringed(dot: Dot, { x, y, left, right }: Plot, word: string): Markup {
  const [cx, cy] = [x(dot.x), y(dot.y)];
  const isRight = cx > left + (right - left) * 0.8;
  return markup`<circle class="line l-1" cx="${px(cx)}" cy="${px(cy)}" r="9"/><text class="ink strong halo" x="${px(isRight ? cx - 13 : cx + 13)}" y="${px(cy - 8)}"${isRight ? markup` text-anchor="end"` : ""}>${word}</text>`;
}

const MOST_SAID = 12;

function saidOf(goals: readonly Goal[], { front, best, nearest, compared }: Answer): string {
  const said = ({ candidate, values }: OnFront) =>
    `${nameOf(candidate)}: ${values.map((value, at) => showMeasured(value.mean, (goals[at] as Goal).measure)).join(", ")}`;
  const all = front.slice(0, MOST_SAID).map(said);
  const more = front.length > MOST_SAID ? [`and ${front.length - MOST_SAID} more`] : [];
  const chosen = best && front[best.place];
  return `${compared} configurations by ${goals.map(nameOfGoal).join(", ")}. The front: ${[...all, ...more].join("; ")}. ${chosen ? `The best: ${said(chosen)}.` : ""}${nearest ? `None is within the limits; the nearest: ${said({ ...nearest, alike: [] })}.` : ""}`;
}
