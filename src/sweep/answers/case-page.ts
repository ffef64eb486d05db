// A workload on a platform, as a section of the page: what to write, what nothing beats, and why.

import { figureOf, type Markup, markup, pageTable } from "../../report/index.ts";
import { count, plural } from "../../written/index.ts";
import type { Goal } from "../plan/plan.ts";
import type { Sweep } from "../sweep.ts";
import type { Answer, Compared, OnFront } from "./answers.ts";
import { linesOf } from "./best.ts";
import { type Candidate, nameOf, nameOfCase } from "./cases.ts";
import { limitsOf, nameOfMisses } from "./limits.ts";
import { nameOfGoal, nameOfMeasure, showMeasured } from "./measures.ts";
import type { Drawn } from "./pictures/drawn.ts";
import { frontPicture } from "./pictures/front.ts";
import { curvePictures, sensitivityPictures, settingPictures } from "./pictures/of-case.ts";
import { withSpread } from "./table.ts";

/** `id`: of the section; those of its pictures begin with it. */
export function caseSection(sweep: Sweep, answer: Answer, id: string): Markup {
  const { goals } = sweep;
  const isOne = answer.workload !== undefined;
  const front = frontPicture(goals, answer, `${id}-front`);
  const curves = isOne ? curvePictures(sweep, answer, id) : { pictures: [], notes: [] };
  const matters = isOne ? [...sensitivityPictures(sweep, answer, id), ...settingPictures(sweep, answer, id)] : [];
  return markup`<section id="${id}">
<h2>${capital(nameOfCase(answer))}</h2>
${isOne ? "" : markup`<p class="quiet-text">Each goal is its mean over the workloads, each of which counts the same; a spread goes from the least to the most of theirs.</p>`}
${whyNot(goals, answer)}
${written(goals, answer)}
${front ? drawn(front) : ""}
${frontTable(goals, answer)}
${curves.pictures.map(drawn)}
${curves.notes.map((note) => markup`<p class="quiet-text">${note}</p>\n`)}
${matters.map(drawn)}
<details class="every"><summary>Every configuration</summary>
${everyTable(goals, answer)}
</details>
</section>
`;
}

const drawn = (picture: Drawn) => figureOf(picture, picture.draw, picture.numbers);

/** The best, with lines to paste, and the best in each goal beside it. */
function written(goals: readonly Goal[], answer: Answer): Markup {
  const { front, best, nearest, goals: own, compared, within } = answer;
  const one = best && front[best.place];
  const limits = limitsOf(goals, answer);
  if (nearest) {
    const none = `None of ${plural(compared, "configuration")} is within the limits: ${limits}. This one misses them least.`;
    return markup`<div class="answer">
<h3>Nothing is within the limits</h3>
<p>${none}</p>
${choice(goals, own, { ...nearest, alike: [] }, "c-0", nameOf(nearest.candidate), { isBeyond: true })}
</div>`;
  }
  if (!best || !one) return markup`<p>There is nothing to compare.</p>`;
  const among = limits
    ? `${count(within)} of ${plural(compared, "configuration")} are within the limits: ${limits}. `
    : "";
  const several = own.length > 1 && front.length > 1;
  const rule = several
    ? `${among}Nothing beats ${count(front.length)} of ${limits ? "those" : plural(compared, "configuration")}. Of those this one is the nearest to the best of every goal at once: each goal counts by how many times worse it is than the best.`
    : `${among}The best of ${limits ? "those" : plural(compared, "configuration")}${own.length > 1 ? " in every goal" : ""}.`;
  const ends = several
    ? own.flatMap((goal, at) => {
        const place = best.extremes[at] ?? best.place;
        const extreme = front[place];
        return extreme && place !== best.place ? [{ title: nameOfGoal(goals[goal] as Goal), one: extreme }] : [];
      })
    : [];
  return markup`<div class="answer">
<h3>Write this</h3>
<p>${rule}</p>
${choice(goals, own, one, `c-1 chosen`, nameOf(one.candidate), answer.unset ? { unset: answer.unset } : {})}
</div>
${ends.length === 0 ? "" : markup`<div class="ends"><h3>Where one goal is all</h3>\n${ends.map(({ title, one: end }) => choice(goals, own, end, "c-0", nameOf(end.candidate), { why: title }))}</div>`}`;
}

/** What stands in a card besides. */
interface Beside {
  readonly why?: string;
  /** To compare with. */
  readonly unset?: Compared;
  /** It misses a limit: nobody should paste it. */
  readonly isBeyond?: true;
}

