// The answers as text for a terminal: some forty lines of less than a hundred columns, whatever was swept.

import { clipped, plain, shortened } from "../../report/index.ts";
import { count, plural, table } from "../../written/index.ts";
import type { Goal } from "../plan/plan.ts";
import type { Sweep } from "../sweep.ts";
import { type Answer, type Answers, answersOf, type Compared, type OnFront, type Trouble } from "./answers.ts";
import { type Estimate, nameOf, nameOfCase } from "./cases.ts";
import { limitsOf, nameOfMisses } from "./limits.ts";
import { nameOfMeasure, showMeasured } from "./measures.ts";

const WIDTH = 98;
/** The least that is left for the name of a configuration. */
const LEAST_NAME = 24;
/** Rows of fronts, all of them together. */
const MOST_ROWS = 14;
const MOST_LINES = 8;
const MOST_TROUBLES = 4;
/** Columns; more goals count, and are in the reports. */
const MOST_GOALS = 4;
/** With more cases than this each has a row instead of a table. */
const MOST_CASES = 2;

/** What a terminal shows of a sweep when it has ended. */
export function describeSweep(sweep: Sweep): string {
  const answers = answersOf(sweep);
  const shown =
    answers.cases.length > MOST_CASES
      ? asRows(sweep, answers)
      : answers.cases.flatMap((one) => asTable(sweep, one, answers.cases.length));
  const compete = [...answers.cases, ...answers.together].some(
    ({ goals, front }) => goals.length > 1 && front.length > 1,
  );
  const hidden = sweep.goals.length - MOST_GOALS;
  const cut =
    hidden > 0 ? [`${plural(hidden, "more goal counts", "more goals count")}, and the reports show them.`] : [];
  const last = ["", ...(compete ? [RULE] : []), ...cut, MORE];
  return plain([...head(sweep, answers), ...shown, ...troubles(answers.troubles), ...last].join("\n"));
}

const RULE = "Best: each goal counts by how many times worse it is than the best; the least product of those.";
const MORE = "Pictures, curves and every configuration: --report answer.html. For notebooks: .csv, .arrow, .json.";

function head(sweep: Sweep, { counts }: Answers): string[] {
  const { workloads, platforms, timing, title } = sweep;
  const { configurations, replays, units, failed, lost, approximate } = counts;
  const what = [
    plural(workloads.length, "workload"),
    plural(platforms.length, "platform"),
    plural(configurations, "configuration"),
    plural(replays, "replay") + (units === replays ? "" : ` (${plural(units, "unit")})`),
    `${timing} timing`,
  ];
  const wrong = [
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(lost > 0 ? [`${count(lost)} lost`] : []),
    ...(approximate > 0 ? [`${count(approximate)} approximate: split into parts that are not independent`] : []),
  ];
  return [clipped(title, WIDTH), what.join(", "), ...(wrong.length > 0 ? [wrong.join(", ")] : [])];
}

function asTable({ goals }: Sweep, answer: Answer, cases: number): string[] {
  const { front, best, compared } = answer;
  const lines = ["", ...whyNot(goals, answer)];
  if (!best && answer.nearest) return [...lines, ...nobody(goals, answer, answer.nearest)];
  if (!best) return [...lines, clipped(`${nameOfCase(answer)}: nothing to compare`, WIDTH)];
  // What there is to gain is seen beside what sets nothing.
  const unset = front.findIndex(({ candidate }) => candidate === answer.unset?.candidate);
  const needed = [best.place, ...best.extremes, ...(unset < 0 ? [] : [unset])];
  const places = spread(front.length, needed, Math.floor(MOST_ROWS / cases));
  const { within } = answer;
  const limits = limitsOf(goals, answer);
  const all = `${plural(within, "configuration")}${limits ? " within the limits" : ""}`;
  const found =
    answer.goals.length === 1
      ? `the best of ${all}`
      : front.length === 1
        ? `the best of ${all} in every goal`
        : `${count(front.length)} of ${all} that no other beats`;
  const rows = places.map((place): Row => ({ ...(front[place] as OnFront), isBest: place === best.place }));
  const also: Row[] = answer.baseline ? [{ ...answer.baseline, alike: [], isBest: false }] : [];
  return [
    ...lines,
    `${shortened(nameOfCase(answer), WIDTH - found.length - 2)}: ${found}`,
    ...(limits
      ? [
          clipped(
            `Limits: ${limits}; ${compared === within ? "all meet them" : `${count(compared - within)} of ${count(compared)} miss them`}`,
            WIDTH,
          ),
        ]
      : []),
    ...fitted(goals, answer, [...rows, ...also]),
    ...(rows.length < front.length ? [`  and ${count(front.length - rows.length)} more between them`] : []),
    "",
    ...bestOf(answer),
  ];
}

