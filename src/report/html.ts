// A run as one page that needs nothing else: pictures, what was configured, and every counter.

import { count, percent, plural, showCpus, showSize, time } from "../written/index.ts";
import { REASONS } from "./counts.ts";
import { figure } from "./figures.ts";
import { type Markup, markup } from "./markup.ts";
import { page, table } from "./page.ts";
import { marksOf, picturesOf, type Shown, shownOf } from "./pictures/of-run.ts";
import type { GroupTotals, Run, RunPhase, RunSettings } from "./run.ts";
import { describeCaches, describeMemory, nameOfRun, REASON_WORDS } from "./words.ts";

export function htmlOf(run: Run): string {
  const shown = shownOf([run]);
  const marks = marksOf(run);
  const name = nameOfRun(run);
  return page(
    `${name} - mpam`,
    markup`<header>
<h1>${name}</h1>
<p class="lead">${summary(run)}</p>
</header>
<main>
${cards(run, shown)}
${happened(run)}
<section aria-label="Pictures">
<h2>Over time</h2>
${picturesOf(run, shown).map((picture) => figure(picture, marks))}
</section>
${configuration(run)}
${counters(run, shown)}
${about(run)}
</main>`,
  );
}

function summary(run: Run): string {
  const warm = run.countFrom > run.from ? `, the first ${time(run.countFrom - run.from)} of them warm-up` : "";
  const { caches, memory, cpus } = run.platform;
  const machine = [plural(cpus, "cpu"), ...caches.map(describeCaches), ...memory.map(describeMemory)];
  return `${plural(run.records, "record")} in ${time(run.to - run.from)} of model time${warm}, ${run.timing} timing, on ${run.platform.name} (${machine.join("; ")}).`;
}

const keyed = (name: string, { slots }: Shown): Markup => {
  const slot = slots.get(name);
  return slot === undefined ? markup`${name}` : markup`<span class="key c-${slot}"></span>${name}`;
};

function cards(run: Run, shown: Shown): Markup {
  const { slots, rest } = shown;
  const all = run.totals.flatMap((one) => {
    const slot = slots.get(one.group);
    if (slot === undefined) return [];
    const { levels, latency } = one;
    const hits = levels.map(({ level, accesses, misses }) => [`L${level} hits`, percent(accesses - misses, accesses)]);
    const last = levels.at(-1);
    const facts = [
      ...hits,
      ...(last ? [[`L${last.level} held at end`, showSize(one.bytesHeld)]] : []),
      [run.platform.memory.length > 0 ? "memory traffic" : "traffic below", showSize(one.bytesRead + one.bytesWritten)],
      ...(latency && latency.requests > 0
        ? [
            ["mean latency", nanoseconds(latency.meanNs)],
            ["95th percentile", nanoseconds(latency.p95Ns)],
          ]
        : []),
    ];
    const list = facts.map(([what, value]) => markup`<dt>${what}</dt><dd>${value}</dd>`);
    return [markup`<div class="card c-${slot}"><h2>${one.group}</h2><dl>${list}</dl></div>\n`];
  });
  if (all.length === 0) return markup`<p>No group did anything.</p>`;
  const others =
    rest > 0
      ? markup`<p>${plural(rest, "more group")} did less; pictures show them together, tables one by one.</p>`
      : "";
  return markup`<section aria-label="Groups"><div class="cards">\n${all}</div>${others}</section>`;
}

const nanoseconds = (ns: number) => time(Number(ns.toFixed(1)));

function happened(run: Run): Markup {
  const marks = marksOf(run);
  const met = run.lines.filter((line) => line.met !== undefined);
  const rows = [
    ...marks.lines.map((line) => [line.time, `${line.number}`, line.text] as const),
    ...marks.interrupts.map((one) => [one.time, "interrupt", one.text] as const),
    ...met.map((line) => [line.time, line.met ? "met" : "not met", line.text] as const),
  ].sort(([a], [b]) => a - b);
  if (rows.length === 0) return markup``;
  const cells = rows.map(([at, what, text]) => [time(at), what, markup`<span class="code">${text}</span>`]);
  return markup`<section class="left"><h2>What happened</h2>\n${table("With the numbers of the marks in the pictures", ["at", "mark", "what"], cells)}</section>`;
}

