// The answers as one page that needs nothing else.

import { type Markup, markup, page, pageTable } from "../../report/index.ts";
import { count, plural } from "../../written/index.ts";
import type { Sweep } from "../sweep.ts";
import { type Answer, type Answers, answersOf } from "./answers.ts";
import { caseSection, shownValue } from "./case-page.ts";
import { nameOf, nameOfCase } from "./cases.ts";
import { nameOfLimit } from "./limits.ts";
import { nameOfGoal } from "./measures.ts";

export function htmlOf(sweep: Sweep): string {
  const answers = answersOf(sweep);
  const { together, cases } = answers;
  return page(
    `${sweep.title} - mpam`,
    markup`<header>
<h1>${sweep.title}</h1>
<p class="lead">${summary(sweep, answers)}${answers.troubles.length > 0 ? markup` <a href="#troubles">What went wrong</a>` : ""}</p>
</header>
<main>
${asked(sweep)}
${overview(sweep, [...together, ...cases])}
${sections(sweep, [...together, ...cases])}
${troubles(answers)}
${about(sweep)}
</main>`,
    STYLE,
  );
}

function summary({ timing }: Sweep, { counts }: Answers): string {
  const { configurations, replays, units, failed, lost, approximate } = counts;
  const parts = [
    `${plural(configurations, "configuration")} in ${plural(replays, "replay")}${units === replays ? "" : ` (${plural(units, "unit")})`}, ${timing} timing`,
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(lost > 0 ? [`${count(lost)} lost`] : []),
    ...(approximate > 0 ? [`${count(approximate)} approximate, of parts that are not independent`] : []),
  ];
  return `${parts.join("; ")}.`;
}

function asked({ goals, workloads, platforms }: Sweep): Markup {
  const traces = ({ traces: all, group }: Sweep["workloads"][number]) => {
    const names = all.map(({ name }, index) => markup`${index > 0 ? ", " : ""}<span class="code">${name}</span>`);
    const rules = group.map((rule, index) => markup`${index > 0 ? ", " : ""}<span class="code">${rule}</span>`);
    return markup`${names}${group.length > 0 ? markup`; groups ${rules}` : ""}`;
  };
  return markup`<section><h2>What was asked</h2>
<dl class="asked">
<dt>Goals</dt><dd>${goals.length === 0 ? "none" : goals.map((goal, index) => `${index > 0 ? "; " : ""}${nameOfGoal(goal)}${goal.limit ? `, ${nameOfLimit(goal.limit, goal)}` : ""}`)}</dd>
<dt>Workloads</dt><dd><ul>${workloads.map((one) => markup`<li>${one.name}: ${traces(one)}</li>\n`)}</ul></dd>
<dt>Platforms</dt><dd><ul>${platforms.map(({ name, description }) => markup`<li>${name}${description ? `: ${description}` : ""}</li>\n`)}</ul></dd>
</dl>
</section>`;
}

function troubles({ troubles: all }: Answers): Markup | "" {
  if (all.length === 0) return "";
  const rows = all.map(({ kind, message, count: many, example }) => {
    const { workload, platform, seed, layout } = example.place;
    const which = `${seed === undefined ? "" : `, seed ${seed}`}${layout === undefined ? "" : `, layout ${layout}`}`;
    return [kind, count(many), message, `${nameOf(example.place)} (${workload} on ${platform}${which})`];
  });
  return markup`<section class="left" id="troubles"><h2>What went wrong</h2>
${pageTable("Each message once", ["what", "replays", "message", "one of them"], rows)}</section>`;
}