function choice(
  goals: readonly Goal[],
  own: readonly number[],
  one: OnFront,
  kind: string,
  name: string,
  { why, unset, isBeyond }: Beside = {},
): Markup {
  const facts = own.map((goal, at) => {
    const value = one.values[at];
    const asked = goals[goal] as Goal;
    const before = unset?.candidate === one.candidate ? undefined : unset?.values[at];
    const beside = before
      ? markup` <span class="quiet-text">in place of ${showMeasured(before.mean, asked.measure)} with nothing set</span>`
      : "";
    return markup`<dt>${nameOfMeasure(asked)}</dt><dd>${value ? withSpread(value, asked) : "-"}${beside}</dd>`;
  });
  const lines = linesOf(one.candidate);
  const alike =
    one.alike.length === 0
      ? ""
      : markup`<p class="quiet-text">${plural(one.alike.length, "more configuration")} came out the same.</p>`;
  const paste = isBeyond
    ? ""
    : lines.length === 0
      ? markup`<p>It sets nothing: leave the schemata as they are.</p>`
      : markup`<pre class="code paste" tabindex="0" aria-label="Lines for a shell">${lines.join("\n")}</pre>`;
  return markup`<div class="card ${kind}">${why ? markup`<p class="quiet-text">${why}</p>` : ""}<h4>${name}</h4><dl>${facts}</dl>${paste}${alike}</div>
`;
}

const MOST_ROWS = 200;

function frontTable(goals: readonly Goal[], answer: Answer): Markup | "" {
  const { front, goals: own, best, baseline } = answer;
  if (front.length + (baseline ? 1 : 0) < 2) return "";
  const also = baseline
    ? [
        [
          `${nameOf(baseline.candidate)} (${nameOfMisses(goals, baseline.candidate) || "beaten"})`,
          ...baseline.values.map((value, at) => withSpread(value, goals[own[at] ?? 0] as Goal)),
        ],
      ]
    : [];
  const rows = front
    .slice(0, MOST_ROWS)
    .map(({ candidate, alike, values }, place) => [
      markup`${place === best?.place ? markup`<strong>${nameOf(candidate)}</strong> (best)` : nameOf(candidate)}${alike.length > 0 ? markup` <span class="quiet-text">and ${count(alike.length)} alike</span>` : ""}`,
      ...values.map((value, at) => withSpread(value, goals[own[at] ?? 0] as Goal)),
    ]);
  const head = ["configuration", ...own.map((goal) => nameOfGoal(goals[goal] as Goal))];
  const cut = front.length > MOST_ROWS ? `, the first ${MOST_ROWS} of ${front.length}` : "";
  return markup`<div class="front">${pageTable(`What nothing beats: ${nameOfCase(answer)}${cut}${baseline ? "; last, for comparison, what sets nothing" : ""}`, head, [...rows, ...also])}</div>`;
}

function everyTable(goals: readonly Goal[], answer: Answer): Markup {
  const { candidates } = answer;
  const rows = candidates.map((candidate) => [
    nameOf(candidate),
    ...goals.map((goal, at) => {
      const value = candidate.goals[at];
      return typeof value === "object" ? withSpread(value, goal) : "-";
    }),
    candidate.goals.find((value) => typeof value === "string") ?? stateOf(goals, candidate),
  ]);
  return pageTable(
    `Every configuration, in the order of the plan: ${nameOfCase(answer)}`,
    ["configuration", ...goals.map(nameOfMeasure), "to be said of it"],
    rows,
  );
}

function stateOf(goals: readonly Goal[], candidate: Candidate): string {
  const { swept, misses } = candidate;
  const missing = swept.filter(({ result }) => !result).length;
  const parts = [
    ...(misses.length > 0 ? [nameOfMisses(goals, candidate)] : []),
    ...(missing > 0 ? [`${count(missing)} of ${count(swept.length)} replays came to nothing`] : []),
    ...(swept.some(({ approximate }) => approximate) ? ["approximate"] : []),
  ];
  return parts.join(", ");
}

function whyNot(goals: readonly Goal[], { without, leftOut, candidates: all }: Answer): Markup {
  const nothing = all.filter(({ swept }) => swept.every(({ result }) => !result)).length;
  const lines = [
    ...(nothing > 0 ? [`${plural(nothing, "configuration")} came to nothing; below is what went wrong.`] : []),
    ...without.map(({ goal, why }) => `Without ${nameOfMeasure(goals[goal] as Goal)}: ${why}.`),
    ...leftOut.map(({ why, candidates }) => `${plural(candidates.length, "configuration")} left out: ${why}.`),
  ];
  return markup`${lines.slice(0, 20).map((line) => markup`<p class="quiet-text">${line}</p>\n`)}`;
}

export const shownValue = (one: OnFront | undefined, at: number, goal: Goal): string => {
  const value = one?.values[at];
  return value ? showMeasured(value.mean, goal.measure) : "-";
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