/** Where every configuration misses a limit: the one that does so least. */
function nobody(goals: readonly Goal[], answer: Answer, nearest: Compared): string[] {
  const { compared, baseline } = answer;
  const also = baseline && baseline.candidate !== nearest.candidate ? [baseline] : [];
  const rows = [nearest, ...also].map((one): Row => ({ ...one, alike: [], isBest: false }));
  const found = `none of ${plural(compared, "configuration")} is within the limits`;
  return [
    `${shortened(nameOfCase(answer), WIDTH - found.length - 2)}: ${found}`,
    clipped(`Limits: ${limitsOf(goals, answer)}`, WIDTH),
    ...fitted(goals, answer, rows),
    "",
    ...nearestIs(goals, nearest),
  ];
}

function nearestIs(goals: readonly Goal[], { candidate }: Compared): string[] {
  return [clipped(`Nearest: ${nameOf(candidate)}; ${nameOfMisses(goals, candidate)}`, WIDTH)];
}

/** Every workload and platform in a row, and what to write for all workloads together, where there are several. */
function asRows({ goals, workloads }: Sweep, { cases, together }: Answers): string[] {
  const all = [...together, ...cases].filter(({ best }) => best);
  const rows = all.slice(0, MOST_ROWS);
  const used = goals
    .map((_, goal) => goal)
    .filter((goal) => all.some((one) => one.goals.includes(goal)))
    .slice(0, MOST_GOALS);
  const values = rows.map(({ front, best, goals: own }) =>
    used.map((goal) => {
      const value = best && front[best.place]?.values[own.indexOf(goal)];
      return value ? shortly(value, goals[goal] as Goal) : "-";
    }),
  );
  const columns = headed(goals, used, values);
  const room = Math.floor((WIDTH - widthOf(columns)) / 2) - 1;
  const named = rows.map((one) => [
    shortened(nameOfCase(one), room),
    one.best ? shortened(nameOf((one.front[one.best.place] as OnFront).candidate), room) : "-",
  ]);
  const names = [["", ""], ["", ""], [shortened("workload and platform", room), "configuration"], ...named];
  const cells = columns.map((row, at) => [...(names[at] ?? []), ...row]);
  const none = [...together, ...cases].filter(({ nearest }) => nearest);
  const write = (workloads.length > 1 ? together : cases).filter(({ best }) => best).slice(0, 2);
  return [
    "",
    "The best of each:",
    ...leftAligned(cells, room),
    ...(rows.length < all.length ? [`  and ${count(all.length - rows.length)} more`] : []),
    ...none.slice(0, MOST_TROUBLES).map((one) => clipped(`${nameOfCase(one)}: nobody is within the limits`, WIDTH)),
    ...(none.length > MOST_TROUBLES ? [`and ${count(none.length - MOST_TROUBLES)} more where nobody is`] : []),
    ...write.flatMap((one) => ["", ...bestOf(one)]),
  ];
}

