// Which pictures a case has besides its front: miss-ratio curves, what its settings do to each goal, and which settings matter.

import {
  type Axis,
  around,
  type Drawing,
  MOST_COLOURS,
  pageTable,
  type Slot,
  scaleFor,
} from "../../../report/index.ts";
import { count, showSize } from "../../../written/index.ts";
import type { Goal } from "../../plan/plan.ts";
import type { Sweep } from "../../sweep.ts";
import type { Answer } from "../answers.ts";
import { type Estimate, nameOf, nameOfCase } from "../cases.ts";
import { type Cache, type Curve, curvesOf } from "../curves.ts";
import { type Family, familiesOf, type Setting } from "../families.ts";
import { nameOfMeasure, showDifference, showMeasured, UNITS } from "../measures.ts";
import { extent } from "../numbers.ts";
import { EXPLAINED, sensitivityOf } from "../sensitivity.ts";
import { drawBars } from "./bars.ts";
import type { Drawn } from "./drawn.ts";
import { type Cell, drawHeat } from "./heat.ts";
import { drawLines, type LinePoint } from "./lines.ts";

export interface CasePictures {
  readonly pictures: readonly Drawn[];
  /** What is not drawn, and why. */
  readonly notes: readonly string[];
}

/** More cells than this are no picture. */
const MOST_CELLS = 2500;

export function curvePictures(sweep: Sweep, answer: Answer, id: string): CasePictures {
  const found = curvesOf(sweep, answer);
  const { cache, curves, notes } = found;
  if (!cache || curves.length === 0) return { pictures: [], notes };
  const groups = [...new Set(curves.map(({ group }) => group))];
  const slots = new Map(groups.slice(0, MOST_COLOURS).map((group, slot) => [group, slot]));
  const shown = curves.filter(({ group }) => slots.has(group));
  const more = groups.length - slots.size;
  const left = more > 0 ? [`${count(more)} more groups have curves, which are not drawn.`] : [];
  return { pictures: [curvePicture(nameOfCase(answer), cache, shown, slots, id)], notes: [...notes, ...left] };
}

const nameOfCurve = ({ group, shared }: Curve) => (shared ? `${group}, shared` : group);

function curvePicture(
  whose: string,
  cache: Cache,
  curves: readonly Curve[],
  slots: ReadonlyMap<string, number>,
  id: string,
): Drawn {
  const portion = cache.bytes / cache.count;
  const across: Axis = {
    title: `portions of ${cache.resource}, ${showSize(portion)} each`,
    unit: "count",
    from: 0,
    to: extent(curves.flatMap(({ points }) => points.map(({ portions }) => portions)))[1],
  };
  const up = around(
    `miss ratio at L${cache.level}`,
    "share",
    curves.flatMap(({ points }) => points.flatMap(({ min, max }) => [min, max])),
  );
  const share = (value: number) => showMeasured(value, "miss rate");
  const titled = {
    id: `${id}-curves`,
    title: "Miss-ratio curves",
    shows: `The share of a group's requests that missed in L${cache.level}, by how much of one ${cache.resource} cache it could fill: the median, and from least to most whatever the others had.${curves.some(({ shared }) => shared) ? " Dashed: with others in the same portions." : ""}`,
  };
  const lines = curves.map((curve) => ({
    name: nameOfCurve(curve),
    slot: slots.get(curve.group) ?? 0,
    dashed: curve.shared,
    points: curve.points.map(
      ({ portions, bytes, median, min, max, of }): LinePoint => ({
        x: portions,
        y: median,
        min,
        max,
        title: `${nameOfCurve(curve)}, ${count(portions)} portions (${showSize(bytes)}): ${share(median)}, from ${share(min)} to ${share(max)} in ${count(of)}`,
      }),
    ),
  }));
  const says = curves
    .map((curve) => {
      const { points } = curve;
      const [first, last] = [points[0], points.at(-1)];
      return first && last
        ? `${nameOfCurve(curve)}: ${share(first.median)} with ${first.portions}, ${share(last.median)} with ${last.portions}.`
        : "";
    })
    .join(" ");
  const rows = curves.flatMap((curve) =>
    curve.points.map((point) => [
      nameOfCurve(curve),
      count(point.portions),
      showSize(point.bytes),
      share(point.median),
      share(point.min),
      share(point.max),
      count(point.of),
    ]),
  );
  return {
    ...titled,
    draw: (drawing: Drawing) => drawLines({ ...titled, across, up, lines, says, named: true }, drawing),
    numbers: pageTable(
      `${titled.title}: ${whose}`,
      ["group", "portions", "bytes", "median", "least", "most", "replays"],
      rows,
    ),
  };
}