function configuration(run: Run): Markup {
  const settings = alike(run);
  const registers = [...new Set(settings.flatMap((one) => Object.keys(one.registers)))];
  const rows = settings.map((one) => [
    namesOf(one.names),
    showCpus(one.partids),
    ...registers.map((name) => one.registers[name] ?? "-"),
  ]);
  return markup`<section><h2>The configuration in force</h2>
${run.phases.some(({ groups }) => groups.some(({ schemata }) => schemata)) ? schemataTable(run) : ""}
${rows.length === 0 ? "" : markup`<h3>Control registers at the end</h3>\n${table("What they hold for which PARTIDs", ["MSC", "PARTIDs", ...registers], rows)}`}
</section>`;
}

/** A column for each span of time in which nothing changed. */
function schemataTable(run: Run): Markup {
  const spans: { from: number; to: number; phase: RunPhase }[] = [];
  const said = (phase: RunPhase) => JSON.stringify(phase.groups.map(({ group, schemata }) => [group, schemata]));
  for (const phase of run.phases) {
    const last = spans.at(-1);
    if (last && said(last.phase) === said(phase)) last.to = phase.to;
    else spans.push({ from: phase.from, to: phase.to, phase });
  }
  const groups = [...new Set(run.phases.flatMap((phase) => phase.groups.map(({ group }) => group)))];
  const rows = groups.flatMap((group) => {
    const texts = spans.map(({ phase }) => phase.groups.find((one) => one.group === group));
    if (texts.every((one) => one?.schemata === undefined)) return [];
    return [
      [
        group,
        ...texts.map((one, index) => {
          if (!one) return "there is no such group";
          return schemata(one.schemata ?? "", texts[index - 1]?.schemata);
        }),
      ],
    ];
  });
  const head = ["group", ...spans.map(({ from, to }) => `${time(from)} to ${time(to)}`)];
  return markup`<h3>schemata</h3>\n<div class="left">${table("What each file said; bold where it is new", head, rows)}</div>`;
}

/** What a group's file said, a line each without the spaces before it; bold where the line is not in `before`. */
function schemata(text: string, before: string | undefined): Markup {
  const linesIn = (one: string) => one.split("\n").flatMap((line) => line.trim() || []);
  const known = new Set(before === undefined ? linesIn(text) : linesIn(before));
  const lines = linesIn(text).map((line) => (known.has(line) ? markup`${line}\n` : markup`<strong>${line}</strong>\n`));
  return markup`<pre class="code">${lines}</pre>`;
}

/** Settings that are the same in several MSCs are one row. */
function alike({ settings }: Run) {
  const rows = new Map<string, RunSettings & { readonly names: string[] }>();
  for (const one of settings) {
    const key = JSON.stringify([one.name.replace(/ .*/s, ""), one.ris, one.partids, one.registers]);
    const name = one.name + (one.ris > 0 ? `, RIS ${one.ris}` : "");
    const row = rows.get(key) ?? { ...one, names: [] };
    row.names.push(name);
    rows.set(key, row);
  }
  return [...rows.values()];
}

function namesOf(names: readonly string[]): string {
  const [first = "", second] = names;
  if (second === undefined) return first;
  const numbers = names.map((name) => /^L\d+ (\d+)$/.exec(name)?.[1]);
  if (numbers.every((one) => one !== undefined)) return `${first.replace(/ .*/s, "")} ${showCpus(numbers.map(Number))}`;
  return `${first} and ${names.length - 1} more`;
}