function bestOf(answer: Answer): string[] {
  const { best, front, workload } = answer;
  const one = best && front[best.place];
  if (!best || !one) return [];
  const whose = workload === undefined ? ` for ${shortened(nameOfCase(answer), 40)}` : "";
  const name = `${shortened(nameOf(one.candidate), WIDTH - 20 - whose.length)}`;
  if (best.lines.length === 0) return [`Best${whose}: ${name}; it sets nothing`];
  const more = best.lines.length - MOST_LINES;
  return [
    `Best${whose}: ${name}`,
    ...best.lines.slice(0, MOST_LINES).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${plural(more, "more line")}`] : []),
  ];
}

function whyNot(goals: readonly Goal[], { without, leftOut }: Answer): string[] {
  const left = leftOut
    .slice(0, MOST_TROUBLES)
    .map(({ why, candidates }) => `${plural(candidates.length, "configuration")} left out: ${why}`);
  const more = leftOut.length - MOST_TROUBLES;
  return [
    ...without.map(({ goal, why }) => `without ${nameOfMeasure(goals[goal] as Goal)}: ${why}`),
    ...left,
    ...(more > 0 ? [`and ${plural(more, "more reason")} to leave one out`] : []),
  ].map((line) => clipped(line, WIDTH));
}

/** So many of `length` places, those that are needed and others evenly between them. */
function spread(length: number, needed: readonly number[], most: number): number[] {
  const shown = new Set(needed);
  const free = most - shown.size;
  if (length <= most) for (let place = 0; place < length; place++) shown.add(place);
  else for (let step = 1; step <= free; step++) shown.add(Math.round((step * (length - 1)) / (free + 1)));
  return [...shown].sort((a, b) => a - b);
}

interface Row extends OnFront {
  readonly isBest: boolean;
}

/** As a table; without spreads where there is no room for them. */
function fitted(goals: readonly Goal[], answer: Answer, rows: readonly Row[]): string[] {
  const cellsWith = (show: (value: Estimate, goal: Goal) => string) =>
    headed(
      goals,
      answer.goals.slice(0, MOST_GOALS),
      rows.map(({ values }) =>
        values.slice(0, MOST_GOALS).map((value, at) => show(value, goals[answer.goals[at] as number] as Goal)),
      ),
    );
  const whole = cellsWith(withSpread);
  const cells = widthOf(whole) + LEAST_NAME <= WIDTH ? whole : cellsWith(shortly);
  const room = WIDTH - widthOf(cells);
  const named = rows.map(({ candidate, alike, isBest }) => {
    const same = alike.length === 0 ? "" : ` +${count(alike.length)} alike`;
    const unset =
      candidate === answer.baseline?.candidate ? ` (${candidate.misses.length > 0 ? "beyond" : "beaten"})` : same;
    const also = candidate === answer.nearest?.candidate ? " (nearest)" : unset;
    return `${isBest ? "* " : "  "}${shortened(nameOf(candidate), room - 2 - also.length)}${also}`;
  });
  const names = ["", "", "  configuration", ...named];
  const [head = [], ...others] = cells.map((row, at) => [names[at] ?? "", ...row]);
  return table(head, others).split("\n");
}

/** Above columns of numbers what they are, in three rows: what is wanted, of what, and of whom. */
function headed(goals: readonly Goal[], used: readonly number[], rows: readonly (readonly string[])[]): string[][] {
  const all = used.map((goal) => goals[goal] as Goal);
  const whose = all.map(({ of, level }) => shortened(`of ${of}${level === undefined ? "" : `, L${level}`}`, 14));
  return [all.map(({ want }) => want), all.map(({ measure }) => measure), whose, ...rows.map((row) => [...row])];
}

/** Of columns with two spaces before each. */
function widthOf(rows: readonly (readonly string[])[]): number {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return widths.reduce((sum, width) => sum + width + 2, 0);
}

/** Tables align their first column only to the left. */
function leftAligned(rows: readonly (readonly string[])[], second: number): string[] {
  const width = Math.min(second, Math.max(...rows.map((row) => row[1]?.length ?? 0)));
  const [head = [], ...others] = rows.map(([first = "", next = "", ...rest]) => [first, next.padEnd(width), ...rest]);
  return table(head, others).split("\n");
}

const shortly = ({ mean }: Estimate, { measure }: Goal) => showMeasured(mean, measure);

/** "93.20 % (92.10 % to 94.30 %)" */
export function withSpread({ mean, min, max }: Estimate, { measure }: Goal): string {
  const [middle, least, most] = [mean, min, max].map((value) => showMeasured(value, measure));
  return least === most ? `${middle}` : `${middle} (${least} to ${most})`;
}

function troubles(all: readonly Trouble[]): string[] {
  if (all.length === 0) return [];
  const lines = all.slice(0, MOST_TROUBLES).flatMap(({ kind, message, count: many, example }) => {
    const { workload, platform, seed, layout } = example.place;
    const which = [seed === undefined ? "" : `, seed ${seed}`, layout === undefined ? "" : `, layout ${layout}`].join(
      "",
    );
    return [
      clipped(`${plural(many, "replay")} ${kind}: ${message}`, WIDTH),
      clipped(`  such as ${nameOf(example.place)} (${workload} on ${platform}${which})`, WIDTH),
    ];
  });
  const more = all.length - MOST_TROUBLES;
  return ["", ...lines, ...(more > 0 ? [`  and ${plural(more, "more message")}`] : [])];
}
