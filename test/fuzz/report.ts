/** What a search says at its end: one line of totals, or a failure as a script. */
import type { Found, Outcome, Totals } from "./fuzz.ts";
import { literal, script } from "./script.ts";
import type { Contestant } from "./trial.ts";

export function totalsLine(
  target: string,
  { configs, operations, records, seconds, seed }: Totals,
  findings: number,
): string {
  return (
    `fuzz ${target}: ${configs} configurations, ${operations} register operations, ${records} records, ` +
    `${seconds.toFixed(1)} s, seed ${seed}: ${findings === 0 ? "no difference" : findings === 1 ? "1 failure" : `${findings} failures`}`
  );
}

function headline(contestants: readonly Contestant[], { finding }: Found): string {
  const name = contestants[finding.subject]?.name ?? "";
  if (finding.what === "difference") return `${name} differs from ${contestants[0]?.name ?? ""}`;
  return finding.what === "exception" ? `${name} throws` : `${name} is not made`;
}

export function foundLines(
  target: string,
  contestants: readonly Contestant[],
  found: Found,
  { seed }: Totals,
): string[] {
  const { configuration, drawn, reach, trials, repeatable } = found;
  return [
    `// fuzz ${target}: ${headline(contestants, found)}`,
    `// npm run fuzz -- ${target} --seed ${seed} --from ${configuration} --configs 1 --operations ${reach}`,
    repeatable
      ? `// ${drawn} steps were drawn, ${found.operations.length} are left after ${trials} trials`
      : `// ${drawn} steps were drawn; done again they did not fail, so all of them follow`,
    ...script(found.config, found.operations, contestants, found.answers),
  ];
}

export function jsonLine(target: string, contestants: readonly Contestant[], { totals, found }: Outcome): string {
  const findings = found.map((one) => ({
    what: one.finding.what,
    subject: contestants[one.finding.subject]?.name,
    configuration: one.configuration,
    reach: one.reach,
    drawn: one.drawn,
    trials: one.trials,
    repeatable: one.repeatable,
    config: one.config,
    // A 64-bit value is text here.
    operations: one.operations.map((operation) =>
      operation.do === "write64" ? { ...operation, value: literal(operation.value) } : operation,
    ),
    script: foundLines(target, contestants, one, totals),
  }));
  return JSON.stringify({ target, ...totals, found: findings });
}
