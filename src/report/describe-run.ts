// A run as text for a terminal.

import { count, percent, plural, showSize, table, time } from "../written/index.ts";
import { plain } from "./markup.ts";
import type { GroupTotals, Run } from "./run.ts";
import { nameOfRun } from "./words.ts";

export function describeRun(run: Run): string {
  const active = run.totals.filter(({ parts }) => parts.length > 0);
  const levels = active[0]?.levels.map(({ level }) => level) ?? [];
  const timed = active.some(({ latency }) => latency);
  const head = [
    "group",
    "accesses",
    ...levels.map((level) => `L${level} hits`),
    "bytes held",
    "bytes moved",
    ...(timed ? ["mean latency", "p95"] : []),
  ];
  const nanoseconds = (ns: number | undefined) => (ns === undefined ? "-" : time(Number(ns.toFixed(1))));
  const row = ({ group, accesses, levels: own, bytesHeld, bytesRead, bytesWritten, latency }: GroupTotals) => [
    group,
    count(accesses),
    ...own.map((one) => percent(one.accesses - one.misses, one.accesses)),
    showSize(bytesHeld),
    showSize(bytesRead + bytesWritten),
    ...(timed ? [nanoseconds(latency?.meanNs), nanoseconds(latency?.p95Ns)] : []),
  ];
  const lines = run.lines.filter(({ changes }) => changes);
  return plain(
    [
      `${nameOfRun(run)}: ${plural(run.records, "record")}, ${time(run.to - run.from)} of model time in ${run.timing} timing, ${plural(run.samples.length, "sample")}`,
      ...lines.map((line) => `  ${time(line.time)} ${line.text}`),
      active.length === 0 ? "no accesses" : table(head, active.map(row)),
      ...run.notes,
    ].join("\n"),
  );
}