/** Of families in which one or two settings vary, each goal over them; of more, none. */
export function settingPictures(sweep: Sweep, answer: Answer, id: string): Drawn[] {
  return familiesOf(answer.candidates).flatMap((family, at) => {
    const [one, two, three] = family.settings;
    if (!one || three) return [];
    return answer.goals.flatMap((place) => {
      const goal = sweep.goals[place] as Goal;
      const own = { id: `${id}-by-${at}-${place}`, whose: nameOfCase(answer) };
      if (!two) return one.values.length > 1 ? [linePicture(family, one, goal, place, own)] : [];
      const cells = one.values.length * two.values.length;
      return cells <= MOST_CELLS ? [heatPicture(family, [one, two], goal, place, own)] : [];
    });
  });
}

/** What tells a picture from those of other cases. */
interface Own {
  readonly id: string;
  readonly whose: string;
}

const valuesOf = (family: Family, place: number) =>
  family.candidates.flatMap((candidate) => {
    const value = candidate.goals[place];
    return typeof value === "object" ? [{ candidate, value }] : [];
  });

const spreadOf = ({ mean, min, max }: Estimate, { measure }: Goal) => {
  const [middle, least, most] = [mean, min, max].map((value) => showMeasured(value, measure));
  return least === most ? `${middle}` : `${middle}, from ${least} to ${most}`;
};

function linePicture(family: Family, setting: Setting, goal: Goal, place: number, { id, whose }: Own): Drawn {
  const { numbers, values } = setting;
  const all = valuesOf(family, place).toSorted((a, b) => setting.placeOf(a.candidate) - setting.placeOf(b.candidate));
  const x = (at: number) => numbers?.[at] ?? at;
  const [from, to] = extent(numbers ?? values.map((_, at) => at));
  const room = (to - from) * 0.03;
  const across: Axis = {
    title: setting.name,
    unit: "count",
    from: from - room,
    to: to + room,
    ...(numbers ? {} : { names: values.map((name, at) => ({ at, name })) }),
  };
  const up = around(
    nameOfMeasure(goal),
    UNITS[goal.measure],
    all.flatMap(({ value }) => [value.min, value.max]),
  );
  const points = all.map(
    ({ candidate, value }): LinePoint => ({
      x: x(setting.placeOf(candidate)),
      y: value.mean,
      min: value.min,
      max: value.max,
      title: `${setting.name} ${values[setting.placeOf(candidate)]}: ${spreadOf(value, goal)}`,
    }),
  );
  const titled = {
    id,
    title: `${capital(nameOfMeasure(goal))} by ${setting.name}`,
    shows: `${family.name}: the ${nameOfMeasure(goal)} for each value of ${setting.name}; ${goal.want === "highest" ? "more" : "less"} is better.`,
  };
  const slot: Slot = 0;
  const says = points.map(({ title }) => `${title}.`).join(" ");
  const lines = [{ name: nameOfMeasure(goal), slot, points }];
  const rows = all.map(({ candidate, value }) => [values[setting.placeOf(candidate)] ?? "", spreadOf(value, goal)]);
  return {
    ...titled,
    draw: (drawing) => drawLines({ ...titled, across, up, lines, says, named: false }, drawing),
    numbers: pageTable(`${titled.title}: ${whose}`, [setting.name, nameOfMeasure(goal)], rows),
  };
}

