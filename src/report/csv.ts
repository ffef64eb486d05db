// Rows of a run as CSV (RFC 4180): lines end in CR LF, and what has a comma, a quote or a line end in it is quoted.

import { rowsOf } from "./rows.ts";
import type { Run } from "./run.ts";

const HEAD = ["from_ns", "to_ns", "group", "place", "measure", "value", "unit"];

export function csvOf(run: Run): string {
  const lines = [HEAD.join(",")];
  for (const { from, to, group, place, measure, value, unit } of rowsOf(run)) {
    lines.push([from, to, group, place, measure, value, unit].map(field).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

function field(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
