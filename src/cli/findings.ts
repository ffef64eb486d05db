// What a check of tables or a tree found.

import { type Finding, showFinding } from "../firmware/index.ts";
import { plural } from "../written/index.ts";
import { print } from "./output.ts";

/** A line for each finding, and how many there are: where there are errors in what is thrown, so that the command ends with 1. */
export function report(checked: string, findings: readonly Finding[], json: boolean | undefined, more: object): void {
  const numberOf = (severity: Finding["severity"]) => findings.filter((one) => one.severity === severity).length;
  const errors = numberOf("error");
  const counts = [
    ...(errors > 0 ? [plural(errors, "error")] : []),
    ...(["warning", "note"] as const).flatMap((one) => (numberOf(one) > 0 ? [plural(numberOf(one), one)] : [])),
  ];
  const said = `${checked}: ${counts.length === 0 ? "nothing found" : counts.join(", ")}`;
  const lines = [...findings.map(showFinding), ...(errors > 0 ? [] : [said])];
  print(json, { ...more, errors, findings }, lines.join("\n"));
  if (errors > 0) throw new Error(said);
}