function heatPicture(
  family: Family,
  both: readonly [Setting, Setting],
  goal: Goal,
  place: number,
  { id, whose }: Own,
): Drawn {
  // The longer one goes across.
  const [across, up] = both[0].values.length >= both[1].values.length ? both : [both[1], both[0]];
  const all = valuesOf(family, place);
  const [least, most] = extent(all.map(({ value }) => value.mean));
  const best = goal.want === "highest" ? most : least;
  const show = (value: number) => showMeasured(value, goal.measure);
  const scale = scaleFor(UNITS[goal.measure], most);
  const digits = most >= 100 * scale.by ? 0 : most >= 10 * scale.by ? 1 : 2;
  const unit = scale.by === 1 && scale.name === "requests" ? "" : scale.name;
  const cells = all.map(
    ({ candidate, value }): Cell => ({
      column: across.placeOf(candidate),
      row: up.placeOf(candidate),
      value: value.mean,
      short: (value.mean / scale.by).toFixed(digits),
      title: `${nameOf(candidate)}: ${spreadOf(value, goal)}`,
      best: value.mean === best,
    }),
  );
  const titled = {
    id,
    title: `${capital(nameOfMeasure(goal))} by ${across.name} and ${up.name}`,
    shows: `${family.name}: from ${show(least)}, the faintest, to ${show(most)}; the best is outlined.${unit ? ` In ${unit}.` : ""}`,
  };
  const says = `${titled.shows} ${all
    .filter(({ value }) => value.mean === best)
    .slice(0, 3)
    .map(({ candidate }) => `The best: ${nameOf(candidate)}.`)
    .join(" ")}`;
  const written = new Map(
    all.map(({ candidate, value }) => [`${across.placeOf(candidate)} ${up.placeOf(candidate)}`, show(value.mean)]),
  );
  const rows = up.values.map((name, row) => [
    name,
    ...across.values.map((_, column) => written.get(`${column} ${row}`) ?? "-"),
  ]);
  return {
    ...titled,
    draw: (drawing) =>
      drawHeat(
        {
          ...titled,
          across: { name: across.name, values: across.values },
          up: { name: up.name, values: up.values },
          cells,
          says,
        },
        drawing,
      ),
    numbers: pageTable(`${titled.title}: ${whose}`, [`${up.name} \\ ${across.name}`, ...across.values], rows),
  };
}

/** Of families with several settings: a goal each. With one setting its line says it. */
export function sensitivityPictures(sweep: Sweep, answer: Answer, id: string): Drawn[] {
  return familiesOf(answer.candidates).flatMap((family, at) => {
    if (family.settings.length < 2) return [];
    return answer.goals.map((place): Drawn => {
      const goal = sweep.goals[place] as Goal;
      const show = (value: number) => showDifference(value, goal.measure);
      const all = sensitivityOf(family, place);
      const titled = {
        id: `${id}-matters-${at}-${place}`,
        title: `What moves the ${nameOfMeasure(goal)}`,
        shows: `${family.name}. ${EXPLAINED}`,
      };
      const bars = all.map(({ setting, step, range, values }) => ({
        name: setting,
        inner: step,
        outer: range,
        words: `${show(step)} a step, ${show(range)} over its ${count(values)} values`,
      }));
      const rows = all.map(({ setting, values, step, range }) => [setting, count(values), show(step), show(range)]);
      return {
        ...titled,
        draw: (drawing) => drawBars({ ...titled, bars }, drawing),
        numbers: pageTable(`${titled.title}: ${nameOfCase(answer)}`, ["setting", "values", "a step", "in all"], rows),
      };
    });
  });
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
