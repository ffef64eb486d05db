/** What a search over memory systems says at its end: one line of totals, or a failure as a script. */
import type { Totals } from "../fuzz.ts";
import { registerAt } from "../registers.ts";
import { hex, literal } from "../script.ts";
import { calls } from "./operations.ts";
import type { MemoryContestant, MemoryFound, MemoryOutcome } from "./search.ts";

export function memoryTotals(contestants: readonly MemoryContestant[], { totals, found }: MemoryOutcome): string {
  const { configs, operations, records, seconds, seed } = totals;
  const end = found.length === 0 ? "no difference" : found.length === 1 ? "1 failure" : `${found.length} failures`;
  const [only] = contestants;
  const alone = contestants.length === 1 ? ` (${only?.name} against itself: there is no other implementation)` : "";
  return (
    `fuzz memory: ${configs} configurations, ${operations} steps, ${records} records, ` +
    `${seconds.toFixed(1)} s, seed ${seed}: ${end}${alone}`
  );
}

export function memoryLines(contestants: readonly MemoryContestant[], found: MemoryFound, { seed }: Totals): string[] {
  const { config, operations, finding, configuration, drawn, trials } = found;
  const first = contestants[0]?.name ?? "";
  const other = contestants[finding.subject]?.name ?? first;
  const headline = {
    difference: `${other} differs from ${first}`,
    exception: `${other} throws`,
    refusal: `${other} is not made`,
  }[finding.what];
  const done = operations.flatMap(calls);
  const { question } = finding;
  const asked = question ? [...(question.before === undefined ? [] : [question.before]), question.text] : [];
  return [
    `// fuzz memory: ${headline}`,
    `// npm run fuzz -- memory --seed ${seed} --from ${configuration} --configs 1 --operations ${drawn}`,
    `// ${drawn} steps were drawn, ${operations.length} are left after ${trials} trials`,
    ...names([...done, ...asked]),
    `const config: MemoryConfig = ${literal(config)};`,
    "const subject = await create(config);",
    ...done,
    ...asked.slice(0, -1),
    ...(question ? [`expect(${question.text}).toEqual(${finding.expected});`] : []),
    ...(question ? [`// ${first}: ${finding.expected}`] : []),
    `// ${other}: ${finding.said}`,
  ];
}

/** The registers that the lines name. */
function names(lines: readonly string[]): string[] {
  const found = new Map<string, number>();
  for (const [name] of lines.join("\n").matchAll(/\bM(?:PAM|SMON)[A-Z0-9_]*\b/g)) {
    const offset = offsetOf(name);
    if (offset !== undefined) found.set(name, offset);
  }
  return [...found].sort((a, b) => a[1] - b[1]).map(([name, offset]) => `const ${name} = ${hex(offset)};`);
}

function offsetOf(name: string): number | undefined {
  for (let offset = 0; offset < 0x4000; offset += 4) {
    const one = registerAt(offset);
    if (one?.into === 0 && one.register.name === name) return offset;
  }
  return undefined;
}

export function memoryJson(contestants: readonly MemoryContestant[], { totals, found }: MemoryOutcome): string {
  const findings = found.map((one) => ({
    what: one.finding.what,
    subject: contestants[one.finding.subject]?.name,
    configuration: one.configuration,
    drawn: one.drawn,
    trials: one.trials,
    config: one.config,
    operations: one.operations,
    script: memoryLines(contestants, one, totals),
  }));
  return JSON.stringify({ target: "memory", alone: contestants.length === 1, ...totals, found: findings });
}