function counters(run: Run, shown: Shown): Markup {
  const active = run.totals.filter((one) => one.parts.length > 0 || (one.latency?.requests ?? 0) > 0);
  const idle = run.totals.filter((one) => !active.includes(one)).map(({ group }) => group);
  const levels = active[0]?.levels.map(({ level }) => level) ?? [];
  const groupRows = active.map((one) => [
    keyed(one.group, shown),
    count(one.accesses),
    count(one.misses),
    ...one.levels.flatMap(({ accesses, misses }) => [count(accesses), percent(accesses - misses, accesses)]),
    count(one.bytesHeld),
    count(one.bytesRead),
    count(one.bytesWritten),
  ]);
  const groupHead = [
    "group",
    "accesses",
    "misses",
    ...levels.flatMap((level) => [`L${level} requests`, `L${level} hits`]),
    "bytes held",
    "bytes read",
    "bytes written",
  ];
  return markup`<section><h2>All counters</h2>
<p class="quiet-text">From ${time(run.countFrom)} to ${time(run.to)}. A control group counts what its own label did; its monitor groups have rows of their own. Misses found their line at no level; bytes held are those of the last level at the end, read and written those of memory.</p>
${table("By group", groupHead, groupRows)}
${latencyTable(active, shown)}
<div class="named">${lossTable(active, shown)}</div>
<div class="named">${table("By cache slice and memory channel", ["part", "group", "requests", "misses", "bytes held", "bytes read", "bytes written"], partRows(run, active, shown))}</div>
${idle.length === 0 ? "" : markup`<p class="quiet-text">Groups that did nothing: ${idle.map((name, index) => markup`${index > 0 ? ", " : ""}<span class="code">${name}</span>`)}.</p>`}
</section>`;
}

function partRows(run: Run, active: readonly GroupTotals[], shown: Shown): (string | Markup)[][] {
  const names = [
    ...new Set([...run.ports.map(({ port }) => port), ...active.flatMap(({ parts }) => parts.map(({ part }) => part))]),
  ];
  return names.flatMap((name) =>
    active.flatMap(({ group, parts }) => {
      const one = parts.find(({ part }) => part === name);
      if (!one) return [];
      const isCache = name.startsWith("L");
      const cached = [one.accesses, one.misses, one.bytesHeld].map((value) => (isCache ? count(value) : "-"));
      return [[name, keyed(group, shown), ...cached, count(one.bytesRead), count(one.bytesWritten)]];
    }),
  );
}

function latencyTable(active: readonly GroupTotals[], shown: Shown): Markup | "" {
  const rows = active.flatMap(({ group, latency }) => {
    if (!latency || latency.requests === 0) return [];
    const { requests, meanNs, p50Ns, p95Ns, p99Ns, heldNs, stalledNs } = latency;
    return [
      [keyed(group, shown), count(requests), ...[meanNs, p50Ns, p95Ns, p99Ns, heldNs, stalledNs].map(nanoseconds)],
    ];
  });
  if (rows.length === 0) return "";
  return table(
    "Latencies; percentiles are exact to an eighth",
    ["group", "requests", "mean", "p50", "p95", "p99", "held", "stalled"],
    rows,
  );
}

function lossTable(active: readonly GroupTotals[], shown: Shown): Markup | "" {
  const rows = active.flatMap(({ group, levels }) =>
    levels.flatMap(({ level, lost }) =>
      lost && REASONS.some((reason) => lost[reason] > 0)
        ? [[keyed(group, shown), `L${level}`, ...REASONS.map((reason) => count(lost[reason]))]]
        : [],
    ),
  );
  if (rows.length === 0) return "";
  return table("Lines lost", ["of", "level", ...REASONS.map((reason) => REASON_WORDS[reason])], rows);
}

function about(run: Run): Markup {
  const rows = run.traces.map(({ name, records, hash }) => [
    name,
    count(records),
    markup`<span class="code">${hash}</span>`,
  ]);
  return markup`<section class="left"><h2>How it was made</h2>
${table("Traces", ["name", "records", "hash"], rows)}
${run.options.length === 0 ? "" : markup`<p>Asked for: ${run.options.map((one, index) => markup`${index > 0 ? " " : ""}<span class="code">${one}</span>`)}</p>`}
<p>${run.seed === null ? "Pages lie as they come" : `Pages are permuted with seed ${run.seed}`}; ${plural(run.samples.length, "sample")}. Made by ${run.tool}; the same traces and options give the same bytes.</p>
${run.notes.length === 0 ? "" : markup`<h3>What is not here</h3>\n<ul>${run.notes.map((note) => markup`<li>${note}</li>`)}</ul>`}
</section>`;
}