/** With several cases, each in a row. */
function overview({ goals }: Sweep, cases: readonly Answer[]): Markup | "" {
  if (cases.length < 2) return "";
  const rows = cases.map((one, index) => {
    const best = one.best && one.front[one.best.place];
    return [
      markup`<a href="#case-${index}">${nameOfCase(one)}</a>`,
      best ? nameOf(best.candidate) : one.nearest ? "none is within the limits" : "-",
      ...goals.map((goal, at) => (one.goals.includes(at) ? shownValue(best, one.goals.indexOf(at), goal) : "-")),
    ];
  });
  return markup`<section><h2>The best of each</h2>
<div class="named">${pageTable("What to write where", ["workload and platform", "configuration", ...goals.map(nameOfGoal)], rows)}</div>
</section>`;
}

/** So many cases are open; others are a line to open. */
const OPEN = 4;

function sections(sweep: Sweep, cases: readonly Answer[]): Markup {
  const parts = cases.map((one, index) => {
    const section = caseSection(sweep, one, `case-${index}`);
    return index < OPEN
      ? section
      : markup`<details class="case"><summary>${nameOfCase(one)}</summary>\n${section}</details>\n`;
  });
  return markup`${parts}`;
}

function about({ workloads, platforms, tool }: Sweep): Markup {
  const traces = workloads.flatMap(({ name, traces: all }) =>
    all.map((trace) => [trace.name, name, markup`<span class="code">${trace.sha256 ?? "made up by its name"}</span>`]),
  );
  const caches = platforms.flatMap(({ name, portions }) =>
    Object.entries(portions).map(([resource, { count: many, bytes }]) => [name, resource, count(many), count(bytes)]),
  );
  return markup`<section class="left"><h2>How it was made</h2>
${pageTable("Traces", ["name", "workload", "SHA-256"], traces)}
${caches.length === 0 ? "" : pageTable("Caches that can be divided", ["platform", "resource", "portions", "bytes of one"], caches)}
<p>Made by ${tool}. Whoever runs the plan, on one machine or many, gets the same bytes.</p>
<p class="quiet-text">One configuration beats another where it is as good in every goal and better in one. A configuration with several seeds or layouts counts with their mean; what stands in brackets is the least and the most.</p>
</section>`;
}

const STYLE = `
.asked { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 8px 0; }
.asked dt { color: var(--quiet); }
.asked dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.asked ul { margin: 0; padding: 0; list-style: none; }
.card h4 { font-size: 15px; margin: 0 0 6px; overflow-wrap: anywhere; }
.answer .card, .ends .card { margin: 8px 0 12px; }
.answer .card dl, .ends .card dl { grid-template-columns: max-content 1fr; }
.answer .card dd, .ends .card dd { text-align: left; }
.card p { margin: 6px 0 0; }
.card p:first-child { margin: 0; }
.front thead th, .every thead th, .named thead th { white-space: normal; min-width: 84px; }
.paste { user-select: all; background: var(--ground); border: 1px solid var(--edge); border-radius: 4px; padding: 8px 10px; margin: 8px 0 2px; white-space: pre; overflow-x: auto; overflow-wrap: normal; }
.paste:focus-visible, a:focus-visible { outline: 2px solid var(--g-0); outline-offset: 2px; }
.front, .every { margin-top: 12px; }
.every table td:last-child, .every table th:last-child { text-align: left; padding-left: 6px; }
details.case { margin-top: 20px; border-top: 1px solid var(--edge); padding-top: 12px; }
details.case > summary { font-size: 17px; color: var(--ink); }
figure + figure { margin-top: 36px; }
.ends { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 0 12px; }
.ends h3 { grid-column: 1 / -1; }
@media screen and (max-width: 620px) { .front caption, .every caption, .named caption, .left caption { white-space: normal; } .front th, .every th, .named th, .named td:nth-child(2) { white-space: normal; min-width: 120px; overflow-wrap: anywhere; } .asked { grid-template-columns: 1fr; } .asked dd { margin-bottom: 6px; } .answer .card dl, .ends .card dl { grid-template-columns: 1fr; } .card dd { padding-left: 8px; } }
@media print { .paste { white-space: pre-wrap; overflow-wrap: anywhere; } }
`;
