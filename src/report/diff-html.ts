// Two runs as a page: what differs as tables, and their pictures side by side in equal scales.

import { time } from "../written/index.ts";
import { diffRuns, isEmpty, type RunDiff } from "./diff.ts";
import { wordsOf } from "./diff-words.ts";
import { figure } from "./figures.ts";
import { type Markup, markup } from "./markup.ts";
import { page, table } from "./page.ts";
import { marksOf, picturesOf, type Shown, shownOf } from "./pictures/of-run.ts";
import type { Picture } from "./pictures/picture.ts";
import type { Run } from "./run.ts";
import { nameOfRun } from "./words.ts";

const WIDTH = 560;

export function diffHtmlOf(a: Run, b: Run, names: { readonly a: string; readonly b: string }): string {
  const diff = diffRuns(a, b, names);
  const shown = shownOf([a, b]);
  const title = `${names.a} and ${names.b}`;
  return page(
    `${title} - mpam`,
    markup`<header>
<h1>${title}</h1>
<p class="lead">A, ${names.a}: ${summary(a)}<br>B, ${names.b}: ${summary(b)}</p>
</header>
<main>
${diff.warnings.length === 0 ? "" : markup`<ul class="warnings">${diff.warnings.map((one) => markup`<li>${one}</li>`)}</ul>`}
${isEmpty(diff) ? markup`<p>There are no differences.</p>` : ""}
${counters(diff, shown)}
${configuration(diff)}
<section aria-label="Pictures">
<h2>Over time, in equal scales</h2>
${pairs(a, b, shown).map((pair) => markup`<div class="pair">${pair}</div>\n`)}
</section>
</main>`,
  );
}

const summary = (run: Run) => `${nameOfRun(run)}, ${time(run.to - run.from)} in ${run.timing} timing`;

function counters(diff: RunDiff, { slots }: Shown): Markup | "" {
  const all = [{ group: undefined, counters: diff.run }, ...diff.groups];
  const rows = all.flatMap(({ group, counters: own }) =>
    own.map((one) => {
      const { a, b, difference, relative } = wordsOf(one);
      const slot = group === undefined ? undefined : slots.get(group);
      const name = slot === undefined ? "" : markup`<span class="key c-${slot}"></span>`;
      return [markup`${name}${group ?? "the run"}`, one.counter, a, b, difference, relative];
    }),
  );
  if (rows.length === 0) return "";
  return markup`<section class="all named"><h2>What came out differently</h2>\n${table("The difference is B less A; what is the same is not here", ["group", "counter", "A", "B", "difference", "relative"], rows)}</section>`;
}

function configuration({ configuration: all }: RunDiff): Markup | "" {
  if (all.length === 0) return "";
  const cell = (text: string) => (text === "" ? "-" : markup`<span class="code">${text}</span>`);
  const rows = all.map(({ what, a, b }) => [what, cell(a), cell(b)]);
  return markup`<section class="left"><h2>What was configured differently</h2>\n${table("What only one has is empty in the other", ["what", "A", "B"], rows)}</section>`;
}

/** Each picture of one beside that of the other; one that only one of them has stands alone. */
function pairs(a: Run, b: Run, shown: Shown): Markup[][] {
  const [ofA, ofB] = [picturesOf(a, shown), picturesOf(b, shown)];
  const ids = [...new Set([...ofA, ...ofB].map(({ id }) => id))];
  const [marksA, marksB] = [marksOf(a), marksOf(b)];
  return ids.map((id) => {
    const [one, other] = [ofA.find((picture) => picture.id === id), ofB.find((picture) => picture.id === id)];
    return [
      one ? figure(named(alike(one, other), "A"), marksA, WIDTH, "-a") : missing("A"),
      other ? figure(named(alike(other, one), "B"), marksB, WIDTH, "-b") : missing("B"),
    ];
  });
}

const named = (picture: Picture, name: string): Picture => ({ ...picture, title: `${name}: ${picture.title}` });

const missing = (name: string) => markup`<p class="quiet-text">${name} has no such picture.</p>`;

/** With axes that hold both. */
function alike(picture: Picture, other: Picture | undefined): Picture {
  if (!other) return picture;
  const most = Math.max(picture.most, other.most);
  if (picture.kind === "bars" || other.kind === "bars") return { ...picture, most };
  return { ...picture, most, from: Math.min(picture.from, other.from), to: Math.max(picture.to, other.to) };
}
