// The measured part of docs/performance.md: made from a run, so that nobody types a figure.
// Why a goal is missed is written by hand, in docs/performance-bounds.md, under a heading that is the goal's id.
import { cpus } from "node:os";
import { compilerVersion } from "./c-twin.ts";
import type { Verdict } from "./goals.ts";
import type { Row } from "./harness.ts";
import { percent, rowTable, targetText } from "./report.ts";

export const BEGIN = "<!-- Measured: written by `npm run bench -- --goals --write`, not by hand. -->";
export const END = "<!-- End of what was measured. -->";

const BOUNDS = "performance-bounds.md";

export interface Run {
  /** Where it ran, in a sentence. */
  readonly machine: string;
  readonly repetitions: number;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}

export function machineSentence(): string {
  const [first] = cpus();
  const compiler = compilerVersion() ?? "no gcc";
  return `${first?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, Node ${process.version}, ${compiler}`;
}

/** Goals that have a section of their own in the page of bounds. */
export function boundedGoals(bounds: string): string[] {
  return [...bounds.matchAll(/^## ([A-Z][0-9]+)$/gm)].map(([, id]) => id as string);
}

/** What does not fit between a run and the page of bounds, a line each. */
export function complaints(verdicts: readonly Verdict[], bounds: string): string[] {
  const bounded = boundedGoals(bounds);
  const ids = (which: (v: Verdict) => boolean) => new Set(verdicts.filter(which).map((v) => v.goal));
  const absent = ids((v) => v.value === null);
  const missed = ids((v) => v.value !== null && !v.met);
  return [
    ...[...absent].map((id) => `${id} was not measured`),
    ...[...missed]
      .filter((id) => !bounded.includes(id))
      .map((id) => `${id} is missed, and docs/${BOUNDS} has no section "## ${id}" that says what bounds it`),
    ...bounded
      .filter((id) => !missed.has(id) && !absent.has(id))
      .map((id) => `docs/${BOUNDS} has a section on ${id}, which is not missed`),
  ];
}

export function measuredPart(run: Run, bounds: string): string {
  const bounded = boundedGoals(bounds);
  const verdicts = run.verdicts.map((v) => {
    const cells = [
      v.goal,
      v.case,
      targetText(v),
      v.value?.toFixed(2) ?? "",
      v.spread === null ? "" : percent(v.spread),
    ];
    return `| ${[...cells, verdictWord(v, bounded)].join(" | ")} |`;
  });
  return [
    `${run.machine}; ${run.repetitions} repetitions.`,
    "",
    "| Goal | Case | Target | Value | Spread | |",
    "|---|---|---|---|---|---|",
    ...verdicts,
    "",
    "```",
    rowTable(run.rows),
    "```",
  ].join("\n");
}

function verdictWord(v: Verdict, bounded: readonly string[]): string {
  if (v.met) return "met";
  if (v.value === null) return "not measured";
  return bounded.includes(v.goal) ? `missed; [what bounds it](${BOUNDS}#${v.goal.toLowerCase()})` : "missed";
}

/** The page with its measured part replaced. Throws an Error where the page has no place for it. */
export function replaceMeasured(page: string, part: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(`docs/performance.md: the lines "${BEGIN}" and "${END}" say where the run goes; one is missing`);
  }
  return `${page.slice(0, begin + BEGIN.length)}\n\n${part}\n\n${page.slice(end)}`;
}
